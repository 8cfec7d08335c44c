"""The secret of an invitation's link.

It is made from the invitation's id and the number of its address with a key of this deployment, so that a mail can be
written when it is handed over, and nobody who reads the database has it: there is the digest alone. It stands behind
the ``#`` of a link, which browsers send to no server, and comes back in the body of a request.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from server.kernel import vault

if TYPE_CHECKING:
    from identity.organisations.models import Invitation


def token(invitation: UUID, number: int) -> str:
    """The secret: 256 bits, as letters of a link."""
    secret = vault.keyed_digest(f"invitation|{invitation}|{number}".encode())
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def digest(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def url(row: Invitation) -> str:
    """The link of an invitation."""
    page = "activation" if row.kind == "account" else "invitation"
    return f"{settings.RELAIS_URL}/{page}#{token(row.pk, row.number)}"
