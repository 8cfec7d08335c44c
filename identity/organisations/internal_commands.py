"""What only Relais itself may ask for: the command line, tasks and the demo. No socket can.

These are dispatched as everything else is, and are declared apart from ``wire`` because they are no part of the
protocol.
"""

from __future__ import annotations

from typing import Literal

from server.kernel.wire import Command, Done, Id


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
