"""Refusals, noted in the audit log without slowing whoever is refused.

A refused transaction is rolled back and leaves nothing, so refusals are gathered in memory and written by the hub's
own thread within seconds. A flood cannot fill the log: for each session, command and reason there is at most one entry
a minute, which counts the refusals since the one before and names the first things that were asked for. A process that
is killed loses the refusals of its last seconds; a refusal has changed nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from server.kernel import audit, metrics
from server.kernel.authentication import Actor, Person
from server.kernel.wire.errors import Forbidden, NotFound, Refusal

NOTED = (Forbidden, NotFound)
"""What is noted: somebody asked for what is not theirs. Other refusals are the conversation of a form."""
WINDOW = 60.0
"""Seconds between two entries of one kind."""
SUBJECTS = 100
"""How many things one entry names."""
KINDS = 10_000
"""How many kinds are remembered at once; refusals beyond are counted in the metrics alone."""


@dataclass(slots=True)
class _Kind:
    """Refusals of one session, command and reason."""

    actor: Actor
    act: str
    details: dict[str, str]
    due: float = 0.0
    count: int = 0
    subjects: dict[str, None] = field(default_factory=dict)


class RefusalLog:
    """What is yet to be written. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._kinds: dict[Hashable, _Kind] = {}
        self._lock = threading.Lock()

    def note(self, actor: Actor, command: str, refused: Refusal, asked_for: Iterable[object] = ()) -> None:
        """A command of a person was refused for a reason that says something about rights."""
        if isinstance(refused, NOTED) and isinstance(actor, Person):
            key = (actor.session or actor.person, command, refused.reason)
            self.add(key, actor, "refused", asked_for, command=command, reason=refused.reason)

    def add(self, key: Hashable, actor: Actor, act: str, asked_for: Iterable[object] = (), **details: str) -> None:
        """Counts one refusal of the kind ``key``. No statement, no waiting."""
        with self._lock:
            kind = self._kinds.get(key)
            if kind is None:
                if len(self._kinds) >= KINDS:
                    metrics.refusals_not_noted.inc()
                    return
                kind = self._kinds[key] = _Kind(actor, act, details)
            kind.count += 1
            for subject in asked_for:
                if len(kind.subjects) < SUBJECTS:
                    kind.subjects[str(subject)] = None

    def flush(self) -> None:
        """Writes what is due, in one link. When that fails, nothing is lost but the time."""
        now = time.monotonic()
        with self._lock:
            self._kinds = {key: kind for key, kind in self._kinds.items() if kind.count or kind.due > now}
            due = [kind for kind in self._kinds.values() if kind.count and kind.due <= now]
            written = [(kind, kind.count, list(kind.subjects)) for kind in due]
        audit.record(
            [
                audit.entry(kind.actor, kind.act, about=subjects, count=str(count), **kind.details)
                for kind, count, subjects in written
            ]
        )
        with self._lock:
            for kind, count, subjects in written:
                kind.due = now + WINDOW
                kind.count -= count
                for subject in subjects:
                    kind.subjects.pop(subject, None)

    def clear(self) -> None:
        """Forgets everything: each test begins anew."""
        with self._lock:
            self._kinds.clear()


refusals = RefusalLog()
