"""Searching the audit, and copies of it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.auditing import queries
from identity.auditing.wire import ExportAudit, SearchAudit
from identity.organisations.models import Organisation, Resource
from identity.organisations.wire_organisations import UpdateOrganisation
from identity.patients.wire import CreatePatient
from server.kernel import audit, spreadsheets, vault
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from tests.factories import Account, account
from tests.identity.organisations.people import Team, reason, team
from tests.referral.practice import patient

pytestmark = pytest.mark.django_db


def acts(who: Account, **asked: Any) -> list[str]:
    return [one.act for one in dispatch(who.actor, SearchAudit(**asked)).entries]


def moderator() -> Account:
    who = account()
    Person.objects.filter(pk=who.id).update(moderator_since=datetime.now(UTC))
    return replace(who, actor=acting(Person.objects.get(pk=who.id), who.session))


def read(here: Team, who: Account, *patients: Any) -> None:
    audit.record([audit.entry(who.actor, "patient.read", "", [one]) for one in patients])


def test_an_administrator_finds_what_was_done_in_their_organisation_and_nothing_else() -> None:
    here, there = team(), team()
    patient, other = uuid7(), uuid7()
    # One transaction may hold what people of two organisations did.
    audit.record(
        [
            audit.entry(here.practitioner.actor, "patient.read", "", [patient]),
            audit.entry(there.practitioner.actor, "patient.read", "", [other, patient]),
        ]
    )
    found = dispatch(here.administrator.actor, SearchAudit(organisation=here.id, act="patient.read"))
    [entry] = found.entries
    assert (entry.person, entry.about) == (here.practitioner.id, [str(patient)])
    assert found.names[str(here.practitioner.id)] == Person.objects.get(pk=here.practitioner.id).name
    assert reason(here.practitioner, SearchAudit(organisation=here.id)) == "forbidden"
    assert reason(there.owner, SearchAudit(organisation=here.id)) == "not_found"
    assert reason(here.owner, SearchAudit()) == "forbidden"


def test_entries_are_found_by_person_patient_act_and_time() -> None:
    here = team()
    patient, other = uuid7(), uuid7()
    read(here, here.practitioner, patient)
    read(here, here.secretary, other)
    delegated = replace(here.secretary.actor, on_behalf_of=here.practitioner.id)
    audit.record([audit.entry(delegated, "appointment.cancel", uuid7(), [patient])])

    def found(**asked: Any) -> list[str]:
        return acts(here.owner, organisation=here.id, **asked)

    assert found(patient=patient) == ["appointment.cancel", "patient.read"]
    assert found(person=here.practitioner.id) == ["appointment.cancel", "patient.read"]
    assert found(person=here.secretary.id, act="appointment.") == ["appointment.cancel"]
    assert found(patient=other, person=here.practitioner.id) == []
    now = datetime.now(UTC)
    assert found(after=now + timedelta(minutes=1), before=now + timedelta(minutes=2)) == []
    assert reason(here.owner, SearchAudit(organisation=here.id, after=now - timedelta(days=400))) == "invalid"


def test_what_concerns_the_organisation_itself_is_its_own_whoever_did_it() -> None:
    here = team()
    dispatch(here.owner.actor, UpdateOrganisation(organisation=here.id, access_rule="agenda_managers"))
    audit.record([audit.entry(account().actor, "refused", "", [here.id], command="member.update", reason="not_found")])
    found = dispatch(here.owner.actor, SearchAudit(organisation=here.id))
    assert {"organisation.rule", "organisation.update", "refused"} <= {one.act for one in found.entries}
    assert [one.refused for one in found.entries if one.act == "refused"] == [True]
    assert found.names[str(here.id)] == here.organisation.name


def test_pages_follow_each_other_without_a_gap_or_a_double() -> None:
    here = team()
    for _ in range(3):
        audit.record([audit.entry(here.owner.actor, "patient.read", "", [uuid7()]) for _ in range(5)])
    command = SearchAudit(organisation=here.id, act="patient.read", limit=4)
    seen: list[str] = []
    for _ in range(10):
        page = dispatch(here.owner.actor, command)
        seen += [one.about[0] for one in page.entries]
        if page.cursor is None:
            break
        command = SearchAudit(organisation=here.id, act="patient.read", limit=4, cursor=page.cursor)
    assert len(seen) == len(set(seen)) == 15


def test_a_page_that_shows_nothing_goes_on_behind_what_it_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    here = team()
    read(here, here.owner, uuid7())
    for _ in range(4):
        audit.record([audit.entry(here.owner.actor, "agenda.watch", uuid7())])
    monkeypatch.setattr(queries, "LINKS", 2)
    command = SearchAudit(organisation=here.id, act="patient.")
    pages = 0
    while not (page := dispatch(here.owner.actor, command)).entries:
        assert page.cursor is not None
        command = SearchAudit(organisation=here.id, act="patient.", cursor=page.cursor)
        pages += 1
    assert pages >= 1
    assert [one.act for one in page.entries] == ["patient.read"]


def test_patients_are_named_to_whom_their_record_is_open_and_are_initials_to_all_others() -> None:
    here = team()
    mine, other = (
        dispatch(by.actor, CreatePatient(id=uuid7(), patient=patient(family_name=name))).patient
        for by, name in ((here.owner, "Marchandeau"), (here.practitioner, "TRÉVIDIC"))
    )
    read(here, here.practitioner, mine.id, other.id)
    command = SearchAudit(organisation=here.id, act="patient.read")
    found = dispatch(here.owner.actor, command)
    assert found.patients == {str(mine.id): f"{mine.first_names} {mine.family_name}", str(other.id): "O. T."}
    # The entry itself keeps the id, and naming somebody is a reading like any other.
    assert found.names.get(str(mine.id)) is None
    newest = dispatch(here.owner.actor, command).entries[0]
    assert (newest.person, newest.about, newest.details["by"]) == (here.owner.id, [str(mine.id)], "audit")
    written = dispatch(here.owner.actor, ExportAudit(organisation=here.id, act="patient.read", format="csv")).text
    assert str(mine.id) in written
    assert mine.family_name not in written


def test_a_patient_who_is_erased_is_an_id() -> None:
    here = team()
    gone = dispatch(here.owner.actor, CreatePatient(id=uuid7(), patient=patient())).patient.id
    read(here, here.owner, gone)
    vault.erase(f"p:{gone}")
    found = dispatch(here.owner.actor, SearchAudit(organisation=here.id, act="patient.read"))
    assert (found.patients, found.entries[0].about) == ({}, [str(gone)])


def test_the_first_page_says_when_the_chain_was_looked_at_and_whether_it_was_sound() -> None:
    here = team()
    command = SearchAudit(organisation=here.id)
    assert dispatch(here.owner.actor, command).checked is None
    report = audit.verify()
    audit.note_check(report)
    checked = dispatch(here.owner.actor, command).checked
    assert checked is not None
    assert (checked.links, checked.sound) == (report.links, True)
    audit.note_check(replace(report, broken=["chain x link 3 does not follow link 2"]))
    last = dispatch(here.owner.actor, command).checked
    assert last is not None
    assert (last.sound, last.at > checked.at) == (False, True)
    for _ in range(2):
        read(here, here.owner, uuid7())
    first = dispatch(here.owner.actor, SearchAudit(organisation=here.id, limit=1))
    assert first.checked is not None
    assert dispatch(here.owner.actor, SearchAudit(organisation=here.id, limit=1, cursor=first.cursor)).checked is None


def test_what_a_moderator_decides_about_somebody_is_not_their_practice_s_to_read() -> None:
    here, person = team(), account(verified=False)
    audit.record(
        [
            audit.entry(here.practitioner.actor, "verification.opinion", person.id, [uuid7()], decision="refuse"),
            audit.entry(here.practitioner.actor, "patient.read", "", [uuid7()]),
        ]
    )
    assert acts(here.owner, organisation=here.id) == ["patient.read"]
    assert "verification.opinion" in acts(moderator())


def test_moderators_see_all() -> None:
    here, there = team(), team()
    read(here, here.owner, uuid7())
    read(there, there.owner, uuid7())
    everything = moderator()
    assert acts(everything, act="patient.read") == ["patient.read"] * 2
    assert acts(everything, act="patient.read", organisation=there.id) == ["patient.read"]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_copy_is_an_entry_itself_and_holds_no_formula(form: Any) -> None:
    here = team()
    Organisation.objects.filter(pk=here.id).update(name="=1+1")
    Person.objects.filter(pk=here.owner.id).update(first_name="@SUM", last_name="-x", title="")
    agenda = here.agenda()
    Resource.objects.filter(pk=agenda).update(name="+cmd|' /C calc'!A0")
    here.give(here.owner, here.secretary, agenda, "read")
    made = dispatch(here.owner.actor, ExportAudit(organisation=here.id, format=form))
    assert made.entries > 0
    if form == "csv":
        heading, *rows = list(csv.reader(io.StringIO(made.text), delimiter=";"))
        assert heading == list(queries.COLUMNS)
        assert len(rows) == made.entries
        assert not [cell for row in rows for cell in row if cell.startswith(spreadsheets.FORMULA)]
        assert any(cell == "'@SUM -x" for row in rows for cell in row)
    else:
        lines = [json.loads(line) for line in made.text.splitlines()]
        assert len(lines) == made.entries
        assert {"at", "act", "subject", "name"} <= lines[0].keys()
    assert "audit.exported" in acts(here.owner, organisation=here.id)


def test_a_copy_in_parts_is_whole_and_has_one_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    here = team()
    read(here, here.owner, *(uuid7() for _ in range(7)))
    monkeypatch.setattr(queries, "EXPORTED", 3)
    text, cursor = "", None
    while True:
        part = dispatch(
            here.owner.actor, ExportAudit(organisation=here.id, format="csv", act="patient.read", cursor=cursor)
        )
        text, cursor = text + part.text, part.cursor
        if cursor is None:
            break
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0] == list(queries.COLUMNS)
    assert len(rows) == 8
