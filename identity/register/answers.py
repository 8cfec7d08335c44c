"""From a reading of a question to the stages that answer it, the exact before the near.

Every stage is chosen so that PostgreSQL walks an index in the order asked for, or gathers few rows by their words: no
question, however common its words, sorts a large part of the register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from identity.register import lookups
from identity.register.listing import organisation_words, word_number
from identity.register.nomenclature import Wanted, field_number
from identity.register.question import Known, Reading, Spot
from identity.register.stages import Condition, Stage, all_of, any_of, keyed
from identity.register.text import groups

FEW_FIELDS = 16
"""As many fields are walked one by one; more are a filter on the whole profession."""
FEW_PEOPLE = 5_000
"""Words that designate more people than this are not gathered and sorted."""
AROUND_KM = 60.0
SHORTEST_BEGINNING = 3
MOST_ORGANISATIONS = 24
NAME_FIRST = "surnames"


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields of practice as conditions: few are ``numbers``, each with a walk of its own; many are a filter."""

    numbers: tuple[str, ...] = ()
    filter: Condition | None = None
    tags: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        if self.numbers:
            return (Condition("{t}.field = ANY(%s::int[])", (list(self.numbers),)),)
        return (self.filter,) if self.filter else ()


def fields_of(wanted: Wanted | None) -> Fields:
    if wanted is None:
        return Fields()
    numbers = tuple(sorted(field_number(key) for key in wanted.fields))
    if len(numbers) <= FEW_FIELDS:
        return Fields(numbers, None, tuple(sorted("#" + key for key in wanted.fields)))
    return Fields(
        (),
        Condition(
            "{t}.profession = ANY(%s) OR {t}.field = ANY(%s::int[])",
            (sorted(wanted.professions), list(numbers)),
        )
        if not wanted.professions
        else Condition("{t}.profession = ANY(%s)", (sorted(wanted.professions),)),
    )


def between(column: str, start: str, end: str) -> Condition:
    return Condition(f"{{t}}.{column} >= %s AND {{t}}.{column} < %s", (start, end))


def whole(column: str, word: str) -> Condition:
    """The column is this word, or begins with it and a space ("!" is the sign after the space)."""
    return between(column, word, word + "!")


def beginning(column: str, start: str) -> Condition:
    """The column begins so ("{" is the sign after "z")."""
    return between(column, start, start + "{")


def has(words: Sequence[str]) -> Condition:
    return Condition("{t}.words @> %s::text[]", (list(words),))


def has_one(words: Sequence[str]) -> Condition:
    return Condition("{t}.words && %s::text[]", (list(words),))


def stages_of(
    reading: Reading,
    known: Mapping[str, Known],
    kilometres: float | None,
    organisations: Sequence[int] | None,
    one_box: bool,
) -> Iterator[Stage]:
    """The stages of one reading, in order; the later ones ask the database for neighbours only when they are needed.

    ``organisations`` are those asked for by name, if any; in ``one_box`` the name may be one as well.
    """
    fields = fields_of(reading.wanted)
    within = _within(reading.spot, kilometres)
    extra: tuple[Condition, ...] = within
    if organisations is not None:
        extra = (*extra, Condition("{t}.organisation_key = ANY(%s::bigint[])", (list(organisations),)))
    name = groups(reading.name)
    if name and reading.spot:
        walked = _name_near(name, reading.spot, kilometres, fields, known)
    elif name:
        walked = _one_word(name[0], fields, known) if len(name) == 1 else _several_words(name, fields, known)
    elif organisations is not None:
        walked = iter([_of_organisations(organisations, fields)])
    else:
        walked = iter([_of_fields(reading.spot, fields)])
    for stage in walked:
        yield replace(stage, extra=(*stage.extra, *extra))
    if name and one_box and organisations is None:
        yield from _named_organisations(reading, known, kilometres, fields, extra)


def _within(spot: Spot | None, kilometres: float | None) -> tuple[Condition, ...]:
    if spot is None or kilometres is None:
        return ()
    return (Condition("{t}.at <@ circle(point(%s, %s), %s)", (*spot.at, kilometres)),)


