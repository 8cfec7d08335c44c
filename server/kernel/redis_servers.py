"""Redis by its address, with an end to every wait: one server, a master that Sentinels watch over, or a Cluster.

    redis://[user:password@]host:port/0     rediss://…     unix:///path/to/socket
    redis+sentinel://[user:password@]host:26379,host:26379/0?master=NAME[&sentinel_password=…]     rediss+sentinel://…
    redis+cluster://[user:password@]host:6379,host:6379     rediss+cluster://…

An ``s`` behind ``redis`` is TLS, to the Sentinels too. The rest of the query (``ssl_ca_certs``) is for redis-py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import redis
import redis.asyncio
from redis.backoff import ConstantBackoff
from redis.cluster import ClusterNode
from redis.sentinel import Sentinel

SECONDS = 2.0
"""For connecting, and for each answer. redis-py's own default is to try eleven times, up to a minute in all."""
PAUSE = 0.1
TIMEOUTS = {"socket_timeout", "socket_connect_timeout", "health_check_interval"}
"""What an address may say in its query, as redis-py reads it."""
PORTS = {"single": 6379, "sentinel": 26379, "cluster": 6379}


class WrongAddressError(ValueError):
    """It is no address of Redis; the message says what one looks like."""


@dataclass(frozen=True)
class RedisServers:
    """One Redis, whatever it consists of."""

    address: str
    kind: Literal["single", "sentinel", "cluster"]
    nodes: tuple[tuple[str, int], ...] = ()
    """The Sentinels, or some nodes of the Cluster."""
    tls: bool = False
    username: str | None = None
    password: str | None = None
    database: int = 0
    master: str = ""
    sentinel_password: str | None = None
    options: dict[str, str] = field(default_factory=dict)

    def connect(self, **limits_of_its_own: Any) -> redis.Redis:
        """A client for one thread or many, which connects when it is first used."""
        limits = _limits(redis.retry.Retry(ConstantBackoff(PAUSE), 1)) | limits_of_its_own
        if self.kind == "single":
            return redis.Redis.from_url(self.address, **limits)
        if self.kind == "sentinel":
            sentinels: Any = _make_sentinel(self.nodes, sentinel_kwargs=self.sentinel_options() | limits)
            found: redis.Redis = sentinels.master_for(self.master, **self._own_options(), **limits)
            return found
        make_node: Any = ClusterNode
        nodes = [make_node(host, port) for host, port in self.nodes]
        # A Cluster answers as one Redis does, for keys of one slot.
        cluster: Any = redis.RedisCluster(startup_nodes=nodes, **self._own_options(), **limits)
        return cluster  # type: ignore[no-any-return]

    def layer_host(self) -> dict[str, Any]:
        """How ``channels_redis`` reaches it: for publishing and subscribing alone."""
        limits = _limits(redis.asyncio.retry.Retry(ConstantBackoff(PAUSE), 1))
        if self.kind == "single":
            return {"address": self.address, **limits}
        if self.kind == "sentinel":
            # Its Sentinels get no retry: with one that is away the next is asked.
            bare = {name: value for name, value in limits.items() if name != "retry"}
            return {
                "sentinels": list(self.nodes),
                "master_name": self.master,
                "sentinel_kwargs": self.sentinel_options() | bare,
                **self._own_options(),
                **limits,
            }
        kind = AnyNodeOverTls if self.tls else AnyNode
        options = {name: value for name, value in self._own_options().items() if name != "ssl"}
        return {"connection_class": kind, "nodes": self.nodes, **options, **limits}

    def broker(self) -> tuple[str, dict[str, Any]]:
        """The address for Celery, which cannot use a Cluster, and the options of its transport."""
        # A connection on which an answer is overdue for as long as the health check's interval is replaced.
        options: dict[str, Any] = {
            "socket_timeout": SECONDS + 3,  # a worker waits for a second with each of its questions
            "socket_connect_timeout": SECONDS,
            "socket_keepalive": True,
            "health_check_interval": 5,
        }
        query = dict(parse_qsl(urlsplit(self.address).query))
        options |= {name: float(query.pop(name)) for name in TIMEOUTS & query.keys()}
        if self.kind == "sentinel":
            password = f":{self.password}@" if self.password else ""
            hosts = (f"sentinel://{password}{host}:{port}/{self.database}" for host, port in self.nodes)
            options |= {
                "master_name": self.master,
                "sentinel_kwargs": self.sentinel_options()
                | {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS},
            }
            return ";".join(hosts), options
        address = self.address.partition("?")[0] + (f"?{urlencode(query)}" if query else "")
        return address.replace("unix://", "redis+socket://", 1), options

    def sentinel_options(self) -> dict[str, Any]:
        return {**self._tls_options(), **({"password": self.sentinel_password} if self.sentinel_password else {})}

    def _own_options(self) -> dict[str, Any]:
        found: dict[str, Any] = {"username": self.username, "password": self.password, **self._tls_options()}
        if self.kind == "sentinel":
            found["db"] = self.database
        return {name: value for name, value in found.items() if value is not None}

    def _tls_options(self) -> dict[str, Any]:
        return {"ssl": True, **self.options} if self.tls else {}


