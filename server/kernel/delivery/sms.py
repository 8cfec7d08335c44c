"""The SMS carrier: an HTTP gateway of the deployment's choice (``RELAIS_SMS_URL``, with ``RELAIS_SMS_TOKEN``).

It is sent ``{"id", "to", "text"}`` as JSON, ``to`` in international form. Any status of the 2xx family says that it has
the message. ``id`` also stands in ``Idempotency-Key``: after a cut the same message is handed over again under the same
id, and a gateway that knows it sends nothing twice.

400, 413 and 422 are about this one message and final. Every other status is taken for a fault that passes, a wrong
token or path of this deployment included: mending it must not find every patient's message given up.
"""

from __future__ import annotations

import asyncio
import contextlib

import httpx
from django.conf import settings

from server.kernel.delivery.exchange import DEADLINE, DeliveryError, tls_context
from server.kernel.delivery.kinds import Envelope

FINAL = {400, 413, 422}
ANSWER_BYTES = 64 * 1024
"""As much of an answer's body is read, to use the connection again; what it says is not needed."""
ANSWER_SECONDS = 1.0
CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=64)


class SmsGateway:
    """The gateway, over connections that are kept between messages."""

    def __init__(self) -> None:
        # Neither a proxy of the environment nor a redirection may take a patient's number elsewhere.
        self._client = httpx.AsyncClient(
            limits=CONNECTIONS, verify=tls_context(), timeout=DEADLINE, trust_env=False, follow_redirects=False
        )

    async def send(self, envelope: Envelope, key: str) -> None:
        if not settings.RELAIS_SMS_URL:
            raise DeliveryError("not_configured")
        headers = {"Idempotency-Key": key}
        if settings.RELAIS_SMS_TOKEN:
            headers["Authorization"] = f"Bearer {settings.RELAIS_SMS_TOKEN}"
        body = {"id": key, "to": envelope.to, "text": envelope.text}
        try:
            async with self._client.stream("POST", settings.RELAIS_SMS_URL, json=body, headers=headers) as response:
                if not response.is_success:
                    raise DeliveryError(f"http_{response.status_code}", final=response.status_code in FINAL)
                await _read_rest(response)
        except httpx.TimeoutException:
            raise DeliveryError("timeout") from None
        except httpx.RemoteProtocolError as error:  # an answer that is no HTTP, a cut in the middle of one
            raise DeliveryError("malformed_answer") from error
        except httpx.NetworkError as error:  # no such name, refused, TLS
            raise DeliveryError("unreachable") from error

    async def close(self) -> None:
        await self._client.aclose()


async def _read_rest(response: httpx.Response) -> None:
    """Reads an accepted message's answer to its end if it is short. The message counts as taken either way."""
    with contextlib.suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(ANSWER_SECONDS):
            size = 0
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > ANSWER_BYTES:
                    return
