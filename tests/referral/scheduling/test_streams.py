"""An agenda live: everything for those who may read it, times alone for everybody else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from referral.scheduling.wire import CancelAppointment, GrantAccess, ReleaseSlot, UnwatchAgenda, WatchAgenda
from server.kernel import announcements
from server.kernel.dispatch import Call, Outbound, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
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


def data(text: str | None) -> dict[str, Any]:
    assert text is not None
    found: dict[str, Any] = msgspec.json.decode(text)["params"]["data"]
    return found


def life(clinic: Practice, ada: Account) -> list[EncodedEvent]:
    """Everything that can happen to a slot, as it is told."""
    told = []
    for clock, then in (("09:00", "book"), ("09:20", "release")):
        outcome, news = done(ada, clinic.holding(clock))
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


def test_whoever_else_watches_gets_times_alone() -> None:
    clinic, ada = practice(), account()
    told = life(clinic, ada)
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
    assert data(told[2].text)["appointment"]["cancellation"] == "Guérie"


def test_a_socket_is_subscribed_to_times_alone_whatever_the_level() -> None:
    clinic, ada = practice(), account()
    stream = stream_name("a", clinic.agenda)
    for caller in (ada, clinic.practitioner):
        outcome, _ = done(caller, WatchAgenda(agenda=clinic.agenda))
        assert (outcome.result.stream, outcome.watch) == (stream, {stream: "masked"})
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
    assert data(told.masked).keys() <= TIMES
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
    moment = datetime.now(UTC)
    life(clinic, ada)
    dispatch(clinic.practitioner.actor, GrantAccess(agenda=clinic.agenda, person=reader.id, level="busy"))
    news = redeliver(announcements.since(moment))
    again = [told for told in news.events if told.stream == stream_name("a", clinic.agenda)]
    assert len(again) == 6
    for told in again:
        assert told.audience == {clinic.practitioner.id}
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
    types = [msgspec.json.decode(told.text)["params"]["type"] for told in news.events]
    assert types == ["slot.released", "slot.held"]
