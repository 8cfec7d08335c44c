"""Invitations as those see them who follow what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from identity.accounts.access import verified
from identity.organisations import access, invitation_tokens
from identity.organisations.invitation_access import state
from identity.organisations.models import Arrival, Invitation
from identity.organisations.wire_invitations import ArrivalView, Invitations, InvitationView, ListInvitations
from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction

REMINDED_AFTER = timedelta(days=1)
REMINDERS = 5
LINKS, ARRIVALS = 20, 100
"""Open links that are listed, and people of each, at most."""
CAME = Arrival.objects.filter(invitation=OuterRef("pk"), state__in=("accepted", "waiting"))


def list_invitations(actor: Actor, command: ListInvitations, tx: Transaction) -> Invitations:
    """A page of those who were invited by name, and the open links. A constant number of statements."""
    rows = _visible(actor, command.organisation)
    named = rows.exclude(kind=Invitation.Kind.LINK).filter(revoked_at=None).annotate(came=Exists(CAME))
    proven = Exists(CAME.filter(person__verified_at__isnull=False))
    counts = named.annotate(proven=proven).aggregate(
        invited=Count("pk"),
        opened=Count("pk", filter=Q(opened_at__isnull=False) | Q(came=True)),
        joined=Count("pk", filter=Q(came=True)),
        verified=Count("pk", filter=Q(proven=True)),
        to_remind=Count("pk", filter=_to_remind(tx.now)),
    )
    if command.only == "to_remind":
        named = named.filter(_to_remind(tx.now))
    elif command.only == "under_way":
        named = named.annotate(proven=proven).filter(came=True, proven=False)
    elif command.only == "verified":
        named = named.annotate(proven=proven).filter(proven=True)
    if command.cursor is not None:
        at, pk = paging.decode(command.cursor, tuple[datetime, UUID])
        named = named.filter(Q(invited_at__lt=at) | Q(invited_at=at, pk__lt=pk))
    page, more = paging.page(_related(named).order_by("-invited_at", "-pk"), command.limit)
    shown = paging.fitting(invitation_views(page, tx.now))
    last = page[len(shown) - 1] if shown and (more or len(shown) < len(page)) else None
    links = rows.filter(kind=Invitation.Kind.LINK, revoked_at=None, expires_at__gt=tx.now)
    return Invitations(
        invitations=shown,
        links=invitation_views(_related(links).order_by("-invited_at", "-pk")[:LINKS], tx.now),
        cursor=paging.encode((last.invited_at, last.pk)) if last else None,
        **counts,
    )


def _visible(actor: Actor, organisation: UUID | None) -> QuerySet[Invitation]:
    if organisation is None:
        return Invitation.objects.filter(organisation=None, invited_by=verified(actor))
    return Invitation.objects.filter(organisation=access.standing_in(actor, organisation, "see_invitations"))


def _to_remind(now: datetime) -> Q:
    """Those whom a mail may go to again today."""
    due = Q(reminded_at=None, invited_at__lte=now - REMINDED_AFTER) | Q(reminded_at__lte=now - REMINDED_AFTER)
    return due & Q(came=False, declined_at=None, reminders__lt=REMINDERS)


def _related(rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
    return rows.select_related("invited_by").prefetch_related("arrivals__person")


def invitation_view(row: Invitation, now: datetime) -> InvitationView:
    """One invitation."""
    return invitation_views(_related(Invitation.objects.filter(pk=row.pk)), now)[0]


def invitation_views(rows: Iterable[Invitation], now: datetime) -> list[InvitationView]:
    """Invitations that came with what ``_related`` fetches."""
    return [_view(row, sorted(row.arrivals.all(), key=lambda one: one.at)[:ARRIVALS], now) for row in rows]


def _view(row: Invitation, arrivals: list[Arrival], now: datetime) -> InvitationView:
    came = [one for one in arrivals if one.state in {"accepted", "waiting"}]
    return InvitationView(
        id=row.pk,
        kind=row.kind,  # type: ignore[arg-type]  # the column's choices are the wire's
        state=state(row, now),
        step=_step(row, came),
        function=row.function,  # type: ignore[arg-type]  # the column's choices are the wire's
        invited_at=row.invited_at,
        invited_by_name=row.invited_by.name,
        expires_at=row.expires_at,
        uses=row.uses,
        used=row.used,
        organisation=row.organisation_id,
        url=invitation_tokens.url(row) if row.kind == Invitation.Kind.LINK and state(row, now) == "open" else None,
        email=row.email or None,
        first_name=row.first_name or None,
        last_name=row.last_name or None,
        administrator=row.administrator,
        staff_too=row.staff_too,
        confirmed_each=row.confirmed_each,
        opened_at=row.opened_at,
        reminded_at=row.reminded_at,
        reminders=row.reminders,
        may_remind=why_not_reminded(row, bool(came), now) is None,
        failure=row.failure or None,
        arrivals=[
            ArrivalView(
                person=one.person_id,
                name=one.person.name,
                state=one.state,  # type: ignore[arg-type]  # the column's choices are the wire's
                at=one.at,
                verified_at=one.person.verified_at,
            )
            for one in arrivals
        ],
    )


def _step(row: Invitation, came: list[Arrival]) -> Literal["invited", "opened", "joined", "verified"]:
    if any(one.person.verified_at is not None for one in came):
        return "verified"
    if came:
        return "joined"
    return "opened" if row.opened_at is not None else "invited"


def why_not_reminded(
    row: Invitation, came: bool, now: datetime
) -> Literal["joined", "over", "today", "too_often", "link"] | None:
    """Why no mail goes out again; None when one may."""
    if row.kind == Invitation.Kind.LINK:
        return "link"
    if came:
        return "joined"
    if row.revoked_at is not None or row.declined_at is not None:
        return "over"
    if row.reminders >= REMINDERS:
        return "too_often"
    return "today" if (row.reminded_at or row.invited_at) > now - REMINDED_AFTER else None
