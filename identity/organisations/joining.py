"""Taking up an invitation: becoming a member, with what was prepared."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import F

from identity.accounts import access as accounts_access
from identity.accounts import actions as accounts_actions
from identity.accounts.internal_commands import CreatePerson
from identity.accounts.models import CLINICAL_FUNCTIONS, Person
from identity.organisations import access, inbox, profiles, rights, standing
from identity.organisations.invitation_access import by_token, invitation, require_open
from identity.organisations.invitation_views import invitation_view
from identity.organisations.models import Arrival, Invitation, Membership, Organisation
from identity.organisations.refusals import InvitationOver
from identity.organisations.rights import Wanted
from identity.organisations.wire_invitations import (
    AcceptInvitation,
    AdmitArrival,
    DeclineInvitation,
    InvitationResult,
    Joined,
)
from identity.organisations.wire_members import ProfileRight
from server.kernel import authentication
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import Done
from server.kernel.wire.errors import NotFound


def accept_invitation(actor: Actor, command: AcceptInvitation, tx: Transaction) -> Joined:
    """Takes up an invitation with an account that is there already."""
    row = by_token(command.token)
    joined, drafts = accept(actor, row, accounts_access.caller(actor), tx)
    tx.record(drafts)
    return joined


def accept(actor: Actor, row: Invitation, person: Person, tx: Transaction) -> tuple[Joined, list[Draft]]:
    """What somebody gets by an invitation whose row is locked; the drafts must be recorded.

    An account that was prepared is for its address alone. Whoever takes up a mail to another address waits until
    somebody lets them in: it was passed on.
    """
    known = Arrival.objects.filter(invitation=row, person=person.pk).first()
    if known is not None and known.state in {Arrival.State.ACCEPTED, Arrival.State.WAITING}:
        return _joined(row, waiting=known.state == Arrival.State.WAITING), []
    require_open(row, tx.now)
    if row.kind == Invitation.Kind.ACCOUNT and person.email != row.email:
        raise InvitationOver("other")
    if known is not None and known.state == Arrival.State.REFUSED:
        raise InvitationOver("revoked")
    passed_on = row.kind == Invitation.Kind.MAIL and person.email != row.email
    alone = row.organisation is None
    already = not alone and _is_member(row.organisation_id, person.pk)
    waits = not alone and not already and (row.confirmed_each or passed_on or not _is_meant(row, person))
    state = Arrival.State.WAITING if waits else Arrival.State.ACCEPTED
    Arrival.objects.update_or_create(
        invitation=row, person=person, defaults={"state": state, "at": tx.now, "decided_by": None}
    )
    Invitation.objects.filter(pk=row.pk).update(used=F("used") + 1, opened_at=row.opened_at or tx.now)
    drafts = [] if waits or already or row.organisation is None else join(actor, row, row.organisation, person, tx)
    tx.audit(actor, "invitation.taken_up", row.pk, [person.pk], state=state.value)
    return _joined(row, waiting=waits), drafts


def _is_meant(row: Invitation, person: Person) -> bool:
    """Whether a link is for people of this function without anybody's looking at them."""
    return row.kind != Invitation.Kind.LINK or row.staff_too or person.function in CLINICAL_FUNCTIONS


def _is_member(organisation: UUID | None, person: UUID) -> bool:
    return Membership.objects.filter(organisation=organisation, person=person, left_at=None).exists()


def _joined(row: Invitation, *, waiting: bool) -> Joined:
    if row.organisation is None:
        return Joined(state="nothing")
    state = "waiting" if waiting else "joined"
    return Joined(state=state, organisation=row.organisation.pk, organisation_name=row.organisation.name)  # type: ignore[arg-type]


def join(actor: Actor, row: Invitation, organisation: Organisation, person: Person, tx: Transaction) -> list[Draft]:
    """Makes somebody a member as their invitation says. What was prepared is given in the name of whoever prepared it,
    as far as they may give it still.

    Whoever prepared an account answers for who the person is, unless the organisation asks for a document as well.
    """
    by_link = row.kind == Invitation.Kind.LINK
    vouched = row.vouched and person.national_id is None
    Membership.objects.create(
        person=person,
        organisation=organisation,
        function=person.function if by_link else row.function,
        administrator=row.administrator and _may_still_appoint(row, organisation),
        added_by=row.invited_by,
        vouched_by=row.invited_by if vouched else None,
        joined_at=tx.now,
    )
    if vouched and not organisation.demands_document:
        account = accounts_access.locked(person.pk)
        evidence = f"invitation {row.pk}"
        accounts_actions.mark_verified(account, "vouched", tx, evidence=evidence, vouched_by=row.invited_by_id)
    drafts = [inbox.membership_changed(person.pk, organisation.pk)]
    drafts += rights.give_back(actor, person.pk, organisation.pk, tx)
    giver = accounts_access.acting(row.invited_by)
    drafts += _prepared(giver, row, organisation, person, tx)
    tx.audit(actor, "membership.began", organisation.pk, [person.pk, row.invited_by_id], invitation=str(row.pk))
    return drafts


