"""`relais up`, `migrate`, `check`, `demo` and the captured mail. Django is imported only after the servers answer."""

from argparse import Namespace

import msgspec

from server.cli.terminal import CommandError, print_json
from server.ops import local
from server.ops import up as whole


def up(arguments: Namespace) -> int:
    return whole.run(
        whole.Options(
            data=arguments.data,
            host=arguments.host,
            port=arguments.port,
            web=arguments.web,
            workers=arguments.workers,
            demo=arguments.demo,
        )
    )


def migrate(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data, grant=True):
        return 0


def demo(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from server.demo import DemoError, make_world

        try:
            world = msgspec.to_builtins(make_world(allow_public=arguments.allow_public))
        except DemoError as refused:
            raise CommandError(str(refused)) from None
    if arguments.json:
        print_json(world)
        return 0
    print("Demo people (e-mail, password, who they are):")
    for person in world["people"]:
        remark = "" if person["verified"] else ", identity not verified"
        print(f"  {person['email']:<38} {person['password']:<24} {person['name']}, {person['function']}{remark}")
    return 0


def print_captured(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from server.kernel.delivery.captured_mail import captured

        messages = captured()
    if arguments.json:
        print_json(messages)
        return 0
    for message in messages:
        subject = f" {message.subject} :" if message.subject else ""
        print(f"{message.at:%Y-%m-%d %H:%M:%S} {message.channel} {message.to}{subject} {message.text}")
    return 0


def check(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from django.db import connection

        from server.ops.checks import SECONDS_FOR_ONE, findings

        # Other commands import and migrate, and take their time; here a silent PostgreSQL is an answer.
        connection.close()
        connection.settings_dict["OPTIONS"]["statement_seconds"] = SECONDS_FOR_ONE
        found = findings()
    for finding in found:
        print(f"{finding.severity}: {finding.text}")
    wrong = sum(finding.severity == "wrong" for finding in found)
    missing = len(found) - wrong
    if wrong:
        print(f"Not safe: {_counted(wrong, 'problem')} to fix.")
    elif missing:
        print(f"Safe, but incomplete: {_counted(missing, 'thing')} missing.")
    else:
        print("Safe and complete.")
    return 1 if wrong else 0


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
