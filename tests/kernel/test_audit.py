"""The audit log: it holds who did what, and no hand that slips in, takes out or changes goes unseen."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection, transaction
from django.utils import timezone

from server import celery
from server.kernel import audit, vault
from server.kernel.models import AuditAnchor, AuditLink
from server.kernel.tasks import anchor_audit


def write(count: int = 1, action: str = "test") -> UUID:
    """Links in this thread's chain, each in a transaction of its own; the chain."""
    for number in range(count):
        with transaction.atomic():
            audit.chain.append([{"who": "ada", "action": action, "subject": str(number)}], timezone.now())
        audit.chain.committed()
    return audit.chain.id


def anchor() -> None:
    audit.anchor(timezone.now())


def broken() -> list[str]:
    return audit.verify().broken


@pytest.mark.django_db
def test_an_untouched_record_is_whole() -> None:
    write(3)
    audit.chain.start_new_chain()
    write(2)
    anchor()
    write(1)
    assert audit.verify() == audit.Report(links=6, chains=2, anchors=1, broken=[])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"entries": '[{"who":"eve"}]'},
        {"at": timezone.now() - timedelta(days=1)},
        {"digest": bytes(32)},
        {"previous": bytes(32)},
        {"number": 20},
        {"chain": uuid4()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_link_shows(change: dict[str, object]) -> None:
    chain = write(3)
    AuditLink.objects.filter(chain=chain, number=2).update(**change)
    assert broken()


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 2])
def test_a_removed_link_shows(number: int) -> None:
    chain = write(3)
    AuditLink.objects.filter(chain=chain, number=number).delete()
    assert broken()


@pytest.mark.django_db
def test_two_links_that_changed_places_show() -> None:
    chain = write(3)
    for old, new in ((2, 9), (3, 2), (9, 3)):
        AuditLink.objects.filter(chain=chain, number=old).update(number=new)
    assert broken()


def forge(chain: UUID, number: int, previous: bytes, entries: str = "[]") -> None:
    """A link as somebody would make it who can write to the database and knows this code, but not the key."""
    at = timezone.now()
    text = previous + f"{chain}|{number}|{at.timestamp():.6f}|".encode() + entries.encode()
    digest = hashlib.sha256(text).digest()
    AuditLink.objects.create(chain=chain, number=number, at=at, entries=entries, previous=previous, digest=digest)


@pytest.mark.django_db
def test_a_link_that_was_slipped_in_shows_even_at_the_end_or_as_a_chain_of_its_own() -> None:
    chain = write(3)
    forge(uuid4(), 1, audit.ORIGIN)
    assert broken()
    AuditLink.objects.exclude(chain=chain).delete()
    assert not broken()
    forge(chain, 4, audit.chain.end)
    assert broken()


@pytest.mark.django_db
def test_an_end_that_was_cut_off_shows_after_an_anchor() -> None:
    chain = write(3)
    anchor()
    write(1)
    AuditLink.objects.filter(chain=chain, number__gte=3).delete()
    assert broken()


@pytest.mark.django_db
def test_a_whole_chain_that_is_gone_shows_after_an_anchor() -> None:
    chain = write(3)
    anchor()
    audit.chain.start_new_chain()
    write(1)
    anchor()
    AuditLink.objects.filter(chain=chain).delete()
    assert broken()


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"ends": "[]"}, {"digest": bytes(32)}, {"previous": bytes(range(32))}])
def test_a_changed_anchor_shows(change: dict[str, object]) -> None:
    write()
    anchor()
    AuditAnchor.objects.update(**change)
    assert broken()


@pytest.mark.django_db
def test_a_removed_anchor_shows() -> None:
    for _ in range(3):
        write()
        anchor()
    AuditAnchor.objects.order_by("pk")[1].delete()
    assert broken()


@pytest.mark.django_db
def test_an_anchor_names_only_what_has_grown_however_many_chains_there_are() -> None:
    for _ in range(5):
        write()
        audit.chain.start_new_chain()
    anchor()
    long_ago = AuditAnchor.objects.get()
    assert len(msgspec.json.decode(long_ago.ends)) == 5
    audit.anchor(timezone.now() + 2 * audit.LONGEST_TRANSACTION)
    audit.anchor(timezone.now() + 2 * audit.LONGEST_TRANSACTION)
    assert AuditAnchor.objects.count() == 2, "nothing had grown"
    assert not broken()


@pytest.mark.django_db
def test_a_link_that_became_visible_after_the_anchor_is_named_by_the_next() -> None:
    began = timezone.now()
    write()
    anchor()
    audit.chain.start_new_chain()
    with transaction.atomic():
        audit.chain.append([{"who": "ada"}], began)
    audit.chain.committed()
    anchor()
    AuditLink.objects.filter(chain=audit.chain.id).delete()
    assert broken()


@pytest.mark.django_db
def test_a_transaction_that_is_rolled_back_leaves_no_gap() -> None:
    chain = write(2)
    with transaction.atomic():
        audit.chain.append([{"who": "ada"}], timezone.now())
        transaction.set_rollback(True)
    audit.chain.rolled_back()
    write(2)
    assert list(AuditLink.objects.filter(chain=chain).values_list("number", flat=True)) == [1, 2, 3, 4]
    assert not broken()


@pytest.mark.django_db
def test_after_a_commit_whose_outcome_is_not_known_a_new_chain_begins() -> None:
    first = write(2)
    with transaction.atomic():
        audit.chain.append([{"who": "ada"}], timezone.now())
    audit.chain.start_new_chain()
    second = write(1)
    assert second != first
    assert audit.verify() == audit.Report(links=4, chains=2, anchors=0, broken=[])


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_and_an_anchor_between_them_leave_it_whole() -> None:
    vault.key_for_sealing(vault.INDEX_OWNER)

    def work() -> UUID:
        try:
            return write(25)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        chains = [threads.submit(work) for _ in range(4)]
        anchor()
        assert not broken()
    anchor()
    report = audit.verify()
    assert not report.broken
    assert report.links == 100
    assert len({chain.result() for chain in chains}) == report.chains


@pytest.mark.filterwarnings("ignore:.*multi-threaded")
def test_a_forked_process_has_a_chain_of_its_own() -> None:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, audit.chain.id.bytes)
        os._exit(0)
    os.waitpid(child, 0)
    assert UUID(bytes=os.read(read, 16)) != audit.chain.id


@pytest.mark.django_db
def test_beat_anchors_the_record() -> None:
    assert celery.SWEEPS[anchor_audit.name] <= 300
    write()
    anchor_audit()
    assert AuditAnchor.objects.count() == 1
