"""The only way to a referral: each function returns it or refuses.

What the caller may not know of is ``not_found``, in the same words as what does not exist. What they may
see but not do is ``forbidden``. Role *and* object are checked: a secretary's level counts for the agendas
it was given on, and for no other of the same practitioner.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from identity.organisations import access as organisations_access
from identity.patients import access as patients_access
from referral.referrals.models import Referral
from referral.scheduling.access import appointments, person
from referral.scheduling.models import Agenda
from server.kernel.authentication import Actor
from server.kernel.wire.errors import NotFound


def referrals(actor: Actor) -> QuerySet[Referral]:
    """Referrals the caller made or received, as long as the record is open to them, or whose appointment is theirs to
    read; each with ``notes_hidden``."""
    caller = person(actor)
    read = Exists(appointments(actor).filter(pk=OuterRef("appointment")))
    made = Q(patients_access.is_own(caller, "referrer_patient"), referrer=caller)
    received = Q(patients_access.is_own(caller, "patient"), practitioner=caller)
    return _seen_by(caller, Referral.objects.filter(made | received | Q(read)))


def _seen_by(caller: UUID, rows: QuerySet[Referral]) -> QuerySet[Referral]:
    """The rows with whether what was written about the patient is kept from the caller: never what they wrote, or what
    was written to them."""
    theirs = When(Q(referrer=caller) | Q(practitioner=caller), then=Value(value=False))
    hidden = organisations_access.notes_hidden(caller, "patient__organisation")
    return rows.annotate(notes_hidden=Case(theirs, default=hidden, output_field=BooleanField()))


def notes_hidden(found: Referral) -> bool:
    """Whether what was written about the patient is kept from the caller for whom this module returned the row."""
    return bool(found.notes_hidden)  # type: ignore[attr-defined]  # annotated in ``_seen_by``


Position: TypeAlias = tuple[datetime, UUID]
"""Where a referral stands in a list: when it was made, and its id."""

_NEWEST = ("infinity", UUID(int=2**128 - 1))
_RECEIVED = """
    SELECT one.id FROM unnest(%s::uuid[]) AS practitioner (id) CROSS JOIN LATERAL (
        SELECT referral.id, referral.created_at FROM referral_referral referral
        LEFT JOIN referral_appointment appointment ON appointment.id = referral.appointment_id
        WHERE referral.practitioner_id = practitioner.id
        AND (practitioner.id = %s AND EXISTS (SELECT FROM identity_carelink link
            WHERE link.patient_id = referral.patient_id AND link.person_id = practitioner.id
            AND (link.until IS NULL OR link.until > statement_timestamp()))
        OR appointment.agenda_id = ANY(%s::uuid[]))
        AND (referral.created_at, referral.id) < (%s::timestamptz, %s::uuid)
        ORDER BY referral.created_at DESC, referral.id DESC LIMIT %s
    ) one ORDER BY one.created_at DESC, one.id DESC LIMIT %s
"""


def made(actor: Actor) -> QuerySet[Referral]:
    """Referrals that the caller made."""
    caller = person(actor)
    return _seen_by(
        caller, Referral.objects.filter(patients_access.is_own(caller, "referrer_patient"), referrer=caller)
    )


def received(actor: Actor, before: Position | None, limit: int) -> QuerySet[Referral]:
    """The newest referrals to the caller, and to agendas that they may read: a secretary's as well as a practitioner's.

    The newest of each practitioner are read along their index, in one statement however many practitioners there are.
    """
    caller = person(actor)
    readable = organisations_access.resources(caller, "agenda", "read")
    agendas = Agenda.objects.filter(pk__in=readable.values("pk")).values_list("practitioner", "pk")
    practitioners, theirs = {caller}, []
    for practitioner, agenda in agendas:
        practitioners.add(practitioner)
        theirs.append(agenda)
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVED, [list(practitioners), caller, theirs, *(before or _NEWEST), limit, limit])
        return _seen_by(caller, Referral.objects.filter(pk__in=[row[0] for row in cursor.fetchall()]))


REFERRAL_FILES = "referral"
"""The kind under which referrals hold their documents."""


def referrals_holding_files(actor: Actor, wanted: Collection[UUID]) -> set[UUID]:
    """Of these referrals those of which the caller may read now what was written, and with it the documents."""
    return {row.pk for row in referrals(actor).filter(pk__in=wanted) if not notes_hidden(row)}


def referral(actor: Actor, wanted: UUID) -> Referral:
    found = referrals(actor).filter(id=wanted).first()
    if found is None:
        raise NotFound
    return found
