"""What the directory knows of words and towns: the small tables that searches ask first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from identity.directory.communes import Commune
from identity.directory.projection import Point
from identity.directory.question import Known
from identity.directory.stages import POINT
from identity.names import deletions, distance, second_deletions, sound

TOWN_COLUMNS = "code, name, spoken, postal_codes, department, population, lat, lon"
MOST_NEAR = 8
SHORTEST_FORGIVEN = 4
"""Words of three letters and less are taken as they are: one slip makes them any other."""
LONGEST_FORGIVEN = 24
LONG = 7
"""From this length on, two slips still leave most of a word."""
BEGUN = 24
PEOPLE, SURNAMES, ORGANISATIONS = "people", "surnames", "organisations"
"""In which names a word is looked for, as ``Known`` counts them."""
COUNTS = {PEOPLE: "surnames + first_names", SURNAMES: "surnames", ORGANISATIONS: "organisations"}
WORD_COLUMNS = "word, surnames, first_names, organisations"


def known_words(said: Iterable[str]) -> dict[str, Known]:
    """How often each word occurs, those that do not among them."""
    asked = list(dict.fromkeys(said))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {WORD_COLUMNS} FROM register_word WHERE word = ANY(%s)", [asked])
        return dict.fromkeys(asked, Known()) | {word: Known(*counts) for word, *counts in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A known word beside one that was typed: how many slips away, and whether it begins with another letter."""

    slips: int
    elsewhere: bool
    word: str
    counts: Known


@dataclass(slots=True)
class Neighbours:
    """The known words beside those of one question, each looked up once, whatever names they are wanted in."""

    _found: dict[tuple[str, int], list[Neighbour]] = field(default_factory=dict)

    def near(self, said: Sequence[str], of: str = PEOPLE) -> dict[str, list[str]]:
        """For each word, the known ones that it may have been meant to be: one slip away or of its sound, else two.

        The closest first, then the most frequent. ``of`` says in which names they must occur.
        """
        asked = [word for word in dict.fromkeys(said) if SHORTEST_FORGIVEN <= len(word) <= LONGEST_FORGIVEN]
        near = self._within(asked, 1, of)
        missed = [word for word in asked if len(word) >= LONG and not near[word]]
        return {word: [] for word in said} | near | self._within(missed, 2, of)

    def _within(self, said: Sequence[str], most: int, of: str) -> dict[str, list[str]]:
        missing = [word for word in said if (word, most) not in self._found]
        if missing:
            known = _shortened_alike(missing, deletions if most == 1 else second_deletions)
            self._found |= {(word, most): _beside(word, known, most) for word in missing}
        return {word: _likeliest(self._found[word, most], of) for word in said}


def _shortened_alike(said: Sequence[str], shortened: Callable[[str], list[str]]) -> dict[str, Known]:
    """The known words that share a shortened form or their sound with one of these."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {WORD_COLUMNS} FROM unnest(%s::text[]) part CROSS JOIN LATERAL (
                SELECT * FROM register_word WHERE near @> ARRAY[part COLLATE "C"] OFFSET 0
            ) known UNION SELECT {WORD_COLUMNS} FROM register_word WHERE sound = ANY(%s)
            """,
            [[part for word in said for part in shortened(word)], [sound(word) for word in said]],
        )
        return {word: Known(*counts) for word, *counts in cursor.fetchall()}


def _beside(word: str, known: Mapping[str, Known], most: int) -> list[Neighbour]:
    heard = sound(word)
    return [
        Neighbour(slips, one[:1] != word[:1], one, counts)
        for one, counts in known.items()
        if one != word and ((slips := distance(word, one)) <= most or (slips <= 2 and sound(one) == heard))
    ]


def _likeliest(near: Sequence[Neighbour], of: str) -> list[str]:
    borne = [(one.slips, one.elsewhere, -count, one.word) for one in near if (count := getattr(one.counts, of))]
    return [word for *_, word in sorted(borne)[:MOST_NEAR]]


def begun_words(start: str, of: str = PEOPLE) -> list[str]:
    """The most frequent words that begin so."""
    count = COUNTS[of]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT word FROM register_word WHERE word >= %s AND word < %s AND {count} > 0
            ORDER BY {count} DESC, word LIMIT {BEGUN}
            """,
            [start, start + "{"],
        )
        return [word for (word,) in cursor.fetchall()]


def towns(names: Sequence[str], postal_codes: Sequence[str]) -> list[Commune]:
    """The towns with one of these folded names or postal codes."""
    if not names and not postal_codes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {TOWN_COLUMNS} FROM register_commune WHERE spoken = ANY(%s) OR postal_codes && %s::text[]",
            [list(names), list(postal_codes)],
        )
        return [Commune.of(row) for row in cursor.fetchall()]


def towns_like(name: str) -> list[Commune]:
    """The largest towns whose name ``name`` begins or misses by a slip or two: for a suggestion."""
    joined = name.replace(" ", "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {TOWN_COLUMNS} FROM register_commune
            WHERE near && %s::text[] OR (spoken >= %s AND spoken < %s) ORDER BY population DESC LIMIT 50
            """,
            [second_deletions(joined[:40]), name, name + "{"],
        )
        found = [Commune.of(row) for row in cursor.fetchall()]
    slips = {one.code: distance(joined, one.spoken.replace(" ", "")) for one in found}
    closest = min(slips.values(), default=0)
    return [one for one in found if one.spoken.startswith(name) or slips[one.code] == closest]


def departments_near(at: Point, kilometres: float) -> list[str]:
    """The departments of the towns around a point."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT department FROM register_commune WHERE at <@ circle({POINT}, %s)", [*at, kilometres]
        )
        return sorted(department for (department,) in cursor.fetchall())


def organisations(
    said: Sequence[str], near: Sequence[Sequence[str]], at: Point | None, kilometres: float | None, limit: int
) -> list[int]:
    """The organisations that have all these words, or for each word one of its neighbours; the largest first.

    Around a point, the nearest first.
    """
    test = " AND ".join(["words && %s::text[]"] * len(near)) if near else "words @> %s::text[]"
    around = (*at, kilometres) if at and kilometres else ()
    where = f"AND at <@ circle({POINT}, %s)" if around else ""
    order = f"at <-> {POINT}, key" if at else "cardinality(words), practitioners DESC, key"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH found AS MATERIALIZED (SELECT * FROM register_organisation WHERE {test} {where} LIMIT 1000)
            SELECT key FROM found ORDER BY {order} LIMIT {limit}
            """,
            [*(list(one) for one in near or [said]), *around, *(at or ())],
        )
        return [key for (key,) in cursor.fetchall()]
