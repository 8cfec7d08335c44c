"""What patients are told: due with its cause, never with a word about health, and no longer when it is not so."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import TimestamptzRange

from referral.notices.refusals import TooManyNotices
from referral.scheduling.models import Appointment
from referral.scheduling.wire import CancelAppointment
from server.kernel import clock
from server.kernel.authentication import SYSTEM
from server.kernel.delivery import message_bounds, queue, sending
from server.kernel.delivery.captured_mail import captured
from server.kernel.delivery.internal_commands import RecordDeliveries, Result
from server.kernel.dispatch import dispatch
from server.kernel.models import Delivery, WorkItem
from server.kernel.work import kinds, queries
from server.kernel.work.queries import Page, Scope
from tests.factories import Account, account
from tests.referral.practice import Practice, patient, practice
from tests.stand_ins.sms_gateway import SmsGateway

pytestmark = pytest.mark.django_db


def deliver() -> None:
    """What is due is handed over."""
    for channel in ("sms", "email"):
        sending.deliver_due(channel)


def outcomes() -> list[tuple[str, str, str]]:
    rows = Delivery.objects.exclude(settled_at=None).order_by("id")
    return [(row.kind.removeprefix("appointment."), row.channel, row.outcome) for row in rows]


def due_now(kind: str = "reminder") -> None:
    """Its time has come."""
    moment = datetime.now(UTC) - timedelta(seconds=1)
    Delivery.objects.filter(kind=f"appointment.{kind}", settled_at=None).update(not_before=moment)


@pytest.fixture(autouse=True)
def _daytime(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests run at any hour, and reminders do not."""
    monkeypatch.setattr("referral.notices.texts.SENDING_HOURS", (time(0), time(23, 59, 59, 999999)))


def test_a_booking_is_confirmed_by_sms_in_the_sites_time_and_without_a_reason() -> None:
    clinic, ada = practice("Indian/Reunion"), account()
    booked = clinic.book(ada, "09:20", message="FA de découverte", patient=patient(phone="0692 12 34 56"))
    deliver()
    [message] = captured()
    assert (message.channel, message.to) == ("sms", "+262692123456")
    assert message.text.startswith("Rendez-vous confirmé lundi ")
    assert "à 09:20 (heure de La Réunion) avec Samir Belkhadra, 3 quai des Tanneurs, 35600 Redon" in message.text
    for word in ("Suivi", "cardiologie", "FA", "Marchandeau", "Odile", "Clinique", "Consultations"):
        assert word not in message.text
    assert booked.appointment.reason_name == "Suivi"


def test_a_patient_with_an_email_is_told_twice_with_a_subject_that_names_nobody() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20", patient=patient(email="odile@exemple.fr"))
    deliver()
    sms, mail = sorted(captured(), key=lambda one: one.channel, reverse=True)
    assert (sms.to, mail.to) == ("+33639984107", "odile@exemple.fr")
    assert mail.text == sms.text
    assert mail.subject.startswith("Rendez-vous confirmé : lundi ")
    assert "Belkhadra" not in mail.subject


def test_reminders_wait_for_their_time() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    deliver()
    assert Delivery.objects.filter(kind="appointment.reminder", settled_at=None).count() == 2
    due_now()
    deliver()
    texts = [message.text for message in captured()]
    assert [text.split(" ")[0] for text in texts] == ["Rendez-vous", "Rappel", "Rappel"]


def test_a_cancelled_visit_is_told_and_no_longer_reminded_of() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    cancel(ada, booked.appointment.id)
    due_now()
    deliver()
    [message] = captured()
    assert message.text.startswith("Votre rendez-vous du lundi ")
    assert "Hospitalisée" not in message.text
    kept = [("booked", "sms", "dropped"), *[("reminder", "sms", "dropped")] * 2, ("cancelled", "sms", "sent")]
    assert outcomes() == kept


def test_a_visit_that_is_over_is_not_reminded_of() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    deliver()
    begin()
    due_now()
    deliver()
    assert outcomes()[1:] == [("reminder", "sms", "dropped")] * 2


def test_a_reminder_that_was_held_up_until_the_night_waits_for_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic, ada = practice("Indian/Reunion"), account()
    clinic.book(ada, "09:20")
    deliver()
    wall = datetime.now(ZoneInfo("Indian/Reunion"))
    opens = (wall + timedelta(hours=1)).time()
    monkeypatch.setattr("referral.notices.texts.SENDING_HOURS", (opens, opens))
    due_now()
    deliver()
    assert len(captured()) == 1
    for row in Delivery.objects.filter(kind="appointment.reminder"):
        assert (row.attempts, row.settled_at) == (0, None)
        assert row.not_before.astimezone(wall.tzinfo).time() == opens


def test_a_visit_that_is_over_is_not_said_to_be_cancelled() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    cancel(ada, booked.appointment.id)
    begin()
    deliver()
    assert ("cancelled", "sms", "dropped") in outcomes()
    assert captured() == []


def test_a_patient_whose_details_cannot_be_opened_takes_nobody_else_along() -> None:
    clinic, ada = practice(), account()
    damaged = clinic.book(ada, "09:20").appointment.id
    clinic.book(ada, "09:40")
    row = Appointment.objects.select_related("patient").get(id=damaged)
    assert row.patient is not None
    row.patient.sealed = b"damaged"
    row.patient.save()
    deliver()
    assert [message.text[:22] for message in captured()] == ["Rendez-vous confirmé l"]
    assert Delivery.objects.get(subject=damaged, kind="appointment.booked").error == "patient_erased"


