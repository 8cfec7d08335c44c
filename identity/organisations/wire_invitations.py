"""Invitations to an organisation, or to Relais: by mail, by a link, from a list, and accounts prepared for staff."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.accounts.wire import ONBOARDING
from identity.organisations.refusals import AlreadyThere, InvitationOver, MoreThanHeld, VouchedOnly
from identity.organisations.wire_members import AgendaRights, MemberFunction, MemberResult, ProfileRights
from identity.organisations.wire_organisations import Typed
from server.kernel.wire import NO_NUL, Command, Cursor, Done, Id, Instant, Line, NewId, Page, View

ROWS, USES, REMINDED_AT_ONCE = 200, 500, 100
"""Rows of a list in one request, people by one link, and invitations that one request reminds of, at most."""
Welcome: TypeAlias = Annotated[str, msgspec.Meta(max_length=1000, pattern=NO_NUL, extra={"typed": "note"})]
"""A few words of whoever invites, without links."""
Token: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=NO_NUL)]
"""What stands behind the # of an invitation's link. It goes in the body of a request, never in an address."""
Cell: TypeAlias = Annotated[str, msgspec.Meta(max_length=300, pattern=NO_NUL, extra={"typed": "words"})]


class CreateMember(Command[MemberResult]):
    """Prepares an account for a member of staff, who opens it by the link of a mail, and chooses the password there.

    ``id`` is the invitation's. Levels are cloned from ``clone_from`` as they are now, and ``agendas`` go before them;
    profiles and limits are not cloned. Without an ``rpps`` whoever owns or administers the organisation vouches for the
    person; a practitioner, and whoever has a number, proves it by themselves. The answer is the same whether or not the
    address has an account: its owner is asked to join then. The mail goes out once a day at most.
    """

    method = "member.create"
    sensitive = True
    refuses = (MoreThanHeld, VouchedOnly, AlreadyThere)
    ordered_by = "organisation"

    id: NewId
    organisation: Id
    email: Line
    first_name: Line
    last_name: Line
    function: MemberFunction
    administrator: bool = False
    rpps: Line | None = None
    clone_from: Id | None = None
    agendas: AgendaRights = msgspec.field(default_factory=list)
    profiles: ProfileRights = msgspec.field(default_factory=list)


class ArrivalView(View):
    """Somebody who came by an invitation. ``waiting``: whoever may invite lets them in, or does not."""

    person: Id
    name: str
    state: Literal["waiting", "accepted", "declined", "refused"]
    at: Instant
    verified_at: Instant | None = None


class InvitationView(View):
    """An invitation, for whoever may see it. ``url`` is shown of a link, to those who may pass it on.

    ``step`` is how far the invited person has come; ``failure`` why the mail did not reach them.
    """

    id: Id
    kind: Literal["mail", "link", "account"]
    state: Literal["open", "expired", "revoked", "used"]
    step: Literal["invited", "opened", "joined", "verified"]
    function: MemberFunction
    invited_at: Instant
    invited_by_name: str
    expires_at: Instant
    uses: int
    used: int
    organisation: Id | None = None
    url: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    administrator: bool = False
    staff_too: bool = False
    confirmed_each: bool = False
    opened_at: Instant | None = None
    reminded_at: Instant | None = None
    reminders: int = 0
    may_remind: bool = False
    failure: str | None = None
    arrivals: list[ArrivalView] = msgspec.field(default_factory=list)


class InvitationResult(View):
    invitation: InvitationView


class CreateInvitation(Command[InvitationResult]):
    """Invites somebody by mail (``email``), or makes a link for several.

    Without an ``organisation`` a verified professional invites to Relais alone. An invitation lasts for two weeks
    unless ``expires_at`` says otherwise, for 90 days at most. ``staff_too``: the link is not for professionals alone.
    ``confirmed_each``: whoever comes waits until somebody lets them in.
    """

    method = "invitation.create"
    refuses = (AlreadyThere, VouchedOnly)
    ordered_by = "id"

    id: NewId
    organisation: Id | None = None
    email: Line | None = None
    first_name: Typed = ""
    last_name: Typed = ""
    function: MemberFunction = "practitioner"
    uses: Annotated[int, msgspec.Meta(ge=1, le=USES)] = 1
    expires_at: Instant | None = None
    staff_too: bool = False
    confirmed_each: bool = False
    note: Welcome = ""


