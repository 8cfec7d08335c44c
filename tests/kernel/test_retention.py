"""Records of the machine are kept for their time, and no longer; who was away for longer finds no gap."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from identity.sessions.models import Session
from identity.sessions.tasks import forget_ended_sessions
from server.celery import SWEEPS
from server.kernel import clock, retention
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import CapturedMessage, Delivery, StreamEvent, WorkItem
from server.kernel.tasks import delete_expired
from server.kernel.wire import stream_name
from server.kernel.wire.handshake import Sync
from team.messages.wire import SendMessage
from tests.factories import account, group

pytestmark = pytest.mark.django_db


def ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


def test_each_record_goes_after_its_time_and_what_is_still_due_stays(settings: Settings) -> None:
    old, young = ago(401), ago(399)
    for at, name in ((old, "old"), (young, "young"), (None, "due")):
        Delivery.objects.create(
            key=name,
            channel="sms",
            kind="x",
            subject=uuid4(),
            not_before=old,
            settled_at=at,
            outcome="sent" if at else "",
        )
        WorkItem.objects.create(kind=name, subject=uuid4(), organisation=uuid4(), since=old, due_at=old, settled_at=at)
    for at, name in ((ago(31), "old"), (ago(29), "young")):
        CapturedMessage.objects.create(channel="sms", to="+33600000000", text=name, at=at)
    delete_expired()
    assert set(Delivery.objects.values_list("key", flat=True)) == {"young", "due"}
    assert set(WorkItem.objects.values_list("kind", flat=True)) == {"young", "due"}
    assert [one.text for one in CapturedMessage.objects.all()] == ["young"]
    settings.RELAIS_KEEP_DAYS = {**settings.RELAIS_KEEP_DAYS, "deliveries": 30}
    delete_expired()
    assert set(Delivery.objects.values_list("key", flat=True)) == {"due"}


def test_a_session_is_forgotten_long_after_it_has_ended_and_an_open_one_never() -> None:
    ended, open_one = account(), account()
    Session.objects.update(created_at=ago(500))
    Session.objects.filter(pk=ended.session).update(ended_at=ago(401))
    forget_ended_sessions()
    assert set(Session.objects.values_list("pk", flat=True)) == {open_one.session}


def test_whoever_was_away_for_longer_than_events_are_kept_catches_up_without_a_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    ada, grace = account(), account()
    conversation = group(ada, grace)
    for number in range(6):
        dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body=str(number)))
    stream = stream_name("c", conversation)
    assert StreamEvent.objects.filter(stream=stream).count() == 7
    StreamEvent.objects.filter(stream=stream, seq__lte=5).update(at=ago(401))
    delete_expired()
    assert list(StreamEvent.objects.filter(stream=stream).order_by("seq").values_list("seq", flat=True)) == [6, 7]
    seen = []
    after, more = 0, True
    while more:
        page = dispatch(grace.actor, Sync(stream=stream, after=after, limit=3))
        seen += page.events
        after, more = page.events[-1].seq, page.more
    assert [event.seq for event in seen] == [1, 2, 3, 4, 5, 6, 7]
    assert [event.erased for event in seen] == [True] * 5 + [False] * 2


def test_the_last_event_of_a_stream_stays_whatever_its_age() -> None:
    ada, grace = account(), account()
    stream = stream_name("c", group(ada, grace))
    StreamEvent.objects.filter(stream=stream).update(at=ago(1000))
    delete_expired()
    page = dispatch(grace.actor, Sync(stream=stream, after=0))
    assert [event.seq for event in page.events] == [page.head]


def test_the_jobs_run_every_hour_and_look_at_no_table_from_end_to_end() -> None:
    assert SWEEPS["kernel.delete_expired"] == SWEEPS["identity.forget_ended_sessions"] == 3600
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT ctid FROM kernel_streamevent WHERE at < now() - interval '400 days'")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "event_age" in plan
