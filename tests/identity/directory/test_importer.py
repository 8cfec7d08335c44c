"""Replacing the directory by a new extract: all of it or nothing, while searches go on."""

from __future__ import annotations

import json
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction

from identity.directory import importer, tables
from identity.directory.extract import Unreadable
from identity.directory.importer import Progress, import_extract
from identity.directory.listing import practitioner_id
from identity.directory.models import RegisterEntry, RegisterImport, RegisterPlace
from identity.directory.search import search
from identity.directory.wire import SearchDirectory
from tests.bench.register_file import COLUMNS
from tests.identity.directory.conftest import HEADER, ImportLines, WriteExtract, line, names, rpps

pytestmark = pytest.mark.django_db(transaction=True)


def indexes() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [list(tables.TABLES)])
        return dict(cursor.fetchall())


def test_the_report_says_what_an_import_changed(import_lines: ImportLines) -> None:
    first = import_lines(line(1), line(2), line(3, last="KERBRAT"))
    second = import_lines(line(1), line(3, last="KERVADEC"), line(4), allow_withdrawals=True)
    assert (first.new, first.changed, first.withdrawn, first.unchanged) == (3, 0, 0, 0)
    assert (second.new, second.changed, second.withdrawn, second.unchanged) == (1, 1, 1, 1)
    assert second.examples["withdrawn"] == ["8" + rpps(2)]
    assert names() == ["KERVADEC", "NOM1", "NOM4"]


def test_the_order_of_rows_is_no_change(import_lines: ImportLines) -> None:
    here, there = line(1, postal="69001", city="Lyon"), line(1, postal="69100", city="Villeurbanne")
    import_lines(here, there)
    assert import_lines(there, here).unchanged == 1


def test_a_person_has_all_their_places_though_their_rows_are_apart(import_lines: ImportLines) -> None:
    import_lines(line(1, city="Lyon"), line(2), line(1, city="Bron"), line(3), line(1, city="Doubs"))
    assert RegisterEntry.objects.count() == 3
    assert RegisterPlace.objects.filter(entry=practitioner_id("8" + rpps(1))).count() == 3


def test_rows_repeated_word_for_word_count_once(import_lines: ImportLines) -> None:
    report = import_lines(line(1, city="Lyon"), line(1, city="Lyon"))
    assert (report.places, report.repeated_rows) == (1, 1)


def test_a_row_that_gives_a_number_to_somebody_else_is_refused(import_lines: ImportLines) -> None:
    report = import_lines(line(1, last="KERBRAT", first="Zoé"), line(1, last="MOREAU", first="Paul"))
    assert [(one.line, one.reason) for one in report.refused_rows] == [(3, "another_name")]
    assert names() == ["KERBRAT"]


def test_a_practitioner_keeps_their_id_over_imports(import_lines: ImportLines) -> None:
    import_lines(line(1))
    before = RegisterEntry.objects.get().pk
    import_lines(line(1, last="KERBRAT"))
    assert RegisterEntry.objects.get().pk == before == practitioner_id("8" + rpps(1))


def test_practitioners_ids_are_those_of_always() -> None:
    assert str(practitioner_id("810000000017")) == "debd10ef-5ebd-5ad4-a77f-bc5370defa1f"


def test_bad_rows_are_left_out_and_reported_by_line(import_lines: ImportLines) -> None:
    report = import_lines(line(1), line(2, last=""), "cut|short|", line(3, national_id="8123456789012"), line(4))
    assert [(one.line, one.reason) for one in report.refused_rows] == [
        (3, "name_missing"),
        (4, "columns"),
        (5, "rpps_length"),
    ]
    assert report.refused_by_reason == {"name_missing": 1, "columns": 1, "rpps_length": 1}
    assert names() == ["NOM1", "NOM4"]


def test_the_report_is_json_and_is_kept(import_lines: ImportLines) -> None:
    report = import_lines(line(1), line(2, last=""))
    kept = RegisterImport.objects.get().report
    assert json.loads(json.dumps(report.as_dict()))["refused_rows"] == kept["refused_rows"]


