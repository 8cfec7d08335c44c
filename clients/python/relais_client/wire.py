"""The structs of protocol 1, written by `relais wire` from the declarations of the rooms: edit those instead.

Unknown fields are ignored when decoding; what has its default is left out when encoding.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar
from uuid import UUID

import msgspec

PROTOCOL = 1

R = TypeVar("R")


class Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Anything on the wire."""


class Command(Struct, Generic[R], frozen=True, kw_only=True, omit_defaults=True):
    """A request whose answer is an ``R``."""

    method: ClassVar[str]
    result: ClassVar[type[Any]]


class ActForResult(Struct, frozen=True, kw_only=True):
    """The organisation for which the session acts from now on."""

    acting_for: UUID


class AgendaChanged(Struct, frozen=True, kw_only=True):
    """Openings, absences, visit reasons or rights changed: load again what is shown."""


class AgendaChangedMasked(Struct, frozen=True, kw_only=True):
    """Something of the agenda changed: load again what is shown."""


class AgendaExport(Struct, frozen=True, kw_only=True):
    """A part of the copy: lines of a table, one appointment each. The next parts come with the
    ``cursor`` and follow as
    they are; the first has the heading. Cells that a spreadsheet would take for a formula begin with
    an apostrophe.
    """

    text: str
    appointments: int
    cursor: str | None = None


class ReasonView(Struct, frozen=True, kw_only=True):
    """Why a patient comes, and how long it takes."""

    id: UUID
    name: str
    minutes: int
    instructions: str | None = None


class AgendaWithReasons(Struct, frozen=True, kw_only=True):
    id: UUID
    practitioner: UUID
    practitioner_name: str
    name: str
    time_zone: str
    abilities: list[str]
    place: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    level: str | None = None
    organisation: UUID | None = None
    reasons: list[ReasonView] = msgspec.field(default_factory=list)


class AgendaResult(Struct, frozen=True, kw_only=True):
    agenda: AgendaWithReasons


class AgendaView(Struct, frozen=True, kw_only=True):
    """An agenda at a place. ``level`` is what the caller may do with it, absent when they may only book
    as
    a referrer.
    """

    id: UUID
    practitioner: UUID
    practitioner_name: str
    name: str
    time_zone: str
    abilities: list[str]
    place: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    level: str | None = None
    organisation: UUID | None = None


class Agendas(Struct, frozen=True, kw_only=True):
    """As many agendas as make one answer, at most 50; with a ``cursor`` there are more."""

    agendas: list[AgendaWithReasons]
    cursor: str | None = None


class BirthPlace(Struct, frozen=True, kw_only=True):
    """Where somebody was born: in France a town (with its INSEE code where known), else the country."""

    country: str
    city: str | None = None
    insee: str | None = None


class PatientView(Struct, frozen=True, kw_only=True):
    """A patient whom the caller may read."""

    id: UUID
    civility: str
    first_names: str
    family_name: str
    birth_date: date
    birth_place: BirthPlace
    phone: str
    birth_name: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    email: str | None = None
    ins: str | None = None
    birth_date_unknown: str | None = None


class AppointmentDetails(Struct, frozen=True, kw_only=True):
    """An appointment as everybody who may read it sees it; ``agenda_name``, ``place`` and ``city`` say
    where it is.

    ``erased``: what was written about the patient is erased or can no longer be opened; ``patient``
    and
    ``cancellation`` are then absent, and the time stands.
    """

    id: UUID
    agenda: UUID
    start: datetime
    end: datetime
    state: str
    reason: UUID | None = None
    reason_name: str | None = None
    patient: PatientView | None = None
    referral: UUID | None = None
    seen_before: bool | None = None
    booked_by: UUID | None = None
    booked_by_name: str | None = None
    booked_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancellation: str | None = None
    erased: bool = False
    agenda_name: str | None = None
    place: str | None = None
    city: str | None = None


class AppointmentBooked(Struct, frozen=True, kw_only=True):
    """A hold became an appointment, which has its id."""

    start: datetime
    end: datetime
    hold: UUID
    appointment: AppointmentDetails


class AppointmentBookedMasked(Struct, frozen=True, kw_only=True):
    start: datetime
    end: datetime


class AppointmentCancelled(Struct, frozen=True, kw_only=True):
    start: datetime
    end: datetime
    appointment: AppointmentDetails


class AppointmentCancelledMasked(Struct, frozen=True, kw_only=True):
    start: datetime
    end: datetime


class AppointmentNotice(Struct, frozen=True, kw_only=True):
    """A message to the patient was settled: sent, dropped, or given up. Neither its words nor the
    address.
    """

    appointment: UUID
    kind: str
    channel: str
    state: str
    reason: str | None = None


class AppointmentNoticeMasked(Struct, frozen=True, kw_only=True):
    """Nothing about the times has changed."""


class AppointmentView(Struct, frozen=True, kw_only=True):
    """An appointment, with what the caller may do with it. For whoever is busy-only it has times alone."""

    id: UUID
    agenda: UUID
    start: datetime
    end: datetime
    state: str
    reason: UUID | None = None
    reason_name: str | None = None
    patient: PatientView | None = None
    referral: UUID | None = None
    seen_before: bool | None = None
    booked_by: UUID | None = None
    booked_by_name: str | None = None
    booked_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancellation: str | None = None
    erased: bool = False
    agenda_name: str | None = None
    place: str | None = None
    city: str | None = None
    abilities: list[str] = msgspec.field(default_factory=list)


class ArrivalView(Struct, frozen=True, kw_only=True):
    """Somebody who came by an invitation. ``waiting``: whoever may invite lets them in, or does not."""

    person: UUID
    name: str
    state: str
    at: datetime
    verified_at: datetime | None = None


class AskedView(Struct, frozen=True, kw_only=True):
    """Somebody who was put into a group by a stranger and has not accepted: they read nothing of it."""

    person: UUID
    name: str
    by: UUID


class AuditEntryView(Struct, frozen=True, kw_only=True):
    """Who did what to which thing, when, and from which device. What is done by Relais itself has no
    ``person``.

    ``subject`` and ``about`` are ids; ``names`` of the answer says those of people, organisations and
    agendas, and
    ``patients`` of patients. ``refused``: it was asked for, and not carried out. ``details`` are
    codes.
    """

    at: datetime
    act: str
    subject: str
    person: UUID | None = None
    on_behalf_of: UUID | None = None
    organisation: UUID | None = None
    device: str | None = None
    about: list[str] = msgspec.field(default_factory=list)
    details: dict[str, str] = msgspec.field(default_factory=dict)
    refused: bool = False


class ChainCheck(Struct, frozen=True, kw_only=True):
    """That whoever runs Relais had every link of the audit looked at (``relais audit verify``): when,
    how many there
    were, and whether all were as they had been written.
    """

    at: datetime
    links: int
    sound: bool


class AuditEntries(Struct, frozen=True, kw_only=True):
    """A page of entries, the newest first. ``cursor`` when there may be more: a page may be shorter than
    asked for.
    """

    entries: list[AuditEntryView]
    names: dict[str, str]
    patients: dict[str, str] = msgspec.field(default_factory=dict)
    checked: ChainCheck | None = None
    cursor: str | None = None


class AuditExport(Struct, frozen=True, kw_only=True):
    """A part of the copy: lines of a table, or of JSON, one entry each. The next parts come with the
    ``cursor``, and
    follow as they are; the first has the heading of a table. Cells that a spreadsheet would take for
    a formula begin
    with an apostrophe.
    """

    text: str
    entries: int
    cursor: str | None = None


class BadgeView(Struct, frozen=True, kw_only=True):
    """How and when somebody's identity was verified. ``by`` is who answers for them, when they are
    ``vouched`` for.

    ``confirm_by``: their entry has left the register, and until then they can prove again who they
    are.
    """

    method_: str = msgspec.field(name="method")
    at: datetime
    by: str | None = None
    confirm_by: datetime | None = None


class BlockedView(Struct, frozen=True, kw_only=True):
    person: UUID
    name: str
    at: datetime


class FileView(Struct, frozen=True, kw_only=True):
    """A file as it is now. Only a ``ready`` one can be opened, and only by whoever may read what holds
    it.

    ``type`` is what its content was found to be, ``size`` is in bytes, ``previews`` counts the pages
    that
    ``/files/<id>/preview`` shows; ``seconds`` is how long a recording lasts. ``unscanned``: no
    antivirus has looked at
    it. ``offset`` is how much of an unfinished upload is durable. ``erased``: it is gone, and only
    its place is left.
    """

    id: UUID
    name: str
    size: int
    state: str
    type: str = ""
    refusal: str | None = None
    unscanned: bool = False
    thumbnail: bool = False
    previews: int = 0
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    offset: int | None = None
    erased: bool = False


class NoticeView(Struct, frozen=True, kw_only=True):
    """One message to the patient: neither its words nor the address.

    ``at`` is when it was settled; while it is ``queued``, when it is due. ``reason`` is the code of
    the last failure,
    or of why it was dropped.
    """

    kind: str
    channel: str
    state: str
    at: datetime
    reason: str | None = None


class ReferralView(Struct, frozen=True, kw_only=True):
    """A referral as both sides see it.

    ``erased``: what was written about the patient is erased or can no longer be opened; ``patient``
    and ``message``
    are then absent. ``notes_hidden``: an owner of the organisation keeps what was written about
    patients from the
    caller; ``message``, ``documents``, and why the visit was cancelled, are then absent.
    ``documents`` are the files
    that went with it, as they are now: whoever is shown them here may open them. ``notices`` are the
    messages to the
    patient about its appointment, as they stand when a referral is read; the answer to a booking has
    none. ``place``
    and ``address`` are those of the visit.
    """

    id: UUID
    state: str
    referrer: UUID
    referrer_name: str
    practitioner: UUID
    practitioner_name: str
    created_at: datetime
    seen_before: bool
    patient: PatientView | None = None
    conversation: UUID | None = None
    message: str | None = None
    documents: list[FileView] = msgspec.field(default_factory=list)
    appointment: AppointmentView | None = None
    speciality: str | None = None
    place: str | None = None
    address: str | None = None
    time_zone: str | None = None
    notices: list[NoticeView] = msgspec.field(default_factory=list)
    erased: bool = False
    notes_hidden: bool = False
    abilities: list[str] = msgspec.field(default_factory=list)


class BookReferralResult(Struct, frozen=True, kw_only=True):
    referral: ReferralView
    appointment: AppointmentView


class BusySlot(Struct, frozen=True, kw_only=True):
    """A held slot in a day's view. For whoever is busy-only it has times alone."""

    start: datetime
    end: datetime
    expires_at: datetime
    hold: UUID | None = None
    by: UUID | None = None
    by_name: str | None = None


class CancelAppointmentResult(Struct, frozen=True, kw_only=True):
    appointment: AppointmentView


class CandidateView(Struct, frozen=True, kw_only=True):
    person: UUID
    name: str


class EntryPlace(Struct, frozen=True, kw_only=True):
    """Where somebody practises, as the register says."""

    name: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None


class EntryView(Struct, frozen=True, kw_only=True):
    """An entry of the register of professionals. Nothing says whether somebody has it already."""

    id: UUID
    name: str
    profession: str
    speciality: str | None = None
    rpps: str | None = None
    adeli: str | None = None
    places: list[EntryPlace] = msgspec.field(default_factory=list)


class Candidates(Struct, frozen=True, kw_only=True):
    """``questions_left`` of today, this one taken off."""

    entries: list[EntryView]
    questions_left: int


class CasePatientView(Struct, frozen=True, kw_only=True):
    """What the members of a case are shown of the patient, as it was when the case was opened: initials,
    or who they
    are. ``id`` is the asker's record, which opens to nobody by standing here.
    """

    id: UUID | None = None
    initials: str | None = None
    civility: str | None = None
    family_name: str | None = None
    first_names: str | None = None
    birth_name: str | None = None
    birth_date: date | None = None


class CaseView(Struct, frozen=True, kw_only=True):
    """The question of a case and where it stands; every member sees all of it, from whenever on they see
    messages.

    It is ``waiting`` for an answer of those who were asked, ``open`` when one of them has answered,
    or ``closed``.
    ``waiting_for`` says whose turn it is: of those asked who are members, at most 20; or the asker,
    and where the asker
    is no member any more, whoever looks after the conversation. ``answered_by`` is who answered
    first. ``truncated``:
    ``question`` is only the beginning, as in a summary. ``patient`` is shown where the conversation
    is shown in full,
    and nowhere else: whom it is shown to is in the audit. ``erased``: its texts are erased or can no
    longer be opened.
    """

    state: str
    question: str
    urgency: str
    asker: UUID
    patient: CasePatientView | None = None
    informed: str | None = None
    waiting_for: list[UUID] = msgspec.field(default_factory=list)
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    outcome: str | None = None
    summary: str | None = None
    closed_by: UUID | None = None
    closed_at: datetime | None = None
    truncated: bool = False
    erased: bool = False


class CaseClosedEvent(Struct, frozen=True, kw_only=True):
    by: UUID
    case: CaseView


class CaseHandedOver(Struct, frozen=True, kw_only=True):
    by: UUID
    case: CaseView
    to: UUID
    note: str | None = None


class CaseReopened(Struct, frozen=True, kw_only=True):
    by: UUID
    case: CaseView
    reason: str


class CaseTurned(Struct, frozen=True, kw_only=True):
    """Whose turn it is has changed: somebody answered, asked on, or said so."""

    by: UUID
    case: CaseView


class ClaimPerson(Struct, frozen=True, kw_only=True):
    """A member whom a moderator may appoint: verified by themselves, and able to act."""

    id: UUID
    name: str
    function: str
    profession: str | None = None
    speciality: str | None = None
    badge: BadgeView | None = None


