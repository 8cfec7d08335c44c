"""Makes people for single tests in a demo that runs: `python -m tests.e2e.making DATA` reads one wish a line, in JSON,
and answers each with one line.

A process of its own, because it has the settings of that demo. One for all wishes, because it takes long to begin.
"""

from __future__ import annotations

import json
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from server.ops import local

if TYPE_CHECKING:
    from server.demo.people_data import Role

NUMBERS = count(100)
"""In the register, behind those of the demo's own people."""
FIRST_NAMES = ("Azenor", "Budoc", "Clervie", "Derrien", "Enora", "Gwenvael")
STARTS = ("Kerv", "Plouh", "Guilm", "Landr", "Bodéz", "Quév", "Rosm", "Talh")
ENDS = ("ellec", "adou", "oric", "igan", "urien", "azé", "enneg", "olloc")


def new_role(*groups: str, **known: Any) -> Role:
    """Somebody whose last name nobody else has."""
    from server.demo.people_data import Role

    number = next(NUMBERS)
    rest, start = divmod(number - 100, len(STARTS))
    further, end = divmod(rest, len(ENDS))
    last_name = STARTS[start] + ENDS[end] + "-Bihan" * further
    first_name = FIRST_NAMES[number % len(FIRST_NAMES)]
    return Role(first_name, last_name, known.pop("function", "practitioner"), groups, **{"number": number, **known})


def colleague() -> Any:
    """A verified practitioner whom the directory finds, of the same CPTS as the demo's."""
    from identity.directory.declared import declare_local
    from server.demo.people import declared, join, make_person
    from server.demo.world import described

    role = new_role("marais", "oust", profession="10", speciality="SM05", title="Dr", places=("vannes",))
    make_person(role)
    join(role)
    declare_local([declared(role, str(role.national_id))])
    return described(role)


def practice() -> Any:
    """A practice with its owner, a doctor with an agenda there, and a nurse who has no right on it."""
    from referral.scheduling.wire_agendas import CreateAgenda, OpeningForm, ReasonForm
    from server.demo.people import actor, begun, join, make_group, make_person
    from server.demo.people_data import Group, Place, demo_id
    from server.demo.world import described
    from server.kernel.dispatch import dispatch

    key = f"practice {next(NUMBERS)}"
    place = Place(key, "Cabinet de la Lande", "1 rue de la Lande", "35600", "Redon")
    make_group(Group(key, "Cabinet de la Lande", "practice", (place,)))
    owner = new_role(key, function="operations_manager", number=None, owner=True, administrator=True)
    doctor = new_role(key, profession="10", speciality="SM05", title="Dr")
    nurse = new_role(key, profession="60")
    for role in (owner, doctor, nurse):
        make_person(role)
        join(role)
    dispatch(
        actor(doctor),
        CreateAgenda(
            id=demo_id("agenda", key),
            site=place.id,
            name="Médecine générale",
            reasons=[ReasonForm(id=demo_id("reason", key), name="Consultation", minutes=20, after=0)],
            openings=[
                OpeningForm(opens="08:00", closes="12:00", weekday=weekday, since=begun().date(), every=1)
                for weekday in range(5)
            ],
            notice=0,
        ),
    )
    return [described(role) for role in (owner, doctor, nurse)]


def organisations(email: str) -> Any:
    """The ids of those that somebody belongs to."""
    from identity.organisations.models import Membership

    return [str(one.organisation_id) for one in Membership.objects.filter(person__email=email, left_at=None)]


def token(email: str) -> str:
    """One that works, of somebody whose token was refused."""
    from identity.authentication.credentials import issue_token

    return issue_token(email, "tests")


def captured() -> Any:
    """What has been sent to people."""
    from server.kernel.delivery.captured_mail import captured

    return captured()


WISHES = {wish.__name__: wish for wish in (colleague, practice, organisations, token, captured)}


def main() -> None:
    with local.django_with_services(Path(sys.argv[1])):
        for line in sys.stdin:
            name, *given = json.loads(line)
            answer = WISHES[name](*given)
            print(msgspec.json.encode(answer).decode(), flush=True)


if __name__ == "__main__":
    main()
