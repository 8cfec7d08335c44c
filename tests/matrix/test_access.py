"""Every command for everybody: one row for each, who may and what the others are told.

Whoever may not know of a thing gets, to the letter, the answer for a thing that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import transaction

from identity.directory.wire import GetEntry, SearchDirectory
from identity.organisations.models import Membership
from identity.patients.models import Patient
from identity.patients.wire import CreatePatient, SearchPatients
from identity.sessions.models import Session
from identity.sessions.wire import EndOtherSessions, EndSession, ListSessions
from referral.referrals.wire import GetReferral, ListReferrals
from referral.scheduling.wire import (
    AddAbsence,
    CancelAppointment,
    CreateAgenda,
    FindSlots,
    GetDay,
    GetReasons,
    GrantAccess,
    HoldSlot,
    ListAgendas,
    ReasonForm,
    ReleaseSlot,
    RemoveAbsence,
    UnwatchAgenda,
    UpdateAgenda,
    WatchAgenda,
)
from server.kernel.dispatch import dispatch
from server.kernel.wire import Command, frame
from server.kernel.wire.errors import Refusal
from server.kernel.wire.handshake import Client, Hello, Sync
from server.registry import ACTIONS, ORDERS, socket_commands
from team.conversations.wire import (
    AddMember,
    GetConversation,
    LeaveConversation,
    ListConversations,
    OpenConversation,
    RemoveMember,
    UpdateConversation,
)
from team.messages.wire import GetHistory, ReadMessages, SendMessage, Typing
from tests.factories import Account, account, group, uuid7
from tests.referral.practice import Practice, booking, monday, patient, practice

pytestmark = pytest.mark.django_db

ROLES = ("practitioner", "referrer", "booker", "reader", "busy", "removed", "outsider", "unverified")
"""The practitioner manages the agenda and looks after the group; the referrer is in the group and has a hold, a
patient, a referral and an appointment. Booker, reader and busy have that level on the agenda; the removed one had all
of it."""
VERIFIED = ROLES[:-1]
MEMBERS = ("practitioner", "referrer")


@dataclass(frozen=True)
class Things:
    """What commands name. ``missing`` are the same with ids that nothing has."""

    conversation: UUID
    agenda: UUID
    absence: UUID
    hold: UUID
    referral: UUID
    appointment: UUID
    session: UUID
    site: UUID
    inbox: UUID
    colleague: UUID

    @classmethod
    def missing(cls) -> Things:
        return cls(**{field.name: uuid7() for field in fields(cls)})


@dataclass(frozen=True)
class World:
    things: Things
    place: Practice
    people: dict[str, Account]
    secrets: tuple[str, ...]
    """Ids that show nowhere but to those who may know of the thing."""


@pytest.fixture
def world() -> World:
    place = practice()
    people = {role: account(verified=role != "unverified") for role in ROLES[1:]} | {"practitioner": place.practitioner}
    for level in ("book", "read", "busy"):
        place.grant(people[{"book": "booker", "read": "reader"}.get(level, level)], level)  # type: ignore[arg-type]
    place.grant(people["removed"], "book")
    dispatch(place.practitioner.actor, GrantAccess(agenda=place.agenda, person=people["removed"].id, level="none"))
    removed = people["removed"]
    conversation = group(place.practitioner, people["referrer"], removed)
    dispatch(place.practitioner.actor, RemoveMember(conversation=conversation, person=removed.id))
    absence = uuid7()
    days = {"first": monday(5), "until": monday(5) + timedelta(days=1)}
    dispatch(place.practitioner.actor, AddAbsence(id=absence, agenda=place.agenda, **days))
    booked = place.book(people["referrer"], "09:00")
    hold = place.hold(people["referrer"], "10:00").hold
    things = Things(
        conversation=conversation,
        agenda=place.agenda,
        absence=absence,
        hold=hold,
        referral=booked.referral.id,
        appointment=booked.appointment.id,
        session=place.practitioner.actor.session or uuid7(),
        site=place.organisation.sites.get().id,
        inbox=place.practitioner.id,
        colleague=account().id,
    )
    records = Patient.objects.values_list("id", flat=True)
    secrets = (str(conversation), str(booked.referral.id), *map(str, records))
    return World(things, place, people, secrets)


@dataclass(frozen=True)
class Row:
    """How a command is made from what it names, who may, and who is told ``forbidden``.

    Everybody else is told ``not_found``, or ``not_verified``. ``blind`` are those who may, and see no secret by it.
    """

    make: Callable[[Things, World], Command]
    may: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    names_nothing: bool = False
    unverified: str = "not_verified"

    def expected(self, role: str) -> str | None:
        if role in self.may:
            return None
        if role in self.forbidden:
            return "forbidden"
        return self.unverified if role == "unverified" else "not_found"


def _reasons() -> list[ReasonForm]:
    return [ReasonForm(id=uuid7(), name="Suivi", minutes=20)]


def _days() -> dict[str, date]:
    return {"from_": monday(), "to": monday() + timedelta(days=1)}


BLIND = ("booker", "reader", "busy", "removed", "outsider")
STRANGERS = ("removed", "outsider")
STAFF = ("booker", "reader", "busy")

ROWS: dict[str, Row] = {
    "hello": Row(lambda t, w: Hello(protocol=1, client=Client(name="t")), VERIFIED, blind=BLIND, names_nothing=True),
    "sync": Row(lambda t, w: Sync(stream=f"c:{t.conversation}", after=0), MEMBERS),
    "sync of an inbox": Row(
        lambda t, w: Sync(stream=f"i:{t.inbox}", after=0), ("practitioner",), unverified="not_found"
    ),
    "sync of an agenda": Row(
        lambda t, w: Sync(stream=f"a:{t.agenda}", after=0), ("practitioner", *STAFF), blind=("busy",)
    ),
    "conversation.open": Row(
        lambda t, w: OpenConversation(id=uuid7(), kind="group", members=[t.colleague], title="x"),
        VERIFIED,
        blind=VERIFIED,
    ),
    "conversation.get": Row(lambda t, w: GetConversation(conversation=t.conversation), MEMBERS),
    "conversation.list": Row(lambda t, w: ListConversations(), VERIFIED, blind=BLIND, names_nothing=True),
    "conversation.add": Row(
        lambda t, w: AddMember(conversation=t.conversation, person=t.colleague), ("practitioner",), ("referrer",)
    ),
    "conversation.remove": Row(
        lambda t, w: RemoveMember(conversation=t.conversation, person=w.people["referrer"].id),
        ("practitioner",),
        ("referrer",),
    ),
    "conversation.leave": Row(lambda t, w: LeaveConversation(conversation=t.conversation), MEMBERS),
    "conversation.update": Row(
        lambda t, w: UpdateConversation(conversation=t.conversation, title="x"), ("practitioner",), ("referrer",)
    ),
    "message.send": Row(lambda t, w: SendMessage(id=uuid7(), conversation=t.conversation, body="x"), MEMBERS),
    "message.read": Row(lambda t, w: ReadMessages(conversation=t.conversation, seq=1), MEMBERS),
    "message.history": Row(lambda t, w: GetHistory(conversation=t.conversation), MEMBERS),
    "typing": Row(lambda t, w: Typing(conversation=t.conversation), MEMBERS),
    "directory.search": Row(lambda t, w: SearchDirectory(text="belkhadra"), VERIFIED, names_nothing=True),
    "directory.get": Row(lambda t, w: GetEntry(practitioner=t.inbox), VERIFIED),
    "agenda.list": Row(lambda t, w: ListAgendas(), VERIFIED, blind=BLIND, names_nothing=True),
    "agenda.reasons": Row(lambda t, w: GetReasons(agenda=t.agenda), VERIFIED, blind=BLIND),
    "agenda.slots": Row(lambda t, w: FindSlots(agenda=t.agenda, **_days()), VERIFIED, blind=BLIND),
    "agenda.day": Row(
        lambda t, w: GetDay(agenda=t.agenda, **_days()),
        ("practitioner", *STAFF),
        blind=("busy",),
    ),
    "agenda.watch": Row(lambda t, w: WatchAgenda(agenda=t.agenda), VERIFIED, blind=BLIND),
    "agenda.unwatch": Row(lambda t, w: UnwatchAgenda(agenda=t.agenda), VERIFIED, blind=BLIND, names_nothing=True),
    "agenda.create": Row(
        lambda t, w: CreateAgenda(id=uuid7(), site=t.site, name="x", reasons=_reasons(), openings=[]), ("practitioner",)
    ),
    "agenda.update": Row(lambda t, w: UpdateAgenda(agenda=t.agenda, name="x"), ("practitioner",), STAFF),
    "agenda.grant": Row(
        lambda t, w: GrantAccess(agenda=t.agenda, person=t.colleague, level="read"), ("practitioner",), STAFF
    ),
    "absence.add": Row(
        lambda t, w: AddAbsence(id=uuid7(), agenda=t.agenda, first=monday(6), until=monday(7)), ("practitioner",), STAFF
    ),
    "absence.remove": Row(lambda t, w: RemoveAbsence(agenda=t.agenda, absence=t.absence), ("practitioner",), STAFF),
    "slot.hold": Row(
        lambda t, w: HoldSlot(id=uuid7(), agenda=t.agenda, reason=w.place.short, start=w.place.start("11:00")),
        VERIFIED,
        blind=BLIND,
    ),
    "slot.release": Row(lambda t, w: ReleaseSlot(hold=t.hold), ("referrer",)),
    "referral.book": Row(lambda t, w: booking(t.hold), ("referrer",)),
    "referral.get": Row(lambda t, w: GetReferral(referral=t.referral), (*MEMBERS, "booker", "reader")),
    "referral.list": Row(lambda t, w: ListReferrals(), VERIFIED, blind=BLIND, names_nothing=True),
    "patient.create": Row(
        lambda t, w: CreatePatient(id=uuid7(), patient=patient()), VERIFIED, blind=BLIND, names_nothing=True
    ),
    "patient.search": Row(
        lambda t, w: SearchPatients(family_name="Marchandeau", birth_date=date(1954, 3, 14)),
        VERIFIED,
        blind=("busy", *STRANGERS),
        names_nothing=True,
    ),
    "appointment.cancel": Row(
        lambda t, w: CancelAppointment(appointment=t.appointment, reason="x"), (*MEMBERS, "booker"), ("reader",)
    ),
    "session.list": Row(lambda t, w: ListSessions(), ROLES, names_nothing=True),
    "session.end": Row(lambda t, w: EndSession(session=t.session), ("practitioner",), unverified="not_found"),
    "session.end_others": Row(lambda t, w: EndOtherSessions(), ROLES, names_nothing=True),
}


def carried_out(who: Account, command: Command) -> tuple[Any, Refusal | None]:
    """What becomes of it; the database is as before."""
    with transaction.atomic():
        try:
            return dispatch(who.actor, command), None
        except Refusal as refused:
            return None, refused
        finally:
            transaction.set_rollback(True)


def told(refused: Refusal) -> str:
    """The refusal as it stands on the wire."""
    return frame.refusal(1, refused)


@pytest.mark.parametrize("name", ROWS)
def test_the_matrix(world: World, name: str) -> None:
    row = ROWS[name]
    for role in ROLES:
        who = world.people[role]
        result, refused = carried_out(who, row.make(world.things, world))
        assert (refused.reason if refused else None) == row.expected(role), (role, refused)
        if refused is None and role in row.blind:
            shown = msgspec.json.encode(result).decode()
            assert [secret for secret in world.secrets if secret in shown] == [], role
        if refused is not None and refused.reason == "not_found":
            _, never = carried_out(who, row.make(Things.missing(), world))
            assert never is not None
            assert told(refused) == told(never), role


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if not row.names_nothing])
def test_what_does_not_exist_is_not_found_for_everybody(world: World, name: str) -> None:
    row = ROWS[name]
    for role in MEMBERS:
        _, refused = carried_out(world.people[role], row.make(Things.missing(), world))
        assert refused is not None, role
        assert refused.reason == "not_found", role


def test_every_command_of_the_registry_has_a_row() -> None:
    missing = {action.command.method for action in ACTIONS} - {name.partition(" of ")[0] for name in ROWS}
    assert missing == set()


def test_every_row_is_about_its_command(world: World) -> None:
    for name, row in ROWS.items():
        assert type(row.make(world.things, world)).method == name.partition(" of ")[0]


def test_what_only_relais_may_ask_for_cannot_be_asked_by_a_socket() -> None:
    known = socket_commands()
    for action in ORDERS:
        text = msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": action.command.method}).decode()
        with pytest.raises(frame.FrameError) as refused:
            known.decode(frame.decode_request(text))
        assert '"code":-32601' in refused.value.answer


def test_an_ended_session_may_do_nothing_though_its_socket_still_stands(world: World) -> None:
    referrer = world.people["referrer"]
    Session.objects.filter(pk=referrer.actor.session).update(ended_at="2026-01-01T00:00:00Z")
    for name, row in ROWS.items():
        _, refused = carried_out(referrer, row.make(world.things, world))
        assert refused is not None, name
        assert refused.reason == "forbidden", name


def test_whoever_left_the_organisation_manages_nothing_of_it(world: World) -> None:
    booker = world.people["booker"]
    member = Membership.objects.create(
        person_id=booker.id,
        organisation=world.place.organisation,
        function="secretary",
        owner=True,
        joined_at="2026-01-01T00:00:00Z",
    )
    update = ROWS["agenda.update"].make(world.things, world)
    assert carried_out(booker, update)[1] is None
    member.left_at = "2026-02-01T00:00:00Z"  # type: ignore[assignment]
    member.save()
    refused = carried_out(booker, update)[1]
    assert refused is not None
    assert refused.reason == "forbidden"
