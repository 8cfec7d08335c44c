"""`relais directory`: the national register's extract, and the towns."""

from argparse import Namespace

import msgspec

from server.cli.terminal import Bar, CommandError, print_json, require_readable
from server.ops import local


def import_directory(arguments: Namespace) -> int:
    require_readable(arguments.file)
    with local.django_with_services(arguments.data, as_owner=True):
        from identity.directory.extract import Unreadable
        from identity.directory.importer import import_extract

        bar = Bar()
        try:
            report = import_extract(
                arguments.file,
                progress=lambda step: bar.show(step.stage, step.done, step.total),
                allow_withdrawals=arguments.allow_withdrawals,
            )
        except Unreadable as refused:
            bar.end()
            raise CommandError(f"{refused} Nothing has changed.") from None
        bar.end()
        from identity.onboarding.register_comparison import compare_all

        compared = compare_all()
    if arguments.json:
        print_json(report.as_dict() | {"accounts": msgspec.to_builtins(compared)})
        return 0
    print(
        f"{report.persons} people in {report.places} places from {report.rows} rows in {report.seconds:.0f} s: "
        f"{report.new} new, {report.changed} changed, {report.withdrawn} withdrawn, {report.unchanged} unchanged; "
        f"{report.refused} rows refused."
    )
    print(
        f"{compared.looked_at} accounts compared: {compared.absent} to confirm, {compared.returned} back, "
        f"{compared.withdrawn} no longer verified."
    )
    for row in report.refused_rows:
        print(f"  line {row.line}: {row.reason} {row.detail}".rstrip())
    return 0


def import_communes(arguments: Namespace) -> int:
    require_readable(arguments.file)
    with local.django_with_services(arguments.data, as_owner=True):
        from identity.directory import communes
        from identity.directory.extract import Unreadable

        try:
            print(f"{communes.import_communes(arguments.file)} towns.")
        except Unreadable as refused:
            raise CommandError(f"{refused} Nothing has changed.") from None
    return 0
