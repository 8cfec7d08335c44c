"""From a hold to an appointment: the appointment, the referral, the message and what the patient is told,
or nothing.

Many bookings share a transaction, and each is decided on its own: a refusal of one leaves no trace of it
and does not touch the others. The order is that of ``holds``: agendas locked, then looked at, then written;
streams come last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from django.db import connection

from identity.accounts.models import Person
from identity.patients import access as patients_access
from identity.patients import actions as patients_actions
from identity.patients import queries as patients
from identity.patients.actions import NewLink, NewPatient
from identity.patients.models import Patient
from identity.patients.rules import validate_patient
from identity.patients.wire import PatientForm
from referral.notices import actions as notices
from referral.notices.actions import require_channel
from referral.notices.refusals import TooManyNotices
from referral.referrals import access, queries
from referral.referrals.booking_messages import BookingMessage, BookingMessages
from referral.referrals.lifecycle import ReferralState
from referral.referrals.models import Referral
from referral.referrals.wire import BookReferral, BookReferralResult, ReferralBooked
from referral.scheduling import access as scheduling_access
from referral.scheduling import agenda_events
from referral.scheduling.lifecycle import AppointmentState
from referral.scheduling.models import Agenda, Appointment, VisitReason
from referral.scheduling.queries.appointments import appointment_details, appointment_view
from referral.scheduling.refusals import HoldExpired
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.bulk_insert import insert
from server.kernel.composed_query import any_of
from server.kernel.delivery import message_bounds
from server.kernel.dispatch import Call, Transaction
from server.kernel.idempotency import KnownRequests, request_digest
from server.kernel.identifiers import uuid7
from server.kernel.pg_arrays import uuids
from server.kernel.statements import Statement
from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Conflict, InvalidState, NotFound, Refusal
from team.conversations import access as conversations_access
from team.files import access as files_access
from team.files.access import LockedFiles
from team.files.models import File
from team.files.queries import file_views
from team.files.wire import FileView


class Record(NamedTuple):
    """A patient's record, opened."""

    id: UUID
    form: PatientForm


@dataclass(slots=True)
class Plan:
    """One booking that nothing speaks against."""

    actor: Actor
    command: BookReferral
    request: bytes
    row: Appointment
    """The hold, which becomes the appointment."""
    own: Record
    """The patient as the referrer keeps them."""
    theirs: Record
    """The record of the organisation that receives them: the same one when both are of one organisation."""
    new: list[NewPatient]
    """Those of the two that are written with the booking."""
    thread: UUID | None
    """The conversation named by the caller, when the practitioner is a member of it too."""
    documents: list[File]


_AGENDAS_OF = Statement("SELECT agenda_id FROM referral_appointment WHERE id = ANY(%b::uuid[])")
_DIGESTS = Statement("SELECT id, request_digest FROM referral_referral WHERE id = ANY(%b::uuid[])")


def book_referrals(calls: Sequence[Call[BookReferral]], tx: Transaction) -> list[BookReferralResult | Refusal]:
    """Carries out each booking whole, or refuses it. The number of statements does not grow with the batch."""
    holds = [call.command.hold for call in calls]
    scheduling_access.lock_agendas(agenda for (agenda,) in _AGENDAS_OF.send(uuids(holds))())
    # Files after agendas and before streams, as everywhere.
    files = files_access.lock(file for call in calls for file in call.command.documents)
    desk = _BookingBatch(calls, files, tx.now)
    decided = _within_message_bounds([_decide(call, desk) for call in calls], tx.now)
    plans = [one for one in decided if isinstance(one, Plan)]
    kept = _confirm(plans, tx.now) if plans else set()
    booked = _carry_out([plan for plan in plans if plan.row.id in kept], tx)
    return [_outcome(call, one, booked, tx) for call, one in zip(calls, decided, strict=True)]