def _of_fields(spot: Spot | None, fields: Fields) -> Stage:
    """Everybody of a field: nearest first, or by name."""
    if spot is None:
        alone = tuple(Condition("{t}.field = %s", (int(number),)) for number in fields.numbers)
        return Stage("last", alternatives=alone or fields.conditions or (Condition("true"),))
    if fields.numbers:
        return keyed("near", "field", [int(number) for number in fields.numbers], at=spot.at)
    return Stage("near", at=spot.at, extra=fields.conditions)


def _of_organisations(keys: Sequence[int], fields: Fields) -> Stage:
    return keyed("rank", "organisation_key", keys, "bigint", extra=fields.conditions, of="organisation")


def _in_fields(test: Condition, fields: Fields) -> tuple[Condition, ...]:
    """``test`` in each field, for the index that begins with the field."""
    if not fields.numbers:
        return (all_of([test, *fields.conditions]),)
    return tuple(all_of([Condition("{t}.field = %s", (int(number),)), test]) for number in fields.numbers)


def _gather(tests: Sequence[Condition], fields: Fields) -> tuple[Condition, ...]:
    """Conditions on words, the fields' tags among them."""
    tagged = [has_one(fields.tags)] if fields.tags else list(fields.conditions)
    return (all_of([*tests, *tagged]),)


def _one_word(word: str, fields: Fields, known: Mapping[str, Known]) -> Iterator[Stage]:
    """A name of one word: surname, then a later part of one, then what begins so, first names, neighbours."""
    people = known.get(word, Known())
    if people.surnames:
        yield Stage("last", alternatives=_in_fields(whole("last", word), fields))
        yield Stage("tail", alternatives=(whole("tail", word),), extra=fields.conditions)
    if people.first_names:
        yield _first_names(word, people, fields, complete=True)
    yield Stage("last", alternatives=_in_fields(beginning("last", word), fields))
    if not people.first_names:
        yield _first_names(word, people, fields, complete=False)
    if 0 < people.people <= FEW_PEOPLE:
        yield Stage("last", alternatives=_gather([has([word])], fields))
    near = lookups.near_words([word]).get(word, [])
    if near:
        yield Stage(
            "rank",
            keys=tuple(near),
            key_type="text",
            matches="{t}.last >= v.key AND {t}.last < v.key || '!'",
            test=any_of([whole("last", one) for one in near]),
            extra=fields.conditions,
        )
        rare = _rare(near, lookups.known_words(near))
        if rare:
            yield Stage("last", alternatives=_gather([has_one(rare)], fields))


def _first_names(word: str, people: Known, fields: Fields, *, complete: bool) -> Stage:
    if fields.tags and complete:
        return Stage("last", alternatives=_gather([has([word])], fields))
    test = whole("first", word) if complete else beginning("first", word)
    return Stage("first", alternatives=(test,), extra=fields.conditions)


def _rare(words: Sequence[str], known: Mapping[str, Known]) -> list[str]:
    return [word for word in words if known.get(word, Known()).people <= FEW_PEOPLE]


def _several_words(name: list[str], fields: Fields, known: Mapping[str, Known]) -> Iterator[Stage]:
    """First name and surname in either order, all words in any order, the last one unfinished, then neighbours."""
    extra = fields.conditions
    yield Stage("last", alternatives=tuple(_splits(name, "last", "first")), extra=extra)
    yield Stage("first", alternatives=tuple(_splits(name, "first", "last")), extra=extra)
    if all(word in known for word in name) and _fewest(name, known) <= 4 * FEW_PEOPLE:
        yield Stage("last", alternatives=_gather([has(name)], fields))
    if name[:-1] and all(word in known for word in name[:-1]) and len(name[-1]) >= SHORTEST_BEGINNING:
        begun = lookups.begun_words(name[-1])
        if begun and _fewest(name[:-1], known) <= 4 * FEW_PEOPLE:
            yield Stage("last", alternatives=_gather([has(name[:-1]), has_one(begun)], fields))
    for tests in _neighbours(name, known):
        yield Stage("last", alternatives=_gather(tests, fields))


