"""``directory.search``: professionals by words, field, organisation and place, ranked and explained.

A constant number of statements whatever is asked and whatever the directory holds; run it inside one transaction, so
that an import that ends meanwhile is seen either by none of them or by all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection

from identity.register import hits, lookups, nomenclature, question
from identity.register.answers import find_organisations, stages_of
from identity.register.communes import spoken_name
from identity.register.listing import organisation_words, practitioner_id, short_digest
from identity.register.nomenclature import Wanted
from identity.register.projection import project
from identity.register.question import Known, Reading, Spot
from identity.register.stages import Condition, Key, Stage, pooled, statement
from identity.register.text import words
from identity.wire import Hits, NearPlace, SearchDirectory
from server.errors import Invalid

Bookable = Callable[[Collection[UUID] | None], Collection[UUID]]
"""Of these persons (None: of all), those who have an agenda that can be booked."""

SPARE = 8
"""Rows read beyond a page, for professionals whom two rows of one stage show."""
MOST_STAGES = 12
FAVOURITES, OTHERS = 0, 1


def nobody(_: Collection[UUID] | None) -> Collection[UUID]:
    return ()


def search(
    query: SearchDirectory, *, favourites: Collection[UUID] = (), bookable: Bookable = nobody, now: datetime | None = None
) -> Hits:
    """The next page of answers, ``favourites`` (practitioners' ids) first.

    ``Invalid`` when nothing is asked for, when a town, a profession or a speciality is not known (with suggestions),
    or when the cursor is not one of this question's.
    """
    asked = _Asked.of(query, favourites, bookable)
    start = _position(query, asked)
    found = list(asked.walk(start, query.limit))
    shown = found[: query.limit]
    cursor = _cursor(query, shown[-1]) if shown and (len(found) > len(shown) or asked.unfinished) else None
    return Hits(
        hits=hits.show(
            [(one.entry, asked.readings[one.reading], one.because) for one in shown],
            at=asked.at,
            favourites=set(asked.favourites),
            bookable=bookable,
        ),
        cursor=cursor,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """One answer and where it stands: in which phase and stage, and its key in the stage's order."""

    entry: UUID
    phase: int
    stage: int
    key: Key
    reading: int
    because: tuple[str, ...]


@dataclass(slots=True)
class _Asked:
    """A question understood: how it can be read, what restricts the answers, who comes first."""

    readings: list[Reading]
    known: dict[str, Known]
    kilometres: float | None
    organisations: list[int] | None
    in_cpts: bool
    favourites: list[UUID]
    pool: list[UUID] | None
    unfinished: bool = False
    _stages: list[tuple[int, Stage]] = field(default_factory=list)

    @classmethod
    def of(cls, query: SearchDirectory, favourites: Collection[UUID], bookable: Bookable) -> _Asked:
        said = question.spoken(query.text or "")
        in_organisation = organisation_words(query.organisation or "")
        _refuse_nothing(query, said, in_organisation)
        spot = _spot(query.place)
        if query.radius_km is not None and spot is None:
            raise Invalid("$.params.radius_km", "A radius needs a place: a postal code, a town or a point.")
        wanted = _wanted(query)
        known = lookups.known_words([*said, *question.joined(said), *in_organisation]) if said or in_organisation else {}
        readings = [Reading()]
        if said:
            names = [] if spot else [phrase for _, _, phrase in question.phrases(said, question.LONGEST_TOWN)]
            codes = [] if spot else [one.upper() for one in said if question.POSTAL_CODE.fullmatch(one)]
            readings = question.read(said, known, lookups.towns(names, codes)) or [Reading()]
        readings = [_with(one, wanted, spot) for one in readings]
        at = spot.at if spot else None
        organisations = find_organisations(in_organisation, known, at, query.radius_km, 200) if in_organisation else None
        return cls(
            readings, known, query.radius_km, organisations, bool(query.cpts), _entries(favourites),
            _pool(query, readings, bookable, known),
        )  # fmt: skip

    @property
    def at(self) -> Any:
        return next((one.spot.at for one in self.readings if one.spot), None)

    def stages(self) -> Iterator[tuple[int, Stage]]:
        """Every stage with the number of its reading; made as they are needed, and kept."""
        yield from self._stages
        if self._stages:
            return
        for number, reading in enumerate(self.readings):
            if reading.number:
                self._stages.append((number, Stage("last", alternatives=(Condition("true"),))))
                yield self._stages[-1]
                continue
            if reading.wanted is not None and not reading.wanted.fields:
                continue
            one_box = number == len(self.readings) - 1
            for stage in stages_of(reading, self.known, self.kilometres, self.organisations, one_box):
                if len(self._stages) >= MOST_STAGES:
                    return
                self._stages.append((number, stage))
                yield number, stage

    def walk(self, start: tuple[int, int, Key | None], limit: int) -> Iterator[Found]:
        """Up to one more than ``limit`` answers from ``start`` on."""
        if self.organisations == []:
            return
        phase, stage, after = start
        rows: list[Found] = []
        if phase == FAVOURITES and self.favourites:
            pool = [one for one in self.favourites if self.pool is None or one in set(self.pool)]
            rows = self._pooled(pool, FAVOURITES, after, limit + 1)
            after = None
        elif phase == FAVOURITES:
            after = None
        yield from rows
        if len(rows) <= limit:
            yield from self._others(stage if phase == OTHERS else 0, after, limit + 1 - len(rows))

    def _others(self, start: int, after: Key | None, limit: int) -> Iterator[Found]:
        favourites = set(self.favourites)
        if self.pool is not None:
            yield from self._pooled([one for one in self.pool if one not in favourites], OTHERS, after, limit)
            return
        filters = [Condition("{t}.entry <> ALL(%s::uuid[])", (list(self.favourites),))] if self.favourites else []
        before: list[Condition] = []
        seen: set[UUID] = set()
        for number, (reading, stage) in enumerate(self.stages()):
            if number >= start:
                asked = limit - len(seen) + SPARE
                rows = _fetch(statement(stage, filters, before, after if number == start else None, asked))
                for *key, entry in rows:
                    if entry not in seen and len(seen) < limit:
                        seen.add(entry)
                        yield Found(entry, OTHERS, number, [*key, str(entry)], reading, self._because(stage))
                self.unfinished = len(rows) == asked
                if len(seen) >= limit or self.unfinished:
                    return
            before.append(stage.condition)

    def _pooled(self, pool: Sequence[UUID], phase: int, after: Key | None, limit: int) -> list[Found]:
        stages = list(self.stages())
        if not pool or not stages:
            return []
        rows = _fetch(pooled([stage for _, stage in stages], [], pool, self.at, after, limit))
        found = []
        for stage, *key, entry in rows:
            reading, answered = stages[stage]
            found.append(Found(entry, phase, 0, [stage, *key, str(entry)], reading, self._because(answered)))
        return found

    def _because(self, stage: Stage) -> tuple[str, ...]:
        """What the answers of a stage have in common, beyond the reading."""
        return (stage.of, *(("organisation",) if self.organisations else ()), *(("cpts",) if self.in_cpts else ()))


def _fetch(select: Condition) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(select.sql, select.params)
        return list(cursor.fetchall())


def _with(reading: Reading, wanted: Wanted | None, spot: Spot | None) -> Reading:
    """A reading of the text, with what the other fields of the question ask for."""
    if wanted is not None:
        reading = replace(reading, wanted=wanted if reading.wanted is None else wanted.narrowed(reading.wanted))
    return replace(reading, spot=spot) if spot else reading


def _refuse_nothing(query: SearchDirectory, said: Sequence[str], in_organisation: Sequence[str]) -> None:
    if query.organisation is not None and not in_organisation:
        raise Invalid("$.params.organisation", "Type at least one letter or digit of the organisation's name.")
    if query.text is not None and not said and query.text.strip():
        raise Invalid("$.params.text", "Type at least one letter or digit.")
    asked = (said, query.profession, query.speciality, in_organisation, query.cpts, query.place, query.bookable)
    if not any((*asked, query.on_relais)):
        raise Invalid(
            "$.params", "Say what to look for: words, a profession, a speciality, an organisation, a CPTS or a place."
        )


def _wanted(query: SearchDirectory) -> Wanted | None:
    """The fields that ``profession`` and ``speciality`` name, by code, label or everyday name."""
    wanted: Wanted | None = None
    for name, said in (("profession", query.profession), ("speciality", query.speciality)):
        if not (said and said.strip()):
            continue
        found = nomenclature.find(said) or nomenclature.guess(said)
        if found is None:
            near = nomenclature.suggestions(said)
            hint = f" Did you mean: {', '.join(near)}?" if near else ""
            raise Invalid(f"$.params.{name}", f"No {name} is called «{said[:60]}».{hint}", suggestions=near)
        wanted = found if wanted is None else wanted.narrowed(found)
    return wanted


def _spot(place: NearPlace | None) -> Spot | None:
    """The point that ``place`` names; ``Invalid``, with suggestions, when there is no such town."""
    if place is None:
        return None
    if place.lat is not None or place.lon is not None:
        if place.lat is None or place.lon is None:
            raise Invalid("$.params.place", "A point needs both lat and lon.")
        return Spot(project(place.lat, place.lon))
    if place.postal_code:
        here = lookups.towns([], [place.postal_code.upper()])
        spoken = spoken_name(place.city or "")
        spot = question.spot_of([one for one in here if one.spoken == spoken] or here)
        if spot is None:
            raise Invalid(
                "$.params.place.postal_code", f"No town has the postal code {place.postal_code}.", suggestions=[]
            )
        return spot
    if place.city and (spoken := spoken_name(place.city)):
        town = question.town_of(lookups.towns([spoken], []))
        if town is None:
            near = [f"{one.name} ({one.department})" for one in lookups.towns_like(spoken)[:3]]
            hint = f" Did you mean: {', '.join(near)}?" if near else ""
            raise Invalid("$.params.place.city", f"No town is called «{place.city[:60]}».{hint}", suggestions=near)
        return Spot(town.at, town.department)
    raise Invalid("$.params.place", "A place is a postal code, a town, or a point with lat and lon.")


def _entries(practitioners: Collection[UUID]) -> list[UUID]:
    """The entries of practitioners' ids: a person on Relais is named by their own id."""
    if not practitioners:
        return []
    linked = hits.national_ids(practitioners)
    return sorted({practitioner_id(linked[one]) if one in linked else one for one in practitioners})


def _pool(
    query: SearchDirectory, readings: Sequence[Reading], bookable: Bookable, known: dict[str, Known]
) -> list[UUID] | None:
    """The only entries that can answer, when the question names few: a register number, Relais, agendas, a CPTS."""
    pools: list[set[UUID]] = []
    if readings and readings[0].number:
        pools.append({practitioner_id(kind + readings[0].number) for kind in ("8", "0")})
    if query.bookable or query.on_relais:
        linked = hits.national_ids(bookable(None) if query.bookable else None)
        pools.append({practitioner_id(one) for one in linked.values()})
    if query.cpts and query.cpts.strip():
        pools.append(_members(query.cpts, known))
    return sorted(set.intersection(*pools)) if pools else None


def _members(cpts: str, known: dict[str, Known]) -> set[UUID]:
    """The entries of those who belong to a CPTS: as members on Relais, or by their place of practice."""
    said = [word for word in organisation_words(cpts) if word != "cpts"]
    keys = lookups.organisations(["cpts", *said], [], None, None, 50)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT entry FROM register_place WHERE organisation_key = ANY(%s::bigint[]) LIMIT 5000", [keys]
        )
        entries = {entry for (entry,) in cursor.fetchall()}
        cursor.execute(
            """
            SELECT organisation.id, organisation.name, person.national_id
            FROM identity_organisation organisation
            JOIN identity_membership member ON member.organisation_id = organisation.id AND member.left_at IS NULL
            JOIN identity_person person ON person.id = member.person_id AND person.national_id IS NOT NULL
            WHERE organisation.kind = 'cpts'
            """
        )
        for organisation, name, national_id in cursor.fetchall():
            if str(organisation) == cpts.strip().lower() or (said and set(said) <= set(words(name))):
                entries.add(practitioner_id(national_id))
    return entries


def _digest(query: SearchDirectory) -> int:
    """The same for the same question, whatever the page and its size."""
    place = query.place
    return short_digest(
        json.dumps(
            [query.text, query.profession, query.speciality, query.organisation, query.cpts, query.radius_km,
             query.bookable, query.on_relais, place and [place.postal_code, place.city, place.lat, place.lon]]
        )
    )  # fmt: skip


def _signer() -> signing.Signer:
    return signing.Signer(salt="directory.search", sep=".")


def _cursor(query: SearchDirectory, last: Found) -> str:
    return _signer().sign_object([_digest(query), last.phase, last.stage, last.key])


def _position(query: SearchDirectory, asked: _Asked) -> tuple[int, int, Key | None]:
    """Where the page begins; ``Invalid`` for a cursor that we did not give for this question."""
    if not query.cursor:
        return FAVOURITES, 0, None
    try:
        digest, phase, stage, key = _signer().unsign_object(query.cursor)
    except (signing.BadSignature, ValueError, TypeError):
        digest = phase = stage = key = None
    if digest != _digest(query):
        raise Invalid("$.params.cursor", "Use the cursor of the page before, with the same question, or none.")
    return phase, stage, key