class ClaimResult(Struct, frozen=True, kw_only=True):
    """The entry that the caller says is theirs, if any."""

    entry: EntryView | None = None


class ClaimView(Struct, frozen=True, kw_only=True):
    """A wish that waits for a moderator. ``people`` are members who may be appointed, 20 at most."""

    organisation: UUID
    name: str
    since: datetime
    members: int = 0
    people: list[ClaimPerson] = msgspec.field(default_factory=list)


class Claims(Struct, frozen=True, kw_only=True):
    claims: list[ClaimView]


class ComparisonRow(Struct, frozen=True, kw_only=True):
    """One line of a table: what was declared, what the document says, what the register says, and how
    alike these are.
    ``absent``: there is nothing to compare with.
    """

    trait: str
    likeness: str
    declared: str | None = None
    document: str | None = None
    register: str | None = None


class ConfirmMobileResult(Struct, frozen=True, kw_only=True):
    """What came of a code; a wrong one is no refusal, since it counts."""

    state: str
    attempts_left: int = 0


class ConsentView(Struct, frozen=True, kw_only=True):
    """A document that was agreed to."""

    document: str
    version: str
    at: datetime


class ContactAccepted(Struct, frozen=True, kw_only=True):
    """In somebody's inbox: they may now write to this person."""

    person: UUID


class ContactBlocked(Struct, frozen=True, kw_only=True):
    """In somebody's inbox: they block this person, or no longer do."""

    person: UUID
    blocked: bool


class ContactRefused(Struct, frozen=True, kw_only=True):
    """In somebody's inbox: this person does not wish to be written to, and lets them know."""

    person: UUID


class ContactRequestView(Struct, frozen=True, kw_only=True):
    """Somebody asks to be allowed to write to the caller."""

    id: UUID
    person: UUID
    name: str
    at: datetime
    profession: str | None = None
    speciality: str | None = None
    reason: str | None = None


class ContactRequested(Struct, frozen=True, kw_only=True):
    """In somebody's inbox: a professional asks to be allowed to write to them."""

    request: UUID


class SentRequestView(Struct, frozen=True, kw_only=True):
    """The caller asked somebody. ``sent`` until they are told something: also when it was refused
    without a word.

    ``again_at`` is when this person can be asked again.
    """

    id: UUID
    person: UUID
    name: str
    at: datetime
    state: str
    again_at: datetime
    profession: str | None = None
    speciality: str | None = None
    reason: str | None = None


class ContactSettings(Struct, frozen=True, kw_only=True):
    """The caller's own rule, whom they block (the last 200), who asks to write to them (the last 100),
    and whom they
    asked themselves in the last 30 days.
    """

    rule: str
    blocked: list[BlockedView]
    requests: list[ContactRequestView]
    sent: list[SentRequestView] = msgspec.field(default_factory=list)


class ConversationOpened(Struct, frozen=True, kw_only=True):
    by: UUID
    members: list[UUID]
    title: str | None = None


class MemberView(Struct, frozen=True, kw_only=True):
    """A member of a conversation; ``read`` is how far they have read. It never lies before the reader's
    ``from``.
    """

    person: UUID
    role: str
    name: str
    verified: bool
    function: str
    profession: str | None = None
    speciality: str | None = None
    read: int = 0
    badge: BadgeView | None = None


class ReactionView(Struct, frozen=True, kw_only=True):
    """Everybody who reacted to a message in this way: how many, and the first 50 of them."""

    emoji: str
    count: int
    people: list[UUID]


class MessageView(Struct, frozen=True, kw_only=True):
    """A message as it is now. A deleted one keeps its place and loses its body.

    ``reply_to`` and its number, ``reply_seq``, are left out when they lie before the reader's
    ``from``. ``erased``: the
    text is erased or can no longer be opened; ``body`` is then empty. ``truncated``: ``body`` is only
    the beginning of
    the text, as in the ``last`` message of a summary. ``attached`` counts the files; ``attachments``
    shows them as they
    are now, in the order in which they were sent, everywhere but in a summary. A deleted or erased
    message has none.
    ``undone``: its author took it back before anybody had read it; it is ``deleted_at`` too, and
    clients show nothing
    in its place. ``reactions``, the first kind first, stand everywhere but in a summary.
    """

    id: UUID
    conversation: UUID
    seq: int
    author: UUID
    body: str
    at: datetime
    attachments: list[FileView] = msgspec.field(default_factory=list)
    attached: int = 0
    reply_to: UUID | None = None
    reply_seq: int | None = None
    referral: UUID | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    erased: bool = False
    truncated: bool = False
    undone: bool = False
    reactions: list[ReactionView] = msgspec.field(default_factory=list)


class ConversationView(Struct, frozen=True, kw_only=True):
    """A conversation for one of its members. ``abilities`` says what they may do: clients never work it
    out again.

    ``from`` is the first number that the reader may see; absent, they may see everything. It belongs
    to the membership
    that they have now: what they saw in an earlier one, before they left or were removed, is not
    shown again. What lies
    before it is neither a gap nor unread. ``organisation`` is the one its opener acted for.
    ``erased``: its title is
    erased or can no longer be opened.

    A summary, as ``hello`` and ``conversation.list`` give it, shows at most four ``members`` of
    ``member_count`` (the
    author of the last message among them) and at most 200 bytes of the ``last`` message. ``added_by``
    is who made the
    reader a member of a group, unless they did so themselves. In full it shows all members, or as
    many as fit into
    256 KiB.

    ``hidden``: the reader put the conversation away when this was its last number; clients list it
    again once ``head``
    is beyond. ``blocked``: the reader blocks the other person of a conversation of two, and unblocks
    them to write.
    ``asked``, where it is shown in full: at most 100 people who were asked into the group and have
    not accepted.
    """

    id: UUID
    kind: str
    members: list[MemberView]
    head: int
    read: int
    unread: int
    abilities: list[str]
    from_: int = msgspec.field(name="from", default=1)
    title: str | None = None
    last: MessageView | None = None
    organisation: UUID | None = None
    erased: bool = False
    member_count: int = 0
    added_by: UUID | None = None
    hidden: int | None = None
    blocked: bool = False
    asked: list[AskedView] = msgspec.field(default_factory=list)
    case: CaseView | None = None


class ConversationResult(Struct, frozen=True, kw_only=True):
    conversation: ConversationView


class ConversationUpdated(Struct, frozen=True, kw_only=True):
    title: str
    by: UUID


class Conversations(Struct, frozen=True, kw_only=True):
    """A page of summaries, the latest activity first: as many as fit into 256 KiB. ``cursor`` when there
    are more.
    """

    conversations: list[ConversationView]
    cursor: str | None = None


class CreatePatientResult(Struct, frozen=True, kw_only=True):
    patient: PatientView


class Window(Struct, frozen=True, kw_only=True):
    """A stretch in which an agenda is open, or its practitioner absent (then ``id`` names the absence)."""

    start: datetime
    end: datetime
    id: UUID | None = None


class Day(Struct, frozen=True, kw_only=True):
    """Days of an agenda: ``head`` is the stream's number up to which this is complete.

    Appointments and holds in the order in which they begin, as many as fit into 256 KiB. With a
    ``cursor`` there are
    more: ask again with it. ``openings`` and ``absences`` stand on the first page.
    """

    agenda: AgendaView
    head: int
    appointments: list[AppointmentView]
    holds: list[BusySlot]
    openings: list[Window]
    absences: list[Window]
    cursor: str | None = None


class EvidenceView(Struct, frozen=True, kw_only=True):
    """Where the provider keeps a piece of evidence; nothing of it is copied here."""

    kind: str
    reference: str
    result: str | None = None
    detail: str | None = None


class OpinionView(Struct, frozen=True, kw_only=True):
    """What a moderator said."""

    by: str
    at: datetime
    decision: str
    reason: str
    note: str | None = None
    mine: bool = False


class ReviewItem(Struct, frozen=True, kw_only=True):
    """A verification that moderators decide on. ``reason`` is the code of why it came to them."""

    verification: UUID
    person: UUID
    name: str
    since: datetime
    due: datetime
    reason: str
    attempt: int
    state: str
    email: str
    profession: str | None = None
    speciality: str | None = None
    city: str | None = None
    decided_at: datetime | None = None
    appeal: str | None = None
    statement: str | None = None
    comparison: list[ComparisonRow] = msgspec.field(default_factory=list)
    evidence: list[EvidenceView] = msgspec.field(default_factory=list)
    opinions: list[OpinionView] = msgspec.field(default_factory=list)
    opinions_needed: int = 2
    abilities: list[str] = msgspec.field(default_factory=list)


class DecideResult(Struct, frozen=True, kw_only=True):
    """The verification as it stands after this opinion; it is decided once enough moderators agree."""

    item: ReviewItem


class PractitionerView(Struct, frozen=True, kw_only=True):
    """A professional of the directory. ``id`` names them in every other request, on Relais or not."""

    id: UUID
    name: str
    profession: str
    first_name: str | None = None
    last_name: str | None = None
    speciality: str | None = None
    rpps: str | None = None


class PlaceView(Struct, frozen=True, kw_only=True):
    """A place of practice; the distance is from the place searched, as the crow flies."""

    address: str
    postal_code: str
    city: str
    name: str | None = None
    distance_km: float | None = None


class DirectoryEntry(Struct, frozen=True, kw_only=True):
    """One professional in full."""

    practitioner: PractitionerView
    places: list[PlaceView]
    person: UUID | None = None
    bookable: bool = False
    verified_user: bool = False
    badge: BadgeView | None = None


class Done(Struct, frozen=True, kw_only=True):
    """Carried out; there is nothing to show."""


class FileChanged(Struct, frozen=True, kw_only=True):
    """A file that the person uploads was checked: it is ready, or refused. It is shown as it is when
    this is read.
    """

    file: FileView


class FileResult(Struct, frozen=True, kw_only=True):
    file: FileView


class GetReferralResult(Struct, frozen=True, kw_only=True):
    referral: ReferralView


class GroupRequestView(Struct, frozen=True, kw_only=True):
    """A group that waits for the caller's consent: nothing that was written in it is shown before."""

    conversation: UUID
    at: datetime
    by: UUID
    by_name: str
    member_count: int
    title: str | None = None
    profession: str | None = None
    speciality: str | None = None
    badge: BadgeView | None = None


class GroupRequests(Struct, frozen=True, kw_only=True):
    """The last 100, the newest first."""

    requests: list[GroupRequestView]


class HandOverResult(Struct, frozen=True, kw_only=True):
    conversations: list[UUID]


class HeldSlot(Struct, frozen=True, kw_only=True):
    """A slot that the caller holds, with all that it takes to go on with the booking, on another device
    or after a
    reload: ``referral.book`` takes ``hold`` until ``expires_at``.
    """

    hold: UUID
    agenda: UUID
    agenda_name: str
    practitioner: UUID
    practitioner_name: str
    time_zone: str
    reason: UUID
    reason_name: str
    start: datetime
    end: datetime
    expires_at: datetime
    place: str | None = None
    city: str | None = None


class History(Struct, frozen=True, kw_only=True):
    """Messages, the newest first, as many as fit into 256 KiB; ``more`` when older ones exist."""

    messages: list[MessageView]
    more: bool = False


class Hit(Struct, frozen=True, kw_only=True):
    """One professional found; ``why`` says which parts of the question they answer."""

    practitioner: PractitionerView
    places: list[PlaceView]
    why: list[str]
    person: UUID | None = None
    distance_km: float | None = None
    bookable: bool = False
    verified_user: bool = False
    badge: BadgeView | None = None
    favourite: bool = False


class OrganisationHit(Struct, frozen=True, kw_only=True):
    """An organisation or a service that was found. The address is that of its first site, of a service
    without one
    that of its establishment: by it two of one name are told apart.
    """

    id: UUID
    name: str
    kind: str
    parent: UUID | None = None
    parent_name: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    phone: str | None = None
    specialities: list[str] = msgspec.field(default_factory=list)


class Hits(Struct, frozen=True, kw_only=True):
    """A page of the directory, the best first: as many as fit into 256 KiB. ``cursor`` when there are
    more.

    ``organisations`` are the services, establishments and other organisations on Relais whose name is
    in the text: five
    at most, services first, on the first page.
    """

    hits: list[Hit]
    organisations: list[OrganisationHit] = msgspec.field(default_factory=list)
    cursor: str | None = None


class HoldEnded(Struct, frozen=True, kw_only=True):
    """In the inbox of whoever held the slot: it was given back, or its time is over. What is booked is
    not told so.
    """

    hold: UUID
    agenda: UUID
    start: datetime
    end: datetime
    why: str


class HoldSlotResult(Struct, frozen=True, kw_only=True):
    """``hold`` is the id the client chose; until ``expires_at`` nobody else can take the slot."""

    hold: UUID
    expires_at: datetime
    agenda: UUID
    reason: UUID
    start: datetime
    end: datetime


class Holds(Struct, frozen=True, kw_only=True):
    holds: list[HeldSlot]


class RefusedRow(Struct, frozen=True, kw_only=True):
    """A row that nobody is invited by; ``row`` counts from 0 in this request."""

    row: int
    why: str


class Imported(Struct, frozen=True, kw_only=True):
    """``ready`` rows were invited, or would be; the others say why not."""

    ready: int
    refused: list[RefusedRow]
    expires_at: datetime


class InboxConversationAdded(Struct, frozen=True, kw_only=True):
    """The person is now a member of a conversation: its stream is theirs to follow."""

    conversation: UUID


class InboxConversationHidden(Struct, frozen=True, kw_only=True):
    """The person put a conversation away on one of their devices, when this was its last number."""

    conversation: UUID
    upto: int


