"""Invitations as mails: due rows that name the invitation; words and link are made when they are handed over.

No mail holds a patient's data. The secret of the link stands behind its #, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from identity.organisations import invitation_tokens
from identity.organisations.invitation_access import state
from identity.organisations.models import Invitation
from server.kernel.delivery import queue
from server.kernel.delivery.kinds import Claimed, Dropped, Envelope, Resolution, Settled
from server.kernel.delivery.kinds import Kind as DeliveryKind
from server.kernel.dispatch import Transaction
from server.kernel.models import Delivery
from server.kernel.streams import Draft


class Kind(StrEnum):
    """The mails there are, as ``Delivery.kind`` names them."""

    INVITATION = "invitation.mail"
    ACCOUNT = "invitation.account"


def send(rows: Sequence[Invitation], tx: Transaction) -> None:
    """The mail of each invitation becomes due; of one address and reminder it is sent once. One statement."""
    queue.enqueue(
        [
            Delivery(
                key=f"invitation/{row.pk}/{row.number}/{row.reminders}",
                channel=Delivery.Channel.EMAIL,
                kind=Kind.ACCOUNT if row.kind == Invitation.Kind.ACCOUNT else Kind.INVITATION,
                subject=row.pk,
                not_before=tx.now,
            )
            for row in rows
            if row.email
        ],
        tx,
    )


def resolve(rows: Sequence[Claimed], now: datetime) -> Mapping[str, Resolution]:
    """Words, link and address of each. One statement."""
    found = Invitation.objects.select_related("organisation", "invited_by").in_bulk({row.subject for row in rows})
    return {row.key: _mail(row, found.get(row.subject), now) for row in rows}


def _mail(row: Claimed, invitation: Invitation | None, now: datetime) -> Resolution:
    if invitation is None or state(invitation, now) != "open":
        return Dropped("over")
    if row.key.split("/")[2] != str(invitation.number):
        return Dropped("other_address")
    inviter = invitation.invited_by.name
    name = invitation.organisation.name if invitation.organisation else ""
    until = f"{invitation.expires_at:%d/%m/%Y}"
    if row.kind == Kind.ACCOUNT:
        subject = f"Votre compte Relais pour {name}"
        begins = f"{inviter} a préparé votre compte Relais pour {name}. Ouvrez-le en choisissant un mot de passe :"
    else:
        subject = f"{inviter} vous invite sur Relais"
        where = f" à rejoindre {name}" if name else ""
        begins = (
            f"{inviter} vous invite{where} sur Relais, la messagerie et l'adressage entre professionnels de santé :"
        )
    note = f"{invitation.note}\n\n" if invitation.note else ""
    text = (
        f"{note}{begins}\n\n{invitation_tokens.url(invitation)}\n\nCe lien est personnel et valable jusqu'au {until}."
        " Ne le transférez pas. Si vous n'attendiez pas ce message, il n'y a rien à faire."
    )
    return Envelope(invitation.email, text, subject)


def follow(settled: Sequence[Settled], tx: Transaction) -> Sequence[Draft]:
    """Whoever follows the invitation sees that its address is refused, or works again."""
    for one in settled:
        failed = one.outcome == Delivery.Outcome.FAILED
        Invitation.objects.filter(pk=one.subject).update(failure=(one.error or "refused")[:40] if failed else "")
    return ()


KINDS = [DeliveryKind(kind, resolve, follow, bounded=True) for kind in Kind]
