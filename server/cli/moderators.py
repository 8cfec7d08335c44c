"""`relais moderator`: who looks after this Relais as a whole. What it does is in the audit, as Relais' own doing."""

from argparse import Namespace

from server.cli.people import find_person
from server.ops import local


def add(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.accounts.internal_commands import AddModerator
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch

        dispatch(SYSTEM, AddModerator(person=find_person(arguments.email)))
    return 0


def remove(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.accounts.internal_commands import RemoveModerator
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch

        dispatch(SYSTEM, RemoveModerator(person=find_person(arguments.email)))
    return 0


def show(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.accounts.models import Person

        found = Person.objects.exclude(moderator_since=None).order_by("email")
        for email in found.values_list("email", flat=True):
            print(email)
    return 0
