"""To which numbers SMS go."""

from __future__ import annotations

import re

import pytest
from pytest_django import Settings

from server.kernel.delivery import sending, sms_bounds
from server.kernel.delivery.sms_bounds import is_allowed
from tests.kernel.delivery.conftest import Room, state
from tests.stand_ins.sms_gateway import SmsGateway


@pytest.mark.parametrize(
    "number",
    [
        "+33612345678",
        "+33700000000",
        "+33639984107",
        "+262692123456",
        "+262639123456",
        "+590690123456",
        "+594694123456",
        "+596696123456",
        "+508551234",
        "+687751234",
        "+68987123456",
        "+681821234",
    ],
)
def test_sms_go_to_mobiles_of_france_and_overseas(number: str) -> None:
    assert is_allowed(number)


@pytest.mark.parametrize(
    "number",
    [
        "+33899123456",  # premium
        "+33812345678",  # shared cost
        "+33800123456",  # free to call
        "+3336105",  # short
        "+32470123456",  # Belgium
        "+447911123456",  # the United Kingdom
        "+12425551234",  # the Bahamas
        "+8816123456",  # satellite
        "+88213300655",
        "+252612345678",  # Somalia
        "0612345678",
        "",
        "x",
    ],
)
def test_sms_go_nowhere_else(number: str) -> None:
    assert not is_allowed(number)


def test_other_countries_are_a_setting_and_their_premium_numbers_are_not(settings: Settings) -> None:
    settings.RELAIS_SMS_COUNTRIES = frozenset({"BE", "GB"})
    assert is_allowed("+32470123456")
    assert not is_allowed("+3290212345")
    assert is_allowed("+447400123456")
    assert not is_allowed("+447797123456"), "Jersey has the United Kingdom's code and is another country"
    assert not is_allowed("+41791234567")


@pytest.mark.usefixtures("db")
def test_what_may_not_be_sent_fails_and_its_room_is_told(room: Room, gateway: SmsGateway) -> None:
    refused, sent = room.sms("+252612345678", "+33639980001")
    sending.deliver_due("sms")
    assert state(refused) == ("failed", 1, "number_refused")
    assert state(sent)[0] == "sent"
    assert [one.to for one in gateway.requests] == ["+33639980001"]
    assert {one.error for one in room.settled} == {"number_refused", ""}


@pytest.mark.parametrize(
    "number",
    [f"+33{start}{end}" for start in (60, 61, 63, 68, 70, 73, 79) for end in ("0000000", "9980000", "9999999")],
)
def test_what_is_known_of_mobiles_at_a_glance_is_what_the_numbering_plan_says(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = sms_bounds._place.__wrapped__(number)
    monkeypatch.setattr(sms_bounds, "_MOBILE", re.compile("never"))
    assert known == (33, None) == sms_bounds._place.__wrapped__(number)
