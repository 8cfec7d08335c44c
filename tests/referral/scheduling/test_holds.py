"""Slots that are held, given back, and freed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from identity.accounts.models import Person
from identity.accounts.refusals import NotVerified
from referral.scheduling.internal_commands import ReapHolds
from referral.scheduling.models import Absence, Agenda, Appointment, VisitReason
from referral.scheduling.refusals import SlotTaken
from referral.scheduling.wire import HoldSlot, ReleaseSlot
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.models import StreamEvent
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Conflict, Forbidden, IdTaken, InvalidState, NotFound, Refusal
from server.kernel.wire.frame import Commands, Request
from tests.factories import account
from tests.referral.practice import Practice, booking, expire, monday, practice

pytestmark = pytest.mark.django_db


def test_a_hold_lasts_a_quarter_of_an_hour_and_takes_the_slot_from_others() -> None:
    clinic, ada, grace = practice(), account(), account()
    held = clinic.hold(ada, "09:20")
    assert timedelta(minutes=14) < held.expires_at - datetime.now(UTC) <= timedelta(minutes=15)
    assert "09:20" not in clinic.free(grace)
    with pytest.raises(SlotTaken):
        clinic.hold(grace, "09:20")


def closed(clinic: Practice) -> None:
    Agenda.objects.update(closed_at=datetime.now(UTC))


def without_the_reason(clinic: Practice) -> None:
    VisitReason.objects.update(ended_at=datetime.now(UTC))


def of_somebody_suspended(clinic: Practice) -> None:
    Person.objects.filter(pk=clinic.practitioner.id).update(suspended_at=datetime.now(UTC))


def for_staff(clinic: Practice) -> None:
    VisitReason.objects.update(for_referrers=False)


def with_more_notice(clinic: Practice) -> None:
    Agenda.objects.update(notice_minutes=60 * 24 * 60)


def with_a_near_horizon(clinic: Practice) -> None:
    Agenda.objects.update(horizon_days=1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (closed, "not_found"),
        (without_the_reason, "not_found"),
        (of_somebody_suspended, "not_found"),
        (for_staff, "not_found"),
        (with_more_notice, "too_soon"),
        (with_a_near_horizon, "too_far"),
    ],
)
def test_who_could_not_have_a_slot_is_not_told_that_it_is_taken(
    change: Callable[[Practice], None], reason: str
) -> None:
    clinic, ada, grace = practice(), account(), account()
    clinic.hold(ada, "09:20")
    change(clinic)
    with pytest.raises(Refusal) as refused:
        clinic.hold(grace, "09:20")
    assert refused.value.data.get("why", refused.value.reason) == reason


def test_a_longer_visit_cannot_begin_where_it_would_meet_a_hold() -> None:
    clinic, ada, grace = practice(), account(), account()
    clinic.hold(ada, "09:20")
    with pytest.raises(SlotTaken):
        clinic.hold(grace, "09:00", clinic.long)


def test_the_buffer_of_a_visit_stays_free() -> None:
    clinic, ada, grace = practice(step=10), account(), account()
    clinic.hold(ada, "09:00", clinic.long)  # until 09:40, and ten minutes
    with pytest.raises(SlotTaken):
        clinic.hold(grace, "09:40")
    clinic.hold(grace, "09:50")


def test_a_retry_has_one_effect_and_the_same_answer() -> None:
    clinic, ada = practice(), account()
    command = clinic.holding("09:20")
    assert dispatch(ada.actor, command) == dispatch(ada.actor, command)
    assert Appointment.objects.count() == 1


def test_an_id_cannot_stand_for_another_hold() -> None:
    clinic, ada, grace = practice(), account(), account()
    command = clinic.holding("09:20")
    dispatch(ada.actor, command)
    for actor, start in ((ada, "09:40"), (grace, "09:20")):
        with pytest.raises(IdTaken):
            dispatch(
                actor.actor,
                HoldSlot(id=command.id, agenda=clinic.agenda, reason=clinic.short, start=clinic.start(start)),
            )


@pytest.mark.parametrize(
    ("days", "clock", "why"),
    [
        (-14, "09:00", "past"),
        (0, "08:40", "outside_openings"),
        (0, "11:50", "outside_openings"),
        (5, "09:00", "outside_openings"),
        (0, "09:10", "off_grid"),
        (7 * 30, "09:00", "too_far"),
        (1, "09:00", "absent"),
    ],
)
def test_a_slot_that_is_none_is_refused_and_says_why(days: int, clock: str, why: str) -> None:
    clinic, ada = practice(), account()
    Absence.objects.create(
        id=uuid7(),
        agenda_id=clinic.agenda,
        first_day=monday() + timedelta(days=1),
        until_day=monday() + timedelta(days=2),
    )
    with pytest.raises(Conflict) as refusal:
        clinic.hold(ada, clock, day=monday() + timedelta(days=days))
    assert refusal.value.data == {"why": why}
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-12-01T09:00:00.5Z"])
def test_an_instant_at_the_edge_of_time_is_refused(start: str) -> None:
    clinic, ada = practice(), account()
    command = HoldSlot(id=uuid7(), agenda=clinic.agenda, reason=clinic.short, start=datetime.fromisoformat(start))
    with pytest.raises(Conflict):
        dispatch(ada.actor, command)


def test_the_offsets_that_clients_write_share_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them makes PostgreSQL refuse the statement of all, after which each would be carried out alone."""
    clinic, people = practice(), [account() for _ in range(3)]
    monkeypatch.setattr("server.kernel.attempts.Attempts._one_by_one", lambda *_: pytest.fail("the batch fell apart"))
    decoder, calls = Commands([HoldSlot]), []
    for who, clock, hours in zip(people, ("09:00", "09:20", "09:40"), (14, -14, 0), strict=True):
        held = clinic.holding(clock)
        sent = msgspec.structs.replace(held, start=held.start.astimezone(timezone(timedelta(hours=hours))))
        request = Request("2.0", 1, "slot.hold", msgspec.Raw(msgspec.json.encode(sent)))
        calls.append(Call(who.actor, decoder.decode(request)))
    outcomes, _ = dispatch_batch(calls)
    assert [outcome.refused for outcome in outcomes] == [None] * 3
    assert clinic.free(people[0])[0] == "10:00"


