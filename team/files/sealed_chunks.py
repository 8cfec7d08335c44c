"""The form in which bytes lie in the store: sealed in chunks of 256 KiB, each on its own.

So an upload is sealed as it arrives, and a range is opened without the rest. A chunk opens only in its place of its
object: it is sealed with the object's name, its number, and whether it is the last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from server.kernel.vault import FORMAT, NONCE, Key, Unreadable
from team.files.store import Store

CHUNK = 256 * 1024
TAG = 16
OVERHEAD = len(FORMAT) + NONCE + TAG
SEALED = CHUNK + OVERHEAD


def owner(file: UUID) -> str:
    """Whose key seals a file."""
    return f"f:{file}"


def _context(name: str, number: int, *, last: bool) -> str:
    return f"{name}|{number}|{'end' if last else 'more'}"


def seal(key: Key, name: str, content: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """The sealed chunks of an object, from its content in pieces of any size."""
    waiting = bytearray()
    number = 0
    for piece in content:
        waiting += piece
        while len(waiting) > CHUNK:
            yield key.seal(bytes(waiting[:CHUNK]), _context(name, number, last=False))
            del waiting[:CHUNK]
            number += 1
    yield key.seal(bytes(waiting), _context(name, number, last=True))


def plain_size(sealed: int) -> int:
    """How many bytes an object holds that has ``sealed`` bytes in the store."""
    return sealed - -(-sealed // SEALED) * OVERHEAD


def open_range(store: Store, key: Key, file: UUID, name: str, size: int, start: int, end: int) -> Iterator[bytes]:
    """The bytes from ``start`` to before ``end`` of an object of ``size`` bytes, a chunk at a time.

    ``Unreadable`` when a chunk is not what was sealed in its place; what was yielded before is right.
    """
    last = max(0, -(-size // CHUNK) - 1)
    for number in range(start // CHUNK, -(-end // CHUNK) if end else 0):
        sealed = store.read(file, name, number * SEALED, SEALED)
        chunk = key.open(sealed, _context(name, number, last=number == last))
        if number < last and len(chunk) != CHUNK:
            raise Unreadable(f"a chunk of {file} is too short")
        first = number * CHUNK
        yield chunk[max(0, start - first) : end - first]


def open_whole(store: Store, key: Key, file: UUID, name: str, size: int) -> bytes:
    """All of an object of ``size`` bytes."""
    return b"".join(open_range(store, key, file, name, size, 0, size))
