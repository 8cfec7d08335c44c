"""``directory.search``: what is typed finds who is meant, the exact before the near, and says why."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.accounts.wire import scopes
from identity.contacts.models import Block, ContactRule
from identity.directory.communes import import_communes
from identity.directory.importer import import_extract
from identity.directory.listing import practitioner_id
from identity.directory.queries import entry, search_directory
from identity.directory.search import search
from identity.directory.wire import DirectoryEntry, Hit, Hits, NearPlace, SearchDirectory
from identity.organisations.models import Membership, Organisation
from server.kernel.authentication import Person
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import Invalid, NotFound
from tests.identity.conftest import MakePerson
from tests.identity.directory.conftest import HEADER, TOWNS, line, rpps

LYON = {"postal": "69001", "city": "Lyon", "commune": "69123"}
LYON3 = {"postal": "69003", "city": "Lyon", "commune": "69123"}
VILLEURBANNE = {"postal": "69100", "city": "Villeurbanne", "commune": "69266"}
GRENOBLE = {"postal": "38000", "city": "Grenoble", "commune": "38185"}
PARIS = {"postal": "75001", "city": "Paris", "commune": "75056"}
DOCTOR = {"profession": "10", "title": "Docteur"}
CARDIO = DOCTOR | {"speciality": "SM04"}

PEOPLE = [
    line(1, last="DUPONT", first="Marie", organisation="CABINET DUPONT", **CARDIO, **LYON),
    line(2, last="DUPONT-MARTIN", first="Jean", **CARDIO, **GRENOBLE),
    line(3, last="DUPOND", first="Zoé", profession="70", **LYON3),
    line(4, last="MARTIN", first="Élodie", profession="70", **VILLEURBANNE),
    line(5, last="LE GALL", first="Anne-Sophie", **DOCTOR, speciality="SM26", **LYON),
    line(6, last="D'ALMEIDA", first="João", **DOCTOR, speciality="SM53", **PARIS),
    line(7, last="LYON", first="Paul", profession="60"),
    line(8, last="ST-CLAIR", first="Rose", profession="50", **LYON),
    line(9, last="KERBRAT", first="Loïc", organisation="CENTRE HOSPITALIER DE LYON", **CARDIO, **LYON),
    line(9, last="KERBRAT", first="Loïc", organisation="CLINIQUE DES TILLEULS", **CARDIO, **GRENOBLE),
    line(10, last="RIVOAL", first="Dupont", profession="60", organisation="CENTRE HOSPITALIER DE LYON", **LYON),
    line(11, last="LEFEBVRE", first="Inès", **DOCTOR, speciality="SM54", **VILLEURBANNE),
    line(12, last="ZACHARIE", first="Marie", **DOCTOR, speciality="SM99", speciality_label="Médecine nouvelle", **LYON),
    line(13, last="MOREAU", first="GÉRARD", profession="93", organisation="CPTS DES TILLEULS", **LYON),
    line(14, last="MIR", first="Ana", profession="60", **PARIS),
    *(line(100 + number, last="NOMBREUX", first=f"Alix {number:02d}", profession="60", **LYON) for number in range(60)),
]  # fmt: skip


@pytest.fixture(scope="module")
def directory(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The people above, for the whole module."""
    path = tmp_path_factory.mktemp("directory")
    (path / "towns.csv").write_text(TOWNS, encoding="utf-8")
    (path / "extract.txt").write_text("\n".join([HEADER, *PEOPLE, ""]), encoding="utf-8")
    with django_db_blocker.unblock():
        import_communes(path / "towns.csv")
        import_extract(path / "extract.txt", allow_withdrawals=True)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE register_entry, register_place, register_organisation, register_word, register_commune"
        )


@pytest.fixture(autouse=True)
def _in_the_directory(directory: None, db: None) -> None:
    """Every test of this module."""


def ask(text: str | None = None, **more: Any) -> Hits:
    return search(SearchDirectory(text=text, **more))


def found(text: str | None = None, **more: Any) -> list[str]:
    """The numbers of those found, in order."""
    return [number_of(hit) for hit in ask(text, **more).hits]


def number_of(hit: Hit) -> str:
    return str(int((hit.practitioner.rpps or "0" * 11)[1:10]))


def test_a_surname_finds_the_whole_name_then_its_parts_then_first_names() -> None:
    assert found("dupont")[:3] == ["1", "2", "10"]
    assert found("martin") == ["4", "2"]


