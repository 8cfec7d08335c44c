"""Commands and events of cases: conversations about one question."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.contacts.refusals import AsksFirst, Blocked
from server.kernel.wire import Command, Event, Id, View
from team.conversations.refusals import CaseClosed, Declined
from team.conversations.wire import ConversationResult
from team.conversations.wire_case_views import CaseView, Outcome, Question

HANDED_OVER_AT_ONCE = 50
"""Cases of one handover, at most."""

Turn: TypeAlias = Literal["asker", "asked"]


class CloseCase(Command[ConversationResult]):
    """Closes a case with what came of it. Closing it again in the same words changes nothing; in others it is
    ``case_closed``: reopen it first."""

    method = "case.close"
    refuses = (CaseClosed,)

    conversation: Id
    outcome: Outcome
    summary: Question


class ReopenCase(Command[ConversationResult]):
    """Opens a closed case again: it waits for those who were asked. The outcome stays in the history. One that is not
    closed is left as it is."""

    method = "case.reopen"

    conversation: Id
    reason: Question


class TurnCase(Command[ConversationResult]):
    """Says whose turn it is in a case, where who wrote last does not tell: a thank-you is no question."""

    method = "case.turn"
    refuses = (CaseClosed,)

    conversation: Id
    to: Turn


class HandOverResult(View):
    conversations: list[Id]


class HandOverCases(Command[HandOverResult]):
    """Hands the caller's part in cases over to a colleague, all of them or none: who asked becomes ``to``, or ``to`` is
    asked in the caller's place. The colleague sees as much of each as the caller, who stays a member.

    ``forbidden`` where the caller neither asks nor is asked. Handed over already, nothing changes. ``to`` is somebody
    of an organisation of the caller's, a contact, or a member of each of these cases.
    """

    method = "case.handover"
    refuses = (CaseClosed, Declined, AsksFirst, Blocked)

    conversations: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=HANDED_OVER_AT_ONCE)]
    to: Id
    note: Question | None = None


class CaseEvent(Event):
    """Something happened to a case; ``case`` is how it stood then."""

    stream = "c"

    by: Id
    case: CaseView


class CaseTurned(CaseEvent):
    """Whose turn it is has changed: somebody answered, asked on, or said so."""

    type = "case.turned"


class CaseClosedEvent(CaseEvent):
    type = "case.closed"


class CaseReopened(CaseEvent):
    type = "case.reopened"

    reason: str


class CaseHandedOver(CaseEvent):
    type = "case.handed_over"

    to: Id
    note: str | None = None
