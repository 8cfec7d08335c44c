"""SMS to a gateway that answers right, wrong, late or never: each failure is an attempt of that message alone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings

from server.kernel.delivery import sending
from server.kernel.delivery.captured_mail import captured
from tests.kernel.delivery.conftest import Room, due_again, state
from tests.stand_ins import sms_gateway
from tests.stand_ins.sms_gateway import SmsGateway

pytestmark = pytest.mark.django_db

A, B, C = "+33639980001", "+33639980002", "+33639980003"


def test_a_gateway_is_given_the_number_the_text_and_a_key(room: Room, gateway: SmsGateway) -> None:
    [row] = room.sms(A)
    sending.deliver_due("sms")
    [sms] = gateway.requests
    assert (sms.authorization, sms.key, sms.to, sms.text) == ("Bearer jeton", row.key, A, f"Bonjour {A}")
    assert state(row) == ("sent", 1, "")
    assert captured() == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (sms_gateway.GARBAGE, "malformed_answer"),
        (sms_gateway.CLOSE, "malformed_answer"),
        (sms_gateway.HANG, "timeout"),
        (sms_gateway.DRIBBLE, "timeout"),
        (sms_gateway.REDIRECT, "http_307"),
        (503, "http_503"),
        (429, "http_429"),
        (401, "http_401"),
        (404, "http_404"),
    ],
)
@pytest.mark.usefixtures("short_deadline")
def test_a_failure_that_may_pass_is_tried_again_later_under_the_same_key(
    room: Room, gateway: SmsGateway, answer: str | int, code: str
) -> None:
    gateway.plan(answer, to=A)
    failing, other = room.sms(A, B)
    before = datetime.now(UTC)
    sending.deliver_due("sms")
    assert state(failing) == ("", 1, code)
    assert failing.claimed_until is None
    assert failing.not_before >= before + sending.FIRST_WAIT / 2
    assert state(other) == ("sent", 1, "")
    sending.deliver_due("sms")
    assert len(gateway.requests) == 2, "it waits for its time"
    due_again()
    sending.deliver_due("sms")
    assert state(failing) == ("sent", 2, "")
    assert [sms.key for sms in gateway.requests if sms.to == A] == [failing.key] * 2


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_message_that_the_gateway_refuses_for_good_is_given_up(room: Room, gateway: SmsGateway, status: int) -> None:
    gateway.plan(status, to=A)
    refused, other = room.sms(A, B)
    sending.deliver_due("sms")
    assert state(refused) == ("failed", 1, f"http_{status}")
    assert state(other) == ("sent", 1, "")
    assert sorted((row.key, row.outcome, row.error) for row in room.settled) == sorted(
        [(refused.key, "failed", f"http_{status}"), (other.key, "sent", "")]
    )


def test_a_status_counts_although_its_body_never_ends(room: Room, gateway: SmsGateway) -> None:
    gateway.plan(sms_gateway.ENDLESS)
    [row] = room.sms(A)
    sending.deliver_due("sms")
    assert state(row) == ("sent", 1, "")


def test_a_gateway_that_nobody_listens_at_is_given_up_in_the_end(room: Room, settings: LazySettings) -> None:
    settings.RELAIS_FAKE_DELIVERY, settings.RELAIS_SMS_URL = False, "http://127.0.0.1:9/nobody"
    [row] = room.sms(A)
    for attempt in range(1, sending.ATTEMPTS):
        sending.deliver_due("sms")
        assert state(row) == ("", attempt, "unreachable")
        due_again()
    sending.deliver_due("sms")
    assert state(row) == ("failed", sending.ATTEMPTS, "unreachable")


def test_a_gateway_without_tls_where_tls_is_asked_for_gets_nothing(
    room: Room, gateway: SmsGateway, settings: LazySettings
) -> None:
    settings.RELAIS_SMS_URL = gateway.url.replace("http://", "https://")
    [row] = room.sms(A)
    sending.deliver_due("sms")
    assert state(row) == ("", 1, "unreachable")
    assert gateway.requests == []


def test_a_gateway_that_asks_for_no_token_is_given_none(
    room: Room, gateway: SmsGateway, settings: LazySettings
) -> None:
    settings.RELAIS_SMS_TOKEN = ""
    [row] = room.sms(A)
    sending.deliver_due("sms")
    assert state(row) == ("sent", 1, "")
    assert gateway.requests[0].authorization is None


def test_without_a_gateway_nothing_looks_sent(room: Room, settings: LazySettings) -> None:
    settings.RELAIS_FAKE_DELIVERY, settings.RELAIS_SMS_URL = False, ""
    [row] = room.sms(A)
    sending.deliver_due("sms")
    assert state(row) == ("", 1, "not_configured")
    assert captured() == []


def test_captured_messages_go_nowhere(room: Room, gateway: SmsGateway, settings: LazySettings) -> None:
    settings.RELAIS_FAKE_DELIVERY = True
    [row] = room.sms(A)
    sending.deliver_due("sms")
    assert state(row) == ("sent", 1, "")
    assert [(one.channel, one.to) for one in captured()] == [("sms", A)]
    assert gateway.requests == []


def test_numbers_that_hang_hold_up_nobody_else(
    room: Room, gateway: SmsGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kernel.delivery.exchange.DEADLINE", 3.0)
    hanging = [f"+336399801{number:02d}" for number in range(12)]
    for number in hanging:
        gateway.always(sms_gateway.HANG, to=number)
    began = time.time()
    room.sms(*hanging, A, B, C)
    sending.deliver_due("sms")
    assert {sms.to for sms in gateway.sent.values()} == {A, B, C}
    assert max(sms.at for sms in gateway.sent.values()) - began < 2.5
    assert time.time() - began < 6, "all of them hang at the same time, within one deadline"


def test_waits_grow_to_an_hour_and_differ() -> None:
    shortest = [sending.wait_after(attempt, lambda: 0.0) for attempt in range(1, 11)]
    longest = [sending.wait_after(attempt, lambda: 1.0) for attempt in range(1, 11)]
    assert (shortest[0], longest[0]) == (timedelta(seconds=7.5), timedelta(seconds=15))
    assert longest == sorted(longest)
    assert (shortest[-1], longest[-1]) == (timedelta(minutes=30), timedelta(hours=1))
