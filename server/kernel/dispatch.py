"""The one dispatcher: every change, whatever transport it comes by, is carried out here.

``dispatch_batch`` takes calls, opens one transaction, checks that each caller may still act, runs the handler, writes
the audit link and the announcement, commits, and returns an outcome for each call. A call alone is a batch of one;
batchable commands (a message, a read pointer) that wait at the same time share a transaction, which is what makes
them fast: the price of a commit is paid once. A refusal of one call does not touch the others.

Nothing is published before the commit, and no answer leaves before it.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar, cast
from uuid import UUID

from django.db import connection, transaction

from server.kernel import (
    announcements,
    audit,
    clock,
    idempotency,
    metrics,
    statements,
    streams,
    task_requests,
)
from server.kernel.announcements import SocketClosure
from server.kernel.attempts import Attempts
from server.kernel.authentication import Actor
from server.kernel.outcomes import Outbound, OutboundSignal, Outcome
from server.kernel.refusals import refusals
from server.kernel.streams import Draft
from server.kernel.time_limits import TimeLimit
from server.kernel.wire import CONFIRMED, Command, Event, Scope, Signal, View, frame
from server.kernel.wire.errors import Refusal

log = logging.getLogger("kernel.dispatch")

C = TypeVar("C", bound=Command[Any])
C_co = TypeVar("C_co", bound=Command[Any], covariant=True)
R = TypeVar("R")


class Call(NamedTuple, Generic[C_co]):
    """One command by one actor."""

    actor: Actor
    command: C_co


class Transaction:
    """What an action may do beside its own rows. It is open for the length of one batch."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.outbound = Outbound()
        self.entries: list[audit.Entry] = []
        self.watching: dict[str, int | None] = {}
        self.listeners: set[UUID | None] = set()
        self.tasks: set[str] = set()
        self._locked: Callable[[], dict[str, int]] | None = None
        self._handled: list[Draft] = []
        self._added: list[Draft] = []
        self._recorded = False

    def handle(self, drafts: Sequence[Draft]) -> None:
        """Calls the event handlers of the rooms above, once with all drafts of their type.

        ``record`` does it by itself. An action that locks streams ahead calls this first, with the drafts that it
        knows by then; it records them with the others.
        """
        self._handled += drafts
        by_type: dict[type[Event], list[Draft]] = {}
        for draft in drafts:
            by_type.setdefault(draft.type, []).append(draft)
        for one in dispatcher.handlers:
            if one.event not in by_type:
                continue
            if self._locked is not None and not one.inserts_only:
                raise RuntimeError(f"{one.event.type} is handled before streams are locked: call tx.handle first")
            added = one.handle(by_type[one.event], self)
            self._added += added
            for draft in added:
                by_type.setdefault(draft.type, []).append(draft)

    def lock_streams(self, names: Iterable[str], *, shared: bool = False) -> Callable[[], dict[str, int]]:
        """Locks streams ahead of ``record``, for a decision that must not change until the event has its number.

        Once in a transaction, after all domain rows are locked, and with every stream that will be recorded; those of
        drafts that were handled already need not be named. What only signals takes a ``shared`` lock, and records
        nothing. Returns a function that fetches the heads.
        """
        known = {draft.stream for draft in (*self._handled, *self._added)}
        heads = streams.lock(known.union(names), shared=shared)
        if not shared:
            self._locked = heads
        return heads

    def record(self, drafts: Sequence[Draft]) -> list[int]:
        """Stores events and returns their numbers, in the order given. Once in a transaction, after all domain
        rows are locked: a second call would lock streams in an order that could deadlock.

        Event handlers are called first, before any stream is locked; what they add is recorded along.
        """
        if self._recorded:
            raise RuntimeError("streams are recorded once in a transaction: gather the drafts first")
        self._recorded = True
        handled = {id(draft) for draft in self._handled}
        self.handle([draft for draft in drafts if id(draft) not in handled] if handled else drafts)
        everything = [*drafts, *self._added]
        if not everything:
            return []
        self.outbound.events = streams.record(everything, self.now, self._locked() if self._locked else {})
        # An event that is shown in several forms stands there once for each.
        numbered = dict.fromkeys((one.stream, one.seq) for one in self.outbound.events)
        return [seq for _, seq in numbered][: len(drafts)]

    def audit(
        self, actor: Actor, act: str, subject: UUID | str = "", about: Iterable[object] = (), **details: str
    ) -> None:
        """Adds an entry: who did what to which thing, and whom it is about. Ids and codes only: no text, no name."""
        self.entries.append(audit.entry(actor, act, subject, about, **details))

    def signal(self, stream: str, signal: Signal, audience: Iterable[UUID]) -> None:
        """Tells something momentary after the commit; it may be dropped."""
        self.outbound.signals.append(OutboundSignal(frame.signal(stream, signal), frozenset(audience), stream))

    def end_sessions(self, sessions: Iterable[UUID]) -> None:
        """Closes the sockets of these sessions with 4401, in every process, as soon as this is committed."""
        self.outbound.closures.append(SocketClosure(4401, sessions=list(sessions)))

    def close_sessions(self, sessions: Iterable[UUID], code: int) -> None:
        """Closes the sockets of these sessions, in every process, as soon as this is committed; the sessions go on."""
        if closing := list(sessions):
            self.outbound.closures.append(SocketClosure(code, sessions=closing))

    def close_person(self, person: UUID, code: int = 4403) -> None:
        """Closes every socket of a person, in every process, as soon as this is committed."""
        self.outbound.closures.append(SocketClosure(code, persons=[person]))

    def listen(self, actor: Actor) -> None:
        """The caller's socket receives events and signals from now on; before that it has only answers."""
        self.listeners.add(actor.session)

    def after_commit(self, task: str) -> None:
        """Asks for a Celery task as soon as this is committed. It is a hint: what is to be done is a due row, and a
        sweep finds it if the hint is lost."""
        self.tasks.add(task)

    def watch(self, stream: str, after: int) -> None:
        """The caller's socket watches a stream from now on. What it is sent, each event says; ``after`` is the number
        that the caller is told the stream stands at, 0 when they may not know."""
        self.watching[stream] = after

    def unwatch(self, stream: str) -> None:
        """The caller's socket watches the stream no longer."""
        self.watching[stream] = None


