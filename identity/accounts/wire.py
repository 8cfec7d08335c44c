"""The scopes of people, and how colleagues see them."""

from __future__ import annotations

from functools import cache
from typing import Literal, TypeAlias

from server.kernel.wire import CONFIRMED, Command, Id, Instant, Scope, View
from server.kernel.wire.handshake import Hello

VERIFIED: Scope = Command.open_to
"""Everything that is not declared otherwise. Held by people whose identity is verified."""
ONBOARDING: Scope = Hello.open_to
"""A socket, one's own sessions, and what leads to a verified identity. Held by everybody with an account."""


SINGLE_FACTOR: Scope = "single_factor"
"""Held in place of ``VERIFIED`` by a verified person whose session was opened by a password alone."""
MODERATOR: Scope = "moderator"
"""Held by those who look after this Relais as a whole, while their own identity is verified and their session took two
factors."""


PROFESSIONAL: Scope = "professional"
"""Held by those who have proved by themselves who they are, and not by staff whom a colleague vouches for."""


@cache
def scopes(
    verified: bool, moderator: bool = False, *, strong: bool = True, confirmed: bool = True, vouched: bool = False
) -> frozenset[Scope]:
    """What a person may ask for: ``strong`` when their session took two factors, ``confirmed`` when they have just
    proved that it is them. What this process does for somebody is both. ``vouched``: their identity counts inside the
    organisation that vouches for it alone."""
    held = {ONBOARDING}
    if verified:
        held.add(VERIFIED if strong else SINGLE_FACTOR)
    if verified and strong and not vouched:
        held.add(PROFESSIONAL)
    if verified and strong and moderator:
        held.add(MODERATOR)
    if confirmed:
        held.add(CONFIRMED)
    return frozenset(held)


VerificationMethod: TypeAlias = Literal["psc", "cps", "document", "vouched", "demo", "command"]


class BadgeView(View):
    """How and when somebody's identity was verified. ``by`` is who answers for them, when they are ``vouched`` for.

    ``confirm_by``: their entry has left the register, and until then they can prove again who they are.
    """

    method: VerificationMethod
    at: Instant
    by: str | None = None
    confirm_by: Instant | None = None


class PersonView(View):
    """A professional with an account, as colleagues see them."""

    id: Id
    name: str
    first_name: str
    last_name: str
    function: str
    verified: bool
    profession: str | None = None
    speciality: str | None = None
    rpps: str | None = None
    title: str | None = None
    badge: BadgeView | None = None
    """Whoever is ``verified`` has one."""
