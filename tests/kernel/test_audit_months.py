"""Months of the audit that were kept for long enough are dropped, and all that remains still verifies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from django.db import connection, transaction
from pytest_django import Settings

from server.kernel import audit, audit_months, clock
from server.kernel.audit_months import NotDropped, drop, month
from server.kernel.models import AuditAnchor, AuditLink

pytestmark = pytest.mark.django_db
OLD, NEXT, RECENT = (datetime(year, 3, 1, tzinfo=UTC) for year in (2021, 2022, 2023))


@pytest.fixture(autouse=True)
def _months() -> None:
    """Tables of three months, as beat made them in their time."""
    with connection.cursor() as cursor:
        for first in (OLD, NEXT, RECENT):
            after = first.replace(month=first.month + 1)
            cursor.execute(
                f"CREATE TABLE kernel_auditlink_{first:%Y_%m} PARTITION OF kernel_auditlink"
                f" FOR VALUES FROM ('{first.isoformat()}') TO ('{after.isoformat()}')"
            )


def write(*moments: datetime) -> UUID:
    """Links in this thread's chain."""
    for at in moments:
        with transaction.atomic():
            audit.chain.append([{"person": "ada", "act": "test", "subject": ""}], at)
        audit.chain.committed()
    return audit.chain.id


def later(moment: datetime, **time: int) -> datetime:
    return moment + timedelta(**time)


@pytest.fixture
def chains() -> list[UUID]:
    """One that is over before the cut, one that goes on after it, one that begins after it; anchored in between."""
    over = write(OLD, later(OLD, minutes=1))
    audit.anchor(later(OLD, hours=1))
    audit.chain.start_new_chain()
    goes_on = write(later(OLD, days=1), later(OLD, days=2))
    audit.anchor(later(OLD, days=3))
    write(RECENT, later(RECENT, minutes=1))
    audit.chain.start_new_chain()
    begins = write(later(RECENT, minutes=2))
    audit.anchor(later(RECENT, hours=1))
    audit.chain.start_new_chain()
    assert not audit.verify().broken
    return [over, goes_on, begins]


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::text FROM pg_partition_tree('kernel_auditlink') WHERE isleaf ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def test_what_is_left_verifies_and_an_entry_says_what_went(chains: list[UUID]) -> None:
    assert drop(month("2022-03")) == ["kernel_auditlink_2021_03"]
    assert not {"kernel_auditlink_2021_03"} & set(tables())
    report = audit.verify()
    assert report.broken == []
    assert (report.links, report.anchors) == (4, 3)
    [entry] = msgspec.json.decode(AuditLink.objects.get(chain=audit.chain.id).entries)
    assert (entry["act"], entry["subject"], entry["about"]) == (
        "audit.dropped",
        "2022-03",
        ["kernel_auditlink_2021_03"],
    )
    [chain] = entry["chains"]
    assert chain.startswith(f"{chains[1]}:2:")
    # And once more, over what is there now.
    audit.anchor(clock.now())
    write(later(RECENT, minutes=3))
    assert audit.verify().broken == []
    assert drop(month("2023-03")) == ["kernel_auditlink_2022_03"]
    assert audit.verify().broken == []


@pytest.mark.parametrize("which", [0, 1])
def test_what_is_removed_after_a_drop_still_shows(which: int, chains: list[UUID]) -> None:
    drop(month("2022-03"))
    first = AuditLink.objects.filter(chain=chains[1 + which]).order_by("number")[0]
    AuditLink.objects.filter(chain=first.chain, number=first.number).delete()
    assert audit.verify().broken


def test_an_anchor_of_later_may_name_what_went_and_nothing_else() -> None:
    write(later(OLD, days=1))
    audit.chain.start_new_chain()
    kept = write(RECENT)
    audit.anchor(later(RECENT, hours=1))
    audit.chain.start_new_chain()
    drop(month("2022-03"))
    assert audit.verify().broken == []
    AuditLink.objects.filter(chain=kept).delete()
    assert len(audit.verify().broken) == 1


def test_without_the_entry_about_it_what_went_is_missing(chains: list[UUID]) -> None:
    drop(month("2022-03"))
    AuditLink.objects.filter(chain=audit.chain.id).delete()
    assert audit.verify().broken


def test_an_entry_that_somebody_forged_excuses_nothing(chains: list[UUID]) -> None:
    drop(month("2022-03"))
    link = AuditLink.objects.get(chain=audit.chain.id)
    [entry] = msgspec.json.decode(link.entries)
    forged = msgspec.json.encode([entry | {"anchor": "99999"}]).decode()
    AuditLink.objects.filter(chain=link.chain).update(entries=forged)
    AuditLink.objects.filter(chain=chains[2]).delete()
    assert any(str(chains[2]) in line for line in audit.verify().broken)


def test_what_is_not_old_enough_stays(chains: list[UUID], settings: Settings) -> None:
    now = clock.now()
    with pytest.raises(NotDropped, match="is kept for 1096 days"):
        drop(later(now, days=-1095))
    settings.RELAIS_KEEP_DAYS = {**settings.RELAIS_KEEP_DAYS, "audit": 1}
    with pytest.raises(NotDropped, match="is kept for 366 days"):
        drop(later(now, days=-360))
    assert len(tables()) == 8


def test_what_does_not_verify_stays(chains: list[UUID]) -> None:
    AuditLink.objects.filter(chain=chains[0], number=1).update(entries="[]")
    with pytest.raises(NotDropped, match="does not verify, and is evidence"):
        drop(month("2022-03"))
    assert "kernel_auditlink_2021_03" in tables()


def test_what_no_anchor_ties_together_stays(chains: list[UUID]) -> None:
    AuditAnchor.objects.order_by("-pk")[0].delete()
    with pytest.raises(NotDropped, match="No anchor was made since 2022-03"):
        drop(month("2022-03"))
    assert "kernel_auditlink_2021_03" in tables()


def test_links_outside_of_their_months_keep_them(chains: list[UUID]) -> None:
    write(later(OLD, days=60))
    audit.anchor(clock.now())
    with pytest.raises(NotDropped, match="outside the tables of their months"):
        drop(month("2022-03"))


@pytest.mark.parametrize("text", ["2022", "2022-13", "2022-3", "２０２２-03", "2022-03-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(NotDropped, match="is no month"):
        audit_months.month(text)


def test_without_a_month_of_that_time_there_is_nothing_to_drop() -> None:
    with pytest.raises(NotDropped, match="no month before 2021-03"):
        drop(month("2021-03"))
