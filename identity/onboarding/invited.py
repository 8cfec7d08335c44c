"""What whoever holds an invitation's link sees of it, and opening an account that was prepared."""

from __future__ import annotations

from identity.accounts.consents import agreed
from identity.accounts.models import Person
from identity.onboarding.internal_commands import ActivateAccount, InvitationSeen, LookAtInvitation
from identity.organisations import invitation_access, joining
from identity.organisations.models import Invitation
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done


def look_at(actor: Actor, command: LookAtInvitation, tx: Transaction) -> InvitationSeen:
    """An invitation by the secret of its link. Names are shown of an account alone: they are its owner's."""
    row = joining.look_at(command.token, tx)
    prepared = row.kind == Invitation.Kind.ACCOUNT
    return InvitationSeen(
        state=invitation_access.state(row, tx.now),
        kind=row.kind,  # type: ignore[arg-type]  # the column's choices are the wire's
        invited_by=row.invited_by.name,
        expires_at=row.expires_at,
        function=row.function,
        organisation=row.organisation.name if row.organisation else None,
        email=row.email or None,
        first_name=(row.first_name or None) if prepared else None,
        last_name=(row.last_name or None) if prepared else None,
        known=prepared and Person.objects.filter(email=row.email).exists(),
    )


def activate_account(actor: Actor, command: ActivateAccount, tx: Transaction) -> Done:
    """The account, a member of its organisation from then on."""
    consents = agreed(command.terms, command.data_agreement)
    _, drafts = joining.activate(actor, command.token, command.id, command.password, consents, tx)
    tx.record(drafts)
    return Done()