_Records: TypeAlias = tuple[Record, Record, list[NewPatient]]
_Copy: TypeAlias = tuple[UUID | None, UUID | None]
"""The record that a copy was made from, and the organisation whose it is."""


class _BookingBatch:
    """What a batch of bookings looks at."""

    def __init__(self, calls: Sequence[Call[BookReferral]], files: LockedFiles, now: datetime) -> None:
        self.now = now
        self.files = files
        self.holds = {row.id: row for row in _holds(call.command.hold for call in calls)}
        self.known = KnownRequests(dict(_DIGESTS.send(uuids(call.command.id for call in calls))()))
        self.bookable = scheduling_access.bookable({row.agenda_id for row in self.holds.values()})
        self.copies = _known_copies(call.command for call in calls)
        self.new_copies: dict[UUID, NewPatient] = {}
        self.spent: set[UUID] = set()
        named = {call.command.conversation for call in calls if call.command.conversation is not None}
        people = {call.actor.person for call in calls} | {row.agenda.practitioner_id for row in self.holds.values()}
        self.members = conversations_access.current_members(named, people) if named else set()


def _holds(wanted: Iterable[UUID]) -> list[Appointment]:
    """These holds, with what is shown of their agendas, reasons and people: four statements. Fetched beside and not
    joined: a batch has many holds, of few agendas, by few people."""
    rows = list(Appointment.objects.defer("occupied").filter(any_of("pk", wanted)))
    agendas = Agenda.objects.select_related("resource__site", "practitioner")
    by_agenda = {one.pk: one for one in agendas.filter(any_of("pk", {row.agenda_id for row in rows}))}
    reasons = VisitReason.objects.filter(any_of("pk", {row.reason_id for row in rows})).only("name")
    by_reason = {one.pk: one for one in reasons}
    people = Person.objects.filter(any_of("pk", {row.booked_by_id for row in rows}))
    by_person = {one.pk: one for one in people.only("title", "first_name", "last_name")}
    for row in rows:
        row.agenda, row.reason = by_agenda[row.agenda_id], by_reason[row.reason_id]
        row.booked_by = by_person[row.booked_by_id]
    return rows


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
    if row is None or row.booked_by_id != caller:
        raise NotFound
    if _is_over(row, desk.now):
        raise HoldExpired
    if row.state != AppointmentState.HELD or row.id in desk.spent:
        raise InvalidState("This hold has become an appointment already: hold another slot.", state=row.state)
    if row.agenda_id not in desk.bookable:
        raise Conflict("This practitioner can no longer be booked here: choose another.")
    own, theirs, new = _records(actor, command, request, row, desk)
    require_channel(own.form, "$.params.patient")
    thread = _thread(caller, command.conversation, desk.members, row.agenda.practitioner_id)
    documents = desk.files.require(actor, command.documents, "$.params.documents") if command.documents else []
    desk.known.add(command.id, request)
    desk.spent.add(row.id)
    return Plan(actor, command, request, row, own, theirs, new, thread, documents)


def _within_message_bounds(decided: Sequence[Plan | Refusal | UUID], now: datetime) -> list[Plan | Refusal | UUID]:
    """Refuses bookings whose confirmation would be one message too many of the same person's doing."""
    plans = [one for one in decided if isinstance(one, Plan)]
    if not plans:
        return list(decided)
    bounds = message_bounds.take(
        [notices.sendings(one.actor.person, one.own.form, f"book:{one.command.id}") for one in plans], now
    )
    refused = {id(one): TooManyNotices(*found) for one, found in zip(plans, bounds, strict=True) if found is not None}
    return [refused.get(id(one), one) for one in decided]


def _is_over(row: Appointment, now: datetime) -> bool:
    held = row.state == AppointmentState.HELD
    return row.state == AppointmentState.RELEASED or (held and row.hold_until <= now)


