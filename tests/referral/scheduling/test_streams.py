"""An agenda live: everything for those who may read it, times alone for who may see that it is busy, slots for all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.accounts.models import Person
from referral.scheduling.access import audiences
from referral.scheduling.internal_commands import ReapHolds
from referral.scheduling.models import Agenda
from referral.scheduling.wire import CancelAppointment, ReleaseSlot, UnwatchAgenda, WatchAgenda
from referral.scheduling.wire_agendas import GrantAccess, UpdateAgenda
from server.kernel import announcements, clock
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.outcomes import Outbound
from server.kernel.streams import EncodedEvent, heads
from server.kernel.synchronisation import redeliver
from server.kernel.wire import Command, stream_name
from server.kernel.wire.errors import NotFound
from server.kernel.wire.handshake import Sync
from tests.factories import Account, account
from tests.referral.practice import Practice, booking, expire, join, leave, practice

pytestmark = pytest.mark.django_db

TIMES = {"start", "end", "expires_at"}


def done(caller: Account, command: Command[Any]) -> tuple[Any, Outbound]:
    [outcome], news = dispatch_batch([Call(caller.actor, command)])
    assert outcome.refused is None
    return outcome, news


def of_agenda(clinic: Practice, news: Outbound) -> EncodedEvent:
    [told] = [told for told in news.events if told.stream == stream_name("a", clinic.agenda)]
    return told


def shown(told: EncodedEvent) -> dict[str, Any] | None:
    """What somebody without a level is sent, if anything."""
    if told.public is None:
        return None
    params: dict[str, Any] = msgspec.json.decode(told.public)["params"]
    assert params["masked"]
    return {"type": params["type"], **params["data"]}


def data(text: str | None) -> dict[str, Any]:
    assert text is not None
    found: dict[str, Any] = msgspec.json.decode(text)["params"]["data"]
    return found


def life(clinic: Practice, ada: Account) -> list[EncodedEvent]:
    """Everything that can happen to a slot, as it is told."""
    told = []
    for wall, then in (("09:00", "book"), ("09:20", "release")):
        outcome, news = done(ada, clinic.holding(wall))
        told.append(of_agenda(clinic, news))
        hold = outcome.result.hold
        outcome, news = done(ada, booking(hold) if then == "book" else ReleaseSlot(hold=hold))
        told.append(of_agenda(clinic, news))
        if then == "book":
            cancel = CancelAppointment(appointment=outcome.result.appointment.id, reason="Guérie")
            told.append(of_agenda(clinic, done(ada, cancel)[1]))
    return told


def test_those_who_may_read_the_agenda_are_its_audience_at_that_moment() -> None:
    clinic, ada = practice(), account()
    owner = join(account(), clinic.organisation, "administrative", owner=True)
    reader, busy = clinic.grant(account(), "read"), clinic.grant(account(), "busy")
    for told in life(clinic, ada):
        assert told.audience == {clinic.practitioner.id, reader.id, owner.id}
        assert busy.id not in told.audience
    dispatch(clinic.practitioner.actor, GrantAccess(agenda=clinic.agenda, person=reader.id, level="none"))
    assert all(reader.id not in told.audience for told in life(clinic, ada))


def test_who_may_see_that_it_is_busy_gets_times_alone() -> None:
    clinic, ada = practice(), account()
    busy = clinic.grant(account(), "busy")
    told = life(clinic, ada)
    assert all(one.masked_for == {busy.id} for one in told)
    assert [msgspec.json.decode(one.text)["params"]["type"] for one in told] == [
        "slot.held",
        "appointment.booked",
        "appointment.cancelled",
        "slot.held",
        "slot.released",
    ]
    for one in told:
        assert data(one.masked).keys() <= TIMES
        assert data(one.masked)["start"].endswith(("+01:00", "+02:00"))
    assert data(told[0].text)["by_name"] == ada.actor.name
    assert data(told[1].text)["appointment"]["patient"]["family_name"] == "Marchandeau"
    assert "cancellation" not in data(told[2].text)["appointment"], "not everybody who reads the agenda sees why"


def test_without_a_level_watchers_are_sent_which_slots_are_taken_and_freed_and_nothing_else() -> None:
    clinic, ada = practice(), account()
    told = life(clinic, ada)
    held, booked, cancelled, again, released = [shown(one) for one in told]
    assert held is not None
    assert held.keys() == {"type", "start", "end", "expires_at"}
    assert held["type"] == "slot.held"
    assert booked == {"type": "slot.booked", "start": held["start"], "end": held["end"]}
    assert cancelled == {"type": "slot.released", "start": held["start"], "end": held["end"]}
    assert again is not None
    assert released == {"type": "slot.released", "start": again["start"], "end": again["end"]}
    assert all(one.masked is None and not one.masked_for for one in told), "nobody here may see that it is busy"
    _, news = done(clinic.practitioner, UpdateAgenda(agenda=clinic.agenda, name="Autre nom"))
    assert shown(of_agenda(clinic, news)) is None


def close(clinic: Practice) -> None:
    Agenda.objects.filter(pk=clinic.agenda).update(closed_at=datetime.now(UTC))


def suspend(clinic: Practice) -> None:
    Person.objects.filter(pk=clinic.practitioner.id).update(suspended_at=datetime.now(UTC))


def unverify(clinic: Practice) -> None:
    Person.objects.filter(pk=clinic.practitioner.id).update(verified_at=None)


@pytest.mark.parametrize(
    "end", [close, suspend, unverify, lambda clinic: leave(clinic.practitioner, clinic.organisation)]
)
def test_of_an_agenda_that_cannot_be_booked_those_without_a_level_are_sent_nothing_any_more(end: Any) -> None:
    clinic, ada = practice(), account()
    busy = clinic.grant(account(), "busy")
    moment = clock.now()
    held, released = clinic.hold(ada, "09:00"), clinic.hold(ada, "09:20")
    cancelled = dispatch(ada.actor, booking(clinic.hold(ada, "09:40").hold)).appointment.id
    expire(held.hold)
    end(clinic)
    for caller, command in (
        (ada, ReleaseSlot(hold=released.hold)),
        (ada, CancelAppointment(appointment=cancelled, reason="Guérie")),
    ):
        told = of_agenda(clinic, done(caller, command)[1])
        assert told.public is None
        assert told.masked_for == {busy.id}
    [outcome], news = dispatch_batch([Call(SYSTEM, ReapHolds())])
    assert outcome.result is not None
    assert [one.public for one in news.events if one.stream == stream_name("a", clinic.agenda)] == [None]
    assert [one.public for one in redeliver(announcements.since(moment)).events] == [None] * len(
        redeliver(announcements.since(moment)).events
    )


def test_what_is_told_again_to_those_without_a_level_is_what_they_were_told() -> None:
    clinic, ada = practice(), account()
    moment = clock.now()
    told = [shown(one) for one in life(clinic, ada)]
    news = redeliver(announcements.since(moment))
    assert [shown(one) for one in news.events if one.stream == stream_name("a", clinic.agenda)] == told


def test_a_level_that_is_taken_while_watching_ends_the_masked_events() -> None:
    clinic, ada = practice(), account()
    busy = clinic.grant(account(), "busy")
    booked = of_agenda(clinic, done(ada, booking(clinic.hold(ada, "09:00").hold))[1])
    assert booked.masked_for == {busy.id}
    clinic.grant(busy, "none")
    booked = of_agenda(clinic, done(ada, booking(clinic.hold(ada, "09:20").hold))[1])
    assert (booked.masked, booked.masked_for) == (None, frozenset())
    assert data(booked.public).keys() == {"start", "end"}


def test_who_is_sent_an_event_and_whether_it_may_be_watched_is_one_statement() -> None:
    clinics = [practice() for _ in range(3)]
    clinics[0].grant(account(), "busy")
    audiences([clinic.agenda for clinic in clinics])  # composed once in a process
    with CaptureQueriesContext(connection) as captured:
        found = audiences([clinic.agenda for clinic in clinics])
    assert len(captured) == 1
    assert [len(found[clinic.agenda].masked) for clinic in clinics] == [1, 0, 0]
    assert all(found[clinic.agenda].public for clinic in clinics)


def test_an_owner_who_was_also_given_less_reads_in_full() -> None:
    clinic = practice()
    owner = join(account(), clinic.organisation, "administrative", owner=True)
    clinic.grant(owner, "busy")
    found = audiences([clinic.agenda])[clinic.agenda]
    assert owner.id in found.full
    assert owner.id not in found.masked


def test_a_socket_that_watches_is_subscribed_whatever_the_level() -> None:
    clinic, ada = practice(), account()
    stream = stream_name("a", clinic.agenda)
    for caller in (ada, clinic.practitioner):
        outcome, _ = done(caller, WatchAgenda(agenda=clinic.agenda))
        assert (outcome.result.stream, outcome.watch) == (stream, {stream: outcome.result.head})
        outcome, _ = done(caller, UnwatchAgenda(agenda=clinic.agenda))
        assert outcome.watch == {stream: None}
    with pytest.raises(NotFound):
        dispatch(ada.actor, WatchAgenda(agenda=uuid7()))


def test_without_a_level_nobody_reads_the_stream_and_watching_begins_now() -> None:
    clinic, ada = practice(), account()
    stream = stream_name("a", clinic.agenda)
    life(clinic, ada)  # that they have booked there changes nothing
    for lost in (account(), ada):
        assert dispatch(lost.actor, WatchAgenda(agenda=clinic.agenda)).head == 0
        with pytest.raises(NotFound):
            dispatch(lost.actor, Sync(stream=stream, after=0))
    for level in ("busy", "read"):
        staff = clinic.grant(account(), level)
        assert dispatch(staff.actor, WatchAgenda(agenda=clinic.agenda)).head == heads([stream])[stream] > 6


def test_a_right_that_is_taken_while_watching_ends_the_full_events_and_the_stream() -> None:
    clinic, ada, reader = practice(), account(), account()
    clinic.grant(reader, "read")
    stream = stream_name("a", clinic.agenda)
    assert reader.id in of_agenda(clinic, done(ada, clinic.holding("09:00"))[1]).audience
    clinic.grant(reader, "none")
    told = of_agenda(clinic, done(ada, clinic.holding("09:20"))[1])
    assert reader.id not in told.audience
    assert shown(told) is not None
    with pytest.raises(NotFound):
        dispatch(reader.actor, Sync(stream=stream, after=0))


def test_who_may_no_longer_watch_is_still_unsubscribed() -> None:
    clinic, ada = practice(), account()
    dispatch(ada.actor, WatchAgenda(agenda=clinic.agenda))
    leave(clinic.practitioner, clinic.organisation)
    outcome, _ = done(ada, UnwatchAgenda(agenda=clinic.agenda))
    assert outcome.watch == {stream_name("a", clinic.agenda): None}


def test_sync_gives_each_what_was_told_live() -> None:
    clinic, ada = practice(), account()
    reader, busy = clinic.grant(account(), "read"), clinic.grant(account(), "busy")
    stream = stream_name("a", clinic.agenda)
    after = dispatch(reader.actor, WatchAgenda(agenda=clinic.agenda)).head
    told = life(clinic, ada)
    for caller, texts in ((reader, [one.text for one in told]), (busy, [one.masked for one in told])):
        synced = dispatch(caller.actor, Sync(stream=stream, after=after))
        assert [event.seq for event in synced.events] == [one.seq for one in told]
        for event, text in zip(synced.events, texts, strict=True):
            shown = msgspec.json.decode(event.data)
            # An appointment is shown as it is now: booked first, and cancelled since.
            assert shown.keys() == data(text).keys()
            assert {key: shown[key] for key in TIMES & shown.keys()} == {
                key: value for key, value in data(text).items() if key in TIMES
            }


def test_what_must_be_told_again_is_told_as_access_is_now() -> None:
    clinic, ada = practice(), account()
    reader = clinic.grant(account(), "read")
    moment = clock.now()
    life(clinic, ada)
    dispatch(clinic.practitioner.actor, GrantAccess(agenda=clinic.agenda, person=reader.id, level="busy"))
    news = redeliver(announcements.since(moment))
    again = [told for told in news.events if told.stream == stream_name("a", clinic.agenda)]
    assert len(again) == 6
    for told in again:
        assert told.audience == {clinic.practitioner.id}
        assert told.masked_for == {reader.id}
        assert data(told.masked).keys() <= TIMES


def test_inboxes_hold_no_word_about_the_patient() -> None:
    clinic, ada = practice(), account()
    _, news = done(ada, booking(clinic.hold(ada, "09:00").hold, message="FA de découverte"))
    inbox = [told for told in news.events if told.stream.startswith("i:")]
    assert {told.stream for told in inbox} >= {stream_name("i", ada.id), stream_name("i", clinic.practitioner.id)}
    for told in inbox:
        assert "archandeau" not in told.text
        assert "FA de" not in told.text


def test_a_hold_that_ran_out_is_told_when_somebody_takes_its_place() -> None:
    clinic, ada, grace = practice(), account(), account()
    held = clinic.hold(ada, "09:00")
    expire(held.hold)
    _, news = done(grace, clinic.holding("09:00"))
    types = [(told.stream[0], msgspec.json.decode(told.text)["params"]["type"]) for told in news.events]
    assert types == [("a", "slot.released"), ("i", "hold.ended"), ("a", "slot.held")]
    assert news.events[1].audience == {ada.id}
