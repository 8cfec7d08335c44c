"""The stand-ins for e-mail and SMS: what would have left for people is kept here, and can be read.

Only with ``RELAIS_FAKE_DELIVERY``, which a public deployment refuses to start with. They take the place of the
mail server and of the SMS carrier and of nothing else: everything up to the hand-over is the real way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from server.kernel.models import CapturedMessage

Channel = Literal["sms", "email"]


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message as ``relais outbox --json`` prints it; an SMS has no subject."""

    channel: Channel
    to: str
    text: str
    at: datetime
    subject: str = ""


def capture(channel: Channel, to: str, text: str, *, subject: str = "", key: str | None = None) -> None:
    """Keeps one message; a second one with the same ``key`` changes nothing."""
    CapturedMessage.objects.bulk_create(
        [CapturedMessage(channel=channel, to=to, subject=subject, text=text, at=datetime.now(UTC), key=key)],
        ignore_conflicts=True,
    )


def captured() -> list[Message]:
    """Everything the stand-ins were given, oldest first."""
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


class EmailBackend(BaseEmailBackend):
    """Django's mail backend that keeps instead of sending; ``X-Relais-Key`` is the message's own name."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for recipient in message.recipients():
                key = message.extra_headers.get("X-Relais-Key")
                capture(
                    "email",
                    recipient,
                    str(message.body),
                    subject=str(message.subject),
                    key=f"{key}/{recipient}"[:80] if key else None,
                )
        return len(email_messages)
