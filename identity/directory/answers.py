"""From a reading of a question to the stages that answer it, the exact before the near.

Every stage is chosen so that PostgreSQL walks an index in the order asked for, or gathers few rows by their words: no
question, however common its words, sorts a large part of the register.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from identity.directory import lookups
from identity.directory.listing import organisation_words, word_number
from identity.directory.nomenclature import Wanted, field_number
from identity.directory.projection import Point
from identity.directory.question import Known, Reading, Spot
from identity.directory.stages import POINT, TRUE, Condition, Stage, all_of, any_of, keyed
from identity.names import groups

FEW_FIELDS = 16
"""As many fields are walked one by one; more are a filter on the whole profession."""
FEW_PEOPLE = 5_000
"""Words that designate more people than this are not gathered and sorted."""
HANDFUL = 500
"""So few are gathered wherever they practise."""
AROUND_KM = 60.0
SHORTEST_BEGINNING = 3
MOST_ORGANISATIONS = 24


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


def bears(words: Sequence[str]) -> Condition:
    """The same as ``has_one`` for rows that another index finds.

    Written so that PostgreSQL neither uses the index on words nor takes this for a second, independent chance:
    believing that few rows are left, it would gather and sort everybody of a name.
    """
    return Condition("coalesce({t}.words && %s::text[], false)", (list(words),))


Step = tuple[Stage, ...]
"""Stages of one shape that cost so little that they are walked in one statement."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What every stage of a question shares: what is known of its words, how far around, at which organisations.

    What had to be looked up for one reading is remembered for the others.
    """

    known: Mapping[str, Known]
    kilometres: float | None = None
    organisations: Sequence[int] | None = None
    neighbours: lookups.Neighbours = field(default_factory=lookups.Neighbours)
    _remembered: dict[tuple[object, ...], list[str]] = field(default_factory=dict)

    def begun(self, word: str, of: str = lookups.PEOPLE) -> list[str]:
        """The most frequent words that begin so; none for a beginning that is too short to mean anybody."""
        key = ("begun", of, word)
        if key not in self._remembered:
            self._remembered[key] = lookups.begun_words(word, of) if len(word) >= SHORTEST_BEGINNING else []
        return self._remembered[key]

    def there(self, spot: Spot) -> Condition:
        """Somewhere around the spot, by department: rough, for what words find."""
        key = ("there", spot.at)
        if key not in self._remembered:
            self._remembered[key] = lookups.departments_near(spot.at, self.kilometres or AROUND_KM)
        return has_one(["@" + one for one in self._remembered[key]])

    def at(self, word: str) -> Known:
        return self.known.get(word, Known())

    def borne(self, name: Sequence[str]) -> bool:
        """Whether each of these words is in somebody's name."""
        return all(self.at(word).people for word in name)

    def unheard(self, word: str) -> bool:
        """Whether it is certain that the word is in nobody's name."""
        return word in self.known and not self.known[word].people

    def fewest(self, name: Sequence[str]) -> int:
        """How many people at most bear all these words."""
        return min((self.at(word).people for word in name), default=0)

    def tests(self, reading: Reading) -> tuple[Condition, ...]:
        tests = []
        if reading.spot is not None and self.kilometres is not None:
            tests.append(Condition(f"{{t}}.at <@ circle({POINT}, %s)", (*reading.spot.at, self.kilometres)))
        if self.organisations is not None:
            tests.append(Condition("{t}.organisation_key = ANY(%s::bigint[])", (list(self.organisations),)))
        return tuple(tests)


def plain(reading: Reading, asked: Asked) -> Iterator[Step]:
    """What was typed, whole or begun."""
    fields = fields_of(reading.wanted)
    name = groups(reading.name)
    if reading.number:
        steps: Iterator[Step] = iter([(Stage("last", alternatives=(TRUE,)),)])
    elif name and reading.spot:
        steps = _around(name, reading.spot, fields, asked)
    elif name:
        steps = _one_word(name[0], fields, asked) if len(name) == 1 else _several_words(name, fields, asked)
    elif asked.organisations is not None:
        steps = iter([(_of_organisations(asked.organisations, fields),)])
    else:
        steps = iter([(_of_fields(reading.spot, fields),)])
    return _with(steps, asked.tests(reading))


def similar(reading: Reading, asked: Asked) -> Iterator[Step]:
    """A single word with a slip in it: also shown after what was typed, since some slips are names as well."""
    name = groups(reading.name)
    if len(name) != 1 or reading.number:
        return iter(())
    fields = fields_of(reading.wanted)
    steps = (
        _one_near(name[0], fields, asked)
        if reading.spot is None
        else _one_near_around(name[0], reading.spot, fields, asked)
    )
    return _with(steps, asked.tests(reading))


