"""Every command for everybody: one row for each, who may and what the others are told.

Whoever may not know of a thing gets, to the letter, the answer for a thing that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, NoReturn
from uuid import UUID

import msgspec
import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from identity.accounts.wire import ONBOARDING
from identity.accounts.wire import VERIFIED as VERIFIED_SCOPE
from identity.auditing.wire import ExportAudit, SearchAudit
from identity.contacts.models import ContactRule
from identity.contacts.wire import (
    AnswerContact,
    BlockPerson,
    GetContacts,
    RequestContact,
    SetContactRule,
    UnblockPerson,
)
from identity.directory.wire import GetEntry, SearchDirectory
from identity.onboarding.wire import (
    AppealVerification,
    ClaimEntry,
    ConfirmMobile,
    DecideVerification,
    FindCandidates,
    GetProfile,
    GetVerification,
    ListQueue,
    SetMobile,
    StartVerification,
    StateStatement,
    UpdateProfile,
    WithdrawVerification,
)
from identity.organisations.invitation_tokens import token
from identity.organisations.models import Membership
from identity.organisations.wire_invitations import (
    AcceptInvitation,
    AdmitArrival,
    CorrectInvitation,
    CreateInvitation,
    CreateMember,
    DeclineInvitation,
    ImportInvitations,
    InvitationRow,
    ListInvitations,
    RemindInvitations,
    RevokeInvitation,
)
from identity.organisations.wire_members import (
    AnswerProfileRequest,
    EndMembership,
    GetRights,
    ListMembers,
    ListProfileRequests,
    SetRights,
    UpdateMembership,
)
from identity.organisations.wire_organisations import (
    AppointMember,
    ClaimOrganisation,
    CreateOrganisation,
    CreateService,
    CreateSite,
    GetOrganisation,
    ListClaims,
    SearchOrganisations,
    UpdateOrganisation,
    UpdateSite,
)
from identity.patients.models import Patient
from identity.patients.wire import CreatePatient, ListPractitioners, NameSupervisor, SearchPatients
from identity.sessions.models import Session
from identity.sessions.wire import (
    ActFor,
    EndOtherSessions,
    EndSession,
    FindSession,
    GetLock,
    ListSessions,
    OpenLock,
    RemoveLockCode,
    SetLock,
    SetLockCode,
    WipeSession,
)
from referral.referrals.wire import GetReferral, ListReferrals
from referral.scheduling.wire import (
    CancelAppointment,
    FindSlots,
    GetDay,
    HoldSlot,
    ListHolds,
    ReleaseSlot,
    UnwatchAgenda,
    WatchAgenda,
)
from referral.scheduling.wire_agendas import (
    AddAbsence,
    CreateAgenda,
    ExportAgenda,
    GetReasons,
    GrantAccess,
    ListAgendas,
    ReasonForm,
    RemoveAbsence,
    UpdateAgenda,
)
from server.kernel import vault
from server.kernel.authentication import SYSTEM, Actor, Machine, PatientLink, System
from server.kernel.dispatch import Action, dispatch, dispatcher
from server.kernel.identifiers import uuid7
from server.kernel.wire import CONFIRMED, Command, InternalCommand, frame
from server.kernel.wire.errors import Refusal
from server.kernel.wire.handshake import Client, Hello, Sync
from server.registry import ACTIONS, INTERNAL, socket_commands
from team.conversations.wire import (
    AcceptGroup,
    AddMember,
    DeclineGroup,
    GetConversation,
    HideConversation,
    LeaveConversation,
    ListConversations,
    ListGroupRequests,
    OpenConversation,
    RemoveMember,
    SetRole,
    UpdateConversation,
)
from team.conversations.wire_case_views import CasePatient, NewCase
from team.conversations.wire_cases import CloseCase, HandOverCases, ReopenCase, TurnCase
from team.files.wire import DiscardFile, GetFile
from team.messages.wire import (
    DeleteMessage,
    EditMessage,
    GetHistory,
    GetMessageReceipts,
    GetMessageVersions,
    ReactToMessage,
    ReadMessages,
    SendMessage,
    TakeReactionBack,
    Typing,
)
from tests.factories import Account, account, acquainted, group, uploaded
from tests.referral.practice import Practice, booking, join, monday, patient, practice

pytestmark = pytest.mark.django_db

ROLES = ("practitioner", "referrer", "late", "booker", "reader", "busy", "removed", "outsider", "unverified")
"""The practitioner manages the agenda and looks after the group; the referrer is in the group and has a hold, a
patient, a referral and an appointment. The late one joined the group after all that was written in it. Booker, reader
and busy have that level on the agenda; the removed one had all of it."""
VERIFIED = ROLES[:-1]
OWNERS = ("practitioner", "referrer")
MEMBERS = (*OWNERS, "late")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Things:
    """What commands name. ``missing`` are the same with ids that nothing has."""

    conversation: UUID
    case: UUID
    partner: UUID
    agenda: UUID
    absence: UUID
    hold: UUID
    referral: UUID
    appointment: UUID
    session: UUID
    organisation: UUID
    site: UUID
    inbox: UUID
    colleague: UUID
    invitation: UUID
    file: UUID
    message: UUID
    """Of the practitioner's, sent after the late one came."""
    record: UUID

    @classmethod
    def missing(cls) -> Things:
        return cls(**{field.name: uuid7() for field in fields(cls)})


