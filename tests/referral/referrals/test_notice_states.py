"""What became of the messages to a patient, as those see it who may see the referral; and whose a received one is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from referral.referrals.wire import GetReferral, ListReferrals, ReferralView
from referral.scheduling.models import VisitReason
from referral.scheduling.wire import CancelAppointment
from server.kernel import clock
from server.kernel.authentication import SYSTEM
from server.kernel.delivery import queue, sending
from server.kernel.delivery.internal_commands import RecordDeliveries, Result
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.models import Delivery
from server.kernel.streams import EncodedEvent
from server.kernel.wire import stream_name
from server.kernel.wire.errors import NotFound
from server.kernel.wire.handshake import Sync
from tests.factories import Account, account
from tests.referral.practice import booking, patient, practice
from tests.stand_ins.sms_gateway import SmsGateway

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _daytime(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests run at any hour, and reminders do not."""
    monkeypatch.setattr("referral.notices.texts.SENDING_HOURS", (time(0), time(23, 59, 59, 999999)))


def seen(by: Account, referral: UUID) -> ReferralView:
    found: ReferralView = dispatch(by.actor, GetReferral(referral=referral)).referral
    return found


def states(by: Account, referral: UUID) -> list[tuple[str, str, str, str | None]]:
    return [(one.kind, one.channel, one.state, one.reason) for one in seen(by, referral).notices]


def settle(outcome: Any, error: str = "") -> list[EncodedEvent]:
    """Records an outcome of the SMS that is due, as a worker does; what is told of it."""
    [row] = queue.claim("sms", 1, clock.now())
    result = Result(id=row.id, claimed_until=row.until, attempts=row.attempts, outcome=outcome, error=error)
    [outcome_of], news = dispatch_batch([Call(SYSTEM, RecordDeliveries(results=[result]))])
    assert outcome_of.refused is None
    return news.events


def data(text: str | None) -> dict[str, Any]:
    assert text is not None
    found: dict[str, Any] = msgspec.json.decode(text)["params"]["data"]
    return found


def test_where_nothing_reaches_patients_a_notice_is_shown_as_captured_and_reminders_as_due() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20", patient=patient(email="odile@exemple.fr"))
    assert booked.referral.notices == []
    assert {state for _, _, state, _ in states(ada, booked.referral.id)} == {"queued"}
    for channel in ("sms", "email"):
        sending.deliver_due(channel)
    told = states(ada, booked.referral.id)
    assert sorted(told[:2]) == [("booked", "email", "captured", None), ("booked", "sms", "captured", None)]
    assert [(kind, state) for kind, _, state, _ in told[2:]] == [("reminder", "queued")] * 4
    due = [one.at for one in seen(ada, booked.referral.id).notices if one.state == "queued"]
    assert due == sorted(due)
    assert due[-1] == clinic.start("09:20") - timedelta(hours=24)


def test_what_the_carrier_took_is_sent_and_what_it_refused_says_why(gateway: SmsGateway) -> None:
    gateway.plan(200, 422)
    clinic, ada = practice(), account()
    first, second = clinic.book(ada, "09:20"), clinic.book(ada, "09:40")
    sending.deliver_due("sms")
    told = {states(ada, one.referral.id)[0] for one in (first, second)}
    assert told == {("booked", "sms", "sent", None), ("booked", "sms", "failed", "http_422")}


def test_what_is_tried_again_is_still_queued_and_says_what_went_wrong(gateway: SmsGateway) -> None:
    gateway.plan(503)
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    sending.deliver_due("sms")
    assert states(ada, booked.referral.id)[0] == ("booked", "sms", "queued", "http_503")


def test_what_is_no_longer_true_is_shown_as_dropped() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    dispatch(ada.actor, CancelAppointment(appointment=booked.appointment.id, reason="Guérie"))
    Delivery.objects.update(not_before=datetime.now(UTC) - timedelta(seconds=1))
    sending.deliver_due("sms")
    told = states(ada, booked.referral.id)
    assert ("booked", "sms", "dropped", "appointment_cancelled") in told
    assert ("cancelled", "sms", "captured", None) in told


