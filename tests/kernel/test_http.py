"""Commands over HTTP: who is let in, what is read, and that nothing that is sent is ever a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from identity.accounts.models import Person
from identity.sessions.models import Session
from identity.sessions.store import SessionStore
from server import urls
from server.kernel.dispatch import Action, Transaction, dispatcher
from server.kernel.http import BODY_BYTES, command_view
from server.kernel.identifiers import uuid7
from server.kernel.wire import Command, Done
from server.kernel.wire.errors import Conflict, Invalid, RateLimited, Unavailable
from server.kernel.wire.frame import Commands
from tests.factories import Account, account

pytestmark = pytest.mark.django_db
ORIGIN = "http://localhost:8000"


class Test(Command[Done]):
    """Answers as ``trouble`` says."""

    __test__ = False
    method = "test.http"

    trouble: str = ""


TROUBLES: dict[str, Exception] = {
    "conflict": Conflict("Somebody was faster."),
    "invalid": Invalid("$.params.trouble", "Not this one."),
    "rate": RateLimited(1.5),
    "unavailable": Unavailable(),
    "defect": ZeroDivisionError("secret"),
}


def act(actor: object, command: Test, tx: Transaction) -> Done:
    if command.trouble:
        raise TROUBLES[command.trouble]
    return Done()


@pytest.fixture(autouse=True)
def _a_command_for_verified_people(monkeypatch: pytest.MonkeyPatch) -> None:
    actions: dict[type[Command[Any]], Action[Any]] = {**dispatcher.actions, Test: Action(Test, act)}
    monkeypatch.setattr(dispatcher, "actions", actions)


def call(
    who: Account | None, body: object = None, method: str = "session.list", verb: str = "POST", **headers: str
) -> Any:
    if who is not None:
        headers["authorization"] = f"Bearer {who.token}"
    text = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
    headers = {"host": "localhost:8000", "content-type": "application/json"} | headers
    kind = headers.pop("content-type")
    return Client(enforce_csrf_checks=True, raise_request_exception=False).generic(
        verb, f"/api/{method}", text, kind, headers=headers
    )


def refused(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body["message"], "a refusal says what to do"
    return answer.status_code, body["reason"]


def cookie_of(who: Account) -> str:
    store = SessionStore()
    store["_auth_user_id"] = str(who.id)
    store.save()
    assert store.session_key is not None
    return store.session_key


# Who asks


def test_a_bearer_token_needs_no_csrf_token() -> None:
    ada = account()
    answer = call(ada)
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()["sessions"]] == [str(ada.session)]


def test_a_cookie_does_with_the_csrf_token_of_its_page() -> None:
    token = "a" * 32
    cookie = f"relais={cookie_of(account())}; csrftoken={token}"
    assert call(None, cookie=cookie, origin=ORIGIN, **{"x-csrftoken": token}).status_code == 200
    for headers in ({}, {"x-csrftoken": "b" * 32}, {"x-csrftoken": "x"}, {"x-csrftoken": "é" * 32}):
        assert refused(call(None, cookie=cookie, origin=ORIGIN, **headers)) == (403, "csrf_failed")
    without = f"relais={cookie_of(account())}"
    assert refused(call(None, cookie=without, origin=ORIGIN, **{"x-csrftoken": token})) == (403, "csrf_failed")


@pytest.mark.parametrize("origin", ["https://ailleurs.example", "null", "http://[", "http://localhost:8001", ""])
def test_another_sites_page_is_refused_whatever_it_shows(origin: str) -> None:
    token = "a" * 32
    cookie = f"relais={cookie_of(account())}; csrftoken={token}"
    assert refused(call(None, cookie=cookie, origin=origin, **{"x-csrftoken": token})) == (403, "foreign_origin")
    assert refused(call(account(), origin=origin)) == (403, "foreign_origin")


def test_without_a_credential_that_counts_nobody_is_signed_in() -> None:
    ended = account()
    Session.objects.filter(pk=ended.session).update(ended_at=timezone.now())
    expired = account()
    Session.objects.filter(pk=expired.session).update(expires_at=timezone.now())
    answers = [
        call(None),
        call(ended),
        call(expired),
        *(
            call(None, authorization=header)
            for header in ("Bearer", "Bearer x", "Bearer \x00", "Basic eDp4", "Bearer é")
        ),
        call(None, cookie="relais=; relais=x;;=", authorization=""),
    ]
    for answer in answers[:-1]:
        assert refused(answer) == (401, "not_signed_in")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answers[-1].status_code in {401, 403}


def test_who_is_suspended_is_told_so() -> None:
    ada = account()
    Person.objects.filter(pk=ada.id).update(suspended_at=timezone.now())
    assert refused(call(ada)) == (403, "suspended")


def test_who_is_not_verified_may_ask_for_what_is_open_to_them_alone() -> None:
    unverified = account(verified=False)
    assert call(unverified).status_code == 200
    assert refused(through_the_test_view(unverified)) == (403, "not_verified")
    assert through_the_test_view(account()).status_code == 200


def through_the_test_view(who: Account, body: object = None) -> Any:
    """A command that is on no list of the application, by the same view."""
    from django.test import RequestFactory

    from identity.authentication.access import authenticate

    view = command_view(Commands([Test]), authenticate)
    headers = {"authorization": f"Bearer {who.token}"}
    text = json.dumps({} if body is None else body)
    answer: Any = view(RequestFactory().post("/", text, "application/json", headers=headers), Test.method)
    answer.json = lambda: json.loads(answer.content)
    return answer


# What is asked for


def test_only_commands_that_say_so_can_be_asked_for_over_http() -> None:
    ada = account()
    for method in ("message.send", "hello", "agenda.watch", "identity.verify", "nothing.at_all", "é", "%00"):
        assert refused(call(ada, method=method)) == (404, "method_not_found")
    assert refused(call(ada, verb="GET")) == (405, "method_not_allowed")
    assert refused(call(ada, verb="DELETE")) == (405, "method_not_allowed")
    assert call(ada, method="session/list").status_code == 404


def test_the_session_that_ends_itself_is_out() -> None:
    ada = account()
    assert call(ada, {"session": str(ada.session)}, "session.end").json() == {}
    assert refused(call(ada)) == (401, "not_signed_in")


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_no_parameters_are_an_empty_object_or_nothing(body: bytes) -> None:
    assert call(account(), body).status_code == 200


def test_a_wrong_parameter_is_named_from_the_body() -> None:
    answer = call(account(), {"session": 3}, "session.end")
    assert refused(answer) == (400, "invalid")
    assert answer.json()["path"] == "$.session"
    assert call(account(), {"session": str(uuid7()), "x": 1}, "session.end").json()["path"] == "$.x"
    assert refused(call(account(), {"session": str(uuid7())}, "session.end")) == (404, "not_found")


HOSTILE = {
    "not JSON": b"{",
    "an array": b"[]",
    "a number": b"3",
    "null": b"null",
    "deep": b"[" * 30_000,
    "deep in a field": b'{"session":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "half a surrogate pair": b'{"session":"\\ud800"}',
    "NUL": b'{"session":"\\u0000"}',
    "NUL as it is": b'{"session":"\x00"}',
    "not UTF-8": b'{"session":"\xff"}',
    "a very long number": b'{"session":' + b"1" * 6_000 + b"}",
    "not a number": b'{"session":NaN}',
    "a byte order mark": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_body_that_is_not_the_parameters_is_refused_in_order(name: str) -> None:
    status, reason = refused(call(account(), HOSTILE[name], "session.end"))
    assert (status, reason) in {(400, "parse_error"), (400, "invalid")}


def test_a_body_that_is_too_large_is_refused_by_its_length() -> None:
    large = b'{"session":"' + b"x" * BODY_BYTES + b'"}'
    assert refused(call(account(), large, "session.end")) == (413, "too_large")
    assert refused(call(account(), b"[" * 200_000, "session.end")) == (413, "too_large")
    for length in ("99999999999999999999", "-1", "1e3", "x", "٣"):
        answer = Client().generic(
            "POST",
            "/api/session.list",
            b"{}",
            "application/json",
            headers={"host": "localhost", "authorization": f"Bearer {account().token}"},
            CONTENT_LENGTH=length,
        )
        assert refused(answer) == (413, "too_large"), length


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_refused(kind: str) -> None:
    assert refused(call(account(), "a=b", **{"content-type": kind})) == (415, "not_json")


# Refusals


def test_a_refusal_has_a_status_and_keeps_its_reason() -> None:
    ada = account()
    assert refused(through_the_test_view(ada, {"trouble": "conflict"})) == (409, "conflict")
    answer = through_the_test_view(ada, {"trouble": "invalid"})
    assert (refused(answer), answer.json()["path"]) == ((400, "invalid"), "$.trouble")
    answer = through_the_test_view(ada, {"trouble": "rate"})
    assert (refused(answer), answer.headers["Retry-After"]) == ((429, "rate_limited"), "2")
    assert refused(through_the_test_view(ada, {"trouble": "unavailable"})) == (503, "unavailable")


def test_of_a_defect_one_learns_the_incident_and_nothing_else() -> None:
    answer = through_the_test_view(account(), {"trouble": "defect"})
    assert refused(answer) == (500, "internal")
    assert set(answer.json()) == {"reason", "message", "incident"}


def test_the_view_of_commands_is_mounted() -> None:
    assert any(str(pattern.pattern) == "api/<str:method>" for pattern in urls.urlpatterns)
