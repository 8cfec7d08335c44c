"""What the tests of the referral room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from tests.stand_ins.sms_gateway import SmsGateway


@pytest.fixture
def gateway(settings: LazySettings) -> Iterator[SmsGateway]:
    """A carrier to which the SMS of this test really go."""
    with SmsGateway().serving() as gateway:
        settings.RELAIS_FAKE_DELIVERY = False
        settings.RELAIS_SMS_URL = gateway.url
        yield gateway
