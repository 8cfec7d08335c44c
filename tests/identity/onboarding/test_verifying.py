"""From a document to a verified account: asked of the provider outside any transaction, and again whatever fails."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import ANY

import pytest
from django.db import connection
from django.test import Client
from msgspec.structs import replace

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.onboarding import steps
from identity.onboarding.models import ProviderNotice, Verification
from identity.onboarding.onfido import Onfido as Adapter
from identity.onboarding.onfido import configured, read_document
from identity.onboarding.wire import (
    GetVerification,
    StartVerification,
    VerificationView,
    WithdrawVerification,
)
from server.kernel import dispatch as dispatch_module
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import AuditLink, DataKey
from server.kernel.wire.errors import Forbidden, IdTaken, InvalidState, RateLimited
from tests.identity.conftest import MakePerson
from tests.identity.onboarding.conftest import ROZENN, RPPS, Later, mails, take_steps
from tests.stand_ins.onfido import Onfido, notice, sign

pytestmark = pytest.mark.django_db


def start(person: Person) -> str:
    """Begins, lets the provider be asked, and returns the page's path."""
    url = dispatch(acting(person), StartVerification(id=uuid7(), by="document")).url
    take_steps()
    return url.removeprefix("http://localhost:8000")


def state(person: Person) -> VerificationView:
    return dispatch(acting(Person.objects.get(pk=person.pk)), GetVerification()).verification


def told(body: bytes, signature: str) -> int:
    client = Client(headers={"host": "localhost:8000"})
    headers = {"x-sha2-signature": signature}
    return client.post("/webhooks/onfido", body, "application/json", headers=headers).status_code


def test_from_the_document_to_the_badge(rozenn: Person, onfido: Onfido) -> None:
    assert (state(rozenn).state, state(rozenn).may_retry) == ("none", True)
    path = start(rozenn)
    assert (state(rozenn).state, state(rozenn).may_retry) == ("awaiting_person", False)
    page = Client(headers={"host": "localhost:8000"}).get(path)
    assert page.status_code == 302
    assert page["Location"].endswith(onfido.runs[-1])
    link = onfido.bodies[1]["link"]
    assert (link["language"], link["completed_redirect_url"]) == ("fr_FR", "http://localhost:8000/verification")
    run = onfido.end(document=ROZENN)
    assert told(*notice(run)) == 200
    take_steps()
    proven = Person.objects.get(pk=rozenn.pk)
    assert (proven.verification_method, proven.verification_evidence) == ("document", run)
    assert (proven.national_id, proven.title, proven.profession) == (f"8{RPPS}", "Dr", "Médecin")
    assert state(rozenn).state == "verified"
    assert [mail.subject for mail in mails()] == ["Votre identité est vérifiée"]
    acts = [one["act"] for text in AuditLink.objects.values_list("entries", flat=True) for one in json.loads(text)]
    assert "verification.accepted" in acts


def test_the_provider_is_asked_with_no_transaction_open(
    rozenn: Person, onfido: Onfido, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_before = len(connection.savepoint_ids)
    seen: list[int] = []
    really = Adapter.begin

    def begin(self: Adapter, *arguments: Any) -> Any:
        seen.append(len(connection.savepoint_ids))
        return really(self, *arguments)

    monkeypatch.setattr(Adapter, "begin", begin)
    start(rozenn)
    assert seen == [open_before]


def test_sent_twice_it_is_begun_once(rozenn: Person, onfido: Onfido) -> None:
    command = StartVerification(id=uuid7(), by="document")
    first, again = (dispatch(acting(rozenn), command) for _ in range(2))
    # The address of the page bears the second at which it was given out.
    assert replace(first.verification, url=None) == replace(again.verification, url=None)
    assert Verification.objects.count() == 1
    with pytest.raises(InvalidState):
        dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))


def test_an_id_is_one_persons(rozenn: Person, make_person: MakePerson, onfido: Onfido) -> None:
    command = StartVerification(id=uuid7(), by="document")
    dispatch(acting(rozenn), command)
    with pytest.raises(IdTaken):
        dispatch(acting(make_person(verified=False)), command)


