"""What waits for somebody: written once, found by whose it is, taken by one, settled or lapsed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server import registry
from server.kernel.authentication import SYSTEM, Actor, Person
from server.kernel.dispatch import dispatch
from server.kernel.models import WorkItem
from server.kernel.tasks import lapse_work
from server.kernel.wire.errors import Forbidden, InvalidState
from server.kernel.work import actions, kinds
from server.kernel.work.internal_commands import LapseWork
from server.kernel.work.kinds import Description, Kind
from server.kernel.work.queries import After, Page, Scope, waiting
from tests.factories import account

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
ME, OURS = uuid4(), uuid4()
ACTOR = Person(ME)
HIDDEN = uuid4()


def describe(actor: Actor, items: Sequence[WorkItem]) -> Mapping[UUID, Description]:
    return {
        item.subject: Description(f"title of {item.kind}", {"subject": item.subject}, ["settle"])
        for item in items
        if item.subject != HIDDEN
    }


@pytest.fixture(autouse=True)
def _two_kinds() -> Iterator[None]:
    kinds.install([Kind("call", describe), Kind("sign", describe)])
    yield
    kinds.install(registry.WORK)


def item(due: int = 0, **fields: object) -> WorkItem:
    """One that waits for anybody of our organisation, due so many minutes after nine."""
    given = {"kind": "call", "subject": uuid4(), "organisation": OURS, "since": NOW, **fields}
    return WorkItem(due_at=NOW + timedelta(minutes=due), **given)


def waits(scope: Scope, limit: int = 50, after: After | None = None, now: datetime = NOW) -> Page:
    return waiting(ACTOR, scope, kinds.names(), limit, now, after)


def subjects(page: Page) -> list[UUID]:
    return [one.item.subject for one in page.items]


def test_what_waits_is_described_by_its_room_the_most_urgent_first() -> None:
    later, first = item(30), item(10, kind="sign")
    actions.open_items([later, first])
    page = waits(Scope(organisations=[OURS]))
    assert [(one.item.subject, one.description.title) for one in page.items] == [
        (first.subject, "title of sign"),
        (later.subject, "title of call"),
    ]
    assert page.items[0].description.abilities == ["settle"]


def test_a_scope_is_ones_own_work_and_what_is_nobodys_in_ones_organisations() -> None:
    mine, ours = item(owner=ME, organisation=uuid4()), item()
    actions.open_items([mine, ours, item(owner=uuid4()), item(organisation=uuid4())])
    assert subjects(waits(Scope(person=ME))) == [mine.subject]
    assert subjects(waits(Scope(organisations=[OURS]))) == [ours.subject]
    assert set(subjects(waits(Scope(ME, [OURS])))) == {mine.subject, ours.subject}
    assert subjects(waits(Scope())) == []


def test_only_the_kinds_asked_for_are_found() -> None:
    actions.open_items([item(kind="sign"), call := item()])
    assert subjects(waiting(ACTOR, Scope(organisations=[OURS]), ["call"], 50, NOW)) == [call.subject]


def test_what_the_asker_may_not_see_is_left_out() -> None:
    actions.open_items([item(subject=HIDDEN), seen := item(1)])
    assert subjects(waits(Scope(organisations=[OURS]))) == [seen.subject]


def test_pages_follow_each_other_without_a_gap_although_items_are_due_at_the_same_moment() -> None:
    actions.open_items([item(number // 4) for number in range(10)])
    found: list[UUID] = []
    after: After | None = None
    while True:
        page = waits(Scope(organisations=[OURS]), 3, after)
        found += subjects(page)
        after = page.after
        if after is None:
            break
    assert found == list(WorkItem.objects.order_by("due_at", "id").values_list("subject", flat=True))
    assert len(found) == 10


def test_a_worklist_is_one_query() -> None:
    actions.open_items([item(number, kind=kind) for number in range(20) for kind in ("call", "sign")])
    with CaptureQueriesContext(connection) as statements:
        assert len(waits(Scope(ME, [OURS])).items) == 40
    assert len(statements) == 1


def test_the_same_thing_waits_once_and_again_after_it_was_settled() -> None:
    subject = uuid4()
    for _ in range(2):
        actions.open_items([item(subject=subject)])
    assert WorkItem.objects.count() == 1
    assert actions.settle(["call"], [subject], NOW) == 1
    actions.open_items([item(subject=subject)])
    assert WorkItem.objects.filter(settled_at=None).count() == 1


def test_settling_takes_the_named_kinds_of_the_named_subjects_alone() -> None:
    one, other = uuid4(), uuid4()
    actions.open_items([item(subject=one), item(subject=one, kind="sign"), item(subject=other)])
    assert actions.settle(["call"], [one], NOW) == 1
    assert actions.settle(["call"], [one], NOW) == 0
    left = {(row.kind, row.subject) for row in WorkItem.objects.filter(settled_at=None)}
    assert left == {("sign", one), ("call", other)}


def test_one_person_takes_an_item() -> None:
    actions.open_items([item()])
    wanted = WorkItem.objects.get().id
    for _ in range(2):
        actions.take(wanted, ME)
    with pytest.raises(InvalidState):
        actions.take(wanted, uuid4())
    assert WorkItem.objects.get().owner == ME


def test_an_item_is_given_to_another_and_back_to_everybody() -> None:
    actions.open_items([item(owner=ME)])
    wanted, other = WorkItem.objects.get().id, uuid4()
    for person in (other, None):
        actions.assign(wanted, person)
        assert WorkItem.objects.get().owner == person


def test_what_is_settled_is_neither_taken_nor_assigned() -> None:
    actions.open_items([one := item()])
    wanted = WorkItem.objects.get().id
    actions.settle(["call"], [one.subject], NOW)
    with pytest.raises(InvalidState):
        actions.take(wanted, ME)
    with pytest.raises(InvalidState):
        actions.assign(wanted, ME)


def test_what_lapses_is_not_shown_and_settled_by_the_sweep() -> None:
    actual = datetime.now(UTC)
    actions.open_items(
        [item(lapses_at=actual - timedelta(seconds=1)), lasting := item(lapses_at=actual + timedelta(1))]
    )
    assert subjects(waits(Scope(organisations=[OURS]), now=actual)) == [lasting.subject]
    lapse_work()
    assert [row.outcome for row in WorkItem.objects.order_by("id")] == ["lapsed", ""]


def test_only_relais_itself_lets_work_lapse() -> None:
    with pytest.raises(Forbidden):
        dispatch(account().actor, LapseWork())
    dispatch(SYSTEM, LapseWork())


def test_a_kind_that_no_room_declared_is_a_defect() -> None:
    with pytest.raises(KeyError):
        actions.open_items([item(kind="unheard of")])
