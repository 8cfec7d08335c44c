"""The one door: every change, from whatever side, is carried out here.

``carry_out`` takes calls, opens one transaction, checks that each caller still stands, runs the action, writes the
audit link and the announcement, commits, and returns an outcome for each call. A call alone is a batch of one;
hot commands (a message, a read pointer) that wait at the same time share a transaction, which is what makes them
fast: the price of a commit is paid once. A refusal of one call does not touch the others.

Nothing is told before the commit, and no answer leaves before it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid4

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from server.kernel import announcements, audit, metrics, streams
from server.kernel.announcements import SocketClosure
from server.kernel.authentication import Actor
from server.kernel.refusals import refusals
from server.kernel.streams import Draft, EncodedEvent
from server.kernel.wire import Command, Signal, frame
from server.kernel.wire.errors import INTERNAL_ERROR, Refusal, Unavailable

log = logging.getLogger("kernel.dispatch")

Level = Literal["full", "masked"]


class Call(NamedTuple):
    """One command by one actor."""

    actor: Actor
    command: Any


class InternalError(Refusal):
    """A defect of ours (-32603): the client learns an incident id and nothing else; the log has the rest."""

    code = INTERNAL_ERROR
    reason = "internal"

    def __init__(self, incident: UUID) -> None:
        super().__init__("Something went wrong on our side.", incident=str(incident))

    def as_data(self) -> dict[str, object]:
        return dict(self.data)


@dataclass(slots=True)
class OutboundSignal:
    """A signal for some persons, encoded once."""

    text: str
    audience: frozenset[UUID]
    stream: str


@dataclass(slots=True)
class Outbound:
    """What a committed transaction has to tell, for the hub."""

    events: list[EncodedEvent] = field(default_factory=list)
    signals: list[OutboundSignal] = field(default_factory=list)
    endings: list[SocketClosure] = field(default_factory=list)
    announcements: list[UUID] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.events or self.signals or self.endings)


@dataclass(slots=True)
class Outcome:
    """What became of one call: the result, or the refusal; ``watch`` is what its socket follows from now on."""

    result: Any = None
    refused: Refusal | None = None
    watch: dict[str, Level | None] = field(default_factory=dict)


class Transaction:
    """What an action may do beside its own rows. It is open for the length of one batch."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.news = Outbound()
        self.entries: list[audit.Entry] = []
        self.watching: dict[str, Level | None] = {}
        self._locked: Callable[[], dict[str, int]] = dict
        self._recorded = False

    def lock_streams(self, names: Iterable[str]) -> None:
        """Locks streams ahead of ``record``, for a decision that must not change until the event has its number.
        Once in a transaction, after all domain rows are locked, and with every stream that will be recorded."""
        self._locked = streams.lock(names)

    def record(self, drafts: Sequence[Draft]) -> list[int]:
        """Stores events and returns their numbers, in the order given. Once in a transaction, after all domain
        rows are locked: a second call could take locks in an order that waits for ever."""
        if self._recorded:
            raise RuntimeError("streams are recorded once in a transaction: gather the drafts first")
        self._recorded = True
        if not drafts:
            return []
        told = streams.record(drafts, self.now, self._locked())
        self.news.events = told
        return [one.seq for one in told]

    def audit(
        self, actor: Actor, act: str, subject: UUID | str = "", about: Iterable[object] = (), **details: str
    ) -> None:
        """Adds an entry: who did what to which thing, and whom it is about. Ids and codes only: no text, no name."""
        self.entries.append(audit.entry(actor, act, subject, about, **details))

    def signal(self, stream: str, signal: Signal, audience: Iterable[UUID]) -> None:
        """Tells something momentary after the commit; it may be dropped."""
        self.news.signals.append(OutboundSignal(frame.signal(stream, signal), frozenset(audience), stream))

    def end_sessions(self, sessions: Iterable[UUID]) -> None:
        """Closes the sockets of these sessions with 4401, in every process, as soon as this is committed."""
        self.news.endings.append(SocketClosure(4401, sessions=list(sessions)))

    def close_person(self, person: UUID, code: int = 4403) -> None:
        """Closes every socket of a person, in every process, as soon as this is committed."""
        self.news.endings.append(SocketClosure(code, persons=[person]))

    def watch(self, stream: str, level: Level | None) -> None:
        """The caller's socket follows a stream at a level from now on (None: no longer)."""
        self.watching[stream] = level