def test_who_may_not_begin(rozenn: Person, make_person: MakePerson, onfido: Onfido, settings: Any) -> None:
    unconfirmed = make_person("Nouvelle", verified=False, email_confirmed_at=None)
    with pytest.raises(Forbidden):
        dispatch(acting(unconfirmed), StartVerification(id=uuid7(), by="document"))
    with pytest.raises(InvalidState):
        dispatch(acting(make_person("Prouvée")), StartVerification(id=uuid7(), by="document"))
    struck = make_person("Radiée", verified=False, withdrawn_reason="struck_off")
    with pytest.raises(InvalidState):
        dispatch(acting(struck), StartVerification(id=uuid7(), by="document"))
    assert (state(struck).state, state(struck).reason, state(struck).may_retry) == ("refused", "struck_off", False)
    settings.RELAIS_ONFIDO_TOKEN = ""
    with pytest.raises(InvalidState) as refused:
        dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))
    assert refused.value.data["state"] == "not_offered"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({**ROZENN, "last_name": "KERJEAN"}, "last_name_differs"),
        ({**ROZENN, "last_name": "KERJEAN", "spouse_name": "TADVILLIERS"}, "last_name_close"),
        ({**ROZENN, "first_name": "MAËL", "middle_name": ""}, "first_names_differ"),
        ({**ROZENN, "first_name": "", "middle_name": ""}, "nothing_read"),
        ({}, "nothing_read"),
    ],
)
def test_what_does_not_agree_goes_to_review(
    rozenn: Person, onfido: Onfido, document: dict[str, str], reason: str
) -> None:
    start(rozenn)
    told(*notice(onfido.end(document=document)))
    take_steps()
    assert (state(rozenn).state, state(rozenn).reason) == ("in_review", reason)
    assert Person.objects.get(pk=rozenn.pk).verified_at is None


@pytest.mark.parametrize(("claimed", "reason"), [(None, "no_register_entry"), ("810101010101", "entry_not_found")])
def test_without_an_entry_of_the_register_people_decide(
    rozenn: Person, onfido: Onfido, claimed: str | None, reason: str
) -> None:
    Person.objects.filter(pk=rozenn.pk).update(claimed_id=claimed)
    start(rozenn)
    told(*notice(onfido.end(document=ROZENN)))
    take_steps()
    assert (state(rozenn).state, state(rozenn).reason) == ("in_review", reason)


def test_another_profession_than_the_registers_is_for_people_to_look_at(rozenn: Person, onfido: Onfido) -> None:
    Person.objects.filter(pk=rozenn.pk).update(profession="Pharmacien", speciality="")
    start(rozenn)
    told(*notice(onfido.end(document=ROZENN)))
    take_steps()
    assert state(rozenn).reason == "profession_differs"


def test_of_two_who_claim_one_number_the_second_goes_to_review(
    rozenn: Person, make_person: MakePerson, onfido: Onfido
) -> None:
    twin = make_person("Jumelle", verified=False, claimed_id=f"8{RPPS}", profession="Médecin")
    Person.objects.filter(pk=twin.pk).update(first_name="Rozenn", last_name="Tadvilliers")
    for person in (rozenn, twin):
        start(person)
    for run in onfido.runs:
        told(*notice(onfido.end(document=ROZENN, at=onfido.runs.index(run))))
    take_steps()
    assert sorted((state(one).state, state(one).reason) for one in (rozenn, twin)) == [
        ("in_review", "number_taken"),
        ("verified", ANY),
    ]
    assert Person.objects.filter(national_id=f"8{RPPS}").count() == 1


def test_three_declined_documents_and_people_look(rozenn: Person, onfido: Onfido) -> None:
    for attempt in (1, 2):
        start(rozenn)
        told(*notice(onfido.end("declined")))
        take_steps()
        shown = state(rozenn)
        assert (shown.state, shown.reason, shown.attempt) == ("awaiting_person", "document_declined", attempt)
        assert shown.may_retry
        assert shown.url is None
    start(rozenn)
    told(*notice(onfido.end("declined")))
    take_steps()
    assert (state(rozenn).state, state(rozenn).may_retry) == ("in_review", False)
    assert len(onfido.applicants) == 1, "what earlier attempts left is erased"


@pytest.mark.parametrize("status", ["abandoned", "error"])
def test_what_the_provider_spoils_is_not_counted(rozenn: Person, onfido: Onfido, status: str) -> None:
    for _ in range(4):
        start(rozenn)
        told(*notice(onfido.end(status)))
        take_steps()
    assert (state(rozenn).state, state(rozenn).attempt) == ("awaiting_person", 1)


def test_five_runs_of_one_person_in_a_day(rozenn: Person, onfido: Onfido, later: Later) -> None:
    for _ in range(5):
        start(rozenn)
        told(*notice(onfido.end("abandoned")))
        take_steps()
    with pytest.raises(RateLimited):
        dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))
    later(hours=24)
    start(rozenn)


