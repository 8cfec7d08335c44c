"""The audit log: append-only, and tampering shows.

Every transaction that did something adds one link to the chain of the thread that wrote it: the link's digest
covers the digest before it, so that a link cannot be changed, removed or inserted unnoticed. Chains are separate so
that writers never wait for one another; ``anchor`` ties the heads of all chains together from time to time, so that
a whole chain, or its last links, cannot be removed either. Digests are keyed: whoever can write to the database and
does not hold the master key cannot write a link that looks genuine.

What the database alone cannot show is that its newest links *and* anchors were removed, or that an older backup was
restored. So each anchor is also written outside it (``anchor_file``) and logged, and ``verify`` compares.

Entries hold who did what to which thing, by ids. They hold no text of a message and no patient's name. A GIN index
over the chained text itself finds them by person, patient and organisation: there is no second copy that could say
something else than the chain.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import connection, transaction
from psycopg.types.numeric import Int8

from server.kernel import anchor_file, clock, vault
from server.kernel.anchor_file import OutsideAnchor
from server.kernel.authentication import SYSTEM, Actor
from server.kernel.identifiers import text
from server.kernel.models import AuditAnchor, AuditLink
from server.kernel.statements import Statement

log = logging.getLogger("kernel.audit")

Entry = dict[str, str | list[str]]

ORIGIN = bytes(32)
"""What the first link of a chain follows."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_TRANSACTION = timedelta(minutes=5)
"""Links are stamped with the transaction's start time and may commit this much later."""


def entry(actor: Actor, act: str, subject: uuid.UUID | str = "", about: Iterable[object] = (), **details: str) -> Entry:
    """Who did what (``act``) to which thing (``subject``).

    ``about`` are the other ids it concerns: the patients who were read, the person who was given a right.
    ``details`` are codes (a level, a reason). ``at`` is the link's. What is empty is left out, but for the first three.
    """
    made: Entry = {"person": actor.label, "act": act, "subject": text(subject)}
    if actor.session is not None:
        made["session"] = text(actor.session)
    if actor.on_behalf_of is not None:
        made["on_behalf_of"] = text(actor.on_behalf_of)
    if actor.organisation is not None:
        made["organisation"] = text(actor.organisation)
    concerned = sorted({str(one) for one in about if one is not None})
    if concerned:
        made["about"] = concerned
    made.update(details)
    return made


def _digest(chain: uuid.UUID, number: int, at: datetime, entries: str, previous: bytes) -> bytes:
    place = f"{chain}|{number}|{at.timestamp():.6f}|".encode()
    return vault.keyed_digest(previous + place + entries.encode())


_APPEND = Statement(
    "INSERT INTO kernel_auditlink (chain, number, at, entries, previous, digest) VALUES (%b, %b, %b, %b, %b, %b)"
)


class Chain(threading.local):
    """The chain of this thread; its head moves only when a transaction is committed."""

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self.number = 0
        self.head = ORIGIN
        self._next: tuple[int, bytes] | None = None

    def append(self, entries: list[Entry], at: datetime) -> None:
        """Writes one link in the transaction that is open. At most once in a transaction."""
        text = msgspec.json.encode(entries, order="sorted").decode()
        number = self.number + 1
        digest = _digest(self.id, number, at, text, self.head)
        _APPEND.send(self.id, Int8(number), at, text, self.head, digest)
        self._next = (number, digest)

    def committed(self) -> None:
        """The transaction is durable: its link, if it wrote one, is the head of the chain."""
        if self._next:
            self.number, self.head = self._next
            self._next = None

    def rolled_back(self) -> None:
        """The transaction never was: the head stays where it was."""
        self._next = None

    def start_new_chain(self) -> None:
        """Begins a new chain: after a commit whose outcome is not known, the old one's head is not known either."""
        self.id, self.number, self.head, self._next = uuid.uuid4(), 0, ORIGIN, None


chain = Chain()
# A process that is forked must not go on with its parent's chain, as its siblings do.
os.register_at_fork(after_in_child=chain.start_new_chain)


def record(entries: list[Entry]) -> None:
    """Writes entries in a transaction of their own: for what is not part of a command (sign-ins, refusals)."""
    if not entries:
        return
    try:
        with transaction.atomic():
            chain.append(entries, clock.now())
    except BaseException:
        chain.start_new_chain()  # the commit may have arrived
        raise
    chain.committed()


