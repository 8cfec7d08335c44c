"""The mail server (``RELAIS_SMTP_URL``), by SMTP.

SMTP has no key that makes a second hand-over harmless. The ``Message-ID`` follows from the key instead, by which mail
servers and programs recognise a message that arrives twice.

A 5xx answer to the recipient or to the message is final. Every other refusal (the greeting, TLS, the password, the
sender) is about this deployment, and may be mended before the message is given up.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from email.utils import parseaddr

import aiosmtplib
from django.conf import settings
from django.core.mail import EmailMessage

from server.kernel.delivery.exchange import DEADLINE, DeliveryError, tls_context
from server.kernel.delivery.kinds import Envelope

QUIT_SECONDS = 1.0


class MailServer:
    """The mail server, with a connection for each message."""

    async def send(self, envelope: Envelope, key: str) -> None:
        client = aiosmtplib.SMTP(
            hostname=settings.EMAIL_HOST,
            port=settings.EMAIL_PORT,
            username=settings.EMAIL_HOST_USER or None,
            password=settings.EMAIL_HOST_PASSWORD or None,
            use_tls=settings.EMAIL_USE_SSL,
            start_tls=settings.EMAIL_USE_TLS,
            tls_context=tls_context(),
            timeout=DEADLINE,
        )
        sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        content = _content(envelope, key)
        try:
            await client.connect()
            await client.sendmail(sender, [envelope.to], content)
            await _quit(client)
        except TimeoutError:  # aiosmtplib's own time-outs are of this kind
            raise
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise _failure(error) from error
        finally:
            client.close()

    async def close(self) -> None:
        """Nothing is held between messages."""


def _content(envelope: Envelope, key: str) -> bytes:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {
        "Message-ID": f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMessage(envelope.subject, envelope.text, to=[envelope.to], headers=headers).message()
    return bytes(message.as_bytes())


async def _quit(client: aiosmtplib.SMTP) -> None:
    """Takes leave. The server has the message already: how it answers to this changes nothing."""
    with contextlib.suppress(TimeoutError, OSError, aiosmtplib.SMTPException):
        async with asyncio.timeout(QUIT_SECONDS):
            await client.quit()


def _failure(error: Exception) -> DeliveryError:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        about_message = isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
        code = f"smtp_{error.code}" if error.code > 0 else "malformed_answer"
        return DeliveryError(code, final=about_message and error.code >= 500)
    if isinstance(error, aiosmtplib.SMTPServerDisconnected):
        return DeliveryError("malformed_answer")
    return DeliveryError("unreachable")
