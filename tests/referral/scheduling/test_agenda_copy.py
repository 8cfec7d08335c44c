"""A copy of an agenda: who takes one, what is in it, and that it is entered."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from identity.organisations.models import Membership
from identity.patients.models import Patient
from referral.scheduling.models import VisitReason
from referral.scheduling.queries import agenda_copy
from referral.scheduling.wire import CancelAppointment
from referral.scheduling.wire_agendas import AgendaExport, ExportAgenda
from server.kernel import vault
from server.kernel.dispatch import dispatch
from server.kernel.wire.errors import Refusal
from tests.factories import Account, account
from tests.referral.practice import Practice, join, monday, patient, practice

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def copy(here: Practice, by: Account, days: timedelta = WEEK, cursor: str | None = None) -> AgendaExport:
    command = ExportAgenda(agenda=here.agenda, from_=monday(), to=monday() + days, cursor=cursor)
    found: AgendaExport = dispatch(by.actor, command)
    return found


def refusal(here: Practice, by: Account, **how: Any) -> str | None:
    try:
        copy(here, by, **how)
    except Refusal as refused:
        return refused.reason
    return None


def member(here: Practice, function: str = "practitioner", **marks: Any) -> Account:
    who = join(account(), here.organisation, function)
    Membership.objects.filter(person=who.id).update(**marks)
    return who


def lines(*parts: AgendaExport) -> list[dict[str, str]]:
    text = "".join(part.text for part in parts)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_a_copy_is_for_who_may_read_the_agenda_and_was_let_take_data_out() -> None:
    here = practice()
    owner = member(here, "administrative", owner=True)
    administrator = member(here, "administrative", administrator=True)
    reads = here.grant(member(here), "read")
    both = here.grant(member(here, "secretary", may_export=True), "read")
    may_export = member(here, "secretary", may_export=True)
    sees_times = here.grant(member(here, "secretary", may_export=True), "busy")
    elsewhere = practice()
    owns_another = here.grant(member(elsewhere, owner=True, may_export=True), "read")
    assert [refusal(here, one) for one in (owner, both)] == [None, None]
    assert [refusal(here, one) for one in (here.practitioner, reads, sees_times, owns_another)] == ["forbidden"] * 4
    assert [refusal(here, one) for one in (administrator, may_export, elsewhere.practitioner)] == ["not_found"] * 3
    Membership.objects.filter(person=both.id).update(left_at="2026-01-01T00:00:00Z")
    assert refusal(here, both) == "forbidden"


def test_it_holds_each_visit_of_these_days_and_nothing_that_was_written_about_the_patient() -> None:
    here = practice()
    owner = member(here, "administrative", owner=True)
    kept = here.book(account(), "09:00", message="Un souffle au coeur")
    gone = here.book(account(), "09:20", patient=patient(family_name="Kerbiriou"))
    dispatch(owner.actor, CancelAppointment(appointment=gone.appointment.id, reason="Hospitalisée"))
    here.hold(account(), "10:00")
    here.book(account(), "09:00", day=monday() + WEEK)
    VisitReason.objects.filter(pk=here.short).update(name="=1+1")
    found = copy(here, owner)
    first, second = lines(found)
    assert (first["family_name"], first["birth_name"], first["birth_date"]) == (
        "Marchandeau",
        "Le Brizec",
        "1954-03-14",
    )
    assert (first["state"], first["reason"], first["seen_before"]) == ("booked", "'=1+1", "no")
    assert first["start"] == here.start("09:00").isoformat(timespec="minutes")
    assert (first["booked_by"], first["cancelled_at"]) == (kept.appointment.booked_by_name, "")
    assert (second["family_name"], second["state"]) == ("Kerbiriou", "cancelled")
    assert second["cancelled_at"]
    assert not {"souffle", "Hospitalisée"} & set(found.text.replace(";", " ").split())
    assert (found.appointments, found.cursor) == (2, None)
    assert lines(copy(here, owner, timedelta(days=8)))[2]["start"].startswith((monday() + WEEK).isoformat())


def test_parts_follow_each_other_and_make_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    here = practice()
    owner = member(here, "administrative", owner=True)
    for clock in ("09:00", "09:20", "09:40"):
        here.book(account(), clock)
    monkeypatch.setattr(agenda_copy, "ROWS_AT_ONCE", 2)
    first = copy(here, owner)
    second = copy(here, owner, cursor=first.cursor)
    assert (first.appointments, second.appointments, second.cursor) == (2, 1, None)
    clocks = [one["start"][11:16] for one in lines(first, second)]
    assert clocks == ["09:00", "09:20", "09:40"]


def test_a_year_at_most_and_a_patient_who_is_erased_leaves_the_time() -> None:
    here = practice()
    owner = member(here, "administrative", owner=True)
    here.book(account(), "09:00")
    assert refusal(here, owner, days=timedelta(days=366)) is None
    assert refusal(here, owner, days=timedelta(days=367)) == "invalid"
    record = Patient.objects.get(organisation=here.organisation)
    vault.erase(f"p:{record.pk}")
    [line] = lines(copy(here, owner))
    assert (line["state"], line["family_name"], line["phone"]) == ("booked", "", "")
