"""An invented practice: a cardiologist with an agenda, colleagues, and a patient, all made by the commands for it.

The agenda is open on weekdays from 09:00 to 12:00 and from 14:00 to 17:00, for visits of twenty and forty minutes.
Days are counted from a Monday some weeks ahead, so that every test has whole weeks of free slots before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from identity.organisations.models import Membership, Organisation, Site
from identity.organisations.wire import AgendaLevel
from identity.patients.wire import BirthPlace, PatientForm
from referral.referrals.wire import BookReferral, BookReferralResult
from referral.scheduling.models import Appointment
from referral.scheduling.wire import FindSlots, HoldSlot, HoldSlotResult, SlotView
from referral.scheduling.wire_agendas import CreateAgenda, GrantAccess, OpeningForm, ReasonForm
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from tests.factories import Account, account


def monday(weeks: int = 2) -> date:
    """A Monday that many weeks ahead, at least a week from now."""
    today = datetime.now(UTC).date()
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


@dataclass(frozen=True)
class Practice:
    practitioner: Account
    agenda: UUID
    short: UUID
    """Twenty minutes."""
    long: UUID
    """Forty minutes, and ten that stay free after it."""
    staff_only: UUID
    organisation: Organisation
    site: UUID
    zone: ZoneInfo

    def start(self, clock: str, day: date | None = None) -> datetime:
        """The instant at which the site's clocks show ``clock`` on that day, by default the practice's Monday."""
        return datetime.combine(day or monday(), time.fromisoformat(clock), self.zone)

    def today(self) -> date:
        return datetime.now(self.zone).date()

    def hold(self, by: Account, clock: str, reason: UUID | None = None, day: date | None = None) -> HoldSlotResult:
        held: HoldSlotResult = dispatch(by.actor, self.holding(clock, reason, day))
        return held

    def holding(self, clock: str, reason: UUID | None = None, day: date | None = None) -> HoldSlot:
        return HoldSlot(id=uuid7(), agenda=self.agenda, reason=reason or self.short, start=self.start(clock, day))

    def book(self, by: Account, clock: str, day: date | None = None, **fields: Any) -> BookReferralResult:
        command = booking(self.hold(by, clock, day=day).hold, **fields)
        booked: BookReferralResult = dispatch(by.actor, command)
        return booked

    def free(self, by: Account, day: date | None = None, reason: UUID | None = None) -> list[str]:
        """The clock times of a day's free slots."""
        return [f"{slot.start:%H:%M}" for slot in self.slots(by, day, reason)]

    def slots(self, by: Account, day: date | None = None, reason: UUID | None = None) -> list[SlotView]:
        first = day or monday()
        command = FindSlots(agenda=self.agenda, reason=reason or self.short, from_=first, to=first + timedelta(days=1))
        found: list[SlotView] = dispatch(by.actor, command).slots
        return found

    def another_agenda(self) -> UUID:
        """One more agenda of the same practitioner, at the same site."""
        command = opening(self.site)
        dispatch(self.practitioner.actor, command)
        return command.id

    def grant(self, to: Account, level: AgendaLevel | Literal["none"]) -> Account:
        dispatch(self.practitioner.actor, GrantAccess(agenda=self.agenda, person=to.id, level=level))
        return to


def booking(hold: UUID, **fields: Any) -> BookReferral:
    given: dict[str, Any] = {"id": uuid7(), "hold": hold, "patient": patient(), "seen_before": False, **fields}
    return BookReferral(**given)


def patient(**fields: Any) -> PatientForm:
    """Somebody invented, with a number that belongs to fiction."""
    given: dict[str, Any] = {
        "civility": "mme",
        "first_names": "Odile Marie",
        "family_name": "Marchandeau",
        "birth_name": "Le Brizec",
        "birth_date": date(1954, 3, 14),
        "birth_place": BirthPlace(country="FR", city="Ploërmel", insee="56165"),
        "postal_code": "35600",
        "city": "Redon",
        "phone": "06 39 98 41 07",
        **fields,
    }
    return PatientForm(**given)


def practice(zone: str = "Europe/Paris", **fields: Any) -> Practice:
    """A new practice of its own."""
    practitioner = account(first_name="Samir", last_name="Belkhadra")
    now = datetime.now(UTC)
    organisation = Organisation.objects.create(id=uuid7(), name="Clinique du Marais", kind="practice", created_at=now)
    practitioner = join(practitioner, organisation)
    site = Site.objects.create(
        id=uuid7(),
        organisation=organisation,
        name="Clinique du Marais, centre de cardiologie",
        address="3 quai des Tanneurs",
        postal_code="35600",
        city="Redon",
        time_zone=zone,
    )
    command = opening(site.id, **fields)
    dispatch(practitioner.actor, command)
    short, long, staff_only = (reason.id for reason in command.reasons)
    return Practice(practitioner, command.id, short, long, staff_only, organisation, site.id, ZoneInfo(zone))


def opening(site: UUID, **fields: Any) -> CreateAgenda:
    """The request for an agenda as every practice here has it."""
    since = monday(0)
    hours = (("09:00", "12:00"), ("14:00", "17:00"))
    given: dict[str, Any] = {
        "id": uuid7(),
        "site": site,
        "name": "Consultations de cardiologie",
        "reasons": [
            ReasonForm(id=uuid7(), name="Suivi", minutes=20),
            ReasonForm(id=uuid7(), name="Écho et consultation", minutes=40, after=10),
            ReasonForm(id=uuid7(), name="Réunion", minutes=20, for_referrers=False),
        ],
        "openings": [
            OpeningForm(weekday=weekday, opens=opens, closes=closes, since=since)
            for weekday in range(5)
            for opens, closes in hours
        ],
        **fields,
    }
    return CreateAgenda(**given)


def join(who: Account, organisation: Organisation, function: str = "practitioner", *, owner: bool = False) -> Account:
    """Makes somebody a member; returns them as they act for it from then on."""
    Membership.objects.create(
        person_id=who.id, organisation=organisation, function=function, owner=owner, joined_at=datetime.now(UTC)
    )
    return replace(who, actor=replace(who.actor, organisation=organisation.id))


def leave(who: Account, organisation: Organisation) -> None:
    """Their membership is over."""
    Membership.objects.filter(person=who.id, organisation=organisation, left_at=None).update(left_at=datetime.now(UTC))


def expire(hold: UUID) -> None:
    """The quarter of an hour is over."""
    Appointment.objects.filter(id=hold).update(hold_until=datetime.now(UTC) - timedelta(seconds=1))
