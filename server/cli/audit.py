"""`relais audit`: whether the record of who did what was tampered with, and the end of what was kept for long."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from server.cli.terminal import CommandError, print_json
from server.ops import local

if TYPE_CHECKING:
    from server.kernel.anchor_file import OutsideAnchor

ONLY_THE_DATABASE = (
    "Only the database was looked at: entries removed from the end together with their anchors, an emptied table or an"
    " older backup do not show. Compare with anchors kept elsewhere: --anchor FILE, or --anchor VALUE from the log."
)


def describe_verify(parser: argparse.ArgumentParser) -> None:
    """What `relais audit verify` is told."""
    parser.add_argument(
        "--anchor",
        action="append",
        default=[],
        metavar="FILE|VALUE",
        help="what was kept outside the database; may be repeated (by default the file RELAIS_AUDIT_ANCHORS)",
    )


def verify_audit(arguments: argparse.Namespace) -> int:
    with local.django_with_services(arguments.data):
        from django.db import DatabaseError

        from server.kernel import audit

        outside = _outside(arguments.anchor)
        report = audit.verify(outside)
        try:
            audit.note_check(report)
        except DatabaseError:
            print("The check itself could not be entered: this database takes no writes.", file=sys.stderr)
    if arguments.json:
        print_json(report)
        return 1 if report.broken else 0
    for line in report.broken:
        print(line)
    looked_at = f"{report.links} links in {report.chains} chains, {report.anchors} anchors"
    print(f"The audit log was tampered with ({looked_at})." if report.broken else f"No tampering found: {looked_at}.")
    if outside:
        print(
            f"Compared with {report.outside} anchors kept outside the database, the last of them {outside[-1].number}."
        )
    else:
        print(ONLY_THE_DATABASE)
    return 1 if report.broken else 0


def describe_drop(parser: argparse.ArgumentParser) -> None:
    """What `relais audit drop` is told."""
    parser.add_argument("--before", required=True, metavar="YYYY-MM", help="the first month that is kept")
    describe_verify(parser)


def drop_audit(arguments: argparse.Namespace) -> int:
    with local.django_with_services(arguments.data, as_owner=True):
        from django.db import OperationalError, ProgrammingError

        from server.kernel import audit_months

        try:
            dropped = audit_months.drop(audit_months.month(arguments.before), _outside(arguments.anchor))
        except audit_months.NotDropped as refused:
            raise CommandError(str(refused)) from None
        except ProgrammingError as error:
            raise CommandError("These tables belong to another role: name it in DATABASE_OWNER_URL.") from error
        except OperationalError as error:
            raise CommandError(f"PostgreSQL did not let go of the tables: {error}. Nothing was dropped.") from error
    print(f"Dropped: {', '.join(dropped)}.")
    return 0


def _outside(given: list[str]) -> "list[OutsideAnchor]":
    from django.conf import settings

    from server.kernel import anchor_file

    kept = settings.RELAIS_AUDIT_ANCHORS
    sources = given or ([kept] if kept and Path(kept).exists() else [])
    found = []
    try:
        for source in sources:
            kept_there = anchor_file.read(Path(source)) if Path(source).exists() else [anchor_file.parse(source)]
            if given and not kept_there:
                raise CommandError(f"{source} holds no anchor: nothing would be compared with it.")
            found += kept_there
    except anchor_file.NotAnAnchor as error:
        raise CommandError(str(error)) from None
    return found
