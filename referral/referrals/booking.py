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
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Prefetch

from referral.notices import actions as notices
from referral.patients import access as patients_access
from referral.patients import queries as patients
from referral.patients.actions import patient_row
from referral.patients.rules import validate_patient
from referral.patients.wire import PatientForm
from referral.referrals import queries
from referral.referrals.booking_messages import BookingMessage, BookingMessages
from referral.referrals.models import Referral
from referral.referrals.wire import BookReferral, BookReferralResult, ReferralBooked
from referral.scheduling import access as scheduling_access
from referral.scheduling import agenda_events
from referral.scheduling.lifecycle import AppointmentState, ReferralState
from referral.scheduling.models import Agenda, Appointment
from referral.scheduling.queries.appointments import full_view
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.bulk_insert import insert
from server.kernel.dispatch import Call, Transaction
from server.kernel.idempotency import request_digest
from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Conflict, HoldExpired, IdTaken, InvalidState, NotFound, Refusal
from team.conversations import access as conversations_access
from team.conversations.access import Membership


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
    """The conversation named by the caller, when the practitioner takes part in it too."""


def book_referrals(calls: Sequence[Call], tx: Transaction) -> list[BookReferralResult | Refusal]:
    """Carries out each booking whole, or refuses it. A number of statements that does not grow with the
    batch.
    """
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

    def __init__(self, calls: Sequence[Call], now: datetime) -> None:
        self.now = now
        # Fetched beside and not joined: a batch has many holds, of few agendas, by few people.
        agendas = Prefetch("agenda", Agenda.objects.select_related("resource__site", "practitioner"))
        rows = Appointment.objects.defer("occupied").prefetch_related(agendas, "reason", "booked_by")
        self.holds = {row.id: row for row in rows.filter(id__in=[call.command.hold for call in calls])}
        known = Referral.objects.filter(id__in=[call.command.id for call in calls])
        self.known = {row.id: bytes(row.request_digest) for row in known}
        self.bookable = set(
            Agenda.objects.filter(
                scheduling_access.BOOKABLE, pk__in={row.agenda_id for row in self.holds.values()}
            ).values_list("pk", flat=True)
        )
        self.spent: set[UUID] = set()
        named = {call.command.conversation for call in calls if call.command.conversation is not None}
        self.members = conversations_access.members(named) if named else {}


def _decide(call: Call, desk: _BookingBatch) -> Plan | Refusal | UUID:
    """A plan, a refusal, or the id of the referral that this very request made before."""
    try:
        return _plan(call.actor, call.command, desk)
    except Refusal as refusal:
        return refusal


def _plan(actor: Actor, command: BookReferral, desk: _BookingBatch) -> Plan | UUID:
    caller, request = scheduling_access.person(actor), request_digest(actor, command)
    if command.id in desk.known:
        if desk.known[command.id] != request:
            raise IdTaken
        return command.id
    row = desk.holds.get(command.hold)
    if row is None or row.booked_by_id != caller:
        raise NotFound
    if _is_over(row, desk.now):
        raise HoldExpired
    if row.state != AppointmentState.HELD or row.id in desk.spent:
        raise InvalidState("This hold has become an appointment already: hold another slot.", state=row.state)
    if row.agenda_id not in desk.bookable:
        raise Conflict("This practitioner can no longer be booked here: choose another.")
    today = desk.now.astimezone(row.agenda.zone).date()
    patient, form, fresh = _patient(actor, command.patient, today)
    thread = _thread(actor, command.conversation, desk.members, row.agenda.practitioner_id)
    desk.known[command.id] = request
    desk.spent.add(row.id)
    return Plan(actor, command, request, row, patient, form, fresh, thread)


def _is_over(row: Appointment, now: datetime) -> bool:
    held = row.state == AppointmentState.HELD
    return row.state == AppointmentState.RELEASED or (held and row.hold_until <= now)


def _patient(actor: Actor, wanted: UUID | PatientForm, today: date) -> tuple[UUID, PatientForm, bool]:
    """Whom the visit is for, their details by the rules of ``referral.patients``, and whether they are new."""
    if isinstance(wanted, PatientForm):
        return uuid4(), validate_patient(wanted, today, "$.params.patient"), True
    row = patients_access.patients(actor).filter(id=wanted).first()
    if row is None:
        raise NotFound
    return row.id, patients.opened(row), False


