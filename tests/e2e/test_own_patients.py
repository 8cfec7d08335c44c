"""A patient's practitioners in the agenda, and the copy of it that its owner takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from relais_client import uuid7, wire
from tests.e2e.people import Demo, Desk
from tests.e2e.test_for_everyone import breaches
from tests.e2e.test_team import AGENDA, give, member

Seat = Callable[..., Desk]


def booked(demo: Demo, doctor: str, family_name: str) -> tuple[wire.AgendaWithReasons, date]:
    """A colleague refers a patient to this doctor: the agenda, and the day at the site."""
    referrer = demo.colleague()
    [agenda] = demo.ask(doctor, wire.ListAgendas()).agendas
    today = datetime.now(ZoneInfo(agenda.time_zone)).date()
    window = wire.FindSlots(agenda=agenda.id, from_=today, to=today + timedelta(days=14))
    slot = demo.ask(referrer, window).slots[0]
    hold = wire.HoldSlot(id=uuid7(), agenda=agenda.id, reason=slot.reason, start=slot.start)
    form = wire.PatientForm(
        civility="mme",
        first_names="Odile Marie",
        family_name=family_name,
        birth_date=date(1954, 3, 14),
        birth_place=wire.BirthPlace(country="FR", city="Ploërmel"),
        phone="06 39 98 42 17",
    )
    held = demo.ask(referrer, hold).hold
    booking = wire.BookReferral(id=uuid7(), hold=held, patient=form, seen_before=False)
    start = demo.ask(referrer, booking).appointment.start
    return agenda, start.astimezone(ZoneInfo(agenda.time_zone)).date()


def everybody_sees_their_own(owner: Desk, practice: str) -> None:
    """The owner decides that practitioners see their own patients alone."""
    owner.page.goto(f"/equipe/{practice}/fiche")
    owner.page.get_by_role("button", name="Modifier").first.click()
    dialog = owner.page.get_by_role("dialog")
    dialog.get_by_label("Chacun ne voit que ses patients").check()
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(dialog).to_have_count(0)


def test_who_supervises_sees_the_patient_and_the_owner_takes_a_copy_of_the_agenda(desk: Seat, demo: Demo) -> None:
    [owns, doctor, nurse] = demo.practice()
    agenda, day = booked(demo, doctor["email"], "KERSAUZON")
    owner, other = desk(owns["email"]), desk(nurse["email"], phone=True)
    member(owner, nurse["name"])
    give(owner, AGENDA, "Occupation")
    everybody_sees_their_own(owner, str(agenda.organisation))
    for here in (owner, other):
        here.page.goto(f"/agenda/{agenda.id}/{day}")
        expect(here.page.locator(".ev").first).to_be_visible()
    expect(other.page.locator(".ev", has_text="KERSAUZON")).to_have_count(0)
    expect(other.page.get_by_role("button", name="Exporter (CSV)")).to_have_count(0)

    owner.page.locator(".ev", has_text="KERSAUZON").click()
    dialog = owner.page.get_by_role("dialog")
    expect(dialog.locator(".who-cares li", has_text=doctor["name"])).to_contain_text("Principal")
    dialog.get_by_label("Praticien superviseur").select_option(label=nurse["name"])
    expect(dialog.locator(".who-cares li", has_text=nurse["name"])).to_contain_text("Superviseur")
    assert breaches(owner.page) == []
    dialog.get_by_role("button", name="Fermer").last.click()
    other.page.reload()
    other.page.locator(".ev", has_text="KERSAUZON").click()
    sheet = other.page.get_by_role("dialog")
    expect(sheet.locator(".who-cares li", has_text=nurse["name"])).to_contain_text("Superviseur")
    assert breaches(other.page) == []

    owner.page.get_by_role("button", name="Exporter (CSV)").click()
    dialog.get_by_label("Au, compris").fill("2020-01-01")
    expect(dialog.get_by_text(re.compile("La fin vient après le début"))).to_be_visible()
    dialog.get_by_label("Au, compris").fill(str(day))
    assert breaches(owner.page) == []
    with owner.page.expect_download() as download:
        dialog.get_by_role("button", name="Exporter", exact=True).click()
    table = Path(download.value.path()).read_text("utf-8")
    assert download.value.suggested_filename.endswith(f"{day}.csv")
    assert table.startswith("\ufeffstart;"), "without the mark Excel reads no accents"
    assert "KERSAUZON" in table
    expect(owner.page.get_by_text("1 rendez-vous exporté.").first).to_be_attached()
