"""What is said of a case: the question of a conversation, and where it stands."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec

from server.kernel.wire import NO_NUL, Id, Instant, View

QUESTION_CHARACTERS = 4_000
"""The question of a case, and the summary with which it is closed, at most."""

Question: TypeAlias = Annotated[
    str, msgspec.Meta(min_length=1, max_length=QUESTION_CHARACTERS, pattern=NO_NUL, extra={"typed": "body"})
]
Initials: TypeAlias = Annotated[
    str, msgspec.Meta(min_length=1, max_length=10, pattern=r"^[^\x00\r\n]*$(?!\n)", extra={"typed": "line"})
]
Urgency: TypeAlias = Literal["routine", "soon", "urgent"]
CaseState: TypeAlias = Literal["waiting", "open", "closed"]
Outcome: TypeAlias = Literal["advice", "booked", "referred", "hospitalised", "no_action"]
Informed: TypeAlias = Literal["informed", "objects"]
"""Whether the patient was told that colleagues are asked, and did not object; or objects."""


class CasePatient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whom a case is about: a record that the asker may open, ``id``, or ``initials`` alone."""

    id: Id | None = None
    initials: Initials | None = None


class NewCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The question that a case is opened with. Without ``patient`` nobody is named."""

    question: Question
    urgency: Urgency = "routine"
    patient: CasePatient | None = None
    informed: Informed | None = None


class CasePatientView(View):
    """What the members of a case are shown of the patient, as it was when the case was opened: initials, or who they
    are. ``id`` is the asker's record, which opens to nobody by standing here."""

    id: Id | None = None
    initials: str | None = None
    civility: str | None = None
    family_name: str | None = None
    first_names: str | None = None
    birth_name: str | None = None
    birth_date: date | None = None


class CaseView(View):
    """The question of a case and where it stands; every member sees all of it, from whenever on they see messages.

    It is ``waiting`` for an answer of those who were asked, ``open`` when one of them has answered, or ``closed``.
    ``waiting_for`` says whose turn it is: of those asked who are members, at most 20; or the asker, and where the asker
    is no member any more, whoever looks after the conversation. ``answered_by`` is who answered first. ``truncated``:
    ``question`` is only the beginning, as in a summary. ``patient`` is shown where the conversation is shown in full,
    and nowhere else: whom it is shown to is in the audit. ``erased``: its texts are erased or can no longer be opened.
    """

    state: CaseState
    question: str
    urgency: Urgency
    asker: Id
    patient: CasePatientView | None = None
    informed: Informed | None = None
    waiting_for: list[Id] = msgspec.field(default_factory=list)
    answered_by: Id | None = None
    answered_at: Instant | None = None
    outcome: Outcome | None = None
    summary: str | None = None
    closed_by: Id | None = None
    closed_at: Instant | None = None
    truncated: bool = False
    erased: bool = False
