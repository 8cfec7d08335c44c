"""An account begins with a declaration and the code of a mail, and says to nobody who has one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from identity.accounts.models import Consent, Person
from identity.onboarding import codes, http
from identity.onboarding.internal_commands import ForgetSignUps
from identity.onboarding.models import SignUp
from identity.organisations.wire_invitations import CreateInvitation
from identity.sessions.models import Session
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import AuditLink, Delivery
from tests.identity.conftest import Browser, MakePerson
from tests.identity.onboarding.conftest import FORM, RPPS, Later, last_code, mails
from tests.identity.organisations.people import team

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("towns")]


def start(browser: Browser, **changes: object) -> dict[str, Any]:
    answer = browser.send("POST", "auth/signup", FORM | changes)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()["data"]
    return found


def confirm(browser: Browser, signup: str, code: str) -> Any:
    return browser.send("POST", "auth/signup/confirm", {"signup": signup, "code": code})


def refusal(answer: Any) -> tuple[int, str, str | None]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["code"], error.get("param")


def test_the_code_makes_the_account_and_signs_its_owner_in(browser: Browser) -> None:
    begun = start(browser, rpps=RPPS, language="en")
    assert not Person.objects.exists()
    done = confirm(browser, begun["signup"], last_code())
    assert done.status_code == 200
    person = Person.objects.get()
    assert (person.email, person.name) == (FORM["email"], "Rozenn Tadvilliers")
    assert (person.postal_code, person.city, person.practice_mode) == ("56380", "Guer", "liberal")
    assert (person.profession, person.speciality) == ("Médecin", "Cardiologie et maladies vasculaires")
    assert (person.claimed_id, person.national_id, person.language) == (f"8{RPPS}", None, "en")
    assert person.verified_at is None
    assert person.email_confirmed_at is not None
    assert browser.send("GET", "auth/session").json()["data"]["user"]["id"] == str(person.pk)
    assert Session.objects.get(person=person).label == "Firefox, Linux"
    assert not SignUp.objects.exists()


def test_both_agreements_are_kept_with_version_and_moment(browser: Browser) -> None:
    begun = start(browser)
    confirm(browser, begun["signup"], last_code())
    kept = Consent.objects.filter(person=Person.objects.get()).values_list("document", "version")
    assert set(kept) == {("terms", FORM["terms"]), ("data_agreement", FORM["data_agreement"])}
    entries = [one for text in AuditLink.objects.values_list("entries", flat=True) for one in json.loads(text)]
    assert [one["terms"] for one in entries if one["act"] == "account.created"] == [FORM["terms"]]


@pytest.mark.parametrize("document", ["terms", "data_agreement"])
def test_another_version_than_the_present_one_was_not_agreed_to(browser: Browser, document: str) -> None:
    answer = browser.send("POST", "auth/signup", FORM | {document: "2020-01"})
    assert refusal(answer) == (400, "outdated", document)
    assert not SignUp.objects.exists()
    shown = browser.send("GET", "auth/signup/documents").json()["data"]["documents"]
    assert {one["document"]: one["version"] for one in shown}[document] == FORM[document]


def test_whoever_has_an_account_is_told_by_mail_and_whoever_asks_is_told_nothing(
    browser: Browser, make_person: MakePerson
) -> None:
    make_person()
    answers = []
    for email in ("vauquier@relais.example", "personne@relais.example"):
        begun = start(browser, email=email)
        wrong = confirm(browser, begun["signup"], "000000").json()
        again = browser.send("POST", "auth/signup/resend", {"signup": begun["signup"]})
        answers.append((sorted(begun), begun["attempts_left"], wrong, again.status_code, sorted(again.json())))
    assert answers[0] == answers[1]
    known, new = mails()
    assert (known.to, known.subject) == ("vauquier@relais.example", "Vous avez déjà un compte Relais")
    assert not any(word.isdigit() and len(word) == 6 for word in known.text.split())
    assert new.to == "personne@relais.example"


def test_no_code_is_right_for_an_address_that_has_an_account(browser: Browser, make_person: MakePerson) -> None:
    make_person()
    begun = start(browser, email="vauquier@relais.example")
    row = SignUp.objects.get()
    right = codes.code(codes.SIGN_UP, row.id, row.number, row.email)
    assert refusal(confirm(browser, begun["signup"], right))[1] == "wrong_code"
    assert Person.objects.count() == 1


def test_an_account_made_meanwhile_keeps_its_address(browser: Browser, make_person: MakePerson) -> None:
    begun = start(browser, email="vauquier@relais.example")
    code = last_code()
    make_person()
    assert refusal(confirm(browser, begun["signup"], code))[1] == "wrong_code"
    assert Person.objects.count() == 1


def test_five_wrong_codes_and_only_a_new_one_is_right(browser: Browser, later: Later) -> None:
    begun = start(browser)
    code = last_code()
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    for left in (4, 3, 2, 1, 0):
        answer = confirm(browser, begun["signup"], wrong)
        assert refusal(answer) == (400, "wrong_code", "code")
        assert answer.json()["errors"][0]["attempts_left"] == left
    assert refusal(confirm(browser, begun["signup"], code))[1] == "too_many_attempts"
    later(seconds=61)
    browser.send("POST", "auth/signup/resend", {"signup": begun["signup"]})
    assert refusal(confirm(browser, begun["signup"], code))[1] == "wrong_code"
    assert confirm(browser, begun["signup"], last_code()).status_code == 200


def test_a_code_is_good_for_a_quarter_of_an_hour(browser: Browser, later: Later) -> None:
    begun = start(browser)
    code = last_code()
    later(minutes=15)
    assert refusal(confirm(browser, begun["signup"], code))[1] == "expired"


def test_codes_are_sent_once_a_minute_and_five_times(browser: Browser, later: Later) -> None:
    begun = start(browser)
    early = browser.send("POST", "auth/signup/resend", {"signup": begun["signup"]})
    assert early.status_code == 429
    assert 0 < int(early["Retry-After"]) <= 60
    for _ in range(4):
        later(seconds=61)
        assert browser.send("POST", "auth/signup/resend", {"signup": begun["signup"]}).status_code == 200
    later(seconds=61)
    assert browser.send("POST", "auth/signup/resend", {"signup": begun["signup"]}).status_code == 429
    assert len(mails()) == 1, "only the last code is worth sending"


def test_a_wrong_address_is_changed_and_the_code_goes_there(browser: Browser, later: Later) -> None:
    begun = start(browser, email="fautive@relais.example")
    before = last_code()
    later(seconds=61)
    answer = browser.send("POST", "auth/signup/address", {"signup": begun["signup"], "email": "Juste@relais.example"})
    assert answer.json()["data"]["email"] == "juste@relais.example"
    assert mails()[-1].to == "juste@relais.example"
    assert refusal(confirm(browser, begun["signup"], before))[1] == "wrong_code"
    confirm(browser, begun["signup"], last_code())
    assert Person.objects.get().email == "juste@relais.example"


def test_what_nobody_confirms_is_erased_after_a_day(browser: Browser, later: Later) -> None:
    begun = start(browser)
    later(hours=24)
    assert refusal(confirm(browser, begun["signup"], "123456"))[:2] == (404, "not_found")
    dispatch(SYSTEM, ForgetSignUps())
    assert not SignUp.objects.exists()
    mails()
    assert Delivery.objects.get().outcome == "dropped"


def test_without_the_key_of_the_sign_up_the_code_is_nothing(browser: Browser) -> None:
    start(browser)
    assert refusal(confirm(browser, "x" * 43, last_code()))[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"email": "pas une adresse"}, "incomplete", "email"),
        ({"first_name": "R0zenn"}, "not_letters", "first_name"),
        ({"postal_code": "5638"}, "not_five_digits", "postal_code"),
        ({"city": "Vannes"}, "unknown_town", "city"),
        ({"speciality": "SORCIER"}, "unknown_speciality", "speciality"),
        ({"practice_mode": "autre"}, "invalid", "practice_mode"),
        ({"rpps": "10009991381"}, "wrong_key", "rpps"),
        ({"rpps": "1000999138"}, "wrong_length", "rpps"),
        ({"adeli": "12345"}, "wrong_length", "adeli"),
        ({"rpps": RPPS, "adeli": "759999999"}, "one_number", "adeli"),
        ({"password": "court"}, "password_too_short", "password"),
        ({"password": "rozenn tadvilliers"}, "password_too_similar", "password"),
        ({"inconnu": 1}, "invalid", "inconnu"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(browser: Browser, changes: dict[str, Any], code: str, field: str) -> None:
    answer = browser.send("POST", "auth/signup", FORM | changes)
    assert refusal(answer) == (400, code, field)
    assert not SignUp.objects.exists()


def test_a_postal_code_that_no_list_has_goes_with_any_town(browser: Browser) -> None:
    start(browser, postal_code="56038", city="Vannes CEDEX")
    assert SignUp.objects.get().declared["city"] == "Vannes CEDEX"


def test_the_password_is_kept_encoded_alone(browser: Browser) -> None:
    start(browser)
    row = SignUp.objects.get()
    assert row.password.startswith("argon2$")
    assert str(FORM["password"]) not in json.dumps(row.declared)


def test_mails_to_one_address_are_bounded_whether_it_has_an_account_or_not(
    browser: Browser, make_person: MakePerson
) -> None:
    make_person()
    for email in ("vauquier@relais.example", "personne@relais.example"):
        answers = [browser.send("POST", "auth/signup", FORM | {"email": email}).status_code for _ in range(6)]
        assert answers == [200] * 5 + [429]


def test_a_stranger_who_asks_for_codes_keeps_nobody_from_signing_up(browser: Browser) -> None:
    stranger = Browser()
    stranger.client.defaults["REMOTE_ADDR"] = "198.51.100.7"
    answers = [stranger.send("POST", "auth/signup", FORM) for _ in range(6)]
    refused = answers[-1]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert refused["Retry-After"] == "3600", "as long as it will last"
    assert browser.send("POST", "auth/signup", FORM).status_code == 200


def test_the_staff_of_a_hospital_who_are_invited_are_counted_apart_from_everybody_else(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "RATES", http.RATES | {"from_address": "2/h/ip", "invited_from_address": "4/h/ip"})
    here = team("establishment")
    made = dispatch(here.owner.actor, CreateInvitation(id=uuid7(), organisation=here.id, uses=9)).invitation
    assert made.url is not None
    token = made.url.partition("#")[2]

    def answers(count: int, **more: object) -> list[int]:
        fresh = (FORM | {"email": f"personne{uuid7()}@cabinet.example"} | more for _ in range(count))
        return [browser.send("POST", "auth/signup", one).status_code for one in fresh]

    assert answers(3) == [200, 200, 429]
    assert answers(1, invitation="pas un secret") == [429]
    assert answers(5, invitation=token) == [200] * 4 + [429]


def test_a_page_of_another_site_signs_nobody_up(browser: Browser) -> None:
    stranger = Browser(origin="https://ailleurs.example")
    assert stranger.send("POST", "auth/signup", FORM).status_code == 403
    without_token = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000"})
    answer = without_token.post("/auth/browser/v1/auth/signup", FORM, "application/json")
    assert answer.status_code == 403


def test_a_program_gets_a_token() -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000"})
    begun = client.post("/auth/app/v1/auth/signup", FORM, "application/json").json()["data"]
    done = client.post(
        "/auth/app/v1/auth/signup/confirm", {"signup": begun["signup"], "code": last_code()}, "application/json"
    ).json()["data"]
    listed = client.post(
        "/api/session.list", {}, "application/json", headers={"authorization": f"Bearer {done['token']}"}
    )
    assert listed.json()["sessions"][0]["current"] is True
    foreign = client.post(
        "/auth/app/v1/auth/signup", FORM, "application/json", headers={"origin": "https://ailleurs.example"}
    )
    assert foreign.status_code == 403


def test_the_forms_lists_are_the_registers_and_the_communes(browser: Browser) -> None:
    listed = browser.send("GET", "auth/signup/specialities").json()["data"]["specialities"]
    cardiology = {"key": "CARDIO", "label": "Cardiologie et maladies vasculaires", "profession": "10"}
    assert {**cardiology, "codes": ["SM04"]} in listed
    by_code = browser.client.get("/auth/browser/v1/auth/signup/towns?postal_code=56800").json()["data"]["towns"]
    assert [one["name"] for one in by_code] == ["Ploërmel"]
    by_name = browser.client.get("/auth/browser/v1/auth/signup/towns?name=ploer").json()["data"]["towns"]
    assert by_name == [{"name": "Ploërmel", "postal_codes": ["56800"]}]
    answers = [browser.client.get("/auth/browser/v1/auth/signup/towns?name=re").status_code for _ in range(125)]
    assert answers[-1] == 429
