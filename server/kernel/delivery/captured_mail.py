"""Captured mail and SMS: what would have left for people is kept here, and can be read (``relais captured``).

Only with ``RELAIS_FAKE_DELIVERY``, which a public deployment refuses to start with. It takes the place of the mail
server and of the SMS carrier and of nothing else: everything up to the hand-over is the real way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

import msgspec
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from server.kernel import clock
from server.kernel.delivery.kinds import Envelope
from server.kernel.models import CapturedMessage

Channel = Literal["sms", "email"]


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message as ``relais captured --json`` prints it; an SMS has no subject."""

    channel: Channel
    to: str
    text: str
    at: datetime
    subject: str = ""


def capture(channel: Channel, to: str, text: str, *, subject: str = "", key: str | None = None) -> None:
    """Keeps one message; a second one with the same ``key`` changes nothing."""
    CapturedMessage.objects.bulk_create(
        [CapturedMessage(channel=channel, to=to, subject=subject, text=text, at=clock.now(), key=key)],
        ignore_conflicts=True,
    )


def captured() -> list[Message]:
    """Everything that was captured, oldest first."""
    return [
        Message(
            channel="sms" if row.channel == "sms" else "email",
            to=row.to,
            text=row.text,
            at=row.at,
            subject=row.subject,
        )
        for row in CapturedMessage.objects.order_by("id")
    ]


def captured_keys(keys: Collection[str]) -> set[str]:
    """Those of these messages that were kept here instead of sent. One statement, none where nothing is captured."""
    if not settings.RELAIS_FAKE_DELIVERY or not keys:
        return set()
    return {key for key in CapturedMessage.objects.filter(key__in=keys).values_list("key", flat=True) if key}


class CapturingExchange:
    """In the place of ``exchange.Exchange``: keeps each message at once, in the caller's thread."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Nothing is held."""

    def submit(self, envelope: Envelope, key: str) -> Future[None]:
        done: Future[None] = Future()
        capture(self._channel, envelope.to, envelope.text, subject=envelope.subject, key=key)
        done.set_result(None)
        return done


class EmailBackend(BaseEmailBackend):
    """Django's mail backend, for what libraries send, that keeps instead of sending."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for recipient in message.recipients():
                capture("email", recipient, str(message.body), subject=str(message.subject))
        return len(email_messages)