class InboxConversationRemoved(Struct, frozen=True, kw_only=True):
    """The person is no longer a member: clients erase what they hold of the conversation."""

    conversation: UUID


class InboxConversationRequested(Struct, frozen=True, kw_only=True):
    """Somebody whom the person hardly knows put them into a group: they accept or decline, and are no
    member yet.
    """

    conversation: UUID


class InvitationView(Struct, frozen=True, kw_only=True):
    """An invitation, for whoever may see it. ``url`` is shown of a link, to those who may pass it on.

    ``step`` is how far the invited person has come; ``failure`` why the mail did not reach them.
    """

    id: UUID
    kind: str
    state: str
    step: str
    function: str
    invited_at: datetime
    invited_by_name: str
    expires_at: datetime
    uses: int
    used: int
    organisation: UUID | None = None
    url: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    administrator: bool = False
    staff_too: bool = False
    confirmed_each: bool = False
    opened_at: datetime | None = None
    reminded_at: datetime | None = None
    reminders: int = 0
    may_remind: bool = False
    failure: str | None = None
    arrivals: list[ArrivalView] = msgspec.field(default_factory=list)


class InvitationResult(Struct, frozen=True, kw_only=True):
    invitation: InvitationView


class Invitations(Struct, frozen=True, kw_only=True):
    """A page of those who were invited by name, the newest first, and all ``links`` that are open (20 at
    most). The
    counts are of all who were invited by name.
    """

    invitations: list[InvitationView]
    links: list[InvitationView]
    invited: int
    opened: int
    joined: int
    verified: int
    to_remind: int
    cursor: str | None = None


class Joined(Struct, frozen=True, kw_only=True):
    """``waiting``: somebody of the organisation lets the caller in; ``nothing``: the invitation was to
    Relais alone.
    """

    state: str
    organisation: UUID | None = None
    organisation_name: str | None = None


class LeaveConversationResult(Struct, frozen=True, kw_only=True):
    conversation: UUID


class Limits(Struct, frozen=True, kw_only=True):
    """What this server accepts of one socket."""

    frame_bytes: int
    in_flight: int
    requests_per_second: float
    sync_limit: int
    body_characters: int
    body_bytes: int | None = None
    group_members: int | None = None
    edit_seconds: int | None = None
    delete_seconds: int | None = None


class LockOpened(Struct, frozen=True, kw_only=True):
    """``ended``: too many wrong codes; the session is over and the device forgets what it kept."""

    state: str
    secret: str | None = None
    attempts_left: int = 0


class LockSecret(Struct, frozen=True, kw_only=True):
    """32 bytes in base64url, which the device needs beside the code to open what it keeps."""

    secret: str


class LockView(Struct, frozen=True, kw_only=True):
    """How the caller's devices lock. ``at_most``: the longest that an organisation of theirs allows, in
    minutes; the
    minutes shown keep to it.
    """

    desk: int
    phone: int
    has_code: bool
    at_most: int | None = None


class OrganisationView(Struct, frozen=True, kw_only=True):
    """An organisation that the person belongs to. ``abilities`` says what they may do there, and the
    limits what they
    do not see. ``city`` and, of a service, ``parent_name`` tell two of one name apart.
    """

    id: UUID
    name: str
    kind: str
    function: str
    city: str | None = None
    parent_name: str | None = None
    administrator: bool = False
    owner: bool = False
    coordinator: bool = False
    vouched: bool = False
    notes_hidden: bool = False
    dashboard_hidden: bool = False
    may_export: bool = False
    abilities: list[str] = msgspec.field(default_factory=list)


class Me(Struct, frozen=True, kw_only=True):
    """The signed-in person and what they may do; ``abilities`` holds ``clinical`` once they are
    verified, and their
    session was opened by two factors. ``second_factor_missing``: that is all that is missing.

    ``acting_for`` is the one of ``organisations`` for which this session acts, if any.
    """

    id: UUID
    name: str
    first_name: str
    last_name: str
    email: str
    function: str
    verified: bool
    abilities: list[str]
    organisations: list[OrganisationView]
    acting_for: UUID | None = None
    profession: str | None = None
    speciality: str | None = None
    rpps: str | None = None
    badge: BadgeView | None = None
    second_factor_missing: bool = False
    language: str = "fr"
    holds: list[HeldSlot] | None = None


class MemberAdded(Struct, frozen=True, kw_only=True):
    person: UUID
    by: UUID


class MemberAsked(Struct, frozen=True, kw_only=True):
    """Somebody was put into the group by a stranger: they are no member until they accept
    (``member.added``).
    """

    person: UUID
    by: UUID


class MemberRemoved(Struct, frozen=True, kw_only=True):
    """Somebody was removed, or left (then ``by`` is themselves)."""

    person: UUID
    by: UUID


class OrganisationMember(Struct, frozen=True, kw_only=True):
    """A member, or somebody who was invited and has not come yet.

    ``person`` for a member, ``invitation`` for whoever was invited. ``email``, ``last_seen_at`` and
    ``expires_at`` are
    shown to those who run the organisation.
    """

    name: str
    first_name: str
    last_name: str
    function: str
    state: str
    person: UUID | None = None
    invitation: UUID | None = None
    email: str | None = None
    title: str | None = None
    profession: str | None = None
    speciality: str | None = None
    verified: bool = False
    badge: BadgeView | None = None
    owner: bool = False
    administrator: bool = False
    coordinator: bool = False
    joined_at: datetime | None = None
    expires_at: datetime | None = None
    last_seen_at: datetime | None = None
    abilities: list[str] = msgspec.field(default_factory=list)


class MemberResult(Struct, frozen=True, kw_only=True):
    member: OrganisationMember


class ResourceRight(Struct, frozen=True, kw_only=True):
    """What a member may do with an agenda, a room or a device of the organisation.

    ``givable`` are the levels that the caller may give there, ``none`` among them; empty: it is not
    theirs to change.
    """

    resource: UUID
    kind: str
    name: str
    level: str | str
    site: UUID | None = None
    site_name: str | None = None
    person: UUID | None = None
    person_name: str | None = None
    givable: list[str | str] = msgspec.field(default_factory=list)


class ProfileRightView(Struct, frozen=True, kw_only=True):
    """What a member may do with a messaging profile. ``pending`` waits for the person whose profile it
    is, since
    ``asked_at``.
    """

    person: UUID
    person_name: str
    level: str | str
    pending: str | None = None
    asked_at: datetime | None = None
    givable: list[str | str] = msgspec.field(default_factory=list)


class LimitsForm(Struct, frozen=True, kw_only=True):
    """What a member of the office does not see: what was written about patients, the dashboard; whether
    they export
    data all the same. Set by owners.
    """

    notes_hidden: bool = False
    dashboard_hidden: bool = False
    may_export: bool = False


class MemberRights(Struct, frozen=True, kw_only=True):
    """All that a member may do. ``may_limit``: the caller sets the limits. ``more``: the organisation
    has more agendas
    than are listed (500).
    """

    member: OrganisationMember
    resources: list[ResourceRight]
    profiles: list[ProfileRightView]
    limits: LimitsForm
    may_limit: bool = False
    more: bool = False


class MemberRoleChanged(Struct, frozen=True, kw_only=True):
    """Somebody looks after the conversation now, or no longer; ``by`` may be one who left, and was the
    last to do so.

    What the reader may do has changed when it is they: ``conversation.get`` says it.
    """

    person: UUID
    role: str
    by: UUID


class MembershipChanged(Struct, frozen=True, kw_only=True):
    """In somebody's inbox: their function or marks in an organisation changed, or they joined it.
    ``hello`` and
    ``organisation.get`` say what they may do now.
    """

    organisation: UUID


class MembershipEnded(Struct, frozen=True, kw_only=True):
    """In somebody's inbox: they are no longer a member. Clients erase what they hold of the
    organisation's agendas and
    profiles; its groups are told of one by one. ``by`` is who ended it, themselves perhaps.
    """

    organisation: UUID
    by: UUID


class MessageDeleted(Struct, frozen=True, kw_only=True):
    """Its author deleted it: clients erase what they hold of it."""

    message: MessageView


class MessageEdited(Struct, frozen=True, kw_only=True):
    """Its author changed its text."""

    message: MessageView


class MessageFilesChecked(Struct, frozen=True, kw_only=True):
    """A file of the message was checked: it can be opened now, or was refused."""

    message: MessageView


class MessageReacted(Struct, frozen=True, kw_only=True):
    """Somebody reacted to it, or takes a reaction back."""

    message: MessageView


class ReaderView(Struct, frozen=True, kw_only=True):
    """Somebody who may read a message. ``at`` is when they did: left out of what was read before Relais
    kept that, and
    of whoever has not read it. ``former``: they are a member no more.
    """

    person: UUID
    name: str
    function: str
    at: datetime | None = None
    profession: str | None = None
    speciality: str | None = None
    badge: BadgeView | None = None
    former: bool = False


class MessageReceipts(Struct, frozen=True, kw_only=True):
    """Who has read a message, the first of them first, and which members have not, by name; ``more``
    when not all fit
    into 256 KiB. Its author is in neither list, nor is whoever may not see it.
    """

    read: list[ReaderView]
    unread: list[ReaderView]
    more: bool = False


class MessageResult(Struct, frozen=True, kw_only=True):
    """The message as it is now."""

    message: MessageView


class MessageSent(Struct, frozen=True, kw_only=True):
    message: MessageView


class VersionView(Struct, frozen=True, kw_only=True):
    """What a message said until ``until``; versions are numbered from 0. ``erased``: it can no longer be
    opened.
    """

    number: int
    body: str
    until: datetime
    erased: bool = False


class MessageVersions(Struct, frozen=True, kw_only=True):
    """The newest first, as many as fit into 256 KiB; ``more`` when older ones exist."""

    versions: list[VersionView]
    more: bool = False


class MobileStarted(Struct, frozen=True, kw_only=True):
    """A code that was sent by SMS."""

    mobile: str
    expires_at: datetime
    resend_at: datetime
    attempts_left: int


class NotReminded(Struct, frozen=True, kw_only=True):
    invitation: UUID
    why: str


class OrganisationMembers(Struct, frozen=True, kw_only=True):
    """A page of members, by name; those who were invited last, after the members. The counts are of all,
    whatever was
    asked for; ``cursor`` when there are more.
    """

    members: list[OrganisationMember]
    total: int
    invited: int
    administrators: int
    cursor: str | None = None


class HoursForm(Struct, frozen=True, kw_only=True):
    """When somebody answers, on a weekday (Monday is 0), by the clock of the first site."""

    weekday: int
    opens: str
    closes: str


class SiteView(Struct, frozen=True, kw_only=True):
    """A place where an organisation receives patients; its zone is the clock of its agendas."""

    id: UUID
    name: str
    address: str = ""
    postal_code: str = ""
    city: str = ""
    time_zone: str = "Europe/Paris"


class ServiceView(Struct, frozen=True, kw_only=True):
    """A part of an establishment: an organisation with members and a messaging profile of its own."""

    id: UUID
    name: str


class SettingsView(Struct, frozen=True, kw_only=True):
    """How an organisation is run; shown to its members alone."""

    access_rule: str
    own_patients_only: bool = False
    schedules_shown: bool = False
    demands_document: bool = False
    lock_at_most: int | None = None
    members: int = 0
    looked_after: bool = True


class OrganisationProfile(Struct, frozen=True, kw_only=True):
    """An organisation as every professional sees it; ``settings`` and ``abilities`` for its members.

    ``profile`` is the resource of its messaging profile, of a service.
    """

    id: UUID
    name: str
    kind: str
    parent: UUID | None = None
    parent_name: str | None = None
    finess: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    hours: list[HoursForm] = msgspec.field(default_factory=list)
    specialities: list[str] = msgspec.field(default_factory=list)
    sites: list[SiteView] = msgspec.field(default_factory=list)
    services: list[ServiceView] = msgspec.field(default_factory=list)
    profile: UUID | None = None
    settings: SettingsView | None = None
    abilities: list[str] = msgspec.field(default_factory=list)


class OrganisationResult(Struct, frozen=True, kw_only=True):
    organisation: OrganisationProfile


class Organisations(Struct, frozen=True, kw_only=True):
    organisations: list[OrganisationHit]
    more: bool = False


class PatientPractitionerView(Struct, frozen=True, kw_only=True):
    """A practitioner who looks after a patient. ``primary``: the patient was referred to them;
    ``supervising``: they
    were named for it; ``other``: the record is open to them for another reason.
    """

    person: UUID
    name: str
    role: str


class PatientPractitioners(Struct, frozen=True, kw_only=True):
    """Who looks after a patient, of those who practise in the organisation that keeps the record;
    somebody with two
    roles stands there twice. With the ability ``supervise`` the caller names who supervises, one of
    ``candidates``
    (200 at most).
    """

    patient: UUID
    practitioners: list[PatientPractitionerView]
    abilities: list[str] = msgspec.field(default_factory=list)
    candidates: list[CandidateView] = msgspec.field(default_factory=list)


class Patients(Struct, frozen=True, kw_only=True):
    """Patients found, at most 20; ``erased`` are those whose details are erased or can no longer be
    opened. ``more``:
    there are others, and the first name narrows them down.
    """

    patients: list[PatientView]
    erased: list[UUID] = msgspec.field(default_factory=list)
    more: bool = False


class ProfilePlace(Struct, frozen=True, kw_only=True):
    """A place of practice in the person's own words, beside what the register says."""

    name: str
    address: str = ""
    postal_code: str = ""
    city: str = ""
    phone: str = ""


