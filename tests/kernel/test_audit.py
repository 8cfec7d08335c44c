"""The audit log: what is changed, removed or inserted in the database shows, its end and all of it included."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from server import celery
from server.kernel import anchor_file, audit, vault
from server.kernel.anchor_file import NotAnAnchor, OutsideAnchor
from server.kernel.authentication import Person
from server.kernel.models import AuditAnchor, AuditLink
from server.kernel.tasks import anchor_audit, make_audit_partitions


def write(count: int = 1, act: str = "test") -> UUID:
    """Links in this thread's chain, each in a transaction of its own; the chain."""
    for number in range(count):
        with transaction.atomic():
            audit.chain.append([{"person": "ada", "act": act, "subject": str(number)}], timezone.now())
        audit.chain.committed()
    return audit.chain.id


def anchor() -> None:
    audit.anchor(timezone.now())


def broken() -> list[str]:
    return audit.verify().broken


@pytest.mark.django_db
def test_nothing_is_found_in_an_untouched_log() -> None:
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
        {"entries": '[{"person":"eve"}]'},
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
def test_an_inserted_link_shows_even_at_the_end_or_as_a_chain_of_its_own() -> None:
    chain = write(3)
    forge(uuid4(), 1, audit.ORIGIN)
    assert broken()
    AuditLink.objects.exclude(chain=chain).delete()
    assert not broken()
    forge(chain, 4, audit.chain.head)
    assert broken()


@pytest.mark.django_db
def test_a_removed_head_shows_after_an_anchor() -> None:
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
@pytest.mark.parametrize("change", [{"heads": "[]"}, {"digest": bytes(32)}, {"previous": bytes(range(32))}])
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
    assert len(msgspec.json.decode(long_ago.heads)) == 5
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
        audit.chain.append([{"person": "ada"}], began)
    audit.chain.committed()
    anchor()
    AuditLink.objects.filter(chain=audit.chain.id).delete()
    assert broken()


@pytest.mark.django_db
def test_a_transaction_that_is_rolled_back_leaves_no_gap() -> None:
    chain = write(2)
    with transaction.atomic():
        audit.chain.append([{"person": "ada"}], timezone.now())
        transaction.set_rollback(True)
    audit.chain.rolled_back()
    write(2)
    assert list(AuditLink.objects.filter(chain=chain).values_list("number", flat=True)) == [1, 2, 3, 4]
    assert not broken()


@pytest.mark.django_db
def test_after_a_commit_whose_outcome_is_not_known_a_new_chain_begins() -> None:
    first = write(2)
    with transaction.atomic():
        audit.chain.append([{"person": "ada"}], timezone.now())
    audit.chain.start_new_chain()
    second = write(1)
    assert second != first
    assert audit.verify() == audit.Report(links=4, chains=2, anchors=0, broken=[])


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_and_an_anchor_between_them_leave_nothing_broken() -> None:
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
def test_beat_anchors_the_log() -> None:
    assert celery.SWEEPS[anchor_audit.name] <= 300
    write()
    anchor_audit()
    assert AuditAnchor.objects.count() == 1


@pytest.fixture
def outside(tmp_path: Path, settings: Settings) -> Path:
    """The file of anchors, outside the database."""
    settings.RELAIS_AUDIT_ANCHORS = str(tmp_path / "anchors")
    return tmp_path / "anchors"


def compared(outside: Path) -> list[str]:
    return audit.verify(anchor_file.read(outside)).broken


@pytest.mark.django_db
def test_each_anchor_is_added_to_the_file_and_to_the_log(outside: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="kernel.audit"):
        for _ in range(2):
            write()
            anchor()
    values = [str(OutsideAnchor(one.pk, bytes(one.digest))) for one in AuditAnchor.objects.order_by("pk")]
    assert [line.split()[1] for line in outside.read_text().splitlines()] == values
    assert [record.fields["anchor"] for record in caplog.records] == values  # type: ignore[attr-defined]  # of "extra"
    assert outside.stat().st_mode & 0o077 == 0
    report = audit.verify(anchor_file.read(outside))
    assert (report.outside, report.broken) == (2, [])


@pytest.mark.django_db
def test_a_removed_head_with_its_anchor_shows_against_the_file_alone(outside: Path) -> None:
    chain = write(2)
    anchor()
    write()
    anchor()
    last = AuditAnchor.objects.latest("pk").pk
    AuditLink.objects.filter(chain=chain, number=3).delete()
    AuditAnchor.objects.filter(pk=last).delete()
    assert not broken(), "the database alone cannot show it"
    [said] = compared(outside)
    assert said.startswith(f"the database lacks 1 of the anchors kept outside it, from number {last} on")


@pytest.mark.django_db
def test_an_emptied_table_shows_against_the_file_alone(outside: Path) -> None:
    write(2)
    anchor()
    AuditLink.objects.all().delete()
    assert broken(), "the anchors still name what is gone"
    AuditAnchor.objects.all().delete()
    assert not broken()
    assert compared(outside)