Handler = Callable[[Actor, C, Transaction], View]
Results: TypeAlias = Sequence[View | Refusal]
BatchHandler = Callable[[Sequence[Call[C]], Transaction], Results | Callable[[], Results]]
"""Both return the result of their command, which the type checker does not see; a test does.

A batch handler may return a function that makes the results, of what it asked for in the transaction: it is called
after the commit, with which the last rows come. It neither writes nor refuses what the audit is told of.
"""


@dataclass(frozen=True, slots=True)
class Action(Generic[C]):
    """How a command is carried out: by its ``handler``, or by a ``batch_handler`` together with others that wait.

    ``subject`` names the field that holds the subject of the audit entry; with "" there is none but the caller; None
    leaves the command out of the audit: it shows nothing of a patient and changes nothing. ``about`` names the fields
    that hold whom else it concerns (who was given a right), and ``details`` those whose codes the entry repeats.
    ``ahead`` asks for what a batch handler needs, for callers as they stood when they asked, together with the question
    how they stand now; it may lock, and writes nothing. The batch handler that it returns is given those who are
    admitted, as they stand now, and shows nothing to anybody else.
    ``heavy`` commands may compute for long: the executor runs few of them at once, apart from the others.
    """

    command: type[C]
    handler: Handler[C] | None = None
    subject: str | None = None
    batch_handler: BatchHandler[C] | None = None
    ahead: Callable[[Sequence[Call[C]], Transaction], BatchHandler[C]] | None = None
    about: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    heavy: bool = False

    def __post_init__(self) -> None:
        if (self.handler is None) == (self.batch_handler is None):
            raise TypeError(f"{self.command.__name__} has either a handler or a batch handler")


@dataclass(frozen=True, slots=True)
class EventHandler:
    """What a room does in the same transaction when an event of a room below it is about to be recorded.

    ``handle`` is called once with all drafts of the type. It may lock rows of its own room, write, and refuse; it
    returns the drafts that it adds. With ``inserts_only`` it locks no row that exists, and so may also be called for
    events whose streams are locked already.
    """

    event: type[Event]
    handle: Callable[[Sequence[Draft], Transaction], Sequence[Draft]]
    inserts_only: bool = False