def test_notice_is_asked_for() -> None:
    clinic, ada = practice(notice=60 * 24 * 60), account()
    with pytest.raises(Conflict) as refusal:
        clinic.hold(ada, "09:00")
    assert refusal.value.data == {"why": "too_soon"}


def test_an_agenda_a_reason_and_their_mismatch_are_not_found_alike() -> None:
    clinic, other, ada = practice(), practice(), account()
    start = clinic.start("09:00")
    for agenda, reason in ((uuid7(), clinic.short), (clinic.agenda, uuid7()), (clinic.agenda, other.short)):
        with pytest.raises(NotFound):
            dispatch(ada.actor, HoldSlot(id=uuid7(), agenda=agenda, reason=reason, start=start))


def test_a_closed_agenda_holds_nothing() -> None:
    clinic, ada = practice(), account()
    Agenda.objects.update(closed_at=datetime.now(UTC))
    with pytest.raises(NotFound):
        clinic.hold(ada, "09:00")


def test_nobody_is_sent_to_a_practitioner_whose_identity_is_withdrawn() -> None:
    clinic, ada = practice(), account()
    Person.objects.filter(id=clinic.practitioner.id).update(suspended_at=datetime.now(UTC))
    with pytest.raises(NotFound):
        clinic.hold(ada, "09:00")
    with pytest.raises(NotFound):
        clinic.slots(ada)


def test_a_reason_for_staff_is_held_by_staff_only() -> None:
    clinic, ada = practice(), account()
    with pytest.raises(NotFound):
        clinic.hold(ada, "09:00", clinic.staff_only)
    with pytest.raises(Forbidden):
        clinic.hold(clinic.grant(ada, "read"), "09:00", clinic.staff_only)
    clinic.hold(clinic.grant(ada, "book"), "09:00", clinic.staff_only)


def test_who_is_not_verified_holds_nothing() -> None:
    clinic, impostor = practice(), account(verified=False)
    with pytest.raises(NotVerified):
        clinic.hold(impostor, "09:00")


