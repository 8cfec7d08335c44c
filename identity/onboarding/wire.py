"""What clients send and see on the way to a verified account. Signing up itself comes over HTTP (``forms``)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.accounts.wire import ONBOARDING, BadgeView
from server.kernel.wire import NO_NUL, Command, Cursor, Done, Id, Instant, Line, NewId, Page, View, Words
from server.kernel.wire.errors import IdTaken

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
    over_http = True

    number: Words | None = None


class ClaimResult(View):
    """The entry that the caller says is theirs, if any."""

    entry: EntryView | None = None


class ClaimEntry(Command[ClaimResult]):
    """Says which entry of the register is the caller's, or with none that no entry is. It counts once their identity is
    proven, and if it is nobody else's by then."""

    method = "verification.claim"
    open_to = ONBOARDING
    over_http = True

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
    over_http = True


LanguageCode: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}$")]


class UpdateProfile(Command[Profile]):
    """Changes what is given of the caller's profile; an empty text or list empties it. A name can be changed until it
    is proven (``invalid_state`` from then on)."""

    method = "profile.update"
    open_to = ONBOARDING
    over_http = True

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
    sensitive = True
    open_to = ONBOARDING
    over_http = True

    mobile: Line


class ConfirmMobileResult(View):
    """What came of a code; a wrong one is no refusal, since it counts."""

    state: Literal["confirmed", "wrong_code", "expired", "too_many_attempts"]
    attempts_left: int = 0


class ConfirmMobile(Command[ConfirmMobileResult]):
    """The code of the SMS."""

    method = "profile.confirm_mobile"
    open_to = ONBOARDING
    over_http = True

    code: Line


VerificationState: TypeAlias = Literal["none", "pending", "awaiting_person", "in_review", "verified", "refused"]
StepState: TypeAlias = Literal["done", "waiting", "action", "none"]


class VerificationStep(View):
    """One step on the way, and whether it is done, waits for others, is the person's to do, or is not reached yet."""

    step: Literal["profile", "document", "register", "access"]
    state: StepState
    at: Instant | None = None


class SeenNames(View):
    """What made a refusal: the name of the document beside that of the register."""

    document: str | None = None
    register: str | None = None


class VerificationView(View):
    """Where the caller's verification stands. ``reason`` is a code; ``may_retry``: ``verification.start`` may be asked.

    ``url`` is the page to go on with, on any device, while they are awaited there. ``answer_by`` is when moderators
    answer at the latest, ``act_by`` when the person has to have gone on, ``erased_at`` when the images are erased.
    """

    state: VerificationState
    may_retry: bool
    id: Id | None = None
    method: str | None = None
    reason: str | None = None
    may_appeal: bool = False
    attempt: int | None = None
    attempts: int | None = None
    url: str | None = None
    decided_at: Instant | None = None
    answer_by: Instant | None = None
    act_by: Instant | None = None
    erased_at: Instant | None = None
    confirm_by: Instant | None = None
    """Their entry has left the register: until then they can prove again who they are."""
    names: SeenNames | None = None
    steps: list[VerificationStep] = []


class VerificationResult(View):
    """The caller's verification."""

    verification: VerificationView


class GetVerification(Command[VerificationResult]):
    """Where the caller's verification stands."""

    method = "verification.get"
    open_to = ONBOARDING
    over_http = True


class StartResult(View):
    """The page to go on with, which leads to the provider's as soon as that is ready."""

    url: str
    verification: VerificationView


class StartVerification(Command[StartResult]):
    """Begins a verification by an identity document and a photo of the face, at the provider's. ``invalid_state`` when
    one is under way, when there is nothing more to prove, or when this Relais does not offer it (``not_offered``)."""

    method = "verification.start"
    open_to = ONBOARDING
    over_http = True
    refuses = (IdTaken,)

    id: NewId
    # The way of this verification, and not what names the command.
    by: Literal["document"] = msgspec.field(name="method")


class WithdrawVerification(Command[VerificationResult]):
    """Takes back the consent to the check of one's document: what the provider keeps of the caller is erased there.
    What was decided stays, and so does the trace of it."""

    method = "verification.withdraw"
    open_to = ONBOARDING
    over_http = True


class AppealVerification(Command[VerificationResult]):
    """Asks the moderators to look again at a refusal, once; ``note`` is for them."""

    method = "verification.appeal"
    open_to = ONBOARDING
    over_http = True

    note: Annotated[str, msgspec.Meta(max_length=2_000, pattern=NO_NUL)] = ""


Decision: TypeAlias = Literal["accept", "refuse", "ask_again"]
DecisionReason: TypeAlias = Literal[
    "names_agree",
    "used_name_proven",
    "spelling",
    "register_late",
    "proven_otherwise",
    "name_differs",
    "number_of_another",
    "not_a_professional",
    "forged_document",
    "no_answer",
    "unreadable",
    "expired_document",
    "face_unclear",
    "proof_of_name_needed",
]


class ComparisonRow(View):
    """One line of a table: what was declared, what the document says, what the register says, and how alike these are.
    ``absent``: there is nothing to compare with."""

    trait: Literal["last_name", "first_names", "profession", "number"]
    likeness: Literal["identical", "close", "different", "absent"]
    declared: str | None = None
    document: str | None = None
    register: str | None = None


class EvidenceView(View):
    """Where the provider keeps a piece of evidence; nothing of it is copied here."""

    kind: Literal["document", "face", "run"]
    reference: str
    result: str | None = None
    detail: str | None = None


class OpinionView(View):
    """What a moderator said."""

    by: str
    at: Instant
    decision: Decision
    reason: DecisionReason
    note: str | None = None
    mine: bool = False


class ReviewItem(View):
    """A verification that moderators decide on. ``reason`` is the code of why it came to them."""

    verification: Id
    person: Id
    name: str
    since: Instant
    due: Instant
    reason: str
    attempt: int
    state: VerificationState
    email: str
    profession: str | None = None
    speciality: str | None = None
    city: str | None = None
    decided_at: Instant | None = None
    appeal: str | None = None
    statement: str | None = None
    """The code of what an order or the register has stated of the person, against which they appeal."""
    comparison: list[ComparisonRow] = []
    evidence: list[EvidenceView] = []
    opinions: list[OpinionView] = []
    opinions_needed: int = 2
    abilities: list[str] = []
    """``decide``, unless it is the caller's own."""


class Queue(View):
    """A page of what waits for a decision, the oldest first, or of what was decided, the newest first."""

    items: list[ReviewItem]
    cursor: str | None = None


class ListQueue(Command[Queue]):
    """What waits for moderators, or with ``decided`` what they decided."""

    method = "verification.queue"

    decided: bool = False
    limit: Page = 20
    cursor: Cursor | None = None


class DecideResult(View):
    """The verification as it stands after this opinion; it is decided once enough moderators agree."""

    item: ReviewItem


class DecideVerification(Command[DecideResult]):
    """Says what the caller thinks of a verification. Two moderators must agree before anything opens or closes; nobody
    decides on themselves. ``note`` is for the other moderator."""

    method = "verification.decide"
    sensitive = True

    verification: Id
    decision: Decision
    reason: DecisionReason
    note: Annotated[str, msgspec.Meta(max_length=2_000, pattern=NO_NUL)] = ""


class StateStatement(Command[Done]):
    """Records that somebody is struck off or suspended by their order: their verification ends at once, with every
    session of theirs, and they are told why and how to appeal. Moderators only; one is enough to close."""

    method = "verification.statement"
    sensitive = True

    person: Id
    statement: Literal["struck_off", "suspended"]
