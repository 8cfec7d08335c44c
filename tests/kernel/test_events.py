"""Every event type is declared once, and what cannot be shown harms nothing beside it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import datetime
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
import pytest

from referral.scheduling.wire import SlotHeld, SlotReleased
from server import registry as composition
from server.codegen.declarations import declared
from server.kernel import events, streams
from server.kernel.dispatch import Transaction, dispatch
from server.kernel.events import EventType, Reading, StoredEvent, Subject, registry
from server.kernel.identifiers import uuid7
from server.kernel.models import StreamEvent
from server.kernel.streams import Draft
from server.kernel.wire import Event, MaskedEvent, stream_name
from server.kernel.wire.handshake import Sync
from team.conversations.models import Message
from team.conversations.wire import ConversationUpdated, MessageSent, MessageView
from team.messages.wire import SendMessage
from tests.factories import account, group

WIRE = declared()
NOW = datetime.fromisoformat("2026-11-26T09:00:00Z")
TIMES = (datetime, int, bool)
"""What a masked event may say: when, how many, whether."""


class Shown(MaskedEvent):
    at: int


class Happened(Event):
    type = "it.happened"
    stream = "c"
    masked = Shown

    at: int
    who: str


SENT = MessageSent(
    message=MessageView(
        id=uuid7(),
        conversation=uuid7(),
        seq=9,
        author=uuid7(),
        body="x",
        at=NOW,
        reply_to=uuid7(),
        reply_seq=4,
    )
)
"""A reply to the message with the number 4."""


# The registry


def test_every_event_of_the_wire_is_declared_and_no_other() -> None:
    assert {one.event for one in composition.EVENTS} == set(WIRE.events)
    assert len(composition.EVENTS) == len(WIRE.events)


def test_every_event_stands_in_streams_that_there_are() -> None:
    assert {one.stream for one in WIRE.events} == {one.kind for one in composition.STREAMS}


def test_every_event_of_a_stream_that_is_read_masked_has_a_masked_form() -> None:
    agendas = [one for one in WIRE.events if one.stream == "a"]
    assert agendas
    assert [one.__name__ for one in agendas if one.masked is None] == []
    assert {one.masked.__name__ for one in agendas if one.masked} == {f"{one.__name__}Masked" for one in agendas}


@pytest.mark.parametrize("masked", WIRE.masked.values(), ids=lambda masked: masked.__name__)
def test_a_masked_event_says_when_and_never_who_or_what(masked: type[MaskedEvent]) -> None:
    hints = get_type_hints(masked)
    assert [name for name in masked.__struct_fields__ if hints[name] not in TIMES] == []


def structs_in(hint: Any) -> Iterator[type[msgspec.Struct]]:
    if inspect.isclass(hint) and issubclass(hint, msgspec.Struct):
        yield hint
        for inner in get_type_hints(hint).values():
            yield from structs_in(inner)
    elif get_origin(hint) is not None:
        for inner in get_args(hint):
            yield from structs_in(inner)


@pytest.mark.parametrize("event", WIRE.events, ids=lambda event: event.__name__)
def test_an_event_is_the_same_for_everybody_and_carries_no_abilities(event: type[Event]) -> None:
    assert [struct.__name__ for struct in structs_in(event) if "abilities" in struct.__struct_fields__] == []


def test_a_masked_form_has_only_fields_of_its_event() -> None:
    class Broken(Event):
        type = "it.broke"
        stream = "c"
        masked = Shown

    with pytest.raises(TypeError, match="has fields"):
        EventType(Broken)


def test_what_is_shown_without_a_right_is_in_a_masked_form_of_no_more_than_the_events_own() -> None:
    """Nobody without a right is shown what somebody with a little of it is not."""
    with pytest.raises(TypeError, match="cannot be shown in public"):
        EventType(SlotReleased, public=SlotHeld)
    with pytest.raises(TypeError, match="cannot be shown in public"):
        EventType(ConversationUpdated, public=ConversationUpdated)
    shown = {one.event.type: one.public.type for one in composition.EVENTS if one.public is not None}
    assert shown == {
        "slot.held": "slot.held",
        "slot.released": "slot.released",
        "slot.booked": "slot.booked",
        "appointment.booked": "slot.booked",
        "appointment.cancelled": "slot.released",
    }


def test_a_subject_is_declared_with_how_it_is_rendered() -> None:
    with pytest.raises(TypeError, match="together"):
        EventType(Happened, Subject(lambda ids, level: {}))


def test_only_what_is_rendered_from_a_row_can_be_restricted() -> None:
    with pytest.raises(TypeError, match="restricted"):
        EventType(Happened, restrict=lambda event, visible_from: event)


def test_readers_who_are_shown_the_same_are_sent_one_form() -> None:
    message = SENT.message
    early, late, later, reader = uuid7(), uuid7(), uuid7(), uuid7()
    forms = registry.shown(SENT, {early: 1, reader: 4, late: 5, later: 6})
    assert [(form.message.reply_to, people) for form, people in forms if isinstance(form, MessageSent)] == [
        (message.reply_to, {early, reader}),
        (None, {late, later}),
    ]
    assert forms[0][0] is SENT
    plain = MessageSent(message=msgspec.structs.replace(message, reply_to=None, reply_seq=None))
    assert registry.shown(plain, {early: 1, late: 5}) == [(plain, {early, late})]
    assert registry.shown(ConversationUpdated(title="x", by=early), {late: 5})[0][1] == {late}


def test_a_type_is_declared_once() -> None:
    class Again(Event):
        type = MessageSent.type
        stream = "c"

    with pytest.raises(ValueError, match="twice"):
        registry.install([EventType(Again)], [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (Draft(stream_name("c", uuid7()), Happened(at=1, who="Ada"), {}), "not declared"),
        (Draft(stream_name("i", uuid7()), ConversationUpdated(title="x", by=uuid7()), {}), "belongs into"),
        (Draft(stream_name("c", uuid7()), ConversationUpdated(title="x", by=uuid7()), {}, uuid7()), "refers to a row"),
    ],
    ids=["undeclared", "another stream", "another subject"],
)
def test_what_is_not_as_declared_is_not_recorded(draft: Draft, why: str) -> None:
    with pytest.raises((LookupError, ValueError), match=why):
        Transaction(NOW).record([draft])
    assert not StreamEvent.objects.exists()


# Rendering


def stored(seq: int, name: str = Happened.type, subject: UUID | None = None, data: bytes | None = None) -> StoredEvent:
    return StoredEvent("c:1", seq, name, NOW, subject, None if data is None else msgspec.Raw(data))


@pytest.fixture
def _happened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.types, Happened.type, EventType(Happened))


@pytest.mark.usefixtures("_happened")
def test_from_one_declaration_come_the_full_and_the_masked_form() -> None:
    whole = b'{"at":7,"who":"Ada"}'
    [full] = events.render([stored(1, data=whole)], Reading("full"))
    [masked] = events.render([stored(1, data=whole)], Reading("masked"))
    assert (bytes(full.data), full.masked, full.erased) == (whole, False, False)
    assert (bytes(masked.data), masked.masked, masked.erased) == (b'{"at":7}', True, False)
    assert events.mask(Happened(at=7, who="Ada")) == Shown(at=7)


@pytest.mark.usefixtures("_happened")
@pytest.mark.parametrize("level", ["full", "masked"])
def test_what_cannot_be_shown_is_a_tombstone_between_its_neighbours(level: events.Level) -> None:
    good = b'{"at":7,"who":"Ada"}'
    shown = events.render(
        [
            stored(1, data=good),
            stored(2, data=None),
            stored(3, name="it.unknown", data=good),
            stored(4, subject=uuid7()),
            stored(5, data=good),
        ],
        Reading(level),
    )
    assert [one.seq for one in shown] == [1, 2, 3, 4, 5]
    assert [one.erased for one in shown] == [False, True, True, True, False]
    assert {bytes(one.data) for one in shown if one.erased} == {b"{}"}


@pytest.mark.usefixtures("_happened")
def test_data_of_another_shape_shows_nothing_masked() -> None:
    [shown] = events.render([stored(1, data=b'{"who":"Ada"}')], Reading("masked"))
    assert (shown.erased, bytes(shown.data)) == (True, b"{}")


def test_a_type_without_a_masked_form_shows_nothing_of_itself_masked() -> None:
    [shown] = events.render([stored(1, name=ConversationUpdated.type, data=b'{"title":"Garde"}')], Reading("masked"))
    assert (bytes(shown.data), shown.masked) == (b"{}", True)


@pytest.mark.django_db
def test_rows_of_one_kind_are_loaded_once_however_many_events_refer_to_them(django_assert_num_queries: Any) -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    for _ in range(3):
        dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body="x"))
    found = streams.since(stream_name("c", conversation), 1, 10)
    with django_assert_num_queries(2):  # the messages, and their conversation's key
        assert len(events.render(found, Reading("full"))) == 3


# ``sync``


@pytest.mark.django_db
def test_an_event_whose_message_is_gone_is_a_tombstone_and_sync_goes_on() -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    sent = [
        dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body=body)).message for body in "abc"
    ]
    Message.objects.filter(pk=sent[1].id).delete()
    synced = dispatch(grace.actor, Sync(stream=stream_name("c", conversation), after=1))
    assert [(one.seq, one.erased) for one in synced.events] == [(2, False), (3, True), (4, False)]
    assert [msgspec.json.decode(one.data).get("message", {}).get("body") for one in synced.events] == ["a", None, "c"]


@pytest.mark.django_db
def test_an_event_whose_subject_is_no_message_is_a_tombstone_and_sync_goes_on() -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    name = stream_name("c", conversation)
    dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, body="x"))
    StreamEvent.objects.filter(stream=name, seq=1).update(subject=uuid7())
    synced = dispatch(grace.actor, Sync(stream=name, after=0))
    assert [(one.seq, one.erased) for one in synced.events] == [(1, True), (2, False)]
