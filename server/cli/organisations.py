"""`relais organisation`: what only whoever runs this Relais founds."""

import argparse

from server.cli.people import find_person
from server.cli.terminal import CommandError
from server.ops import local


def describe_create(parser: argparse.ArgumentParser) -> None:
    """What `relais organisation create` is told."""
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--kind", choices=["practice", "establishment", "cpts"], default="establishment")
    parser.add_argument("--finess", help="the number of the national file, checked; there is one organisation of each")
    parser.add_argument("--owner", metavar="EMAIL", help="somebody with an account, who owns and administers it")


def create(arguments: argparse.Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.accounts.models import Person
        from identity.organisations.internal_commands import CreateOrganisation, JoinOrganisation
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch
        from server.kernel.identifiers import uuid7
        from server.kernel.wire.errors import Refusal

        owner = find_person(arguments.owner) if arguments.owner else None
        wanted = uuid7()
        try:
            dispatch(
                SYSTEM,
                CreateOrganisation(
                    id=wanted, name=arguments.name, kind=arguments.kind, finess=arguments.finess or None
                ),
            )
        except Refusal as refused:
            raise CommandError(refused.message) from None
        if owner is not None:
            function = Person.objects.values_list("function", flat=True).get(pk=owner)
            dispatch(
                SYSTEM,
                JoinOrganisation(organisation=wanted, person=owner, function=function, owner=True, administrator=True),
            )
    print(wanted)
    return 0