def _splits(name: list[str], one: str, other: str) -> Iterator[Condition]:
    """Each cut of the words into ``one`` and ``other``, in both orders; only the last word may be unfinished."""
    for cut in range(1, len(name)):
        left, right = " ".join(name[:cut]), " ".join(name[cut:])
        yield all_of([Condition(f"{{t}}.{one} = %s", (left,)), beginning(other, right)])
        yield all_of([Condition(f"{{t}}.{one} = %s", (right,)), whole(other, left)])
    yield beginning(one, " ".join(name))


def _fewest(name: Sequence[str], known: Mapping[str, Known]) -> int:
    return min((known.get(word, Known()).people for word in name), default=0)


def _neighbours(name: list[str], known: Mapping[str, Known]) -> Iterator[list[Condition]]:
    """First only the words that nobody bears are replaced by their neighbours, then every word."""
    near = lookups.near_words(name)
    unknown = [word for word in name if not known.get(word, Known()).people]
    choices: list[Callable[[str], list[str]]] = [lambda word: [word, *near.get(word, [])]]
    if unknown:
        choices.insert(0, lambda word: near.get(word, []) if word in unknown else [word])
    for choice in choices:
        tests = [choice(word) for word in name]
        if all(tests):
            yield [has_one(one) for one in tests]


def _name_near(
    name: list[str], spot: Spot, kilometres: float | None, fields: Fields, known: Mapping[str, Known]
) -> Iterator[Stage]:
    """People of a name around a place, nearest first."""
    there: list[Condition] = []
    if len(name) > 1 or fields.tags or known.get(name[0], Known()).surnames == 0:
        there = [has_one(["@" + one for one in lookups.departments_near(spot.at, kilometres or AROUND_KM)])]

    def gathered(tests: Sequence[Condition], where: Sequence[Condition] = ()) -> Stage:
        return Stage("near", alternatives=_gather([*tests, *where], fields), gathered=True, at=spot.at)

    def walked(column: str, words: Sequence[str]) -> Stage:
        numbers = [word_number(word) for word in words]
        return keyed("near", column, numbers, at=spot.at, extra=(has_one(words), *fields.conditions))

    if len(name) == 1 and not fields.tags:
        word = name[0]
        if known.get(word, Known()).surnames:
            yield walked("name", [word])
            yield walked("tail_name", [word])
        begun = lookups.begun_words(word, NAME_FIRST) if len(word) >= SHORTEST_BEGINNING else []
        if begun:
            yield walked("name", begun)
        if known.get(word, Known()).first_names:
            yield gathered([has(name)], there or _department(spot))
        near = lookups.near_words(name, NAME_FIRST).get(word, [])
        if near:
            yield walked("name", near)
        return
    if all(word in known for word in name):
        yield gathered([has(name)], [] if _fewest(name, known) <= FEW_PEOPLE else there)
    begun = lookups.begun_words(name[-1]) if len(name[-1]) >= SHORTEST_BEGINNING else []
    if begun and all(word in known for word in name[:-1]):
        yield gathered([*([has(name[:-1])] if name[:-1] else []), has_one(begun)], there)
    for tests in _neighbours(name, known):
        yield gathered(tests, there)


def _department(spot: Spot) -> list[Condition]:
    return [has(["@" + spot.department])] if spot.department else []


def _named_organisations(
    reading: Reading, known: Mapping[str, Known], kilometres: float | None, fields: Fields, extra: Sequence[Any]
) -> Iterator[Stage]:
    """The words as an organisation's name: those who practise there."""
    at = reading.spot.at if reading.spot else None
    keys = find_organisations(organisation_words(" ".join(reading.name)), known, at, kilometres)
    if keys:
        stage = _of_organisations(keys, fields)
        yield replace(stage, extra=(*stage.extra, *extra))


def find_organisations(
    said: Sequence[str], known: Mapping[str, Known], at: Any, kilometres: float | None, limit: int = MOST_ORGANISATIONS
) -> list[int]:
    """The organisations with all these words; when there is none, with their neighbours."""
    keys = lookups.organisations(said, [], at, kilometres, limit)
    if keys:
        return keys
    near = lookups.near_words(said, "organisations")
    choices = [
        [word, *near.get(word, [])] if known.get(word, Known()).organisations else near.get(word, []) for word in said
    ]
    return lookups.organisations(said, choices, at, kilometres, limit) if all(choices) else []