def last_resorts(reading: Reading, asked: Asked) -> Iterator[Step]:
    """Slips in any of several words, then the words as an organisation's name: only when nothing else has answered."""
    name = groups(reading.name)
    if not name or reading.number:
        return iter(())
    fields = fields_of(reading.wanted)
    steps = _several_near(name, reading.spot, fields, asked)
    if asked.organisations is None:
        steps = chain(steps, _at_organisations(reading, fields, asked))
    return _with(steps, asked.tests(reading))


def _with(steps: Iterator[Step], extra: tuple[Condition, ...]) -> Iterator[Step]:
    return (tuple(replace(stage, extra=(*stage.extra, *extra)) for stage in step) for step in steps)


def _of_fields(spot: Spot | None, fields: Fields) -> Stage:
    """Everybody of a field: nearest first, or by name."""
    if spot is None:
        alone = tuple(Condition("{t}.field = %s::int", (int(number),)) for number in fields.numbers)
        return Stage("last", alternatives=alone or fields.conditions or (TRUE,))
    if fields.numbers:
        return keyed("near", "field", [int(number) for number in fields.numbers], at=spot.at)
    return Stage("near", at=spot.at, extra=fields.conditions)


def _of_organisations(keys: Sequence[int], fields: Fields) -> Stage:
    return keyed("rank", "organisation_key", keys, "bigint", extra=fields.conditions, of="organisation")


def _surnames(start: str, end: str, fields: Fields) -> Stage:
    """Surnames from ``start`` to before ``end``, in each field.

    The bounds hold field and surname together: only the index that begins with the field can use them, so that
    PostgreSQL never reads everybody of a frequent name, which it may believe to be rare, to find one of the field.
    """
    if not fields.numbers:
        return Stage("last", alternatives=(between("last", start, end),), extra=fields.conditions)
    inside = "({t}.field, {t}.last) >= (%s::int, %s) AND ({t}.field, {t}.last) < (%s::int, %s)"
    walks = tuple(Condition(inside, (number, start, number, end)) for number in map(int, fields.numbers))
    return Stage("last", alternatives=walks, in_field=True)


def _gathered(tests: Sequence[Condition], fields: Fields) -> Stage:
    """Rows that words find, by name."""
    return Stage("last", alternatives=_gather(tests, fields), gathered=True)


def _gather(tests: Sequence[Condition], fields: Fields) -> tuple[Condition, ...]:
    """Conditions on words, the fields' tags among them."""
    tagged = [has_one(fields.tags)] if fields.tags else list(fields.conditions)
    return (all_of([*tests, *tagged]),)


def _gathered_near(tests: Sequence[Condition], fields: Fields, spot: Spot) -> Stage:
    return Stage("near", alternatives=_gather(tests, fields), gathered=True, at=spot.at)


def _one_word(word: str, fields: Fields, asked: Asked) -> Iterator[Step]:
    """A name of one word: surname, then a later part of one, then what begins so, then first names."""
    people = asked.at(word)
    extra = fields.conditions
    start = word + "!" if people.surnames else word  # whole surnames come first: none of their many is read again
    begun = _surnames(start, word + "{", fields)
    named = Stage("first", alternatives=(beginning("first", word),), extra=extra)
    if people.surnames:
        tail = all_of([Condition("{t}.tail <> ''"), whole("tail", word)])
        surnames = (
            _surnames(word, word + "!", fields),
            Stage("tail", alternatives=(tail,), extra=extra),
        )
        yield (
            (*surnames, begun)
            if fields.tags
            else (*surnames, replace(named, alternatives=(whole("first", word),)), begun)
        )
    else:
        yield (begun,) if fields.tags else (begun, named)
    if fields.tags or people.first_names:
        yield (named,) if not fields.tags else (_gathered([has([word])], fields),)
    elif 0 < people.people <= FEW_PEOPLE:
        yield (_gathered([has([word])], fields),)


def _one_near(word: str, fields: Fields, asked: Asked) -> Iterator[Step]:
    near = asked.neighbours.near([word])[word]
    if near:
        ranked = Stage(
            "rank",
            keys=tuple(near),
            key_type="text",
            matches="{t}.last >= v.key AND {t}.last < v.key || '!'",
            test=any_of([whole("last", one) for one in near]),
            extra=fields.conditions,
        )
        yield (ranked,)