def test_without_any_notice_the_provider_is_asked_by_itself(rozenn: Person, onfido: Onfido, later: Later) -> None:
    start(rozenn)
    onfido.end(document=ROZENN)
    assert take_steps() == 0
    later(minutes=2)
    assert take_steps() == 1
    assert state(rozenn).state == "verified"


def test_it_is_asked_more_and_more_seldom_and_once_an_hour_at_least(
    rozenn: Person, onfido: Onfido, later: Later
) -> None:
    start(rozenn)
    asked = 0
    for _ in range(24 * 6):
        later(minutes=10)
        asked += take_steps()
    assert 24 <= asked <= 32


def test_a_page_that_nobody_visits_closes_after_a_week_and_can_be_opened_again(
    rozenn: Person, onfido: Onfido, later: Later
) -> None:
    start(rozenn)
    later(days=7, minutes=1)
    take_steps()
    assert (state(rozenn).state, state(rozenn).reason) == ("awaiting_person", "expired")
    start(rozenn)
    assert state(rozenn).url is not None


def test_notices_come_doubled_late_out_of_order_and_about_others(rozenn: Person, onfido: Onfido) -> None:
    start(rozenn)
    run = onfido.runs[-1]
    assert told(*notice(str(uuid7()))) == 200
    for _ in range(3):
        told(*notice(run, "workflow_run.completed"))
    assert ProviderNotice.objects.count() == 2
    take_steps()
    assert state(rozenn).state == "awaiting_person", "the notice says approved, and the provider does not"
    onfido.end(document=ROZENN)
    told(*notice(run, completed_at_iso8601="2026-11-26T11:00:00Z"))
    take_steps()
    assert state(rozenn).state == "verified"
    told(*notice(run, "workflow_run.started", status="processing", completed_at_iso8601=""))
    take_steps()
    assert state(rozenn).state == "verified"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"payload": 1}', b'{"payload": {"object": {"id": 1}}}', b"\xff\xfe", b'"\\ud800"'],
)
def test_a_signed_notice_that_says_nothing_is_taken_and_does_nothing(
    rozenn: Person, onfido: Onfido, body: bytes
) -> None:
    assert told(body, sign(body)) == 200
    assert not ProviderNotice.objects.exists()


def test_an_unsigned_notice_is_nobodys(rozenn: Person, onfido: Onfido, settings: Any) -> None:
    start(rozenn)
    run = onfido.end(document=ROZENN)
    body, _ = notice(run)
    for wrong in ("", "0" * 64, sign(body, "another token"), sign(body + b" ")):
        assert told(body, wrong) == 401
    settings.RELAIS_ONFIDO_WEBHOOK_TOKEN = ""
    assert told(body, sign(body, "")) == 401
    assert take_steps() == 0


@pytest.mark.parametrize("failure", [None, 500, 503, 401, 422, 400])
def test_whatever_fails_is_asked_again_with_the_same_applicant(
    rozenn: Person, onfido: Onfido, later: Later, failure: int | None
) -> None:
    dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))
    onfido.failures = [failure]
    take_steps()
    assert state(rozenn).state == "pending"
    later(seconds=15)
    take_steps()
    assert state(rozenn).state == "awaiting_person"
    assert len(onfido.applicants) == 1


def test_an_applicant_is_made_once_when_the_run_fails(rozenn: Person, onfido: Onfido, later: Later) -> None:
    dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))
    provider = configured()
    [claimed] = steps.claim(dispatch_module.now())
    applicant = provider.applicant("Rozenn", "Tadvilliers", rozenn.email)
    onfido.failures = [500]
    record = steps.ask(provider, claimed._replace(applicant=applicant))
    assert (record.applicant, record.failed) == (applicant, "status_500")
    dispatch(SYSTEM, record)
    later(seconds=15)
    take_steps()
    assert onfido.applicants == [f"applicant:{applicant}"]


def test_an_outage_of_hours_loses_nothing_and_who_waited_is_told(rozenn: Person, onfido: Onfido, later: Later) -> None:
    url = dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document")).url
    browser = Client(headers={"host": "localhost:8000"})
    path = url.removeprefix("http://localhost:8000")
    assert "prépare" in browser.get(path).content.decode()
    asked = 0
    for _ in range(36):
        onfido.failures = [503, 503]
        asked += take_steps()
        later(minutes=10)
    assert 8 <= asked <= 20, "asked less and less often"
    assert (state(rozenn).state, state(rozenn).reason) == ("pending", "provider_unreachable")
    assert "ne répond pas" in browser.get(path).content.decode()
    onfido.failures = []
    later(hours=1)
    take_steps()
    assert state(rozenn).state == "awaiting_person"
    assert [mail.subject for mail in mails()] == ["Vous pouvez reprendre votre vérification"]
    assert browser.get(path).status_code == 302


