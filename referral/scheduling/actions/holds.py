"""Slots that are held, shown to whoever holds them, given back, and freed when the time is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db.models import F

from identity.accounts.wire import VERIFIED
from identity.authentication import actions as authentication_actions
from identity.organisations.wire import Me
from referral.scheduling import access, agenda_events, internal_commands, lifecycle
from referral.scheduling.lifecycle import AppointmentState
from referral.scheduling.models import Appointment
from referral.scheduling.queries.holds import held_slots
from referral.scheduling.wire import ReleaseSlot, ReleaseSlotResult
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.pg_arrays import uuids
from server.kernel.statements import Statement
from server.kernel.wire.errors import Refusal

RELEASED_RETENTION = timedelta(days=1)
"""How long the row of a hold that came to nothing is kept, so that its request may be repeated."""


def greet(asking: Sequence[Actor]) -> Callable[[Sequence[tuple[Actor, UUID | None]]], list[Me | Refusal]]:
    """Asks for these callers, and the slots that they hold, as ``hello`` shows them. The function returned waits for
    the statements: it takes those who are admitted, as they stand now, with the organisation they want to act for."""
    mes = authentication_actions.greet({actor.person for actor in asking})
    verified = [actor for actor in asking if VERIFIED in actor.scopes]
    held = held_slots(verified) if verified else dict

    def greeted(wanted: Sequence[tuple[Actor, UUID | None]]) -> list[Me | Refusal]:
        theirs = held()
        return [
            msgspec.structs.replace(me, holds=theirs[me.id])
            if not isinstance(me, Refusal) and me.id in theirs and VERIFIED in actor.scopes
            else me
            for me, (actor, _) in zip(mes(wanted), wanted, strict=True)
        ]

    return greeted


def release_slot(actor: Actor, command: ReleaseSlot, tx: Transaction) -> ReleaseSlotResult:
    """Gives a hold of the caller's own back. One that is over already stays over."""
    access.lock_agendas([access.hold(actor, command.hold).agenda_id])
    row = access.hold(actor, command.hold)
    if row.state != AppointmentState.RELEASED:
        lifecycle.require(AppointmentState(row.state), AppointmentState.RELEASED)
        ended = min(tx.now, row.hold_until)
        Appointment.objects.filter(id=row.id).update(state=AppointmentState.RELEASED, released_at=ended)
        tx.record(agenda_events.hold_ended(row, "released" if tx.now < row.hold_until else "expired"))
    return ReleaseSlotResult(hold=row.id)


def reap_holds(actor: Actor, command: internal_commands.ReapHolds, tx: Transaction) -> internal_commands.Count:
    """Frees the slots whose quarter of an hour is over and says so in their agendas."""
    over = Appointment.objects.filter(state=AppointmentState.HELD, hold_until__lte=tx.now)
    waiting = set(over.order_by("hold_until").values_list("agenda_id", flat=True)[: command.limit])
    access.lock_agendas(waiting)
    freed = reap(waiting, tx.now)
    tx.record([draft for row in freed for draft in agenda_events.hold_ended(row, "expired")])
    Appointment.objects.filter(state=AppointmentState.RELEASED, hold_until__lt=tx.now - RELEASED_RETENTION).delete()
    return internal_commands.Count(count=len(freed))


_OVER = Statement(
    "SELECT id FROM referral_appointment WHERE agenda_id = ANY(%b::uuid[]) AND state = 'held' AND hold_until <= %b"
)


def reap(agendas: Collection[UUID], now: datetime) -> list[Appointment]:
    """Frees the holds whose time is over in these agendas, which are locked. Tell ``hold_ended``. One statement, unless
    there are any."""
    over = [hold for (hold,) in _OVER.send(uuids(agendas), now)()]
    if not over:
        return []
    rows = Appointment.objects.filter(id__in=over)
    freed = list(rows.select_related("agenda__resource__site"))
    rows.update(state=AppointmentState.RELEASED, released_at=F("hold_until"))
    return freed