def test_the_exact_comes_before_the_near() -> None:
    hits = ask("dupont").hits
    assert [hit.why[0] for hit in hits] == ["name_exact"] * 3 + ["name_near"]
    assert number_of(hits[-1]) == "3"


@pytest.mark.parametrize(
    "typed",
    [
        "élodie martin",
        "ELODIE MARTIN",
        "Martin Elodie",
        "martin élo",
        "  martin,   elodie ",
        "Dr Elodie Martin",
        "mme martin elodie",
    ],
)
def test_accents_case_order_and_titles_do_not_matter(typed: str) -> None:
    assert found(typed)[0] == "4"


@pytest.mark.parametrize(
    "typed", ["le gall", "Le-Gall", "legall", "gall", "LEGALL anne", "sophie le gall", "anne-sophie legall"]
)
def test_particles_may_be_joined_apart_or_missing(typed: str) -> None:
    assert found(typed)[0] == "5"


@pytest.mark.parametrize("typed", ["d'almeida", "dalmeida", "d almeida", "almeida", "D’ALMEIDA Joao"])
def test_apostrophes_may_be_anything(typed: str) -> None:
    assert found(typed) == ["6"]


@pytest.mark.parametrize("typed", ["saint clair", "st clair", "St-Clair rose", "saint-clair"])
def test_saint_may_be_shortened(typed: str) -> None:
    assert found(typed) == ["8"]


@pytest.mark.parametrize("typed", ["ke", "ker", "kerb", "kerbra", "loïc ke", "kerbrat l", "kerbrat loi"])
def test_names_are_found_as_they_are_typed(typed: str) -> None:
    assert found(typed)[0] == "9"


@pytest.mark.parametrize(
    "typed",
    [
        "kerbat",
        "kebrrat",
        "ekrbrat",
        "lerbrat",
        "kerrbrat",
        "kerbrad",
        "loic kebrat",
        "kerbrat loci",
        "lefevre ines",
        "lefebvr",
        "kairbrat",
    ],
)
def test_a_slip_is_forgiven_even_in_the_first_letter(typed: str) -> None:
    hits = ask(typed).hits
    assert number_of(hits[0]) in ("9", "11")
    assert hits[0].why == ["name_near"] or typed == "lefebvr"


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("cardio", {"1", "2", "9"}),
        ("cardiologue", {"1", "2", "9"}),
        ("cardiologie", {"1", "2", "9"}),
        ("cardiol", {"1", "2", "9"}),
        ("cardiolgue", {"1", "2", "9"}),
        ("kiné", {"3", "4"}),
        ("masseur-kinésithérapeute", {"3", "4"}),
        ("généraliste", {"5", "6", "11"}),
        ("médecin généraliste", {"5", "6", "11"}),
        ("sage femme", {"8"}),
        ("psychologue", {"13"}),
        ("médecin", {"1", "2", "5", "6", "9", "11", "12"}),
    ],
)
def test_fields_are_known_by_everyday_names(typed: str, numbers: set[str]) -> None:
    assert set(found(typed)) == numbers


def test_a_speciality_that_is_not_in_the_nomenclature_is_still_shown() -> None:
    assert ask("zacharie").hits[0].practitioner.speciality == "Médecine nouvelle"


def test_one_box_takes_field_and_town_nearest_first() -> None:
    hits = ask("cardio lyon").hits
    assert [number_of(hit) for hit in hits] in (["1", "9", "2"], ["9", "1", "2"])
    assert hits[0].why == ["speciality", "near_place"]
    assert hits[0].distance_km == 0.0
    assert hits[2].distance_km == pytest.approx(95, abs=1)


def test_one_box_takes_name_field_and_postal_code() -> None:
    hits = ask("dupond kiné 69003").hits
    assert [number_of(hit) for hit in hits] == ["3"]
    assert hits[0].why == ["name_exact", "profession", "near_place"]


def test_a_name_near_a_town_comes_nearest_first() -> None:
    assert found("dupont grenoble")[:2] == ["2", "1"]
    assert found("dupont lyon")[:2] == ["1", "2"]
    assert found("élodie martin lyon") == ["4"]