class Profile(Struct, frozen=True, kw_only=True):
    """The caller's own profile, with what only they see of it."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    function: str
    language: str
    title: str | None = None
    profession: str | None = None
    speciality: str | None = None
    rpps: str | None = None
    claimed: str | None = None
    practice_mode: str | None = None
    fee_sector: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    places: list[ProfilePlace] = msgspec.field(default_factory=list)
    languages: list[str] = msgspec.field(default_factory=list)
    phone: str | None = None
    mobile: str | None = None
    mobile_confirmed: bool = False
    mobile_shown: bool = False
    mssante: str | None = None
    badge: BadgeView | None = None
    consents: list[ConsentView] = msgspec.field(default_factory=list)


class ProfileRequestView(Struct, frozen=True, kw_only=True):
    """Somebody is to read or answer the caller's messages, if the caller agrees."""

    id: UUID
    organisation: UUID
    person: UUID
    person_name: str
    level: str
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime


class ProfileRequested(Struct, frozen=True, kw_only=True):
    """In somebody's inbox: a colleague is to read or answer their messages, and waits for their consent."""

    request: UUID
    organisation: UUID


class ProfileRequests(Struct, frozen=True, kw_only=True):
    requests: list[ProfileRequestView]


class Queue(Struct, frozen=True, kw_only=True):
    """A page of what waits for a decision, the oldest first, or of what was decided, the newest first."""

    items: list[ReviewItem]
    cursor: str | None = None


class ReadMessagesResult(Struct, frozen=True, kw_only=True):
    """Where the caller's read pointer stands now, and what is unread after it."""

    conversation: UUID
    read: int
    unread: int


class ReadSignal(Struct, frozen=True, kw_only=True):
    """Somebody read up to ``seq``: a live receipt. The members' ``read`` says the same, so a lost one
    does no harm.
    """

    person: UUID
    seq: int


class ReferralBooked(Struct, frozen=True, kw_only=True):
    """In the inbox of the practitioner and of the referrer."""

    referral: UUID
    appointment: UUID
    agenda: UUID
    start: datetime


class ReferralCancelled(Struct, frozen=True, kw_only=True):
    referral: UUID
    appointment: UUID


class ReferralFilesChecked(Struct, frozen=True, kw_only=True):
    """A document of the referral that was still being checked can be opened, or was refused; in the
    inboxes of both
    sides, without a word about the patient.
    """

    referral: UUID


class ReferralNotice(Struct, frozen=True, kw_only=True):
    """A message to the patient was settled; in the inboxes of both sides, without a word about the
    patient.
    """

    referral: UUID
    appointment: UUID
    kind: str
    channel: str
    state: str
    reason: str | None = None


class Referrals(Struct, frozen=True, kw_only=True):
    """A page, the newest first: as many as fit into 256 KiB. ``cursor`` when there are more."""

    referrals: list[ReferralView]
    cursor: str | None = None


class ReleaseSlotResult(Struct, frozen=True, kw_only=True):
    hold: UUID


class Reminded(Struct, frozen=True, kw_only=True):
    """How many mails go out, and which do not, and why."""

    reminded: int
    left_out: list[NotReminded]


class RightsChanged(Struct, frozen=True, kw_only=True):
    """In somebody's inbox: what they may do with these agendas, rooms, devices and profiles changed."""

    organisation: UUID
    resources: list[UUID]


class SeenNames(Struct, frozen=True, kw_only=True):
    """What made a refusal: the name of the document beside that of the register."""

    document: str | None = None
    register: str | None = None


class SendMessageResult(Struct, frozen=True, kw_only=True):
    message: MessageView


class SessionView(Struct, frozen=True, kw_only=True):
    """One signed-in device."""

    id: UUID
    kind: str
    label: str
    created_at: datetime
    last_seen_at: datetime
    current: bool = False
    opened_by: str | None = None
    strong: bool = False
    has_code: bool = False
    wipe: str | None = None
    wipe_asked_at: datetime | None = None
    wiped_at: datetime | None = None


class Sessions(Struct, frozen=True, kw_only=True):
    """``more``: there are others, seen longer ago; end some, or all others by ``session.end_others``."""

    sessions: list[SessionView]
    more: bool = False


class SlotBooked(Struct, frozen=True, kw_only=True):
    """The slot is booked. This is how ``appointment.booked`` is told to those who watch without a level."""

    start: datetime
    end: datetime


class SlotBookedMasked(Struct, frozen=True, kw_only=True):
    start: datetime
    end: datetime


class SlotHeld(Struct, frozen=True, kw_only=True):
    start: datetime
    end: datetime
    expires_at: datetime
    hold: UUID
    by: UUID
    by_name: str


class SlotHeldMasked(Struct, frozen=True, kw_only=True):
    start: datetime
    end: datetime
    expires_at: datetime


class SlotReleased(Struct, frozen=True, kw_only=True):
    """The slot is free again: given back, or the fifteen minutes are over."""

    start: datetime
    end: datetime
    hold: UUID


class SlotReleasedMasked(Struct, frozen=True, kw_only=True):
    start: datetime
    end: datetime


class SlotView(Struct, frozen=True, kw_only=True):
    """A free slot; ``start`` and ``end`` carry the site's offset."""

    agenda: UUID
    reason: UUID
    start: datetime
    end: datetime


class Slots(Struct, frozen=True, kw_only=True):
    """Free slots, earliest first, of whole days. An answer has 1,000 of them at most, unless one single
    day has more.

    ``next`` is the day from which to ask again. Beside slots: the days asked for go on there, and
    those before it are
    complete. Without any: nothing is free before it; it is the next day that has a slot or, when many
    agendas were
    asked for, the first that was not looked at. Without ``next`` the answer is complete; if it is
    also empty, nothing
    is free in the 62 days after ``to`` either.
    """

    slots: list[SlotView]
    next: date | None = None


class VerificationStep(Struct, frozen=True, kw_only=True):
    """One step on the way, and whether it is done, waits for others, is the person's to do, or is not
    reached yet.
    """

    step: str
    state: str
    at: datetime | None = None


class VerificationView(Struct, frozen=True, kw_only=True):
    """Where the caller's verification stands. ``reason`` is a code; ``may_retry``:
    ``verification.start`` may be asked.

    ``url`` is the page to go on with, on any device, while they are awaited there. ``answer_by`` is
    when moderators
    answer at the latest, ``act_by`` when the person has to have gone on, ``erased_at`` when the
    images are erased.
    """

    state: str
    may_retry: bool
    id: UUID | None = None
    method_: str | None = msgspec.field(name="method", default=None)
    reason: str | None = None
    may_appeal: bool = False
    attempt: int | None = None
    attempts: int | None = None
    url: str | None = None
    decided_at: datetime | None = None
    answer_by: datetime | None = None
    act_by: datetime | None = None
    erased_at: datetime | None = None
    confirm_by: datetime | None = None
    names: SeenNames | None = None
    steps: list[VerificationStep] = msgspec.field(default_factory=list)


class StartResult(Struct, frozen=True, kw_only=True):
    """The page to go on with, which leads to the provider's as soon as that is ready."""

    url: str
    verification: VerificationView


class StreamEventView(Struct, frozen=True, kw_only=True):
    """One numbered change, live and in the answer to ``sync``.

    ``masked``: ``data`` is the masked form of its type, since the reader may know no more.
    ``erased``: what it told
    of is erased or can no longer be opened; ``data`` is empty, and the number is taken all the same.
    """

    stream: str
    seq: int
    at: datetime
    type: str
    data: Any
    masked: bool = False
    erased: bool = False


class StreamState(Struct, frozen=True, kw_only=True):
    """One stream of the person, with the view of what it belongs to, if there is one to show.

    ``from`` is the first number that the person may see: ``sync`` from further back begins there, and
    nothing before it
    is a gap or unread. Absent, they may see everything.
    """

    stream: str
    head: int
    from_: int = msgspec.field(name="from", default=1)
    read: int = 0
    unread: int = 0
    conversation: ConversationView | None = None


class Synced(Struct, frozen=True, kw_only=True):
    """Events after the number asked for, in order, as many as fit into 256 KiB; ``more`` when there are
    further ones.

    A single event that is larger is sent alone.
    """

    events: list[StreamEventView]
    head: int
    more: bool = False


class TypingResult(Struct, frozen=True, kw_only=True):
    """Sent to the members who are connected; nothing is kept."""


class TypingSignal(Struct, frozen=True, kw_only=True):
    person: UUID


class VerificationResult(Struct, frozen=True, kw_only=True):
    """The caller's verification."""

    verification: VerificationView


class WatchResult(Struct, frozen=True, kw_only=True):
    """``head`` is the number up to which the stream can be read with ``sync``. It is 0 for who has no
    level on the
    agenda, and gets nothing of its stream but which slots are taken and freed from now on.
    """

    stream: str
    head: int


class Welcome(Struct, frozen=True, kw_only=True):
    """From this answer on nothing newer than each ``head`` is missing: it comes as an event, or ``sync``
    has it.

    It has at most 64 KiB, whatever the person has: of what moved last, at most 50 streams with the
    view of what they
    belong to, as many as fit into 40 KiB, and at most 300 without one. With the ``cursors`` of
    ``hello`` only what
    differs from them is listed: a stream that stands elsewhere, or of which something is unread. What
    has a cursor and
    is not listed has not moved, and nothing in it is unread, unless there are ``more``: then it may
    have.

    ``more``: the person has streams that differ and are not listed. ``conversation.list`` has them,
    by activity.
    ``unread`` is the number of unread messages in all of their conversations.

    A person whose identity is not verified has no streams, and is sent no events. When it becomes
    verified the socket
    closes with 1012, and ``hello`` on the next one says so.
    """

    me: Me
    limits: Limits
    server_time: datetime
    streams: list[StreamState]
    more: bool = False
    unread: int = 0


class AcceptGroup(Command[ConversationResult], frozen=True, kw_only=True):
    """The caller accepts to be in a group, and sees it from when they were put into it."""

    method: ClassVar[str] = "conversation.accept"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID


class AcceptInvitation(Command[Joined], frozen=True, kw_only=True):
    """Takes up an invitation, with the account by which the caller is signed in. Taken up again, the
    answer is how
    things stand. An account that was prepared for another address is not the caller's to take up.
    """

    method: ClassVar[str] = "invitation.accept"
    result: ClassVar[type[Any]] = Joined

    token: str


class ActFor(Command[ActForResult], frozen=True, kw_only=True):
    """Chooses one of the caller's organisations for everything that this session does, on all its
    sockets and over
    HTTP. It ends with the membership.
    """

    method: ClassVar[str] = "session.act_for"
    result: ClassVar[type[Any]] = ActForResult

    organisation: UUID


class AddAbsence(Command[AgendaResult], frozen=True, kw_only=True):
    """Closes an agenda for whole days (``until`` excluded) or between two instants. What is booked
    stays.

    An agenda has 400 absences at most that are not over; one more is refused with ``too_large``.
    """

    method: ClassVar[str] = "absence.add"
    result: ClassVar[type[Any]] = AgendaResult

    id: UUID
    agenda: UUID
    first: date | None = None
    until: date | None = None
    start: datetime | None = None
    end: datetime | None = None


class AddMember(Command[ConversationResult], frozen=True, kw_only=True):
    """Adds a verified person to a group; adding a member again changes nothing.

    They see the conversation from here on; with ``history``, as much of it as the member who adds
    them. Nothing of it
    is unread. Somebody who was a member before starts anew. To whom the caller is a stranger is asked
    first, as when a
    group is opened; what is written meanwhile is unread when they accept.
    """

    method: ClassVar[str] = "conversation.add"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID
    person: UUID
    history: bool = False


class AdmitArrival(Command[InvitationResult], frozen=True, kw_only=True):
    """Lets somebody in who came by an invitation and waits, or does not."""

    method: ClassVar[str] = "invitation.admit"
    result: ClassVar[type[Any]] = InvitationResult

    invitation: UUID
    person: UUID
    admit: bool


class AgendaRight(Struct, frozen=True, kw_only=True):
    """The level that somebody is to have on an agenda."""

    agenda: UUID
    level: Literal["none"] | Literal["book", "busy", "manage", "read"]


class AnswerContact(Command[ContactSettings], frozen=True, kw_only=True):
    """Accepts or refuses. Whoever is refused is told when the caller says ``tell``, and not otherwise.
    The first
    answer stands.
    """

    method: ClassVar[str] = "contact.answer"
    result: ClassVar[type[Any]] = ContactSettings

    request: UUID
    accept: bool
    tell: bool = False


class AnswerProfileRequest(Command[Done], frozen=True, kw_only=True):
    """Agrees that a colleague reads or answers one's messages, or does not. Answered again, nothing
    happens.
    """

    method: ClassVar[str] = "profile.answer"
    result: ClassVar[type[Any]] = Done

    request: UUID
    agree: bool


class AppealVerification(Command[VerificationResult], frozen=True, kw_only=True):
    """Asks the moderators to look again at a refusal, once; ``note`` is for them."""

    method: ClassVar[str] = "verification.appeal"
    result: ClassVar[type[Any]] = VerificationResult

    note: str = ""


class AppointMember(Command[OrganisationResult], frozen=True, kw_only=True):
    """A moderator makes a verified person an owner or administrator: of what has just been founded, or
    where nobody is
    left. Where somebody looks after the organisation it is refused with ``invalid_state``.
    """

    method: ClassVar[str] = "organisation.appoint"
    result: ClassVar[type[Any]] = OrganisationResult

    organisation: UUID
    person: UUID
    owner: bool = True


