"""Hands an SMS to the carrier.

The carrier is an HTTP gateway of the deployment's choice (``RELAIS_SMS_URL``, with ``RELAIS_SMS_TOKEN``):
it is sent ``{"id", "to", "text"}`` as JSON, ``to`` in international form, and answers with any status of
the 2xx family. ``id`` also stands in ``Idempotency-Key``: after a cut the same message is handed over again
under the same id, and a gateway that knows it sends nothing twice.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from django.conf import settings

from server.kernel.delivery import captured_mail

TIMEOUT = 10.0


class SendError(Exception):
    """The carrier did not take the message. ``final`` when sending it again cannot help."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


def send(to: str, text: str, key: str) -> None:
    """The carrier has the message when this returns, once however often it is called with one ``key``."""
    if settings.RELAIS_FAKE_DELIVERY:
        captured_mail.capture("sms", to, text, key=key)
    elif settings.RELAIS_SMS_URL:
        _post(to, text, key)
    else:
        raise SendError("No SMS carrier: set RELAIS_SMS_URL.")


def _post(to: str, text: str, key: str) -> None:
    request = urllib.request.Request(  # noqa: S310  (the deployment's own setting, checked at start to be http)
        settings.RELAIS_SMS_URL,
        data=json.dumps({"id": key, "to": to, "text": text}).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {settings.RELAIS_SMS_TOKEN}",
            "Idempotency-Key": key,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310  (as above)
            return
    except urllib.error.HTTPError as error:
        final = 400 <= error.code < 500 and error.code not in {408, 425, 429}
        raise SendError(f"The SMS carrier answered {error.code}.", final=final) from error
    except OSError as error:  # URLError, a time-out, a cut
        raise SendError("The SMS carrier cannot be reached.") from error