def test_a_name_in_a_field_near_a_town_is_first_a_surname_then_a_first_name_each_nearest_first() -> None:
    assert found("dupont cardio grenoble")[:2] == ["2", "1"]
    assert found("dupont cardio lyon")[:2] == ["1", "2"]
    assert found("martin cardio lyon")[0] == "2"
    assert found("dupont cardio infirmier lyon")[:3] == ["1", "2", "10"]
    assert found("dupont infirmier lyon")[0] == "10"


def test_a_town_that_is_also_a_name_is_read_in_both_ways() -> None:
    numbers = found("lyon", limit=50)
    assert numbers[0] == "7"
    assert len(numbers) > 10


def test_a_name_in_the_wrong_town_is_still_found() -> None:
    assert found("lyon paul paris") == ["7"]


def test_a_town_may_be_abbreviated() -> None:
    assert found("cardio st etienne") == found("cardio saint-étienne")


def test_an_arrondissement_is_a_town() -> None:
    assert found("kiné lyon 3")[0] == found("kiné lyon 3e")[0] == found("kiné 69003")[0] == "3"
    assert found("kiné lyon 3e arrondissement") == found("kiné lyon 3")


@pytest.mark.parametrize(
    "place", [{"city": "lyon"}, {"city": "LYON"}, {"postal_code": "69001"}, {"lat": 45.76, "lon": 4.83}]
)
def test_around_a_place_is_by_distance_within_the_radius(place: dict[str, Any]) -> None:
    hits = ask(speciality="cardiologie", place=NearPlace(**place), radius_km=20).hits
    assert {number_of(hit) for hit in hits} == {"1", "9"}
    assert all(hit.distance_km is not None and hit.distance_km <= 20 for hit in hits)


def test_somebody_with_two_places_is_shown_once_with_the_nearest_first() -> None:
    (hit,) = (hit for hit in ask(speciality="SM04", place=NearPlace(city="Grenoble")).hits if number_of(hit) == "9")
    assert [place.city for place in hit.places] == ["Grenoble", "Lyon"]
    assert hit.distance_km == hit.places[0].distance_km == 0.0


def test_who_has_no_known_place_is_not_near_any() -> None:
    assert "7" not in found(profession="infirmier", place=NearPlace(city="Lyon"), limit=50)
    assert "7" in found("paul lyon infirmier")


@pytest.mark.parametrize(
    "name", ["centre hospitalier lyon", "hospitalier lyon", "CENTRE HOSPITALIER DE LYON", "centre hospitaler lyon"]
)
def test_an_organisation_finds_who_practises_there(name: str) -> None:
    hits = ask(organisation=name).hits
    assert {number_of(hit) for hit in hits} == {"9", "10"}
    assert all(hit.why == ["organisation"] for hit in hits)


def test_an_organisation_is_found_in_the_one_box_too() -> None:
    hits = ask("clinique des tilleuls").hits
    assert [number_of(hit) for hit in hits] == ["9"]
    assert hits[0].why == ["organisation"]


def test_filters_narrow_each_other() -> None:
    assert found(organisation="centre hospitalier", profession="médecin") == ["9"]
    assert found("dupont", speciality="cardiologie", place=NearPlace(city="Grenoble"), radius_km=5) == ["2"]
    assert found("kiné", profession="médecin") == []


def test_a_register_number_finds_its_bearer() -> None:
    assert found(rpps(5)) == ["5"]
    assert ask(rpps(5)).hits[0].why == ["number"]


def test_a_name_is_shown_as_people_write_it_and_not_in_the_registers_capitals() -> None:
    who = ask("moreau").hits[0].practitioner
    assert (who.name, who.first_name, who.last_name) == ("Gérard Moreau", "Gérard", "Moreau")
    assert ask("kerbrat").hits[0].practitioner.name == "Dr Loïc Kerbrat"


