"""Agendas: what makes their slots, who may do what with them, and following them live."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import time
from uuid import UUID

from django.db.models import Q

from identity.accounts import access as accounts_access
from identity.organisations import access as organisations_access
from identity.organisations import actions as organisations
from identity.organisations import inbox as organisations_inbox
from identity.organisations import memberships, rights
from identity.organisations.levels import MANAGE
from identity.organisations.models import Resource
from identity.organisations.rights import Giver, Wanted
from referral.scheduling import access, agenda_events
from referral.scheduling.access import LevelledAgenda
from referral.scheduling.bounds import (
    ABSENCES,
    AGENDAS,
    EARLIEST,
    FIRST_DAY,
    HOURS_A_DAY,
    INSTRUCTIONS,
    LAST_DAY,
    LATEST,
    LEAST_STEP,
    OPENINGS_A_DAY,
    RIGHTS,
)
from referral.scheduling.models import Absence, Agenda, Opening, VisitReason
from referral.scheduling.queries.agendas import with_reasons
from referral.scheduling.wire import UnwatchAgenda, WatchAgenda, WatchResult
from referral.scheduling.wire_agendas import (
    AddAbsence,
    AgendaResult,
    CreateAgenda,
    GrantAccess,
    OpeningForm,
    ReasonForm,
    RemoveAbsence,
    UpdateAgenda,
)
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.streams import heads
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Forbidden, IdTaken, Invalid, NotFound, TooLarge

REASON_FIELDS = [
    "name", "minutes", "before_minutes", "after_minutes", "instructions", "for_referrers", "position", "ended_at",
]  # fmt: skip
"""What a change of an agenda may change of a visit reason."""


def create_agenda(actor: Actor, command: CreateAgenda, tx: Transaction) -> AgendaResult:
    """Opens an agenda of the caller's own, at a site of an organisation in which they are a practitioner."""
    caller, request = access.person(actor), request_digest(actor, command)
    site = organisations_access.site(actor, command.site, to="practise")
    _check(command.step, command.reasons, command.openings, tx)
    _require_room(command.id, caller)
    organisations.add_resource(command.id, "agenda", command.name, site, caller)
    made = Agenda(
        resource_id=command.id,
        practitioner_id=caller,
        step_minutes=command.step,
        notice_minutes=command.notice,
        horizon_days=command.horizon,
        created_at=tx.now,
        request_digest=request,
    )
    Agenda.objects.bulk_create([made], ignore_conflicts=True)
    access.lock_agendas([command.id])
    row = Agenda.objects.get(pk=command.id)
    require_same(row.request_digest, request)
    if not row.reasons.exists():
        organisations.give_level(row.id, caller, MANAGE)
        _replace_reasons(row.id, command.reasons, tx)
        _replace_openings(row.id, command.openings)
        tx.audit(actor, "agenda.grant", row.id, [caller], level="manage")
        _tell(row.id, tx)
    return _changed(access.agenda(actor, row.id, to="manage"))


def update_agenda(actor: Actor, command: UpdateAgenda, tx: Transaction) -> AgendaResult:
    """Changes what is given. What is booked stays as it was booked."""
    agenda = _managed(actor, command.agenda)
    _check(command.step, command.reasons, command.openings, tx)
    changes = {
        "step_minutes": command.step,
        "notice_minutes": command.notice,
        "horizon_days": command.horizon,
    }
    given = {field: value for field, value in changes.items() if value is not None}
    if given:
        Agenda.objects.filter(pk=agenda.id).update(**given)
    if command.name is not None:
        organisations.rename_resource(agenda.id, command.name)
    if command.reasons is not None:
        _replace_reasons(agenda.id, command.reasons, tx)
    if command.openings is not None:
        _replace_openings(agenda.id, command.openings)
    _tell(agenda.id, tx)
    return _changed(access.agenda(actor, agenda.id, to="manage"))


def add_absence(actor: Actor, command: AddAbsence, tx: Transaction) -> AgendaResult:
    """Closes the agenda for a while; the same request again closes nothing more."""
    agenda, request = _managed(actor, command.agenda), request_digest(actor, command)
    to_come = Absence.objects.filter(Q(until_day__gt=tx.now.date()) | Q(ends_at__gt=tx.now), agenda=agenda.id)
    if to_come.exclude(id=command.id).count() >= ABSENCES:
        raise TooLarge(
            f"An agenda has {ABSENCES} absences at most: remove one, or close longer at once.", limit=ABSENCES
        )
    Absence.objects.bulk_create([_absence(command, request)], ignore_conflicts=True)
    row = Absence.objects.get(id=command.id)
    require_same(row.request_digest, request)
    _tell(agenda.id, tx)
    return _changed(agenda)