Handler = Callable[[Actor, Any, Transaction], Any]
BatchHandler = Callable[[Sequence[Call], Transaction], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Action:
    """How a command is carried out: ``alone``, or ``together`` with others that wait.

    ``subject`` names the field that holds the subject of the audit entry; with "" there is none but the caller; None
    leaves the command out of the audit: it shows nothing of a patient and changes nothing. ``about`` names the fields
    that hold whom else it concerns (who was given a right), and ``details`` those whose codes the entry repeats.
    """

    command: type[Command]
    handler: Handler | None = None
    subject: str | None = None
    batch_handler: BatchHandler | None = None
    about: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


Guard = Callable[[Sequence[Actor]], Mapping[UUID, Refusal]]


class Dispatcher:
    """The commands of this server, and who may come in at all. Set once, by the registry."""

    def __init__(self) -> None:
        self.actions: dict[type[Command], Action] = {}
        self.guard: Guard = lambda actors: {}
        self.publish: Callable[[Outbound], None] = lambda news: None

    def install(self, actions: Iterable[Action], guard: Guard, publish: Callable[[Outbound], None]) -> None:
        """Takes the commands; ``tell`` spreads what ``execute`` has to tell, until a hub of this process does."""
        self.actions = {action.command: action for action in actions}
        self.guard = guard
        self.publish = publish


dispatcher = Dispatcher()


def is_batchable(command: Command) -> bool:
    """Whether the command may share a transaction with others that wait."""
    return dispatcher.actions[type(command)].batch_handler is not None


def now() -> datetime:
    """The clock of the door."""
    return datetime.now(UTC)


def dispatch(actor: Actor, command: Command) -> Any:
    """Carries out one command and returns its result; raises the refusal. For everything that is not a socket:
    tasks, the command line, HTTP, tests. What it has to tell is told before it returns, if Redis can be reached."""
    outcomes, news = dispatch_batch([Call(actor, command)])
    dispatcher.publish(news)
    if outcomes[0].refused is not None:
        raise outcomes[0].refused
    return outcomes[0].result


def dispatch_batch(calls: Sequence[Call]) -> tuple[list[Outcome], Outbound]:
    """Carries out calls in one transaction and returns one outcome each, in order. Never raises.

    The calls of a batch are all of one hot command. When the whole transaction fails, each call is carried out
    alone, so that one that cannot be carried out does not take the others with it.
    """
    started = time.perf_counter()
    outcomes, news = _attempt(calls)
    metrics.transactions.observe(time.perf_counter() - started)
    metrics.batches.observe(len(calls))
    for call, outcome in zip(calls, outcomes, strict=True):
        metrics.command(type(call.command).method, outcome.refused.reason if outcome.refused else "done").inc()
        if outcome.refused is not None:
            refusals.note(call.actor, type(call.command).method, outcome.refused.reason, _subject(call.command))
    return outcomes, news


_RETRIED = {"40001", "40P01"}
"""Serialization failure, deadlock: PostgreSQL chose this transaction to give way."""
_ATTEMPTS = 4


def _attempt(calls: Sequence[Call]) -> tuple[list[Outcome], Outbound]:
    for attempt in range(_ATTEMPTS):
        try:
            return _in_transaction(calls)
        except (OperationalError, InterfaceError) as error:
            lost = connection.connection is None or connection.connection.closed
            # Whether the commit arrived is not known. Every command may be repeated: ids are the client's.
            audit.chain.start_new_chain()
            connection.close()
            if not lost and _sqlstate(error) not in _RETRIED:
                log.warning("database refused", extra={"fields": {"sqlstate": _sqlstate(error)}})
                if len(calls) > 1:
                    return _one_by_one(calls)
            if attempt + 1 < _ATTEMPTS:
                time.sleep(0.02 * 4**attempt)
        except Exception as error:
            audit.chain.rolled_back()
            if len(calls) > 1:
                return _one_by_one(calls)
            if isinstance(error, Refusal):
                return [Outcome(refused=error)], Outbound()
            if isinstance(error, IntegrityError) and not attempt:
                continue  # Two requests under one id at once: carried out again, it finds what the other has made.
            return [Outcome(refused=_incident(calls[0], error))], Outbound()
    return [Outcome(refused=Unavailable()) for _ in calls], Outbound()


def _one_by_one(calls: Sequence[Call]) -> tuple[list[Outcome], Outbound]:
    outcomes: list[Outcome] = []
    news = Outbound()
    for call in calls:
        alone, told = _attempt([call])
        outcomes += alone
        news.events += told.events
        news.signals += told.signals
        news.endings += told.endings
        news.announcements += told.announcements
    return outcomes, news


def _incident(call: Call, error: Exception) -> InternalError:
    incident = uuid4()
    log.error(
        "defect", exc_info=error, extra={"fields": {"incident": str(incident), "method": type(call.command).method}}
    )
    return InternalError(incident)


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _in_transaction(calls: Sequence[Call]) -> tuple[list[Outcome], Outbound]:
    tx = Transaction(now())
    together = dispatcher.actions[type(calls[0].command)].batch_handler is not None
    with transaction.atomic(), _pipeline() if together else nullcontext():
        turned_away = dispatcher.guard([call.actor for call in calls])
        outcomes = [
            Outcome(refused=turned_away.get(call.actor.session) if call.actor.session else None) for call in calls
        ]
        places = [place for place, outcome in enumerate(outcomes) if outcome.refused is None]
        if places:
            _run(dispatcher.actions[type(calls[0].command)], calls, places, outcomes, tx)
        for place, call in enumerate(calls):
            _audit_call(call, outcomes[place], tx)
        if tx.entries:
            audit.chain.append(tx.entries, tx.now)
        tx.news.announcements = announcements.announce(tx.news.events, tx.news.endings, tx.now)
    audit.chain.committed()
    return outcomes, tx.news


@contextmanager
def _pipeline() -> Iterator[None]:
    """Statements whose result nobody waits for go out together, the commit with the last of them. Their errors may come
    as late as that: an action that runs ``together`` catches none, and the batch is carried out again, call by call."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
        if not connection.savepoint_ids:  # Ours is the whole transaction: Django finds nothing left to commit.
            connection.connection.commit()


def _run(action: Action, calls: Sequence[Call], places: list[int], outcomes: list[Outcome], tx: Transaction) -> None:
    if action.handler is not None:
        [place] = places
        call = calls[place]
        outcomes[place].result = action.handler(call.actor, call.command, tx)
        outcomes[place].watch = tx.watching
        return
    if action.batch_handler is None:
        raise RuntimeError(f"{action.command.method} has no action")
    results = action.batch_handler([calls[place] for place in places], tx)
    for place, result in zip(places, results, strict=True):
        if isinstance(result, Refusal):
            outcomes[place].refused = result
        else:
            outcomes[place].result = result


def _audit_call(call: Call, outcome: Outcome, tx: Transaction) -> None:
    action = dispatcher.actions[type(call.command)]
    if action.subject is None or outcome.refused is not None:
        return
    about = [one for name in action.about for one in _each(getattr(call.command, name))]
    details = {name: str(getattr(call.command, name)) for name in action.details}
    tx.audit(call.actor, action.command.method, _subject(call.command), about, **details)


def _subject(command: Command) -> UUID | str:
    field_name = dispatcher.actions[type(command)].subject
    return getattr(command, field_name) if field_name else ""


def _each(value: object) -> Iterable[object]:
    return value if isinstance(value, (list, tuple, set, frozenset)) else [] if value is None else [value]