@dataclass(frozen=True)
class World:
    things: Things
    place: Practice
    people: dict[str, Account]
    secrets: tuple[str, ...]
    """Ids that show nowhere but to those who may know of the thing."""
    asking: Account
    """Somebody who wants to be asked first."""
    shared: tuple[str, ...]
    """Those of them that everybody in the conversation and the case may know of."""
    earlier: tuple[str, ...]
    """What was written before the late one joined: its text and its id."""

    def hidden_from(self, role: str, row: Row) -> tuple[str, ...]:
        """What the answer to a row must not show this role."""
        if role == "late":
            return (*self.earlier, *(one for one in self.secrets if one not in self.shared))
        return self.secrets if role in row.blind else ()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once: every test runs in a savepoint above it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _world()
        transaction.set_rollback(True)


def _world() -> World:
    # It comes before what every test begins with: keys of the module before are not those of this database.
    vault.clear_cache()
    place = practice()
    people = {role: account(verified=role != "unverified") for role in ROLES[1:]} | {"practitioner": place.practitioner}
    for level in ("book", "read", "busy"):
        place.grant(people[{"book": "booker", "read": "reader"}.get(level, level)], level)
    place.grant(people["removed"], "book")
    dispatch(place.practitioner.actor, GrantAccess(agenda=place.agenda, person=people["removed"].id, level="none"))
    removed = people["removed"]
    conversation = group(place.practitioner, people["referrer"], removed)
    dispatch(place.practitioner.actor, RemoveMember(conversation=conversation, person=removed.id))
    earlier = SendMessage(id=uuid7(), conversation=conversation, body="Anticoagulation arrêtée en mars.")
    dispatch(place.practitioner.actor, earlier)
    acquainted(place.practitioner, people["late"])
    dispatch(place.practitioner.actor, AddMember(conversation=conversation, person=people["late"].id))
    message = SendMessage(id=uuid7(), conversation=conversation, body="Merci de la voir.")
    dispatch(place.practitioner.actor, message)
    reply = SendMessage(id=uuid7(), conversation=conversation, body="Bien noté.", reply_to=earlier.id)
    dispatch(people["referrer"].actor, reply)
    case, partner, record = _case(place, people)
    absence = uuid7()
    away = AddAbsence(id=absence, agenda=place.agenda, first=monday(5), until=monday(5) + DAY)
    dispatch(place.practitioner.actor, away)
    booked = place.book(people["referrer"], "09:00")
    hold = place.hold(people["referrer"], "10:00").hold
    things = Things(
        conversation=conversation,
        case=case,
        partner=partner,
        agenda=place.agenda,
        absence=absence,
        hold=hold,
        referral=booked.referral.id,
        appointment=booked.appointment.id,
        session=place.practitioner.session,
        organisation=place.organisation.id,
        site=place.organisation.sites.get().id,
        inbox=place.practitioner.id,
        colleague=account().id,
        invitation=_invitation(place),
        file=uploaded(place.practitioner),
        message=message.id,
        record=Patient.objects.exclude(pk=record).get(organisation=place.organisation).pk,
    )
    records = Patient.objects.values_list("id", flat=True)
    secrets = (str(conversation), str(case), str(booked.referral.id), *map(str, records))
    asking = account()
    ContactRule.objects.create(person_id=asking.id, rule="ask_first")
    shared = (str(conversation), str(case), str(record))
    return World(things, place, people, secrets, asking, shared, (earlier.body, str(earlier.id)))


