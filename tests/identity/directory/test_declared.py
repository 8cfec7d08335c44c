"""People declared here beside the extract's."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from django.db import connection

from identity.directory.declared import Declared, DeclaredPlace, declare_local
from identity.directory.importer import Progress, import_extract
from identity.directory.listing import practitioner_id
from identity.directory.search import search
from identity.directory.wire import Hit, NearPlace, SearchDirectory
from tests.identity.directory.conftest import ImportLines, WriteExtract, line, names, rpps

pytestmark = pytest.mark.django_db(transaction=True)

NATIONAL_ID = "8" + rpps(77)


def declared(**changed: str) -> Declared:
    said = {"national_id": NATIONAL_ID, "first_name": "Hélène", "last_name": "Vauquier", "profession": "10",
            "speciality": "SM04", "title": "Dr"} | changed  # fmt: skip
    place = DeclaredPlace(
        name="Maison de santé des Tilleuls", address="3 rue du Lavoir", postal_code="69003", city="Lyon"
    )
    return Declared(**said, places=[place])


def hits(text: str) -> list[Hit]:
    return search(SearchDirectory(text=text)).hits


def test_a_declared_person_is_found_like_any_other(import_lines: ImportLines) -> None:
    import_lines(line(1))
    ids = declare_local([declared()])
    assert ids == [practitioner_id(NATIONAL_ID)]
    for typed in ("vauquier", "helene vauq", "vaquier", "cardio lyon", "maison tilleuls", "hélène vauqiuer"):
        assert [hit.practitioner.id for hit in hits(typed)] == ids, typed
    (hit,) = hits("vauquier")
    assert (hit.practitioner.name, hit.practitioner.rpps) == ("Dr Hélène Vauquier", rpps(77))
    assert (hit.places[0].name, hit.places[0].city) == ("Maison de santé des Tilleuls", "Lyon")


def test_declaring_again_replaces(import_lines: ImportLines) -> None:
    declare_local([declared()])
    declare_local([declared(last_name="Vauquelin"), declared(national_id="local:secretary", last_name="Sorel")])
    assert names() == ["Sorel", "Vauquelin"]


def test_an_import_never_withdraws_declared_people(import_lines: ImportLines) -> None:
    declare_local([declared()])
    report = import_lines(line(1))
    assert (report.new, report.withdrawn) == (1, 0)
    assert names() == ["NOM1", "Vauquier"]
    assert len(hits("vaquier")) == 1
    assert len(search(SearchDirectory(place=NearPlace(city="Lyon"))).hits) == 1


def test_the_extract_is_shown_instead_while_it_holds_the_same_number(import_lines: ImportLines) -> None:
    declare_local([declared()])
    import_lines(line(1), line(77, last="VAUQUIER-DUVAL"))
    assert names() == ["NOM1", "VAUQUIER-DUVAL"]
    declare_local([declared()])
    assert names() == ["NOM1", "VAUQUIER-DUVAL"]
    assert import_lines(line(1)).withdrawn == 1
    assert names() == ["NOM1", "Vauquier"]


def test_who_is_declared_during_an_import_is_there_after_it(towns: None, write_extract: WriteExtract) -> None:
    def declare() -> None:
        declare_local([declared()])
        connection.close()

    def meanwhile(progress: Progress) -> None:
        if progress.stage == "swap":
            thread = threading.Thread(target=declare)
            thread.start()
            thread.join()
            seen.append(names())

    seen: list[list[str]] = []
    import_extract(write_extract(line(1)), progress=meanwhile)
    assert seen == [["Vauquier"]]
    assert names() == ["NOM1", "Vauquier"]


def test_declaring_the_same_people_at_once_makes_them_once(towns: None) -> None:
    results: list[list[UUID]] = []

    def declare() -> None:
        results.append(declare_local([declared(), declared(national_id="local:2", last_name="Sorel")]))
        connection.close()

    threads = [threading.Thread(target=declare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert names() == ["Sorel", "Vauquier"]
