"""The audit log: append-only, and tampering shows.

Every transaction that did something adds one link to the chain of the thread that wrote it: the link's digest
covers the digest before it, so that a link cannot be changed, removed or put in between unnoticed. Chains are
separate so that writers never wait for one another; ``anchor`` ties the ends of all chains together from time to
time, so that a whole chain, or the end of one, cannot be cut off either. Digests are keyed: whoever can write to
the database and does not hold the master key cannot write a link that looks genuine.

Entries hold who did what to which thing, by ids. They hold no text of a message and no patient's name.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from django.db import connection, transaction

from server.kernel import vault
from server.kernel.models import AuditAnchor, AuditLink

log = logging.getLogger("kernel.audit")

Entry = dict[str, str]

ORIGIN = bytes(32)
"""What the first link of a chain follows."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_TRANSACTION = timedelta(minutes=5)
"""A link bears the time at which its transaction began, and may become visible so much later."""


def _digest(chain: uuid.UUID, number: int, at: datetime, entries: str, previous: bytes) -> bytes:
    head = f"{chain}|{number}|{at.timestamp():.6f}|".encode()
    return vault.keyed_digest(previous + head + entries.encode())


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
                "INSERT INTO kernel_auditlink (chain, number, at, entries, previous, digest)"
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

    def start_new_chain(self) -> None:
        """Begins a new chain: after a commit whose outcome is not known, the old one's end is not known either."""
        self.id, self.number, self.end, self._next = uuid.uuid4(), 0, ORIGIN, None


chain = Chain()
# A process that is forked must not go on with its parent's chain, as its siblings do.
os.register_at_fork(after_in_child=chain.start_new_chain)


def anchor(at: datetime) -> None:
    """Ties the ends of all chains that have grown since the last anchor together, one anchor at a time."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('relais audit anchor'))")
        last = AuditAnchor.objects.order_by("-id").first()
        ends = _ends(last.at - LONGEST_TRANSACTION if last else None)
        if not ends:
            return
        text = msgspec.json.encode(ends).decode()
        previous = bytes(last.digest) if last else ORIGIN
        digest = vault.keyed_digest(previous + text.encode())
        made = AuditAnchor.objects.create(at=at, ends=text, previous=previous, digest=digest)
    # The log is kept elsewhere than the database: it tells when the last anchors themselves are cut off.
    log.info("audit anchored", extra={"fields": {"anchor": made.pk, "digest": digest.hex()}})


def _ends(since: datetime | None) -> list[tuple[str, int, str]]:
    """The last link of each chain that has grown since; from chain to chain by the index, however long they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE ends AS ("
            " (SELECT chain, number, at, digest FROM kernel_auditlink ORDER BY chain DESC, number DESC LIMIT 1)"
            " UNION ALL SELECT other.* FROM ends CROSS JOIN LATERAL"
            " (SELECT chain, number, at, digest FROM kernel_auditlink WHERE chain < ends.chain"
            " ORDER BY chain DESC, number DESC LIMIT 1) AS other)"
            " SELECT chain::text, number, encode(digest, 'hex') FROM ends WHERE at > %s ORDER BY chain",
            (since or BEGINNING,),
        )
        found: list[tuple[str, int, str]] = cursor.fetchall()
    return found


@dataclass(frozen=True, slots=True)
class Report:
    """What ``verify`` found; ``broken`` is empty when nothing was tampered with."""

    links: int
    chains: int
    anchors: int
    broken: list[str]


def verify() -> Report:
    """Walks every chain and every anchor, in constant memory, while others go on writing."""
    broken: list[str] = []
    links, chains = _verify_links(broken)
    return Report(links, chains, _verify_anchors(broken), broken)


def _verify_links(broken: list[str]) -> tuple[int, int]:
    links = chains = 0
    current: uuid.UUID | None = None
    number, previous = 0, ORIGIN
    for link in _every_link():
        if link.chain != current:
            current, number, previous, chains = link.chain, 0, ORIGIN, chains + 1
        number += 1
        expected = _digest(link.chain, link.number, link.at, link.entries, bytes(link.previous))
        if link.number != number or bytes(link.previous) != previous or bytes(link.digest) != expected:
            broken.append(f"chain {link.chain} link {link.number} does not follow link {number - 1}")
        number, previous, links = link.number, bytes(link.digest), links + 1
    return links, chains


def _every_link() -> Iterator[AuditLink]:
    after = (uuid.UUID(int=0), 0)
    while page := list(AuditLink.objects.filter(pk__gt=after).order_by("chain", "number")[:5000]):
        yield from page
        after = (page[-1].chain, page[-1].number)


def _verify_anchors(broken: list[str]) -> int:
    previous, count, after = ORIGIN, 0, 0
    while page := list(AuditAnchor.objects.filter(pk__gt=after).order_by("pk")[:500]):
        genuine = []
        for anchored in page:
            if bytes(anchored.digest) == vault.keyed_digest(bytes(anchored.previous) + anchored.ends.encode()):
                genuine.append(anchored)
            else:
                broken.append(f"anchor {anchored.pk} is changed")
            if bytes(anchored.previous) != previous:
                broken.append(f"anchor {anchored.pk} does not follow the one before it")
            previous, after = bytes(anchored.digest), anchored.pk
        broken += [
            f"anchor {pk}: chain {name} link {number} is missing or changed"
            for pk, name, number in _missing_links(genuine)
        ]
        count += len(page)
    return count


def _missing_links(anchors: list[AuditAnchor]) -> list[tuple[int, uuid.UUID, int]]:
    """Which links that these anchors name are not there as they were."""
    ends = [(one.pk, *end) for one in anchors for end in msgspec.json.decode(one.ends)]
    if not ends:
        return []
    pks, names, numbers, digests = zip(*ends, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ends.anchor, ends.chain, ends.number"
            " FROM unnest(%b::bigint[], %b::uuid[], %b::bigint[], %b::bytea[]) AS ends (anchor, chain, number, digest)"
            " LEFT JOIN kernel_auditlink link ON link.chain = ends.chain AND link.number = ends.number"
            " WHERE link.digest IS DISTINCT FROM ends.digest ORDER BY 1, 2",
            (list(pks), [uuid.UUID(name) for name in names], list(numbers), [bytes.fromhex(one) for one in digests]),
        )
        found: list[tuple[int, uuid.UUID, int]] = cursor.fetchall()
    return found