@pytest.mark.django_db
def test_a_restored_older_backup_shows_even_when_it_was_written_to_since(outside: Path) -> None:
    write()
    anchor()
    kept = list(AuditLink.objects.all()), list(AuditAnchor.objects.all())
    audit.chain.start_new_chain()
    write()
    anchor()
    newest = AuditAnchor.objects.latest("pk")
    AuditLink.objects.all().delete()
    AuditAnchor.objects.all().delete()
    AuditLink.objects.bulk_create(kept[0])
    AuditAnchor.objects.bulk_create(kept[1])
    assert not broken()
    assert "lacks 1 of" in compared(outside)[0]
    audit.chain.start_new_chain()
    write()
    anchor()
    AuditAnchor.objects.exclude(pk__in=[one.pk for one in kept[1]]).update(id=newest.pk)
    assert "differs in 1 of" in compared(outside)[-1]


@pytest.mark.django_db
def test_a_forged_anchor_shows_on_either_side(outside: Path) -> None:
    write()
    anchor()
    genuine = outside.read_text()
    outside.write_text(genuine[:-2] + ("0" if genuine[-2] != "0" else "1") + "\n")
    assert "differs in 1 of" in compared(outside)[0]
    AuditAnchor.objects.create(
        at=timezone.now(), heads="[]", previous=AuditAnchor.objects.get().digest, digest=bytes(32)
    )
    outside.write_text(genuine)
    assert compared(outside)


@pytest.mark.django_db
def test_a_full_disk_does_not_stop_the_anchors(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.RELAIS_AUDIT_ANCHORS = str(tmp_path)  # no file can be opened under the name of a directory
    write()
    anchor()
    assert AuditAnchor.objects.count() == 1
    assert "anchor not written outside the database" in caplog.text


@pytest.mark.parametrize("value", ["", "41", "41:zz", "41:00", "x:" + "00" * 32, "-:" + "00" * 32])
def test_what_is_no_anchor_is_refused(value: str, tmp_path: Path) -> None:
    with pytest.raises(NotAnAnchor):
        anchor_file.parse(value)
    file = tmp_path / "anchors"
    file.write_text(f"2026-11-22T09:30:00+00:00 {value}\n")
    with pytest.raises(NotAnAnchor, match=str(file)):
        anchor_file.read(file)
    with pytest.raises(NotAnAnchor):
        anchor_file.read(tmp_path / "nowhere")


@pytest.mark.django_db
def test_entries_are_found_by_person_patient_and_organisation_through_the_index() -> None:
    person, organisation, patient = uuid4(), uuid4(), uuid4()
    behalf = uuid4()
    actor = Person(person, uuid4(), organisation=organisation, on_behalf_of=behalf)
    audit.record([audit.entry(actor, "patient.read", "r:1", [patient, patient], by="referral")])
    audit.record([audit.entry(Person(uuid4()), "patient.read", "r:2", [uuid4()])])
    [link] = AuditLink.objects.filter(chain=audit.chain.id, number=1)
    assert msgspec.json.decode(link.entries) == [
        {
            "person": str(person),
            "on_behalf_of": str(behalf),
            "organisation": str(organisation),
            "session": str(actor.session),
            "act": "patient.read",
            "subject": "r:1",
            "about": [str(patient)],
            "by": "referral",
        }
    ]
    question = "SELECT number FROM kernel_auditlink WHERE entries::jsonb @> %s::jsonb"
    with connection.cursor() as cursor:
        for wanted in ({"person": str(person)}, {"organisation": str(organisation)}, {"about": [str(patient)]}):
            cursor.execute(question, [msgspec.json.encode([wanted]).decode()])
            assert cursor.fetchall() == [(1,)]
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {question}", ['[{"person":"x"}]'])
        assert "entries" in "".join(row[0] for row in cursor.fetchall() if "Index Scan" in row[0])


@pytest.mark.django_db
def test_links_lie_in_the_table_of_their_month_and_a_missing_one_stops_nobody() -> None:
    now = timezone.now()
    with transaction.atomic():
        audit.chain.append([{"person": "ada"}], now)
    audit.chain.committed()
    with transaction.atomic():
        audit.chain.append([{"person": "ada"}], now.replace(year=now.year - 1))
    audit.chain.committed()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM kernel_auditlink ORDER BY number")
        assert cursor.fetchall() == [(f"kernel_auditlink_{now:%Y_%m}",), ("kernel_auditlink_other",)]
        cursor.execute("SELECT kernel_audit_partitions()")
        assert cursor.fetchone() == (0,), "they are there already"
    assert not broken()


@pytest.mark.django_db
def test_months_are_made_ahead_and_none_over_what_lies_elsewhere() -> None:
    assert celery.SWEEPS[make_audit_partitions.name] <= 86_400
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::text FROM pg_partition_tree('kernel_auditlink') WHERE isleaf ORDER BY 1")
        *months, _ = [row[0] for row in cursor.fetchall()]
        assert len(months) == 4
        for name in months[2:]:
            cursor.execute(f"DROP TABLE {name}")
        last = months[-1].removeprefix("kernel_auditlink_").replace("_", "-")
        audit.chain.append([{"person": "ada"}], datetime.fromisoformat(f"{last}-02T00:00:00+00:00"))
        make_audit_partitions()
        cursor.execute("SELECT to_regclass(%s) IS NULL, to_regclass(%s) IS NULL", months[2:])
        assert cursor.fetchone() == (False, True)
