"""From a hold to an appointment: the appointment, the referral, the message and what the patient is told,
or nothing.

Many bookings share a transaction, and each is decided on its own: a refusal of one leaves no trace of it
and does not touch the others. The order is that of ``holds``: agendas locked, then looked at, then written;
streams come last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from referral.patients import access as patients_access
from referral.patients import queries as patients
from referral.patients.actions import patient_row
from referral.patients.rules import validate_patient
from referral.patients.wire import PatientForm
from referral.referrals import queries
from referral.referrals.booking_messages import BookingMessage, BookingMessages
from referral.referrals.lifecycle import ReferralState
from referral.referrals.models import Referral
from referral.referrals.wire import BookReferral, BookReferralResult, ReferralBooked
from referral.scheduling import access as scheduling_access
from referral.scheduling import agenda_events
from referral.scheduling.lifecycle import AppointmentState
from referral.scheduling.models import Appointment
from referral.scheduling.queries.appointments import appointment_details, appointment_view
from referral.scheduling.wire import AppointmentDetails
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.bulk_insert import insert
from server.kernel.dispatch import Call, Transaction
from server.kernel.idempotency import KnownRequests, request_digest
from server.kernel.identifiers import uuid7
from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from server.kernel.wire.errors import HoldExpired, InvalidState, NotFound, Refusal
from team.conversations import access as conversations_access


@dataclass(slots=True)
class Plan:
    """One booking that nothing speaks against; ``fresh`` when the patient is written down with it."""

    actor: Actor
    command: BookReferral
    request: bytes
    row: Appointment
    """The hold, which becomes the appointment."""
    patient: UUID
    form: PatientForm
    fresh: bool
    thread: UUID | None
    """The conversation named by the caller, when the practitioner is a member of it too."""


def book_referrals(calls: Sequence[Call[BookReferral]], tx: Transaction) -> list[BookReferralResult | Refusal]:
    """Carries out each booking whole, or refuses it. The number of statements does not grow with the batch."""
    holds = [call.command.hold for call in calls]
    scheduling_access.lock_agendas(Appointment.objects.filter(id__in=holds).values_list("agenda_id", flat=True))
    desk = _BookingBatch(calls, tx.now)
    decided = [_decide(call, desk) for call in calls]
    plans = [one for one in decided if isinstance(one, Plan)]
    kept = _confirm(plans, tx.now) if plans else set()
    booked = _carry_out([plan for plan in plans if plan.row.id in kept], tx)
    return [_outcome(call, one, booked, tx) for call, one in zip(calls, decided, strict=True)]


class _BookingBatch:
    """What a batch of bookings looks at."""

    def __init__(self, calls: Sequence[Call[BookReferral]], now: datetime) -> None:
        self.now = now
        # Fetched beside and not joined: a batch has many holds, of few agendas, by few people.
        related = ("agenda__site", "agenda__practitioner", "reason", "held_by")
        rows = Appointment.objects.defer("occupied").prefetch_related(*related)
        self.holds = {row.id: row for row in rows.filter(id__in=[call.command.hold for call in calls])}
        known = Referral.objects.filter(id__in=[call.command.id for call in calls])
        self.known = KnownRequests(dict(known.values_list("id", "request_digest")))
        self.spent: set[UUID] = set()
        named = {call.command.conversation for call in calls if call.command.conversation is not None}
        people = {call.actor.person for call in calls} | {row.agenda.practitioner_id for row in self.holds.values()}
        self.members = conversations_access.current_members(named, people) if named else set()


def _decide(call: Call[BookReferral], desk: _BookingBatch) -> Plan | Refusal | UUID:
    """A plan, a refusal, or the id of the referral that this very request made before."""
    try:
        return _plan(call.actor, call.command, desk)
    except Refusal as refusal:
        return refusal


def _plan(actor: Actor, command: BookReferral, desk: _BookingBatch) -> Plan | UUID:
    caller, request = scheduling_access.person(actor), request_digest(actor, command)
    if desk.known.repeats(command.id, request):
        return command.id
    row = desk.holds.get(command.hold)
    if row is None or row.held_by_id != caller:
        raise NotFound
    if _is_over(row, desk.now):
        raise HoldExpired
    if row.state != AppointmentState.HELD or row.id in desk.spent:
        raise InvalidState("This hold has become an appointment already: hold another slot.", state=row.state)
    today = desk.now.astimezone(ZoneInfo(row.agenda.site.time_zone)).date()
    patient, form, fresh = _patient(actor, command.patient, today)
    thread = _thread(caller, command.conversation, desk.members, row.agenda.practitioner_id)
    desk.known.add(command.id, request)
    desk.spent.add(row.id)
    return Plan(actor, command, request, row, patient, form, fresh, thread)


def _is_over(row: Appointment, now: datetime) -> bool:
    held = row.state == AppointmentState.HELD
    return row.state == AppointmentState.RELEASED or (held and row.hold_until <= now)


def _patient(actor: Actor, wanted: UUID | PatientForm, today: date) -> tuple[UUID, PatientForm, bool]:
    """Whom the visit is for, their details by the rules of ``referral.patients``, and whether they are new."""
    if isinstance(wanted, PatientForm):
        return uuid7(), validate_patient(wanted, today, "$.params.patient"), True
    row = patients_access.patients(actor).filter(id=wanted).first()
    form = patients.opened(row) if row is not None else None
    if row is None or form is None:
        raise NotFound
    return row.id, form, False


def _thread(caller: UUID, named: UUID | None, members: set[tuple[UUID, UUID]], practitioner: UUID) -> UUID | None:
    """The conversation the caller named, of which they must be a member: ``BookingMessages.lock`` has the last word.

    None when the practitioner is not in it: what is written to the practitioner goes to the two of them.
    """
    if named is None:
        return None
    if (named, caller) not in members:
        raise NotFound
    return named if (named, practitioner) in members else None


def _confirm(plans: Sequence[Plan], now: datetime) -> set[UUID]:
    """Books the holds that are still held at this very moment, and returns their ids. One statement.

    ``tx.now`` stood still while this waited for the agenda's lock: the clock that counts is the database's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE referral_appointment held SET state = 'booked', booked_at = %s, patient_id = plan.patient,"
            " referral = plan.referral, seen_before = plan.seen_before"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::boolean[])"
            " AS plan (id, patient, referral, seen_before)"
            " WHERE held.id = plan.id AND held.state = 'held' AND held.hold_until > clock_timestamp()"
            " RETURNING held.id",
            (
                now,
                [plan.row.id for plan in plans],
                [plan.patient for plan in plans],
                [plan.command.id for plan in plans],
                [plan.command.seen_before for plan in plans],
            ),
        )
        return {row[0] for row in cursor.fetchall()}


