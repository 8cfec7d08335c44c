"""`relais moderator`: who decides on verifications. What it does is in the audit, as done by Relais itself."""

from argparse import Namespace

from server.cli.people import find_person
from server.ops import local


def add(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.onboarding.internal_commands import AddModerator
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch

        dispatch(SYSTEM, AddModerator(person=find_person(arguments.email)))
    return 0


def remove(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.onboarding.internal_commands import RemoveModerator
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch

        dispatch(SYSTEM, RemoveModerator(person=find_person(arguments.email)))
    return 0


def show(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.onboarding.models import Moderator

        for email in Moderator.objects.order_by("person__email").values_list("person__email", flat=True):
            print(email)
    return 0
