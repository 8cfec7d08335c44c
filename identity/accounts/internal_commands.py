"""What only Relais itself may ask for: the command line, tasks and the demo. No socket can.

These go through the same door as everything else, and are declared apart from ``identity.wire`` because they are
no part of the protocol.
"""

from __future__ import annotations

from typing import Literal

from server.kernel.wire import Command, Done, Id


class CreatePerson(Command[Done]):
    """Makes an account. ``password`` is encoded, never the password itself; the e-mail is kept in lower case.

    ``id`` may be the one under which the directory lists the person.
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


class VerifyPerson(Command[Done]):
    """Records that somebody is who they say, and how that was found out. Verified again, the first time stands."""

    method = "identity.verify"

    person: Id
    evidence: Literal["demo", "command"]


class SuspendPerson(Command[Done]):
    """Closes an account's way to everything at once: its sockets end with 4403 and no new one is let in."""

    method = "identity.suspend"

    person: Id


class ReinstatePerson(Command[Done]):
    """Ends a suspension."""

    method = "identity.reinstate"

    person: Id