class Invitations(View):
    """A page of those who were invited by name, the newest first, and all ``links`` that are open (20 at most). The
    counts are of all who were invited by name."""

    invitations: list[InvitationView]
    links: list[InvitationView]
    invited: int
    opened: int
    joined: int
    verified: int
    to_remind: int
    cursor: str | None = None


class ListInvitations(Command[Invitations]):
    """What became of the invitations of an organisation, to those who may invite; without one, of one's own."""

    method = "invitation.list"
    ordered_by = "organisation"

    organisation: Id | None = None
    only: Literal["to_remind", "under_way", "verified"] | None = None
    limit: Page = 50
    cursor: Cursor | None = None


class RevokeInvitation(Command[InvitationResult]):
    """Ends an invitation: its link opens nothing any more, and whoever came by it and waits does not get in. Who has
    joined stays. Revoked again, nothing happens."""

    method = "invitation.revoke"
    ordered_by = "invitation"

    invitation: Id


class CorrectInvitation(Command[InvitationResult]):
    """Sends an invitation that did not arrive to another address; the link of the mail before opens nothing."""

    method = "invitation.correct"
    refuses = (AlreadyThere, InvitationOver)
    ordered_by = "invitation"

    invitation: Id
    email: Line


class NotReminded(View):
    invitation: Id
    why: Literal["not_found", "joined", "over", "today", "too_often", "link"]


class Reminded(View):
    """How many mails go out, and which do not, and why."""

    reminded: int
    left_out: list[NotReminded]


class RemindInvitations(Command[Reminded]):
    """Sends the mail again to those who have not come: once a day and five times to each, at most. What has expired
    holds for another week."""

    method = "invitation.remind"

    invitations: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=REMINDED_AT_ONCE)]


class InvitationRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of a list, as it was typed."""

    email: Cell
    first_name: Cell = ""
    last_name: Cell = ""
    function: Cell = ""


class RefusedRow(View):
    """A row that nobody is invited by; ``row`` counts from 0 in this request."""

    row: int
    why: Literal[
        "incomplete_email",
        "not_a_name",
        "unknown_function",
        "formula",
        "twice_in_the_list",
        "already_member",
        "already_invited",
    ]


class Imported(View):
    """``ready`` rows were invited, or would be; the others say why not."""

    ready: int
    refused: list[RefusedRow]
    expires_at: Instant


class ImportInvitations(Command[Imported]):
    """Invites a list of people by mail, 200 rows in one request; a longer list goes in several.

    With ``preview`` nothing is sent, and the answer says what would be. A cell that a spreadsheet would take for a
    formula is refused. One person invites 1,000 people in 24 hours, at most.
    """

    method = "invitation.import"
    ordered_by = "organisation"

    id: NewId
    organisation: Id
    rows: Annotated[list[InvitationRow], msgspec.Meta(min_length=1, max_length=ROWS)]
    preview: bool = False
    expires_at: Instant | None = None
    note: Welcome = ""


class Joined(View):
    """``waiting``: somebody of the organisation lets the caller in; ``nothing``: the invitation was to Relais alone."""

    state: Literal["joined", "waiting", "nothing"]
    organisation: Id | None = None
    organisation_name: str | None = None


class AcceptInvitation(Command[Joined]):
    """Takes up an invitation, with the account by which the caller is signed in. Taken up again, the answer is how
    things stand. An account that was prepared for another address is not the caller's to take up."""

    method = "invitation.accept"
    refuses = (InvitationOver,)
    open_to = ONBOARDING

    token: Token


class DeclineInvitation(Command[Done]):
    """Says no to an invitation: nobody is reminded of it any more."""

    method = "invitation.decline"
    refuses = (InvitationOver,)
    open_to = ONBOARDING

    token: Token


class AdmitArrival(Command[InvitationResult]):
    """Lets somebody in who came by an invitation and waits, or does not."""

    method = "invitation.admit"
    ordered_by = "invitation"

    invitation: Id
    person: Id
    admit: bool
