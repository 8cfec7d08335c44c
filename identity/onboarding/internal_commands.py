"""What the views and tasks of this room ask for. No socket can.

They go through the dispatcher as everything else does, and are no part of the protocol.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from identity.authentication.internal_commands import AcceptProof
from identity.onboarding.comparison import Seen
from identity.onboarding.declaration import Declared
from server.kernel.wire import Done, Id, Instant, InternalCommand, NewId, View


class SignUpStep(View):
    """Where a sign-up stands. ``state`` says what came of the last code, and ``person`` who the account is of."""

    state: Literal["sent", "wrong_code", "expired", "too_many_attempts", "begin_again", "confirmed"]
    attempts_left: int = 0
    person: Id | None = None


class BeginSignUp(InternalCommand[SignUpStep]):
    """Keeps what somebody declared, and sends the code. ``password`` is encoded already, and ``key_digest`` all that is
    known of the client's key."""

    method = "identity.begin_sign_up"

    id: NewId
    key_digest: bytes
    declared: Declared
    password: str
    invitation: str = ""


class ConfirmSignUp(InternalCommand[SignUpStep]):
    """Makes the account, if the code is right. A wrong one counts, and is no refusal: what counts is to be kept."""

    method = "identity.confirm_sign_up"

    key_digest: bytes
    code: str
    proof: AcceptProof | None = None
    """Whom a card has identified in the browser that asks: what takes the place of a password, where none was declared.
    The account is not known to it yet."""


class SendCodeAgain(InternalCommand[SignUpStep]):
    """Sends another code, to another address when one is given. The code before is no longer right."""

    method = "identity.send_code_again"

    key_digest: bytes
    email: str | None = None


class RegisterCompared(View):
    """What a comparison found among the accounts that it looked at; ``after`` is where the next one begins."""

    looked_at: int
    absent: int = 0
    returned: int = 0
    withdrawn: int = 0
    after: Id | None = None


class CompareRegister(InternalCommand[RegisterCompared]):
    """Compares accounts with the register, some thousands in the order of their ids."""

    method = "identity.compare_register"

    after: Id | None = None


class ForgetSignUps(InternalCommand[Done]):
    """Erases what nobody confirmed within a day."""

    method = "identity.forget_sign_ups"


class InvitationSeen(View):
    """What an invitation says to whoever holds its link: who, for what, until when. ``state`` says whether it can be
    taken up; ``known``: its address has an account, by which one signs in to take it up."""

    state: Literal["open", "expired", "revoked", "used"]
    kind: Literal["mail", "link", "account"]
    invited_by: str
    expires_at: Instant
    function: str
    organisation: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    known: bool = False


class LookAtInvitation(InternalCommand[InvitationSeen]):
    """Shows an invitation, and notes that it was opened."""

    method = "identity.look_at_invitation"

    token: str


class ActivateAccount(InternalCommand[Done]):
    """Opens the account that an invitation prepared, under ``id``. ``password`` is encoded already."""

    method = "identity.activate_account"

    id: NewId
    token: str
    password: str
    terms: str
    data_agreement: str


class RecordStep(InternalCommand[Done]):
    """What the provider answered about a verification. It counts for whoever still holds the claim."""

    method = "identity.record_verification_step"

    verification: Id
    step: str
    """The one that was taken; meanwhile another may have become due."""
    claimed_until: datetime
    applicant: str = ""
    run: str = ""
    link: str = ""
    status: str = ""
    seen: Seen | None = None
    failed: str = ""
    """The code of why there was no answer; empty when there was one."""
    wait: float = 0.0
    """Seconds that the provider asks us to wait."""
    gone: bool = False
    """The provider no longer has it."""


class TakeNotice(InternalCommand[Done]):
    """The provider said that something happened to a run: it is asked at once. The same notice again says nothing."""

    method = "identity.take_verification_notice"

    key: bytes
    run: str


class ErasePerson(InternalCommand[Done]):
    """Erases an account as the law asks: what nobody needs any more goes, and what must be kept stays."""

    method = "identity.erase_person"

    person: Id
