"""What clients send and see on the way to a verified account. Signing up itself comes over HTTP (``forms``)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.accounts.wire import ONBOARDING, BadgeView
from server.kernel.wire import Command, Id, Instant, Line, View, Words

Language: TypeAlias = Literal["fr", "en"]


class EntryPlace(View):
    """Where somebody practises, as the register says."""

    name: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None


class EntryView(View):
    """An entry of the register of professionals. Nothing says whether somebody has it already."""

    id: Id
    name: str
    profession: str
    speciality: str | None = None
    rpps: str | None = None
    adeli: str | None = None
    places: list[EntryPlace] = []


class Candidates(View):
    """``questions_left`` of today, this one taken off."""

    entries: list[EntryView]
    questions_left: int


class FindCandidates(Command[Candidates]):
    """Entries of the register that may be the caller: by the number given, or else by the name and town of their
    account. Five times in 24 hours."""

    method = "verification.candidates"
    open_to = ONBOARDING

    number: Words | None = None


class ClaimResult(View):
    """The entry that the caller says is theirs, if any."""

    entry: EntryView | None = None


class ClaimEntry(Command[ClaimResult]):
    """Says which entry of the register is the caller's, or with none that no entry is. It counts once their identity is
    proven, and if it is nobody else's by then."""

    method = "verification.claim"
    open_to = ONBOARDING

    entry: Id | None = None


class ProfilePlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A place of practice in the person's own words, beside what the register says."""

    name: Line
    address: Words = ""
    postal_code: Words = ""
    city: Words = ""
    phone: Words = ""


class ConsentView(View):
    """A document that was agreed to."""

    document: Literal["terms", "data_agreement"]
    version: str
    at: Instant


PracticeModeCode: TypeAlias = Literal["liberal", "salaried"]
FeeSectorCode: TypeAlias = Literal["1", "2", "2_optam", "none"]


class Profile(View):
    """The caller's own profile, with what only they see of it."""

    id: Id
    email: str
    first_name: str
    last_name: str
    function: str
    language: Language
    title: str | None = None
    profession: str | None = None
    speciality: str | None = None
    rpps: str | None = None
    claimed: str | None = None
    """The RPPS or ADELI number that is declared and not proven yet."""
    practice_mode: PracticeModeCode | None = None
    fee_sector: FeeSectorCode | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    places: list[ProfilePlace] = []
    languages: list[str] = []
    phone: str | None = None
    mobile: str | None = None
    mobile_confirmed: bool = False
    mobile_shown: bool = False
    mssante: str | None = None
    badge: BadgeView | None = None
    consents: list[ConsentView] = []


class GetProfile(Command[Profile]):
    """The caller's own profile."""

    method = "profile.get"
    open_to = ONBOARDING


LanguageCode: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}$")]


class UpdateProfile(Command[Profile]):
    """Changes what is given of the caller's profile; an empty text or list empties it. A name can be changed until it
    is proven (``invalid_state`` from then on)."""

    method = "profile.update"
    open_to = ONBOARDING

    first_name: Line | None = None
    last_name: Line | None = None
    practice_mode: PracticeModeCode | None = None
    fee_sector: FeeSectorCode | None = None
    address: Words | None = None
    postal_code: Words | None = None
    city: Words | None = None
    places: Annotated[list[ProfilePlace], msgspec.Meta(max_length=20)] | None = None
    language: Language | None = None
    languages: Annotated[list[LanguageCode], msgspec.Meta(max_length=20)] | None = None
    phone: Words | None = None
    mobile_shown: bool | None = None
    mssante: Words | None = None


class MobileStarted(View):
    """A code that was sent by SMS."""

    mobile: str
    expires_at: Instant
    resend_at: Instant
    attempts_left: int


class SetMobile(Command[MobileStarted]):
    """Sends a code to a mobile of the caller's, which takes the place of the one before once it is confirmed. Five
    codes in 24 hours, one a minute."""

    method = "profile.mobile"
    open_to = ONBOARDING

    mobile: Line


class ConfirmMobileResult(View):
    """What came of a code; a wrong one is no refusal, since it counts."""

    state: Literal["confirmed", "wrong_code", "expired", "too_many_attempts"]
    attempts_left: int = 0


class ConfirmMobile(Command[ConfirmMobileResult]):
    """The code of the SMS."""

    method = "profile.confirm_mobile"
    open_to = ONBOARDING

    code: Line
