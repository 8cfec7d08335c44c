"""From a hold to an appointment, all or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from identity.patients.models import Patient
from identity.patients.wire import CreatePatient, SearchPatients
from referral.notices.refusals import TooManyNotices
from referral.referrals.models import Referral
from referral.referrals.wire import BookReferral, GetReferral, ListReferrals
from referral.scheduling.models import Appointment
from referral.scheduling.refusals import HoldExpired
from referral.scheduling.wire import CancelAppointment
from server.kernel import audit
from server.kernel.delivery import message_bounds
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.models import AuditLink, Delivery, StreamEvent
from server.kernel.wire import Command, stream_name
from server.kernel.wire.errors import IdTaken, Invalid, InvalidState, NotFound
from team.conversations.models import Message
from team.messages.wire import GetHistory
from tests.factories import Account, account, direct, group
from tests.referral.practice import booking, expire, monday, patient, practice

pytestmark = pytest.mark.django_db


def nothing_was_written() -> bool:
    return not (Referral.objects.exists() or Patient.objects.exists() or Delivery.objects.exists()) and not (
        Message.objects.exists() or Appointment.objects.filter(state="booked").exists()
    )


def types(stream: str) -> list[str]:
    return list(StreamEvent.objects.filter(stream=stream).order_by("seq").values_list("type", flat=True))


def history(caller: Account, conversation: UUID | None) -> list[str]:
    assert conversation is not None
    found = dispatch(caller.actor, GetHistory(conversation=conversation))
    return [message.body for message in found.messages]


def test_one_transaction_makes_the_appointment_the_referral_and_the_message() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20", message="FA de découverte, merci pour l'écho.")
    assert booked.appointment.start == clinic.start("09:20")
    assert (booked.appointment.state, booked.referral.state) == ("booked", "booked")
    assert booked.appointment.patient is not None
    assert booked.appointment.patient.family_name == "Marchandeau"
    assert booked.appointment.patient.phone == "+33639984107"
    assert booked.referral.practitioner == clinic.practitioner.id
    assert history(clinic.practitioner, booked.referral.conversation) == ["FA de découverte, merci pour l'écho."]
    assert types(stream_name("a", clinic.agenda))[-2:] == ["slot.held", "appointment.booked"]
    for person in (ada, clinic.practitioner):
        assert types(stream_name("i", person.id))[-1] == "referral.booked"


def test_the_hold_becomes_the_appointment() -> None:
    clinic, ada = practice(), account()
    held = clinic.hold(ada, "09:20")
    booked = dispatch(ada.actor, booking(held.hold))
    assert booked.appointment.id == held.hold
    assert "09:20" not in clinic.free(account())


def test_a_retry_has_one_effect_and_the_same_answer() -> None:
    clinic, ada = practice(), account()
    command = booking(clinic.hold(ada, "09:20").hold, message="Une fois")
    first = dispatch(ada.actor, command)
    again = dispatch(ada.actor, command)
    assert again == first
    assert Referral.objects.count() == Message.objects.count() == 1
    assert Patient.objects.count() == 2  # the referrer's and the addressee's


def test_an_id_cannot_stand_for_another_booking() -> None:
    clinic, ada, grace = practice(), account(), account()
    command = booking(clinic.hold(ada, "09:20").hold)
    dispatch(ada.actor, command)
    other = booking(clinic.hold(ada, "09:40").hold, id=command.id)
    for caller, request in ((ada, other), (grace, command)):
        with pytest.raises(IdTaken):
            dispatch(caller.actor, request)


def test_a_hold_that_has_expired_is_not_booked() -> None:
    clinic, ada = practice(), account()
    held = clinic.hold(ada, "09:20")
    expire(held.hold)
    with pytest.raises(HoldExpired):
        dispatch(ada.actor, booking(held.hold))
    assert nothing_was_written()


def test_a_hold_that_expires_while_it_is_confirmed_is_not_booked(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic, ada = practice(), account()
    held = clinic.hold(ada, "09:20")
    expire(held.hold)
    # The transaction's own clock stood still before the end of the hold; the database's did not.
    begun = datetime.now(UTC) - timedelta(seconds=10)
    monkeypatch.setattr("server.kernel.dispatch.now", lambda: begun)
    with pytest.raises(HoldExpired):
        dispatch(ada.actor, booking(held.hold))
    assert nothing_was_written()


def test_a_hold_is_booked_once() -> None:
    clinic, ada = practice(), account()
    held = clinic.hold(ada, "09:20")
    dispatch(ada.actor, booking(held.hold))
    with pytest.raises(InvalidState):
        dispatch(ada.actor, booking(held.hold))


def test_nobody_books_the_hold_of_another() -> None:
    clinic, ada, grace = practice(), account(), account()
    held = clinic.hold(ada, "09:20")
    for hold in (held.hold, uuid7()):
        with pytest.raises(NotFound):
            dispatch(grace.actor, booking(hold))


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"phone": "112"}, "$.params.patient.phone"),
        ({"phone": "0800 123 456"}, "$.params.patient.phone"),
        ({"phone": "02 99 12 34 56"}, "$.params.patient.email"),
        ({"phone": "+32 470 12 34 56"}, "$.params.patient.email"),
        ({"birth_date": date(2100, 1, 1)}, "$.params.patient.birth_date"),
        ({"birth_date": date(1850, 1, 1)}, "$.params.patient.birth_date"),
        ({"first_names": "R2D2"}, "$.params.patient.first_names"),
        ({"ins": "279035121518988"}, "$.params.patient.ins"),
        ({"postal_code": "356"}, "$.params.patient.postal_code"),
    ],
)
def test_a_form_that_cannot_be_right_is_refused_and_leaves_the_hold(fields: dict[str, Any], path: str) -> None:
    clinic, ada = practice(), account()
    held = clinic.hold(ada, "09:20")
    with pytest.raises(Invalid) as refusal:
        dispatch(ada.actor, booking(held.hold, patient=patient(**fields)))
    assert refusal.value.data["path"] == path
    assert nothing_was_written()
    dispatch(ada.actor, booking(held.hold))


def test_a_patient_abroad_is_told_by_mail_or_by_sms_where_it_is_sent(settings: Settings) -> None:
    clinic, ada = practice(), account()
    abroad = {"phone": "+32 470 12 34 56", "email": "odile@exemple.be"}
    clinic.book(ada, "09:20", patient=patient(**abroad))
    assert set(Delivery.objects.values_list("channel", flat=True)) == {"email"}
    settings.RELAIS_SMS_COUNTRIES = frozenset({"BE"})
    clinic.book(ada, "09:40", patient=patient(phone="+32 470 12 34 56"))
    assert set(Delivery.objects.values_list("channel", flat=True)) == {"email", "sms"}


@pytest.mark.parametrize(
    ("form", "other", "bound"),
    [
        ({"phone": "06 39 98 41 07"}, {"phone": "06 39 98 41 08"}, "sms_to_number"),
        (
            {"phone": "02 99 12 34 56", "email": "odile@exemple.fr"},
            {"phone": "02 99 12 34 56", "email": "armel@exemple.fr"},
            "mail_to_address",
        ),
    ],
)
def test_one_message_too_many_of_a_persons_doing_is_refused_to_them_alone(
    form: dict[str, str], other: dict[str, str], bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_bounds, "BY_ONE_PERSON_TO_ONE_ADDRESS", 1)
    clinic, ada, grace = practice(), account(), account()
    booked = booking(clinic.hold(ada, "09:20").hold, patient=patient(**form))
    dispatch(ada.actor, booked)
    held = clinic.hold(ada, "10:00")
    written = Delivery.objects.count()
    with pytest.raises(TooManyNotices) as refused:
        dispatch(ada.actor, booking(held.hold, patient=patient(**form)))
    assert refused.value.data["bound"] == bound
    assert 0 < int(str(refused.value.data["retry_after"])) <= 3600
    assert Delivery.objects.count() == written
    assert dispatch(ada.actor, booked).referral.id == booked.id, "the same request again is answered"
    clinic.book(grace, "09:40", patient=patient(**form))
    dispatch(ada.actor, booking(held.hold, patient=patient(**other)))


def test_tomorrow_is_judged_by_the_sites_clocks() -> None:
    clinic, ada = practice(), account()
    today = clinic.today()
    with pytest.raises(Invalid):
        clinic.book(ada, "09:20", patient=patient(birth_date=today + timedelta(days=1)))
    clinic.book(ada, "09:40", patient=patient(birth_date=today))


def test_a_landline_with_an_email_is_enough() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20", patient=patient(phone="02 99 12 34 56", email="odile@exemple.fr"))
    assert set(Delivery.objects.values_list("channel", flat=True)) == {"email"}


def test_a_known_patient_is_booked_by_their_id() -> None:
    clinic, ada = practice(), account()
    known = dispatch(ada.actor, CreatePatient(id=uuid7(), patient=patient())).patient
    booked = clinic.book(ada, "09:20", patient=known.id)
    assert booked.referral.patient == known
    assert Patient.objects.filter(origin=None).get().id == known.id


def test_a_patient_whom_the_caller_may_not_read_is_not_found() -> None:
    clinic, ada, grace = practice(), account(), account()
    unknown = dispatch(grace.actor, CreatePatient(id=uuid7(), patient=patient())).patient.id
    held = clinic.hold(ada, "09:20")
    for wanted in (unknown, uuid7()):
        with pytest.raises(NotFound):
            dispatch(ada.actor, booking(held.hold, patient=wanted))


def test_the_message_goes_to_the_conversation_that_was_named() -> None:
    clinic, ada, grace = practice(), account(), account()
    conversation = group(ada, clinic.practitioner, grace)
    booked = clinic.book(ada, "09:20", message="Comme convenu", conversation=conversation)
    assert booked.referral.conversation == conversation
    assert history(grace, conversation) == ["Comme convenu"]


def test_a_conversation_without_the_practitioner_does_not_hear_of_the_patient() -> None:
    clinic, ada, grace = practice(), account(), account()
    conversation = group(ada, grace)
    booked = clinic.book(ada, "09:20", message="Pour le cardiologue", conversation=conversation)
    assert history(grace, conversation) == []
    assert booked.referral.conversation == direct(ada, clinic.practitioner)
    assert history(clinic.practitioner, booked.referral.conversation) == ["Pour le cardiologue"]


def test_only_members_are_led_to_the_conversation_of_a_referral() -> None:
    clinic, ada = practice(), account()
    secretary = clinic.grant(account(), "read")
    booked = clinic.book(ada, "09:20", message="Comme convenu")
    for reader, shown in ((ada, True), (clinic.practitioner, True), (secretary, False)):
        one = dispatch(reader.actor, GetReferral(referral=booked.referral.id))
        assert (one.referral.conversation == booked.referral.conversation) == shown
        command = ListReferrals(side="made" if reader is ada else "received")
        [listed] = dispatch(reader.actor, command).referrals
        assert (listed.conversation is not None) == shown


def test_a_conversation_of_others_is_not_found() -> None:
    clinic, ada, grace, alan = practice(), account(), account(), account()
    held = clinic.hold(ada, "09:20")
    for conversation in (group(grace, alan), uuid7()):
        with pytest.raises(NotFound):
            dispatch(ada.actor, booking(held.hold, conversation=conversation))


def test_without_a_message_the_practitioner_still_learns_of_it() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    [text] = history(clinic.practitioner, booked.referral.conversation)
    assert text.startswith("Patient adressé : rendez-vous lundi ")
    assert "Marchandeau" not in text


def test_a_practitioner_books_their_own_patient_without_writing_to_themselves() -> None:
    clinic = practice()
    booked = clinic.book(clinic.practitioner, "09:20", message="Revoir le traitement")
    assert booked.referral.message == "Revoir le traitement"
    assert not Message.objects.exists()


def test_a_batch_books_each_by_itself() -> None:
    clinic, ada, grace = practice(), account(), account()
    good, expired = clinic.hold(ada, "09:20"), clinic.hold(ada, "09:40")
    expire(expired.hold)
    command = booking(good.hold)
    calls = [
        Call(ada.actor, command),
        Call(ada.actor, booking(expired.hold)),
        Call(ada.actor, booking(good.hold)),
        Call(grace.actor, booking(good.hold)),
        Call(ada.actor, command),
    ]
    links = AuditLink.objects.count()
    outcomes, _ = dispatch_batch(calls)
    assert AuditLink.objects.count() == links + 1  # one transaction
    refusals = [type(outcome.refused) for outcome in outcomes]
    assert refusals == [type(None), HoldExpired, InvalidState, NotFound, type(None)]
    assert outcomes[0].result == outcomes[4].result
    assert Referral.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_bookings_of_a_batch_take_a_constant_number_of_statements() -> None:
    clinic, ada = practice(), account()
    direct(ada, clinic.practitioner)

    def calls(day: int, clocks: list[str]) -> list[Call[BookReferral]]:
        when = monday() + timedelta(days=day)
        return [Call(ada.actor, booking(clinic.hold(ada, clock, day=when).hold)) for clock in clocks]

    dispatch_batch(calls(0, ["09:00"]))
    few = statements(calls(1, ["09:00"]))
    many = statements(calls(2, ["09:00", "09:20", "09:40"]))
    assert many == few


def statements(calls: list[Call[BookReferral]]) -> int:
    with CaptureQueriesContext(connection) as captured:
        outcomes, _ = dispatch_batch(calls)
    assert all(outcome.refused is None for outcome in outcomes)
    return len(captured)


def test_a_referral_is_read_by_both_sides_and_by_nobody_else() -> None:
    clinic, ada, outsider = practice(), account(), account()
    booked = clinic.book(ada, "09:20", message="Merci")
    secretary = clinic.grant(account(), "read")
    for caller in (ada, clinic.practitioner, secretary):
        assert dispatch(caller.actor, GetReferral(referral=booked.referral.id)).referral.message == "Merci"
    for caller in (outsider, clinic.grant(account(), "busy")):
        with pytest.raises(NotFound):
            dispatch(caller.actor, GetReferral(referral=booked.referral.id))


def test_referrals_are_listed_by_side_the_newest_first_in_pages() -> None:
    clinic, ada = practice(), account()
    made = [clinic.book(ada, clock).referral.id for clock in ("09:00", "09:20", "09:40")]
    first = dispatch(ada.actor, ListReferrals(limit=2))
    rest = dispatch(ada.actor, ListReferrals(limit=2, cursor=first.cursor))
    assert [one.id for one in (*first.referrals, *rest.referrals)] == made[::-1]
    assert rest.cursor is None
    received = dispatch(clinic.practitioner.actor, ListReferrals(side="received")).referrals
    assert [one.id for one in received] == made[::-1]
    assert dispatch(ada.actor, ListReferrals(side="received")).referrals == []
    for cursor in ("zz", "AAAA", "===="):
        with pytest.raises(Invalid):
            dispatch(ada.actor, ListReferrals(cursor=cursor))


def test_every_reading_of_a_patient_is_in_the_audit() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    AuditLink.objects.all().delete()
    audit.chain.start_new_chain()
    readings: list[Command[Any]] = [
        GetReferral(referral=booked.referral.id),
        ListReferrals(),
        SearchPatients(family_name="marchandeau", birth_date=date(1954, 3, 14)),
    ]
    for command in readings:
        dispatch(ada.actor, command)
    entries = [link.entries for link in AuditLink.objects.order_by("at")]
    assert len(entries) == len(readings)
    shown = booked.referral.patient
    assert shown is not None
    assert all('"patient.read"' in entry and str(shown.id) in entry for entry in entries)
    assert not any("archandeau" in entry for entry in entries)


def test_nothing_about_a_patient_is_stored_in_the_clear() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20", message="FA de découverte")
    dispatch(ada.actor, CancelAppointment(appointment=booked.appointment.id, reason="Hospitalisée entre-temps"))
    tables = [table for table in connection.introspection.table_names() if "_" in table]
    secrets = ["archandeau", "Brizec", "39984107", "39 98 41", "1954-03-14", "découverte", "Hospitalisée"]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows = [row[0] for row in cursor.fetchall()]
            for row in rows:
                for secret in secrets:
                    assert secret not in row, table
                    assert secret.encode().hex() not in row, table