def test_a_released_slot_is_free_and_releasing_again_changes_nothing() -> None:
    clinic, ada, grace = practice(), account(), account()
    held = clinic.hold(ada, "09:20")
    for _ in range(2):
        assert dispatch(ada.actor, ReleaseSlot(hold=held.hold)).hold == held.hold
    assert "09:20" in clinic.free(grace)
    assert types(clinic)[-2:] == ["slot.held", "slot.released"]


def test_nobody_releases_the_hold_of_another() -> None:
    clinic, ada, grace = practice(), account(), account()
    held = clinic.hold(ada, "09:20")
    for caller in (grace, clinic.practitioner):
        with pytest.raises(NotFound):
            dispatch(caller.actor, ReleaseSlot(hold=held.hold))


def test_a_booked_slot_is_not_released() -> None:
    clinic, ada = practice(), account()
    held = clinic.hold(ada, "09:20")
    dispatch(ada.actor, booking(held.hold))
    with pytest.raises(InvalidState):
        dispatch(ada.actor, ReleaseSlot(hold=held.hold))


def test_an_expired_hold_is_free_before_anybody_has_swept_it() -> None:
    clinic, ada, grace = practice(), account(), account()
    held = clinic.hold(ada, "09:20")
    expire(held.hold)
    assert "09:20" in clinic.free(grace)
    clinic.hold(grace, "09:20")
    assert Appointment.objects.get(id=held.hold).state == "released"
    assert types(clinic)[-2:] == ["slot.released", "slot.held"]


def test_the_sweeper_frees_what_has_expired_and_says_so_once() -> None:
    clinic, ada = practice(), account()
    kept, over = clinic.hold(ada, "09:00"), clinic.hold(ada, "09:20")
    expire(over.hold)
    assert dispatch(SYSTEM, ReapHolds()).count == 1
    assert dispatch(SYSTEM, ReapHolds()).count == 0
    assert types(clinic)[-1] == "slot.released"
    assert Appointment.objects.get(id=kept.hold).state == "held"


def test_only_relais_itself_sweeps() -> None:
    with pytest.raises(Forbidden):
        dispatch(account().actor, ReapHolds())


def test_a_hold_that_came_to_nothing_is_forgotten_after_a_day() -> None:
    clinic, ada = practice(), account()
    held = clinic.hold(ada, "09:20")
    expire(held.hold)
    dispatch(SYSTEM, ReapHolds())
    Appointment.objects.update(hold_until=datetime.now(UTC) - timedelta(hours=25))
    dispatch(SYSTEM, ReapHolds())
    assert not Appointment.objects.exists()


def test_a_batch_decides_on_each_hold_by_itself() -> None:
    clinic, ada, grace = practice(), account(), account()
    first, same_slot, off_grid = clinic.holding("09:20"), clinic.holding("09:20"), clinic.holding("09:25")
    calls = [Call(ada.actor, first), Call(grace.actor, same_slot), Call(grace.actor, off_grid), Call(ada.actor, first)]
    outcomes, news = dispatch_batch(calls)
    assert [type(outcome.refused) for outcome in outcomes] == [type(None), SlotTaken, Conflict, type(None)]
    assert outcomes[0].result == outcomes[3].result
    assert len(news.events) == 1


def test_the_exclusion_constraint_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic, ada, grace = practice(), account(), account()
    clinic.hold(ada, "09:20")
    # Whoever came past the lock and the look sees the slot free; the constraint does not.
    monkeypatch.setattr(
        "referral.scheduling.actions.holding._HoldBatch._busy", lambda self, commands: defaultdict(list)
    )
    monkeypatch.setattr("referral.scheduling.actions.holding._without_taken", lambda numbers, calls, now: numbers)
    with pytest.raises(SlotTaken):
        clinic.hold(grace, "09:20")
    assert Appointment.objects.count() == 1


def types(clinic: Practice) -> list[str]:
    """The types of the agenda's events, in order."""
    events = StreamEvent.objects.filter(stream=stream_name("a", clinic.agenda)).order_by("seq")
    return list(events.values_list("type", flat=True))
