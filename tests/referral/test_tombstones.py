"""A patient who is erased, or whose details do not open, harms nobody beside them: the day, search, lists, sync."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
import pytest

from identity.patients.models import Patient
from identity.patients.wire import CreatePatient, SearchPatients
from referral.referrals.models import Referral
from referral.referrals.wire import BookReferralResult, GetReferral, ListReferrals
from referral.scheduling.models import Appointment
from referral.scheduling.wire import CancelAppointment, GetDay
from server.kernel import vault
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import DataKey, Delivery
from server.kernel.wire import Command, stream_name
from server.kernel.wire.errors import NotFound
from server.kernel.wire.handshake import Sync
from tests.factories import Account, account
from tests.referral.practice import Practice, booking, join, monday, patient, practice

pytestmark = pytest.mark.django_db


def erase(who: UUID) -> None:
    vault.erase(f"p:{who}")


def damage_the_key(who: UUID) -> None:
    DataKey.objects.filter(owner=f"p:{who}").update(wrapped=b"damaged" * 9)
    vault.clear_cache()


def damage_what_is_sealed(who: UUID) -> None:
    Patient.objects.filter(id=who).update(sealed=b"\x01damaged")
    Referral.objects.filter(patient=who).update(sealed_message=b"\x01damaged")


def keep_another_shape(who: UUID) -> None:
    """As an older version may have kept it, before a rule of the form was made stricter."""
    sealed = vault.key_for_sealing(f"p:{who}").seal(b'{"civility":"other"}', "patient")
    Patient.objects.filter(id=who).update(sealed=sealed)
    Referral.objects.filter(patient=who).update(sealed_message=b"\x01damaged")


ways = pytest.mark.parametrize("lose", [erase, damage_the_key, damage_what_is_sealed, keep_another_shape])
Lose = Callable[[UUID], None]


@pytest.fixture
def clinic() -> Practice:
    return practice()


@pytest.fixture
def ada(clinic: Practice) -> Account:
    """A colleague of the practitioner: both sides of a booking see one record."""
    return join(account(), clinic.organisation)


def two_booked(clinic: Practice, ada: Account) -> tuple[BookReferralResult, BookReferralResult]:
    lost = clinic.book(ada, "09:00", message="FA de découverte")
    return lost, clinic.book(ada, "09:20", message="Contrôle", patient=patient(family_name="Guillou"))


def whose(booked: BookReferralResult) -> UUID:
    assert booked.referral.patient is not None
    return booked.referral.patient.id


@ways
def test_the_day_keeps_its_time_and_all_others(clinic: Practice, ada: Account, lose: Lose) -> None:
    lost, kept = two_booked(clinic, ada)
    lose(whose(lost))
    day = GetDay(agenda=clinic.agenda, from_=monday(), to=monday() + timedelta(days=1))
    first, second = dispatch(clinic.practitioner.actor, day).appointments
    assert (first.id, first.start, first.erased, first.patient) == (
        lost.appointment.id,
        clinic.start("09:00"),
        True,
        None,
    )
    assert (second.id, second.erased) == (kept.appointment.id, False)
    assert second.patient is not None


@ways
def test_a_search_names_it_beside_all_others(clinic: Practice, ada: Account, lose: Lose) -> None:
    lost = dispatch(ada.actor, CreatePatient(id=uuid7(), patient=patient())).patient.id
    kept = dispatch(ada.actor, CreatePatient(id=uuid7(), patient=patient(first_names="Rose"))).patient.id
    lose(lost)
    found = dispatch(ada.actor, SearchPatients(family_name="Marchandeau", birth_date=date(1954, 3, 14)))
    assert ([one.id for one in found.patients], found.erased) == ([kept], [lost])


@ways
def test_lists_of_referrals_show_it_and_all_others(clinic: Practice, ada: Account, lose: Lose) -> None:
    lost, kept = two_booked(clinic, ada)
    lose(whose(lost))
    sides: list[tuple[Account, Literal["made", "received"]]] = [(ada, "made"), (clinic.practitioner, "received")]
    for caller, side in sides:
        rows = dispatch(caller.actor, ListReferrals(side=side)).referrals
        shown = {one.id: (one.erased, one.patient is None, one.message) for one in rows}
        assert shown == {lost.referral.id: (True, True, None), kept.referral.id: (False, False, "Contrôle")}
    alone = dispatch(ada.actor, GetReferral(referral=lost.referral.id)).referral
    assert alone.appointment is not None
    assert (alone.erased, alone.appointment.erased, alone.state) == (True, True, "booked")


@ways
def test_sync_of_the_agenda_shows_it_in_full_and_masked(clinic: Practice, ada: Account, lose: Lose) -> None:
    lost, _ = two_booked(clinic, ada)
    busy = clinic.grant(account(), "busy")
    lose(whose(lost))
    for caller in (clinic.practitioner, busy):
        synced = dispatch(caller.actor, Sync(stream=stream_name("a", clinic.agenda), after=0)).events
        assert [one.erased for one in synced] == [False] * len(synced), "the appointments are there, and their times"
        booked = [msgspec.json.decode(one.data) for one in synced if one.type == "appointment.booked"]
        assert [one["start"][11:16] for one in booked] == ["09:00", "09:20"]
        if caller is clinic.practitioner:
            assert [one["appointment"].get("erased", False) for one in booked] == [True, False]


@ways
def test_the_visit_can_still_be_cancelled_and_nothing_more_is_written_about_them(
    clinic: Practice, ada: Account, lose: Lose
) -> None:
    lost, _ = two_booked(clinic, ada)
    lose(whose(lost))
    keys = DataKey.objects.filter(owner=f"p:{whose(lost)}").count()
    cancelled = dispatch(ada.actor, CancelAppointment(appointment=lost.appointment.id, reason="Guérie")).appointment
    assert (cancelled.state, cancelled.erased) == ("cancelled", True)
    assert Referral.objects.get(id=lost.referral.id).state == "cancelled"
    assert not Delivery.objects.filter(subject=lost.appointment.id, kind="appointment.cancelled").exists()
    assert DataKey.objects.filter(owner=f"p:{whose(lost)}").count() == keys


def test_a_cancellation_that_does_not_open_is_said_to_be_erased(clinic: Practice, ada: Account) -> None:
    lost, _ = two_booked(clinic, ada)
    dispatch(ada.actor, CancelAppointment(appointment=lost.appointment.id, reason="Guérie"))
    Appointment.objects.filter(id=lost.appointment.id).update(sealed_cancellation=b"\x01damaged")
    shown = dispatch(ada.actor, GetReferral(referral=lost.referral.id)).referral.appointment
    assert shown is not None
    assert (shown.erased, shown.cancellation, shown.patient is None) == (True, None, False)


@ways
def test_nobody_books_for_somebody_who_is_erased(clinic: Practice, ada: Account, lose: Lose) -> None:
    known = dispatch(ada.actor, CreatePatient(id=uuid7(), patient=patient())).patient.id
    lose(known)
    held = clinic.hold(ada, "09:00")
    with pytest.raises(NotFound):
        dispatch(ada.actor, booking(held.hold, patient=known))


@ways
def test_each_side_loses_its_own_record_alone(clinic: Practice, lose: Lose) -> None:
    grace = account()  # of no organisation: the clinic has a record of its own
    theirs_lost, own_lost = two_booked(clinic, grace)
    lose(Referral.objects.get(id=theirs_lost.referral.id).patient_id)
    lose(whose(own_lost))
    for caller, expected in (
        (grace, {theirs_lost.referral.id: (False, None), own_lost.referral.id: (True, "Contrôle")}),
        (clinic.practitioner, {theirs_lost.referral.id: (True, None), own_lost.referral.id: (False, "Contrôle")}),
    ):
        for referral, shown in expected.items():
            found = dispatch(caller.actor, GetReferral(referral=referral)).referral
            assert (found.patient is None, found.message) == shown
            assert found.erased is (found.patient is None or found.message is None)
            assert found.appointment is not None
            assert found.appointment.erased is (found.patient is None)


@ways
def test_nobody_is_booked_again_whose_record_the_other_side_has_lost(clinic: Practice, lose: Lose) -> None:
    grace = account()
    known = dispatch(grace.actor, CreatePatient(id=uuid7(), patient=patient())).patient.id
    clinic.book(grace, "09:00", patient=known)
    lose(Patient.objects.get(origin=known).id)
    held = clinic.hold(grace, "09:20")
    with pytest.raises(NotFound):
        dispatch(grace.actor, booking(held.hold, patient=known))


def test_a_patient_who_was_erased_is_not_written_down_again_by_a_retry(ada: Account) -> None:
    command = CreatePatient(id=uuid7(), patient=patient())
    dispatch(ada.actor, command)
    erase(command.id)
    with pytest.raises(NotFound):
        dispatch(ada.actor, command)
    assert not DataKey.objects.filter(owner=f"p:{command.id}").exists()


def test_reading_makes_no_key(clinic: Practice, ada: Account) -> None:
    lost, _ = two_booked(clinic, ada)
    erase(whose(lost))
    busy = clinic.grant(account(), "busy")
    before = set(DataKey.objects.values_list("owner", flat=True))
    day = GetDay(agenda=clinic.agenda, from_=monday(), to=monday() + timedelta(days=1))
    asked: list[tuple[Account, Command[Any]]] = [
        (clinic.practitioner, day),
        (ada, SearchPatients(family_name="Marchandeau", birth_date=date(1954, 3, 14))),
        (ada, ListReferrals()),
        (ada, GetReferral(referral=lost.referral.id)),
        (clinic.practitioner, Sync(stream=stream_name("a", clinic.agenda), after=0)),
        (busy, Sync(stream=stream_name("a", clinic.agenda), after=0)),
    ]
    for caller, command in asked:
        dispatch(caller.actor, command)
    assert set(DataKey.objects.values_list("owner", flat=True)) == before
