"""How memberships change and end, and what members may do."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from identity.accounts import actions as accounts_actions
from identity.accounts import internal_commands as accounts_commands
from identity.accounts.access import verified
from identity.accounts.models import CLINICAL_FUNCTIONS
from identity.organisations import access, inbox, member_views, profiles, rights, standing
from identity.organisations.models import Membership, Organisation
from identity.organisations.refusals import LastAdministrator, LastOwner, VouchedOnly
from identity.organisations.rights import Wanted
from identity.organisations.wire_members import (
    EndMembership,
    LimitsForm,
    MemberResult,
    MemberRights,
    SetRights,
    UpdateMembership,
)
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import Done
from server.kernel.wire.errors import Forbidden, NotFound

LIMITS = LimitsForm.__struct_fields__


def update_membership(actor: Actor, command: UpdateMembership, tx: Transaction) -> MemberResult:
    """Changes the function and the marks of a member; what is given as it is changes nothing."""
    organisation = access.standing_in(actor, command.organisation, "manage_members", lock=True)
    row = access.member(organisation.pk, command.person)
    changes = {
        name: value
        for name in ("function", "administrator", "owner", "coordinator")
        if (value := getattr(command, name)) is not None and value != getattr(row, name)
    }
    if changes:
        _require_may_change(actor, organisation, row, changes)
        Membership.objects.filter(pk=row.pk).update(**changes)
        # Limits are of people in the office: nobody else is left with one that comes back later.
        beyond = Membership.objects.filter(Q(owner=True) | Q(function__in=CLINICAL_FUNCTIONS), pk=row.pk)
        beyond.update(**dict.fromkeys(LIMITS, False))
        _require_somebody(organisation)
        # Who has become a practitioner, or owns no longer, is kept to their own patients as the others are.
        lowered = rights.lower_to_busy(actor, organisation, tx, row.person_id) if organisation.own_patients_only else []
        told = {name: str(value).lower() for name, value in changes.items()}
        tx.audit(actor, "membership.changed", organisation.pk, [row.person_id], **told)
        tx.record([*lowered, inbox.membership_changed(row.person_id, organisation.pk)])
    return MemberResult(member=member_views.member(actor, organisation, command.person))


def _require_may_change(
    actor: Actor, organisation: Organisation, row: Membership, changes: dict[str, str | bool]
) -> None:
    above = {"administrator", "owner"} & changes.keys()
    granted = standing.abilities(access.standing_of(actor, organisation))
    if (above or row.owner or row.administrator) and "manage_owners" not in granted:
        raise Forbidden("Only an owner changes owners and administrators: ask one of them.")
    if changes.get("owner") and (row.vouched_by_id is not None or row.person.verified_at is None):
        raise VouchedOnly("An owner has an identity of their own that is verified: they prove it first.")
    if changes.get("function") == "practitioner" and row.vouched_by_id is not None:
        raise VouchedOnly("Nobody vouches for a practitioner: they prove their number in the register first.")


def _require_somebody(organisation: Organisation) -> None:
    """Returns when somebody remains who owns what was owned, and somebody who looks after it.

    Asked after the change, with the organisation locked: two who go at the same moment do not both go.
    """
    live = Membership.objects.filter(organisation=organisation.pk, left_at=None)
    looking_after = live.filter(access.LOOKING_AFTER)
    if organisation.kind == Organisation.Kind.PRACTICE and not looking_after.filter(owner=True).exists():
        raise LastOwner
    if organisation.parent_id is None and not looking_after.filter(Q(owner=True) | Q(administrator=True)).exists():
        raise LastAdministrator


def end_membership(actor: Actor, command: EndMembership, tx: Transaction) -> Done:
    """Ends a membership; who is none any more stays as they are."""
    own = command.person == verified(actor)
    to = "see_members" if own else "manage_members"
    organisation = access.standing_in(actor, command.organisation, to, lock=True)  # type: ignore[arg-type]  # one of the abilities
    try:
        row = access.member(organisation.pk, command.person)
    except NotFound:
        if Membership.objects.filter(organisation=organisation.pk, person=command.person).exists():
            return Done()
        raise
    granted = standing.abilities(access.standing_of(actor, organisation))
    if not own and (row.owner or row.administrator) and "manage_owners" not in granted:
        raise Forbidden("Only an owner removes owners and administrators: ask one of them.")
    tx.record(end(actor, organisation, row, actor.person, tx))
    return Done()


def end(
    actor: Actor, organisation: Organisation, row: Membership, by: UUID, tx: Transaction, *, somebody_stays: bool = True
) -> list[Draft]:
    """Ends one membership, with all that came with it; the drafts tell the person, and the rooms above.

    Whoever was vouched for here, and is nowhere else, is no longer verified: their sockets close.
    """
    was_needed = row.owner or row.administrator
    Membership.objects.filter(pk=row.pk).update(left_at=tx.now, owner=False, administrator=False, coordinator=False)
    if was_needed and somebody_stays:
        _require_somebody(organisation)
    drafts = rights.take_all(actor, row.person_id, organisation.pk, tx)
    drafts += profiles.withdraw(actor, row.person_id, organisation.pk, tx)
    if row.vouched_by_id is not None and row.person.national_id is None and not access.is_vouched(row.person_id):
        withdraw = accounts_commands.WithdrawVerification(person=row.person_id, reason="left")
        accounts_actions.withdraw_verification(actor, withdraw, tx)
    tx.audit(actor, "membership.ended", organisation.pk, [row.person_id])
    return [*drafts, inbox.membership_ended(row.person_id, organisation.pk, by)]


def set_rights(actor: Actor, command: SetRights, tx: Transaction) -> MemberRights:
    """Gives and takes levels, all or none. Organisation and membership are locked: neither the one who is given
    something nor the one who gives it leaves, or is given less, meanwhile."""
    organisation = access.standing_in(actor, command.organisation, lock=True)
    row = access.member(organisation.pk, command.person)
    by = rights.giver(actor, organisation)
    wanted = [Wanted(one.agenda, one.level) for one in command.agendas]
    known = rights.resources(organisation.pk, [one.resource for one in wanted])
    rights.check(by, row, wanted, known)
    drafts = rights.give(actor, row.person_id, organisation.pk, wanted, tx)
    drafts += profiles.ask(actor, by, row, command.profiles, tx)
    if command.limits is not None:
        drafts += _limit(actor, organisation, row, command.limits, tx)
    tx.record(drafts)
    return member_views.rights_of(actor, organisation, command.person)


def _limit(
    actor: Actor, organisation: Organisation, row: Membership, limits: LimitsForm, tx: Transaction
) -> Iterable[Draft]:
    changes = {name: getattr(limits, name) for name in LIMITS if getattr(limits, name) != getattr(row, name)}
    if not changes:
        return []
    if not rights.may_limit(rights.giver(actor, organisation), row):
        raise Forbidden("What members of the office do not see is for owners to say, of others than themselves.")
    Membership.objects.filter(pk=row.pk).update(**changes)
    drafts = profiles.close(actor, row.person_id, organisation.pk, tx) if changes.get("notes_hidden") else []
    told = {name: str(value).lower() for name, value in changes.items()}
    tx.audit(actor, "membership.limited", organisation.pk, [row.person_id], **told)
    return [*drafts, inbox.membership_changed(row.person_id, organisation.pk)]


def membership_of(organisation: UUID, person: UUID) -> Membership | None:
    """Somebody's membership now, for rooms above that ask what it limits."""
    return Membership.objects.filter(organisation=organisation, person=person, left_at=None).first()
