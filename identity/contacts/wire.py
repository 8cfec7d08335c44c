"""Who may write to whom: blocking a person, and who reaches oneself without being asked for."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.contacts.refusals import Blocked, TooManyContacts
from server.kernel.wire import NO_NUL, Command, Done, Event, Id, Instant, NewId, View

Rule: TypeAlias = Literal["everybody", "my_organisations", "ask_first"]
"""Who reaches somebody: every verified professional; colleagues of their organisations; others after a request."""
Reason: TypeAlias = Annotated[str, msgspec.Meta(max_length=300, pattern=NO_NUL, extra={"typed": "words"})]


class BlockedView(View):
    person: Id
    name: str
    at: Instant


class ContactRequestView(View):
    """Somebody asks to be allowed to write to the caller."""

    id: Id
    person: Id
    name: str
    at: Instant
    profession: str | None = None
    speciality: str | None = None
    reason: str | None = None


class SentRequestView(View):
    """The caller asked somebody. ``sent`` until they are told something: also when it was refused without a word.

    ``again_at`` is when this person can be asked again.
    """

    id: Id
    person: Id
    name: str
    at: Instant
    state: Literal["sent", "accepted", "refused"]
    again_at: Instant
    profession: str | None = None
    speciality: str | None = None
    reason: str | None = None


class ContactSettings(View):
    """The caller's own rule, whom they block (the last 200), who asks to write to them (the last 100), and whom they
    asked themselves in the last 30 days."""

    rule: Rule
    blocked: list[BlockedView]
    requests: list[ContactRequestView]
    sent: list[SentRequestView] = msgspec.field(default_factory=list)


class GetContacts(Command[ContactSettings]):
    """The caller's own settings; nobody else's can be read."""

    method = "contact.settings"


class SetContactRule(Command[ContactSettings]):
    """Says who reaches the caller. Conversations that there are go on."""

    method = "contact.rule"

    rule: Rule


class BlockPerson(Command[ContactSettings]):
    """From now on this person cannot open a conversation with the caller, or add them to one, and is told what they
    would be told of somebody who is not on Relais. A conversation of the two stays, and neither writes in it
    (``message.send`` is refused: ``blocked`` to the caller, ``unreachable`` to the other). In groups of both everybody
    goes on reading everybody. In the caller's agendas they hold no slot, unless they were given a level there: to them
    those are agendas that cannot be booked; what they hold or have booked stays. 1,000 at most; blocked again, nothing
    happens. Somebody of whom the caller may not know is ``not_found``."""

    method = "contact.block"
    refuses = (TooManyContacts,)

    person: Id


class UnblockPerson(Command[ContactSettings]):
    method = "contact.unblock"

    person: Id


class RequestContact(Command[Done]):
    """Asks somebody who wants to be asked first; they accept, or the request stays unanswered. One request to one
    person in 30 days, 20 in 24 hours."""

    method = "contact.request"
    refuses = (TooManyContacts, Blocked)
    ordered_by = "id"

    id: NewId
    person: Id
    reason: Reason = ""


class AnswerContact(Command[ContactSettings]):
    """Accepts or refuses. Whoever is refused is told when the caller says ``tell``, and not otherwise. The first
    answer stands."""

    method = "contact.answer"

    request: Id
    accept: bool
    tell: bool = False


class ContactRequested(Event):
    """In somebody's inbox: a professional asks to be allowed to write to them."""

    type = "contact.requested"
    stream = "i"

    request: Id


class ContactBlocked(Event):
    """In somebody's inbox: they block this person, or no longer do."""

    type = "contact.blocked"
    stream = "i"

    person: Id
    blocked: bool


class ContactRefused(Event):
    """In somebody's inbox: this person does not wish to be written to, and lets them know."""

    type = "contact.refused"
    stream = "i"

    person: Id


class ContactAccepted(Event):
    """In somebody's inbox: they may now write to this person."""

    type = "contact.accepted"
    stream = "i"

    person: Id
