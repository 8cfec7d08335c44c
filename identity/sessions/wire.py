"""Commands about the devices on which somebody is signed in."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.accounts.wire import ONBOARDING
from server.kernel.wire import Command, Done, Id, Instant, View

CODE_ATTEMPTS = 5
"""Wrong codes in a row after which a locked device is signed out."""
Proof: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{43}$(?!\n)")]
"""32 bytes in base64url without padding, which the device derives from the code: the code itself stays there."""
Minutes: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=60)]


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
    has_code: bool = False
    """The device locks with a code."""
    wipe: Literal["asked", "done"] | None = None
    """A device that was lost: whether what it kept has been destroyed. Its session has ended."""
    wipe_asked_at: Instant | None = None
    wiped_at: Instant | None = None


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


class WipeSession(Command[Done]):
    """For a device that is lost: ends its session, closes its sockets with 4410, and has what it keeps destroyed as
    soon as it asks for anything. The caller is told by mail, now and when it is done."""

    method = "session.wipe"
    sensitive = True
    open_to = ONBOARDING
    over_http = True

    session: Id


class FindSession(Command[Done]):
    """The device was found before it was wiped: what it keeps stays. Its session has ended all the same."""

    method = "session.found"
    sensitive = True
    open_to = ONBOARDING
    over_http = True

    session: Id


class LockView(View):
    """How the caller's devices lock. ``at_most``: the longest that an organisation of theirs allows, in minutes; the
    minutes shown keep to it."""

    desk: int
    phone: int
    """0: as soon as the application is left."""
    has_code: bool
    """This device has one."""
    at_most: int | None = None


class GetLock(Command[LockView]):
    """How the caller's devices lock."""

    method = "lock.get"
    open_to = ONBOARDING
    over_http = True


class SetLock(Command[LockView]):
    """After how many minutes without a touch devices with a code lock. More than an organisation allows is refused."""

    method = "lock.set"
    sensitive = True
    open_to = ONBOARDING
    over_http = True

    desk: Annotated[int, msgspec.Meta(ge=1, le=60)]
    phone: Minutes


class LockSecret(View):
    """32 bytes in base64url, which the device needs beside the code to open what it keeps."""

    secret: str


class SetLockCode(Command[LockSecret]):
    """Gives this device a code, in place of the one before. The server keeps a digest of what the code proves."""

    method = "lock.code"
    sensitive = True
    open_to = ONBOARDING
    over_http = True

    proof: Proof


class RemoveLockCode(Command[Done]):
    """This device locks no more."""

    method = "lock.remove"
    sensitive = True
    open_to = ONBOARDING
    over_http = True


class LockOpened(View):
    """``ended``: too many wrong codes; the session is over and the device forgets what it kept."""

    state: Literal["opened", "wrong_code", "ended"]
    secret: str | None = None
    attempts_left: int = 0


class OpenLock(Command[LockOpened]):
    """Opens this device with what its code proves. After five wrong ones in a row the session ends. A device that has
    no code is refused (``invalid_state``, ``state: no_code``) and stays signed in."""

    method = "lock.open"
    open_to = ONBOARDING
    over_http = True

    proof: Proof


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
