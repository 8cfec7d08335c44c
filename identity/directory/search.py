"""``directory.search``: professionals by words, field, organisation and place, ranked and explained.

A constant number of statements whatever is asked and whatever the directory holds; run it inside one transaction, so
that an import that ends meanwhile is seen either by none of them or by all.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from identity.directory import answers, hits, lookups, nomenclature, question
from identity.directory.answers import find_organisations
from identity.directory.communes import spoken_name
from identity.directory.listing import organisation_words, practitioner_id, short_digest
from identity.directory.nomenclature import Wanted
from identity.directory.projection import Point, project
from identity.directory.question import Known, Reading, Spot
from identity.directory.stages import Condition, Key, Stage, pooled, statement, together
from identity.directory.wire import Hits, NearPlace, SearchDirectory
from identity.names import groups
from server.kernel import paging
from server.kernel.wire.errors import Invalid

Bookable = Callable[[Collection[UUID] | None], Collection[UUID]]
"""Of these persons (None: of all), those who have an agenda that can be booked."""

SPARE = 8
"""Rows read beyond a page, for professionals whom two rows of one stage show."""
MOST_STEPS = 10
MOST_ORGANISATIONS = 200
FAVOURITES, OTHERS = 0, 1


def nobody(_: Collection[UUID] | None) -> Collection[UUID]:
    return ()


def search(
    query: SearchDirectory,
    *,
    favourites: Collection[UUID] = (),
    bookable: Bookable = nobody,
    now: datetime | None = None,
) -> Hits:
    """The next page of answers, ``favourites`` (practitioners' ids) first.

    ``Invalid`` when nothing is asked for, when a town, a profession or a speciality is not known (with suggestions),
    or when the cursor is not one of this question's.
    """
    asked = _Asked.of(query, favourites, bookable)
    start = _position(query, asked)
    found = list(asked.walk(start, query.limit))
    page = found[: query.limit]
    views = hits.show(
        [(one.entry, one.reading, one.because) for one in page],
        at=asked.at,
        favourites=set(asked.favourites),
        bookable=bookable,
    )
    shown = paging.fitting(views)
    if len(shown) < len(views):  # The next page begins after the last one that is shown.
        last = shown[-1].practitioner.id
        page = page[: next(number for number, one in enumerate(page, 1) if one.entry == last)]
    cursor = _cursor(query, page[-1]) if page and (len(found) > len(page) or asked.unfinished) else None
    return Hits(hits=shown, cursor=cursor)


@dataclass(frozen=True, slots=True)
class Found:
    """One answer and where it stands: in which phase and stage, and its key in the stage's order."""

    entry: UUID
    phase: int
    stage: int
    key: Key
    reading: Reading
    because: tuple[str, ...]


Way = tuple[Reading, Stage]
"""A stage, and the reading of the question that it answers."""
Make = Callable[[Reading, answers.Asked], Iterator[answers.Step]]


class Ways:
    """The steps to answer a question, tier by tier (what was typed, what is similar, last resorts), made as needed."""

    def __init__(self, readings: Sequence[Reading], asked: answers.Asked) -> None:
        self._tiers = [self._tier(make, readings, asked) for make in (answers.plain, answers.similar)]
        self._tiers.append(self._resorts(readings, asked))
        self._made: list[tuple[int, list[Way]]] = []

    @staticmethod
    def _tier(make: Make, readings: Sequence[Reading], asked: answers.Asked) -> Iterator[list[Way]]:
        return ([(one, stage) for stage in step] for one in readings for step in make(one, asked))

    @classmethod
    def _resorts(cls, readings: Sequence[Reading], asked: answers.Asked) -> Iterator[list[Way]]:
        """At last also the name without the town: they may practise elsewhere, or nowhere that is known."""
        yield from cls._tier(answers.last_resorts, readings, asked)
        if asked.kilometres is None:
            without = [replace(one, spot=None) for one in readings if one.name and one.spot]
            yield from cls._tier(answers.plain, without, asked)

    def up_to(self, tier: int) -> list[Way]:
        """Every stage of the first tiers."""
        return [way for _, step in self.walk(lambda reached: reached > tier) for way in step]

    def walk(self, enough: Callable[[int], bool]) -> Iterator[tuple[int, list[Way]]]:
        """The steps in order, each with its tier, until ``enough`` says so before a tier begins."""
        for tier, making in enumerate(self._tiers):
            if enough(tier):
                return
            yield from (one for one in self._made if one[0] == tier)
            for step in making:
                if len(self._made) >= MOST_STEPS:
                    return
                self._made.append((tier, step))
                yield tier, step


PLAIN, SIMILAR, RESORT = range(3)


@dataclass(slots=True)
class _Asked:
    """A question understood: the ways to answer it, what restricts the answers, who comes first."""

    ways: Ways
    at: Point | None
    nowhere: bool
    because: tuple[str, ...]
    favourites: list[UUID]
    pool: list[UUID] | None
    unfinished: bool = False

    @classmethod
    def of(cls, query: SearchDirectory, favourites: Collection[UUID], bookable: Bookable) -> _Asked:
        said = question.spoken(query.text or "")
        in_organisation = organisation_words(query.organisation or "")
        _refuse_nothing(query, said, in_organisation)
        spot = _spot(query.place)
        if query.radius_km is not None and spot is None:
            raise Invalid("$.params.radius_km", "A radius needs a place: a postal code, a town or a point.")
        wanted = _wanted(query)
        known = lookups.known_words([*said, *groups(said), *in_organisation]) if said or in_organisation else {}
        readings = [_with(one, wanted, spot) for one in _readings(said, known, spot)]
        at = spot.at if spot else None
        shared = answers.Asked(known, query.radius_km)
        organisations = find_organisations(in_organisation, shared, at, MOST_ORGANISATIONS) if in_organisation else None
        readings = [one for one in readings if one.wanted is None or one.wanted.fields]
        return cls(
            Ways(readings, replace(shared, organisations=organisations)),
            next((one.spot.at for one in readings if one.spot), None),
            organisations == [] or not readings,
            (*(("organisation",) if organisations else ()), *(("cpts",) if query.cpts else ())),
            _entries(favourites),
            _pool(query, readings, bookable),
        )

    def walk(self, start: tuple[int, int, Key | None], limit: int) -> Iterator[Found]:
        """Up to one more than ``limit`` answers from ``start`` on."""
        if self.nowhere:
            return
        phase, stage, after = start
        rows: list[Found] = []
        if phase == FAVOURITES:
            allowed = None if self.pool is None else set(self.pool)
            pool = [one for one in self.favourites if allowed is None or one in allowed]
            rows = self._pooled(pool, self.ways.up_to(PLAIN), FAVOURITES, after, limit + 1) if pool else []
            yield from rows
            stage, after = 0, None
        if len(rows) > limit:
            return
        if self.pool is None:
            yield from self._staged(stage, after, limit + 1 - len(rows), bool(rows))
        else:
            shown = set(self.favourites)
            yield from self._restricted([one for one in self.pool if one not in shown], after, limit + 1 - len(rows))

    def _staged(self, start: int, after: Key | None, limit: int, answered: bool) -> Iterator[Found]:
        """The answers of each stage after those of the stages before; favourites were shown before the plain ones."""
        shown_first = [Condition("{t}.entry <> ALL(%s::uuid[])", (self.favourites,))] if self.favourites else []
        before: list[Condition] = []
        seen: set[UUID] = set()

        def enough(tier: int) -> bool:
            return tier == RESORT and (answered or bool(seen) or (after is not None and start < len(before)))

        for tier, step in self.ways.walk(enough):
            asked = limit - len(seen) + SPARE
            filters = shown_first if tier == PLAIN else []
            walks = []
            for _, stage in step:
                if (number := len(before)) >= start:
                    walks.append((number, statement(stage, filters, before, after if number == start else None, asked)))
                before.append(stage.condition)
            rows = self._whole(sorted(_fetch(together(walks))), asked) if walks else []
            for number, *key, entry in rows:
                if entry not in seen and len(seen) < limit:
                    seen.add(entry)
                    reading, stage = step[number - len(before) + len(step)]
                    yield Found(entry, OTHERS, number, [*key, str(entry)], reading, (stage.of, *self.because))
            if self.unfinished or len(seen) >= limit:
                return

    def _whole(self, rows: list[tuple[Any, ...]], asked: int) -> list[tuple[Any, ...]]:
        """The rows up to the first stage that may have more: what comes after it belongs to another page."""
        counts = Counter(row[0] for row in rows)
        more = min((number for number, count in counts.items() if count == asked), default=None)
        self.unfinished = more is not None
        return rows if more is None else [row for row in rows if row[0] <= more]

    def _restricted(self, pool: Sequence[UUID], after: Key | None, limit: int) -> list[Found]:
        """Answers among few; what is similar only when nothing is plain."""
        stages = self.ways.up_to(PLAIN)
        if after is None or after[0] < len(stages):
            found = self._pooled(pool, stages, OTHERS, after, limit)
            if found or after is not None:
                return found
        return self._pooled(pool, self.ways.up_to(RESORT), OTHERS, after, limit)

    def _pooled(
        self, pool: Sequence[UUID], stages: list[Way], phase: int, after: Key | None, limit: int
    ) -> list[Found]:
        if not pool or not stages:
            return []
        rows = _fetch(pooled([stage for _, stage in stages], pool, self.at, after, limit))
        found = []
        for number, *key, entry in rows:
            reading, stage = stages[number]
            found.append(Found(entry, phase, 0, [number, *key, str(entry)], reading, (stage.of, *self.because)))
        return found


def _readings(said: list[str], known: dict[str, Known], spot: Spot | None) -> list[Reading]:
    """The ways to read the text; a place given beside it leaves no town to look for in it."""
    if not said:
        return [Reading()]
    names = [] if spot else [phrase for _, _, phrase in question.phrases(said, question.LONGEST_TOWN)]
    codes = [] if spot else [one.upper() for one in said if question.POSTAL_CODE.fullmatch(one)]
    return question.read(said, known, lookups.towns(names, codes)) or [Reading()]


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


def _pool(query: SearchDirectory, readings: Sequence[Reading], bookable: Bookable) -> list[UUID] | None:
    """The only entries that can answer, when the question names few: a register number, Relais, agendas, a CPTS."""
    pools: list[set[UUID]] = []
    if readings and readings[0].number:
        pools.append({practitioner_id(kind + readings[0].number) for kind in ("8", "0")})
    if query.bookable or query.on_relais:
        linked = hits.national_ids(bookable(None) if query.bookable else None)
        pools.append({practitioner_id(one) for one in linked.values()})
    if query.cpts and query.cpts.strip():
        pools.append(_members(query.cpts))
    return sorted(set.intersection(*pools)) if pools else None


def _members(cpts: str) -> set[UUID]:
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
            if str(organisation) == cpts.strip().lower() or (said and set(said) <= set(organisation_words(name))):
                entries.add(practitioner_id(national_id))
    return entries


def _question(query: SearchDirectory) -> str:
    """The same for the same question, whatever the page and its size: what a cursor of it is bound to."""
    place = query.place
    asked = json.dumps(
        [query.text, query.profession, query.speciality, query.organisation, query.cpts, query.radius_km,
         query.bookable, query.on_relais, place and [place.postal_code, place.city, place.lat, place.lon]]
    )  # fmt: skip
    return f"directory.search {short_digest(asked)}"


def _cursor(query: SearchDirectory, last: Found) -> str:
    return paging.encode((last.phase, last.stage, last.key), _question(query))


def _position(query: SearchDirectory, asked: _Asked) -> tuple[int, int, Key | None]:
    """Where the page begins; ``Invalid`` for a cursor that we did not give for this question."""
    if not query.cursor:
        return FAVOURITES, 0, None
    return paging.decode(query.cursor, tuple[int, int, Key], _question(query))
