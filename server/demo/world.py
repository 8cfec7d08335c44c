"""Creates the demo world once, finds it afterwards, and describes it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from identity.organisations.models import Membership
from server.demo.agendas import agendas, make_agendas, make_visits
from server.demo.conversations import make_threads
from server.demo.people import join, make_people, token
from server.demo.people_data import COORDINATOR, GROUPS, PASSWORD, ROLES, Role
from server.kernel.wire import View


class DemoError(Exception):
    """The demo world may not be created here; the message says why."""


class DemoPerson(View):
    id: UUID
    name: str
    email: str
    password: str
    token: str
    function: str
    verified: bool
    rpps: str | None
    profession: str
    speciality: str
    organisations: list[UUID]
    owner: bool


class DemoOrganisation(View):
    id: UUID
    name: str
    kind: str


class DemoReason(View):
    id: UUID
    name: str
    minutes: int


class DemoAgenda(View):
    id: UUID
    practitioner: UUID
    name: str
    time_zone: str
    reasons: list[DemoReason]


class World(View):
    """What ``relais demo --json`` prints."""

    url: str
    people: list[DemoPerson]
    organisations: list[DemoOrganisation]
    agendas: list[DemoAgenda]


def make_world(*, allow_public: bool = False) -> World:
    """The demo world, made when it is not there yet; each person's token works when this returns.

    Refused where others than this machine can come: everybody may know the passwords.
    """
    if settings.RELAIS_PUBLIC and not allow_public:
        raise DemoError("This deployment is public, and the demo's passwords are known to all: use --allow-public.")
    if not _is_whole():
        make_people()
        make_agendas()
        make_threads()
        make_visits()
        join(COORDINATOR)
    return World(
        url=settings.RELAIS_URL,
        people=[described(role) for role in ROLES],
        organisations=[DemoOrganisation(id=group.id, name=group.name, kind=group.kind) for group in GROUPS],
        agendas=[agenda for role in ROLES if role.verified for agenda in _agendas(role)],
    )


def _is_whole() -> bool:
    """The coordinator joins last: a world that was interrupted is made again, over what is there of it."""
    return Membership.objects.filter(person=COORDINATOR.id, left_at=None).exists()


def described(role: Role) -> DemoPerson:
    """Somebody of the demo, with a token that works."""
    return DemoPerson(
        id=role.id,
        name=" ".join(part for part in (role.title, role.first_name, role.last_name) if part),
        email=role.email,
        password=PASSWORD,
        token=token(role),
        function=role.function,
        verified=role.verified,
        rpps=role.rpps,
        profession=role.profession_label,
        speciality=role.speciality_label,
        organisations=[group.id for group in GROUPS if group.key in role.groups],
        owner=role.owner,
    )


def _agendas(role: Role) -> list[DemoAgenda]:
    return [
        DemoAgenda(
            id=agenda.id,
            practitioner=agenda.practitioner,
            name=agenda.name,
            time_zone=agenda.time_zone,
            reasons=[DemoReason(id=one.id, name=one.name, minutes=one.minutes) for one in agenda.reasons],
        )
        for agenda in agendas(role)
    ]
