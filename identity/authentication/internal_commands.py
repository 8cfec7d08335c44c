"""What Relais itself asks for about passwords and tokens: the command line, tasks and the demo. No socket can.

They go through the dispatcher as everything else does, and are no part of the protocol.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from identity.accounts.wire import ONBOARDING
from server.kernel.wire import Command, Done, Id, InternalCommand, NewId


class StoreToken(InternalCommand[Done]):
    """Lets the holder of a token in as a person. Only the token's digest is given, and kept."""

    method = "identity.store_token"

    id: NewId
    person: Id
    digest: bytes
    label: str
    expires_at: datetime


class ChangePassword(Command[Done]):
    """Sets the caller's own password, encoded already, and ends every session of theirs but ``keep``.

    The sign-in views ask for it, which have checked the old one: no socket can.
    """

    method = "identity.change_password"
    open_to = ONBOARDING

    password: str
    keep: Id | None = None


class TellAccountHolder(InternalCommand[Done]):
    """Tells somebody by e-mail what concerns their account. ``once`` names the occasion: of one it is said once."""

    method = "identity.tell_account_holder"

    person: Id
    kind: str
    once: str


class AcceptProof(InternalCommand[Done]):
    """Records that an account is that of the professional with this identifier of the register, and that they have
    proved it. The identifier takes the place of the one that the account had. Profession and speciality are codes of
    the register; what the proof does not say is empty."""

    method = "identity.accept_proof"

    person: Id
    by: Literal["psc", "cps"]
    national_id: str
    evidence: str
    first_name: str = ""
    last_name: str = ""
    profession: str = ""
    speciality: str = ""


class RefuseProof(InternalCommand[Done]):
    """The register or the provider says that somebody may not practise: their verification ends, with what is under
    way of another one and every session of theirs."""

    method = "identity.refuse_proof"

    person: Id
    reason: str


class ChangeFactor(Command[Done]):
    """Enters that a factor of the caller's was added, removed or renewed, and what follows. The views of second factors
    ask for it: no socket can. ``remaining``: the caller still has one to sign in with."""

    method = "identity.change_factor"
    open_to = ONBOARDING

    change: Literal["added", "removed", "renewed"]
    factor: Literal["totp", "webauthn", "recovery_codes"]
    remaining: bool


class NoteWiped(InternalCommand[Done]):
    """A lost device has destroyed what it kept. It shows the key of its session, which has ended."""

    method = "identity.note_wiped"

    key_digest: bytes


class RequestNewPassword(InternalCommand[Done]):
    """Sends the link by which a forgotten password is replaced, if somebody has this address. ``once`` names the
    request, ``address`` where it came from."""

    method = "identity.request_new_password"

    email: str
    once: str
    address: str
