"""What Relais itself asks for about accounts: the command line, tasks and the demo. No socket can.

They go through the dispatcher as everything else does, and are no part of the protocol.
"""

from __future__ import annotations

from typing import Literal

from server.kernel.wire import Done, Id, InternalCommand


class CreatePerson(InternalCommand):
    """Makes an account. ``password`` is encoded, never the password itself; the e-mail is kept in lower case."""

    method = "identity.create_person"
    result = Done

    id: Id
    email: str
    first_name: str
    last_name: str
    function: str
    password: str
    title: str = ""
    profession: str = ""
    speciality: str = ""
    national_id: str | None = None


class VerifyPerson(InternalCommand):
    """Records that somebody is who they say, and how that was found out. Verified again, the first time stands."""

    method = "identity.verify"
    result = Done

    person: Id
    evidence: Literal["demo", "command"]


class WithdrawVerification(InternalCommand):
    """Takes a verification back: it was a mistake, or no longer holds."""

    method = "identity.withdraw_verification"
    result = Done

    person: Id


class SuspendPerson(InternalCommand):
    """Closes an account's way to everything at once: its sockets end with 4403 and no new one is let in."""

    method = "identity.suspend"
    result = Done

    person: Id


class ReinstatePerson(InternalCommand):
    """Ends a suspension."""

    method = "identity.reinstate"
    result = Done

    person: Id
