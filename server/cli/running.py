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
    with local.django_with_services(arguments.data):
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


def outbox(arguments: Namespace) -> int:
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
        from server.ops.checks import findings

        found = findings()
    for finding in found:
        print(f"{finding.severity}: {finding.text}")
    wrong = sum(finding.severity == "wrong" for finding in found)
    if wrong:
        print(f"{wrong} to put right.")
    else:
        print("This deployment is safe, and not complete." if found else "This deployment is safe and complete.")
    return 1 if wrong else 0
