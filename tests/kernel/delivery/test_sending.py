"""Due rows: claimed for a short time, resolved by their room, recorded once, each on its own."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.kernel import audit, dispatch
from server.kernel.authentication import SYSTEM, Actor
from server.kernel.delivery import kinds, queue, sending
from server.kernel.delivery.captured_mail import captured
from server.kernel.delivery.internal_commands import RecordDeliveries, Result
from server.kernel.delivery.kinds import Dropped, Envelope, Later
from server.kernel.dispatch import Transaction
from server.kernel.models import AuditLink, CapturedMessage, Delivery
from server.kernel.wire import Command
from server.kernel.wire.errors import Forbidden, Unavailable
from tests.factories import account
from tests.kernel.delivery.conftest import Room, due_again, state
from tests.relais_process import eventually
from tests.stand_ins import sms_gateway
from tests.stand_ins.sms_gateway import SmsGateway

pytestmark = pytest.mark.django_db

A, B, C = "+33639980001", "+33639980002", "+33639980003"
HELLO = Envelope(A, "Bonjour")


def now() -> datetime:
    """By the clock that decides what is due."""
    return dispatch.now()


def test_a_row_is_written_once_for_its_key(room: Room) -> None:
    [row] = room.sms(A)
    again = Delivery(key=row.key, channel="sms", kind="test", subject=row.subject, not_before=now())
    queue.enqueue([again], Transaction(now()))
    assert Delivery.objects.count() == 1


def test_what_is_due_is_asked_for_after_the_commit_and_what_waits_is_not(room: Room) -> None:
    tx = Transaction(now())
    fields = {"kind": "test", "subject": account().id}
    later = Delivery(key="later", channel="email", not_before=tx.now + timedelta(hours=1), **fields)
    queue.enqueue([Delivery(key="now", channel="sms", not_before=tx.now, **fields), later], tx)
    assert tx.tasks == {"kernel.deliver_sms"}


def test_a_row_is_handed_over_once_and_not_before_its_time(room: Room) -> None:
    [row], [later] = room.sms(A), room.write(Envelope(B, "Demain"), minutes=1)
    sending.deliver_due("sms")
    sending.deliver_due("sms")
    assert [one.to for one in captured()] == [A]
    assert (state(row), state(later)) == (("sent", 1, ""), ("", 0, ""))


def test_a_channel_hands_over_its_own_rows_alone(room: Room) -> None:
    [sms], [mail] = room.sms(A), room.mails("odile@exemple.fr")
    sending.deliver_due("email")
    assert (state(sms), state(mail)) == (("", 0, ""), ("sent", 1, ""))


def test_what_is_no_longer_so_is_dropped_with_its_reason(room: Room) -> None:
    [row] = room.write(Dropped("cancelled"))
    sending.deliver_due("sms")
    assert state(row) == ("dropped", 1, "cancelled")
    assert captured() == []
    assert [(one.outcome, one.error) for one in room.settled] == [("dropped", "cancelled")]


def test_what_is_to_wait_waits_and_does_not_count_as_an_attempt(room: Room) -> None:
    morning = now() + timedelta(hours=8)
    [row] = room.write(Later(morning))
    sending.deliver_due("sms")
    assert state(row) == ("", 0, "")
    assert (row.not_before, row.claimed_until) == (morning, None)


def test_a_row_that_its_room_cannot_resolve_fails_alone(room: Room) -> None:
    broken, good = room.write(RuntimeError("damaged"), HELLO)
    sending.deliver_due("sms")
    assert state(broken) == ("", 1, "unresolvable")
    assert state(good) == ("sent", 1, "")
    assert room.asked == [2, 1, 1]


def test_a_row_about_which_its_room_says_nothing_fails(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    [row] = room.sms(A)
    kinds.install([kinds.Kind("test", lambda rows, now: {}, room.follow)])
    sending.deliver_due("sms")
    assert state(row) == ("", 1, "unresolved")


def test_a_kind_that_this_version_does_not_know_waits_for_one_that_does(room: Room) -> None:
    [row] = room.sms(A)
    kinds.install([])
    sending.deliver_due("sms")
    assert state(row) == ("", 1, "unknown_kind")
    assert row.not_before > now()


def test_a_room_that_fails_to_follow_up_takes_no_other_with_it(room: Room) -> None:
    first, second = room.sms(A, B)
    room.follow_fails = True
    sending.deliver_due("sms")
    assert (state(first)[0], state(second)[0]) == ("sent", "sent")
    assert room.settled == []


def test_an_outcome_that_meets_an_outage_is_recorded_after_it_with_what_follows(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.sms(A, B)
    away = Outage(monkeypatch, times=3)
    sending.deliver_due("sms")
    assert away.times == 0
    assert [one.outcome for one in room.settled] == ["sent", "sent"]


def test_an_outcome_of_a_long_outage_waits_for_its_claim_to_expire_and_is_never_half_recorded(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = room.sms(A, B)
    Outage(monkeypatch, times=len(sending.PAUSES) + 1)
    sending.deliver_due("sms")
    assert (state(first)[0], state(second)[0]) == ("", "")
    Delivery.objects.update(claimed_until=now())
    sending.deliver_due("sms")
    assert [one.outcome for one in room.settled] == ["sent", "sent"]
    assert len(captured()) == 2, "under the same key it is one message"


class Outage:
    """Outcomes that cannot be recorded so many times, because PostgreSQL is away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        self.times = times
        self._dispatch = dispatch.dispatch
        monkeypatch.setattr(sending, "PAUSES", (0.0,) * len(sending.PAUSES))
        monkeypatch.setattr(dispatch, "dispatch", self)

    def __call__(self, actor: Actor, command: Command[Any]) -> Any:
        if self.times:
            self.times -= 1
            raise Unavailable
        return self._dispatch(actor, command)