def anchor(at: datetime) -> None:
    """Ties the heads of all chains that have grown since the last anchor together, one anchor at a time."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('relais audit anchor'))")
        last = AuditAnchor.objects.order_by("-id").first()
        heads = _heads(last.at - LONGEST_TRANSACTION if last else BEGINNING)
        if not heads:
            return
        text = msgspec.json.encode(heads).decode()
        previous = bytes(last.digest) if last else ORIGIN
        digest = vault.keyed_digest(previous + text.encode())
        made = AuditAnchor.objects.create(at=at, heads=text, previous=previous, digest=digest)
    _keep_outside(OutsideAnchor(made.pk, digest), at)


def _keep_outside(made: OutsideAnchor, at: datetime) -> None:
    """The file and the log are kept elsewhere than the database: they tell when its last anchors are removed."""
    log.info("audit anchored", extra={"fields": {"anchor": str(made)}})
    if settings.RELAIS_AUDIT_ANCHORS:
        try:
            anchor_file.append(Path(settings.RELAIS_AUDIT_ANCHORS), made, at)
        except OSError as error:
            # The anchor itself stands, and the log has its value: the audit goes on.
            fields = {"anchor": str(made), "error": error.strerror}
            log.error("anchor not written outside the database", extra={"fields": fields})


def make_partitions() -> None:
    """The tables for this month and the next three exist. The owner's function makes them for whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kernel_audit_partitions()")


