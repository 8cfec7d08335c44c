"""An id that stands for something already is refused with ``id_taken``, whatever made that, and is never a defect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_type_hints
from uuid import UUID

import pytest

from identity.contacts.models import ContactRule
from identity.contacts.wire import RequestContact
from identity.onboarding.wire import StartVerification
from identity.organisations.models import Membership
from identity.organisations.wire_invitations import (
    CreateInvitation,
    CreateMember,
    ImportInvitations,
    InvitationRow,
)
from identity.organisations.wire_organisations import CreateOrganisation, CreateService, CreateSite
from identity.patients.wire import CreatePatient
from referral.scheduling.wire import HoldSlot
from referral.scheduling.wire_agendas import AddAbsence, CreateAgenda, ReasonForm, UpdateAgenda
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.wire import Command, NewId
from server.registry import ACTIONS
from team.conversations.wire import OpenConversation
from team.messages.wire import GetHistory, SendMessage
from tests.factories import Account, account, group
from tests.referral.practice import Practice, booking, monday, patient, practice

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class World:
    clinic: Practice
    conversation: UUID
    hold: UUID
    other: Account
    asking: tuple[Account, Account]
    """People who want to be asked first; the second has been."""
    taken: dict[str, tuple[str, UUID]]
    """By name: which kind of thing stands under which id. Only one thing of a kind can have an id."""


@pytest.fixture
def world() -> World:
    clinic, ada, grace = practice(), account(), account()
    Membership.objects.filter(person=clinic.practitioner.id).update(administrator=True)
    conversation = group(ada, clinic.practitioner)
    booked = clinic.book(ada, "09:00")
    thread = booked.referral.conversation
    assert thread is not None
    assert booked.referral.patient is not None
    message = SendMessage(id=uuid7(), conversation=conversation, body="x")
    dispatch(ada.actor, message)
    absence = AddAbsence(id=uuid7(), agenda=clinic.agenda, first=monday(7), until=monday(8))
    dispatch(clinic.practitioner.actor, absence)
    created = CreatePatient(id=uuid7(), patient=patient())
    dispatch(ada.actor, created)
    invitation = CreateInvitation(id=uuid7(), organisation=clinic.organisation.pk, email="ada@exemple.fr")
    listed = _list_of(clinic, uuid7(), "liste@exemple.fr")
    dispatch(clinic.practitioner.actor, invitation)
    dispatch(clinic.practitioner.actor, listed)
    asking = (account(), account())
    for who in asking:
        ContactRule.objects.create(person_id=who.id, rule="ask_first")
    asked = RequestContact(id=uuid7(), person=asking[1].id)
    dispatch(clinic.practitioner.actor, asked)
    taken = {
        "a group": ("conversation", conversation),
        "a direct conversation opened by a booking": ("conversation", thread),
        "a message": ("message", message.id),
        "the message of a booking": (
            "message",
            dispatch(ada.actor, GetHistory(conversation=thread)).messages[0].id,
        ),
        "a hold": ("appointment", clinic.hold(ada, "09:20").hold),
        "an appointment": ("appointment", booked.appointment.id),
        "a referral": ("referral", booked.referral.id),
        "a patient": ("patient", created.id),
        "a patient written down by a booking": ("patient", booked.referral.patient.id),
        "an absence": ("absence", absence.id),
        "an agenda": ("agenda", clinic.agenda),
        "a reason": ("reason", clinic.short),
        "an organisation": ("organisation", clinic.organisation.pk),
        "a site": ("site", clinic.site),
        "a contact request": ("contact request", asked.id),
        "an invitation": ("invitation", invitation.id),
        "a list": ("list", listed.id),
    }
    hold = clinic.hold(clinic.practitioner, "11:00").hold
    return World(clinic, conversation, hold, grace, asking, taken)


def _list_of(clinic: Practice, wanted: UUID, email: str) -> ImportInvitations:
    return ImportInvitations(id=wanted, organisation=clinic.organisation.pk, rows=[InvitationRow(email=email)])


def _list(world: World, wanted: UUID, email: str) -> ImportInvitations:
    return _list_of(world.clinic, wanted, email)


def _agenda(world: World, wanted: UUID, reason: UUID) -> CreateAgenda:
    reasons = [ReasonForm(id=reason, name="Suivi", minutes=20)]
    site = world.clinic.organisation.sites.get().id
    return CreateAgenda(id=wanted, site=site, name="Écho", reasons=reasons, openings=[])


MAKERS: dict[str, tuple[str, Callable[[World, UUID], Command[Any]]]] = {
    "conversation.open of a group": (
        "conversation",
        lambda w, i: OpenConversation(id=i, kind="group", members=[w.other.id], title="Garde"),
    ),
    "conversation.open of two": (
        "conversation",
        lambda w, i: OpenConversation(id=i, kind="direct", members=[w.other.id]),
    ),
    "message.send": ("message", lambda w, i: SendMessage(id=i, conversation=w.conversation, body="y")),
    "slot.hold": (
        "appointment",
        lambda w, i: HoldSlot(id=i, agenda=w.clinic.agenda, reason=w.clinic.short, start=w.clinic.start("10:00")),
    ),
    "referral.book": ("referral", lambda w, i: booking(w.hold, id=i, conversation=w.conversation)),
    "patient.create": ("patient", lambda w, i: CreatePatient(id=i, patient=patient(first_names="Ada"))),
    "absence.add": (
        "absence",
        lambda w, i: AddAbsence(id=i, agenda=w.clinic.agenda, first=monday(5), until=monday(5) + timedelta(days=1)),
    ),
    "verification.start": ("verification", lambda w, i: StartVerification(id=i, by="document")),
    "agenda.create": ("agenda", lambda w, i: _agenda(w, i, uuid7())),
    "organisation.create": ("organisation", lambda w, i: CreateOrganisation(id=i, name="x", kind="practice")),
    "service.create": (
        "organisation",
        lambda w, i: CreateService(id=i, organisation=w.clinic.organisation.pk, name="x"),
    ),
    "invitation.create": (
        "invitation",
        lambda w, i: CreateInvitation(id=i, organisation=w.clinic.organisation.pk, email="grace@exemple.fr"),
    ),
    "invitation.import": ("list", lambda w, i: _list(w, i, "autre@exemple.fr")),
    "member.create": (
        "invitation",
        lambda w, i: CreateMember(
            id=i,
            organisation=w.clinic.organisation.pk,
            email="clara@exemple.fr",
            first_name="Clara",
            last_name="Essai",
            function="secretary",
        ),
    ),
    "contact.request": ("contact request", lambda w, i: RequestContact(id=i, person=w.asking[0].id)),
    "site.create": ("site", lambda w, i: CreateSite(id=i, organisation=w.clinic.organisation.pk, name="x")),
    "agenda.create of a reason": ("reason", lambda w, i: _agenda(w, uuid7(), i)),
    "agenda.update of a reason": (
        "reason",
        lambda w, i: UpdateAgenda(
            agenda=_agenda_of_another(w), reasons=[ReasonForm(id=i, name="Autre motif", minutes=40)]
        ),
    ),
}
"""What makes things under ids that the client chooses: the kind of thing, and the command."""


def _agenda_of_another(world: World) -> UUID:
    command = _agenda(world, uuid7(), uuid7())
    dispatch(world.clinic.practitioner.actor, command)
    return command.id


def test_every_command_that_chooses_an_id_is_here() -> None:
    choosing = {
        one.command.method for one in ACTIONS if get_type_hints(one.command, include_extras=True).get("id") == NewId
    }
    assert choosing
    assert choosing <= {name.partition(" of ")[0] for name in MAKERS}


@pytest.mark.parametrize("name", MAKERS)
def test_an_id_of_something_else_is_taken_and_never_a_defect(world: World, name: str) -> None:
    kind, make = MAKERS[name]
    for what, (taken_kind, wanted) in world.taken.items():
        command = make(world, wanted)
        [outcome], _ = dispatch_batch([Call(world.clinic.practitioner.actor, command)])
        reason = outcome.refused.reason if outcome.refused else None
        if taken_kind == kind:
            assert reason == "id_taken", what
        else:
            assert reason != "internal", (what, outcome.refused)