class BlockPerson(Command[ContactSettings], frozen=True, kw_only=True):
    """From now on this person cannot open a conversation with the caller, or add them to one, and is
    told what they
    would be told of somebody who is not on Relais. A conversation of the two stays, and neither
    writes in it
    (``message.send`` is refused: ``blocked`` to the caller, ``unreachable`` to the other). In groups
    of both everybody
    goes on reading everybody. In the caller's agendas they hold no slot, unless they were given a
    level there: to them
    those are agendas that cannot be booked; what they hold or have booked stays. 1,000 at most;
    blocked again, nothing
    happens. Somebody of whom the caller may not know is ``not_found``.
    """

    method: ClassVar[str] = "contact.block"
    result: ClassVar[type[Any]] = ContactSettings

    person: UUID


class PatientForm(Struct, frozen=True, kw_only=True):
    """A patient as a referrer writes them down. The phone is how the patient hears of changes.

    A refused field is named by ``path``, and ``why`` is a code for the reason. Of an incomplete date
    of birth
    ``birth_date_unknown`` says what is not known; the date is then the one that the INS reference
    puts in its place:
    the first of the month, January, or 31 December for both.
    """

    civility: Literal["m", "mme", "none"]
    first_names: str
    family_name: str
    birth_date: date
    birth_place: BirthPlace
    phone: str
    birth_name: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    email: str | None = None
    ins: str | None = None
    birth_date_unknown: Literal["day", "day_and_month", "month"] | None = None


class BookReferral(Command[BookReferralResult], frozen=True, kw_only=True):
    """Turns a hold into an appointment, with its referral and the message to the practitioner: all or
    nothing.

    ``patient`` is the id of a patient the caller may read, or the form of a new one. The patient is
    told at once; when
    that is one message too many of the caller's doing, it is refused with ``too_many_notices``.

    ``documents`` are files that the caller uploads and nothing holds yet, or that they may read
    elsewhere; each may
    still be on its way through the checks. Whoever may read what is written in the referral may open
    them.
    """

    method: ClassVar[str] = "referral.book"
    result: ClassVar[type[Any]] = BookReferralResult

    id: UUID
    hold: UUID
    patient: UUID | PatientForm
    seen_before: bool
    message: str | None = None
    conversation: UUID | None = None
    documents: list[UUID] = msgspec.field(default_factory=list)


class CancelAppointment(Command[CancelAppointmentResult], frozen=True, kw_only=True):
    """Cancels an appointment; the patient is told, and the slot is free again. Why is a matter of
    health: the agenda's
    event does not say it, and whoever sees no clinical notes is not shown it.
    """

    method: ClassVar[str] = "appointment.cancel"
    result: ClassVar[type[Any]] = CancelAppointmentResult

    appointment: UUID
    reason: str


class CasePatient(Struct, frozen=True, kw_only=True):
    """Whom a case is about: a record that the asker may open, ``id``, or ``initials`` alone."""

    id: UUID | None = None
    initials: str | None = None


class ClaimEntry(Command[ClaimResult], frozen=True, kw_only=True):
    """Says which entry of the register is the caller's, or with none that no entry is. It counts once
    their identity is
    proven, and if it is nobody else's by then.
    """

    method: ClassVar[str] = "verification.claim"
    result: ClassVar[type[Any]] = ClaimResult

    entry: UUID | None = None


class ClaimOrganisation(Command[OrganisationResult], frozen=True, kw_only=True):
    """A member asks the moderators for somebody to look after an organisation in which nobody is left
    who can.
    """

    method: ClassVar[str] = "organisation.claim"
    result: ClassVar[type[Any]] = OrganisationResult

    organisation: UUID


class Client(Struct, frozen=True, kw_only=True):
    """Which program speaks, and for which device: a second socket of the same device closes the first."""

    name: str
    version: str = ""
    device: UUID | None = None


class CloseCase(Command[ConversationResult], frozen=True, kw_only=True):
    """Closes a case with what came of it. Closing it again in the same words changes nothing; in others
    it is
    ``case_closed``: reopen it first.
    """

    method: ClassVar[str] = "case.close"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID
    outcome: Literal["advice", "booked", "hospitalised", "no_action", "referred"]
    summary: str


class ConfirmMobile(Command[ConfirmMobileResult], frozen=True, kw_only=True):
    """The code of the SMS."""

    method: ClassVar[str] = "profile.confirm_mobile"
    result: ClassVar[type[Any]] = ConfirmMobileResult

    code: str


class CorrectInvitation(Command[InvitationResult], frozen=True, kw_only=True):
    """Sends an invitation that did not arrive to another address; the link of the mail before opens
    nothing.
    """

    method: ClassVar[str] = "invitation.correct"
    result: ClassVar[type[Any]] = InvitationResult

    invitation: UUID
    email: str


class ReasonForm(Struct, frozen=True, kw_only=True):
    """A visit reason as whoever manages the agenda writes it; the buffers stay free of other visits."""

    id: UUID
    name: str
    minutes: int
    before: int = 0
    after: int = 0
    instructions: str | None = None
    for_referrers: bool = True


class OpeningForm(Struct, frozen=True, kw_only=True):
    """When an agenda is open, by the site's clocks: on a ``weekday`` (Monday is 0) or on one ``day``.

    A weekly opening holds from ``since`` until just before ``until``; with ``every`` = 2 the week of
    ``since`` is open and the next is not. ``closes`` at or before ``opens`` is a time of the next
    day.
    """

    opens: str
    closes: str
    weekday: int | None = None
    since: date | None = None
    until: date | None = None
    every: int = 1
    day: date | None = None


class CreateAgenda(Command[AgendaResult], frozen=True, kw_only=True):
    """Opens an agenda of the caller at a site of their organisation.

    A step and a visit take five minutes at least. ``too_large`` names what there may not be more of:
    50 open agendas of
    one practitioner, 24 openings of one weekday or day that are not over, 96 hours of them together,
    20,000 characters
    of instructions.
    """

    method: ClassVar[str] = "agenda.create"
    result: ClassVar[type[Any]] = AgendaResult

    id: UUID
    site: UUID
    name: str
    reasons: list[ReasonForm]
    openings: list[OpeningForm]
    step: int | None = None
    notice: int = 0
    horizon: int = 180


class CreateInvitation(Command[InvitationResult], frozen=True, kw_only=True):
    """Invites somebody by mail (``email``), or makes a link for several.

    Without an ``organisation`` a verified professional invites to Relais alone. An invitation lasts
    for two weeks
    unless ``expires_at`` says otherwise, for 90 days at most. ``staff_too``: the link is not for
    professionals alone.
    ``confirmed_each``: whoever comes waits until somebody lets them in.
    """

    method: ClassVar[str] = "invitation.create"
    result: ClassVar[type[Any]] = InvitationResult

    id: UUID
    organisation: UUID | None = None
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    function: Literal[
        "administrative",
        "assistant",
        "dispatcher",
        "operations_manager",
        "practitioner",
        "secretary",
    ] = "practitioner"
    uses: int = 1
    expires_at: datetime | None = None
    staff_too: bool = False
    confirmed_each: bool = False
    note: str = ""


class ProfileRight(Struct, frozen=True, kw_only=True):
    """The level that somebody is to have on the messaging profile of a colleague, or of a service
    (``person`` is then
    the service).
    """

    person: UUID
    level: Literal["none"] | Literal["answer", "read"]


class CreateMember(Command[MemberResult], frozen=True, kw_only=True):
    """Prepares an account for a member of staff, who opens it by the link of a mail, and chooses the
    password there.

    ``id`` is the invitation's. Levels are cloned from ``clone_from`` as they are now, and ``agendas``
    go before them;
    profiles and limits are not cloned. Without an ``rpps`` whoever owns or administers the
    organisation vouches for the
    person; a practitioner, and whoever has a number, proves it by themselves. The answer is the same
    whether or not the
    address has an account: its owner is asked to join then. The mail goes out once a day at most.
    """

    method: ClassVar[str] = "member.create"
    result: ClassVar[type[Any]] = MemberResult

    id: UUID
    organisation: UUID
    email: str
    first_name: str
    last_name: str
    function: Literal[
        "administrative",
        "assistant",
        "dispatcher",
        "operations_manager",
        "practitioner",
        "secretary",
    ]
    administrator: bool = False
    rpps: str | None = None
    clone_from: UUID | None = None
    agendas: list[AgendaRight] = msgspec.field(default_factory=list)
    profiles: list[ProfileRight] = msgspec.field(default_factory=list)


class SiteForm(Struct, frozen=True, kw_only=True):
    """A place where patients are received. ``time_zone`` is a name of the IANA database."""

    id: UUID
    name: str
    address: str = ""
    postal_code: str = ""
    city: str = ""
    time_zone: str = "Europe/Paris"


class CreateOrganisation(Command[OrganisationResult], frozen=True, kw_only=True):
    """Founds an organisation. A verified practitioner founds a practice, and owns it; an establishment
    or a CPTS is
    founded by a moderator, who names an owner or administrator by ``organisation.appoint``.

    One person founds 5 practices in 24 hours, at most.
    """

    method: ClassVar[str] = "organisation.create"
    result: ClassVar[type[Any]] = OrganisationResult

    id: UUID
    name: str
    kind: Literal["cpts", "establishment", "practice"]
    finess: str | None = None
    site: SiteForm | None = None
    phone: str = ""
    email: str = ""
    website: str = ""
    hours: list[HoursForm] = msgspec.field(default_factory=list)
    specialities: list[str] = msgspec.field(default_factory=list)


class CreatePatient(Command[CreatePatientResult], frozen=True, kw_only=True):
    """Writes a patient down for the organisation that the caller acts for.

    Search first: possible duplicates are shown before anybody is created.
    """

    method: ClassVar[str] = "patient.create"
    result: ClassVar[type[Any]] = CreatePatientResult

    id: UUID
    patient: PatientForm


class CreateService(Command[OrganisationResult], frozen=True, kw_only=True):
    """Adds a service to an establishment; 200 at most. It has members, a messaging profile and a place
    in the
    directory; whoever runs the establishment runs it too, and the caller becomes its first
    administrator.
    """

    method: ClassVar[str] = "service.create"
    result: ClassVar[type[Any]] = OrganisationResult

    id: UUID
    organisation: UUID
    name: str
    specialities: list[str] = msgspec.field(default_factory=list)


class CreateSite(Command[OrganisationResult], frozen=True, kw_only=True):
    """Adds a place where the organisation receives patients; 50 at most."""

    method: ClassVar[str] = "site.create"
    result: ClassVar[type[Any]] = OrganisationResult

    id: UUID
    organisation: UUID
    name: str
    address: str = ""
    postal_code: str = ""
    city: str = ""
    time_zone: str = "Europe/Paris"


class DecideVerification(Command[DecideResult], frozen=True, kw_only=True):
    """Says what the caller thinks of a verification. Two moderators must agree before anything opens or
    closes; nobody
    decides on themselves. ``note`` is for the other moderator.
    """

    method: ClassVar[str] = "verification.decide"
    result: ClassVar[type[Any]] = DecideResult

    verification: UUID
    decision: Literal["accept", "ask_again", "refuse"]
    reason: Literal[
        "expired_document",
        "face_unclear",
        "forged_document",
        "name_differs",
        "names_agree",
        "no_answer",
        "not_a_professional",
        "number_of_another",
        "proof_of_name_needed",
        "proven_otherwise",
        "register_late",
        "spelling",
        "unreadable",
        "used_name_proven",
    ]
    note: str = ""


class DeclineGroup(Command[Done], frozen=True, kw_only=True):
    """The caller does not want to be in a group: it stays silent for them. Its members are not told;
    whoever put them
    into it cannot put them into a group again, until they open a conversation with that person
    themselves.
    """

    method: ClassVar[str] = "conversation.decline"
    result: ClassVar[type[Any]] = Done

    conversation: UUID


class DeclineInvitation(Command[Done], frozen=True, kw_only=True):
    """Says no to an invitation: nobody is reminded of it any more."""

    method: ClassVar[str] = "invitation.decline"
    result: ClassVar[type[Any]] = Done

    token: str


class DeleteMessage(Command[MessageResult], frozen=True, kw_only=True):
    """Deletes a message of the caller's for everybody: its text, what it said before and its files are
    erased, and its
    place says so. Deleting it again changes nothing.

    It may be done for ``delete_seconds`` of the limits in ``hello`` (``too_late`` after that). A
    message that stands
    for a referral is not deleted (``invalid_state``): the appointment is cancelled instead.

    With ``undo``, within seconds after it was sent, nothing of it is shown (``undone``), unless
    somebody has read it:
    then its place says that it was deleted.
    """

    method: ClassVar[str] = "message.delete"
    result: ClassVar[type[Any]] = MessageResult

    message: UUID
    undo: bool = False


class DiscardFile(Command[Done], frozen=True, kw_only=True):
    """Throws away a file of the caller's that nothing holds, or its unfinished upload. Again, it changes
    nothing.
    """

    method: ClassVar[str] = "file.discard"
    result: ClassVar[type[Any]] = Done

    file: UUID


class EditMessage(Command[MessageResult], frozen=True, kw_only=True):
    """Changes the text of a message of the caller's. Everybody sees that it was edited, and in
    ``message.versions``
    what it said before. The text that it has already changes nothing.

    It may be done for ``edit_seconds`` of the limits in ``hello`` (``too_late`` after that), and 20
    times. ``base`` is
    the ``edited_at`` that the caller has seen, or ``at`` when there was none: when the message was
    edited since, it is
    a ``conflict``. A message that is deleted, or stands for a referral, is not edited
    (``invalid_state``).
    """

    method: ClassVar[str] = "message.edit"
    result: ClassVar[type[Any]] = MessageResult

    message: UUID
    body: str
    base: datetime | None = None


class EndMembership(Command[Done], frozen=True, kw_only=True):
    """Ends a membership, one's own included. Access ends at once, on every socket; what the person
    wrote, booked and
    shared stays. Whose identity was vouched for here is no longer verified. Removed again, nothing
    happens.
    """

    method: ClassVar[str] = "member.remove"
    result: ClassVar[type[Any]] = Done

    organisation: UUID
    person: UUID


