"""Fifty invented agendas, a third taken, for the figures of booking. Import it after Django is set up."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection
from psycopg.types.range import TimestamptzRange

from identity.organisations.models import Membership, Organisation, Site
from identity.patients.wire import CreatePatient
from referral.referrals.wire import BookReferral
from referral.scheduling.models import Appointment
from referral.scheduling.wire import FindSlots, HoldSlot, HoldSlotResult
from referral.scheduling.wire_agendas import CreateAgenda, OpeningForm, ReasonForm
from server.kernel.authentication import Actor
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from tests.factories import Account, account
from tests.referral.practice import monday, patient

ZONE = ZoneInfo("Europe/Paris")
SLOTS_A_DAY = 24
"""Twenty minutes each, from 08:00 to 16:00, every day of the week."""


REFERRERS = 128


class Clinics:
    """Agendas of one practitioner, so that one question can be about all of them, and those who refer to them: as many
    as a batch has calls, since nobody holds more than a few slots at a time.
    """

    def __init__(self, count: int) -> None:
        self._random = random.Random(20261122)
        self._practitioner, self._referrers = account(), [account() for _ in range(REFERRERS)]
        self._site = _site(self._practitioner)
        self._agendas = [self._agenda() for _ in range(count)]
        self._raced = self._patients = 0
        self._take_a_third(days=45)

    def slots(self, agendas: int, days: int) -> int:
        """Finds free slots as a socket would; how many."""
        agenda, practitioner = (self._agendas[0][0], None) if agendas == 1 else (None, self._practitioner.id)
        until = monday() + timedelta(days=days)
        command = FindSlots(agenda=agenda, practitioner=practitioner, from_=monday(), to=until)
        found = dispatch(self._referrers[0].actor, command)
        msgspec.json.encode(found)
        return len(found.slots)

    def race(self, racers: int) -> list[tuple[Actor, HoldSlot]]:
        """So many requests for one slot that is free; another slot each time."""
        self._raced += 1
        agenda, reason = self._agendas[self._raced]
        start = _start(monday(9), 5)
        people = [self._referrers[(self._raced * 10 + number) % REFERRERS].actor for number in range(10)]
        return [
            (people[number % 10], HoldSlot(id=uuid7(), agenda=agenda, reason=reason, start=start))
            for number in range(racers)
        ]

    def holds(self, count: int) -> list[tuple[Actor, HoldSlot]]:
        """Requests for different slots of days on which nothing is taken, going round the agendas."""
        days = [monday(10) + timedelta(days=day) for day in range(60)]
        free = ((day, place) for day in days for place in range(SLOTS_A_DAY))
        wanted = ((agenda, *slot) for slot in free for agenda in self._agendas)
        made: list[tuple[Actor, HoldSlot]] = []
        for (agenda, reason), day, place in wanted:
            if len(made) == count:
                break
            command = HoldSlot(id=uuid7(), agenda=agenda, reason=reason, start=_start(day, place))
            made.append((self._referrers[len(made) % REFERRERS].actor, command))
        return made

    def bookings(self, held: Iterable[HoldSlotResult]) -> Iterator[tuple[Actor, BookReferral]]:
        """A patient and a message for each hold, by whoever made it."""
        for number, hold in enumerate(held):
            self._patients += 1  # Each has a number of their own: what is kept of a number is of no use to the next.
            form = patient(phone=f"06{39_980_000 + self._patients % 10_000}")
            command = BookReferral(id=uuid7(), hold=hold.hold, patient=form, seen_before=False, message="Merci" * 30)
            yield self._referrers[number % REFERRERS].actor, command

    def _agenda(self) -> tuple[UUID, UUID]:
        agenda, reason = uuid7(), uuid7()
        command = CreateAgenda(
            id=agenda,
            site=self._site.id,
            name="Consultations",
            reasons=[ReasonForm(id=reason, name="Suivi", minutes=20)],
            openings=[
                OpeningForm(weekday=weekday, opens=opens, closes=closes, since=monday(0))
                for weekday in range(7)
                for opens, closes in (("08:00", "12:00"), ("12:00", "16:00"))
            ],
        )
        dispatch(self._practitioner.actor, command)
        return agenda, reason

    def _take_a_third(self, days: int) -> None:
        somebody = dispatch(self._practitioner.actor, CreatePatient(id=uuid7(), patient=patient())).patient.id
        rows = [
            self._appointment(agenda, reason, _start(monday() + timedelta(days=day), place), somebody)
            for agenda, reason in self._agendas
            for day in range(days)
            for place in self._random.sample(range(SLOTS_A_DAY), SLOTS_A_DAY // 3)
        ]
        Appointment.objects.bulk_create(rows, batch_size=2_000)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _appointment(self, agenda: UUID, reason: UUID, start: datetime, somebody: UUID) -> Appointment:
        now, end = datetime.now(UTC), start + timedelta(minutes=20)
        return Appointment(
            id=uuid7(),
            agenda_id=agenda,
            reason_id=reason,
            starts_at=start,
            ends_at=end,
            occupied=TimestamptzRange(start, end),
            state="booked",
            booked_by_id=self._referrers[0].id,
            hold_until=now,
            request_digest=b"",
            patient_id=somebody,
            booker_patient_id=somebody,
            booked_at=now,
        )


def _start(day: date, place: int) -> datetime:
    minutes = timedelta(minutes=8 * 60 + 20 * place)
    return (datetime.combine(day, datetime.min.time()) + minutes).replace(tzinfo=ZONE).astimezone(UTC)


def _site(practitioner: Account) -> Site:
    now = datetime.now(UTC)
    organisation = Organisation.objects.create(id=uuid7(), name="Clinique", kind="practice", created_at=now)
    Membership.objects.create(
        person_id=practitioner.id, organisation=organisation, function="practitioner", joined_at=now
    )
    return Site.objects.create(
        id=uuid7(),
        organisation=organisation,
        name="Clinique",
        postal_code="35600",
        city="Redon",
        time_zone="Europe/Paris",
    )