def remove_absence(actor: Actor, command: RemoveAbsence, tx: Transaction) -> AgendaResult:
    agenda = _managed(actor, command.agenda)
    removed, _ = Absence.objects.filter(id=command.absence, agenda=agenda.id).delete()
    if removed:
        _tell(agenda.id, tx)
    return _changed(agenda)


def grant_access(actor: Actor, command: GrantAccess, tx: Transaction) -> AgendaResult:
    """The practitioner of an agenda gives levels on it, to members of the organisation and to colleagues outside, and
    so does whoever decides on access there and manages it. The practitioner's own level cannot be taken away.

    From this commit on the agenda's events reach the person as the new level allows: their audience is computed anew
    with each event.
    """
    organisations_access.hold_still(command.agenda)
    agenda = _managed(actor, command.agenda)
    resource, by = _given_by(actor, agenda.id)
    person = accounts_access.person(actor, command.person)
    if organisations_access.is_vouched(person.id) and not organisations_access.is_member(
        resource.organisation_id, person.id
    ):
        raise NotFound("One of these people cannot be reached on Relais.")
    if person.id == agenda.practitioner_id:
        raise Invalid("$.params.person", "The practitioner manages their own agenda: nothing is to be given or taken.")
    member = memberships.membership_of(resource.organisation_id, person.id)
    if member is not None:
        rights.check(by, member, [Wanted(agenda.id, command.level)], {agenda.id: resource})
    if command.level != "none" and organisations_access.others_with_a_level(agenda.id, person.id) >= RIGHTS:
        raise TooLarge(f"{RIGHTS} people at most have a level on one agenda: take one away first.", limit=RIGHTS)
    organisations.give_level(agenda.id, person.id, None if command.level == "none" else command.level)
    tx.record([organisations_inbox.rights_changed(person.id, resource.organisation_id, [agenda.id])])
    return _changed(agenda)


def watch_agenda(actor: Actor, command: WatchAgenda, tx: Transaction) -> WatchResult:
    """The socket follows the agenda: with a level from the stream's head on, without one from now on.

    The subscription says nothing about rights: whether the socket is sent an event, and in which form, follows from
    what its person may see when the event is recorded. So nobody keeps seeing names, or times, because they once could.
    """
    agenda = access.agenda(actor, command.agenda, to="refer")
    stream = stream_name("a", agenda.id)
    head = heads([stream])[stream] if access.allows(agenda.level, "busy") else 0
    tx.watch(stream, head)
    return WatchResult(stream=stream, head=head)


def unwatch_agenda(actor: Actor, command: UnwatchAgenda, tx: Transaction) -> WatchResult:
    """Never refused to a professional: an agenda that one may no longer follow is let go of all the same."""
    access.person(actor)
    stream = stream_name("a", command.agenda)
    tx.unwatch(stream)
    return WatchResult(stream=stream, head=0)


def _given_by(actor: Actor, agenda: UUID) -> tuple[Resource, Giver]:
    """The agenda as a resource, and the caller as one who decides who has access to it."""
    resource = Resource.objects.select_related("organisation").get(pk=agenda)
    by = rights.giver(actor, resource.organisation)
    if not by.decides_on(resource):
        raise Forbidden("Who has access to this agenda is decided by others: ask its practitioner, or an owner.")
    return resource, by


def _managed(actor: Actor, wanted: UUID) -> LevelledAgenda:
    """The agenda, locked, for whoever manages it."""
    agenda = access.agenda(actor, wanted, to="manage")
    access.lock_agendas([agenda.id])
    return agenda


def _require_room(wanted: UUID, practitioner: UUID) -> None:
    """Returns when the practitioner may open one more agenda, or has opened this one before."""
    accounts_access.lock([practitioner])
    if Agenda.objects.filter(practitioner=practitioner, closed_at=None).exclude(pk=wanted).count() >= AGENDAS:
        raise TooLarge(f"One practitioner has {AGENDAS} open agendas at most: close one first.", limit=AGENDAS)


def _check(
    step: int | None, reasons: Sequence[ReasonForm] | None, openings: Sequence[OpeningForm] | None, tx: Transaction
) -> None:
    """Returns when an agenda may be made of this: how many slots a day can have is bounded by it."""
    if step is not None and step < LEAST_STEP:
        raise Invalid("$.params.step", f"From one slot to the next there are {LEAST_STEP} minutes at least.")
    for place, reason in enumerate(reasons or ()):
        if reason.minutes < LEAST_STEP:
            raise Invalid(f"$.params.reasons[{place}].minutes", f"A visit takes {LEAST_STEP} minutes at least.")
    if sum(len(reason.instructions or "") for reason in reasons or ()) > INSTRUCTIONS:
        message = f"The instructions of all reasons have {INSTRUCTIONS} characters at most: shorten them."
        raise TooLarge(message, path="$.params.reasons", limit=INSTRUCTIONS)
    _check_openings([one for one in openings or () if one.until is None or one.until > tx.now.date()])


