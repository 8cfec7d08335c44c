"""Dropping months of the audit that have been kept for long enough: by the owner of its tables alone, and seen.

Only what verifies and is anchored is dropped. What remains still verifies: the entry about it (``audit.DROPPED``) names
the last link that was dropped of each chain which goes on, and which anchors name what is gone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection, transaction

from server.kernel import audit, clock
from server.kernel.anchor_file import OutsideAnchor
from server.kernel.authentication import SYSTEM
from server.kernel.models import AuditAnchor, AuditLink

AT_LEAST = timedelta(days=366)
"""Whatever is set: who looked at what is kept for a year (CNIL, recommendation on logs of 14 October 2021: six months
to a year, and longer with a reason)."""

_MONTHS = """
SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'kernel_auditlink'::regclass ORDER BY 1
"""
_LAST_OF_CHAINS_THAT_GO_ON = """
SELECT DISTINCT ON (chain) chain::text || ':' || number || ':' || encode(digest, 'hex') FROM kernel_auditlink dropped
WHERE at < %s AND EXISTS (SELECT FROM kernel_auditlink kept WHERE kept.chain = dropped.chain AND kept.at >= %s)
ORDER BY chain, number DESC
"""


class NotDropped(Exception):
    """Nothing was dropped; the message says why."""


def month(text: str) -> datetime:
    """The beginning of a month that is written as ``2026-11``; ``NotDropped`` when it is none."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise NotDropped(f"{text!r} is no month, such as 2026-11.")
    return datetime.fromisoformat(f"{text}-01T00:00:00+00:00")


def drop(before: datetime, outside: Sequence[OutsideAnchor] = ()) -> list[str]:
    """Drops every month that was over ``before``; their tables. ``NotDropped`` when one of them may not go yet."""
    kept = max(timedelta(days=settings.RELAIS_KEEP_DAYS["audit"]), AT_LEAST)
    if before > clock.now() - kept:
        raise NotDropped(
            f"The audit is kept for {kept.days} days: {before:%Y-%m} is too late (RELAIS_KEEP_AUDIT_DAYS)."
        )
    if broken := audit.verify(outside).broken:
        raise NotDropped(f"The audit does not verify, and is evidence: {broken[0]}")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('relais audit partitions'))")
            cursor.execute(_MONTHS)
            tables = [name for (name,) in cursor.fetchall() if (began := _begins(name)) is not None and began < before]
            if not tables:
                raise NotDropped(f"There is no month before {before:%Y-%m}.")
            cursor.execute("SELECT count(*) FROM kernel_auditlink_other WHERE at < %s", [before])
            if cursor.fetchone() != (0,):
                raise NotDropped("Links of that time lie outside the tables of their months: nothing was dropped.")
            last, links = _anchors_that_name_them(before)
            cursor.execute(_LAST_OF_CHAINS_THAT_GO_ON, [before, before])
            chains = [row[0] for row in cursor.fetchall()]
            for name in tables:
                cursor.execute(f"ALTER TABLE kernel_auditlink DETACH PARTITION {name}")
                cursor.execute(f"DROP TABLE {name}")
            entry = audit.entry(SYSTEM, audit.DROPPED, f"{before:%Y-%m}", about=tables, anchor=str(last))
            audit.chain.append([entry | {"chains": chains, "links": links}], clock.now())
    except BaseException:
        audit.chain.start_new_chain()
        raise
    audit.chain.committed()
    return tables


def _begins(table: str) -> datetime | None:
    found = re.fullmatch(r"kernel_auditlink_(\d{4})_(\d\d)", table)
    return datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC) if found else None


def _anchors_that_name_them(before: datetime) -> tuple[int, list[str]]:
    """The last anchor of that time, which names nothing else, and what the next ones name of it: those that were made
    before nothing of that time could be committed any more, and the one after."""
    later = list(AuditAnchor.objects.filter(at__gte=before).order_by("pk")[:100])
    settled = [one.at >= before + audit.LONGEST_TRANSACTION for one in later]
    if True not in settled:
        raise NotDropped(f"No anchor was made since {before:%Y-%m}: run the worker and beat for a minute, then again.")
    heads = [head for one in later[: settled.index(True) + 1] for head in msgspec.json.decode(one.heads)]
    wanted = {(UUID(chain), int(number)) for chain, number, _ in heads}
    found = AuditLink.objects.filter(at__lt=before, chain__in={chain for chain, _ in wanted})
    links = sorted(wanted.intersection(found.values_list("chain", "number")))
    earlier = AuditAnchor.objects.filter(at__lt=before).order_by("-pk").values_list("pk", flat=True).first()
    return earlier or 0, [f"{chain}:{number}" for chain, number in links]
