"""What Relais itself asks for about accounts: the command line, tasks and the demo. No socket can.

They go through the dispatcher as everything else does, and are no part of the protocol.
"""

from __future__ import annotations

from identity.accounts.wire import VerificationMethod
from server.kernel.wire import Done, Id, InternalCommand


class CreatePerson(InternalCommand[Done]):
    """Makes an account. ``password`` is encoded, never the password itself; the e-mail is kept in lower case.

    ``id`` may be the one under which the directory lists the person. ``confirmed``: whoever asks knows that the e-mail
    reaches them.
    """

    method = "identity.create_person"

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
    confirmed: bool = True


class VerifyPerson(InternalCommand[Done]):
    """Records that somebody is who they say, and how that was found out. A proof that says no more than the one that is
    known changes nothing, and that one keeps its date.

    ``evidence`` is a reference of at most 120 characters; ``vouched_by`` goes with the method ``vouched`` alone.
    """

    method = "identity.verify"

    person: Id
    by: VerificationMethod
    evidence: str = ""
    vouched_by: Id | None = None


class WithdrawVerification(InternalCommand[Done]):
    """Takes a verification back: it was a mistake, or no longer holds. ``reason`` is a code of at most 40 characters,
    which the person is told."""

    method = "identity.withdraw_verification"

    person: Id
    reason: str = "mistake"


class AddModerator(InternalCommand[Done]):
    """Lets somebody look after this Relais as a whole: decide on verifications, found establishments."""

    method = "identity.add_moderator"

    person: Id


class RemoveModerator(InternalCommand[Done]):
    """No longer lets them. What they decided stays decided."""

    method = "identity.remove_moderator"

    person: Id


class SuspendPerson(InternalCommand[Done]):
    """Closes an account's way to everything at once: its sockets end with 4403 and no new one is let in."""

    method = "identity.suspend"

    person: Id


class ReinstatePerson(InternalCommand[Done]):
    """Ends a suspension."""

    method = "identity.reinstate"

    person: Id
