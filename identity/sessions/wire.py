"""Commands, events and views about people and the directory."""

from __future__ import annotations

from server.kernel.wire import Command, Done, Id, Instant, View


class SessionView(View):
    """One signed-in device."""

    id: Id
    kind: str
    label: str
    created_at: Instant
    last_seen_at: Instant
    current: bool = False


class Sessions(View):
    sessions: list[SessionView]


class ListSessions(Command[Sessions]):
    """The devices on which the caller is signed in, the most recent first."""

    method = "session.list"


class EndSession(Command[Done]):
    """Ends one session of the caller; its sockets close with 4401 at once. Ending it twice is harmless."""

    method = "session.end"

    session: Id


class EndOtherSessions(Command[Done]):
    """Ends every session of the caller but this one."""

    method = "session.end_others"
