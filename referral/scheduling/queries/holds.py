"""The slots that somebody holds, so that they can go on with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.db.models.functions import Now

from identity.accounts.models import shown_name
from referral.scheduling import access
from referral.scheduling.lifecycle import AppointmentState
from referral.scheduling.models import Appointment
from referral.scheduling.wire import HeldSlot, Holds, ListHolds
from server.kernel.authentication import Actor
from server.kernel.composed_query import ComposedQuery, one_of
from server.kernel.dispatch import Transaction


def list_holds(actor: Actor, command: ListHolds, tx: Transaction) -> Holds:
    """The caller's own holds that last, the first to expire first."""
    return Holds(holds=held_slots([actor])()[actor.person])


def held_slots(actors: Iterable[Actor]) -> Callable[[], dict[UUID, list[HeldSlot]]]:
    """What ``hello`` and ``hold.list`` show these people. One statement, for which the function returned waits; the
    database's clock says what is over."""
    fetch = _HELD.ask({access.person(actor) for actor in actors})

    def held() -> dict[UUID, list[HeldSlot]]:
        theirs: defaultdict[UUID, list[HeldSlot]] = defaultdict(list)
        for person, *row in fetch():
            theirs[person].append(_held_slot(*row))
        return theirs

    return held


def _held(people: UUID) -> QuerySet[Any, Any]:
    held = Appointment.objects.filter(state=AppointmentState.HELD, hold_until__gt=Now())
    rows = held.filter(one_of("booked_by", people))
    agenda, site, practitioner = "agenda", "agenda__resource__site", "agenda__practitioner"
    return rows.order_by("hold_until", "id").values_list(
        *(
            "booked_by",
            "id",
            "starts_at",
            "ends_at",
            "hold_until",
            "reason",
            "reason__name",
            agenda,
            f"{agenda}__resource__name",
        ),
        *(practitioner, f"{practitioner}__title", f"{practitioner}__first_name", f"{practitioner}__last_name"),
        *(f"{site}__time_zone", f"{site}__name", f"{site}__city"),
    )


_HELD = ComposedQuery(_held, parameters=1)


def _held_slot(hold: UUID, start: datetime, end: datetime, until: datetime, *rest: Any) -> HeldSlot:
    reason, reason_name, agenda, agenda_name, practitioner, *name, time_zone, place, city = rest
    zone = ZoneInfo(time_zone)
    return HeldSlot(
        hold=hold,
        agenda=agenda,
        agenda_name=agenda_name,
        practitioner=practitioner,
        practitioner_name=shown_name(*name),
        time_zone=time_zone,
        reason=reason,
        reason_name=reason_name,
        start=start.astimezone(zone),
        end=end.astimezone(zone),
        expires_at=until.astimezone(zone),
        place=place or None,
        city=city or None,
    )