def _case(place: Practice, people: dict[str, Account]) -> tuple[UUID, UUID, UUID]:
    """A case, a partner in it, and its patient. The practitioner asks the referrer; the late one and the partner are in
    it and not asked."""
    partner, asker = account(), place.practitioner
    acquainted(asker, *(people[role] for role in ("referrer", "removed", "late")), partner)
    members = [people["referrer"].id, people["removed"].id]
    form = patient(first_names="Rose", family_name="Quéméner")
    record = dispatch(asker.actor, CreatePatient(id=uuid7(), patient=form)).patient.id
    question = NewCase(question="?", patient=CasePatient(id=record))
    case = OpenConversation(id=uuid7(), kind="case", members=members, title="Avis", case=question)
    dispatch(asker.actor, case)
    dispatch(asker.actor, RemoveMember(conversation=case.id, person=people["removed"].id))
    for one in (people["late"], partner):
        dispatch(asker.actor, AddMember(conversation=case.id, person=one.id))
    return case.id, partner.id, record


def _invitation(place: Practice) -> UUID:
    """A link by which several may come, each of whom waits."""
    coordinator = join(account(), place.organisation)
    Membership.objects.filter(person=coordinator.id).update(coordinator=True)
    link = CreateInvitation(id=uuid7(), organisation=place.organisation.id, uses=20, confirmed_each=True)
    dispatch(coordinator.actor, link)
    return link.id


@dataclass(frozen=True)
class Row:
    """How a command is made from what it names, who may, and who is told ``forbidden``.

    Everybody else is told ``not_found``, or ``not_verified``. ``blind`` are those who may, and see no secret by it.
    """

    make: Callable[[Things, World], Command[Any]]
    may: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    in_vain: tuple[str, ...] = ()
    """Who may ask, and is told that it is not the time (``invalid_state``)."""
    names_nothing: bool = False

    def expected(self, role: str, command: Command[Any]) -> str | None:
        if role == "unverified" and type(command).open_to != ONBOARDING:
            return "not_verified"
        if role in self.may:
            return None
        if role in self.in_vain:
            return "invalid_state"
        return "forbidden" if role in self.forbidden else "not_found"


def _reasons() -> list[ReasonForm]:
    return [ReasonForm(id=uuid7(), name="Suivi", minutes=20)]


BLIND = ("booker", "reader", "busy", "removed", "outsider")
STRANGERS = ("removed", "outsider")
STAFF = ("booker", "reader", "busy")

