"""Commands about the devices on which somebody is signed in."""

from __future__ import annotations

from identity.accounts.wire import ONBOARDING
from server.kernel.wire import Command, Done, Id, Instant, View


class SessionView(View):
    """One signed-in device."""

    id: Id
    kind: str
    label: str
    created_at: Instant
    last_seen_at: Instant
    current: bool = False
    opened_by: str | None = None
    """``password``, ``passkey``, ``psc`` or ``cps``; nothing for a program's token."""
    strong: bool = False
    """Whether it was opened by two factors."""


class Sessions(View):
    """``more``: there are others, seen longer ago; end some, or all others by ``session.end_others``."""

    sessions: list[SessionView]
    more: bool = False


class ListSessions(Command[Sessions]):
    """The devices on which the caller is signed in, the most recent first."""

    method = "session.list"
    result = Sessions
    open_to = ONBOARDING
    over_http = True


class EndSession(Command[Done]):
    """Ends one session of the caller; its sockets close with 4401 at once. Ending it twice is harmless."""

    method = "session.end"
    result = Done
    open_to = ONBOARDING
    over_http = True

    session: Id


class EndOtherSessions(Command[Done]):
    """Ends every session of the caller but this one."""

    method = "session.end_others"
    result = Done
    open_to = ONBOARDING
    over_http = True


class ActForResult(View):
    """The organisation for which the session acts from now on."""

    acting_for: Id


class ActFor(Command[ActForResult]):
    """Chooses one of the caller's organisations for everything that this session does, on all its sockets and over
    HTTP. It ends with the membership."""

    method = "session.act_for"
    open_to = ONBOARDING
    over_http = True

    organisation: Id