class EndOtherSessions(Command[Done], frozen=True, kw_only=True):
    """Ends every session of the caller but this one."""

    method: ClassVar[str] = "session.end_others"
    result: ClassVar[type[Any]] = Done


class EndSession(Command[Done], frozen=True, kw_only=True):
    """Ends one session of the caller; its sockets close with 4401 at once. Ending it twice is harmless."""

    method: ClassVar[str] = "session.end"
    result: ClassVar[type[Any]] = Done

    session: UUID


class ExportAgenda(Command[AgendaExport], frozen=True, kw_only=True):
    """The appointments of an agenda from one day of the site to another, ``to`` excluded, at most 366
    days, as a table
    (CSV) to keep elsewhere: when, whose, for what, and what became of it. Neither messages nor why a
    visit was
    cancelled are in it. For those who may read the agenda, and whom its organisation lets take data
    out (the ability
    ``export``).
    """

    method: ClassVar[str] = "agenda.export"
    result: ClassVar[type[Any]] = AgendaExport

    agenda: UUID
    from_: date = msgspec.field(name="from")
    to: date
    cursor: str | None = None


class ExportAudit(Command[AuditExport], frozen=True, kw_only=True):
    """The same entries as text to keep elsewhere, 1,000 in one part. The copy is an entry of the audit
    itself. Whom an
    owner keeps from the dashboard takes one where they let them export.
    """

    method: ClassVar[str] = "audit.export"
    result: ClassVar[type[Any]] = AuditExport

    format: Literal["csv", "json"]
    organisation: UUID | None = None
    person: UUID | None = None
    patient: UUID | None = None
    act: str = ""
    after: datetime | None = None
    before: datetime | None = None
    cursor: str | None = None


class FindCandidates(Command[Candidates], frozen=True, kw_only=True):
    """Entries of the register that may be the caller: by the number given, or else by the name and town
    of their
    account. Five times in 24 hours.
    """

    method: ClassVar[str] = "verification.candidates"
    result: ClassVar[type[Any]] = Candidates

    number: str | None = None


class FindSession(Command[Done], frozen=True, kw_only=True):
    """The device was found before it was wiped: what it keeps stays. Its session has ended all the same."""

    method: ClassVar[str] = "session.found"
    result: ClassVar[type[Any]] = Done

    session: UUID


class FindSlots(Command[Slots], frozen=True, kw_only=True):
    """Free slots from one day of the site to another, ``to`` excluded; at most 62 days, of at most 50
    agendas.

    One answer looks at 1,000 days at most, counted for each agenda: ``next`` then says where to go
    on.
    """

    method: ClassVar[str] = "agenda.slots"
    result: ClassVar[type[Any]] = Slots

    from_: date = msgspec.field(name="from")
    to: date
    practitioner: UUID | None = None
    agenda: UUID | None = None
    reason: UUID | None = None
    place: str | None = None


class GetContacts(Command[ContactSettings], frozen=True, kw_only=True):
    """The caller's own settings; nobody else's can be read."""

    method: ClassVar[str] = "contact.settings"
    result: ClassVar[type[Any]] = ContactSettings


class GetConversation(Command[ConversationResult], frozen=True, kw_only=True):
    method: ClassVar[str] = "conversation.get"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID


class GetDay(Command[Day], frozen=True, kw_only=True):
    """What an agenda holds from one day of the site to another, ``to`` excluded; at most 31 days."""

    method: ClassVar[str] = "agenda.day"
    result: ClassVar[type[Any]] = Day

    agenda: UUID
    from_: date = msgspec.field(name="from")
    to: date
    cursor: str | None = None


class GetEntry(Command[DirectoryEntry], frozen=True, kw_only=True):
    """One professional of the directory, by the id of a hit or of a person on Relais."""

    method: ClassVar[str] = "directory.get"
    result: ClassVar[type[Any]] = DirectoryEntry

    practitioner: UUID


class GetFile(Command[FileResult], frozen=True, kw_only=True):
    """A file that the caller uploads, or that something holds which they may read."""

    method: ClassVar[str] = "file.get"
    result: ClassVar[type[Any]] = FileResult

    file: UUID


class GetHistory(Command[History], frozen=True, kw_only=True):
    """Messages before a number (the newest when it is left out), none from before the reader's ``from``."""

    method: ClassVar[str] = "message.history"
    result: ClassVar[type[Any]] = History

    conversation: UUID
    before: int | None = None
    limit: int = 50


class GetLock(Command[LockView], frozen=True, kw_only=True):
    """How the caller's devices lock."""

    method: ClassVar[str] = "lock.get"
    result: ClassVar[type[Any]] = LockView


class GetMessageReceipts(Command[MessageReceipts], frozen=True, kw_only=True):
    """Who has read a message and when, for whoever may read it; of a deleted one too.

    Somebody who was added later and may see it has read it once they have read on from there.
    """

    method: ClassVar[str] = "message.receipts"
    result: ClassVar[type[Any]] = MessageReceipts

    message: UUID


class GetMessageVersions(Command[MessageVersions], frozen=True, kw_only=True):
    """What a message said before it was edited, for whoever may read it; of the versions before a
    number, if one is
    named.
    """

    method: ClassVar[str] = "message.versions"
    result: ClassVar[type[Any]] = MessageVersions

    message: UUID
    before: int | None = None


class GetOrganisation(Command[OrganisationResult], frozen=True, kw_only=True):
    """An organisation, open to every professional: whom to call, where, and when."""

    method: ClassVar[str] = "organisation.get"
    result: ClassVar[type[Any]] = OrganisationResult

    organisation: UUID


class GetProfile(Command[Profile], frozen=True, kw_only=True):
    """The caller's own profile."""

    method: ClassVar[str] = "profile.get"
    result: ClassVar[type[Any]] = Profile


class GetReasons(Command[Agendas], frozen=True, kw_only=True):
    """What can be booked with a practitioner (the id of a directory hit or of a person), or in one
    agenda.

    Two agendas of one practitioner differ by ``name``, ``place`` or address.
    """

    method: ClassVar[str] = "agenda.reasons"
    result: ClassVar[type[Any]] = Agendas

    practitioner: UUID | None = None
    agenda: UUID | None = None
    cursor: str | None = None


class GetReferral(Command[GetReferralResult], frozen=True, kw_only=True):
    method: ClassVar[str] = "referral.get"
    result: ClassVar[type[Any]] = GetReferralResult

    referral: UUID


class GetRights(Command[MemberRights], frozen=True, kw_only=True):
    """What a member may do: to themselves, and to those who decide it."""

    method: ClassVar[str] = "member.rights"
    result: ClassVar[type[Any]] = MemberRights

    organisation: UUID
    person: UUID


class GetVerification(Command[VerificationResult], frozen=True, kw_only=True):
    """Where the caller's verification stands."""

    method: ClassVar[str] = "verification.get"
    result: ClassVar[type[Any]] = VerificationResult


class GrantAccess(Command[AgendaResult], frozen=True, kw_only=True):
    """Gives a colleague a level on an agenda, or takes it away with ``none``. 200 people have one at
    most; one more is
    refused with ``too_large``.
    """

    method: ClassVar[str] = "agenda.grant"
    result: ClassVar[type[Any]] = AgendaResult

    agenda: UUID
    person: UUID
    level: Literal["book", "busy", "manage", "read"] | Literal["none"]


class HandOverCases(Command[HandOverResult], frozen=True, kw_only=True):
    """Hands the caller's part in cases over to a colleague, all of them or none: who asked becomes
    ``to``, or ``to`` is
    asked in the caller's place. The colleague sees as much of each as the caller, who stays a member.

    ``forbidden`` where the caller neither asks nor is asked. Handed over already, nothing changes.
    ``to`` is somebody
    of an organisation of the caller's, a contact, or a member of each of these cases.
    """

    method: ClassVar[str] = "case.handover"
    result: ClassVar[type[Any]] = HandOverResult

    conversations: list[UUID]
    to: UUID
    note: str | None = None


class Hello(Command[Welcome], frozen=True, kw_only=True):
    """The first request of every socket.

    ``acting_for`` chooses the organisation that the session acts for, as ``session.act_for`` does;
    without it the
    choice made before stands, or the first of the caller's organisations by name, a CPTS last.
    """

    method: ClassVar[str] = "hello"
    result: ClassVar[type[Any]] = Welcome

    protocol: Literal[1]
    client: Client
    cursors: dict[str, int] | None = None
    acting_for: UUID | None = None


class HideConversation(Command[ConversationResult], frozen=True, kw_only=True):
    """Puts a conversation away: it is not listed until something new happens in it. Nobody else is told,
    and nothing
    of it is lost; it can be found and opened.
    """

    method: ClassVar[str] = "conversation.hide"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID


class HoldSlot(Command[HoldSlotResult], frozen=True, kw_only=True):
    """Keeps a slot for fifteen minutes while the form is filled in.

    One person holds five slots at a time, and three in one agenda: one more is refused with
    ``too_many_holds``. Whoever
    takes a time again that they have given back holds it until it would have ended at first, and no
    longer; when less
    than a minute of that is left, it is refused with ``hold_paused`` until others have had five
    minutes to take it.
    A slot that the caller holds already is ``slot_taken`` with the id of that hold in ``data.hold``.
    Who has not the level ``book`` on the agenda has twenty appointments ahead in it, and makes thirty
    a day: one more
    is refused with ``too_many_bookings``.
    """

    method: ClassVar[str] = "slot.hold"
    result: ClassVar[type[Any]] = HoldSlotResult

    id: UUID
    agenda: UUID
    reason: UUID
    start: datetime


class InvitationRow(Struct, frozen=True, kw_only=True):
    """A row of a list, as it was typed."""

    email: str
    first_name: str = ""
    last_name: str = ""
    function: str = ""


class ImportInvitations(Command[Imported], frozen=True, kw_only=True):
    """Invites a list of people by mail, 200 rows in one request; a longer list goes in several.

    With ``preview`` nothing is sent, and the answer says what would be. A cell that a spreadsheet
    would take for a
    formula is refused. One person invites 1,000 people in 24 hours, at most.
    """

    method: ClassVar[str] = "invitation.import"
    result: ClassVar[type[Any]] = Imported

    id: UUID
    organisation: UUID
    rows: list[InvitationRow]
    preview: bool = False
    expires_at: datetime | None = None
    note: str = ""


class LeaveConversation(Command[LeaveConversationResult], frozen=True, kw_only=True):
    """The caller leaves a group or a case; what they wrote stays. Whoever asks in a case that is not
    closed hands it
    over first (``asks_here``).

    With ``decline``, whoever added them (``added_by``) cannot add them to a group again, until they
    open a conversation
    with that person themselves.
    """

    method: ClassVar[str] = "conversation.leave"
    result: ClassVar[type[Any]] = LeaveConversationResult

    conversation: UUID
    decline: bool = False


class ListAgendas(Command[Agendas], frozen=True, kw_only=True):
    """The agendas on which the caller has a level of access: their own first."""

    method: ClassVar[str] = "agenda.list"
    result: ClassVar[type[Any]] = Agendas

    cursor: str | None = None


class ListClaims(Command[Claims], frozen=True, kw_only=True):
    """Organisations whose members ask for somebody to look after them, to moderators; 100 at most, the
    oldest first.
    """

    method: ClassVar[str] = "organisation.claims"
    result: ClassVar[type[Any]] = Claims


class ListConversations(Command[Conversations], frozen=True, kw_only=True):
    method: ClassVar[str] = "conversation.list"
    result: ClassVar[type[Any]] = Conversations

    limit: int = 50
    cursor: str | None = None


class ListGroupRequests(Command[GroupRequests], frozen=True, kw_only=True):
    """The groups into which strangers put the caller, and which wait for their answer."""

    method: ClassVar[str] = "conversation.requests"
    result: ClassVar[type[Any]] = GroupRequests


class ListHolds(Command[Holds], frozen=True, kw_only=True):
    """The slots that the caller holds now, on whichever device, the first to expire first.

    ``me.holds`` of ``hello`` says the same. One that ends without a booking is told to all devices of
    the caller by
    ``hold.ended`` in their inbox, one that is booked by ``referral.booked``, whose ``appointment`` is
    the hold's id.
    """

    method: ClassVar[str] = "hold.list"
    result: ClassVar[type[Any]] = Holds


class ListInvitations(Command[Invitations], frozen=True, kw_only=True):
    """What became of the invitations of an organisation, to those who may invite; without one, of one's
    own.
    """

    method: ClassVar[str] = "invitation.list"
    result: ClassVar[type[Any]] = Invitations

    organisation: UUID | None = None
    only: Literal["to_remind", "under_way", "verified"] | None = None
    limit: int = 50
    cursor: str | None = None


class ListMembers(Command[OrganisationMembers], frozen=True, kw_only=True):
    """The members of an organisation, to its members. ``text`` looks in names and, for those who run the
    organisation,
    in e-mail addresses.
    """

    method: ClassVar[str] = "organisation.members"
    result: ClassVar[type[Any]] = OrganisationMembers

    organisation: UUID
    text: str = ""
    only: Literal["administrators", "invited", "members"] | None = None
    limit: int = 50
    cursor: str | None = None


class ListPractitioners(Command[PatientPractitioners], frozen=True, kw_only=True):
    """Who looks after a patient whose record the caller may open."""

    method: ClassVar[str] = "patient.practitioners"
    result: ClassVar[type[Any]] = PatientPractitioners

    patient: UUID


