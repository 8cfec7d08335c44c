"""What the cache keeps in Redis: MessagePack, and never a pickle.

Django's own serializer unpickles whatever Redis hands it, so whoever can write to Redis could run code here.
"""

from __future__ import annotations

import msgspec


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