def _may_still_appoint(row: Invitation, organisation: Organisation) -> bool:
    """Whether whoever prepared the account of an administrator may make one now: they may have owned then, and not
    today."""
    how = access.standings(row.invited_by_id, [organisation]).get(organisation.pk)
    return how is not None and "manage_owners" in standing.abilities(how)


def _prepared(
    giver: authentication.Person, row: Invitation, organisation: Organisation, person: Person, tx: Transaction
) -> list[Draft]:
    if not row.levels and not row.profiles:
        return []
    by = rights.giver(giver, organisation)
    member = access.member(organisation.pk, person.pk)
    wanted = [Wanted(UUID(resource), level) for resource, level in row.levels]
    known = rights.present(organisation.pk, [one.resource for one in wanted])
    given = [one for one in wanted if one.resource in known and one.level in by.givable(known[one.resource], member)]
    drafts = rights.give(giver, person.pk, organisation.pk, given, tx)
    asked = [ProfileRight(person=UUID(whose), level=level) for whose, level in row.profiles]
    there = [one for one in asked if one.person == organisation.pk or _is_member(organisation.pk, one.person)]
    return [*drafts, *profiles.ask(giver, by, member, there, tx)]


def decline_invitation(actor: Actor, command: DeclineInvitation, tx: Transaction) -> Done:
    """Nobody is reminded of it any more; a link stays open to others."""
    row = by_token(command.token)
    person = accounts_access.caller(actor)
    if Arrival.objects.filter(invitation=row, person=person, state=Arrival.State.ACCEPTED).exists():
        raise InvitationOver("used")
    Arrival.objects.update_or_create(
        invitation=row, person=person, defaults={"state": Arrival.State.DECLINED, "at": tx.now}
    )
    if row.kind != Invitation.Kind.LINK and row.declined_at is None:
        Invitation.objects.filter(pk=row.pk).update(declined_at=tx.now)
    tx.audit(actor, "invitation.declined", row.pk)
    return Done()


def admit_arrival(actor: Actor, command: AdmitArrival, tx: Transaction) -> InvitationResult:
    """Lets somebody in who waits, or does not. The first decision stands."""
    row = invitation(actor, command.invitation, lock=True, admits=command.admit)
    arrival = Arrival.objects.select_related("person").filter(invitation=row, person=command.person).first()
    if arrival is None or row.organisation is None:
        raise NotFound
    if arrival.state == Arrival.State.WAITING:
        state = Arrival.State.ACCEPTED if command.admit else Arrival.State.REFUSED
        Arrival.objects.filter(pk=arrival.pk).update(state=state, decided_by=actor.person, at=tx.now)
        if command.admit and not _is_member(row.organisation_id, arrival.person_id):
            tx.record(join(actor, row, row.organisation, arrival.person, tx))
    return InvitationResult(invitation=invitation_view(row, tx.now))


def look_at(token: str, tx: Transaction) -> Invitation:
    """The invitation of a link, noted as opened."""
    row = by_token(token)
    if row.opened_at is None:
        row.opened_at = tx.now
        Invitation.objects.filter(pk=row.pk).update(opened_at=tx.now)
    return row


def activate(
    actor: Actor, token: str, person: UUID, password: str, consents: Mapping[str, str], tx: Transaction
) -> tuple[Person, list[Draft]]:
    """Opens the account that was prepared, once: ``InvitationOver`` (``known``) when its address has one already."""
    row = by_token(token)
    if row.kind != Invitation.Kind.ACCOUNT or row.organisation is None:
        raise NotFound("This link is not one of an invitation: ask for another one.")
    require_open(row, tx.now)
    if Person.objects.filter(email=row.email).exists():
        raise InvitationOver("known")
    made = CreatePerson(
        id=person,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        function=row.function,
        password=password,
    )
    accounts_actions.create_person(actor, made, tx)
    accounts_actions.record_consents(person, consents, tx)
    account = accounts_access.locked(person)
    if row.rpps:
        Person.objects.filter(pk=person).update(claimed_id=f"8{row.rpps}")
    _, drafts = accept(actor, row, account, tx)
    tx.audit(actor, "account.created", person, [row.invited_by_id], invitation=str(row.pk), **dict(consents))
    return account, drafts