def test_an_outcome_is_told_to_both_sides_and_to_who_may_read_the_agenda() -> None:
    clinic, ada = practice(), account()
    reader, busy = clinic.grant(account(), "read"), clinic.grant(account(), "busy")
    booked = clinic.book(ada, "09:20")
    news = {one.stream: one for one in settle("failed", "http_422")}
    agenda = news[stream_name("a", clinic.agenda)]
    assert {clinic.practitioner.id, reader.id} <= agenda.audience
    assert agenda.audience.isdisjoint({busy.id, ada.id})
    expected = {"kind": "booked", "channel": "sms", "state": "failed", "reason": "http_422"}
    assert data(agenda.text) == {"appointment": str(booked.appointment.id), **expected}
    assert data(agenda.masked) == {}
    for person in (ada, clinic.practitioner):
        inbox = news[stream_name("i", person.id)]
        assert inbox.audience == {person.id}
        assert data(inbox.text) == {
            "referral": str(booked.referral.id),
            "appointment": str(booked.appointment.id),
            **expected,
        }


def test_whoever_is_shown_times_alone_learns_nothing_of_a_notice_by_sync() -> None:
    clinic, ada = practice(), account()
    busy = clinic.grant(account(), "busy")
    clinic.book(ada, "09:20")
    settle("sent")
    events = dispatch(busy.actor, Sync(stream=stream_name("a", clinic.agenda), after=0)).events
    [notice] = [one for one in events if one.type == "appointment.notice"]
    assert (notice.masked, bytes(notice.data)) == (True, b"{}")


def test_several_notices_that_are_settled_together_are_told_each() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    Delivery.objects.update(not_before=datetime.now(UTC) - timedelta(seconds=1))
    rows = queue.claim("sms", 3, datetime.now(UTC))
    results = [
        Result(id=row.id, claimed_until=row.until, attempts=row.attempts, outcome="sent", error="") for row in rows
    ]
    [outcome], news = dispatch_batch([Call(SYSTEM, RecordDeliveries(results=results))])
    assert outcome.refused is None
    kinds = [data(one.text)["kind"] for one in news.events if one.stream == stream_name("i", ada.id)]
    assert sorted(kinds) == ["booked", "reminder", "reminder"]


def received(by: Account) -> list[UUID]:
    return [one.id for one in dispatch(by.actor, ListReferrals(side="received")).referrals]


def test_a_referral_is_received_by_whoever_may_read_its_agenda_with_its_message() -> None:
    clinic, ada = practice(), account()
    secretary = clinic.grant(account(), "book")
    booked = clinic.book(ada, "09:20", message="FA de découverte")
    for one in (clinic.practitioner, secretary, clinic.grant(account(), "read")):
        assert received(one) == [booked.referral.id]
        assert seen(one, booked.referral.id).message == "FA de découverte"
    [listed] = dispatch(secretary.actor, ListReferrals(side="received")).referrals
    assert listed.message == "FA de découverte"
    assert dispatch(secretary.actor, ListReferrals(side="made")).referrals == []
    for outsider in (clinic.grant(account(), "busy"), account()):
        assert received(outsider) == []
        with pytest.raises(NotFound):
            seen(outsider, booked.referral.id)
    assert received(ada) == []


def test_what_several_agendas_received_is_one_list_in_pages_the_newest_first() -> None:
    clinics, ada, secretary = [practice(), practice()], account(), account()
    for clinic in clinics:
        clinic.grant(secretary, "read")
    booked = [clinics[turn % 2].book(ada, clock).referral.id for turn, clock in enumerate(("09:00", "09:00", "09:20"))]
    first = dispatch(secretary.actor, ListReferrals(side="received", limit=2))
    second = dispatch(secretary.actor, ListReferrals(side="received", limit=2, cursor=first.cursor))
    assert [one.id for one in (*first.referrals, *second.referrals)] == booked[::-1]
    assert second.cursor is None


def test_a_level_counts_for_the_agenda_it_was_given_on() -> None:
    clinic, ada = practice(), account()
    secretary = clinic.grant(account(), "manage")
    other = clinic.another_agenda()
    reason = VisitReason.objects.filter(agenda=other, name="Suivi").get().id
    hold = replace(clinic, agenda=other).hold(ada, "09:20", reason).hold
    dispatch(ada.actor, booking(hold))
    assert received(secretary) == []
    assert len(received(clinic.practitioner)) == 1


def test_where_the_visit_is_stands_with_the_referral() -> None:
    clinic, ada = practice("Indian/Reunion"), account()
    view = clinic.book(ada, "09:20").referral
    assert view.place == "Clinique du Marais, centre de cardiologie"
    assert view.address == "3 quai des Tanneurs, 35600 Redon"
    assert view.time_zone == "Indian/Reunion"