def _carry_out(plans: Sequence[Plan], tx: Transaction) -> dict[UUID, BookReferralResult]:
    """Writes all that belongs to the bookings and tells whom it concerns; the answers by referral."""
    if not plans:
        return {}
    messages = BookingMessages([_message(plan) for plan in plans], tx)
    written = _write(plans, messages, tx)
    shown = [appointment_details(plan.row, patients.patient_view(plan.patient, plan.form)) for plan in plans]
    booked = [one for plan, details in zip(plans, shown, strict=True) for one in _booking_drafts(plan, details)]
    tx.handle(booked)
    # All streams at once, and only then the members: nobody who was removed from a conversation receives this.
    locked = messages.lock()
    for plan in plans:
        tx.audit(plan.actor, "patient.create" if plan.fresh else "patient.read", plan.patient, by="booking")
    tx.record(messages.drafts(locked) + booked)
    messages.store()
    return {
        plan.command.id: _booked(plan, row, details) for plan, row, details in zip(plans, written, shown, strict=True)
    }


def _message(plan: Plan) -> BookingMessage:
    command = plan.command
    return BookingMessage(
        actor=plan.actor,
        row=plan.row,
        referral=command.id,
        text=command.message,
        named=command.conversation,
        thread=plan.thread,
        request=plan.request,
    )


def _write(plans: Sequence[Plan], messages: BookingMessages, tx: Transaction) -> list[Referral]:
    """The rows of patients and referrals. A constant number of statements."""
    keys = vault.keys_for_sealing(patients.owner(plan.patient) for plan in plans)
    fresh = [plan for plan in plans if plan.fresh]
    insert(
        [
            patient_row(plan.patient, plan.form, keys[patients.owner(plan.patient)], plan.actor, plan.request, tx.now)
            for plan in fresh
        ]
    )
    insert([name for plan in fresh for name in patients.names(plan.patient, plan.form)])
    rows = [_referral(plan, messages, keys[patients.owner(plan.patient)], tx.now) for plan in plans]
    insert(rows)
    return rows


def _referral(plan: Plan, messages: BookingMessages, key: vault.Key, now: datetime) -> Referral:
    """The referral, and the appointment as the database has it since ``_confirm``."""
    command, row = plan.command, plan.row
    row.state, row.patient_id, row.booked_at = AppointmentState.BOOKED, plan.patient, now
    row.referral, row.seen_before = command.id, command.seen_before
    context = queries.message_context(command.id)
    return Referral(
        id=command.id,
        referrer=row.held_by,
        practitioner=row.agenda.practitioner,
        patient_id=plan.patient,
        appointment=row,
        state=ReferralState.BOOKED,
        seen_before=command.seen_before,
        sealed_message=key.seal(command.message.encode(), context) if command.message else b"",
        conversation=messages.conversation(command.id) or command.conversation,
        created_at=now,
        request_digest=plan.request,
    )


def _booked(plan: Plan, row: Referral, details: AppointmentDetails) -> BookReferralResult:
    appointment = appointment_view(details, ["cancel"])  # whoever refers may cancel
    referral = queries.referral_view(row, details.patient, appointment, plan.command.message)
    return BookReferralResult(referral=referral, appointment=appointment)


def _booking_drafts(plan: Plan, details: AppointmentDetails) -> list[Draft]:
    """For the agenda; and for the inboxes of the practitioner and of the referrer, without a word about the patient."""
    row = plan.row
    event = ReferralBooked(
        referral=plan.command.id,
        appointment=row.id,
        agenda=row.agenda_id,
        start=row.starts_at.astimezone(ZoneInfo(row.agenda.site.time_zone)),
    )
    people = {row.agenda.practitioner_id, row.held_by_id}
    inboxes = [Draft(stream_name("i", person), event) for person in sorted(people)]
    return [agenda_events.appointment_booked(row, details), *inboxes]


def _outcome(
    call: Call[BookReferral], decided: Plan | Refusal | UUID, booked: dict[UUID, BookReferralResult], tx: Transaction
) -> BookReferralResult | Refusal:
    """The answer to one call; to a request that is repeated, the answer it had before, as things are now."""
    if isinstance(decided, Refusal):
        return decided
    made = decided.command.id if isinstance(decided, Plan) else decided
    if made in booked:
        return booked[made]
    if isinstance(decided, Plan):
        return HoldExpired()
    return queries.booked_before(call.actor, made, tx)