def _heads(since: datetime) -> list[tuple[str, int, str]]:
    """The head of each chain that has grown since; from chain to chain by the index, however long they are.

    Only the partitions of that month and later are looked at.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE heads AS ("
            " (SELECT chain, number, at, digest FROM kernel_auditlink WHERE at >= %(month)s"
            " ORDER BY chain DESC, number DESC LIMIT 1)"
            " UNION ALL SELECT other.* FROM heads CROSS JOIN LATERAL"
            " (SELECT chain, number, at, digest FROM kernel_auditlink WHERE at >= %(month)s AND chain < heads.chain"
            " ORDER BY chain DESC, number DESC LIMIT 1) AS other)"
            " SELECT chain::text, number, encode(digest, 'hex') FROM heads WHERE at > %(since)s ORDER BY chain",
            {"since": since, "month": since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)},
        )
        found: list[tuple[str, int, str]] = cursor.fetchall()
    return found


@dataclass(frozen=True, slots=True)
class Report:
    """What ``verify`` found; ``broken`` is empty when nothing was tampered with. ``outside`` counts the anchors that
    were compared with those kept outside the database."""

    links: int
    chains: int
    anchors: int
    broken: list[str]
    outside: int = 0


CHECKED = "audit.verified"
"""The act of the entry that says when the whole log was looked at, of how many links, and how much did not fit."""
DROPPED = "audit.dropped"
"""The act of the entry that remains of months which were dropped (``audit_months``)."""


@dataclass(frozen=True, slots=True)
class _Gone:
    """What may be missing, because it was dropped."""

    last: dict[uuid.UUID, tuple[int, bytes]]
    """Of each chain that goes on, the last dropped link and its digest."""
    named: set[tuple[uuid.UUID, int]]
    """Dropped links that later anchors name."""
    anchor: int
    """The last anchor that names dropped links alone."""

    def covers(self, anchor: int, chain: uuid.UUID, number: int) -> bool:
        if anchor > self.anchor:
            return (chain, number) in self.named
        return chain not in self.last or number <= self.last[chain][0]


def _gone() -> _Gone:
    """What the entries about dropped months say. One that is not genuine is passed over, and shows as a broken link."""
    last: dict[uuid.UUID, tuple[int, bytes]] = {}
    named: set[tuple[uuid.UUID, int]] = set()
    anchor = 0
    about_it = AuditLink.objects.extra(where=["entries::jsonb @> %s::jsonb"], params=[f'[{{"act":"{DROPPED}"}}]'])
    for link in about_it.order_by("at"):
        if bytes(link.digest) != _digest(link.chain, link.number, link.at, link.entries, bytes(link.previous)):
            continue
        for one in msgspec.json.decode(link.entries):
            if one["act"] == DROPPED:
                anchor = max(anchor, int(one["anchor"]))
                for name, number, digest in (chain.split(":") for chain in one["chains"]):
                    last[uuid.UUID(name)] = (int(number), bytes.fromhex(digest))
                named |= {(uuid.UUID(name), int(number)) for name, number in (link.split(":") for link in one["links"])}
    return _Gone(last, named, anchor)


def verify(outside: Sequence[OutsideAnchor] = ()) -> Report:
    """Walks every chain and every anchor, in constant memory, while others go on writing.

    Without anchors that were kept ``outside`` it sees only what the database shows: newest links that are missing
    together with the anchors that named them, and an emptied table, look like links that never were.
    """
    broken: list[str] = []
    gone = _gone()
    links, chains = _verify_links(broken, gone)
    anchors = _verify_anchors(broken, gone)
    _verify_outside(outside, broken)
    return Report(links, chains, anchors, broken, len(outside))


def note_check(report: Report) -> None:
    """Enters that the log was looked at, so that whoever reads it sees when."""
    counts = {"links": str(report.links), "broken": str(len(report.broken)), "outside": str(report.outside)}
    record([entry(SYSTEM, CHECKED, **counts)])


def _verify_links(broken: list[str], gone: _Gone) -> tuple[int, int]:
    links = chains = 0
    current: uuid.UUID | None = None
    number, previous = 0, ORIGIN
    for link in _every_link():
        if link.chain != current:
            current, chains = link.chain, chains + 1
            number, previous = gone.last.get(link.chain, (0, ORIGIN))
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


def _verify_anchors(broken: list[str], gone: _Gone) -> int:
    previous, count, after = ORIGIN, 0, 0
    while page := list(AuditAnchor.objects.filter(pk__gt=after).order_by("pk")[:500]):
        genuine = []
        for anchored in page:
            if bytes(anchored.digest) == vault.keyed_digest(bytes(anchored.previous) + anchored.heads.encode()):
                genuine.append(anchored)
            else:
                broken.append(f"anchor {anchored.pk} is changed")
            if bytes(anchored.previous) != previous:
                broken.append(f"anchor {anchored.pk} does not follow the one before it")
            previous, after = bytes(anchored.digest), anchored.pk
        broken += [
            f"anchor {pk}: chain {name} link {number} is missing or changed"
            for pk, name, number in _missing_links(genuine)
            if not gone.covers(pk, name, number)
        ]
        count += len(page)
    return count


def _missing_links(anchors: list[AuditAnchor]) -> list[tuple[int, uuid.UUID, int]]:
    """Which links that these anchors name are not there as they were."""
    heads = [(one.pk, *head) for one in anchors for head in msgspec.json.decode(one.heads)]
    if not heads:
        return []
    pks, names, numbers, digests = zip(*heads, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT heads.anchor, heads.chain, heads.number"
            " FROM unnest(%b::bigint[], %b::uuid[], %b::bigint[], %b::bytea[]) AS heads (anchor, chain, number, digest)"
            " LEFT JOIN kernel_auditlink link ON link.chain = heads.chain AND link.number = heads.number"
            " WHERE link.digest IS DISTINCT FROM heads.digest ORDER BY 1, 2",
            (list(pks), [uuid.UUID(name) for name in names], list(numbers), [bytes.fromhex(one) for one in digests]),
        )
        found: list[tuple[int, uuid.UUID, int]] = cursor.fetchall()
    return found


def _verify_outside(outside: Sequence[OutsideAnchor], broken: list[str]) -> None:
    missing: list[int] = []
    other: list[int] = []
    for start in range(0, len(outside), 500):
        page = outside[start : start + 500]
        rows = AuditAnchor.objects.filter(pk__in=[one.number for one in page]).values_list("pk", "digest")
        kept = {pk: bytes(digest) for pk, digest in rows}
        missing += [one.number for one in page if one.number not in kept]
        other += [one.number for one in page if one.number in kept and kept[one.number] != one.digest]
    if missing:
        broken.append(
            f"the database lacks {len(missing)} of the anchors kept outside it, from number {min(missing)} on:"
            " its newest entries were removed, it was emptied, or an older backup was restored"
        )
    if other:
        broken.append(
            f"the database differs in {len(other)} of the anchors kept outside it, from number {min(other)} on:"
            " one of the two was forged, or an older backup was restored and written to since"
        )