def test_a_claim_keeps_others_away_until_it_expires(room: Room) -> None:
    [row] = room.sms(A)
    [claimed] = queue.claim("sms", 10, now())
    assert queue.claim("sms", 10, now()) == []
    [again] = queue.claim("sms", 10, claimed.until)
    assert (again.id, again.attempts) == (row.id, 2)


def test_the_outcome_of_a_claim_that_was_lost_is_not_recorded(room: Room) -> None:
    [row] = room.sms(A)
    [lost] = queue.claim("sms", 10, now())
    [current] = queue.claim("sms", 10, lost.until)

    def result(claim: kinds.Claimed, outcome: Literal["sent", "failed"]) -> Result:
        return Result(id=claim.id, claimed_until=claim.until, attempts=claim.attempts, outcome=outcome)

    for one in (result(lost, "failed"), result(current, "sent"), result(current, "failed")):
        dispatch.dispatch(SYSTEM, RecordDeliveries(results=[one]))
    assert state(row)[0] == "sent"
    assert [one.outcome for one in room.settled] == ["sent"]


def test_a_message_that_kills_its_workers_is_given_up(room: Room) -> None:
    [row] = room.sms(A)
    moment = now()
    for _ in range(sending.ATTEMPTS):
        [claimed] = queue.claim("sms", 1, moment)
        moment = claimed.until
    Delivery.objects.update(claimed_until=now())
    sending.deliver_due("sms")
    assert state(row)[::2] == ("failed", "abandoned")
    assert captured() == []


def test_settled_rows_are_in_the_audit_and_say_nothing_about_anybody(room: Room) -> None:
    [row] = room.sms(A)
    audit.chain.start_new_chain()
    sending.deliver_due("sms")
    entries = AuditLink.objects.latest("at").entries
    assert "delivery.sent" in entries
    assert row.key in entries
    assert A not in entries
    assert A not in str(Delivery.objects.values().get())


def test_only_relais_itself_records_outcomes() -> None:
    with pytest.raises(Forbidden):
        dispatch.dispatch(account().actor, RecordDeliveries(results=[]))


def test_rows_are_drained_with_fewer_statements_than_rows(room: Room) -> None:
    room.sms(*(f"+3363998{number:04d}" for number in range(1000)))
    with CaptureQueriesContext(connection) as statements:
        sending.deliver_due("sms")
    assert not Delivery.objects.exclude(outcome="sent").exists()
    capturing = sum("capturedmessage" in one["sql"] for one in statements)
    assert len(statements) - capturing < 400


@pytest.mark.django_db(transaction=True)
def test_workers_pass_over_each_others_rows(room: Room) -> None:
    room.sms(*(f"+3363998{number:04d}" for number in range(40)))
    claimed: list[int] = []

    def worker() -> None:
        for _ in range(5):
            claimed.extend(row.id for row in queue.claim("sms", 8, now()))
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(claimed) == len(set(claimed)) == 40


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_gateway_hangs_and_what_comes_meanwhile_goes_out(
    room: Room, gateway: SmsGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kernel.delivery.exchange.DEADLINE", 5.0)
    gateway.always(sms_gateway.HANG, to=A)
    room.sms(A)

    def worker() -> None:
        sending.deliver_due("sms")
        connection.close()

    thread = threading.Thread(target=worker)
    began = time.time()
    thread.start()
    eventually(lambda: gateway.requests, 5)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone() == (0,)
    room.sms(B)
    sending.deliver_due("sms")  # another task: the run that is under way takes it
    eventually(lambda: [sms for sms in gateway.sent.values() if sms.to == B], 4)
    assert time.time() - began < 4.5
    assert thread.is_alive()
    thread.join(20)
    assert not thread.is_alive()


def test_a_process_that_is_about_to_end_begins_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    [row] = room.sms(A)
    monkeypatch.setattr(sending, "_stopping", threading.Event())
    sending.stop()
    sending.deliver_due("sms")
    assert state(row) == ("", 0, "")


def test_a_process_that_is_about_to_end_does_not_wait_for_the_database(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    [row] = room.sms(A)
    away = Outage(monkeypatch, times=9)
    monkeypatch.setattr(sending, "PAUSES", (60.0,) * 4)
    monkeypatch.setattr(sending, "_stopping", threading.Event())
    threading.Timer(0.5, sending.stop).start()
    began = time.monotonic()
    sending.deliver_due("sms")
    assert time.monotonic() - began < 10
    assert away.times == 8
    assert state(row)[0] == "", "it is handed over again under the same key once the claim has expired"


def test_a_database_that_refuses_a_claim_ends_the_run_and_not_the_next(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    [row] = room.sms(A)
    with monkeypatch.context() as patched:
        patched.setattr(queue, "claim", lambda *_: 1 / 0)
        sending.deliver_due("sms")
    assert state(row) == ("", 0, "")
    sending.deliver_due("sms")
    assert state(row) == ("sent", 1, "")


def test_a_captured_message_is_kept_once_for_its_key(room: Room) -> None:
    [row] = room.sms(A)
    for _ in range(2):
        sending.deliver_due("sms")
        Delivery.objects.update(settled_at=None, outcome="")  # the outcome was lost
        due_again()
    assert CapturedMessage.objects.get().key == row.key


def test_what_nobody_hands_over_is_noticed(room: Room) -> None:
    assert queue.overdue_since(now()) is None
    [row] = room.sms(A)
    assert queue.overdue_since(now()) == row.not_before
    sending.deliver_due("sms")
    assert queue.overdue_since(now()) is None