class Guard(Protocol):
    """Who may do what at all, asked in each transaction before any action runs."""

    def ask_current(self, actors: Sequence[Actor]) -> Callable[[], Sequence[Actor | Refusal]]:
        """Asks how actors are now; the function returned waits, and gives each of them or why they may do nothing any
        more."""

    def out_of_scope(self, actor: Actor, scope: Scope) -> Refusal:
        """What an actor is told who does not hold a scope."""


class Dispatcher:
    """The commands of this server, what follows from their events, and who may act at all. Set by the composition."""

    guard: Guard

    def __init__(self) -> None:
        self.actions: dict[type[Command[Any]], Action[Any]] = {}
        self.handlers: list[EventHandler] = []
        self.publish: Callable[[Outbound], None] = lambda outbound: None

    def install(
        self,
        actions: Iterable[Action[Any]],
        handlers: Iterable[EventHandler],
        guard: Guard,
        publish: Callable[[Outbound], None],
    ) -> None:
        """Takes the commands and the event handlers, rooms bottom up; ``publish`` spreads what ``dispatch`` has to
        tell, until a hub of this process does."""
        self.actions = {action.command: action for action in actions}
        self.handlers = list(handlers)
        self.guard = guard
        self.publish = publish

    def admit(
        self, calls: Sequence[Call[Command[R]]], current: Sequence[Actor | Refusal], at: datetime
    ) -> tuple[list[Call[Command[R]]], list[Outcome[R]]]:
        """The calls with their actors as they are now, and an outcome for each: refused when they may not ask, or when
        an id that they choose is none."""
        admitted: list[Call[Command[R]]] = []
        outcomes: list[Outcome[R]] = []
        for call, actor in zip(calls, current, strict=True):
            outcomes.append(Outcome(refused=self._refusal(actor, call.command, at)))
            is_same = actor is call.actor or isinstance(actor, Refusal)
            admitted.append(call if is_same else Call(cast(Actor, actor), call.command))
        return admitted, outcomes

    def _refusal(self, actor: Actor | Refusal, command: Command[Any], at: datetime) -> Refusal | None:
        if isinstance(actor, Refusal):
            return actor
        if command.open_to not in actor.scopes:
            return self.guard.out_of_scope(actor, command.open_to)
        if command.sensitive and CONFIRMED not in actor.scopes:
            return self.guard.out_of_scope(actor, CONFIRMED)
        return idempotency.wrong_id(command, at)


dispatcher = Dispatcher()


def is_batchable(command: Command[Any]) -> bool:
    """Whether the command may share a transaction with others that wait."""
    return dispatcher.actions[type(command)].batch_handler is not None


def now() -> datetime:
    """The clock of the dispatcher: PostgreSQL's."""
    return clock.now()


def dispatch(actor: Actor, command: Command[R]) -> R:
    """Carries out one command and returns its result; raises the refusal. For everything that is not a socket:
    tasks, the command line, HTTP, tests. What it has to tell is published before it returns, if Redis can be
    reached."""
    [outcome], outbound = dispatch_batch([Call(actor, command)])
    dispatcher.publish(outbound)
    if outcome.refused is not None:
        raise outcome.refused
    return cast(R, outcome.result)


def dispatch_batch(calls: Sequence[Call[Command[R]]], within: float | None = None) -> tuple[list[Outcome[R]], Outbound]:
    """Carries out calls in one transaction and returns one outcome each, in order. Never raises. What has taken more
    than ``within`` seconds is undone, and refused as ``unavailable``.

    The calls of a batch are all of one batchable command. When the whole transaction fails, each call is carried out
    alone, so that one that cannot be carried out does not take the others with it.
    """
    started = time.perf_counter()
    attempts = Attempts(_in_transaction, type(calls[0].command).method)
    outcomes, outbound = attempts.carry_out(calls, None if within is None else TimeLimit.of(within))
    metrics.transactions.observe(time.perf_counter() - started)
    metrics.batches.observe(len(calls))
    became = Counter(outcome.refused.reason if outcome.refused else "done" for outcome in outcomes)
    for reason, count in became.items():
        metrics.command(type(calls[0].command).method, reason).inc(count)
    for call, outcome in zip(calls, outcomes, strict=True):
        if outcome.refused is not None:
            refusals.note(call.actor, type(call.command).method, outcome.refused, _asked_for(call.command))
    return outcomes, outbound