ROWS: dict[str, Row] = {
    "hello": Row(
        lambda t, w: Hello(protocol=1, client=Client(name="t")),
        ROLES,
        blind=(*BLIND, "unverified"),
        names_nothing=True,
    ),
    "sync": Row(lambda t, w: Sync(stream=f"c:{t.conversation}", after=0), MEMBERS),
    "sync of an inbox": Row(lambda t, w: Sync(stream=f"i:{t.inbox}", after=0), ("practitioner",)),
    "sync of an agenda": Row(
        lambda t, w: Sync(stream=f"a:{t.agenda}", after=0), ("practitioner", *STAFF), blind=("busy",)
    ),
    "conversation.open": Row(
        lambda t, w: OpenConversation(id=uuid7(), kind="group", members=[t.colleague], title="x"),
        VERIFIED,
        blind=VERIFIED,
    ),
    "conversation.get": Row(lambda t, w: GetConversation(conversation=t.conversation), MEMBERS),
    "conversation.list": Row(lambda t, w: ListConversations(), VERIFIED, blind=BLIND, names_nothing=True),
    "conversation.add": Row(
        lambda t, w: AddMember(conversation=t.conversation, person=t.colleague), ("practitioner",), ("referrer", "late")
    ),
    "conversation.add of somebody who may see the history": Row(
        lambda t, w: AddMember(conversation=t.conversation, person=t.colleague, history=True),
        ("practitioner",),
        ("referrer", "late"),
    ),
    "conversation.remove": Row(
        lambda t, w: RemoveMember(conversation=t.conversation, person=w.people["referrer"].id),
        ("practitioner",),
        ("referrer", "late"),
    ),
    "conversation.role": Row(
        lambda t, w: SetRole(conversation=t.conversation, person=w.people["referrer"].id, role="owner"),
        ("practitioner",),
        ("referrer", "late"),
    ),
    "conversation.leave": Row(lambda t, w: LeaveConversation(conversation=t.conversation), MEMBERS),
    "conversation.requests": Row(lambda t, w: ListGroupRequests(), VERIFIED, blind=VERIFIED, names_nothing=True),
    # Whoever is a member already is shown the group; for nobody else does this one wait.
    "conversation.accept": Row(lambda t, w: AcceptGroup(conversation=t.conversation), MEMBERS),
    "conversation.decline": Row(lambda t, w: DeclineGroup(conversation=t.conversation), ()),
    "conversation.hide": Row(lambda t, w: HideConversation(conversation=t.conversation), MEMBERS),
    "conversation.update": Row(
        lambda t, w: UpdateConversation(conversation=t.conversation, title="x"), ("practitioner",), ("referrer", "late")
    ),
    "conversation.open of a case": Row(
        lambda t, w: OpenConversation(
            id=uuid7(), kind="case", members=[t.colleague], title="x", case=NewCase(question="?")
        ),
        VERIFIED,
        blind=VERIFIED,
    ),
    "conversation.get of a case": Row(lambda t, w: GetConversation(conversation=t.case), MEMBERS),
    "case.close": Row(lambda t, w: CloseCase(conversation=t.case, outcome="advice", summary="x"), MEMBERS),
    "case.reopen": Row(lambda t, w: ReopenCase(conversation=t.case, reason="x"), MEMBERS),
    "case.turn": Row(lambda t, w: TurnCase(conversation=t.case, to="asker"), MEMBERS),
    "case.handover": Row(lambda t, w: HandOverCases(conversations=[t.case], to=t.partner), OWNERS, forbidden=("late",)),
    "message.send": Row(lambda t, w: SendMessage(id=uuid7(), conversation=t.conversation, body="x"), MEMBERS),
    "message.read": Row(lambda t, w: ReadMessages(conversation=t.conversation, seq=1), MEMBERS),
    "message.history": Row(lambda t, w: GetHistory(conversation=t.conversation), MEMBERS),
    "message.edit": Row(lambda t, w: EditMessage(message=t.message, body="x"), ("practitioner",), ("referrer", "late")),
    "message.delete": Row(lambda t, w: DeleteMessage(message=t.message), ("practitioner",), ("referrer", "late")),
    "message.react": Row(lambda t, w: ReactToMessage(message=t.message, emoji="👍"), MEMBERS),
    "message.unreact": Row(lambda t, w: TakeReactionBack(message=t.message, emoji="👍"), MEMBERS),
    "message.versions": Row(lambda t, w: GetMessageVersions(message=t.message), MEMBERS),
    "message.receipts": Row(lambda t, w: GetMessageReceipts(message=t.message), MEMBERS),
    "typing": Row(lambda t, w: Typing(conversation=t.conversation), MEMBERS),
    "file.get": Row(lambda t, w: GetFile(file=t.file), ("practitioner",)),
    "file.discard": Row(lambda t, w: DiscardFile(file=t.file), VERIFIED, names_nothing=True),
    "directory.search": Row(lambda t, w: SearchDirectory(text="belkhadra"), VERIFIED, names_nothing=True),
    "directory.get": Row(lambda t, w: GetEntry(practitioner=t.inbox), VERIFIED),
    "agenda.list": Row(lambda t, w: ListAgendas(), VERIFIED, blind=BLIND, names_nothing=True),
    "agenda.reasons": Row(lambda t, w: GetReasons(agenda=t.agenda), VERIFIED, blind=BLIND),
    "agenda.slots": Row(
        lambda t, w: FindSlots(agenda=t.agenda, from_=monday(), to=monday() + DAY), VERIFIED, blind=BLIND
    ),
    "agenda.day": Row(
        lambda t, w: GetDay(agenda=t.agenda, from_=monday(), to=monday() + DAY),
        ("practitioner", *STAFF),
        blind=("busy",),
    ),
    # Neither its practitioner nor its staff own the practice, or were let take data out of it.
    "agenda.export": Row(
        lambda t, w: ExportAgenda(agenda=t.agenda, from_=monday(), to=monday() + DAY), (), ("practitioner", *STAFF)
    ),
    "agenda.watch": Row(lambda t, w: WatchAgenda(agenda=t.agenda), VERIFIED, blind=BLIND),
    "agenda.unwatch": Row(lambda t, w: UnwatchAgenda(agenda=t.agenda), VERIFIED, blind=BLIND, names_nothing=True),
    "agenda.create": Row(
        lambda t, w: CreateAgenda(id=uuid7(), site=t.site, name="x", reasons=_reasons(), openings=[]), ("practitioner",)
    ),
    "agenda.update": Row(lambda t, w: UpdateAgenda(agenda=t.agenda, name="x"), ("practitioner",), STAFF),
    "agenda.grant": Row(
        lambda t, w: GrantAccess(agenda=t.agenda, person=t.colleague, level="read"), ("practitioner",), STAFF
    ),
    "absence.add": Row(
        lambda t, w: AddAbsence(id=uuid7(), agenda=t.agenda, first=monday(6), until=monday(7)), ("practitioner",), STAFF
    ),
    "absence.remove": Row(lambda t, w: RemoveAbsence(agenda=t.agenda, absence=t.absence), ("practitioner",), STAFF),
    "slot.hold": Row(
        lambda t, w: HoldSlot(id=uuid7(), agenda=t.agenda, reason=w.place.short, start=w.place.start("11:00")),
        VERIFIED,
        blind=BLIND,
    ),
    "slot.release": Row(lambda t, w: ReleaseSlot(hold=t.hold), ("referrer",)),
    "hold.list": Row(lambda t, w: ListHolds(), VERIFIED, blind=BLIND, names_nothing=True),
    "referral.book": Row(lambda t, w: booking(t.hold), ("referrer",)),
    "referral.get": Row(lambda t, w: GetReferral(referral=t.referral), (*OWNERS, "booker", "reader")),
    "referral.list": Row(lambda t, w: ListReferrals(), VERIFIED, blind=BLIND, names_nothing=True),
    "patient.create": Row(
        lambda t, w: CreatePatient(id=uuid7(), patient=patient()), VERIFIED, blind=BLIND, names_nothing=True
    ),
    "patient.search": Row(
        lambda t, w: SearchPatients(family_name="Marchandeau", birth_date=date(1954, 3, 14)),
        VERIFIED,
        blind=("busy", *STRANGERS),
        names_nothing=True,
    ),
    "patient.practitioners": Row(
        lambda t, w: ListPractitioners(patient=t.record), ("practitioner", "booker", "reader")
    ),
    "patient.supervise": Row(lambda t, w: NameSupervisor(patient=t.record), ("practitioner",), ("booker", "reader")),
    "appointment.cancel": Row(
        lambda t, w: CancelAppointment(appointment=t.appointment, reason="x"), (*OWNERS, "booker"), ("reader",)
    ),
    "session.list": Row(lambda t, w: ListSessions(), ROLES, names_nothing=True),
    "session.end": Row(lambda t, w: EndSession(session=t.session), ("practitioner",)),
    "session.end_others": Row(lambda t, w: EndOtherSessions(), ROLES, names_nothing=True),
    "session.wipe": Row(lambda t, w: WipeSession(session=t.session), ("practitioner",)),
    "session.found": Row(lambda t, w: FindSession(session=t.session), ("practitioner",)),
    "lock.get": Row(lambda t, w: GetLock(), ROLES, names_nothing=True),
    "lock.set": Row(lambda t, w: SetLock(desk=10, phone=1), ROLES, names_nothing=True),
    "lock.code": Row(lambda t, w: SetLockCode(proof="A" * 43), ROLES, names_nothing=True),
    "lock.remove": Row(lambda t, w: RemoveLockCode(), ROLES, names_nothing=True),
    # None of these devices has a code.
    "lock.open": Row(lambda t, w: OpenLock(proof="A" * 43), (), in_vain=ROLES, names_nothing=True),
    "session.act_for": Row(lambda t, w: ActFor(organisation=t.organisation), ("practitioner",)),
    "verification.get": Row(lambda t, w: GetVerification(), ROLES, names_nothing=True),
    "verification.start": Row(
        # Nothing is offered here, and most are verified: its own tests say who may begin.
        lambda t, w: StartVerification(id=uuid7(), by="document"),
        (),
        in_vain=ROLES,
        names_nothing=True,
    ),
    "verification.withdraw": Row(lambda t, w: WithdrawVerification(), ROLES, names_nothing=True),
    "verification.appeal": Row(lambda t, w: AppealVerification(), (), in_vain=ROLES, names_nothing=True),
    "verification.queue": Row(lambda t, w: ListQueue(), (), VERIFIED, names_nothing=True),
    "verification.decide": Row(
        lambda t, w: DecideVerification(verification=t.inbox, decision="accept", reason="spelling"),
        (),
        VERIFIED,
        names_nothing=True,
    ),
    "verification.statement": Row(
        lambda t, w: StateStatement(person=t.colleague, statement="struck_off"), (), VERIFIED, names_nothing=True
    ),
    "organisation.create": Row(
        lambda t, w: CreateOrganisation(id=uuid7(), name="x", kind="practice"), VERIFIED, names_nothing=True
    ),
    "organisation.create of an establishment": Row(
        lambda t, w: CreateOrganisation(id=uuid7(), name="x", kind="establishment"), (), VERIFIED, names_nothing=True
    ),
    "organisation.get": Row(lambda t, w: GetOrganisation(organisation=t.organisation), VERIFIED),
    "organisation.search": Row(lambda t, w: SearchOrganisations(text="marais"), VERIFIED, names_nothing=True),
    "organisation.update": Row(
        lambda t, w: UpdateOrganisation(organisation=t.organisation, name="x"), (), ("practitioner",)
    ),
    "site.create": Row(
        lambda t, w: CreateSite(id=uuid7(), organisation=t.organisation, name="x"), (), ("practitioner",)
    ),
    "site.update": Row(lambda t, w: UpdateSite(site=t.site, name="x"), (), ("practitioner",)),
    "service.create": Row(
        lambda t, w: CreateService(id=uuid7(), organisation=t.organisation, name="x"), (), ("practitioner",)
    ),
    "organisation.claim": Row(lambda t, w: ClaimOrganisation(organisation=t.organisation), ("practitioner",)),
    "organisation.claims": Row(lambda t, w: ListClaims(), (), names_nothing=True),
    "organisation.appoint": Row(lambda t, w: AppointMember(organisation=t.organisation, person=t.colleague), ()),
    "organisation.members": Row(lambda t, w: ListMembers(organisation=t.organisation), ("practitioner",)),
    "member.update": Row(
        lambda t, w: UpdateMembership(organisation=t.organisation, person=t.inbox, coordinator=True),
        (),
        ("practitioner",),
    ),
    "member.remove": Row(lambda t, w: EndMembership(organisation=t.organisation, person=t.inbox), ("practitioner",)),
    "member.rights": Row(lambda t, w: GetRights(organisation=t.organisation, person=t.inbox), ("practitioner",)),
    "rights.set": Row(lambda t, w: SetRights(organisation=t.organisation, person=t.inbox), ("practitioner",)),
    "member.create": Row(
        lambda t, w: CreateMember(
            id=uuid7(),
            organisation=t.organisation,
            email="clara@exemple.fr",
            first_name="Clara",
            last_name="Essai",
            function="secretary",
        ),
        (),
        ("practitioner",),
    ),
    "invitation.create": Row(
        lambda t, w: CreateInvitation(id=uuid7(), organisation=t.organisation, email="clara@exemple.fr"),
        (),
        ("practitioner",),
    ),
    "invitation.create of Relais alone": Row(
        lambda t, w: CreateInvitation(id=uuid7(), email="clara@exemple.fr"), VERIFIED, names_nothing=True
    ),
    "invitation.list": Row(lambda t, w: ListInvitations(organisation=t.organisation), (), ("practitioner",)),
    "invitation.list of one's own": Row(lambda t, w: ListInvitations(), VERIFIED, names_nothing=True),
    "invitation.revoke": Row(lambda t, w: RevokeInvitation(invitation=t.invitation), (), ("practitioner",)),
    "invitation.correct": Row(
        lambda t, w: CorrectInvitation(invitation=t.invitation, email="ada@exemple.fr"), (), ("practitioner",)
    ),
    "invitation.remind": Row(lambda t, w: RemindInvitations(invitations=[t.invitation]), VERIFIED, names_nothing=True),
    "invitation.import": Row(
        lambda t, w: ImportInvitations(
            id=uuid7(), organisation=t.organisation, rows=[InvitationRow(email="clara@exemple.fr")]
        ),
        (),
        ("practitioner",),
    ),
    "invitation.accept": Row(lambda t, w: AcceptInvitation(token=token(t.invitation, 1)), ROLES),
    "invitation.decline": Row(lambda t, w: DeclineInvitation(token=token(t.invitation, 1)), ROLES),
    "invitation.admit": Row(
        lambda t, w: AdmitArrival(invitation=t.invitation, person=w.people["unverified"].id, admit=True),
        (),
        ("practitioner",),
    ),
    "audit.search": Row(lambda t, w: SearchAudit(organisation=t.organisation), (), ("practitioner",)),
    "audit.search of everything": Row(lambda t, w: SearchAudit(), (), VERIFIED, names_nothing=True),
    "audit.export": Row(lambda t, w: ExportAudit(organisation=t.organisation, format="csv"), (), ("practitioner",)),
    "contact.settings": Row(lambda t, w: GetContacts(), VERIFIED, names_nothing=True),
    "contact.rule": Row(lambda t, w: SetContactRule(rule="ask_first"), VERIFIED, names_nothing=True),
    "contact.block": Row(lambda t, w: BlockPerson(person=t.colleague), VERIFIED),
    "contact.unblock": Row(lambda t, w: UnblockPerson(person=t.colleague), VERIFIED, names_nothing=True),
    "contact.request": Row(lambda t, w: RequestContact(id=uuid7(), person=w.asking.id), VERIFIED, names_nothing=True),
    "contact.answer": Row(lambda t, w: AnswerContact(request=t.hold, accept=True), ()),
    "profile.requests": Row(lambda t, w: ListProfileRequests(), VERIFIED, names_nothing=True),
    "profile.answer": Row(lambda t, w: AnswerProfileRequest(request=t.hold, agree=True), ()),
    "verification.candidates": Row(lambda t, w: FindCandidates(number="10101010101"), ROLES, names_nothing=True),
    "verification.claim of no entry": Row(lambda t, w: ClaimEntry(), ROLES, names_nothing=True),
    "verification.claim": Row(lambda t, w: ClaimEntry(entry=t.inbox), ()),
    "profile.get": Row(lambda t, w: GetProfile(), ROLES, names_nothing=True),
    "profile.update": Row(lambda t, w: UpdateProfile(languages=["br"]), ROLES, names_nothing=True),
    "profile.mobile": Row(lambda t, w: SetMobile(mobile="06 39 98 01 23"), ROLES, names_nothing=True),
    "profile.confirm_mobile": Row(lambda t, w: ConfirmMobile(code="123456"), ROLES, names_nothing=True),
}