_make_sentinel: Any = Sentinel


def _limits(retry: Any) -> dict[str, Any]:
    return {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "retry": retry, "health_check_interval": 5}


def parse(address: str) -> RedisServers:
    """The Redis that an address names; ``WrongAddressError`` when it names none."""
    scheme, _, rest = address.partition("://")
    kind = {"redis+sentinel": "sentinel", "rediss+sentinel": "sentinel"} | {
        "redis+cluster": "cluster",
        "rediss+cluster": "cluster",
    }
    if scheme in {"redis", "rediss", "unix"}:
        return RedisServers(address, "single", tls=scheme == "rediss")
    if scheme not in kind or not rest:
        raise WrongAddressError("begin with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://")
    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query))
    master, sentinel_password = options.pop("master", ""), options.pop("sentinel_password", None)
    if kind[scheme] == "sentinel" and not master:
        raise WrongAddressError("name the master that the Sentinels watch over: ?master=NAME")
    database = parts.path.strip("/")
    if database and not database.isdigit():
        raise WrongAddressError(f"/{database} is not the number of a database")
    if database not in {"", "0"} and kind[scheme] == "cluster":
        raise WrongAddressError("a Cluster has no numbered databases")
    found: Literal["sentinel", "cluster"] = "sentinel" if kind[scheme] == "sentinel" else "cluster"
    return RedisServers(
        address,
        found,
        nodes=_nodes(parts.netloc.rpartition("@")[2], PORTS[found]),
        tls=scheme.startswith("rediss"),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        database=int(database or 0),
        master=master,
        sentinel_password=sentinel_password,
        options=options,
    )


def _nodes(text: str, port: int) -> tuple[tuple[str, int], ...]:
    nodes = []
    for node in text.split(","):
        host, colon, number = node.rpartition(":") if not node.endswith("]") else (node, "", "")
        if not colon:
            host, number = node, str(port)
        if not host or not number.isdigit():
            raise WrongAddressError(f"{node!r} is not of the form host:port")
        nodes.append((host.strip("[]"), int(number)))
    return tuple(nodes)


class _InTurn:
    """A connection to any of several servers: each attempt begins with the next one."""

    host: str
    port: int

    def __init__(self, *, nodes: tuple[tuple[str, int], ...], **options: Any) -> None:
        super().__init__(host=nodes[0][0], port=nodes[0][1], **options)  # type: ignore[call-arg]
        self._nodes = nodes
        self._attempts = count()

    async def _connect(self) -> None:
        self.host, self.port = self._nodes[next(self._attempts) % len(self._nodes)]
        await super()._connect()  # type: ignore[misc]


class AnyNode(_InTurn, redis.asyncio.Connection):
    """To any node of a Cluster: what is published at one of them reaches the subscribers of all."""


class AnyNodeOverTls(_InTurn, redis.asyncio.SSLConnection):
    """The same over TLS."""
