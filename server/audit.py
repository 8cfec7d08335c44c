"""The audit log: append-only, and tampering shows.

Every transaction that did something adds one link to the chain of the thread that wrote it: the link's digest
covers the digest before it, so that a link cannot be changed, removed or put in between unnoticed. Chains are
separate so that writers never wait for one another; ``anchor`` ties the ends of all chains together from time to
time, so that a whole chain, or the end of one, cannot be cut off either.

Entries hold who did what to which thing, by ids. They hold no text of a message and no patient's name.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import connection, transaction

from server.models import AuditAnchor, AuditLink

Entry = dict[str, str]

ORIGIN = bytes(32)
"""What the first link of a chain follows."""


def _digest(chain: uuid.UUID, number: int, at: datetime, entries: str, previous: bytes) -> bytes:
    head = f"{chain}|{number}|{at.timestamp():.6f}|".encode()
    return hashlib.sha256(previous + head + entries.encode()).digest()


class Chain(threading.local):
    """The chain of this thread; its end moves only when a transaction is committed."""

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self.number = 0
        self.end = ORIGIN
        self._next: tuple[int, bytes] | None = None

    def append(self, entries: list[Entry], at: datetime) -> None:
        """Writes one link in the transaction that is open. At most once in a transaction."""
        text = msgspec.json.encode(entries, order="sorted").decode()
        number = self.number + 1
        digest = _digest(self.id, number, at, text, self.end)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO server_auditlink (chain, number, at, entries, previous, digest)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (self.id, number, at, text, self.end, digest),
            )

        self._next = (number, digest)

    def committed(self) -> None:
        """The transaction is durable: the chain ends at its link, if it wrote one."""
        if self._next:
            self.number, self.end = self._next
            self._next = None

    def rolled_back(self) -> None:
        """The transaction never was: the chain ends where it ended."""
        self._next = None

    def break_off(self) -> None:
        """Begins a new chain: after a commit whose outcome is not known, the old one's end is not known either."""
        self.id, self.number, self.end, self._next = uuid.uuid4(), 0, ORIGIN, None


chain = Chain()


def anchor(at: datetime) -> None:
    """Ties the ends of all chains together, one anchor at a time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('relais audit anchor'))")
        cursor.execute(
            "SELECT DISTINCT ON (chain) chain::text, number, encode(digest, 'hex') FROM server_auditlink"
            " ORDER BY chain, number DESC"
        )
        ends = msgspec.json.encode([list(row) for row in cursor.fetchall()]).decode()
        last = AuditAnchor.objects.order_by("-id").first()
        previous = bytes(last.digest) if last else ORIGIN
        AuditAnchor.objects.create(
            at=at, ends=ends, previous=previous, digest=hashlib.sha256(previous + ends.encode()).digest()
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What ``verify`` found; ``broken`` is empty when nothing was tampered with."""

    links: int
    chains: int
    anchors: int
    broken: list[str]


def verify() -> Report:
    """Walks every chain and every anchor, in constant memory."""
    broken: list[str] = []
    ends: dict[tuple[str, int], str] = {}
    wanted: set[tuple[str, int]] = set()
    anchors = _verify_anchors(broken, wanted)
    links, chains = _verify_links(broken, wanted, ends)
    for anchored in AuditAnchor.objects.order_by("id").iterator():
        for name, number, digest in msgspec.json.decode(anchored.ends):
            if ends.get((name, number)) != digest:
                broken.append(f"anchor {anchored.pk}: chain {name} link {number} is missing or changed")
    return Report(links, chains, anchors, broken)


def _verify_anchors(broken: list[str], wanted: set[tuple[str, int]]) -> int:
    previous, count = ORIGIN, 0
    for anchored in AuditAnchor.objects.order_by("id").iterator():
        expected = hashlib.sha256(previous + anchored.ends.encode()).digest()
        if bytes(anchored.previous) != previous or bytes(anchored.digest) != expected:
            broken.append(f"anchor {anchored.pk} does not follow the one before it")
        wanted.update((name, number) for name, number, _ in msgspec.json.decode(anchored.ends))
        previous, count = bytes(anchored.digest), count + 1
    return count


def _verify_links(broken: list[str], wanted: set[tuple[str, int]], ends: dict[tuple[str, int], str]) -> tuple[int, int]:
    links = chains = 0
    current: uuid.UUID | None = None
    number, previous = 0, ORIGIN
    for link in AuditLink.objects.order_by("chain", "number").iterator(chunk_size=5000):
        if link.chain != current:
            current, number, previous, chains = link.chain, 0, ORIGIN, chains + 1
        number += 1
        expected = _digest(link.chain, link.number, link.at, link.entries, bytes(link.previous))
        if link.number != number or bytes(link.previous) != previous or bytes(link.digest) != expected:
            broken.append(f"chain {link.chain} link {link.number} does not follow link {number - 1}")
        number, previous, links = link.number, bytes(link.digest), links + 1
        if (str(link.chain), link.number) in wanted:
            ends[(str(link.chain), link.number)] = bytes(link.digest).hex()
    return links, chains