def _check_openings(forms: Sequence[OpeningForm]) -> None:
    """Of the openings that are not over, so many lie on one weekday or day, and last so long together."""
    by_day: defaultdict[object, list[int]] = defaultdict(list)
    for form in forms:
        opens, closes = (time.fromisoformat(clock) for clock in (form.opens, form.closes))
        minutes = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
        by_day[form.day or form.weekday].append(minutes if minutes > 0 else minutes + 24 * 60)
    for lengths in by_day.values():
        if len(lengths) > OPENINGS_A_DAY:
            message = f"An agenda opens {OPENINGS_A_DAY} times a day at most: join what adjoins."
            raise TooLarge(message, path="$.params.openings", limit=OPENINGS_A_DAY)
        if sum(lengths) > HOURS_A_DAY * 60:
            message = f"What opens on one day lasts {HOURS_A_DAY} hours together at most: leave out what overlaps."
            raise TooLarge(message, path="$.params.openings", limit=HOURS_A_DAY)


def _tell(agenda: UUID, tx: Transaction) -> None:
    tx.record([agenda_events.agenda_changed(agenda)])


def _changed(agenda: LevelledAgenda) -> AgendaResult:
    return AgendaResult(agenda=with_reasons([agenda])[0])


def _replace_reasons(agenda: UUID, forms: Sequence[ReasonForm], tx: Transaction) -> None:
    """Reasons left out end; a reason keeps its id, so that what is booked keeps its reason."""
    ids = [form.id for form in forms]
    if len(set(ids)) < len(ids) or VisitReason.objects.filter(id__in=ids).exclude(agenda=agenda).exists():
        raise IdTaken
    VisitReason.objects.filter(agenda=agenda, ended_at=None).exclude(id__in=ids).update(ended_at=tx.now)
    rows = [
        VisitReason(
            id=form.id,
            agenda_id=agenda,
            name=form.name,
            minutes=form.minutes,
            before_minutes=form.before,
            after_minutes=form.after,
            instructions=form.instructions or "",
            for_referrers=form.for_referrers,
            position=position,
        )
        for position, form in enumerate(forms)
    ]
    VisitReason.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=REASON_FIELDS)


def _replace_openings(agenda: UUID, forms: Sequence[OpeningForm]) -> None:
    rows = [_opening(agenda, form, f"$.params.openings[{place}]") for place, form in enumerate(forms)]
    Opening.objects.filter(agenda=agenda).delete()
    Opening.objects.bulk_create(rows)


def _opening(agenda: UUID, form: OpeningForm, path: str) -> Opening:
    weekly = form.weekday is not None and form.since is not None and form.day is None
    once = form.day is not None and form.weekday is None and form.since is None and form.until is None
    if not weekly and not once:
        raise Invalid(path, "Give a weekday with the day from which it holds, or one day.")
    for name in ("day", "since", "until"):
        day = getattr(form, name)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise Invalid(f"{path}.{name}", f"A day of an opening lies between {EARLIEST} and {LATEST}.")
    if form.since is not None and form.until is not None and form.until <= form.since:
        raise Invalid(f"{path}.until", "An opening holds for a day at least: until is excluded, and after since.")
    return Opening(
        agenda_id=agenda,
        opens=time.fromisoformat(form.opens),
        closes=time.fromisoformat(form.closes),
        weekday=form.weekday,
        since=form.since,
        until=form.until,
        every=form.every,
        day=form.day,
    )


def _absence(command: AddAbsence, request: bytes) -> Absence:
    days = command.first is not None and command.until is not None and command.start is command.end is None
    hours = command.start is not None and command.end is not None and command.first is command.until is None
    if not days and not hours:
        raise Invalid("$.params", "Give the first day and the day after the last, or the start and the end.")
    backwards = (command.first and command.until and command.first >= command.until) or (
        command.start and command.end and command.start >= command.end
    )
    if backwards:
        raise Invalid("$.params", "An absence ends after it begins.")
    edges = [edge for edge in (command.first, command.until, command.start, command.end) if edge is not None]
    if any(not EARLIEST <= edge.year < LATEST for edge in edges):
        raise Invalid("$.params", f"An absence lies between {EARLIEST} and {LATEST}.")
    return Absence(
        id=command.id,
        agenda_id=command.agenda,
        first_day=command.first,
        until_day=command.until,
        starts_at=command.start,
        ends_at=command.end,
        request_digest=request,
    )
