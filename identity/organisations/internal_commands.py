"""What only Relais itself may ask for: the command line, tasks and the demo. No socket can.

These go through the same door as everything else, and are declared apart from ``identity.wire`` because they are
no part of the protocol.
"""

from __future__ import annotations

from typing import Literal

from server.kernel.wire import Command, Done, Id, NewId


class CreateOrganisation(Command[Done]):
    method = "identity.create_organisation"

    id: NewId
    name: str
    kind: Literal["practice", "establishment", "cpts"]


class CreateSite(Command[Done]):
    """Adds a place where an organisation receives patients."""

    method = "identity.create_site"

    id: NewId
    organisation: Id
    name: str
    address: str
    postal_code: str
    city: str
    time_zone: str


class JoinOrganisation(Command[Done]):
    """Makes somebody a member; a member already stays as they are."""

    method = "identity.join"

    organisation: Id
    person: Id
    function: str
    administrator: bool = False
    owner: bool = False
