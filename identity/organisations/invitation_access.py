"""The only way to an invitation: by who may invite, or by the secret of its link."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from identity.accounts.access import verified
from identity.organisations import access, standing
from identity.organisations.invitation_tokens import digest
from identity.organisations.models import Invitation, Organisation
from identity.organisations.refusals import InvitationOver
from server.kernel.authentication import Actor
from server.kernel.wire.errors import Forbidden, NotFound

State: TypeAlias = Literal["open", "expired", "revoked", "used"]


def state(row: Invitation, now: datetime) -> State:
    """Whether an invitation can be taken up, or why not."""
    if row.revoked_at is not None:
        return "revoked"
    if row.used >= row.uses:
        return "used"
    return "open" if row.expires_at > now else "expired"


def invitation(actor: Actor, wanted: UUID, *, lock: bool = False, admits: bool = False) -> Invitation:
    """One that the caller may see and end: made by them, or of an organisation in which they may invite. Whoever lets
    somebody in by it (``admits``) may invite now, whoever made it."""
    person = verified(actor)
    rows = Invitation.objects.select_for_update(of=("self",)) if lock else Invitation.objects
    row = rows.select_related("organisation__parent", "invited_by").filter(pk=wanted).first()
    if row is None:
        raise NotFound
    if row.organisation is None:
        if row.invited_by_id != person:
            raise NotFound
        return row
    mine = access.standings(person, [row.organisation]).get(row.organisation.pk)
    if mine is None:
        raise NotFound
    granted = standing.abilities(mine)
    # An account is prepared by those who run the organisation: a coordinator's own are professionals.
    needed = "manage_members" if row.kind == Invitation.Kind.ACCOUNT else "invite"
    if needed not in granted and (admits or row.invited_by_id != person):
        raise Forbidden("Invitations are for those who look after the organisation: ask one of them.")
    return row


def by_token(token: str) -> Invitation:
    """The invitation whose link somebody holds, locked; ``NotFound`` for a secret that is none."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("organisation__parent", "invited_by")
    row = rows.filter(token_digest=digest(token)).first()
    if row is None:
        raise NotFound("This link is not one of an invitation: ask for another one.")
    return row


def require_open(row: Invitation, now: datetime) -> None:
    """Returns when it can be taken up, and whoever sent it may still invite."""
    found = state(row, now)
    if found != "open":
        raise InvitationOver(found)
    if row.organisation is not None and not _may_still_invite(row, row.organisation):
        raise InvitationOver("revoked")


def _may_still_invite(row: Invitation, organisation: Organisation) -> bool:
    """Who has left, or may no longer do so, brings nobody in."""
    inviter = row.invited_by
    if inviter.suspended_at is not None or not inviter.is_active:
        return False
    mine = access.standings(inviter.pk, [organisation]).get(organisation.pk)
    if mine is None:
        return False
    granted = standing.abilities(mine)
    return "vouch" in granted if row.vouched else bool({"invite", "create_members"} & set(granted))