def pages(limit: int, text: str | None = None, **question: Any) -> list[str]:
    numbers: list[str] = []
    cursor: str | None = None
    for _ in range(100):
        page = ask(text, limit=limit, cursor=cursor, **question)
        numbers += [number_of(hit) for hit in page.hits]
        cursor = page.cursor
        if cursor is None:
            return numbers
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("limit", [1, 7, 20, 50])
@pytest.mark.parametrize(
    "question",
    [
        {"text": "nombreux"}, {"text": "alix"}, {"text": "n"}, {"text": "infirmier"}, {"text": "infirmier lyon"},
        {"text": "nombreux lyon"}, {"text": "nonbreux"}, {"text": "lyon"}, {"organisation": "centre hospitalier lyon"},
        {"place": NearPlace(city="Lyon")}, {"profession": "60"}, {"text": "alix nombreux lyon"}, {"text": "dupont"},
        {"text": "nombreux infirmier lyon"}, {"text": "alix infirmier lyon"}, {"text": "nonbreux infirmier lyon"},
    ],
)  # fmt: skip
def test_pages_follow_each_other_without_gaps_or_repetitions(limit: int, question: dict[str, Any]) -> None:
    text = question.get("text")
    rest = {name: value for name, value in question.items() if name != "text"}
    numbers = pages(limit, text, **rest)
    assert len(numbers) == len(set(numbers)) > 0
    assert numbers == pages(13, text, **rest)


def test_a_cursor_belongs_to_its_question() -> None:
    cursor = ask("nombreux").cursor
    for wrong in (cursor, "x", "a.b", "a" * 600):
        with pytest.raises(Invalid) as refusal:
            ask("alix", cursor=wrong)
        assert refusal.value.data["path"] == "$.params.cursor"


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ({}, "$.params"),
        ({"text": ""}, "$.params"),
        ({"text": "   "}, "$.params"),
        ({"text": "?!"}, "$.params.text"),
        ({"organisation": "-"}, "$.params.organisation"),
        ({"place": NearPlace(city="Atlantis")}, "$.params.place.city"),
        ({"place": NearPlace(postal_code="00000")}, "$.params.place.postal_code"),
        ({"place": NearPlace(lat=45.0)}, "$.params.place"),
        ({"place": NearPlace()}, "$.params.place"),
        ({"text": "dupont", "radius_km": 5.0}, "$.params.radius_km"),
        ({"profession": "plombier"}, "$.params.profession"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_by_its_field(question: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(**question)
    assert refusal.value.data["path"] == path


def test_an_unknown_town_comes_with_a_suggestion() -> None:
    with pytest.raises(Invalid, match=r"Did you mean: Lyon \(69\)") as refusal:
        ask("dupont", place=NearPlace(city="Lyno"))
    assert refusal.value.data["suggestions"] == ["Lyon (69)"]


def test_an_unknown_speciality_comes_with_a_suggestion() -> None:
    with pytest.raises(Invalid, match="Did you mean") as refusal:
        ask(speciality="cardilogis")
    suggestions = refusal.value.data["suggestions"]
    assert isinstance(suggestions, list)
    assert "Cardiologie et maladies vasculaires" in suggestions


@pytest.mark.parametrize(
    "typed",
    [
        "'; DROP TABLE register_entry; --",
        "%",
        "_",
        "\\",
        "a%b",
        "{t}.x",
        "%s %(x)s",
        "\u202etnopud",
        "x" * 10_000,
        "a b " * 3_000,
    ],
)
def test_hostile_words_are_only_words(typed: str) -> None:
    try:
        assert isinstance(ask(typed).hits, list)
    except Invalid:
        assert not any(letter.isalnum() for letter in typed)
    assert found("kerbrat") == ["9"]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("abelt é'-0123456789 dlyonkinérmat"), max_size=40))
def test_whatever_is_typed_has_an_answer(typed: str) -> None:
    try:
        numbers = found(typed, limit=50)
    except Invalid:
        return
    assert len(numbers) == len(set(numbers))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["kerbrat", "zacharie", "lefebvre", "nombreux"]),
    st.integers(0, 7),
    st.sampled_from("abcdelmnoprst"),
)
def test_any_letter_may_be_wrong(name: str, at: int, letter: str) -> None:
    at %= len(name)
    assert found(name)
    assert found(name[:at] + letter + name[at + 1 :])[0] == found(name)[0]


