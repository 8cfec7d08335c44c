"""The ways in which an entry can answer a question, as SQL: each stage is walked along an index, page by page.

A stage yields professionals in an order that an index already has, so that the first page of millions costs as much as
the first page of a hundred. What a stage has given, later stages leave out by its condition; nothing is remembered
between pages but where the last one ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from identity.directory.projection import Point

Order = Literal["last", "tail", "first", "rank", "near"]
ORDERS: dict[str, tuple[str, str]] = {
    "last": ("last", "first"),
    "tail": ("tail", "first"),
    "first": ("first", "last"),
    "rank": ("last", "first"),
}
FIELD = "({t}.field + 0)"
"""The field as the index on surnames and places has it.

PostgreSQL takes two such indexes for equally good if both know a column, even if one of them knows it second: nobody is
to be looked for by field in the one that begins with surnames.
"""
POINT = "point(%s, %s)"
"""Its numbers are parameters as well: PostgreSQL plans the same question once for all places."""
Key = list[Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of a row of ``register_place``, named ``{t}`` in the text; parameters never stand in the text."""

    sql: str
    params: tuple[Any, ...] = ()

    def on(self, table: str) -> str:
        return self.sql.replace("{t}", table)


TRUE = Condition("true")


def all_of(conditions: Sequence[Condition]) -> Condition:
    if not conditions:
        return TRUE
    return Condition(" AND ".join(f"({c.sql})" for c in conditions), tuple(p for c in conditions for p in c.params))


def any_of(conditions: Sequence[Condition]) -> Condition:
    return Condition(" OR ".join(f"({c.sql})" for c in conditions), tuple(p for c in conditions for p in c.params))


def none_of(conditions: Sequence[Condition]) -> list[Condition]:
    return [Condition(f"({c.sql}) IS NOT TRUE", c.params) for c in conditions]


@dataclass(frozen=True, slots=True)
class Stage:
    """One way to answer. ``alternatives`` are conditions of which each has an index in the stage's order.

    With ``keys``, there is a walk for each: ``matches`` compares a row with ``v.key``, ``test`` says the same without
    it; in order ``rank`` the keys come one after the other. With ``fields`` too, each key is walked in each of them.
    ``in_field`` says that each alternative has rows of one field only, in the index that begins with it. ``gathered``
    rows are few, found by words, and sorted afterwards. ``at`` is the point of order ``near``; ``of`` is whose name was
    recognised.
    """

    order: Order
    alternatives: tuple[Condition, ...] = ()
    keys: tuple[Any, ...] = ()
    key_type: str = "int"
    fields: tuple[int, ...] = ()
    matches: str = ""
    test: Condition = TRUE
    in_field: bool = False
    gathered: bool = False
    at: Point | None = None
    of: Literal["person", "organisation"] = "person"
    extra: tuple[Condition, ...] = ()

    @property
    def condition(self) -> Condition:
        """Whether a row answers in this way."""
        test = any_of(self.alternatives) if self.alternatives else self.test
        placed = [Condition("{t}.at IS NOT NULL")] if self.order == "near" else []
        return all_of([*placed, test, *self.extra])


def keyed(
    order: Order, column: str, keys: Sequence[Any], key_type: str = "int", fields: Sequence[int] = (), **more: Any
) -> Stage:
    """A stage of rows whose ``column`` is one of ``keys`` and, if ``fields`` are given, whose field is one of those."""
    test, matches = _one_of(f"{{t}}.{column}", keys, key_type), f"{{t}}.{column} = v.key"
    if fields:
        test, matches = all_of([test, _one_of(FIELD, fields, "int")]), f"{matches} AND {FIELD} = f.field"
    return Stage(order, keys=tuple(keys), key_type=key_type, fields=tuple(fields), matches=matches, test=test, **more)


def _one_of(value: str, keys: Sequence[Any], key_type: str) -> Condition:
    if len(keys) == 1:  # an index on places knows equality, and no lists
        return Condition(f"{value} = %s::{key_type}", (keys[0],))
    return Condition(f"{value} = ANY(%s::{key_type}[])", (list(keys),))


def statement(
    stage: Stage, filters: Sequence[Condition], before: Sequence[Condition], after: Key | None, limit: int
) -> Condition:
    """The SELECT of a stage's next ``limit`` rows after ``after``: the order's key, then the entry's id last.

    ``filters`` hold for all stages of a question; ``before`` are the conditions of the stages that came first.
    """
    tests = [*filters, *stage.extra, *none_of(before)]
    if stage.order == "near":
        return _near(stage, tests, after, limit)
    if stage.keys:
        return _ranked(stage, tests, after, limit)
    return _ordered(stage, tests, after, limit)


def together(statements: Sequence[tuple[int, Condition]]) -> Condition:
    """Statements of one shape as one, each row after the number of its statement; in no order between rows."""
    return Condition(
        " UNION ALL ".join(f"SELECT {number} AS stage, walk.* FROM ({one.sql}) walk" for number, one in statements),
        tuple(param for _, one in statements for param in one.params),
    )


def _ordered(stage: Stage, filters: list[Condition], after: Key | None, limit: int) -> Condition:
    columns = ", ".join(f"p.{name}" for name in (*ORDERS[stage.order], "entry"))
    later = Condition(f"({columns}) > (%s, %s, %s::uuid)", tuple(after)) if after is not None else TRUE
    if stage.gathered:
        rows = all_of([stage.condition, *filters])
        return Condition(
            f"""
            WITH p AS MATERIALIZED (SELECT last, first, entry FROM register_place p WHERE {rows.on("p")})
            SELECT DISTINCT {columns} FROM p WHERE {later.sql} ORDER BY {columns} LIMIT {limit}
            """,
            (*rows.params, *later.params),
        )
    walks = []
    for alternative in stage.alternatives:
        rows = all_of([alternative, *filters, later])
        order = f"p.field, {columns}" if stage.in_field else columns
        sql = f"SELECT DISTINCT ON ({order}) {columns} FROM register_place p WHERE {rows.on('p')} ORDER BY {order}"
        walks.append(Condition(f"({sql} LIMIT {limit})", rows.params))
    together = Condition(" UNION ALL ".join(one.sql for one in walks), tuple(p for one in walks for p in one.params))
    if len(walks) == 1:
        return together
    return Condition(f"SELECT * FROM ({together.sql}) p ORDER BY {columns} LIMIT {limit}", together.params)


