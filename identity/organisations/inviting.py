"""Inviting: by mail, by a link, from a list, and preparing accounts for staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from identity import fields
from identity.accounts.access import lock, verified
from identity.organisations import access, invitation_mail, invitation_tokens, member_views, profiles, rights, standing
from identity.organisations.invitation_access import invitation
from identity.organisations.invitation_views import invitation_view, why_not_reminded
from identity.organisations.models import Arrival, Invitation, Membership, Organisation, Right
from identity.organisations.refusals import AlreadyThere, InvitationOver, VouchedOnly
from identity.organisations.rights import NONE, Wanted
from identity.organisations.wire_invitations import (
    CorrectInvitation,
    CreateInvitation,
    CreateMember,
    InvitationResult,
    NotReminded,
    Reminded,
    RemindInvitations,
    RevokeInvitation,
)
from identity.organisations.wire_members import MemberResult
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.wire.errors import Forbidden, Invalid, RateLimited

LASTS, LONGEST, ACCOUNT_LASTS, RENEWED = timedelta(days=14), timedelta(days=90), timedelta(days=7), timedelta(days=7)
ADDRESSES = 10
"""To which one invitation goes, one after the other."""
A_DAY, PERSONAL_A_DAY = 1000, 50
"""People that one person invites in 24 hours: to organisations, and to Relais alone."""


def create_invitation(actor: Actor, command: CreateInvitation, tx: Transaction) -> InvitationResult:
    """Invites by mail or makes a link; the same request again finds it."""
    request = request_digest(actor, command)
    organisation = _inviting(actor, command.organisation)
    known = Invitation.objects.filter(pk=command.id).first()
    if known is not None:
        require_same(known.request_digest, request)
        return InvitationResult(invitation=invitation_view(known, tx.now))
    email = address(command.email) if command.email else ""
    if email and command.uses != 1:
        raise Invalid("$.params.uses", "An invitation by mail is for one person.", why="one_person")
    if email:
        require_new(organisation, email, tx.now)
    require_few(actor, 1, tx.now, A_DAY if organisation else PERSONAL_A_DAY)
    row = new_invitation(
        actor,
        command.id,
        "mail" if email else "link",
        organisation,
        tx,
        request_digest=request,
        email=email,
        first_name=person_name(command.first_name, "first_name"),
        last_name=person_name(command.last_name, "last_name"),
        function=command.function,
        uses=command.uses,
        expires_at=expiry(command.expires_at, tx.now),
        staff_too=command.staff_too,
        confirmed_each=command.confirmed_each,
        note=checked_note(command.note),
    )
    row.save(force_insert=True)
    invitation_mail.send([row], tx)
    return InvitationResult(invitation=invitation_view(row, tx.now))


def _inviting(actor: Actor, wanted: UUID | None) -> Organisation | None:
    """The organisation to which the caller may invite; None: to Relais, which a professional may do by themselves."""
    if wanted is not None:
        return access.standing_in(actor, wanted, "invite")
    if access.is_vouched(verified(actor)):
        raise VouchedOnly
    return None


def new_invitation(
    actor: Actor, wanted: UUID, kind: str, organisation: Organisation | None, tx: Transaction, **given: Any
) -> Invitation:
    """An invitation by the caller, with the digest of its secret; not yet written."""
    secret = invitation_tokens.token(wanted, 1)
    return Invitation(
        id=wanted,
        kind=kind,
        organisation=organisation,
        token_digest=invitation_tokens.digest(secret),
        invited_by_id=verified(actor),
        invited_at=tx.now,
        **given,
    )


def address(typed: str, path: str = "$.params.email") -> str:
    """An e-mail address as accounts keep them."""
    found = fields.email(typed, path).lower()
    if not found:
        raise Invalid(path, "Type an e-mail address.", why="required")
    return found


def person_name(typed: str, field: str) -> str:
    """A name, or nothing."""
    return fields.person_name(typed, f"$.params.{field}") if typed else ""


def checked_note(note: str) -> str:
    """A few words without links: nobody is led elsewhere in our name."""
    if "://" in note or "www." in note.lower():
        raise Invalid("$.params.note", "Leave links out of these words: the mail has one of its own.", why="link")
    return note.strip()


def expiry(wanted: datetime | None, now: datetime) -> datetime:
    """When an invitation ends."""
    if wanted is None:
        return now + LASTS
    if not now < wanted <= now + LONGEST:
        raise Invalid("$.params.expires_at", f"An invitation ends within {LONGEST.days} days.", why="too_late")
    return wanted


def require_new(organisation: Organisation | None, email: str, now: datetime) -> None:
    """Returns when nobody of the organisation has this address, and nobody was invited there by it who may still come.

    Whether the address has an account elsewhere is not looked at: nobody learns it here.
    """
    if organisation is None:
        return
    if Membership.objects.filter(organisation=organisation, left_at=None, person__email=email).exists():
        raise AlreadyThere("member")
    waiting = member_views.waiting(organisation.pk).filter(email=email, expires_at__gt=now, declined_at=None)
    if waiting.exists():
        raise AlreadyThere("invited")


def require_few(actor: Actor, more: int, now: datetime, most: int) -> None:
    """Returns when the caller may invite so many more today."""
    person = verified(actor)
    lock([person])
    since = now - timedelta(days=1)
    personal = Q(organisation=None) if most == PERSONAL_A_DAY else Q()
    recent = Invitation.objects.filter(personal, invited_by=person, invited_at__gt=since)
    if recent.count() + more > most:
        raise RateLimited(timedelta(days=1).total_seconds())


def create_member(actor: Actor, command: CreateMember, tx: Transaction) -> MemberResult:
    """Prepares an account; the same request again finds it."""
    request = request_digest(actor, command)
    organisation = access.standing_in(actor, command.organisation, "create_members")
    known = Invitation.objects.select_related("invited_by").filter(pk=command.id).first()
    if known is not None:
        require_same(known.request_digest, request)
        return MemberResult(member=member_views.invited(known, tx.now))
    granted = standing.abilities(access.standing_of(actor, organisation))
    if command.administrator and "manage_owners" not in granted:
        raise Forbidden("Only an owner makes somebody an administrator.")
    email = address(command.email)
    require_new(organisation, email, tx.now)
    require_few(actor, 1, tx.now, A_DAY)
    proves = command.function == "practitioner" or command.rpps is not None
    row = new_invitation(
        actor,
        command.id,
        Invitation.Kind.ACCOUNT,
        organisation,
        tx,
        request_digest=request,
        email=email,
        first_name=fields.person_name(command.first_name, "$.params.first_name"),
        last_name=fields.person_name(command.last_name, "$.params.last_name"),
        function=command.function,
        administrator=command.administrator,
        rpps=_rpps(command.rpps),
        vouched=not proves and "vouch" in granted,
        levels=[[str(one.resource), one.level] for one in _prepared(actor, organisation, command)],
        profiles=_profiles(actor, organisation, command),
        expires_at=tx.now + ACCOUNT_LASTS,
    )
    row.save(force_insert=True)
    invitation_mail.send([row], tx)
    if row.vouched:
        tx.audit(actor, "member.vouched", row.pk, function=row.function)
    return MemberResult(member=member_views.invited(row, tx.now))


def _rpps(typed: str | None) -> str:
    number = (typed or "").replace(" ", "")
    if number and not (len(number) == 11 and number.isascii() and number.isdigit()):
        raise Invalid("$.params.rpps", "An RPPS number has eleven digits.", why="not_an_rpps")
    return number


def _prepared(actor: Actor, organisation: Organisation, command: CreateMember) -> list[Wanted]:
    """The levels that the account comes with: those of another member as they are now, and those that are named."""
    wanted: dict[UUID, str] = {}
    if command.clone_from is not None:
        model = access.member(organisation.pk, command.clone_from)
        held = Right.objects.filter(person=model.person_id, resource__organisation=organisation)
        held = held.filter(resource__kind="agenda").exclude(resource__person=model.person_id)
        wanted.update(held.values_list("resource", "level"))
    wanted.update({one.agenda: one.level for one in command.agendas})
    given = [Wanted(resource, level) for resource, level in wanted.items() if level != NONE]
    rights.check(rights.giver(actor, organisation), None, given, rights.resources(organisation.pk, wanted))
    return given


def _profiles(actor: Actor, organisation: Organisation, command: CreateMember) -> list[list[str]]:
    by = rights.giver(actor, organisation)
    for one in command.profiles:
        if one.level not in by.givable(profiles.profile(organisation.pk, one.person), None):
            raise Forbidden("Whose messages a colleague reads is decided by others: ask an owner.")
    return [[str(one.person), one.level] for one in command.profiles if one.level != NONE]


def revoke_invitation(actor: Actor, command: RevokeInvitation, tx: Transaction) -> InvitationResult:
    """Ends an invitation, and what was made with it and is not accepted."""
    row = invitation(actor, command.invitation, lock=True)
    if row.revoked_at is None:
        Invitation.objects.filter(pk=row.pk).update(revoked_at=tx.now)
        waiting = Arrival.objects.filter(invitation=row, state=Arrival.State.WAITING)
        waiting.update(state=Arrival.State.REFUSED, decided_by=actor.person)
    return InvitationResult(invitation=invitation_view(row, tx.now))


def correct_invitation(actor: Actor, command: CorrectInvitation, tx: Transaction) -> InvitationResult:
    """Another address, another secret: whoever has the mail that went astray gets in nowhere."""
    row = invitation(actor, command.invitation, lock=True)
    email = address(command.email)
    if row.email == email:
        return InvitationResult(invitation=invitation_view(row, tx.now))
    if row.kind == Invitation.Kind.LINK:
        raise InvitationOver("other")
    if row.number >= ADDRESSES:
        raise RateLimited(timedelta(days=1).total_seconds())
    if row.revoked_at is not None or row.arrivals.exists():
        raise InvitationOver("used" if row.revoked_at is None else "revoked")
    require_new(row.organisation, email, tx.now)
    row.email, row.number, row.failure = email, row.number + 1, ""
    row.token_digest = invitation_tokens.digest(invitation_tokens.token(row.pk, row.number))
    row.expires_at = max(row.expires_at, tx.now + RENEWED)
    row.save()
    invitation_mail.send([row], tx)
    return InvitationResult(invitation=invitation_view(row, tx.now))


def remind_invitations(actor: Actor, command: RemindInvitations, tx: Transaction) -> Reminded:
    """Sends the mail again to those who may have it again; each of the others says why not."""
    wanted = sorted(set(command.invitations))
    rows = {one.pk: one for one in _mine(actor, wanted)}
    came = set(_came_by(wanted))
    left_out: list[NotReminded] = []
    again: list[Invitation] = []
    for one in wanted:
        row = rows.get(one)
        why = "not_found" if row is None else why_not_reminded(row, one in came, tx.now)
        if row is None or why is not None:
            left_out.append(NotReminded(invitation=one, why=why))  # type: ignore[arg-type]  # one of the codes
        else:
            again.append(row)
    for row in again:
        row.reminders, row.reminded_at = row.reminders + 1, tx.now
        row.expires_at = max(row.expires_at, tx.now + RENEWED)
    Invitation.objects.bulk_update(again, ["reminders", "reminded_at", "expires_at"])
    invitation_mail.send(again, tx)
    return Reminded(reminded=len(again), left_out=left_out)


def _came_by(wanted: Sequence[UUID]) -> list[UUID]:
    """Which of these invitations somebody has come by."""
    arrived = Arrival.objects.filter(invitation__in=wanted, state__in=("accepted", "waiting"))
    return list(arrived.values_list("invitation", flat=True))


def _mine(actor: Actor, wanted: Sequence[UUID]) -> list[Invitation]:
    """Those of these that the caller may remind of, locked."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("organisation__parent", "invited_by")
    found = list(rows.filter(pk__in=wanted).order_by("pk"))
    organisations = {one.organisation_id: one.organisation for one in found if one.organisation is not None}
    mine = access.standings(verified(actor), list(organisations.values()))
    follows = {one for one, how in mine.items() if "see_invitations" in standing.abilities(how)}
    return [one for one in found if one.invited_by_id == actor.person or one.organisation_id in follows]
