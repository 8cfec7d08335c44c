"""Every type of event, declared once, and every kind of stream.

A room declares its event types beside each other (``EVENTS``), the composition installs them. From one declaration
come what a socket is sent live, what ``sync`` answers and what is delivered again after a missed notification.

An event is shown from its own sealed data, or, when its type names a ``Subject``, from the row that it refers to, as
that row is now: what is erased is then erased everywhere. Whatever cannot be shown (the row is gone, the key was
destroyed, the bytes are damaged, the type is not known here) becomes a tombstone, and harms no other event.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

import msgspec

from server.kernel.authentication import Actor
from server.kernel.wire import Event, MaskedEvent
from server.kernel.wire.errors import Refusal
from server.kernel.wire.handshake import StreamEventView

log = logging.getLogger("kernel.events")

Row = TypeVar("Row")
Level = Literal["full", "masked"]
"""How much of a stream somebody may read."""

Readers: TypeAlias = Mapping[UUID, int]
"""People who may read a stream in full, each with the first number that they may see."""


class Audience(msgspec.Struct, frozen=True):
    """Who is sent what happens in a stream, as things stand in one transaction.

    ``full`` are sent every event. Everybody else is sent something only on a socket that watches the stream: the
    masked form those in ``masked``, and the public form all others, if the stream is ``public`` now.
    """

    full: Readers
    masked: frozenset[UUID] = frozenset()
    public: bool = False


class Reading(NamedTuple):
    """How somebody may read a stream: how much of it, and from which number on."""

    level: Level
    visible_from: int = 1


NOTHING = msgspec.Raw(b"{}")
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, eq=False)
class Subject(Generic[Row]):
    """The rows that events refer to.

    ``load`` returns those of these rows that are there, in a number of statements that does not grow. For
    ``masked`` it need not open what is sealed: nothing of it is shown.
    """

    load: Callable[[Collection[UUID], Level], Mapping[UUID, Row]]


@dataclass(frozen=True, slots=True)
class EventType(Generic[Row]):
    """One type of event. With a ``subject``, ``render`` makes the event from the row; else its own data is kept.

    ``restrict`` is declared when the event may refer to something earlier in its stream: it returns the event as it is
    shown to people who may see the stream only from a number on, the same object when that makes no difference. Where
    it makes none, it makes none from any earlier number either.

    ``public`` is declared when those may know of it too who watch the stream without any right to it: they are sent it
    as an event of this type, in its masked form. Without it they are sent nothing.
    """

    event: type[Event]
    subject: Subject[Row] | None = None
    render: Callable[[Row], Event] | None = None
    restrict: Callable[[Any, int], Event] | None = None
    public: type[Event] | None = None

    def __post_init__(self) -> None:
        if (self.subject is None) != (self.render is None):
            raise TypeError(f"{self.event.__name__}: a subject and how it is rendered are declared together")
        if self.restrict is not None and self.render is None:
            raise TypeError(f"{self.event.__name__}: only what is rendered from a row can be restricted")
        masked = self.event.masked
        if masked is not None and not set(masked.__struct_fields__) <= set(self.event.__struct_fields__):
            raise TypeError(f"{masked.__name__} has fields that {self.event.__name__} has not")
        if self.public is not None:
            form = self.public.masked
            if masked is None or form is None or not set(form.__struct_fields__) <= set(masked.__struct_fields__):
                raise TypeError(f"{self.event.__name__} cannot be shown in public as {self.public.__name__}")


class Disclosure(NamedTuple):
    """Whom a reading has shown, and what it is called in the audit."""

    act: str
    about: Collection[UUID]


@dataclass(frozen=True, slots=True)
class StreamKind:
    """What one kind of stream needs: who may read it, and who is sent what happens in it."""

    kind: str
    readings: Callable[[Sequence[tuple[Actor, UUID]]], Sequence[Reading | Refusal]]
    """How each caller may read this owner's stream now; the refusal when not at all."""
    audience: Callable[[Collection[UUID]], Mapping[UUID, Audience]]
    """For each owner, who is sent what happens in the stream, as things stand in this transaction."""
    discloses: Callable[[Sequence[StoredEvent]], Disclosure] | None = None
    """What the audit is told when these events are read in full; None where they show nobody."""


