"""`relais person`: accounts for a deployment whose people cannot make them by themselves yet.

Whoever runs this vouches for them: what it does is in the audit, as done by Relais itself.
"""

import argparse
import getpass
import sys
from argparse import Namespace
from uuid import UUID

from server.cli.terminal import CommandError
from server.ops import local

FUNCTIONS = (
    "practitioner",
    "secretary",
    "assistant",
    "administrative",
    "operations_manager",
    "dispatcher",
)


def describe_add(parser: argparse.ArgumentParser) -> None:
    """What `relais person add` is told."""
    parser.add_argument("email", metavar="EMAIL")
    parser.add_argument("first_name", metavar="FIRST_NAME")
    parser.add_argument("last_name", metavar="LAST_NAME")
    parser.add_argument("--function", choices=FUNCTIONS, default="practitioner", help="%(default)s")
    parser.add_argument("--title", default="", help="as in Dr")
    parser.add_argument("--profession", default="", help="in words, as colleagues read it")
    parser.add_argument("--speciality", default="", help="in words, as colleagues read it")
    parser.add_argument("--rpps", help="the number in the register: eleven digits, checked")


def add(arguments: argparse.Namespace) -> int:
    with local.django_with_services(arguments.data):
        from django.contrib.auth.hashers import make_password
        from django.contrib.auth.password_validation import validate_password
        from django.core.exceptions import ValidationError
        from django.core.validators import validate_email

        from identity.accounts.internal_commands import CreatePerson
        from identity.accounts.models import Person
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch
        from server.kernel.identifiers import uuid7
        from server.kernel.wire.errors import Conflict, Invalid

        person = Person(email=arguments.email, first_name=arguments.first_name, last_name=arguments.last_name)
        try:
            validate_email(arguments.email)
            password = _password()
            validate_password(password, person)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        try:
            dispatch(
                SYSTEM,
                CreatePerson(
                    id=uuid7(),
                    email=arguments.email,
                    first_name=arguments.first_name,
                    last_name=arguments.last_name,
                    function=arguments.function,
                    password=make_password(password),
                    title=arguments.title,
                    profession=arguments.profession,
                    speciality=arguments.speciality,
                    national_id=_national_id(arguments.rpps),
                ),
            )
        except Invalid as refused:
            raise CommandError(f"{str(refused.data['path']).removeprefix('$.')}: {refused.message}") from None
        except Conflict as refused:
            raise CommandError(refused.message) from None
    print(f"{arguments.email} can sign in, and do nothing clinical before `relais person verify`.")
    return 0


def verify(arguments: argparse.Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.accounts.internal_commands import VerifyPerson
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch

        dispatch(SYSTEM, VerifyPerson(person=find_person(arguments.email), by="command"))
    return 0


def withdraw(arguments: argparse.Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.accounts.internal_commands import WithdrawVerification
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch

        dispatch(SYSTEM, WithdrawVerification(person=find_person(arguments.email)))
    return 0


def suspend(arguments: argparse.Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.accounts.internal_commands import SuspendPerson
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch

        dispatch(SYSTEM, SuspendPerson(person=find_person(arguments.email)))
    return 0


def reinstate(arguments: argparse.Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.accounts.internal_commands import ReinstatePerson
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch

        dispatch(SYSTEM, ReinstatePerson(person=find_person(arguments.email)))
    return 0


def erase(arguments: argparse.Namespace) -> int:
    with local.django_with_services(arguments.data):
        from identity.onboarding.internal_commands import ErasePerson
        from server.kernel.authentication import SYSTEM
        from server.kernel.dispatch import dispatch

        dispatch(SYSTEM, ErasePerson(person=find_person(arguments.email)))
    print("Erased. Their name stays beside what they wrote, and in the audit.")
    return 0


def find_person(email: str) -> UUID:
    """Whose address it is; ``CommandError`` when it is nobody's."""
    from identity.accounts.models import Person

    try:
        return Person.objects.get_by_natural_key(email).pk
    except Person.DoesNotExist:
        raise CommandError(f"Nobody here has the address {email}.") from None


def _national_id(rpps: str | None) -> str | None:
    from identity.register_numbers import luhn_holds

    if rpps is None:
        return None
    if len(rpps) != 11 or not rpps.isascii() or not rpps.isdigit() or not luhn_holds(rpps):
        raise CommandError(f"{rpps} is not an RPPS number: eleven digits, the last of which checks the others.")
    return f"8{rpps}"


def _password() -> str:
    """Asked for twice at a terminal, otherwise the first line of what is piped in: never an argument, which others
    on the machine could read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("These are two different passwords.")
    return password


def token(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from django.core.exceptions import ObjectDoesNotExist

        from identity.authentication.credentials import issue_token

        try:
            print(issue_token(arguments.email))
        except ObjectDoesNotExist:
            raise CommandError(f"Nobody here has the address {arguments.email}.") from None
    return 0