def _in_transaction(calls: Sequence[Call[Command[R]]], limit: TimeLimit | None) -> tuple[list[Outcome[R]], Outbound]:
    tx = Transaction(now())
    later: Callable[[], None] | None = None
    action = dispatcher.actions[type(calls[0].command)]
    is_batch = action.batch_handler is not None
    with transaction.atomic(), statements.together() if is_batch else _checked(limit):
        if limit is not None:
            limit.apply(plans_once=is_batch)
        current = dispatcher.guard.ask_current([call.actor for call in calls])
        batch_handler = action.ahead(calls, tx) if action.ahead is not None else action.batch_handler
        calls, outcomes = dispatcher.admit(calls, current(), tx.now)
        admitted = [number for number, outcome in enumerate(outcomes) if outcome.refused is None]
        if not admitted:
            pass
        elif batch_handler is None:
            _run_alone(action, calls, admitted, outcomes, tx)
        else:
            later = _run_batch(batch_handler, calls, admitted, outcomes, tx)
        if action.subject is not None:
            _audit_calls(action, calls, outcomes, tx)
        if tx.entries:
            audit.chain.append(tx.entries, tx.now)
        tx.outbound.announcements = announcements.announce(tx.outbound.events, tx.outbound.closures, tx.now)
    audit.chain.committed()
    if later is not None:
        later()
    task_requests.requests.ask(tx.tasks)
    return outcomes, tx.outbound


def _checked(limit: TimeLimit | None) -> AbstractContextManager[None]:
    """The time is looked at before each statement. (A batch is a fixed number of them, sent together.)"""
    return nullcontext() if limit is None else connection.execute_wrapper(limit.before_each)


def _run_alone(
    action: Action[Any],
    calls: Sequence[Call[Any]],
    admitted: list[int],
    outcomes: Sequence[Outcome[Any]],
    tx: Transaction,
) -> None:
    if action.handler is None:
        raise RuntimeError(f"{action.command.method} has no handler")
    [number] = admitted
    call = calls[number]
    outcomes[number].result = action.handler(call.actor, call.command, tx)
    outcomes[number].watch = tx.watching


def _run_batch(
    handler: BatchHandler[Any],
    calls: Sequence[Call[Any]],
    admitted: list[int],
    outcomes: Sequence[Outcome[Any]],
    tx: Transaction,
) -> Callable[[], None] | None:
    """Runs the handler. Returns what is left to do after the commit, if anything is."""

    def settle(results: Results) -> None:
        for number, result in zip(admitted, results, strict=True):
            if isinstance(result, Refusal):
                outcomes[number].refused = result
            else:
                outcomes[number].result = result
                outcomes[number].listening = calls[number].actor.session in tx.listeners

    results = handler([calls[number] for number in admitted], tx)
    if callable(results):
        return lambda: settle(results())
    settle(results)
    return None


def _audit_calls(
    action: Action[Any], calls: Sequence[Call[Any]], outcomes: Sequence[Outcome[Any]], tx: Transaction
) -> None:
    method = action.command.method
    for (actor, command), outcome in zip(calls, outcomes, strict=True):
        if outcome.refused is None:
            subject = getattr(command, action.subject) if action.subject else ""
            about = [one for name in action.about for one in _each(getattr(command, name))]
            details = {name: str(getattr(command, name)) for name in action.details}
            tx.audit(actor, method, subject, about, **details)


def _subject(command: Command[Any]) -> UUID | str:
    field_name = dispatcher.actions[type(command)].subject
    return getattr(command, field_name) if field_name else ""


def _asked_for(command: Command[Any]) -> list[object]:
    """All that a command names: its subject, and every id among its fields. Of a refused one any may be the reason."""
    fields = (getattr(command, name) for name in command.__struct_fields__)
    ids = [one for value in fields for one in _each(value) if isinstance(one, UUID)]
    return [subject, *ids] if (subject := _subject(command)) else [*ids]


def _each(value: object) -> Iterable[object]:
    return value if isinstance(value, (list, tuple, set, frozenset)) else [] if value is None else [value]
