"""Referrals, as both sides see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from identity.organisations.models import Site
from identity.patients import queries
from identity.patients.models import Patient
from identity.patients.wire import PatientView
from referral.notices import queries as notices
from referral.referrals import access
from referral.referrals.models import Referral
from referral.referrals.wire import (
    BookReferralResult,
    GetReferral,
    GetReferralResult,
    ListReferrals,
    Referrals,
    ReferralView,
)
from referral.scheduling import access as scheduling_access
from referral.scheduling.queries import appointments
from referral.scheduling.refusals import HoldExpired
from referral.scheduling.wire import AppointmentView
from server.kernel import paging, vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import Refusal
from team.conversations import access as conversations_access
from team.files.queries import held_files
from team.files.wire import FileView

_RELATED = (
    "patient",
    "referrer_patient",
    "referrer",
    "practitioner",
    "appointment__reason",
    "appointment__agenda__resource__site",
    "appointment__booked_by",
)


def get_referral(actor: Actor, command: GetReferral, tx: Transaction) -> GetReferralResult:
    row = access.referrals(actor).select_related(*_RELATED).filter(id=access.referral(actor, command.referral).id)
    return GetReferralResult(referral=referral_views(actor, list(row), tx)[0])


def list_referrals(actor: Actor, command: ListReferrals, tx: Transaction) -> Referrals:
    """A page of what the caller made, or of what they or an agenda that they may read received; the newest first."""
    before = None if command.cursor is None else paging.decode(command.cursor, tuple[datetime, UUID])
    received = command.side == "received"
    found = access.received(actor, before, command.limit + 1) if received else _before(access.made(actor), before)
    rows = found.select_related(*_RELATED).order_by("-created_at", "-id")
    page, more = paging.page(rows, command.limit)
    shown = paging.fitting(referral_views(actor, page, tx))
    last = page[len(shown) - 1] if more or len(shown) < len(page) else None
    return Referrals(referrals=shown, cursor=paging.encode((last.created_at, last.id)) if last else None)


def referral_views(actor: Actor, rows: Sequence[Referral], tx: Transaction) -> list[ReferralView]:
    """Referrals in full, each reading of a patient noted; ``conversation`` for its members alone. Eight statements at
    most; ``rows`` come with ``_RELATED``.
    """
    shown = {row.id: _patient_for(actor, row) for row in rows}
    keys = queries.reading_keys({wanted for row in rows for wanted in (shown[row.id].id, row.patient_id)})
    people = queries.patient_views({patient.id: patient for patient in shown.values()}.values(), keys)
    booked = [row.appointment for row in rows if row.appointment is not None]
    levels = scheduling_access.levels(scheduling_access.person(actor), {row.agenda_id for row in booked})
    for row in rows:
        tx.audit(actor, "patient.read", row.id, [shown[row.id].id], by="referral")
    sent = notices.notices([row.id for row in booked])
    files = held_files(access.REFERRAL_FILES, [row.id for row in rows if not access.notes_hidden(row)])
    views = [_seen_by(actor, row, people.get(shown[row.id].id), levels, keys, files.get(row.id, [])) for row in rows]
    views = _with_open_conversations(actor, views)
    return [
        msgspec.structs.replace(view, notices=sent[row.appointment_id]) if row.appointment_id in sent else view
        for row, view in zip(rows, views, strict=True)
    ]


def _with_open_conversations(actor: Actor, views: list[ReferralView]) -> list[ReferralView]:
    """A conversation that the caller is no member of is not named: they could not open it."""
    named = {view.conversation for view in views if view.conversation is not None}
    open_to = conversations_access.current_members(named, [actor.person]) if named else set()
    closed = named - {conversation for conversation, _ in open_to}
    return [msgspec.structs.replace(view, conversation=None) if view.conversation in closed else view for view in views]


def _patient_for(actor: Actor, row: Referral) -> Patient:
    """The referrer sees the patient as they wrote them; everybody else, the record of who received them."""
    return row.referrer_patient if row.referrer_id == actor.person else row.patient


def _seen_by(
    actor: Actor,
    row: Referral,
    patient: PatientView | None,
    levels: Mapping[UUID, str],
    keys: vault.ReadingKeys,
    documents: list[FileView],
) -> ReferralView:
    appointment = row.appointment
    shown = None
    if appointment is not None:
        details = appointments.opened_appointment(appointment, patient, keys, notes=not access.notes_hidden(row))
        shown = appointments.appointment_view(details, appointments.abilities(actor, appointment, levels))
    hidden = access.notes_hidden(row)
    message = None if hidden else _message(row, keys)
    return referral_view(row, patient, shown, message, documents, notes_hidden=hidden)


def booked_before(actor: Actor, wanted: UUID, tx: Transaction) -> BookReferralResult | Refusal:
    """What a repeated booking is answered: the referral and its appointment as they are now."""
    rows = list(access.referrals(actor).select_related(*_RELATED).filter(id=wanted))
    views = referral_views(actor, rows, tx)
    if not views or views[0].appointment is None:
        return HoldExpired()
    # The answer is the same each time: notices have their own life, and are read with the referral.
    return BookReferralResult(referral=msgspec.structs.replace(views[0], notices=[]), appointment=views[0].appointment)


def referral_view(
    row: Referral,
    patient: PatientView | None,
    appointment: AppointmentView | None,
    message: str | None,
    documents: list[FileView],
    *,
    notes_hidden: bool = False,
) -> ReferralView:
    """Without its patient, or without a message that was written, the referral says ``erased``; a message that is kept
    from the caller is not lost."""
    site = row.appointment.agenda.site if row.appointment is not None else None
    return ReferralView(
        id=row.id,
        state=row.state,  # type: ignore[arg-type]  # the column's choices are the wire's
        referrer=row.referrer_id,
        referrer_name=row.referrer.name,
        practitioner=row.practitioner_id,
        practitioner_name=row.practitioner.name,
        patient=patient,
        created_at=row.created_at,
        seen_before=row.seen_before,
        conversation=row.conversation,
        message=message,
        documents=documents,
        appointment=appointment,
        speciality=row.practitioner.speciality or None,
        place=site.name if site else None,
        address=_address(site) if site else None,
        time_zone=site.time_zone if site else None,
        erased=patient is None or (not notes_hidden and bool(row.sealed_message) and message is None),
        notes_hidden=notes_hidden,
        abilities=list(appointment.abilities) if appointment else [],
    )


def _address(site: Site) -> str | None:
    """In one line, as it stands on a letter."""
    return ", ".join(part for part in (site.address, f"{site.postal_code} {site.city}".strip()) if part) or None


def _message(row: Referral, keys: vault.ReadingKeys) -> str | None:
    if not row.sealed_message:
        return None
    plain = keys.open(queries.owner(row.patient_id), row.sealed_message, message_context(row.id))
    return None if plain is None else plain.decode()


def message_context(referral: UUID) -> str:
    return f"referral {referral}"


def _before(rows: QuerySet[Referral], position: access.Position | None) -> QuerySet[Referral]:
    if position is None:
        return rows
    created_at, wanted = position
    return rows.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=wanted))
