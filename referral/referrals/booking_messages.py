"""The message that goes to the practitioner with each booking, written in the same transaction.

It goes to the conversation that the referrer named when the practitioner takes part in it, else to the two
of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4, uuid5

from referral.notices.texts import when
from referral.scheduling.models import Appointment
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import stream_name
from team.conversations import access as conversations_access
from team.conversations import actions as conversations
from team.conversations.queries import direct_conversations
from team.messages import actions as messages
from team.messages.actions import NewMessage


class BookingMessage(NamedTuple):
    """What is to be written about one booking; without words of the referrer's it says when the visit is."""

    actor: Actor
    row: Appointment
    referral: UUID
    text: str | None
    thread: UUID | None
    request: bytes


class BookingMessages:
    """The letters of a batch: their conversations first, then their events, then what they say."""

    def __init__(self, letters: Sequence[BookingMessage], tx: Transaction) -> None:
        self._tx = tx
        self._opened: list[Draft] = []
        pairs = {_pair(letter) for letter in letters if letter.thread is None}
        self._direct = direct_conversations(pairs)
        self._written = {letter.referral: self._write(letter) for letter in letters if not _to_oneself(letter)}

    def conversation(self, referral: UUID) -> UUID | None:
        """Where the referral is spoken about."""
        written = self._written.get(referral)
        return written.conversation if written else None

    def streams(self) -> set[str]:
        """In which streams this will be told: to be locked with all others before ``drafts``."""
        return {draft.stream for draft in self._opened} | {
            stream_name("c", one.conversation) for one in self._written.values()
        }

    def drafts(self) -> list[Draft]:
        """The events, for those who take part at this moment."""
        written = list(self._written.values())
        members = conversations_access.members({one.conversation for one in written})
        return self._opened + [one.draft(list(members[one.conversation]), self._tx) for one in written]

    def store(self) -> None:
        """Writes the messages, under the numbers that their events got."""
        messages.insert(list(self._written.values()))

    def _write(self, letter: BookingMessage) -> NewMessage:
        return NewMessage(
            id=uuid5(letter.referral, "letter"),
            conversation=letter.thread or self._between(letter),
            author=letter.row.booked_by_id,
            body=letter.text or _standard(letter.row),
            digest=letter.request,
            referral=letter.referral,
        )

    def _between(self, letter: BookingMessage) -> UUID:
        """The conversation of the referrer and the practitioner, opened with the first letter."""
        pair = _pair(letter)
        if pair not in self._direct:
            practitioner = letter.row.agenda.practitioner_id
            self._direct[pair], drafts = conversations.direct(letter.actor, practitioner, uuid4(), self._tx)
            self._opened += drafts
        return self._direct[pair]


def _pair(letter: BookingMessage) -> frozenset[UUID]:
    return frozenset({letter.row.booked_by_id, letter.row.agenda.practitioner_id})


def _to_oneself(letter: BookingMessage) -> bool:
    """Somebody who books a patient into their own agenda need not be written to, unless a conversation is
    named.
    """
    return letter.thread is None and len(_pair(letter)) == 1


def _standard(row: Appointment) -> str:
    return f"Patient adressé : rendez-vous {when(row.starts_at, row.agenda.zone)}."
