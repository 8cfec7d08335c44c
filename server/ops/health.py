"""Liveness, readiness and metrics, for proxies, supervisors and Prometheus.

Answered before any other middleware: such requests use an address instead of a host name, and need a true answer while
the database is away.
"""

import asyncio
import hmac
import os
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import NamedTuple, TypeVar

import prometheus_client
import redis
from asgiref.sync import markcoroutinefunction, sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, multiprocess

from server.celery import HEARTBEAT
from server.kernel import clock, metrics, redis_servers
from server.kernel.postgres import tried_again
from server.ops import proxies, writes

T = TypeVar("T")

SECONDS_TO_ANSWER = 3
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


class HealthMiddleware:
    """Answers /health/live, /health/ready and /metrics (to whoever may), and measures every other request."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match request.path:
            case "/health/live":
                return _plain(HttpResponse("live\n", content_type="text/plain"))
            case "/health/ready":
                return _plain(await ready())
            case "/metrics":
                if not may_measure(request):
                    return _plain(HttpResponse("Not found\n", status=404))
                await parts()
                return _plain(exposition())
        began = time.perf_counter()
        response = await self.get_response(request)
        # Anybody may invent methods, and each label is kept for ever.
        method = request.method if request.method in METHODS else "other"
        metrics.requests.labels(method, response.status_code).observe(time.perf_counter() - began)
        return response


def may_measure(request: HttpRequest) -> bool:
    """Whether the asker may read the metrics: who shows ``RELAIS_METRICS_TOKEN``, or a program on this very machine,
    where no proxy has passed it on."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.RELAIS_METRICS_TOKEN
    if expected and scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), expected.encode()):
        return True
    return isinstance(request, ASGIRequest) and proxies.is_direct(request.scope)


def _plain(response: HttpResponse) -> HttpResponse:
    """The headers that later middleware would have added."""
    response.headers["Content-Length"] = str(len(response.content))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class Parts(NamedTuple):
    """What of the deployment does its part, as this process sees it."""

    database: bool
    """PostgreSQL answers and takes a write."""
    redis: bool
    """So does Redis."""
    worker: bool
    """One has given a sign of life within half a minute."""
    clock_ahead: float | None
    """Seconds by which this host's clock is ahead of the database's, which is the one that counts."""


async def ready() -> JsonResponse:
    """200 while this process can serve people, which needs the database alone; otherwise 503. Without Redis messages
    arrive by the database, and without a worker what is due waits: a proxy that took all web processes away for it
    would take away everything. Both are said in the body, by the metrics and by ``relais check``."""
    found = await parts()
    status = HTTPStatus.OK if found.database else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"ready": found.database, **found._asdict()}, status=status)


_asking: asyncio.Task[Parts] | None = None


async def parts() -> Parts:
    """Whoever asks while an answer is under way gets the same: anybody may ask, and each answer is a write."""
    global _asking
    if _asking is None or _asking.done() or _asking.get_loop() is not asyncio.get_running_loop():
        _asking = asyncio.create_task(_ask())
    return await asyncio.shield(_asking)


async def _ask() -> Parts:
    ahead, redis_writes, worker = await asyncio.gather(*(_in_time(check()) for check in (_database, _redis, _worker)))
    found = Parts(ahead is not None, bool(redis_writes), bool(worker), ahead)
    for name in ("database", "redis", "worker"):
        metrics.parts.labels(name).set(getattr(found, name))
    return found


async def _in_time(check: Awaitable[T]) -> T | None:
    try:
        return await asyncio.wait_for(check, SECONDS_TO_ANSWER)
    except (TimeoutError, DatabaseError, InterfaceError, redis.RedisError, OSError):
        return None


def _database() -> Awaitable[float]:
    def ahead() -> float:
        try:
            found = tried_again(clock.skew)
            writes.to_postgres()
            return round(found.total_seconds(), 1)
        finally:
            connection.close()  # any thread of the pool may run this: keep no connection per thread

    return sync_to_async(ahead, thread_sensitive=False)()


def _redis() -> Awaitable[bool]:
    def written() -> bool:
        with _client() as client:
            writes.to_redis(client)
        return True

    return sync_to_async(written, thread_sensitive=False)()


def _worker() -> Awaitable[bool]:
    return sync_to_async(lambda: bool(_client().exists(HEARTBEAT)), thread_sensitive=False)()


def _client() -> redis.Redis:
    return redis_servers.parse(settings.REDIS_URL).connect()


def exposition() -> HttpResponse:
    """The metrics of this process, or of all web processes on this machine when they share a directory."""
    registry = prometheus_client.REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(prometheus_client.generate_latest(registry), content_type=prometheus_client.CONTENT_TYPE_LATEST)