def test_who_asks_too_often_waits_as_long_as_the_provider_says(rozenn: Person, onfido: Onfido) -> None:
    dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))
    onfido.failures, onfido.headers = [429], {"Retry-After": "300"}
    take_steps()
    row = Verification.objects.get()
    assert row.step_at is not None
    assert (row.step_at - row.created_at).total_seconds() >= 300


def test_a_run_that_the_provider_lost_is_begun_again_by_the_person(rozenn: Person, onfido: Onfido) -> None:
    start(rozenn)
    told(*notice(onfido.runs[-1]))
    onfido.store.clear()
    take_steps()
    assert (state(rozenn).reason, state(rozenn).may_retry) == ("provider_failed", True)


def test_an_answer_under_a_claim_that_expired_says_nothing(rozenn: Person, onfido: Onfido, later: Later) -> None:
    dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))
    [slow] = steps.claim(dispatch_module.now())
    assert take_steps() == 0, "claimed rows are passed over"
    late = steps.ask(configured(), slow)
    later(seconds=91)
    take_steps()
    row = Verification.objects.get()
    dispatch(SYSTEM, late)
    assert Verification.objects.get().run == row.run != late.run


def test_a_consent_taken_back_erases_what_the_provider_has(rozenn: Person, onfido: Onfido) -> None:
    start(rozenn)
    shown = dispatch(acting(rozenn), WithdrawVerification()).verification
    assert (shown.state, shown.reason, shown.may_retry) == ("refused", "consent_withdrawn", True)
    take_steps()
    assert onfido.applicants == []
    row = Verification.objects.get()
    assert (row.applicant, bytes(row.seen)) == ("", b"")
    start(rozenn)
    assert state(rozenn).state == "awaiting_person"


def test_a_consent_taken_back_while_the_provider_is_asked_is_heeded(
    rozenn: Person, onfido: Onfido, later: Later
) -> None:
    dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))
    [claimed] = steps.claim(dispatch_module.now())
    answer = steps.ask(configured(), claimed)
    dispatch(acting(rozenn), WithdrawVerification())
    dispatch(SYSTEM, answer)
    assert len(onfido.applicants) == 1
    take_steps()
    assert onfido.applicants == []
    assert state(rozenn).reason == "consent_withdrawn"


def test_erasing_is_asked_until_it_is_done(rozenn: Person, onfido: Onfido, later: Later) -> None:
    start(rozenn)
    dispatch(acting(rozenn), WithdrawVerification())
    onfido.failures = [500]
    take_steps()
    assert len(onfido.applicants) == 1
    later(seconds=20)
    take_steps()
    assert onfido.applicants == []


def test_images_and_what_was_read_go_thirty_days_after_the_decision(
    rozenn: Person, onfido: Onfido, later: Later
) -> None:
    start(rozenn)
    told(*notice(onfido.end(document=ROZENN)))
    take_steps()
    row = Verification.objects.get()
    assert b"TADVILLIERS" not in bytes(row.seen)
    owner = f"v:{row.pk}"
    later(days=29)
    assert take_steps() == 0
    later(days=1, minutes=1)
    take_steps()
    assert onfido.applicants == []
    assert not DataKey.objects.filter(owner=owner).exists()
    assert state(rozenn).state == "verified"
    assert Verification.objects.get().run == row.run, "the reference of the evidence stays"


def test_the_page_of_a_verification_that_is_over_leads_nowhere(rozenn: Person, onfido: Onfido) -> None:
    path = start(rozenn)
    browser = Client(headers={"host": "localhost:8000"})
    assert browser.get(path + "x").status_code == 404
    assert browser.get("/verification/continue/nonsense").status_code == 404
    told(*notice(onfido.end(document=ROZENN)))
    take_steps()
    assert browser.get(path).status_code == 410


@pytest.mark.parametrize("output", [None, "x", [], {"a": [1, {"b": None}]}, {"last_name": 1, "first_name": 2}])
def test_an_output_without_a_document_reads_as_none(output: object) -> None:
    assert read_document(output, "approved") is None


def test_a_document_is_read_wherever_in_the_output_it_stands() -> None:
    found = read_document(
        {"step": [{"properties": {**ROZENN, "widow_name": "KERJEAN", "date_of_birth": "1979-06-02"}}]}, "approved"
    )
    assert found is not None
    assert (found.first_names, found.last_name) == ("ROZENN ANNE MARIE", "TADVILLIERS")
    assert (found.used_names, found.birth_date, found.result) == (["KERJEAN"], "1979-06-02", "approved")