class ListProfileRequests(Command[ProfileRequests], frozen=True, kw_only=True):
    """Who is to have access to the caller's own messages, and waits for them."""

    method: ClassVar[str] = "profile.requests"
    result: ClassVar[type[Any]] = ProfileRequests


class ListQueue(Command[Queue], frozen=True, kw_only=True):
    """What waits for moderators, or with ``decided`` what they decided."""

    method: ClassVar[str] = "verification.queue"
    result: ClassVar[type[Any]] = Queue

    decided: bool = False
    limit: int = 20
    cursor: str | None = None


class ListReferrals(Command[Referrals], frozen=True, kw_only=True):
    """Referrals, the newest first: those that the caller made, or those that they or an agenda that they
    may read
    received.
    """

    method: ClassVar[str] = "referral.list"
    result: ClassVar[type[Any]] = Referrals

    side: Literal["made", "received"] = "made"
    limit: int = 20
    cursor: str | None = None


class ListSessions(Command[Sessions], frozen=True, kw_only=True):
    """The devices on which the caller is signed in, the most recent first."""

    method: ClassVar[str] = "session.list"
    result: ClassVar[type[Any]] = Sessions


class NameSupervisor(Command[PatientPractitioners], frozen=True, kw_only=True):
    """Names the practitioner who supervises a patient's care, in place of whoever did; without a
    ``practitioner``
    nobody does any more. The record, and the patient's appointments where practitioners see their own
    patients alone,
    are open to them until then, or until they leave. For whom the patient is theirs, or who manages
    an agenda of the
    patient's; the practitioner is one of the organisation that keeps the record.
    """

    method: ClassVar[str] = "patient.supervise"
    result: ClassVar[type[Any]] = PatientPractitioners

    patient: UUID
    practitioner: UUID | None = None


class NearPlace(Struct, frozen=True, kw_only=True):
    """Around what: a postal code, a town, or a point in degrees (both ``lat`` and ``lon``)."""

    postal_code: str | None = None
    city: str | None = None
    lat: float | None = None
    lon: float | None = None


class NewCase(Struct, frozen=True, kw_only=True):
    """The question that a case is opened with. Without ``patient`` nobody is named."""

    question: str
    urgency: Literal["routine", "soon", "urgent"] = "routine"
    patient: CasePatient | None = None
    informed: Literal["informed", "objects"] | None = None


class OpenConversation(Command[ConversationResult], frozen=True, kw_only=True):
    """Opens a conversation. Of the same two people there is one direct conversation: it is the answer,
    if it exists.

    One person may open 50 groups and cases in 24 hours. To be in a group opened by a stranger (of no
    organisation of
    theirs, to whom they never wrote and whose request they did not accept) somebody accepts it first:
    until then they
    are ``asked``, and no member. 100 people are asked in 24 hours.

    A ``case`` has a title and its question, which is put to the members named; it may name a patient
    whose record the
    caller may open. One that is put to a single person reaches them as a direct conversation does.
    """

    method: ClassVar[str] = "conversation.open"
    result: ClassVar[type[Any]] = ConversationResult

    id: UUID
    kind: Literal["case", "direct", "group"]
    members: list[UUID]
    title: str | None = None
    case: NewCase | None = None


class OpenLock(Command[LockOpened], frozen=True, kw_only=True):
    """Opens this device with what its code proves. After five wrong ones in a row the session ends. A
    device that has
    no code is refused (``invalid_state``, ``state: no_code``) and stays signed in.
    """

    method: ClassVar[str] = "lock.open"
    result: ClassVar[type[Any]] = LockOpened

    proof: str


class ReactToMessage(Command[MessageResult], frozen=True, kw_only=True):
    """Says what the caller thinks of a message, in one sign; several kinds may stand beside each other,
    each once. The
    same one again changes nothing. There is no reaction to a deleted message (``invalid_state``).
    """

    method: ClassVar[str] = "message.react"
    result: ClassVar[type[Any]] = MessageResult

    message: UUID
    emoji: Literal["✅", "❓", "❤️", "👀", "👍"]


class ReadMessages(Command[ReadMessagesResult], frozen=True, kw_only=True):
    """Moves the caller's read pointer forward, never back, and never past the head."""

    method: ClassVar[str] = "message.read"
    result: ClassVar[type[Any]] = ReadMessagesResult

    conversation: UUID
    seq: int


class ReleaseSlot(Command[ReleaseSlotResult], frozen=True, kw_only=True):
    """Gives a held slot back; releasing again changes nothing."""

    method: ClassVar[str] = "slot.release"
    result: ClassVar[type[Any]] = ReleaseSlotResult

    hold: UUID


class RemindInvitations(Command[Reminded], frozen=True, kw_only=True):
    """Sends the mail again to those who have not come: once a day and five times to each, at most. What
    has expired
    holds for another week.
    """

    method: ClassVar[str] = "invitation.remind"
    result: ClassVar[type[Any]] = Reminded

    invitations: list[UUID]


class RemoveAbsence(Command[AgendaResult], frozen=True, kw_only=True):
    """Opens again what an absence closed; removing it again changes nothing."""

    method: ClassVar[str] = "absence.remove"
    result: ClassVar[type[Any]] = AgendaResult

    agenda: UUID
    absence: UUID


class RemoveLockCode(Command[Done], frozen=True, kw_only=True):
    """This device locks no more."""

    method: ClassVar[str] = "lock.remove"
    result: ClassVar[type[Any]] = Done


class RemoveMember(Command[ConversationResult], frozen=True, kw_only=True):
    """Removes somebody from a group, at once on all their devices; whoever was asked is not asked any
    more. Removing
    them again changes nothing.
    """

    method: ClassVar[str] = "conversation.remove"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID
    person: UUID


class ReopenCase(Command[ConversationResult], frozen=True, kw_only=True):
    """Opens a closed case again: it waits for those who were asked. The outcome stays in the history.
    One that is not
    closed is left as it is.
    """

    method: ClassVar[str] = "case.reopen"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID
    reason: str


class RequestContact(Command[Done], frozen=True, kw_only=True):
    """Asks somebody who wants to be asked first; they accept, or the request stays unanswered. One
    request to one
    person in 30 days, 20 in 24 hours.
    """

    method: ClassVar[str] = "contact.request"
    result: ClassVar[type[Any]] = Done

    id: UUID
    person: UUID
    reason: str = ""


class RevokeInvitation(Command[InvitationResult], frozen=True, kw_only=True):
    """Ends an invitation: its link opens nothing any more, and whoever came by it and waits does not get
    in. Who has
    joined stays. Revoked again, nothing happens.
    """

    method: ClassVar[str] = "invitation.revoke"
    result: ClassVar[type[Any]] = InvitationResult

    invitation: UUID


class SearchAudit(Command[AuditEntries], frozen=True, kw_only=True):
    """The entries of an organisation, to its owners and administrators; to moderators, of all when none
    is named.
    Whom an owner keeps from the dashboard is refused with ``withheld``.

    An entry is an organisation's when whoever did it acted for it, or when it concerns the
    organisation itself. By
    ``person`` (who did it, or for whom), ``patient`` or any other id it is about, ``act``, and time:
    without ``after``
    the last 31 days, and never more than 366 at once.
    """

    method: ClassVar[str] = "audit.search"
    result: ClassVar[type[Any]] = AuditEntries

    organisation: UUID | None = None
    person: UUID | None = None
    patient: UUID | None = None
    act: str = ""
    after: datetime | None = None
    before: datetime | None = None
    limit: int = 50
    cursor: str | None = None


class SearchDirectory(Command[Hits], frozen=True, kw_only=True):
    """Professionals by words, profession, speciality, organisation and place; at least one of them is
    needed.
    """

    method: ClassVar[str] = "directory.search"
    result: ClassVar[type[Any]] = Hits

    text: str | None = None
    profession: str | None = None
    speciality: str | None = None
    organisation: str | None = None
    cpts: str | None = None
    place: NearPlace | None = None
    radius_km: float | None = None
    bookable: bool | None = None
    on_relais: bool | None = None
    limit: int = 20
    cursor: str | None = None


class SearchOrganisations(Command[Organisations], frozen=True, kw_only=True):
    """Organisations and services on Relais by their names, without regard to accents, case and hyphens.
    A service is
    found by its own name, and by words of its establishment's beside that.
    """

    method: ClassVar[str] = "organisation.search"
    result: ClassVar[type[Any]] = Organisations

    text: str
    kind: Literal["cpts", "establishment", "practice", "service"] | None = None
    limit: int = 20


class SearchPatients(Command[Patients], frozen=True, kw_only=True):
    """Patients whose record the caller may open, born on this day, whose family or birth name is this
    one in any
    spelling: possible duplicates. With ``first_names`` also those for whom the two were exchanged.
    """

    method: ClassVar[str] = "patient.search"
    result: ClassVar[type[Any]] = Patients

    family_name: str
    birth_date: date
    first_names: str | None = None
    birth_name: str | None = None


class SendMessage(Command[SendMessageResult], frozen=True, kw_only=True):
    """Adds a message to the end of the conversation. The answer comes after it is durable.

    ``reply_to`` names a message of the same conversation that the author may see. In a conversation
    of two it is
    ``blocked`` for whom the author blocks, and ``unreachable`` when the other is not on Relais for
    them.

    ``attachments`` are files that the author uploads and nothing holds yet, or that they may read
    elsewhere; each may
    still be on its way through the checks. With files the text may be left out.
    """

    method: ClassVar[str] = "message.send"
    result: ClassVar[type[Any]] = SendMessageResult

    id: UUID
    conversation: UUID
    body: str = ""
    reply_to: UUID | None = None
    attachments: list[UUID] = msgspec.field(default_factory=list)


class SetContactRule(Command[ContactSettings], frozen=True, kw_only=True):
    """Says who reaches the caller. Conversations that there are go on."""

    method: ClassVar[str] = "contact.rule"
    result: ClassVar[type[Any]] = ContactSettings

    rule: Literal["ask_first", "everybody", "my_organisations"]


class SetLock(Command[LockView], frozen=True, kw_only=True):
    """After how many minutes without a touch devices with a code lock. More than an organisation allows
    is refused.
    """

    method: ClassVar[str] = "lock.set"
    result: ClassVar[type[Any]] = LockView

    desk: int
    phone: int


class SetLockCode(Command[LockSecret], frozen=True, kw_only=True):
    """Gives this device a code, in place of the one before. The server keeps a digest of what the code
    proves.
    """

    method: ClassVar[str] = "lock.code"
    result: ClassVar[type[Any]] = LockSecret

    proof: str


class SetMobile(Command[MobileStarted], frozen=True, kw_only=True):
    """Sends a code to a mobile of the caller's, which takes the place of the one before once it is
    confirmed. Five
    codes in 24 hours, one a minute.
    """

    method: ClassVar[str] = "profile.mobile"
    result: ClassVar[type[Any]] = MobileStarted

    mobile: str


class SetRights(Command[MemberRights], frozen=True, kw_only=True):
    """Gives and takes levels on several agendas and profiles at once, all or none; what is not named
    stays.

    Nobody gives more than they hold. Somebody's own agenda is theirs. Reading or answering a
    colleague's messages waits
    for that colleague's consent (``profile.answer``). The person's open screens change at once.
    """

    method: ClassVar[str] = "rights.set"
    result: ClassVar[type[Any]] = MemberRights

    organisation: UUID
    person: UUID
    agendas: list[AgendaRight] = msgspec.field(default_factory=list)
    profiles: list[ProfileRight] = msgspec.field(default_factory=list)
    limits: LimitsForm | None = None


class SetRole(Command[ConversationResult], frozen=True, kw_only=True):
    """Lets a member look after a group or a case too, or no longer. The same role again changes nothing.

    Somebody always looks after it: the last one first names another (``last_responsible``). When they
    leave, the eldest
    member does.
    """

    method: ClassVar[str] = "conversation.role"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID
    person: UUID
    role: Literal["member", "owner"]


class StartVerification(Command[StartResult], frozen=True, kw_only=True):
    """Begins a verification by an identity document and a photo of the face, at the provider's.
    ``invalid_state`` when
    one is under way, when there is nothing more to prove, or when this Relais does not offer it
    (``not_offered``).
    """

    method: ClassVar[str] = "verification.start"
    result: ClassVar[type[Any]] = StartResult

    id: UUID
    method_: Literal["document"] = msgspec.field(name="method")


class StateStatement(Command[Done], frozen=True, kw_only=True):
    """Records that somebody is struck off or suspended by their order: their verification ends at once,
    with every
    session of theirs, and they are told why and how to appeal. Moderators only; one is enough to
    close.
    """

    method: ClassVar[str] = "verification.statement"
    result: ClassVar[type[Any]] = Done

    person: UUID
    statement: Literal["struck_off", "suspended"]


class Sync(Command[Synced], frozen=True, kw_only=True):
    """What happened in a stream after a number. Access is checked now, not as it was then.

    Events that the caller may not see, because their membership shows the stream from a later number,
    are left out:
    the answer then begins at that number.
    """

    method: ClassVar[str] = "sync"
    result: ClassVar[type[Any]] = Synced

    stream: str
    after: int
    limit: int = 500


class TakeReactionBack(Command[MessageResult], frozen=True, kw_only=True):
    """Takes a reaction of the caller's back. One that there is not, changes nothing."""

    method: ClassVar[str] = "message.unreact"
    result: ClassVar[type[Any]] = MessageResult

    message: UUID
    emoji: Literal["✅", "❓", "❤️", "👀", "👍"]


class TurnCase(Command[ConversationResult], frozen=True, kw_only=True):
    """Says whose turn it is in a case, where who wrote last does not tell: a thank-you is no question."""

    method: ClassVar[str] = "case.turn"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID
    to: Literal["asked", "asker"]