def test_progress_counts_bytes_then_rows_then_steps(towns: None, write_extract: WriteExtract) -> None:
    seen: list[Progress] = []
    path = write_extract(line(1), line(2))
    import_extract(path, progress=seen.append)
    assert list(dict.fromkeys(one.stage for one in seen)) == ["read", "load", "index", "swap", "done"]
    assert all(0 <= one.done <= one.total for one in seen)
    last = {one.stage: (one.done, one.total) for one in seen}
    assert last["load"] == (2, 2)
    assert last["index"][0] == last["index"][1]


def test_the_archive_as_downloaded_is_read(towns: None, write_extract: WriteExtract, tmp_path: Path) -> None:
    archive = tmp_path / "PS_LibreAcces.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(write_extract(line(1)), "PS_LibreAcces_Personne_activite_202611220800.txt")
        file.writestr("PS_LibreAcces_SavoirFaire_202611220800.txt", "other")
    assert import_extract(archive).persons == 1


def test_windows_line_ends_and_a_missing_last_one_are_read(towns: None, write_extract: WriteExtract) -> None:
    path = write_extract(line(1) + "\r", line(2), header=HEADER + "\r", end="")
    assert import_extract(path).persons == 2


def without(column: str) -> str:
    return "|".join("x" if one == column else one for one in COLUMNS) + "|"


REFUSALS: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "encoding": lambda path: path.write_bytes((HEADER + "\n" + line(9, last="É") + "\n").encode("cp1252")),
    "missing_column": lambda path: path.write_text(without("Nom d'exercice") + "\n" + line(9) + "\n"),
    "not_an_extract": lambda path: path.write_text("<html></html>\n"),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_file_that_is_not_whole_changes_nothing(
    reason: str, import_lines: ImportLines, write_extract: WriteExtract
) -> None:
    import_lines(line(1), line(2))
    path = write_extract(line(1), line(3))
    REFUSALS[reason](path)
    with pytest.raises(Unreadable) as refusal:
        import_extract(path)
    assert refusal.value.reason == reason
    assert names() == ["NOM1", "NOM2"]
    assert RegisterImport.objects.count() == 1


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_wherever_the_last_line_is_cut_the_file_is_refused(cut: int, towns: None, write_extract: WriteExtract) -> None:
    path = write_extract(line(1), line(2))
    path.write_bytes(path.read_bytes()[: -1 - cut])
    with pytest.raises(Unreadable, match=r"Line 3, the last, is cut"):
        import_extract(path)


def test_a_header_alone_is_empty(towns: None, write_extract: WriteExtract) -> None:
    with pytest.raises(Unreadable) as refusal:
        import_extract(write_extract())
    assert refusal.value.reason == "empty"


def test_a_file_that_would_withdraw_too_many_is_refused_unless_allowed(import_lines: ImportLines) -> None:
    many = [line(number) for number in range(1, 201)]
    import_lines(*many)
    with pytest.raises(Unreadable, match=r"withdraw 51 of 200 persons") as refusal:
        import_lines(*many[:149])
    assert refusal.value.reason == "too_many_withdrawn"
    assert refusal.value.report["withdrawn"] == 51
    assert RegisterEntry.objects.count() == 200
    assert import_lines(*many[:149], allow_withdrawals=True).withdrawn == 51


def test_a_few_may_always_go(import_lines: ImportLines) -> None:
    many = [line(number) for number in range(1, 101)]
    import_lines(*many)
    assert import_lines(*many[:51]).withdrawn == 49


def test_a_file_of_mostly_bad_rows_is_refused(import_lines: ImportLines) -> None:
    import_lines(line(1))
    bad = [line(number, profession="") for number in range(2, 60)]
    with pytest.raises(Unreadable, match="«profession_missing»") as refusal:
        import_lines(line(1), *bad)
    assert refusal.value.reason == "too_many_refused"