def _known_copies(commands: Iterable[BookReferral]) -> dict[_Copy, Record | None]:
    """The records that were made from those named in a batch; None for one that is erased. Two statements at most."""
    origins = {command.patient for command in commands if isinstance(command.patient, UUID)}
    rows = list(Patient.objects.filter(origin__in=origins)) if origins else []
    keys = patients.reading_keys(row.id for row in rows)
    forms = [(row, patients.opened(row, keys)) for row in rows]
    return {(row.origin_id, row.organisation_id): None if form is None else Record(row.id, form) for row, form in forms}


def _records(actor: Actor, command: BookReferral, request: bytes, row: Appointment, desk: _BookingBatch) -> _Records:
    """Whom the visit is for: the referrer's record and the addressee's, and those of them that are new."""
    own, organisation, new = _own_record(actor, command, request, row, desk)
    theirs = row.agenda.resource.organisation_id
    if organisation == theirs:
        return own, own, new
    key = (own.id, theirs)
    if key not in desk.copies:
        copy = NewPatient(uuid7(), own.form, theirs, scheduling_access.person(actor), request, origin=own.id)
        desk.copies[key] = Record(copy.id, copy.form)
        desk.new_copies[copy.id] = copy
    copied = desk.copies[key]
    if copied is None:
        raise NotFound
    return own, copied, [*new, *([desk.new_copies[copied.id]] if copied.id in desk.new_copies else [])]


def _own_record(
    actor: Actor, command: BookReferral, request: bytes, row: Appointment, desk: _BookingBatch
) -> tuple[Record, UUID | None, list[NewPatient]]:
    """The record that the referrer keeps, the organisation whose it is, and it once more if it is new.

    ``NotFound`` for one that is not open to the caller, and for one that is erased.
    """
    if isinstance(command.patient, UUID):
        known = patients_access.patient(actor, command.patient)
        kept = patients.opened(known)
        if kept is None:
            raise NotFound
        return Record(known.id, kept), known.organisation_id, []
    form = validate_patient(command.patient, desk.now.astimezone(row.agenda.zone).date(), "$.params.patient")
    fresh = NewPatient(uuid7(), form, actor.organisation, scheduling_access.person(actor), request)
    return Record(fresh.id, form), fresh.organisation, [fresh]


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
    holds, theirs, own, referrals, seen = zip(
        *((plan.row.id, plan.theirs.id, plan.own.id, plan.command.id, plan.command.seen_before) for plan in plans),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE referral_appointment held SET state = 'booked', booked_at = %s, patient_id = plan.theirs,"
            " booker_patient_id = plan.own, referral = plan.referral, seen_before = plan.seen_before"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::bool[])"
            " AS plan (id, theirs, own, referral, seen_before)"
            " WHERE held.id = plan.id AND held.state = 'held' AND held.hold_until > clock_timestamp()"
            " RETURNING held.id",
            (now, list(holds), list(theirs), list(own), list(referrals), list(seen)),
        )
        return {row[0] for row in cursor.fetchall()}


def _carry_out(plans: Sequence[Plan], tx: Transaction) -> dict[UUID, BookReferralResult]:
    """Writes all that belongs to the bookings and tells whom it concerns; the answers by referral."""
    if not plans:
        return {}
    messages = BookingMessages([_message(plan) for plan in plans], tx)
    written = _write(plans, messages, tx)
    booked = [one for plan in plans for one in _booking_drafts(plan)]
    tx.handle(booked)
    # All streams at once, and only then the members: nobody who was removed from a conversation receives this.
    locked = messages.lock()
    for plan in plans:
        _audit(plan, tx)
    tx.record(messages.drafts(locked) + booked)
    messages.store()
    sent = {file.id: file for plan in plans for file in plan.documents}
    files = file_views(sent.values()) if sent else {}
    return {plan.command.id: _booked(plan, row, files) for plan, row in zip(plans, written, strict=True)}


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