class Typing(Command[TypingResult], frozen=True, kw_only=True):
    """Tells the others that the caller is writing. Clients repeat it every few seconds; it expires after
    six.
    """

    method: ClassVar[str] = "typing"
    result: ClassVar[type[Any]] = TypingResult

    conversation: UUID


class UnblockPerson(Command[ContactSettings], frozen=True, kw_only=True):
    method: ClassVar[str] = "contact.unblock"
    result: ClassVar[type[Any]] = ContactSettings

    person: UUID


class UnwatchAgenda(Command[WatchResult], frozen=True, kw_only=True):
    """The socket no longer follows the agenda; ``head`` says nothing."""

    method: ClassVar[str] = "agenda.unwatch"
    result: ClassVar[type[Any]] = WatchResult

    agenda: UUID


class UpdateAgenda(Command[AgendaResult], frozen=True, kw_only=True):
    """Changes what is given and leaves the rest. Lists take the place of what was there.

    A visit reason that is left out can no longer be booked; what is booked stays. The bounds are
    those of
    ``agenda.create``.
    """

    method: ClassVar[str] = "agenda.update"
    result: ClassVar[type[Any]] = AgendaResult

    agenda: UUID
    name: str | None = None
    reasons: list[ReasonForm] | None = None
    openings: list[OpeningForm] | None = None
    step: int | None = None
    notice: int | None = None
    horizon: int | None = None


class UpdateConversation(Command[ConversationResult], frozen=True, kw_only=True):
    """Gives a group another title."""

    method: ClassVar[str] = "conversation.update"
    result: ClassVar[type[Any]] = ConversationResult

    conversation: UUID
    title: str


class UpdateMembership(Command[MemberResult], frozen=True, kw_only=True):
    """Changes what is given. Who owns or administers is changed by owners alone; somebody always remains
    who does.
    """

    method: ClassVar[str] = "member.update"
    result: ClassVar[type[Any]] = MemberResult

    organisation: UUID
    person: UUID
    function: (
        Literal[
            "administrative",
            "assistant",
            "dispatcher",
            "operations_manager",
            "practitioner",
            "secretary",
        ]
        | None
    ) = None
    administrator: bool | None = None
    owner: bool | None = None
    coordinator: bool | None = None


class UpdateOrganisation(Command[OrganisationResult], frozen=True, kw_only=True):
    """Changes what is given. Who manages access, and what practitioners see of each other, is for
    owners.

    With ``own_patients_only`` what practitioners have been given on agendas that are not theirs falls
    to ``busy``.
    """

    method: ClassVar[str] = "organisation.update"
    result: ClassVar[type[Any]] = OrganisationResult

    organisation: UUID
    name: str | None = None
    finess: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    hours: list[HoursForm] | None = None
    specialities: list[str] | None = None
    access_rule: Literal["agenda_managers", "owners", "owners_and_administrators"] | None = None
    own_patients_only: bool | None = None
    schedules_shown: bool | None = None
    demands_document: bool | None = None
    lock_at_most: int | None = None


class UpdateProfile(Command[Profile], frozen=True, kw_only=True):
    """Changes what is given of the caller's profile; an empty text or list empties it. A name can be
    changed until it
    is proven (``invalid_state`` from then on).
    """

    method: ClassVar[str] = "profile.update"
    result: ClassVar[type[Any]] = Profile

    first_name: str | None = None
    last_name: str | None = None
    practice_mode: Literal["liberal", "salaried"] | None = None
    fee_sector: Literal["1", "2", "2_optam", "none"] | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    places: list[ProfilePlace] | None = None
    language: Literal["en", "fr"] | None = None
    languages: list[str] | None = None
    phone: str | None = None
    mobile_shown: bool | None = None
    mssante: str | None = None


class UpdateSite(Command[OrganisationResult], frozen=True, kw_only=True):
    """Changes what is given of a site. Its clock stays as it is: agendas are kept by it."""

    method: ClassVar[str] = "site.update"
    result: ClassVar[type[Any]] = OrganisationResult

    site: UUID
    name: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None


class WatchAgenda(Command[WatchResult], frozen=True, kw_only=True):
    """From now on the socket receives the agenda's events: in full for who may read it, and masked, as
    times alone, for
    who may see that it is busy.

    Without a level the socket receives ``slot.held``, ``slot.released`` and ``slot.booked``, masked,
    and nothing else:
    a booking comes as ``slot.booked``, and a cancellation as ``slot.released``. ``sync`` of the
    stream is refused,
    ``head`` is 0, and the numbers are the socket's own: they grow, and say nothing of what else
    happens in the agenda.
    Load the slots again when the screen is shown again, and after a reconnection. While the agenda
    cannot be booked
    nothing comes.

    The level counts as it is at each event: one that is given or taken while watching changes what
    comes next. A socket
    watches 100 agendas at most; one more is refused with ``too_large``.
    """

    method: ClassVar[str] = "agenda.watch"
    result: ClassVar[type[Any]] = WatchResult

    agenda: UUID


class WipeSession(Command[Done], frozen=True, kw_only=True):
    """For a device that is lost: ends its session, closes its sockets with 4410, and has what it keeps
    destroyed as
    soon as it asks for anything. The caller is told by mail, now and when it is done.
    """

    method: ClassVar[str] = "session.wipe"
    result: ClassVar[type[Any]] = Done

    session: UUID


class WithdrawVerification(Command[VerificationResult], frozen=True, kw_only=True):
    """Takes back the consent to the check of one's document: what the provider keeps of the caller is
    erased there.
    What was decided stays, and so does the trace of it.
    """

    method: ClassVar[str] = "verification.withdraw"
    result: ClassVar[type[Any]] = VerificationResult


COMMANDS: dict[str, type[Command[Any]]] = {
    "hello": Hello,
    "sync": Sync,
    "organisation.create": CreateOrganisation,
    "organisation.get": GetOrganisation,
    "organisation.search": SearchOrganisations,
    "organisation.update": UpdateOrganisation,
    "site.create": CreateSite,
    "site.update": UpdateSite,
    "service.create": CreateService,
    "organisation.claim": ClaimOrganisation,
    "organisation.appoint": AppointMember,
    "organisation.claims": ListClaims,
    "organisation.members": ListMembers,
    "member.update": UpdateMembership,
    "member.remove": EndMembership,
    "member.rights": GetRights,
    "rights.set": SetRights,
    "profile.requests": ListProfileRequests,
    "profile.answer": AnswerProfileRequest,
    "member.create": CreateMember,
    "invitation.create": CreateInvitation,
    "invitation.list": ListInvitations,
    "invitation.revoke": RevokeInvitation,
    "invitation.correct": CorrectInvitation,
    "invitation.remind": RemindInvitations,
    "invitation.import": ImportInvitations,
    "invitation.accept": AcceptInvitation,
    "invitation.decline": DeclineInvitation,
    "invitation.admit": AdmitArrival,
    "contact.settings": GetContacts,
    "contact.rule": SetContactRule,
    "contact.block": BlockPerson,
    "contact.unblock": UnblockPerson,
    "contact.request": RequestContact,
    "contact.answer": AnswerContact,
    "audit.search": SearchAudit,
    "audit.export": ExportAudit,
    "session.list": ListSessions,
    "session.end": EndSession,
    "session.end_others": EndOtherSessions,
    "session.wipe": WipeSession,
    "session.found": FindSession,
    "lock.get": GetLock,
    "lock.set": SetLock,
    "lock.code": SetLockCode,
    "lock.remove": RemoveLockCode,
    "lock.open": OpenLock,
    "session.act_for": ActFor,
    "directory.search": SearchDirectory,
    "directory.get": GetEntry,
    "verification.candidates": FindCandidates,
    "verification.claim": ClaimEntry,
    "profile.get": GetProfile,
    "profile.update": UpdateProfile,
    "profile.mobile": SetMobile,
    "profile.confirm_mobile": ConfirmMobile,
    "verification.get": GetVerification,
    "verification.start": StartVerification,
    "verification.withdraw": WithdrawVerification,
    "verification.appeal": AppealVerification,
    "verification.queue": ListQueue,
    "verification.decide": DecideVerification,
    "verification.statement": StateStatement,
    "file.get": GetFile,
    "file.discard": DiscardFile,
    "conversation.open": OpenConversation,
    "conversation.get": GetConversation,
    "conversation.list": ListConversations,
    "conversation.add": AddMember,
    "conversation.remove": RemoveMember,
    "conversation.role": SetRole,
    "conversation.requests": ListGroupRequests,
    "conversation.accept": AcceptGroup,
    "conversation.decline": DeclineGroup,
    "conversation.hide": HideConversation,
    "conversation.leave": LeaveConversation,
    "conversation.update": UpdateConversation,
    "case.close": CloseCase,
    "case.reopen": ReopenCase,
    "case.turn": TurnCase,
    "case.handover": HandOverCases,
    "message.send": SendMessage,
    "message.edit": EditMessage,
    "message.delete": DeleteMessage,
    "message.react": ReactToMessage,
    "message.unreact": TakeReactionBack,
    "message.versions": GetMessageVersions,
    "message.receipts": GetMessageReceipts,
    "message.read": ReadMessages,
    "message.history": GetHistory,
    "typing": Typing,
    "agenda.list": ListAgendas,
    "agenda.reasons": GetReasons,
    "agenda.create": CreateAgenda,
    "agenda.update": UpdateAgenda,
    "absence.add": AddAbsence,
    "absence.remove": RemoveAbsence,
    "agenda.grant": GrantAccess,
    "agenda.export": ExportAgenda,
    "agenda.slots": FindSlots,
    "agenda.watch": WatchAgenda,
    "agenda.unwatch": UnwatchAgenda,
    "hold.list": ListHolds,
    "slot.hold": HoldSlot,
    "slot.release": ReleaseSlot,
    "agenda.day": GetDay,
    "appointment.cancel": CancelAppointment,
    "patient.search": SearchPatients,
    "patient.create": CreatePatient,
    "patient.practitioners": ListPractitioners,
    "patient.supervise": NameSupervisor,
    "referral.book": BookReferral,
    "referral.get": GetReferral,
    "referral.list": ListReferrals,
}


EVENTS: dict[str, type[Struct]] = {
    "membership.changed": MembershipChanged,
    "membership.ended": MembershipEnded,
    "rights.changed": RightsChanged,
    "profile.requested": ProfileRequested,
    "contact.requested": ContactRequested,
    "contact.blocked": ContactBlocked,
    "contact.refused": ContactRefused,
    "contact.accepted": ContactAccepted,
    "file.changed": FileChanged,
    "conversation.added": InboxConversationAdded,
    "conversation.removed": InboxConversationRemoved,
    "conversation.requested": InboxConversationRequested,
    "conversation.hidden": InboxConversationHidden,
    "message.sent": MessageSent,
    "message.edited": MessageEdited,
    "message.deleted": MessageDeleted,
    "message.reacted": MessageReacted,
    "message.files_checked": MessageFilesChecked,
    "conversation.opened": ConversationOpened,
    "member.added": MemberAdded,
    "member.asked": MemberAsked,
    "member.removed": MemberRemoved,
    "member.role_changed": MemberRoleChanged,
    "conversation.updated": ConversationUpdated,
    "case.turned": CaseTurned,
    "case.closed": CaseClosedEvent,
    "case.reopened": CaseReopened,
    "case.handed_over": CaseHandedOver,
    "hold.ended": HoldEnded,
    "slot.held": SlotHeld,
    "slot.released": SlotReleased,
    "slot.booked": SlotBooked,
    "appointment.booked": AppointmentBooked,
    "appointment.cancelled": AppointmentCancelled,
    "appointment.notice": AppointmentNotice,
    "agenda.changed": AgendaChanged,
    "referral.booked": ReferralBooked,
    "referral.cancelled": ReferralCancelled,
    "referral.notice": ReferralNotice,
    "referral.files_checked": ReferralFilesChecked,
}


MASKED_EVENTS: dict[str, type[Struct]] = {
    "slot.held": SlotHeldMasked,
    "slot.released": SlotReleasedMasked,
    "slot.booked": SlotBookedMasked,
    "appointment.booked": AppointmentBookedMasked,
    "appointment.cancelled": AppointmentCancelledMasked,
    "appointment.notice": AppointmentNoticeMasked,
    "agenda.changed": AgendaChangedMasked,
}


SIGNALS: dict[str, type[Struct]] = {
    "typing": TypingSignal,
    "message.read": ReadSignal,
}


Reason: TypeAlias = Literal[
    "not_found",
    "forbidden",
    "conflict",
    "id_taken",
    "invalid_state",
    "rate_limited",
    "too_large",
    "unavailable",
    "not_verified",
    "second_factor_required",
    "reauthentication_required",
    "slot_taken",
    "hold_expired",
    "too_many_holds",
    "hold_paused",
    "too_many_bookings",
    "too_many_notices",
    "declined",
    "asks_here",
    "last_responsible",
    "case_closed",
    "too_many_groups",
    "last_owner",
    "last_administrator",
    "more_than_held",
    "vouched_only",
    "withheld",
    "finess_taken",
    "already_there",
    "invitation_over",
    "asks_first",
    "blocked",
    "unreachable",
    "too_many_contacts",
    "too_many_patients",
    "wrong_offset",
    "too_many_files",
    "file_refused",
    "file_gone",
    "upload_unfinished",
    "too_late",
    "too_many_edits",
    "invalid",
    "parse_error",
    "invalid_request",
    "method_not_found",
]


HELLO_CURSORS = 500


TOO_BIG = 1009
RESTARTING = 1012
PROTOCOL_ERROR = 4400
NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403
SILENT = 4408
CONNECTED_ELSEWHERE = 4409
WIPED = 4410
TOO_MANY_REQUESTS = 4429
TOO_SLOW = 4430
