"""Whom a practitioner has blocked: their agenda is to them one that cannot be booked, and the block shows nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.accounts.models import Person
from identity.contacts.wire import BlockPerson, UnblockPerson
from referral.referrals.wire import GetReferral
from referral.scheduling import access
from referral.scheduling.wire import CancelAppointment, FindSlots, WatchAgenda
from referral.scheduling.wire_agendas import GetReasons
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.wire import frame
from server.kernel.wire.errors import Refusal
from tests.factories import Account, account
from tests.referral.practice import Practice, booking, monday, practice

pytestmark = pytest.mark.django_db


def told(who: Account, command: Any) -> str | None:
    """The refusal as it stands on the wire; None: the command is carried out."""
    try:
        dispatch(who.actor, command)
    except Refusal as refused:
        return frame.refusal(1, refused)
    return None


def block(here: Practice, who: Account) -> Account:
    dispatch(here.practitioner.actor, BlockPerson(person=who.id))
    return who


def unbookable() -> Practice:
    """An agenda of somebody whose identity does not hold any more."""
    there = practice()
    Person.objects.filter(pk=there.practitioner.id).update(verified_at=None)
    return there


def asked(here: Practice) -> list[Any]:
    """Whatever leads to a slot of an agenda."""
    return [
        here.holding("09:00"),
        here.holding("09:00", here.staff_only),
        GetReasons(agenda=here.agenda),
        FindSlots(agenda=here.agenda, reason=here.short, from_=monday(), to=monday() + timedelta(days=1)),
        WatchAgenda(agenda=here.agenda),
    ]


def test_whoever_is_blocked_is_told_what_is_told_of_an_agenda_that_cannot_be_booked() -> None:
    here, there, blocked, other = practice(), unbookable(), account(), account()
    block(here, blocked)
    for mine, gone in zip(asked(here), asked(there), strict=True):
        assert told(blocked, mine) == told(blocked, gone) is not None
    for practitioner in (here.practitioner, there.practitioner):
        assert dispatch(blocked.actor, GetReasons(practitioner=practitioner.id)).agendas == []
        find = FindSlots(practitioner=practitioner.id, from_=monday(), to=monday() + timedelta(days=1))
        assert dispatch(blocked.actor, find).slots == []
    assert here.free(other)
    here.book(other, "09:00")


def test_that_a_slot_is_taken_is_not_told_to_whoever_is_blocked() -> None:
    here, there, blocked = practice(), practice(), account()
    for clinic in (here, there):
        clinic.book(account(), "09:00")
    block(here, blocked)
    Person.objects.filter(pk=there.practitioner.id).update(verified_at=None)
    assert told(blocked, here.holding("09:00")) == told(blocked, there.holding("09:00")) is not None
    assert "slot_taken" in str(told(account(), here.holding("09:00")))


def test_what_is_held_before_the_block_is_booked_and_nothing_is_held_after() -> None:
    here, referrer = practice(), account()
    held = here.hold(referrer, "09:00")
    block(here, referrer)
    assert told(referrer, booking(held.hold)) is None
    assert "not_found" in str(told(referrer, here.holding("09:20")))


def test_unblocked_they_book_again_and_another_practitioner_is_none_of_it() -> None:
    here, there, referrer = practice(), practice(), account()
    block(here, referrer)
    there.book(referrer, "09:00")
    dispatch(here.practitioner.actor, UnblockPerson(person=referrer.id))
    here.book(referrer, "09:20")


def test_whom_the_caller_blocks_does_not_keep_the_caller_from_slots() -> None:
    here, referrer = practice(), account()
    dispatch(referrer.actor, BlockPerson(person=here.practitioner.id))
    assert here.free(referrer)


def test_what_is_booked_stays_and_is_cancelled_as_ever() -> None:
    here, referrer = practice(), account()
    booked = here.book(referrer, "09:00")
    block(here, referrer)
    assert told(referrer, GetReferral(referral=booked.referral.id)) is None
    assert told(referrer, CancelAppointment(appointment=booked.appointment.id, reason="Empêchée")) is None


@pytest.mark.parametrize("level", ["busy", "read", "book"])
def test_whoever_was_given_a_level_works_in_the_agenda_all_the_same(level: Any) -> None:
    here, clara = practice(), account()
    here.grant(clara, level)
    block(here, clara)
    assert here.free(clara)
    here.book(clara, "09:00")
    here.grant(clara, "none")
    assert told(clara, here.holding("09:20")) is not None


def test_a_batch_refuses_those_who_are_blocked_and_nobody_else() -> None:
    here, there, blocked, other = practice(), practice(), account(), account()
    block(here, blocked)
    calls = [
        Call(blocked.actor, here.holding("09:00")),
        Call(other.actor, here.holding("09:20")),
        Call(blocked.actor, there.holding("09:00")),
    ]
    outcomes, _ = dispatch_batch(calls)
    assert [one.refused.reason if one.refused else None for one in outcomes] == ["not_found", None, None]


def test_who_is_kept_out_is_asked_once_for_all_agendas_and_people() -> None:
    clinics, people = [practice(), practice()], [account() for _ in range(3)]
    agendas = access.bookable([here.agenda for here in clinics]).values()
    access.kept_out(agendas, {one.id for one in people})
    with CaptureQueriesContext(connection) as captured:
        assert access.kept_out(agendas, {one.id for one in people}) == set()
    assert len(captured) == 1
    block(clinics[0], people[0])
    block(clinics[0], clinics[0].grant(people[1], "busy"))
    assert access.kept_out(agendas, {one.id for one in people}) == {(clinics[0].agenda, people[0].id)}