def carried_out(who: Account | Actor, command: Command[Any]) -> tuple[Any, Refusal | None]:
    """What becomes of it; the database is as before."""
    with transaction.atomic():
        try:
            return dispatch(who.actor if isinstance(who, Account) else who, command), None
        except Refusal as refused:
            return None, refused
        finally:
            transaction.set_rollback(True)


def told(refused: Refusal) -> str:
    """The refusal as it stands on the wire."""
    return frame.refusal(1, refused)


@pytest.mark.parametrize("name", ROWS)
def test_the_matrix(world: World, name: str) -> None:
    row = ROWS[name]
    for role in ROLES:
        who = world.people[role]
        command = row.make(world.things, world)
        result, refused = carried_out(who, command)
        assert (refused.reason if refused else None) == row.expected(role, command), (role, refused)
        if refused is None:
            shown = msgspec.json.encode(result).decode()
            assert [secret for secret in world.hidden_from(role, row) if secret in shown] == [], role
        if refused is not None and refused.reason == "not_found":
            _, never = carried_out(who, row.make(Things.missing(), world))
            assert never is not None
            assert told(refused) == told(never), role


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if not row.names_nothing])
def test_what_does_not_exist_is_not_found_for_everybody(world: World, name: str) -> None:
    row = ROWS[name]
    for role in MEMBERS:
        _, refused = carried_out(world.people[role], row.make(Things.missing(), world))
        assert refused is not None, role
        assert refused.reason == "not_found", role