def _thread(
    actor: Actor, named: UUID | None, members: dict[UUID, dict[UUID, Membership]], practitioner: UUID
) -> UUID | None:
    """The conversation the caller named, where they must be allowed to write.

    None when the practitioner is not in it: what is written to the practitioner goes to the two of them.
    """
    if named is None:
        return None
    conversations_access.membership(actor, members[named], to="post")
    return named if practitioner in members[named] else None


def _confirm(plans: Sequence[Plan], now: datetime) -> set[UUID]:
    """Books the holds that are still held at this very moment, and returns their ids. One statement.

    ``tx.now`` stood still while this waited for the agenda's lock: the clock that counts is the database's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE referral_appointment held SET state = 'booked', booked_at = %s, patient_id = plan.patient,"
            " referral = plan.referral, seen_before = plan.seen_before"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bool[]) AS plan (id, patient, referral, seen_before)"
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
    letters = BookingMessages(
        [
            BookingMessage(plan.actor, plan.row, plan.command.id, plan.command.message, plan.thread, plan.request)
            for plan in plans
        ],
        tx,
    )
    written = _write(plans, letters, tx)
    answers = {plan.command.id: _booked(plan, row) for plan, row in zip(plans, written, strict=True)}
    readers = scheduling_access.readers({plan.row.agenda_id for plan in plans})
    news = [one for plan in plans for one in _news(plan)]
    # All streams at once, and only then who takes part: whoever is removed from a conversation hears no more of it.
    agendas = {stream_name("a", plan.row.agenda_id) for plan in plans}
    tx.lock_streams(agendas | letters.streams() | {draft.stream for draft in news})
    drafts = letters.drafts() + news
    for plan in plans:
        drafts.append(agenda_events.appointment_booked(plan.row, answers[plan.command.id].appointment, readers))
        tx.audit(plan.actor, "patient.create" if plan.fresh else "patient.read", plan.patient, by="booking")
    tx.record(drafts)
    letters.store()
    return answers


def _write(plans: Sequence[Plan], letters: BookingMessages, tx: Transaction) -> list[Referral]:
    """The rows of patients, referrals and notices. A constant number of statements."""
    keys = vault.keys(patients.owner(plan.patient) for plan in plans)
    fresh = [plan for plan in plans if plan.fresh]
    insert(
        [
            patient_row(plan.patient, plan.form, keys[patients.owner(plan.patient)], plan.actor, plan.request, tx.now)
            for plan in fresh
        ]
    )
    insert([name for plan in fresh for name in patients.names(plan.patient, plan.form)])
    rows = [_referral(plan, letters, keys[patients.owner(plan.patient)], tx.now) for plan in plans]
    insert(rows)
    insert([one for plan in plans for one in notices.of_booking(plan.row, plan.form, tx.now)])
    return rows


def _referral(plan: Plan, letters: BookingMessages, key: vault.Key, now: datetime) -> Referral:
    """The referral, and the appointment as the database has it since ``_confirm``."""
    command, row = plan.command, plan.row
    row.state, row.patient_id, row.booked_at = AppointmentState.BOOKED, plan.patient, now
    row.referral, row.seen_before = command.id, command.seen_before
    context = queries.message_context(command.id)
    return Referral(
        id=command.id,
        referrer=row.booked_by,
        practitioner=row.agenda.practitioner,
        patient_id=plan.patient,
        appointment=row,
        state=ReferralState.BOOKED,
        seen_before=command.seen_before,
        sealed_message=key.seal(command.message.encode(), context) if command.message else b"",
        conversation=letters.conversation(command.id) or command.conversation,
        created_at=now,
        request_digest=plan.request,
    )


def _booked(plan: Plan, row: Referral) -> BookReferralResult:
    patient = patients.patient_view(plan.patient, plan.form)
    appointment = full_view(plan.row, patient, ["cancel"])  # whoever refers may cancel
    return BookReferralResult(
        referral=queries.referral_view(row, patient, appointment, plan.command.message), appointment=appointment
    )


def _news(plan: Plan) -> list[Draft]:
    """Told in the inboxes of the practitioner and of the referrer, without a word about the patient."""
    row = plan.row
    event = ReferralBooked(
        referral=plan.command.id,
        appointment=row.id,
        agenda=row.agenda_id,
        start=row.starts_at.astimezone(row.agenda.zone),
    )
    people = {row.agenda.practitioner_id, row.booked_by_id}
    return [Draft(stream_name("i", person), event, [person]) for person in sorted(people)]


def _outcome(
    call: Call, decided: Plan | Refusal | UUID, booked: dict[UUID, BookReferralResult], tx: Transaction
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
