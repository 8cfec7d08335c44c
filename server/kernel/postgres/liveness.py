"""Whether a PostgreSQL still says anything, known to all threads of a process.

A statement that takes long and a server that has fallen silent look alike: nothing comes. So when somebody has waited
for a while and nobody else here heard anything either, the server is asked over a connection of its own. If it answers,
in whatever words, everybody goes on waiting. If it does not, nobody waits any longer and nobody begins to: whatever
needs it is refused at once, and it is asked again until it answers.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout, _WaitTimeout

T = TypeVar("T")

PROBE_SECONDS: Final = 2
"""How long a server has to answer. psycopg takes whole seconds, and no fewer."""
BUSY_SECONDS = 1.0
"""A probe that ended so much later than it may was not run in time: the machine is busy, and nothing is known."""
PAUSE = 0.2
"""Seconds between two probes of a silent server."""
PORT = 5432


class SilentServerError(psycopg.OperationalError):
    """PostgreSQL says nothing at all. Whether a statement that was under way was carried out is not known."""

    def __init__(self) -> None:
        super().__init__("PostgreSQL is silent.")


class _Probing(psycopg.Connection[Any]):
    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        return super().wait(gen, interval, PROBE_SECONDS)


def answers(parameters: Mapping[str, Any]) -> bool:
    """Whether a server says anything to a new connection: a refusal of any kind is an answer. That no connection can be
    made is no silence either, since nobody has to wait to learn it."""
    while True:
        began = time.monotonic()
        try:
            connection = _Probing.connect(**{**parameters, "connect_timeout": PROBE_SECONDS})
            try:
                began = time.monotonic()
                connection.execute("SELECT 1")
            finally:
                connection.close()
        except (ConnectionTimeout, _WaitTimeout):
            if time.monotonic() - began < PROBE_SECONDS + BUSY_SECONDS:
                return False
        except psycopg.Error:
            return True
        else:
            return True


class Server:
    """One server, by its address."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = parameters
        self._heard_at = -math.inf
        self._lock = threading.Lock()
        self._asking = False
        self.is_silent = False

    def heard(self) -> None:
        """It has just answered somebody."""
        self._heard_at = time.monotonic()

    def was_waited_for(self, seconds: float) -> None:
        """Somebody has waited for so long. Raises ``SilentServerError`` once it is known to say nothing to anybody."""
        if self.is_silent:
            raise SilentServerError
        if time.monotonic() - self._heard_at >= seconds:
            self._ask()

    def took_no_connection(self, seconds: float) -> None:
        """It did not answer a new connection within so long."""
        if time.monotonic() - self._heard_at >= seconds:
            self.is_silent = True
            self._ask()

    def _ask(self) -> None:
        with self._lock:
            if self._asking:
                return
            self._asking = True
        threading.Thread(target=self._ask_until_it_answers, name="relais-postgres-probe", daemon=True).start()

    def _ask_until_it_answers(self) -> None:
        try:
            while True:
                began = time.monotonic()
                if answers(self._parameters) or self._heard_at > began:
                    break
                self.is_silent = True
                time.sleep(PAUSE)
            self.heard()
        finally:
            self.is_silent = False
            self._asking = False


_servers: dict[tuple[str, int], Server] = {}


def server_of(made: psycopg.Connection[Any], parameters: Mapping[str, Any]) -> Server:
    """The server at the other end of a connection that was made with these parameters, just now."""
    address = made.info.host, made.info.port
    found = _servers.get(address) or _servers.setdefault(address, Server(_of_one(parameters, *address)))
    found.heard()
    return found


def _of_one(parameters: Mapping[str, Any], host: str, port: int) -> dict[str, Any]:
    kept = {name: value for name, value in parameters.items() if name not in {"hostaddr", "target_session_attrs"}}
    return {**kept, "host": host, "port": port}


def addresses(parameters: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The servers that may be meant, in order; none where libpq is told in another way."""
    hosts = str(parameters.get("host") or "").split(",")
    ports = str(parameters.get("port") or PORT).split(",")
    if "hostaddr" in parameters or not all(hosts) or len(ports) not in {1, len(hosts)}:
        return []
    return [(host, int(ports[number % len(ports)] or PORT)) for number, host in enumerate(hosts)]


def without_silent_ones(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters without servers that are known to be silent; ``SilentServerError`` when no other remains."""
    wanted = addresses(parameters)
    left = [one for one in wanted if one not in _servers or not _servers[one].is_silent]
    if len(left) == len(wanted):
        return parameters
    if not left:
        raise SilentServerError
    return {**parameters, "host": ",".join(host for host, _ in left), "port": ",".join(str(port) for _, port in left)}


def took_no_connection(parameters: Mapping[str, Any], seconds: float) -> None:
    """A connection with these parameters was not made within so long."""
    wanted = addresses(parameters)
    if len(wanted) == 1:  # of several it is not known which
        [address] = wanted
        _servers.setdefault(address, Server(_of_one(parameters, *address))).took_no_connection(seconds)
