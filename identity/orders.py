"""What only Relais itself may ask for: the command line, tasks and the demo. No socket can.

These go through the same door as everything else, and are declared apart from ``identity.wire`` because they are
no part of the protocol.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from identity.wire import Done
from server.wire import Command, Id


class CreatePerson(Command):
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


class VerifyPerson(Command):
    """Records that somebody is who they say, and how that was found out. Verified again, the first time stands."""

    method = "identity.verify"
    result = Done

    person: Id
    evidence: Literal["demo", "command"]


class SuspendPerson(Command):
    """Closes an account's way to everything at once: its sockets end with 4403 and no new one is let in."""

    method = "identity.suspend"
    result = Done

    person: Id


class ReinstatePerson(Command):
    """Ends a suspension."""

    method = "identity.reinstate"
    result = Done

    person: Id


class CreateOrganisation(Command):
    method = "identity.create_organisation"
    result = Done

    id: Id
    name: str
    kind: Literal["practice", "establishment", "cpts"]


class CreateSite(Command):
    """Adds a place where an organisation receives patients."""

    method = "identity.create_site"
    result = Done

    id: Id
    organisation: Id
    name: str
    address: str
    postal_code: str
    city: str
    time_zone: str


class JoinOrganisation(Command):
    """Makes somebody a member; a member already stays as they are."""

    method = "identity.join"
    result = Done

    organisation: Id
    person: Id
    function: str
    administrator: bool = False
    owner: bool = False


class KeepToken(Command):
    """Lets the holder of a token in as a person. Only the token's digest is given, and kept."""

    method = "identity.keep_token"
    result = Done

    id: Id
    person: Id
    digest: bytes
    label: str
    expires_at: datetime


class ChangePassword(Command):
    """Sets an encoded password and ends every session of the person but ``keep``."""

    method = "identity.change_password"
    result = Done

    person: Id
    password: str
    keep: Id | None = None


class EndExpiredSessions(Command):
    """Ends what has expired, so that no socket outlives its session."""

    method = "identity.end_expired_sessions"
    result = Done
