"""What Relais itself asks for about organisations: the command line, tasks and the demo. No socket can.

They go through the dispatcher as everything else does, and are no part of the protocol.
"""

from __future__ import annotations

from typing import Literal

from server.kernel.wire import Done, Id, InternalCommand, NewId


class CreateOrganisation(InternalCommand[Done]):
    method = "identity.create_organisation"

    id: NewId
    name: str
    kind: Literal["practice", "establishment", "cpts"]
    finess: str | None = None


class CreateSite(InternalCommand[Done]):
    """Adds a place where an organisation receives patients."""

    method = "identity.create_site"

    id: NewId
    organisation: Id
    name: str
    address: str
    postal_code: str
    city: str
    time_zone: str


class JoinOrganisation(InternalCommand[Done]):
    """Makes somebody a member; a member already stays as they are."""

    method = "identity.join"

    organisation: Id
    person: Id
    function: str
    administrator: bool = False
    owner: bool = False
    coordinator: bool = False