def test_many_notices_are_resolved_in_as_many_statements_as_one() -> None:
    clinic, ada = practice(), account()

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            deliver()
        return sum("referral_appointment" in one["sql"] or "datakey" in one["sql"] for one in found)

    clinic.book(ada, "09:00")
    one = statements()
    for at in ("09:20", "09:40", "10:00", "10:20"):
        clinic.book(ada, at)
    assert statements() == one


def cancel(by: Account, appointment: UUID) -> None:
    dispatch(by.actor, CancelAppointment(appointment=appointment, reason="Hospitalisée"))


def begin(minutes_ago: int = 60) -> None:
    """Every visit began so long ago, and took twenty minutes."""
    begun = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    ended = begun + timedelta(minutes=20)
    Appointment.objects.update(starts_at=begun, ends_at=ended, occupied=TimestamptzRange(begun, ended))


def waiting(clinic: Practice, caller: Account) -> Page:
    scope = Scope(caller.id, [clinic.organisation.id])
    return queries.waiting(caller.actor, scope, kinds.names(), 10, datetime.now(UTC))


def test_a_patient_who_cannot_be_reached_waits_for_the_organisation(gateway: SmsGateway) -> None:
    gateway.always(422)
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    deliver()
    [one] = waiting(clinic, clinic.practitioner).items
    assert (one.item.kind, one.item.subject) == ("patient.unreachable_by_sms", booked.appointment.id)
    assert (one.item.organisation, one.item.due_at) == (clinic.organisation.id, booked.appointment.start)
    assert one.description.data == {"agenda": clinic.agenda, "start": booked.appointment.start}
    assert one.description.abilities == ["settle"]
    [seen] = waiting(clinic, clinic.grant(account(), "read")).items
    assert seen.description.abilities == []
    for outsider in (ada, clinic.grant(account(), "busy")):
        assert waiting(clinic, outsider).items == []


def test_a_later_notice_that_arrives_settles_what_waited(gateway: SmsGateway) -> None:
    gateway.plan(422)
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    deliver()
    assert len(waiting(clinic, clinic.practitioner).items) == 1
    due_now()
    deliver()
    assert waiting(clinic, clinic.practitioner).items == []
    assert WorkItem.objects.get().outcome == "done"


def test_an_email_that_arrives_does_not_say_that_the_number_works(gateway: SmsGateway, settings: LazySettings) -> None:
    gateway.always(422)
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20", patient=patient(email="odile@exemple.fr"))
    sending.deliver_due("sms")
    settings.RELAIS_FAKE_DELIVERY = True
    sending.deliver_due("email")
    assert [message.channel for message in captured()] == ["email"]
    assert [one.item.kind for one in waiting(clinic, clinic.practitioner).items] == ["patient.unreachable_by_sms"]


def test_a_cancelled_visit_needs_no_call_unless_the_patient_does_not_learn_of_it(gateway: SmsGateway) -> None:
    gateway.always(422)
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    deliver()
    cancel(ada, booked.appointment.id)
    assert waiting(clinic, clinic.practitioner).items == []
    deliver()
    assert len(waiting(clinic, clinic.practitioner).items) == 1, "the patient does not know that it is off"


def test_a_visit_that_is_over_needs_no_call(gateway: SmsGateway) -> None:
    gateway.always(422)
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    deliver()
    assert WorkItem.objects.get().lapses_at == booked.appointment.end
    WorkItem.objects.update(lapses_at=clock.now())
    assert waiting(clinic, clinic.practitioner).items == []


def test_a_notice_that_fails_after_the_cancellation_leaves_no_work(gateway: SmsGateway) -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    [row] = queue.claim("sms", 1, clock.now())
    cancel(ada, booked.appointment.id)
    result = Result(id=row.id, claimed_until=row.until, attempts=row.attempts, outcome="failed", error="http_422")
    dispatch(SYSTEM, RecordDeliveries(results=[result]))
    assert not WorkItem.objects.exists()


def test_a_number_that_has_had_too_many_refuses_nobody_and_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_bounds, "TO_ONE_ADDRESS", 1)
    clinic, ada, grace = practice(), account(), account()
    clinic.book(ada, "09:20")
    deliver()
    booked = clinic.book(grace, "09:40")
    deliver()
    assert len(captured()) == 1
    [failed] = Delivery.objects.filter(outcome="failed")
    assert (failed.subject, failed.error) == (booked.appointment.id, "too_many_to_address")
    assert [one.item.subject for one in waiting(clinic, clinic.practitioner).items] == [booked.appointment.id]


def test_a_cancellation_counts_and_is_not_refused_but_beyond_the_bound_it_is_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(message_bounds, "BY_ONE_PERSON_TO_ONE_ADDRESS", 3)
    clinic, ada = practice(), account()
    first, second = (clinic.book(ada, clock).appointment.id for clock in ("09:20", "09:40"))
    cancel(ada, first)
    cancel(ada, second)
    states = dict(Delivery.objects.filter(kind="appointment.cancelled").values_list("subject", "error"))
    assert states == {first: "", second: "too_many_by_person"}
    deliver()
    assert [one.text.split(" ")[0] for one in captured()] == ["Votre"], "the first cancellation"
    assert [one.item.subject for one in waiting(clinic, clinic.practitioner).items] == [second]
    with pytest.raises(TooManyNotices):
        clinic.book(ada, "10:00")
