"""What clients see of professionals: of those found in two statements, whatever their number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from identity.accounts.queries import badge
from identity.accounts.wire import BadgeView
from identity.directory.listing import practitioner_id
from identity.directory.nomenclature import profession_of
from identity.directory.projection import Point
from identity.directory.question import Reading
from identity.directory.stages import POINT
from identity.directory.wire import DirectoryEntry, Hit, PlaceView, PractitionerView
from identity.names import displayed, groups

ON_RELAIS = """
    person.national_id IS NOT NULL AND person.verified_at IS NOT NULL
    AND person.suspended_at IS NULL AND person.is_active
"""
"""Only a verified account stands for an entry: an unverified one may claim somebody else's number."""


def national_ids(persons: Collection[UUID] | None) -> dict[UUID, str]:
    """The register's identifiers of verified persons on Relais (None: of all), by person."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT person.id, person.national_id FROM identity_person person
            WHERE {ON_RELAIS} AND (%s OR person.id = ANY(%s::uuid[]))
            """,
            [persons is None, list(persons or ())],
        )
        return dict(cursor.fetchall())


def show(
    found: Sequence[tuple[UUID, Reading, Sequence[str]]],
    *,
    at: Point | None,
    favourites: Collection[UUID],
    bookable: Callable[[Collection[UUID] | None], Collection[UUID]],
) -> list[Hit]:
    """The entries as hits, in the same order; each comes with the reading that it answers, and why beyond that."""
    if not found:
        return []
    ids = [entry for entry, _, _ in found]
    entries = _entries(ids)
    places = _places(ids, at)
    with_agenda = set(bookable([row["person"] for row in entries.values() if row["person"]]))
    return [
        _hit(entries[entry], places.get(entry, []), reading, because, entry in favourites, with_agenda)
        for entry, reading, because in found
        if entry in entries
    ]


def entry(practitioner: UUID, bookable: Callable[[Collection[UUID] | None], Collection[UUID]]) -> DirectoryEntry | None:
    """One professional with all their places, by the id of their entry or of their verified account; four statements.

    None when the directory does not hold them: who is on Relais without an entry has none.
    """
    national_id = national_ids([practitioner]).get(practitioner)
    wanted = practitioner_id(national_id) if national_id else practitioner
    row = _entries([wanted]).get(wanted)
    if row is None:
        return None
    person = row["person"]
    return DirectoryEntry(
        practitioner=_practitioner(row),
        places=_place_views(_places([wanted], None).get(wanted, [])),
        person=person,
        bookable=person is not None and person in bookable([person]),
        verified_user=person is not None,
        badge=_badge(row),
    )


def _rows(sql: str, params: Sequence[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _entries(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = _rows(
        f"""
        SELECT e.id, e.national_id, e.title, e.first_name, e.last_name, e.profession_label, e.speciality,
               person.id AS person, person.verified_at, person.verification_method, person.confirm_by
        FROM register_entry e LEFT JOIN identity_person person ON person.national_id = e.national_id AND {ON_RELAIS}
        WHERE e.id = ANY(%s::uuid[])
        """,
        [list(ids)],
    )
    return {row["id"]: row for row in rows}


def _places(ids: Sequence[UUID], at: Point | None) -> dict[UUID, list[dict[str, Any]]]:
    """Each entry's rows, the nearest first when there is a point to count from."""
    away = f"at <-> {POINT}" if at else "NULL::float8"
    rows = _rows(
        f"""
        SELECT entry, {away} AS away, organisation, address, postal_code, city, country, field, profession, words
        FROM register_place WHERE entry = ANY(%s::uuid[]) ORDER BY entry, 2 NULLS LAST, number
        """,
        [*(at or ()), list(ids)],
    )
    places: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        places.setdefault(row["entry"], []).append(row)
    return places


def _practitioner(row: dict[str, Any]) -> PractitionerView:
    """An entry as clients see it; somebody on Relais goes by their person's id."""
    first, last = displayed(row["first_name"], first=True), displayed(row["last_name"])
    national_id = row["national_id"]
    return PractitionerView(
        id=row["person"] or row["id"],
        name=" ".join(part for part in (row["title"], first, last) if part),
        first_name=first,
        last_name=last,
        profession=row["profession_label"],
        speciality=row["speciality"] or None,
        rpps=national_id[1:] if national_id.startswith("8") and len(national_id) == 12 else None,
    )


def _place_views(rows: Sequence[dict[str, Any]]) -> list[PlaceView]:
    """Each address once, without the rows of salaried practice that name none."""
    seen: dict[tuple[str, ...], PlaceView] = {}
    for row in rows:
        key = (row["organisation"], row["address"], row["postal_code"], row["city"])
        if any(key) and key not in seen:
            city = ", ".join(part for part in (row["city"], row["country"]) if part)
            seen[key] = PlaceView(
                name=row["organisation"] or None,
                address=row["address"],
                postal_code=row["postal_code"],
                city=city,
                distance_km=_kilometres(row["away"]),
            )
    return list(seen.values())


def _kilometres(away: float | None) -> float | None:
    return None if away is None or away > 20_000 else round(away, 1)


def _hit(
    row: dict[str, Any],
    places: Sequence[dict[str, Any]],
    reading: Reading,
    because: Sequence[str],
    favourite: bool,
    with_agenda: Collection[UUID],
) -> Hit:
    if reading.spot is None:
        places = [{**one, "away": None} for one in places]
    matching = [one for one in places if reading.wanted is None or _key(one) in reading.wanted.fields]
    distances = [one["away"] for one in matching or places if one["away"] is not None]
    why = _why(places, reading, because, near=bool(distances))
    return Hit(
        practitioner=_practitioner(row),
        places=_place_views(places),
        why=["favourite", *why] if favourite else why,
        person=row["person"],
        distance_km=_kilometres(min(distances)) if distances else None,
        bookable=row["person"] in with_agenda,
        verified_user=row["person"] is not None,
        badge=_badge(row),
        favourite=favourite,
    )


def _badge(row: dict[str, Any]) -> BadgeView | None:
    return badge(row["verified_at"], row["verification_method"] or "", row["confirm_by"])


def _key(place: dict[str, Any]) -> str:
    """The field of a place, from the tag among its words."""
    return next((word[1:] for word in place["words"] if word.startswith("#")), "")


def _why(places: Sequence[dict[str, Any]], reading: Reading, because: Sequence[str], *, near: bool) -> list[str]:
    """Codes for people to read: which parts of the question this entry answers, and how exactly."""
    whose, *more = because
    why = ["number"] if reading.number else []
    if reading.name and whose == "organisation":
        why.append("organisation")
    elif reading.name:
        why.append(_why_name(reading, {word for place in places for word in place["words"]}))
    if reading.wanted is not None:
        specialities = any(key != profession_of(key) for key in reading.wanted.fields)
        why.append("speciality" if specialities and not reading.wanted.professions else "profession")
    if reading.spot is not None and near:
        why.append("near_place")
    return list(dict.fromkeys([*why, *more]))


def _why_name(reading: Reading, words: Collection[str]) -> str:
    name = groups(reading.name)
    missing = [word for word in name if word not in words]
    if not missing:
        return "name_exact"
    if all(any(one.startswith(word) for one in words) for word in missing):
        return "name_prefix"
    return "name_near"
