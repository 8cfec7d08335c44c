"""The cache in Redis: any Redis that ``redis_servers`` can reach, MessagePack in it, and never a pickle.

Django's own serializer unpickles whatever Redis hands it, so whoever can write to Redis could run code here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import redis
from django.core.cache.backends.redis import RedisCache as DjangoRedisCache
from django.core.cache.backends.redis import RedisCacheClient
from redis.backoff import NoBackoff
from redis.retry import Retry

from server.kernel import redis_servers

IMPATIENT_SECONDS = 0.25


class RedisCache(DjangoRedisCache):
    """Django's cache, over a client that waits for nothing without end."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._servers = [server]  # Django would take the nodes of one Redis for several
        self._class = _Client


class _Client(RedisCacheClient):
    _servers: list[str]
    _serializer: MsgpackSerializer

    def get_client(self, key: object = None, *, write: bool = False) -> redis.Redis:
        return _connected(self._servers[0])

    def set_many(self, data: Mapping[Any, Any], timeout: Any) -> None:
        # A Cluster takes no MSET within a pipeline.
        with self.get_client(write=True).pipeline() as pipeline:
            for key, value in data.items():
                pipeline.set(key, self._serializer.dumps(value), ex=timeout)
            pipeline.execute()


@cache
def _connected(address: str) -> redis.Redis:
    return redis_servers.parse(address).connect()


class ImpatientRedisCache(RedisCache):
    """The same for whoever holds up others by waiting: one attempt, which ends after ``IMPATIENT_SECONDS``."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _ImpatientClient


class _ImpatientClient(_Client):
    def get_client(self, key: object = None, *, write: bool = False) -> redis.Redis:
        return _impatient(self._servers[0])


@cache
def _impatient(address: str) -> redis.Redis:
    limits: dict[str, Any] = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), IMPATIENT_SECONDS)
    return redis_servers.parse(address).connect(**limits, retry=Retry(NoBackoff(), 0))


class MsgpackSerializer:
    """Numbers, texts, lists and maps of them; tuples come back as lists. Anything else is refused when it is stored.

    Bytes that are no MessagePack raise ``msgspec.DecodeError`` and run nothing.
    """

    def dumps(self, value: object) -> bytes | int:
        # Redis counts in plain integers.
        return value if type(value) is int else msgspec.msgpack.encode(value)

    def loads(self, data: bytes) -> object:
        try:
            return int(data)
        except ValueError:
            return msgspec.msgpack.decode(data)
