"""The exchange with a carrier or a mail server: in an event loop of its own, each message within a deadline.

The deadline is for the whole exchange, from finding the address to the last byte of the answer. A peer that sends a
byte now and then does not extend it. Nothing here touches the database.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from types import TracebackType
from typing import Protocol, Self

from server.kernel.delivery.kinds import Envelope

log = logging.getLogger("kernel.delivery")

DEADLINE = 10.0
"""Seconds."""


class DeliveryError(Exception):
    """The message was not taken. ``code`` goes into the row; ``final`` when trying again cannot help."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final


class Adapter(Protocol):
    """One way out. Used within one event loop, by many messages at a time."""

    async def send(self, envelope: Envelope, key: str) -> None:
        """The other side has the message when this returns, once however often it is called with one ``key``;
        raises ``DeliveryError`` otherwise."""

    async def close(self) -> None:
        """Gives back what it holds."""


@cache
def tls_context() -> ssl.SSLContext:
    """What peers must prove: a certificate for their name by an authority that this machine trusts."""
    return ssl.create_default_context()


class Exchange:
    """Hands messages over by one adapter, which is made with the first of them.

    Leaving its ``with`` ends its loop and what is still under way.
    """

    def __init__(self, make_adapter: Callable[[], Adapter]) -> None:
        self._make_adapter = make_adapter
        self._adapter: Adapter | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relais-delivery", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def submit(self, envelope: Envelope, key: str) -> Future[None]:
        """Hands one message over soon. The future fails with ``DeliveryError`` and nothing else."""
        if not self._thread.is_alive():
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._hand_over(envelope, key), self._loop)

    async def _hand_over(self, envelope: Envelope, key: str) -> None:
        try:
            async with asyncio.timeout(DEADLINE):
                if self._adapter is None:
                    self._adapter = self._make_adapter()
                await self._adapter.send(envelope, key)
        except DeliveryError:
            raise
        except TimeoutError:
            raise DeliveryError("timeout") from None
        except Exception as error:
            log.error("delivery defect", exc_info=error, extra={"fields": {"key": key}})
            raise DeliveryError("defect") from error

    async def _end(self) -> None:
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        if self._adapter is not None:
            await self._adapter.close()
        await self._loop.shutdown_asyncgens()
