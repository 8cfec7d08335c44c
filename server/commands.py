"""What each sub-command of `relais` does. Django is imported only once the servers answer."""

import base64
import os
import secrets
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import msgspec

from server import local
from server import up as whole
from server.datadir import open_directory

ROOT = Path(__file__).resolve().parent.parent


class CommandError(Exception):
    """What was asked cannot be done; the message says why, and what to do."""


def up(arguments: Namespace) -> int:
    return whole.run(
        whole.Choice(
            data=arguments.data,
            host=arguments.host,
            port=arguments.port,
            web=arguments.web,
            workers=arguments.workers,
            demo=arguments.demo,
        )
    )


def migrate(arguments: Namespace) -> int:
    with local.attached(arguments.data):
        return 0


def demo(arguments: Namespace) -> int:
    with local.attached(arguments.data):
        from server.demo import DemoError, make_world

        try:
            world = msgspec.to_builtins(make_world(allow_public=arguments.allow_public))
        except DemoError as refused:
            raise CommandError(str(refused)) from None
    if arguments.json:
        _print_json(world)
        return 0
    print("Demo people (e-mail, password, who they are):")
    for person in world["people"]:
        remark = "" if person["verified"] else ", identity not verified"
        print(f"  {person['email']:<38} {person['password']:<24} {person['name']}, {person['function']}{remark}")
    return 0


def outbox(arguments: Namespace) -> int:
    with local.attached(arguments.data):
        from server.outbox import handed

        messages = handed()
    if arguments.json:
        _print_json(messages)
        return 0
    for message in messages:
        subject = f" {message.subject} :" if message.subject else ""
        print(f"{message.at:%Y-%m-%d %H:%M:%S} {message.channel} {message.to}{subject} {message.text}")
    return 0


def token(arguments: Namespace) -> int:
    with local.attached(arguments.data):
        from django.core.exceptions import ObjectDoesNotExist

        from identity.sessions import issue_token

        try:
            print(issue_token(arguments.email))
        except ObjectDoesNotExist:
            raise CommandError(f"Nobody here has the address {arguments.email}.") from None
    return 0


def import_directory(arguments: Namespace) -> int:
    _readable(arguments.file)
    with local.attached(arguments.data):
        from identity.register.extract import Unreadable
        from identity.register.importer import import_extract

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
    if arguments.json:
        _print_json(report.as_dict())
        return 0
    print(
        f"{report.persons} people in {report.places} places from {report.rows} rows in {report.seconds:.0f} s: "
        f"{report.new} new, {report.changed} changed, {report.withdrawn} withdrawn, {report.unchanged} unchanged; "
        f"{report.refused} rows refused."
    )
    for row in report.refused_rows:
        print(f"  line {row.line}: {row.reason} {row.detail}".rstrip())
    return 0


def import_communes(arguments: Namespace) -> int:
    _readable(arguments.file)
    with local.attached(arguments.data):
        from identity.register import communes
        from identity.register.extract import Unreadable

        try:
            print(f"{communes.import_communes(arguments.file)} towns.")
        except Unreadable as refused:
            raise CommandError(f"{refused} Nothing has changed.") from None
    return 0


def wire(arguments: Namespace) -> int:
    local.unattached()
    from server import reference

    changed = reference.stale(ROOT) if arguments.check else reference.write(ROOT)
    for path in changed:
        print(f"{'stale' if arguments.check else 'written'}: {path.relative_to(ROOT)}")
    return 1 if arguments.check and changed else 0


def check(arguments: Namespace) -> int:
    with local.attached(arguments.data):
        from server.deployment import findings

        found = findings()
    for finding in found:
        print(f"{finding.severity}: {finding.text}")
    wrong = sum(finding.severity == "wrong" for finding in found)
    if wrong:
        print(f"{wrong} to put right.")
    else:
        print("This deployment is safe, and not complete." if found else "This deployment is safe and complete.")
    return 1 if wrong else 0


def rotate(arguments: Namespace) -> int:
    if arguments.new_key:
        _add_master_key(arguments.data)
    with local.attached(arguments.data):
        from server import vault

        bar = Bar()
        count = vault.rotate(lambda done, total: bar.show("wrap", done, total))
        bar.end()
    print(f"{count} data keys wrapped with the newest master key.")
    return 0


def _add_master_key(path: Path) -> None:
    """Put a new master key before the others. Running processes would not know it, so none may be running."""
    data = open_directory(path)
    with data.held("once"):
        if os.environ.get("RELAIS_MASTER_KEY"):
            raise CommandError("The master key is in RELAIS_MASTER_KEY: put a new one before it there, then rotate.")
        file = Path(os.environ.get("RELAIS_MASTER_KEY_FILE") or data.secret("master-key", 32))
        fresh = file.with_name(f"{file.name}.new")
        fresh.touch(mode=0o600)
        fresh.write_text(f"{base64.b64encode(secrets.token_bytes(32)).decode()}\n{file.read_text()}")
        fresh.replace(file)


def verify_audit(arguments: Namespace) -> int:
    with local.attached(arguments.data):
        from server import audit

        report = audit.verify()
    if arguments.json:
        _print_json(report)
    else:
        print("\n".join(report.broken) or "The record is whole.")
    return 1 if report.broken else 0


def _readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _print_json(value: Any) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


class Bar:
    """How far long work has come, on a terminal as a bar and elsewhere as a line every ten seconds."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._shown < (0.1 if self._terminal else 10.0):
            return
        self._shown = now
        share = done / total if total else 0.0
        if self._terminal:
            filled = round(30 * share)
            sys.stderr.write(f"\r{stage:<6} [{'#' * filled}{'.' * (30 - filled)}] {share:4.0%}\x1b[K")
            sys.stderr.flush()
        else:
            print(f"{stage} {share:.0%}", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
