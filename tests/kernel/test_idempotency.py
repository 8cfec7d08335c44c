"""Ids that clients choose, and the request that stands under each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid1, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral.scheduling.wire_agendas import CreateAgenda, ReasonForm
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.idempotency import KnownRequests, request_digest, require_same, wrong_id
from server.kernel.identifiers import made_at, uuid7
from server.kernel.wire.definitions import NEW_ID
from server.kernel.wire.errors import IdTaken, Invalid
from server.registry import ACTIONS
from team.conversations.wire import GetConversation, OpenConversation
from team.messages.wire import SendMessage
from tests.factories import account, group

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def sending(wanted: UUID) -> SendMessage:
    return SendMessage(id=wanted, conversation=uuid4(), body="x")


def test_an_id_bears_the_time_at_which_it_was_made_and_sorts_by_it() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    ids = [uuid7(NOW + timedelta(milliseconds=number)) for number in range(50)]
    assert ids == sorted(ids)
    assert made_at(uuid7(NOW)) == NOW.timestamp()
    made = made_at(uuid7())
    assert made is not None
    assert before <= datetime.fromtimestamp(made, UTC) <= datetime.now(UTC)


@given(
    st.integers(0, 250_000_000_000_000).map(lambda milliseconds: BEGINNING + timedelta(milliseconds=milliseconds)),
    st.binary(min_size=10, max_size=10),
)
def test_an_id_is_of_version_7_whatever_the_time_and_chance(at: datetime, chance: bytes) -> None:
    made = uuid7(at, chance)
    assert (made.version, made) == (7, uuid7(at, chance))
    found = made_at(made)
    assert found is not None
    assert abs(found - at.timestamp()) < 0.002


@pytest.mark.parametrize("wanted", [uuid4(), uuid1(), uuid5(uuid4(), "x"), UUID(int=0)], ids=["v4", "v1", "v5", "nil"])
def test_only_version_7_is_an_id(wanted: UUID) -> None:
    refused = wrong_id(sending(wanted), NOW)
    assert refused is not None
    assert (refused.code, refused.as_data()) == (-32602, {"reason": "invalid", "path": "$.params.id"})


@pytest.mark.parametrize(
    ("at", "right"),
    [
        (NOW, True),
        (NOW + timedelta(hours=23), True),
        (NOW + timedelta(hours=25), False),
        (NOW - timedelta(days=365), True),
        (datetime(2019, 12, 31, tzinfo=UTC), False),
        (datetime(1970, 1, 1, tzinfo=UTC), False),
    ],
)
def test_the_time_in_an_id_is_plausible(at: datetime, right: bool) -> None:
    assert (wrong_id(sending(uuid7(at)), NOW) is None) is right


def test_the_latest_time_that_fits_is_refused_and_not_stumbled_over() -> None:
    assert wrong_id(sending(UUID("ffffffff-ffff-7000-8000-000000000000")), NOW) is not None


def test_ids_within_lists_are_checked_and_named() -> None:
    good, bad = (ReasonForm(id=wanted, name="Suivi", minutes=20) for wanted in (uuid7(), uuid4()))
    command = CreateAgenda(id=uuid7(), site=uuid4(), name="x", reasons=[good, bad], openings=[])
    refused = wrong_id(command, datetime.now(UTC))
    assert refused is not None
    assert refused.data["path"] == "$.params.reasons[1].id"


def test_what_is_only_named_may_have_any_id() -> None:
    assert wrong_id(GetConversation(conversation=uuid4()), NOW) is None


def test_every_command_of_the_wire_that_has_an_id_of_its_own_chooses_it() -> None:
    creating = [action.command for action in ACTIONS if "id" in action.command.__struct_fields__]
    assert creating
    assert [one.__name__ for one in creating if NEW_ID not in _metadata(one)] == []


def _metadata(command: type) -> tuple[object, ...]:
    from typing import get_type_hints

    return getattr(get_type_hints(command, include_extras=True)["id"], "__metadata__", ())


@pytest.mark.django_db
def test_a_wrong_id_is_refused_before_anything_is_done_and_alone() -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    calls = [
        Call(ada.actor, SendMessage(id=wanted, conversation=conversation, body="x"))
        for wanted in (uuid7(), uuid4(), uuid7())
    ]
    outcomes, news = dispatch_batch(calls)
    assert [type(one.refused) for one in outcomes] == [type(None), Invalid, type(None)]
    assert len(news.events) == 2


@pytest.mark.django_db
def test_a_digest_is_of_the_person_the_method_and_all_that_is_asked_for() -> None:
    ada, grace = account().actor, account().actor
    command = sending(uuid7())
    digest = request_digest(ada, command)
    assert digest == request_digest(ada, SendMessage(id=command.id, conversation=command.conversation, body="x"))
    others = (
        (grace, command),
        (ada, SendMessage(id=command.id, conversation=command.conversation, body="y")),
        (ada, SendMessage(id=command.id, conversation=command.conversation, body="x", reply_to=uuid4())),
    )
    assert all(request_digest(actor, other) != digest for actor, other in others)
    require_same(memoryview(digest), digest)
    with pytest.raises(IdTaken):
        require_same(request_digest(*others[0]), digest)


def test_a_request_repeats_itself_and_no_other() -> None:
    stored, added, unknown = uuid7(), uuid7(), uuid7()
    known = KnownRequests({stored: memoryview(b"one")})
    known.add(added, b"two")
    assert (known.repeats(stored, b"one"), known.repeats(added, b"two"), known.repeats(unknown, b"one")) == (
        True,
        True,
        False,
    )
    for wanted in (stored, added):
        with pytest.raises(IdTaken):
            known.repeats(wanted, b"other")


@pytest.mark.django_db
def test_a_group_asked_for_again_is_the_same_one_and_another_under_its_id_is_refused() -> None:
    ada, grace, alan = account(), account(), account()
    command = OpenConversation(id=uuid7(), kind="group", members=[grace.id], title="Garde")
    assert dispatch(ada.actor, command) == dispatch(ada.actor, command)
    for caller, other in (
        (ada, OpenConversation(id=command.id, kind="group", members=[grace.id, alan.id], title="Garde")),
        (ada, OpenConversation(id=command.id, kind="group", members=[grace.id], title="Autre")),
        (grace, OpenConversation(id=command.id, kind="group", members=[ada.id], title="Garde")),
        (ada, OpenConversation(id=command.id, kind="direct", members=[grace.id])),
    ):
        with pytest.raises(IdTaken):
            dispatch(caller.actor, other)
