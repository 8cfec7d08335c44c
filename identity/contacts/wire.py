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


class ContactSettings(View):
    """The caller's own rule, whom they block (the last 200), and who asks to write to them (the last 100)."""

    rule: Rule
    blocked: list[BlockedView]
    requests: list[ContactRequestView]


class GetContacts(Command[ContactSettings]):
    """The caller's own settings; nobody else's can be read."""

    method = "contact.settings"


class SetContactRule(Command[ContactSettings]):
    """Says who reaches the caller. Conversations that there are go on."""

    method = "contact.rule"

    rule: Rule


class BlockPerson(Command[ContactSettings]):
    """From now on this person cannot open a conversation with the caller, or add them to one, and is told what they
    would be told of somebody who is not on Relais. Nor can they book in the caller's agendas, unless they were given a
    level there: those are to them like agendas that cannot be booked. Of a conversation of the two, and of what is
    booked, nothing is lost. 1,000 at most; blocked again, nothing happens."""

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
    """Accepts or refuses. Whoever is refused is not told. The first answer stands."""

    method = "contact.answer"

    request: Id
    accept: bool


class ContactRequested(Event):
    """In somebody's inbox: a professional asks to be allowed to write to them."""

    type = "contact.requested"
    stream = "i"

    request: Id


class ContactAccepted(Event):
    """In somebody's inbox: they may now write to this person."""

    type = "contact.accepted"
    stream = "i"

    person: Id