def test_every_command_of_the_registry_has_a_row() -> None:
    missing = {action.command.method for action in ACTIONS} - {name.partition(" of ")[0] for name in ROWS}
    assert missing == set()


def test_every_row_is_about_its_command(world: World) -> None:
    for name, row in ROWS.items():
        assert type(row.make(world.things, world)).method == name.partition(" of ")[0]


def test_an_unverified_person_may_ask_for_this_and_nothing_else() -> None:
    """To open one more command to people whom nobody has verified is a decision: it is written here too."""
    found = {action.command.method for action in ACTIONS if action.command.open_to == ONBOARDING}
    assert found == {
        *("hello", "session.list", "session.end", "session.end_others", "session.act_for"),
        *("session.wipe", "session.found", "lock.get", "lock.set", "lock.code", "lock.remove", "lock.open"),
        *("verification.candidates", "verification.claim", "verification.get", "verification.start"),
        *("verification.withdraw", "verification.appeal"),
        *("profile.get", "profile.update", "profile.mobile", "profile.confirm_mobile"),
        *("invitation.accept", "invitation.decline"),
    }
    assert {action.command.open_to for action in ACTIONS} == {ONBOARDING, VERIFIED_SCOPE}


SENSITIVE = {
    *("member.create", "member.update", "member.remove", "rights.set", "agenda.grant", "organisation.appoint"),
    *("agenda.export", "audit.export", "profile.mobile", "verification.decide", "verification.statement"),
    *("session.wipe", "session.found", "lock.set", "lock.code", "lock.remove"),
}
"""Rights, what leaves Relais in one piece, what identities rest on, and what protects a device."""