def _several_words(name: list[str], fields: Fields, asked: Asked) -> Iterator[Step]:
    """First name and surname in either order, then all words in any order, the last one whole or unfinished."""
    if any(map(asked.unheard, name[:-1])):
        return
    if asked.unheard(name[-1]) and len(name[-1]) >= SHORTEST_BEGINNING and not asked.begun(name[-1]):
        return
    yield (Stage("last", alternatives=tuple(_splits(name)), extra=fields.conditions),)
    if asked.at(name[0]).first_names:
        yield (Stage("first", alternatives=(beginning("first", " ".join(name)),), extra=fields.conditions),)
    step = []
    if asked.borne(name) and asked.fewest(name) <= 4 * FEW_PEOPLE:
        step.append(_gathered([has(name)], fields))
    if asked.borne(name[:-1]) and asked.fewest(name[:-1]) <= 4 * FEW_PEOPLE:
        begun = asked.begun(name[-1])
        if begun:
            step.append(_gathered([has(name[:-1]), has_one(begun)], fields))
    if step:
        yield tuple(step)


def _splits(name: list[str]) -> Iterator[Condition]:
    """Each cut of the words into surname and first name, in both orders; only the last word may be unfinished."""
    for cut in range(1, len(name)):
        left, right = " ".join(name[:cut]), " ".join(name[cut:])
        for one, other in (("last", "first"), ("first", "last")):
            yield all_of([Condition(f"{{t}}.{one} = %s", (left,)), beginning(other, right)])
        yield all_of([Condition("{t}.last = %s", (right,)), whole("first", left)])
    yield beginning("last", " ".join(name))


def _several_near(name: list[str], spot: Spot | None, fields: Fields, asked: Asked) -> Iterator[Step]:
    """First only the words that nobody bears are replaced by their neighbours, then every word."""
    near = asked.neighbours.near(name)
    unknown = [word for word in name if not asked.at(word).people]
    choices = [[[word, *near[word]] for word in name]]
    if unknown:
        choices.insert(0, [near[word] if word in unknown else [word] for word in name])
    for choice in choices:
        if not all(choice):
            continue
        tests = [has_one(one) for one in choice]
        if spot:
            yield (_gathered_near([*tests, asked.there(spot)], fields, spot),)
        elif len(name) > 1 or sum(asked.at(one).people for one in choice[0]) <= FEW_PEOPLE:
            yield (_gathered(tests, fields),)


def _walked(column: str, words: Sequence[str], spot: Spot, fields: Fields) -> Stage:
    """People of these surnames, nearest first."""
    numbers = [word_number(word) for word in words]
    walked = [int(number) for number in fields.numbers]
    extra = (bears(words),) if walked else (bears(words), *fields.conditions)
    return keyed("near", column, numbers, fields=walked, at=spot.at, extra=extra)


def _around(name: list[str], spot: Spot, fields: Fields, asked: Asked) -> Iterator[Step]:
    """People of a name around a place, nearest first."""
    if len(name) == 1:
        yield from _one_around(name[0], spot, fields, asked)
        return
    step = []
    if asked.borne(name):
        there = [asked.there(spot)] if asked.fewest(name) > FEW_PEOPLE else []
        step.append(_gathered_near([has(name), *there], fields, spot))
    if asked.borne(name[:-1]):
        begun = asked.begun(name[-1])
        if begun:
            step.append(_gathered_near([has_one(begun), has(name[:-1]), asked.there(spot)], fields, spot))
    if step:
        yield tuple(step)


def _one_around(word: str, spot: Spot, fields: Fields, asked: Asked) -> Iterator[Step]:
    people = asked.at(word)
    if people.surnames:
        yield (_walked("name", [word], spot, fields), _walked("tail_name", [word], spot, fields))
    begun = asked.begun(word, lookups.SURNAMES)
    if begun:
        yield (_walked("name", begun, spot, fields),)
    if people.people:
        there = [asked.there(spot)] if people.people > HANDFUL else []
        yield (_gathered_near([has([word]), *there], fields, spot),)


def _one_near_around(word: str, spot: Spot, fields: Fields, asked: Asked) -> Iterator[Step]:
    near = asked.neighbours.near([word], lookups.SURNAMES)[word]
    if near:
        yield (_walked("name", near, spot, fields),)


def _at_organisations(reading: Reading, fields: Fields, asked: Asked) -> Iterator[Step]:
    """The words as an organisation's name: those who practise there."""
    at = reading.spot.at if reading.spot else None
    keys = find_organisations(organisation_words(" ".join(reading.name)), asked, at, MOST_ORGANISATIONS)
    if keys:
        yield (_of_organisations(keys, fields),)


def find_organisations(said: Sequence[str], asked: Asked, at: Point | None, limit: int) -> list[int]:
    """The organisations with all these words; when there is none, with their neighbours."""
    known = [asked.at(word).organisations > 0 for word in said]
    keys = lookups.organisations(said, [], at, asked.kilometres, limit) if all(known) else []
    if keys:
        return keys
    near = asked.neighbours.near(said, lookups.ORGANISATIONS)
    choices = [[word, *near[word]] if occurs else near[word] for word, occurs in zip(said, known, strict=True)]
    return lookups.organisations(said, choices, at, asked.kilometres, limit) if all(choices) else []
