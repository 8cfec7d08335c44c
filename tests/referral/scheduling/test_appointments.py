"""Cancelling, and the day of an agenda."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referral.referrals.wire import GetReferral
from referral.scheduling.models import Appointment
from referral.scheduling.wire import CancelAppointment, Day, GetDay
from referral.scheduling.wire_agendas import AddAbsence
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import Delivery, StreamEvent
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Forbidden, Invalid, InvalidState, NotFound
from tests.factories import Account, account
from tests.referral.practice import Practice, monday, practice

pytestmark = pytest.mark.django_db


def day(clinic: Practice, caller: Account, days: int = 1) -> Day:
    command = GetDay(agenda=clinic.agenda, from_=monday(), to=monday() + timedelta(days=days))
    found: Day = dispatch(caller.actor, command)
    return found


def test_cancelling_frees_the_slot_and_takes_the_referral_along() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    cancelled = dispatch(
        ada.actor, CancelAppointment(appointment=booked.appointment.id, reason="La patiente est guérie")
    ).appointment
    assert (cancelled.state, cancelled.cancellation) == ("cancelled", "La patiente est guérie")
    assert "09:20" in clinic.free(ada)
    assert dispatch(ada.actor, GetReferral(referral=booked.referral.id)).referral.state == "cancelled"
    for stream in (stream_name("i", ada.id), stream_name("i", clinic.practitioner.id)):
        assert StreamEvent.objects.filter(stream=stream).order_by("-seq")[0].type == "referral.cancelled"
    clinic.book(account(), "09:20")


def test_cancelling_again_changes_nothing() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    command = CancelAppointment(appointment=booked.appointment.id, reason="Guérie")
    assert dispatch(ada.actor, command) == dispatch(ada.actor, command)
    assert Delivery.objects.filter(kind="appointment.cancelled").count() == 1
    assert StreamEvent.objects.filter(type="appointment.cancelled").count() == 1


def test_who_may_cancel() -> None:
    clinic, ada = practice(), account()
    wanted = clinic.book(ada, "09:20").appointment.id
    command = CancelAppointment(appointment=wanted, reason="Essai")
    for outsider in (account(), clinic.grant(account(), "busy")):
        with pytest.raises(NotFound):
            dispatch(outsider.actor, command)
    with pytest.raises(NotFound):
        dispatch(ada.actor, CancelAppointment(appointment=uuid7(), reason="Essai"))
    with pytest.raises(Forbidden):
        dispatch(clinic.grant(account(), "read").actor, command)
    assert dispatch(clinic.grant(account(), "book").actor, command).appointment.state == "cancelled"


def test_a_hold_is_no_appointment_to_cancel() -> None:
    clinic, ada = practice(), account()
    with pytest.raises(NotFound):
        dispatch(ada.actor, CancelAppointment(appointment=clinic.hold(ada, "09:20").hold, reason="Essai"))


def test_a_visit_that_has_begun_is_not_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    monkeypatch.setattr("server.kernel.dispatch.now", lambda: booked.appointment.start)
    with pytest.raises(InvalidState):
        dispatch(ada.actor, CancelAppointment(appointment=booked.appointment.id, reason="Trop tard"))


def test_a_day_shows_who_comes_to_those_who_may_read() -> None:
    clinic, ada = practice(), account()
    booked, held = clinic.book(ada, "09:20"), clinic.hold(ada, "10:00")
    for caller in (clinic.practitioner, clinic.grant(account(), "read")):
        found = day(clinic, caller)
        [appointment] = found.appointments
        assert appointment.patient is not None
        assert appointment.patient.family_name == "Marchandeau"
        assert (appointment.referral, appointment.reason_name) == (booked.referral.id, "Suivi")
        assert [(one.hold, one.by_name) for one in found.holds] == [(held.hold, ada.actor.name)]
        assert [f"{one.start:%H:%M}-{one.end:%H:%M}" for one in found.openings] == ["09:00-12:00", "14:00-17:00"]


def test_a_day_shows_when_and_never_who_to_those_who_are_busy_only() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    clinic.hold(ada, "10:00")
    found = day(clinic, clinic.grant(account(), "busy"))
    [appointment], [held] = found.appointments, found.holds
    assert appointment.start == clinic.start("09:20")
    shown = {name for name in appointment.__struct_fields__ if getattr(appointment, name)}
    assert shown == {"id", "agenda", "start", "end", "state"}
    assert {name for name in held.__struct_fields__ if getattr(held, name)} == {"start", "end", "expires_at"}


def test_a_day_is_not_there_for_a_referrer() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    with pytest.raises(NotFound):
        day(clinic, ada)


def test_the_day_is_that_of_the_site() -> None:
    clinic = practice("Indian/Reunion", openings=[])
    dispatch(
        clinic.practitioner.actor,
        AddAbsence(id=uuid7(), agenda=clinic.agenda, first=monday(), until=monday() + timedelta(days=3)),
    )
    [absence] = day(clinic, clinic.practitioner).absences
    assert (absence.start.isoformat(), absence.end - absence.start) == (
        f"{monday()}T00:00:00+04:00",
        timedelta(days=1),
    )


def test_the_head_of_a_day_is_the_number_of_its_last_event() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    assert day(clinic, clinic.practitioner).head == 3  # agenda.changed, slot.held, appointment.booked


@pytest.mark.parametrize(("first", "until"), [(0, 0), (1, 0), (0, 32), (-999_999, -999_998)])
def test_days_that_make_no_sense_are_refused(first: int, until: int) -> None:
    clinic = practice()
    edges = [max(monday().toordinal() + days, 1 + days % 2) for days in (first, until)]
    command = GetDay(agenda=clinic.agenda, from_=monday().fromordinal(edges[0]), to=monday().fromordinal(edges[1]))
    with pytest.raises(Invalid):
        dispatch(clinic.practitioner.actor, command)


def test_a_full_day_takes_as_many_statements_as_an_empty_one() -> None:
    clinic, ada = practice(), account()

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            day(clinic, clinic.practitioner)
        return len(captured)

    clinic.book(ada, "09:00")
    one = statements()
    for clock in ("09:20", "09:40", "10:00"):
        clinic.book(ada, clock)
    assert statements() == one


def test_only_live_holds_are_shown() -> None:
    clinic, ada = practice(), account()
    clinic.hold(ada, "09:20")
    Appointment.objects.update(hold_until=datetime.now(UTC) - timedelta(seconds=1))
    assert day(clinic, clinic.practitioner).holds == []