def test_what_is_sensitive_is_written_here_too() -> None:
    assert {action.command.method for action in ACTIONS if action.command.sensitive} == SENSITIVE


@pytest.mark.parametrize("name", ROWS)
def test_what_is_sensitive_asks_everybody_who_is_there_and_nothing_else_does(world: World, name: str) -> None:
    """Before anything is looked up: of what exists nobody learns by it."""
    command = ROWS[name].make(world.things, world)
    for role in ROLES:
        who = world.people[role]
        Session.objects.filter(pk=who.session).update(confirmed_at=None)
        _, refused = carried_out(who, command)
        may_ask = role != "unverified" or command.open_to == ONBOARDING
        is_asked = refused is not None and refused.reason == "reauthentication_required"
        assert is_asked == (may_ask and command.method in SENSITIVE), (role, refused)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.command.method)
def test_the_dispatcher_itself_refuses_who_holds_another_scope(world: World, action: Action[Any]) -> None:
    """Before the action runs: access is the second line and not the only one."""

    def never(*_: object) -> NoReturn:
        raise AssertionError("the action ran")

    command = next(row for name, row in ROWS.items() if name.partition(" of ")[0] == action.command.method).make(
        world.things, world
    )
    before = dict(dispatcher.actions)
    dispatcher.actions[action.command] = replace(
        action, handler=never if action.handler else None, batch_handler=never if action.batch_handler else None
    )
    try:
        refused = [carried_out(actor, command)[1] for actor in (Machine(uuid7()), PatientLink(uuid7()), SYSTEM)]
        if action.command.open_to != ONBOARDING:
            refused.append(carried_out(world.people["unverified"].actor, command)[1])
    finally:
        dispatcher.actions = before
    reasons = [one.reason if one else None for one in refused]
    assert reasons == ["forbidden", "forbidden", "forbidden", "not_verified"][: len(reasons)]