@dataclass(slots=True)
class Registry:
    """The event types and stream kinds of this server, set by the composition."""

    types: dict[str, EventType[Any]] = field(default_factory=dict)
    kinds: dict[str, StreamKind] = field(default_factory=dict)

    def install(self, types: Iterable[EventType[Any]], kinds: Iterable[StreamKind]) -> None:
        """Takes the declarations; ``ValueError`` when one type or kind is declared twice."""
        for name, declared in [(one.event.type, one) for one in types]:
            if name in self.types and self.types[name] != declared:
                raise ValueError(f"{name} is declared twice")
            self.types[name] = declared
        self.kinds |= {one.kind: one for one in kinds}

    def has_mask(self, name: str) -> bool:
        """Whether events of this type are also sent to those who may read their stream only masked."""
        declared = self.types.get(name)
        return declared is not None and declared.event.masked is not None

    def shown(self, event: Event, readers: Readers) -> Sequence[tuple[Event, Collection[UUID]]]:
        """An event in each of the forms in which its readers are shown it, and who they are."""
        restrict = self.types[event.type].restrict
        if restrict is None or not readers or restrict(event, max(readers.values())) is event:
            return [(event, frozenset(readers))]
        forms: list[tuple[Event, set[UUID]]] = [(event, set())]
        for visible_from in set(readers.values()):
            people = {person for person, first in readers.items() if first == visible_from}
            form = restrict(event, visible_from)
            known = next((group for other, group in forms if other is form or other == form), None)
            if known is None:
                forms.append((form, people))
            else:
                known |= people
        return forms

    def require(self, event: type[Event], kind: str, *, has_subject: bool) -> None:
        """Raises unless an event may be recorded like this: a defect is found before it is stored."""
        declared = self.types.get(event.type)
        if declared is None or declared.event is not event:
            raise LookupError(f"{event.__name__} is not declared: add it to the EVENTS of its room")
        if event.stream != kind:
            raise ValueError(f"{event.type} belongs into streams {event.stream}:, not {kind}:")
        if (declared.subject is not None) != has_subject:
            raise ValueError(f"{event.type} refers to a row exactly when its declaration names a subject")


registry = Registry()


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is kept. ``data`` is opened; None when it does not open, or when the event refers to a row."""

    stream: str
    seq: int
    type: str
    at: datetime
    subject: UUID | None
    data: msgspec.Raw | None


EXPIRED = "expired"
"""The type of an event that is kept no longer. It is shown as erased: clients pass over it, as over any type that
they do not know."""


def mask(event: Event) -> MaskedEvent | None:
    """The masked form of an event: those of its fields that the masked struct has."""
    masked = event.masked
    return masked(**{name: getattr(event, name) for name in masked.__struct_fields__}) if masked else None


def public_form(masked: StreamEventView) -> StreamEventView | None:
    """What of a masked event those are sent who watch its stream without any right to it; None when nothing."""
    declared = registry.types.get(masked.type)
    if declared is None or declared.public is None or declared.public.masked is None or masked.erased:
        return None
    if declared.public is declared.event:
        return masked
    # Only the fields of this form are looked at; what else the masked form holds is left behind.
    form = msgspec.json.decode(masked.data, type=declared.public.masked)
    return msgspec.structs.replace(masked, type=declared.public.type, data=encode(form))


def encode(event: Event | MaskedEvent) -> msgspec.Raw:
    """The ``data`` of an event as it stands on the wire."""
    return msgspec.Raw(_encode(event))


Rows: TypeAlias = Mapping[Subject[Any], Mapping[UUID, Any]]


def render(stored: Sequence[StoredEvent], reading: Reading, rows: Rows | None = None) -> list[StreamEventView]:
    """The events as somebody with this reading is shown them now, one for each, in the same order.

    The statements are those of the subjects' ``load``, once for each subject; none when the ``rows`` are given.
    """
    if rows is None:
        rows = load(stored, reading.level)
    return [_view(event, _data(event, rows, reading), reading.level) for event in stored]


def load(stored: Iterable[StoredEvent], level: Level) -> dict[Subject[Any], Mapping[UUID, Any]]:
    """The rows that these events refer to, once for each subject."""
    wanted: dict[Subject[Any], set[UUID]] = {}
    for event in stored:
        declared = registry.types.get(event.type)
        if declared is not None and declared.subject is not None and event.subject is not None:
            wanted.setdefault(declared.subject, set()).add(event.subject)
    return {subject: subject.load(ids, level) for subject, ids in wanted.items()}


def _data(event: StoredEvent, rows: Rows, reading: Reading) -> msgspec.Raw | None:
    """What is shown of one event; None when nothing can be."""
    level = reading.level
    declared = registry.types.get(event.type)
    if event.type == EXPIRED:
        return None
    if declared is None:
        log.error("event of an unknown type", extra={"fields": {"stream": event.stream, "type": event.type}})
        return None
    if declared.subject is None or declared.render is None:
        return event.data if level == "full" or event.data is None else _masked_raw(declared, event.data)
    row = rows[declared.subject].get(event.subject) if event.subject is not None else None
    if row is None:
        return None
    shown = declared.render(row)
    if declared.restrict is not None:
        shown = declared.restrict(shown, reading.visible_from)
    if level == "full":
        return encode(shown)
    masked = mask(shown)
    return NOTHING if masked is None else encode(masked)


def _masked_raw(declared: EventType[Any], data: msgspec.Raw) -> msgspec.Raw | None:
    if declared.event.masked is None:
        return NOTHING
    try:
        # Only the fields of the masked form are looked at; what else the data holds is left behind.
        return encode(msgspec.json.decode(data, type=declared.event.masked))
    except msgspec.MsgspecError:
        log.error("event does not decode", extra={"fields": {"type": declared.event.type}})
        return None


def _view(event: StoredEvent, data: msgspec.Raw | None, level: Level) -> StreamEventView:
    return StreamEventView(
        stream=event.stream,
        seq=event.seq,
        at=event.at,
        type=event.type,
        data=NOTHING if data is None else data,
        masked=level == "masked" and data is not None,
        erased=data is None,
    )
