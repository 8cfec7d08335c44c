"""Is this deployment safe and complete: what `relais check` says. With plainly unsafe settings it does not run."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Literal

import redis
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, InterfaceError, connection

from server import codegen
from server.celery import HEARTBEAT, HEARTBEAT_LASTS
from server.kernel import clock, redis_servers, vault
from server.kernel.delivery import queue
from server.ops import environment, proxies, roles, writes

EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")
SECONDS_FOR_ONE = 4.0
"""How long one server is waited for."""
OVERDUE = timedelta(minutes=5)
# Django's own advice that does not apply: server/ops/headers.py forbids framing; the proxy redirects to https;
# preloading is the domain owner's decision.
NOT_OURS = {"security.W002", "security.W008", "security.W021"}
LOCAL_ONLY = {"security.W004", "security.W012", "security.W016"}


@dataclass(frozen=True)
class Finding:
    """Something to know; `wrong` is unsafe or does not work, `missing` is a thing people will miss."""

    severity: Literal["wrong", "missing"]
    text: str


def findings() -> list[Finding]:
    """Everything that is not as it should be, the database and Redis asked for themselves. A server that says nothing
    is one line, after ``SECONDS_FOR_ONE`` at most."""
    return [*_postgres(), *_redis(), *_django(), *_mail(), *_files()]


def _postgres() -> Iterator[Finding]:
    try:
        yield from (*_database(), *_audit(), *_keys(), *_overdue())
        yield from _writing()
    except (DatabaseError, InterfaceError) as error:
        yield Finding("wrong", f"PostgreSQL does not answer: {_last_line(error)}")


def _last_line(error: Exception) -> str:
    return [*str(error).strip().splitlines(), type(error).__name__][0]


def _writing() -> Iterator[Finding]:
    try:
        writes.to_postgres()
    except (DatabaseError, InterfaceError) as error:
        yield Finding("wrong", f"PostgreSQL takes no writes: {_last_line(error)}. Nobody can send anything.")


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, version = cursor.fetchone()
        if number < 160000:
            yield Finding("wrong", f"PostgreSQL {version} is too old: 16 or newer is needed.")
        for name in ("fsync", "full_page_writes"):
            cursor.execute("SELECT current_setting(%s)", [name])
            if cursor.fetchone() != ("on",):
                yield Finding("wrong", f"PostgreSQL's {name} is off: a power cut would lose what was acknowledged.")
        cursor.execute("SELECT current_setting('synchronous_commit')")
        if cursor.fetchone() == ("off",):
            yield Finding("wrong", "PostgreSQL's synchronous_commit is off: a crash would lose what was acknowledged.")
        cursor.execute("SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(EXTENSIONS)])
        for name in sorted(set(EXTENSIONS) - {row[0] for row in cursor.fetchall()}):
            yield Finding("wrong", f"PostgreSQL lacks the extension {name}: install its contributed extensions.")
    ahead = clock.skew()
    if abs(ahead) > clock.NOTABLE_SKEW:
        way = "ahead of" if ahead > timedelta(0) else "behind"
        text = f"The clock of this host is {abs(ahead.total_seconds()):.0f} s {way} PostgreSQL's"
        yield Finding("wrong", f"{text}: synchronise both with a time server. Relais goes by PostgreSQL's.")
    if not environment.verifies_database(settings.RELAIS_DATABASE_URL):
        yield Finding("missing", "PostgreSQL's certificate is not checked for its name: add ?sslmode=verify-full.")


def _audit() -> Iterator[Finding]:
    if roles.can_change_audit(connection):
        yield Finding(
            "wrong",
            "The role of DATABASE_URL can change the audit log. Give Relais a role that owns nothing, name the owner in"
            " DATABASE_OWNER_URL, and run `relais migrate` (docs/operations.md).",
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_auditlink_other")
        [misplaced] = cursor.fetchone()
    if misplaced:
        yield Finding("missing", f"{misplaced} audit links have no table of their month: is beat running?")
    if not settings.RELAIS_AUDIT_ANCHORS:
        yield Finding("missing", "RELAIS_AUDIT_ANCHORS is not set: the audit's anchors are kept in the log alone.")


def _redis() -> list[Finding]:
    """Asked in a thread that is left behind when Redis says nothing: each of its questions would wait for itself."""
    answer: SimpleQueue[list[Finding]] = SimpleQueue()
    threading.Thread(target=lambda: answer.put([*_ask_redis()]), daemon=True).start()
    try:
        return answer.get(timeout=SECONDS_FOR_ONE)
    except Empty:
        return [Finding("wrong", f"Redis says nothing: it was asked for {SECONDS_FOR_ONE:g} s.")]


def _ask_redis() -> Iterator[Finding]:
    try:
        with redis_servers.parse(settings.REDIS_URL).connect() as client:
            try:
                writes.to_redis(client)
            except redis.ResponseError as error:
                yield Finding("wrong", f"Redis takes no writes: {error}")
            if not client.exists(HEARTBEAT):
                text = f"No worker has given a sign of life for {HEARTBEAT_LASTS} s"
                yield Finding("missing", f"{text}: SMS, e-mail and reminders wait. Run worker and beat.")
            yield from _proxies()
            yield from _eviction(client)
    except redis.RedisError as error:
        yield Finding("wrong", f"Redis does not answer: {error}")


def _eviction(client: redis.Redis) -> Iterator[Finding]:
    try:
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except redis.ResponseError:
        return  # a hosted Redis may keep its configuration to itself
    if policy != "noeviction":
        yield Finding("wrong", f"Redis may evict work that waits (maxmemory-policy {policy}): set noeviction.")


def _keys() -> Iterator[Finding]:
    if not vault.is_ready():
        yield Finding("wrong", "What is stored was encrypted with a master key that is not configured.")
    for path in environment.secret_files():
        if environment.is_open_to_others(path):
            yield Finding("wrong", f"Others may read a secret of this deployment: chmod 600 {path}")


def _django() -> Iterator[Finding]:
    ignored = NOT_OURS if settings.RELAIS_PUBLIC else NOT_OURS | LOCAL_ONLY
    for message in checks.run_checks(include_deployment_checks=True):
        if message.id not in ignored:
            yield Finding("wrong", f"{message.id}: {message.msg}")


def _mail() -> Iterator[Finding]:
    if settings.RELAIS_FAKE_DELIVERY:
        yield Finding("missing", "E-mail and SMS are captured (RELAIS_FAKE_DELIVERY) and reach nobody.")
        return
    if settings.EMAIL_HOST == "localhost":
        yield Finding("missing", "RELAIS_SMTP_URL is not set: e-mail is handed to this machine's port 25.")
    if not settings.RELAIS_SMS_URL:
        yield Finding("missing", "RELAIS_SMS_URL is not set: patients get no SMS.")


def _overdue() -> Iterator[Finding]:
    now = clock.now()
    since = queue.overdue_since(now)
    if since is not None and now - since > OVERDUE:
        text = f"Nobody has tried to hand over e-mail and SMS that are due since {since:%Y-%m-%d %H:%M} UTC"
        yield Finding("wrong", f"{text}: run a worker that takes the queue `delivery`.")


def _proxies() -> Iterator[Finding]:
    if proxies.was_noticed():
        yield Finding(
            "wrong",
            "A proxy forwards requests, and RELAIS_TRUSTED_PROXIES is 0: everybody behind it shares one limit, and"
            " https is not seen. Set it to the number of your proxies.",
        )


def _files() -> Iterator[Finding]:
    if not (settings.RELAIS_WEB_CLIENT / "index.html").is_file():
        yield Finding("wrong", f"The web client is not built in {settings.RELAIS_WEB_CLIENT}: run `make setup`.")
    for path in codegen.stale(settings.ROOT):
        yield Finding("wrong", f"{path.relative_to(settings.ROOT)} is stale: run `relais wire`.")
