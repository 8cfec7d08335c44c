"""One's own entry in the register of professionals: looked for a few times a day, and claimed.

Whether somebody has an entry already is not said here. What is claimed counts once an identity is proven
(``verifying``); of two who claim one entry, the second goes to review.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from identity.accounts import access as accounts_access
from identity.accounts.models import Person, rpps
from identity.directory.hits import national_ids
from identity.directory.listing import practitioner_id
from identity.directory.models import RegisterEntry, RegisterPlace
from identity.directory.search import search
from identity.directory.wire import NearPlace, SearchDirectory
from identity.names import displayed
from identity.onboarding.models import RegisterQuestion
from identity.onboarding.wire import Candidates, ClaimEntry, ClaimResult, EntryPlace, EntryView, FindCandidates
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import Forbidden, Invalid, InvalidState, NotFound, RateLimited

QUESTIONS = 5
"""In 24 hours."""
DAY = timedelta(hours=24)
SHOWN = 5
"""Entries that may be the caller, at most."""
PLACES = 5


def find_candidates(actor: Actor, command: FindCandidates, tx: Transaction) -> Candidates:
    """Entries that may be the caller. ``RateLimited`` after five questions in 24 hours; ``Forbidden`` before the e-mail
    is confirmed."""
    person = accounts_access.locked(actor.person)
    if person.email_confirmed_at is None:
        raise Forbidden("Confirm your e-mail address first.")
    left = _count(person, tx)
    numbered = [practitioner_id(one) for one in _national_ids(command.number)] if command.number else []
    return Candidates(entries=entries(numbered if command.number else _like(person)), questions_left=left)


def claim_entry(actor: Actor, command: ClaimEntry, tx: Transaction) -> ClaimResult:
    """``InvalidState`` for somebody who has an entry: another one of theirs is a moderator's to compare."""
    person = accounts_access.locked(actor.person)
    if person.national_id is not None and person.verified_at is not None:
        raise InvalidState("Your entry is proven already: a moderator can change it.", state="verified")
    found = RegisterEntry.objects.filter(pk=command.entry).first() if command.entry else None
    if command.entry and found is None:
        raise NotFound
    claimed = found.national_id if found else None
    Person.objects.filter(pk=person.pk).update(claimed_id=claimed)
    return ClaimResult(entry=entries([found.pk])[0] if found else None)


def _count(person: Person, tx: Transaction) -> int:
    """Counts a question of a person whose row is locked; how many are left."""
    asked = RegisterQuestion.objects.filter(person=person, at__gt=tx.now - DAY)
    times = list(asked.order_by("at").values_list("at", flat=True))
    if len(times) >= QUESTIONS:
        raise RateLimited((times[0] + DAY - tx.now).total_seconds())
    RegisterQuestion.objects.filter(person=person, at__lte=tx.now - DAY).delete()
    RegisterQuestion.objects.create(person=person, at=tx.now)
    return QUESTIONS - len(times) - 1


def _national_ids(number: str) -> list[str]:
    """What a typed number may be in the register: RPPS or ADELI, which differ in length."""
    digits = re.sub(r"[ .]", "", number).upper()
    if re.fullmatch(r"\d{11}", digits, re.ASCII):
        return [f"8{digits}"]
    if re.fullmatch(r"[0-9][0-9AB]\d{7}", digits, re.ASCII):
        return [f"0{digits}"]
    raise Invalid("$.number", "An RPPS number has eleven digits, an ADELI number nine.", why="wrong_length")


def _like(person: Person) -> list[UUID]:
    """Entries of the name, near the town that was declared; without any there, wherever they are."""
    text = f"{person.first_name} {person.last_name}"
    near = NearPlace(postal_code=person.postal_code) if person.postal_code else None
    for place in (near, None) if near else (None,):
        try:
            hits = search(SearchDirectory(text=text, place=place, limit=SHOWN)).hits
        except Invalid:  # A town that the directory does not know.
            continue
        if hits:
            # Somebody on Relais goes by their person's id elsewhere; here by their entry, as everybody else.
            theirs = national_ids([hit.person for hit in hits if hit.person])
            return [practitioner_id(theirs[hit.person]) if hit.person else hit.practitioner.id for hit in hits]
    return []


def entries(ids: Iterable[UUID]) -> list[EntryView]:
    """Entries as they stand in the register, in the order given. Two statements."""
    wanted = list(dict.fromkeys(ids))
    found = RegisterEntry.objects.in_bulk(wanted)
    places: dict[UUID, list[RegisterPlace]] = {}
    for place in RegisterPlace.objects.filter(entry__in=wanted).order_by("entry", "number"):
        places.setdefault(place.entry, []).append(place)
    return [_view(found[one], places.get(one, [])) for one in wanted if one in found]


def _view(entry: RegisterEntry, rows: Iterable[RegisterPlace]) -> EntryView:
    first, last = displayed(entry.first_name, first=True), displayed(entry.last_name)
    number = entry.national_id
    shown = {(row.organisation, row.address, row.postal_code, row.city) for row in rows}
    return EntryView(
        id=entry.pk,
        name=" ".join(part for part in (entry.title, first, last) if part),
        profession=entry.profession_label,
        speciality=entry.speciality or None,
        rpps=rpps(number),
        adeli=number[1:] if number.startswith("0") and len(number) == 10 else None,
        places=[
            EntryPlace(name=name or None, address=address or None, postal_code=postal or None, city=city or None)
            for name, address, postal, city in sorted(shown)[:PLACES]
            if name or address or city
        ],
    )