def test_an_import_that_fails_leaves_the_old_directory_and_no_trace(
    import_lines: ImportLines, write_extract: WriteExtract, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_lines(line(1))

    def fail(progress: Progress) -> None:
        if progress.stage == "swap":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_extract(write_extract(line(2)), progress=fail)
    assert names() == ["NOM1"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE %s", ["register%next"])
        assert cursor.fetchone() == (0,)
    assert import_lines(line(1), line(2)).new == 1


def test_an_import_keeps_the_indexes_and_keys(import_lines: ImportLines) -> None:
    before = indexes()
    import_lines(line(1))
    import_lines(line(1), line(2))
    assert indexes() == before
    assert len(before) > 10


def test_two_imports_at_once_are_one_too_many(import_lines: ImportLines, write_extract: WriteExtract) -> None:
    import_lines(line(1))
    path = write_extract(line(1), line(2), name="second.txt")
    refusals: list[Unreadable] = []

    def second() -> None:
        try:
            import_extract(path)
        except Unreadable as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    def meanwhile(progress: Progress) -> None:
        if progress.stage == "swap":
            other = threading.Thread(target=second)
            other.start()
            other.join()

    import_extract(write_extract(line(1), line(3)), progress=meanwhile)
    assert [one.reason for one in refusals] == ["busy"]
    assert names() == ["NOM1", "NOM3"]


def test_searches_see_the_old_or_the_new_and_never_fail(import_lines: ImportLines) -> None:
    """Each state holds ten people of one name, another in each state: a search must never see both, nor neither."""
    states = [
        [line(number, last=last, first=f"Alix {number}") for number in range(1, 11)] for last in ("MOREAU", "MOREL")
    ]
    import_lines(*states[0])
    over = threading.Event()
    seen: list[set[str]] = []
    failures: list[BaseException] = []

    def look() -> None:
        try:
            while not over.is_set():
                with transaction.atomic():
                    page = search(SearchDirectory(text="more", limit=50))
                seen.append({f"{len(page.hits)} {hit.practitioner.last_name}" for hit in page.hits})
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for turn in range(1, 7):
            import_lines(*states[turn % 2])
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert not failures
    assert {frozenset(one) for one in seen} == {frozenset({"10 Moreau"}), frozenset({"10 Morel"})}


def test_a_swap_waits_for_a_long_reader_without_blocking_others(
    import_lines: ImportLines, write_extract: WriteExtract
) -> None:
    import_lines(line(1))
    path = write_extract(line(1), line(2))

    def import_it() -> None:
        import_extract(path)
        connection.close()

    imported = threading.Thread(target=import_it)
    with transaction.atomic():
        assert names() == ["NOM1"]
        imported.start()
        time.sleep(2)
        waits = []

        def other() -> None:
            began = time.perf_counter()
            search(SearchDirectory(text="nom"))
            waits.append(time.perf_counter() - began)
            connection.close()

        for _ in range(5):
            reader = threading.Thread(target=other)
            reader.start()
            reader.join()
        assert names() == ["NOM1"]
    imported.join()
    assert max(waits) < 1.0
    assert names() == ["NOM1", "NOM2"]


def test_a_swap_that_finds_no_moment_gives_up_with_nothing_changed(
    import_lines: ImportLines, write_extract: WriteExtract, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_lines(line(1))
    monkeypatch.setattr(tables, "SWAP_TRIES", 2)
    path = write_extract(line(1), line(2))
    refusals: list[Unreadable] = []

    def try_it() -> None:
        try:
            import_extract(path)
        except Unreadable as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    with transaction.atomic():
        assert names() == ["NOM1"]
        importing = threading.Thread(target=try_it)
        importing.start()
        importing.join()
    assert [one.reason for one in refusals] == ["busy"]
    assert names() == ["NOM1"]


def test_several_processes_do_as_one(
    import_lines: ImportLines, write_extract: WriteExtract, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line(number, city="Lyon") for number in range(1, 400)] + [line(500, profession="")]
    alone = import_lines(*lines)
    monkeypatch.setattr(importer, "SMALL", 0)
    monkeypatch.setattr(importer, "CHUNK", 10_000)
    shared = import_extract(write_extract(*lines))
    assert (shared.unchanged, shared.rows, shared.refused) == (alone.new, alone.rows, alone.refused)
    assert shared.refused_rows == alone.refused_rows
    path = write_extract(*lines)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(Unreadable, match="the last, is cut"):
        import_extract(path)
