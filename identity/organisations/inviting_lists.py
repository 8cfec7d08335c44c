"""Inviting a list of people: each row is checked by itself, and those that cannot be used say why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias
from uuid import UUID

from identity import fields
from identity.accounts.models import Function
from identity.organisations import access, invitation_mail, inviting, member_views
from identity.organisations.models import Invitation, Membership, Organisation
from identity.organisations.wire_invitations import Imported, ImportInvitations, InvitationRow, RefusedRow
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import Invalid

Why: TypeAlias = Literal[
    "incomplete_email",
    "not_a_name",
    "unknown_function",
    "formula",
    "twice_in_the_list",
    "already_member",
    "already_invited",
]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def import_invitations(actor: Actor, command: ImportInvitations, tx: Transaction) -> Imported:
    """Invites whom it can of a list, in one transaction; the same request again sends nothing more."""
    request = request_digest(actor, command)
    organisation = access.standing_in(actor, command.organisation, "invite", lock=True)
    expires_at, note = inviting.expiry(command.expires_at, tx.now), inviting.checked_note(command.note)
    before = list(Invitation.objects.filter(batch=command.id))
    for known in before:
        require_same(known.request_digest, request)
    taken = _taken(organisation, command.rows, tx, but=[one.pk for one in before])
    good, refused = _sorted(command.rows, taken)
    if command.preview or before:
        return Imported(ready=len(good), refused=refused, expires_at=expires_at)
    inviting.require_few(actor, len(good), tx.now, inviting.A_DAY)
    rows = [
        inviting.new_invitation(
            actor,
            uuid7(),
            Invitation.Kind.MAIL,
            organisation,
            tx,
            batch=command.id,
            request_digest=request,
            expires_at=expires_at,
            note=note,
            **one,
        )
        for one in good
    ]
    Invitation.objects.bulk_create(rows)
    invitation_mail.send(rows, tx)
    return Imported(ready=len(rows), refused=refused, expires_at=expires_at)


def _taken(
    organisation: Organisation, rows: Sequence[InvitationRow], tx: Transaction, but: Sequence[UUID]
) -> Mapping[str, Why]:
    """Which addresses of a list are of members, or of people who were invited and may still come. Two statements."""
    emails = {row.email.strip().lower() for row in rows}
    waiting = member_views.waiting(organisation.pk).filter(email__in=emails, expires_at__gt=tx.now, declined_at=None)
    found: dict[str, Why] = dict.fromkeys(
        waiting.exclude(pk__in=but).values_list("email", flat=True), "already_invited"
    )
    members = Membership.objects.filter(organisation=organisation, left_at=None, person__email__in=emails)
    found |= dict.fromkeys(members.values_list("person__email", flat=True), "already_member")
    return found


def _sorted(rows: Sequence[InvitationRow], taken: Mapping[str, Why]) -> tuple[list[dict[str, Any]], list[RefusedRow]]:
    """What is to be invited, and the rows that are not with their reasons."""
    good: dict[str, dict[str, Any]] = {}
    refused: list[RefusedRow] = []
    for number, row in enumerate(rows):
        read = _read(row)
        if isinstance(read, dict):
            why = taken.get(read["email"]) or ("twice_in_the_list" if read["email"] in good else None)
            if why is None:
                good[read["email"]] = read
                continue
            read = why
        refused.append(RefusedRow(row=number, why=read))
    return list(good.values()), refused


def _read(row: InvitationRow) -> dict[str, Any] | Why:
    """A row as it is kept, or why it is refused."""
    cells = (row.email, row.first_name, row.last_name, row.function)
    if any(cell.startswith(FORMULA) for cell in cells):
        return "formula"
    try:
        email = inviting.address(row.email)
    except Invalid:
        return "incomplete_email"
    if row.function and row.function not in Function.values:
        return "unknown_function"
    try:
        names = {
            name: fields.person_name(typed, name) if (typed := getattr(row, name)) else ""
            for name in ("first_name", "last_name")
        }
    except Invalid:
        return "not_a_name"
    return {"email": email, "function": row.function or Function.PRACTITIONER.value, **names}
