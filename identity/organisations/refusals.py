"""Refusals about members and what they may do."""

from __future__ import annotations

from typing import Literal

from server.kernel.wire.errors import Conflict, Forbidden, Refusal


class LastOwner(Conflict):
    """Without this person nobody would own the organisation."""

    reason = "last_owner"

    def __init__(self) -> None:
        super().__init__("This is the last owner: make somebody else an owner first.")


class LastAdministrator(Conflict):
    """Without this person nobody would look after the organisation."""

    reason = "last_administrator"

    def __init__(self) -> None:
        super().__init__("Nobody else looks after this organisation: make somebody else an administrator first.")


class MoreThanHeld(Forbidden):
    """The caller gives a level that they do not hold themselves; ``resource`` says of what."""

    reason = "more_than_held"

    def __init__(self, resource: str) -> None:
        super().__init__("Nobody gives more than they hold: give a lower level, or ask an owner.", resource=resource)


class Withheld(Forbidden):
    """An owner of the organisation keeps this from the caller; ``what`` says what: ``dashboard`` (what goes on there,
    as the audit) or ``export`` (to take data out of it)."""

    reason = "withheld"

    def __init__(self, what: Literal["dashboard", "export"]) -> None:
        super().__init__("An owner of this organisation keeps this from you: ask one of them.", what=what)


class VouchedOnly(Forbidden):
    """The caller, or whom they name, is vouched for, and works inside the organisation that did so alone."""

    reason = "vouched_only"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "Somebody vouches for this identity, inside one organisation: have it verified.")


class FinessTaken(Refusal):
    """There is an organisation with this FINESS number already."""

    reason = "finess_taken"

    def __init__(self) -> None:
        super().__init__("This establishment is on Relais already: ask whoever looks after it for an invitation.")


class AlreadyThere(Conflict):
    """Whoever is invited is a member already, or has been invited; ``state`` says which."""

    reason = "already_there"

    def __init__(self, state: str) -> None:
        super().__init__("This person is a member already, or has been invited: look in the list.", state=state)


class InvitationOver(Refusal):
    """An invitation that can no longer be taken up; ``state`` says why: ``expired``, ``revoked``, ``used``, ``other``
    for one that was made for another address, ``known`` when that address has an account already."""

    reason = "invitation_over"

    def __init__(self, state: str) -> None:
        super().__init__("This invitation can no longer be taken up: ask whoever sent it for another one.", state=state)