def _audit(plan: Plan, tx: Transaction) -> None:
    for patient in plan.new:
        tx.audit(plan.actor, "patient.create", plan.command.id, [patient.id], by="booking")
    if plan.own.id not in {patient.id for patient in plan.new}:
        tx.audit(plan.actor, "patient.read", plan.command.id, [plan.own.id], by="booking")


def _write(plans: Sequence[Plan], messages: BookingMessages, tx: Transaction) -> list[Referral]:
    """The rows of patients, care links and referrals. A constant number of statements."""
    new = {patient.id: patient for plan in plans for patient in plan.new}
    keys = vault.keys_for_sealing(patients.owner(record) for record in {*new, *(plan.theirs.id for plan in plans)})
    patients_actions.insert_patients(list(new.values()), keys, tx.now)
    patients_actions.insert_links([link for plan in plans for link in _care_links(plan, tx.now)])
    rows = [_referral(plan, messages, keys[patients.owner(plan.theirs.id)], tx.now) for plan in plans]
    insert(rows)
    held = [(file.id, plan.command.id, place) for plan in plans for place, file in enumerate(plan.documents)]
    files_access.hold(access.REFERRAL_FILES, held)
    return rows


def _care_links(plan: Plan, now: datetime) -> list[NewLink]:
    """The referrer keeps their record; the other one is open to the practitioner and to who may read the agenda."""
    own, theirs, referral, row = plan.own.id, plan.theirs.id, plan.command.id, plan.row
    return [
        *(patients_actions.created_link(new, now) for new in plan.new if new.id == own),
        NewLink(own, row.booked_by_id, None, "referred", referral, now),
        NewLink(theirs, row.agenda.practitioner_id, None, "received", referral, now),
        NewLink(theirs, None, row.agenda_id, "appointment", row.id, now),
    ]


def _referral(plan: Plan, messages: BookingMessages, key: vault.Key, now: datetime) -> Referral:
    """The referral, and the appointment as the database has it since ``_confirm``."""
    command, row = plan.command, plan.row
    row.state, row.booked_at, row.patient_id, row.booker_patient_id = (
        AppointmentState.BOOKED, now, plan.theirs.id, plan.own.id,
    )  # fmt: skip
    row.referral, row.seen_before = command.id, command.seen_before
    context = queries.message_context(command.id)
    return Referral(
        id=command.id,
        referrer=row.booked_by,
        practitioner=row.agenda.practitioner,
        patient_id=plan.theirs.id,
        referrer_patient_id=plan.own.id,
        appointment=row,
        state=ReferralState.BOOKED,
        seen_before=command.seen_before,
        sealed_message=key.seal(command.message.encode(), context) if command.message else b"",
        conversation=messages.conversation(command.id) or command.conversation,
        created_at=now,
        request_digest=plan.request,
    )


def _booked(plan: Plan, row: Referral, files: Mapping[UUID, FileView]) -> BookReferralResult:
    """The answer to the referrer, who sees the patient as they wrote them."""
    patient = patients.patient_view(*plan.own)
    appointment = appointment_view(appointment_details(plan.row, patient), ["cancel"])  # whoever refers may cancel
    documents = [files[file.id] for file in plan.documents]
    referral = queries.referral_view(row, patient, appointment, plan.command.message, documents)
    return BookReferralResult(referral=referral, appointment=appointment)


def _booking_drafts(plan: Plan) -> list[Draft]:
    """For the agenda; and for the inboxes of the practitioner and of the referrer, without a word about the patient."""
    row = plan.row
    event = ReferralBooked(
        referral=plan.command.id,
        appointment=row.id,
        agenda=row.agenda_id,
        start=row.starts_at.astimezone(row.agenda.zone),
    )
    people = {row.agenda.practitioner_id, row.booked_by_id}
    inboxes = [Draft(stream_name("i", person), event) for person in sorted(people)]
    # Who reads the agenda sees the record of its organisation.
    details = appointment_details(row, patients.patient_view(*plan.theirs))
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