def _ranked(stage: Stage, filters: list[Condition], after: Key | None, limit: int) -> Condition:
    inner = all_of(filters)
    key: tuple[Any, ...] = ()
    later = ""
    if after is not None:
        later = "AND (v.rank, p.last, p.first, p.entry) > (%s, %s, %s, %s::uuid)"
        key = tuple(after)
    return Condition(
        f"""
        SELECT v.rank, found.last, found.first, found.entry
        FROM unnest(%s::{stage.key_type}[]) WITH ORDINALITY v(key, rank) CROSS JOIN LATERAL (
            SELECT DISTINCT ON (p.last, p.first, p.entry) p.last, p.first, p.entry FROM register_place p
            WHERE {stage.matches.replace("{t}", "p")} AND {inner.on("p")} {later}
            ORDER BY p.last, p.first, p.entry LIMIT {limit}
        ) found
        ORDER BY 1, 2, 3, 4 LIMIT {limit}
        """,
        (list(stage.keys), *inner.params, *key),
    )


def _near(stage: Stage, filters: list[Condition], after: Key | None, limit: int) -> Condition:
    """Nearest first, each professional once, at the nearest place that answers.

    ``OFFSET 0`` has the other places looked up for each professional shown, rather than for all who could be.
    """
    if stage.at is None:
        raise ValueError("a stage by distance needs a point")
    shown = all_of([*filters, Condition("{t}.at IS NOT NULL")])
    if stage.gathered:
        return _gathered(stage, stage.at, shown, after, limit)
    same = all_of([*filters, stage.test])
    key = TRUE
    if after is not None:
        key = Condition(f"({{t}}.at <-> {POINT}, {{t}}.entry) > (%s, %s::uuid)", (*stage.at, *after))
    several = max(len(stage.keys), len(stage.fields)) > 1
    test = Condition(stage.matches) if several else stage.test
    walks, keys = _walks(stage) if several else ("", ())
    rows = all_of([test, shown, key])
    return Condition(
        f"""
        SELECT walk.distance, walk.entry FROM {walks} (
            SELECT p.at <-> {POINT} AS distance, p.entry FROM register_place p
            WHERE {rows.on("p")} AND NOT EXISTS (
                SELECT FROM register_place o
                WHERE o.entry = p.entry AND o.at <-> {POINT} < p.at <-> {POINT} AND {same.on("o")} OFFSET 0
            )
            ORDER BY distance LIMIT {limit}
        ) walk ORDER BY 1, 2 LIMIT {limit}
        """,
        (*keys, *stage.at, *rows.params, *stage.at, *stage.at, *same.params),
    )


def _walks(stage: Stage) -> tuple[str, tuple[Any, ...]]:
    """What begins the FROM of a stage that walks once for each key, and in each field."""
    each = f"unnest(%s::{stage.key_type}[]) v(key) CROSS JOIN"
    if not stage.fields:
        return f"{each} LATERAL", (list(stage.keys),)
    return f"{each} unnest(%s::int[]) f(field) CROSS JOIN LATERAL", (list(stage.keys), list(stage.fields))


def _gathered(stage: Stage, at: Point, shown: Condition, after: Key | None, limit: int) -> Condition:
    """The same over rows that words find first: they are few, and far apart on the map."""
    rows = all_of([stage.condition, shown])
    later = "HAVING (min(distance), entry) > (%s, %s::uuid)" if after is not None else ""
    return Condition(
        f"""
        WITH gathered AS MATERIALIZED (
            SELECT p.entry, p.at <-> {POINT} AS distance FROM register_place p WHERE {rows.on("p")}
        )
        SELECT min(distance), entry FROM gathered GROUP BY entry {later} ORDER BY 1, 2 LIMIT {limit}
        """,
        (*at, *rows.params, *(after or ())),
    )


def pooled(stages: Sequence[Stage], pool: Sequence[Any], at: Point | None, after: Key | None, limit: int) -> Condition:
    """All stages at once over a few professionals: the best stage of each, then nearest, then by name."""
    cases = [stage.condition for stage in stages]
    case = " ".join(f"WHEN {one.on('p')} THEN {at}" for at, one in enumerate(cases))
    distance = f"coalesce(p.at <-> {POINT}, 'infinity')" if at else "0::float8"
    later = "WHERE (stage, distance, last, first, entry) > (%s, %s, %s, %s, %s::uuid)" if after is not None else ""
    return Condition(
        f"""
        WITH pool AS MATERIALIZED (SELECT * FROM register_place p WHERE p.entry = ANY(%s::uuid[])),
        best AS (
            SELECT DISTINCT ON (p.entry) CASE {case} END AS stage, {distance} AS distance, p.last, p.first, p.entry
            FROM pool p WHERE CASE {case} END IS NOT NULL ORDER BY p.entry, 1, 2
        )
        SELECT stage, distance, last, first, entry FROM best {later} ORDER BY 1, 2, 3, 4, 5 LIMIT {limit}
        """,
        (
            list(pool),
            *(p for one in cases for p in one.params),
            *(at or ()),
            *(p for one in cases for p in one.params),
            *(after or ()),
        ),
    )
