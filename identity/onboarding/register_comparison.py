"""Accounts compared with the register after each import: who has left it is asked to confirm, and in time withdrawn.

Absence says little: somebody may have objected to publication, or be in danger. So nothing closes at once; they no
longer show in searches (the register is what is searched), their badge says « à confirmer », and they have 15 days to
prove themselves by e-CPS or to a moderator. Who has done so is not asked again about the same absence. A statement
that somebody may not practise is another matter (``review.state_statement``).

Sets of accounts, and never one by one: 400,000 are compared in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from identity.directory.models import RegisterImport
from identity.onboarding import mail
from identity.onboarding.internal_commands import CompareRegister, RegisterCompared
from identity.onboarding.words import Kind
from server.kernel.authentication import SYSTEM, Actor
from server.kernel.dispatch import Transaction, dispatch
from server.kernel.wire.close_codes import CloseCode

CONFIRM_WITHIN = timedelta(days=15)
AT_ONCE = 20_000
"""Accounts of one transaction."""
FIRST = UUID(int=0)

_RANGE = (
    "SELECT count(*), (array_agg(id ORDER BY id DESC))[1] FROM (SELECT id FROM identity_person"
    " WHERE id > %(after)s AND national_id IS NOT NULL ORDER BY id LIMIT %(limit)s) part"
)
_OF_RANGE = "person.id > %(after)s AND person.id <= %(upto)s AND person.national_id IS NOT NULL"
_LISTED = "EXISTS (SELECT FROM register_entry entry WHERE entry.national_id = person.national_id)"
_UPDATE = (
    "WITH picked AS MATERIALIZED (SELECT id FROM identity_person person WHERE {which}"
    " ORDER BY id FOR NO KEY UPDATE)"
    " UPDATE identity_person person SET {change} FROM picked WHERE person.id = picked.id RETURNING person.id"
)
ABSENT = _UPDATE.format(
    which=f"{_OF_RANGE} AND person.verified_at IS NOT NULL AND person.absent_since IS NULL AND NOT {_LISTED}",
    change="absent_since = %(now)s, confirm_by = %(confirm_by)s",
)
RETURNED = _UPDATE.format(
    which=f"{_OF_RANGE} AND person.absent_since IS NOT NULL AND {_LISTED}",
    change="absent_since = NULL, confirm_by = NULL",
)
WITHDRAWN = _UPDATE.format(
    which=f"{_OF_RANGE} AND person.verified_at IS NOT NULL AND person.confirm_by <= %(now)s",
    change="verified_at = NULL, verification_method = '', verification_evidence = '', confirm_by = NULL,"
    " withdrawn_reason = 'absent_from_register'",
)


def compare_all() -> RegisterCompared:
    """Compares every account, some thousands in each transaction; the sums."""
    total = RegisterCompared(looked_at=0)
    after: UUID | None = None
    while True:
        found = dispatch(SYSTEM, CompareRegister(after=after))
        total = RegisterCompared(
            looked_at=total.looked_at + found.looked_at,
            absent=total.absent + found.absent,
            returned=total.returned + found.returned,
            withdrawn=total.withdrawn + found.withdrawn,
        )
        after = found.after
        if after is None:
            return total


def compare(actor: Actor, command: CompareRegister, tx: Transaction) -> RegisterCompared:
    """Before the first import there is nothing to compare with."""
    if not RegisterImport.objects.exists():
        return RegisterCompared(looked_at=0)
    after = command.after or FIRST
    with connection.cursor() as cursor:
        cursor.execute(_RANGE, {"after": after, "limit": AT_ONCE})
        looked_at, upto = cursor.fetchone()
    if upto is None:
        return RegisterCompared(looked_at=0)
    values = {"after": after, "upto": upto, "now": tx.now, "confirm_by": tx.now + CONFIRM_WITHIN}
    # Whoever is back is so before their time is looked at.
    returned, withdrawn, absent = (_update(one, values) for one in (RETURNED, WITHDRAWN, ABSENT))
    day = tx.now.date().isoformat()
    for act, people, kind in (
        ("register.absent", absent, Kind.TO_CONFIRM),
        ("register.withdrawn", withdrawn, Kind.WITHDRAWN),
        ("register.returned", returned, None),
    ):
        if people:
            tx.audit(actor, act, about=people)
        if people and kind:
            mail.enqueue_all(kind, dict.fromkeys(people, day), tx)
    for person in withdrawn:
        tx.close_person(person, CloseCode.RESTARTING)
    return RegisterCompared(
        looked_at=looked_at,
        absent=len(absent),
        returned=len(returned),
        withdrawn=len(withdrawn),
        after=upto if looked_at == AT_ONCE else None,
    )


def _update(statement: str, values: Mapping[str, Any]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return sorted(person for (person,) in cursor.fetchall())