@pytest.mark.parametrize("name", ROWS)
def test_what_is_no_person_obtains_nothing_even_with_every_scope(world: World, name: str) -> None:
    every = frozenset({ONBOARDING, VERIFIED_SCOPE, InternalCommand.open_to, CONFIRMED})
    command = ROWS[name].make(world.things, world)
    for actor in (Machine(uuid7(), scopes=every), PatientLink(uuid7(), scopes=every), System(every)):
        _, refused = carried_out(actor, command)
        assert refused is not None, actor
        assert refused.reason == "forbidden", (actor, refused)


def test_what_relais_asks_for_itself_is_open_to_nobody_else(world: World) -> None:
    by_people = {action.command.method for action in INTERNAL if action.command.open_to != InternalCommand.open_to}
    assert by_people == {
        *("identity.change_password", "identity.change_factor"),  # by the sign-in views, in the name of a person
        *("team.begin_upload", "team.get_upload", "team.add_parts", "team.open_file"),  # by the addresses of files
    }


def test_what_only_relais_may_ask_for_cannot_be_asked_by_a_socket() -> None:
    known = socket_commands()
    for action in INTERNAL:
        text = msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": action.command.method}).decode()
        with pytest.raises(frame.FrameError) as refused:
            known.decode(frame.decode_request(text))
        assert '"code":-32601' in refused.value.answer


def test_an_ended_session_may_do_nothing_though_its_socket_still_stands(world: World) -> None:
    referrer = world.people["referrer"]
    Session.objects.filter(pk=referrer.session).update(ended_at="2026-01-01T00:00:00Z")
    for name, row in ROWS.items():
        _, refused = carried_out(referrer, row.make(world.things, world))
        assert refused is not None, name
        assert refused.reason == "forbidden", name


def test_whoever_left_the_organisation_manages_nothing_of_it(world: World) -> None:
    booker = world.people["booker"]
    member = Membership.objects.create(
        person_id=booker.id,
        organisation=world.place.organisation,
        function="secretary",
        owner=True,
        joined_at="2026-01-01T00:00:00Z",
    )
    update = ROWS["agenda.update"].make(world.things, world)
    assert carried_out(booker, update)[1] is None
    member.left_at = "2026-02-01T00:00:00Z"
    member.save()
    refused = carried_out(booker, update)[1]
    assert refused is not None
    assert refused.reason == "forbidden"
