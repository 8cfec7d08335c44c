"""The forms of signing up, which come over HTTP alone: nobody asks a socket for them, and they are never dispatched as
they came."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.onboarding.wire import Language
from server.kernel.wire import NO_NUL, Instant, InternalCommand, Line, View, Words

Secret: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, pattern=NO_NUL)]
"""Taken as it is typed."""


class SignUpStarted(View):
    """A sign-up that waits for the code of a mail. ``signup`` is the key to it, which the client keeps."""

    signup: str
    email: str
    expires_at: Instant
    """Of the code."""
    resend_at: Instant
    attempts_left: int


class SignUp(InternalCommand[SignUpStarted]):
    """Somebody's declaration, ``POST /auth/{browser|app}/v1/auth/signup``. ``speciality`` is a key of the list beside
    it; ``terms`` and ``data_agreement`` are the versions that could be read. Whom Pro Santé Connect or their card has
    identified in this browser gives no password: the card is what opens the account."""

    method = "signup"

    email: Line
    first_name: Line
    last_name: Line
    postal_code: Line
    city: Line
    speciality: Line
    practice_mode: Literal["liberal", "salaried"]
    terms: Line
    data_agreement: Line
    password: Secret | None = None
    address: Words = ""
    rpps: Words | None = None
    adeli: Words | None = None
    invitation: Words | None = None
    language: Language = "fr"


class OpenInvitation(InternalCommand[View]):
    """The secret behind the # of an invitation's link; the answer says who invites, for what, until when."""

    method = "invitation"

    token: Secret


class ActivateAccount(InternalCommand[View]):
    """The password and the consents of whoever opens an account that was prepared for them. Its owner is signed in."""

    method = "invitation/activate"

    token: Secret
    password: Secret
    terms: Line
    data_agreement: Line


class ConfirmSignUp(InternalCommand[View]):
    """The code of the mail; the account is made by it, and its owner signed in."""

    method = "signup/confirm"

    signup: Secret
    code: Line


class ResendCode(InternalCommand[SignUpStarted]):
    """Another code, a minute after the one before at the earliest."""

    method = "signup/resend"

    signup: Secret


class ChangeAddress(InternalCommand[SignUpStarted]):
    """Another address for the same sign-up, and a code for it."""

    method = "signup/address"

    signup: Secret
    email: Line