def statements(question: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        question()
    return len(captured)


@pytest.mark.parametrize(
    "question", [{"text": "nombreux"}, {"text": "infirmier lyon"}, {"organisation": "centre hospitalier lyon"}]
)
def test_the_number_of_statements_does_not_depend_on_the_number_of_hits(question: dict[str, Any]) -> None:
    counts = {statements(partial(search, SearchDirectory(**question, limit=limit))) for limit in (1, 2)}
    assert len(counts) == 1
    assert statements(lambda: search(SearchDirectory(**question, limit=50))) <= max(counts) + 2


def test_at_worst_a_search_has_so_many_statements() -> None:
    for typed in ("zzyzx", "zzyzx qwrtp", "zzyzx qwrtp lyon", "zzyzx kiné lyon", "martin paul jean lyon"):
        assert statements(partial(ask, typed)) <= 24


def linked(make_person: MakePerson, number: int, **fields: Any) -> UUID:
    return make_person(f"Compte{number}", national_id="8" + rpps(number), **fields).pk


def test_somebody_on_relais_goes_by_their_persons_id(make_person: MakePerson) -> None:
    person = linked(make_person, 9)
    hit = ask("kerbrat").hits[0]
    assert (hit.practitioner.id, hit.person, hit.verified_user) == (person, person, True)
    assert ask("zacharie").hits[0].practitioner.id == practitioner_id("8" + rpps(12))


@pytest.mark.parametrize("standing", [{"verified": False}, {"suspended_at": timezone.now()}, {"is_active": False}])
def test_who_may_not_act_does_not_stand_for_an_entry(standing: dict[str, Any], make_person: MakePerson) -> None:
    linked(make_person, 9, **standing)
    hit = ask("kerbrat").hits[0]
    assert (hit.person, hit.verified_user) == (None, False)
    assert found("kerbrat", on_relais=True) == []


def test_only_those_on_relais_when_asked(make_person: MakePerson) -> None:
    linked(make_person, 9)
    linked(make_person, 103)
    assert found("cardio", on_relais=True) == ["9"]
    assert found(on_relais=True) == ["9", "103"]
    assert found("kerbrta", on_relais=True) == ["9"]
    assert found("infirmier lyon", on_relais=True) == ["103"]


def test_only_those_with_an_agenda_when_asked(make_person: MakePerson) -> None:
    bookable = {linked(make_person, 9)}
    linked(make_person, 1)
    page = search(SearchDirectory(text="cardio", bookable=True), bookable=lambda ids: bookable)
    assert [(number_of(hit), hit.bookable) for hit in page.hits] == [("9", True)]
    page = search(SearchDirectory(text="cardio"), bookable=lambda ids: bookable)
    assert {number_of(hit): hit.bookable for hit in page.hits} == {"1": False, "2": False, "9": True}


def test_favourites_come_first_and_once(make_person: MakePerson) -> None:
    person = linked(make_person, 130)
    favourites = {practitioner_id("8" + rpps(150)), person, uuid4()}
    page = search(SearchDirectory(text="nombreux", limit=50), favourites=favourites)
    numbers = [number_of(hit) for hit in page.hits]
    assert numbers[:3] == ["130", "150", "100"]
    assert [hit.favourite for hit in page.hits[:3]] == [True, True, False]
    rest = search(SearchDirectory(text="nombreux", limit=50, cursor=page.cursor), favourites=favourites)
    numbers += [number_of(hit) for hit in rest.hits]
    assert len(numbers) == len(set(numbers)) == 60


def test_pages_through_favourites_have_no_gaps() -> None:
    favourites = {practitioner_id("8" + rpps(number)) for number in (104, 110, 120, 130, 159)}
    numbers: list[str] = []
    cursor = None
    while True:
        page = search(SearchDirectory(text="nombreux", limit=2, cursor=cursor), favourites=favourites)
        numbers += [number_of(hit) for hit in page.hits]
        if (cursor := page.cursor) is None:
            break
    assert set(numbers[:5]) == {"104", "110", "120", "130", "159"}
    assert len(numbers) == len(set(numbers)) == 60


def test_a_cpts_is_its_members_and_who_practises_in_it(make_person: MakePerson) -> None:
    cpts = Organisation.objects.create(id=uuid4(), name="CPTS des Tilleuls", kind="cpts", created_at=timezone.now())
    for number in (9, 12):
        Membership.objects.create(
            person_id=linked(make_person, number), organisation=cpts, function="practitioner", joined_at=timezone.now()
        )
    assert sorted(found(cpts="tilleuls")) == ["12", "13", "9"]
    assert sorted(found(cpts=str(cpts.pk))) == ["12", "9"]
    assert found("cardio", cpts="CPTS des tilleuls") == ["9"]


def test_a_search_does_not_see_a_swap_between_its_statements() -> None:
    with transaction.atomic():
        assert found("kerbrat") == ["9"]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE relation = 'register_place'::regclass AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone()[0] >= 1


def test_the_same_distance_is_shown_for_the_same_town() -> None:
    hits = ask(speciality="cardiologie", place=NearPlace(lat=45.1842, lon=5.7155)).hits
    sphere = (
        2
        * 6371.0088
        * math.asin(
            math.sqrt(
                math.sin(math.radians(45.76993 - 45.1842) / 2) ** 2
                + math.cos(math.radians(45.1842))
                * math.cos(math.radians(45.76993))
                * math.sin(math.radians(4.82922 - 5.7155) / 2) ** 2
            )
        )
    )
    assert [hit.distance_km for hit in hits if number_of(hit) == "1"] == [pytest.approx(sphere, rel=0.01)]


def test_a_name_that_is_also_a_word_for_a_field_is_read_in_both_ways() -> None:
    assert found("mir loïc") == []
    assert found("mir")[0] == "14"
    assert found("ana mir") == ["14"]


ENTRY_9 = practitioner_id("8" + rpps(9))


def get(practitioner: UUID, bookable: Collection[UUID] = ()) -> DirectoryEntry:
    return entry(
        Person(uuid4(), scopes=scopes(verified=True)), practitioner, lambda ids: set(ids or ()) & set(bookable)
    )


def test_an_entry_is_had_in_full_by_the_id_of_a_hit() -> None:
    hit = ask("kerbrat").hits[0]
    whole = get(hit.practitioner.id)
    assert (whole.practitioner, whole.person, whole.verified_user) == (hit.practitioner, None, False)
    assert [place.name for place in whole.places] == ["CENTRE HOSPITALIER DE LYON", "CLINIQUE DES TILLEULS"]
    assert [place.distance_km for place in whole.places] == [None, None]


def test_an_entry_of_somebody_on_relais_is_had_by_either_id(make_person: MakePerson) -> None:
    person = linked(make_person, 9)
    assert get(person) == get(ENTRY_9)
    whole = get(person, bookable={person})
    assert (whole.practitioner.id, whole.person, whole.verified_user, whole.bookable) == (person, person, True, True)
    assert len(whole.places) == 2


def test_whoever_blocks_the_caller_is_an_entry_of_the_register_alone(make_person: MakePerson) -> None:
    person, caller = linked(make_person, 9), make_person("Corvaisier").pk
    actor = Person(caller, scopes=scopes(verified=True))

    def bookable(ids: Collection[UUID] | None) -> set[UUID]:
        return {person} if ids is None else {person} & set(ids)

    def hits(**fields: Any) -> list[tuple[UUID | None, bool, bool, bool]]:
        command = SearchDirectory(text="kerbrat", **fields)
        page = search_directory(actor, command, Transaction(timezone.now()), bookable=bookable)
        return [(hit.person, hit.verified_user, hit.bookable, hit.badge is not None) for hit in page.hits]

    shown, hidden = (person, True, True, True), (None, False, False, False)
    assert [hits()[0], *hits(bookable=True), *hits(on_relais=True)] == [shown] * 3
    Block.objects.create(person_id=person, blocked_id=caller, at=timezone.now())
    assert [hits()[0], *hits(bookable=True), *hits(on_relais=True)] == [hidden]
    found = entry(actor, ENTRY_9, bookable)
    assert (found.person, found.verified_user, found.bookable, found.badge) == (*hidden[:3], None)
    Block.objects.all().delete()
    ContactRule.objects.create(person_id=person, rule="my_organisations")
    assert [hits()[0], *hits(bookable=True), *hits(on_relais=True)] == [(None, False, True, False)] * 2


def test_a_colleague_without_an_entry_is_shown_as_they_are_on_relais(make_person: MakePerson) -> None:
    person = make_person("Corvaisier", profession="Infirmier")
    whole = get(person.pk)
    assert (whole.practitioner.name, whole.practitioner.profession) == ("Hélène Corvaisier", "Infirmier")
    assert (whole.places, whole.person, whole.verified_user) == ([], person.pk, True)


@pytest.mark.parametrize("standing", [{"verified": False}, {"suspended_at": timezone.now()}, {"is_active": False}])
def test_whoever_may_not_act_is_an_entry_of_the_register_and_nobody_on_relais(
    standing: dict[str, Any], make_person: MakePerson
) -> None:
    person = linked(make_person, 9, **standing)
    assert get(ENTRY_9).person is None
    for unknown in (person, uuid4()):
        with pytest.raises(NotFound):
            get(unknown)
