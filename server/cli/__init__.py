"""The program `relais`: its sub-commands and their options. Each module here holds one group of them."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.cli import audit, directory, keys, moderators, organisations, people, running, terminal, wire
from server.ops.datadir import DataDirectoryError
from server.ops.processes import StartError

Run = Callable[[argparse.Namespace], int]


def main(words: list[str] | None = None) -> int:
    """Run one sub-command; 0 when it did what was asked, 1 when it could not, 2 when it was not understood."""
    arguments = _parser().parse_args(words)
    if arguments.wait is not None:
        os.environ["RELAIS_WAIT_SECONDS"] = str(arguments.wait)
    run: Run = arguments.run
    try:
        return run(arguments)
    except (DataDirectoryError, StartError, terminal.CommandError) as error:
        print(f"relais: {error}", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone
    except KeyboardInterrupt:
        print("relais: interrupted.", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="relais", description="Run a Relais, and look after it.")
    group = _Group(parser)
    up = group.add("up", running.up, "run everything in the foreground: servers, web, worker and beat")
    up.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    up.add_argument("--port", type=_port, default=8000, help="the port to listen on (%(default)s)")
    up.add_argument("--web", choices=["daphne", "uvicorn"], default="daphne", help="the web server (%(default)s)")
    up.add_argument("--workers", type=_positive, default=1, help="how many web processes (%(default)s)")
    up.add_argument("--demo", action="store_true", help="make the demo world first")

    demo = group.add("demo", running.demo, "make the demo world, or find it made, and print its people")
    demo.add_argument("--allow-public", action="store_true", help="even where others than this machine can come")
    captured = group.add("captured", running.print_captured, "print the e-mail and SMS that were captured, not sent")
    token = group.add("token", people.token, "print a new bearer token of a person, for programs")
    token.add_argument("email", metavar="EMAIL")

    person = group.under("person", "accounts: made, verified, suspended")
    people.describe_add(person.add("add", people.add, "make an account, not verified; asks for its password"))
    for word, run, text in (
        ("verify", people.verify, "record that somebody's identity has been checked"),
        ("withdraw", people.withdraw, "take a verification back: nothing clinical is open to them any more"),
        ("suspend", people.suspend, "keep somebody out, and close their sockets at once"),
        ("reinstate", people.reinstate, "let somebody in again"),
    ):
        person.add(word, run, text).add_argument("email", metavar="EMAIL")

    erased = person.add("erase", people.erase, "erase an account as the law asks; what they wrote stays")
    erased.add_argument("email", metavar="EMAIL")

    organisation = group.under("organisation", "establishments and CPTS, which whoever runs this Relais founds")
    organisations.describe_create(
        organisation.add("create", organisations.create, "found an organisation, and print its id")
    )

    moderator = group.under("moderator", "who decides on verifications")
    for word, run, text in (
        ("add", moderators.add, "let somebody decide on verifications"),
        ("remove", moderators.remove, "no longer let somebody decide"),
    ):
        moderator.add(word, run, text).add_argument("email", metavar="EMAIL")
    moderator.add("list", moderators.show, "print who decides")

    register = group.under("directory", "the national register's extract, and the towns")
    load = register.add("import", directory.import_directory, "replace the directory by a new extract, or refuse it")
    load.add_argument("file", type=Path, metavar="FILE", help="the extract's .txt, or the .zip as downloaded")
    load.add_argument(
        "--allow-withdrawals", action="store_true", help="even if it withdraws more than a twentieth of the people"
    )
    towns = register.add("communes", directory.import_communes, "add and update towns with their coordinates")
    towns.add_argument("file", type=Path, metavar="FILE", help="a table of communes (.csv)")

    references = group.add("wire", wire.wire, "write the protocol's references and the clients' types")
    references.add_argument("--check", action="store_true", help="write nothing; fail when something is stale")
    group.add("migrate", running.migrate, "give the database the tables of this version")
    group.add("check", running.check, "say whether this deployment is safe and complete")
    vault = group.under("vault", "the keys that encrypt what is kept")
    rotate = vault.add("rotate", keys.rotate, "wrap every data key with the newest master key")
    rotate.add_argument("--new-key", action="store_true", help="put a new key into the master key's file first")
    record = group.under("audit", "the record of who did what")
    verify = record.add("verify", audit.verify_audit, "check that nothing was changed, removed or inserted")
    audit.describe_verify(verify)
    drop = record.add("drop", audit.drop_audit, "drop months that verify, are anchored and were kept for long enough")
    audit.describe_drop(drop)
    for printing in (demo, captured, load, verify):
        printing.add_argument("--json", action="store_true", help="print JSON")
    return parser


class _Group:
    """Sub-commands that stand together; every one of them knows --data and --help."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._commands: Any = parser.add_subparsers(title="sub-commands", required=True, metavar="COMMAND")

    def add(self, name: str, run: Run, text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = self._commands.add_parser(name, help=text, description=text)
        parser.set_defaults(run=run)
        parser.add_argument(
            "--data",
            type=Path,
            default=Path(os.environ.get("RELAIS_DATA") or terminal.ROOT / ".data"),
            metavar="DIR",
            help="the data directory (%(default)s; $RELAIS_DATA)",
        )
        parser.add_argument(
            "--wait", type=_positive_seconds, metavar="SECONDS", help="how long to wait for PostgreSQL (60)"
        )
        return parser

    def under(self, name: str, text: str) -> "_Group":
        return _Group(self._commands.add_parser(name, help=text, description=text))


def _port(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (1 to 65535)")
    return number


def _positive_seconds(text: str) -> int:
    if not (text.isdigit() and int(text) <= 86_400):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return int(text)


def _positive(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if not 0 < number <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 64")
    return number


if __name__ == "__main__":
    sys.exit(main())
