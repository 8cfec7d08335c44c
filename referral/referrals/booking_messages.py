"""The message that goes to the practitioner with each booking, written in the same transaction.

It goes to the conversation that the referrer named when the practitioner is a member of it, else to the two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from referral.notices.texts import when
from referral.scheduling.models import Appointment
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.identifiers import uuid7
from server.kernel.streams import Draft
from server.kernel.wire.errors import Unavailable
from team.conversations import access as conversations_access
from team.conversations import actions as conversations
from team.conversations.access import LockedConversations
from team.messages import actions as messages
from team.messages.actions import NewMessage


class BookingMessage(NamedTuple):
    """What is to be written about one booking; without words of the referrer's it says when the visit is."""

    actor: Actor
    row: Appointment
    referral: UUID
    text: str | None
    named: UUID | None
    """The conversation that the referrer named."""
    thread: UUID | None
    """The same, when the practitioner is a member of it."""
    request: bytes


class BookingMessages:
    """The messages of a batch of bookings: their conversations first, then their events, then what they say."""

    def __init__(self, batch: Sequence[BookingMessage], tx: Transaction) -> None:
        self._tx = tx
        self._batch = batch
        self._opened: list[Draft] = []
        self._direct = conversations_access.direct_conversations(
            (one.actor, one.row.agenda.practitioner_id) for one in batch if one.thread is None
        )
        self._written = {one.referral: self._write(one) for one in batch if not _to_oneself(one)}

    def conversation(self, referral: UUID) -> UUID | None:
        """Where the referral is spoken about."""
        written = self._written.get(referral)
        return written.conversation if written else None

    def lock(self) -> LockedConversations:
        """Locks the streams of all conversations that have to do with the batch, and of what is handled already.

        Whether the referrers may write was looked up before the locks, to know what to prepare. When that no longer
        holds, the transaction is broken off: ``NotFound`` for somebody who was removed meanwhile, ``Unavailable`` when
        the practitioner was, so that the same request is decided again.
        """
        wanted = {one.conversation for one in self._written.values()}
        wanted |= {one.named for one in self._batch if one.named is not None}
        locked = conversations_access.lock(self._tx, wanted, {draft.stream for draft in self._opened})
        for one in self._batch:
            if one.named is not None:
                locked[one.named].require(one.actor, "post")
            if one.thread is not None and one.row.agenda.practitioner_id not in locked[one.thread].members:
                raise Unavailable
        return locked

    def drafts(self, locked: LockedConversations) -> list[Draft]:
        """The events, for those who are members under the lock."""
        written = self._written.values()
        return self._opened + [one.draft(locked[one.conversation], self._tx) for one in written]

    def store(self) -> None:
        """Writes the messages, under the numbers that their events got."""
        messages.insert(list(self._written.values()))

    def _write(self, one: BookingMessage) -> NewMessage:
        return NewMessage(
            id=uuid7(),
            conversation=one.thread or self._between(one),
            author=one.row.booked_by_id,
            body=one.text or _standard(one.row),
            digest=one.request,
            referral=one.referral,
        )

    def _between(self, one: BookingMessage) -> UUID:
        """The conversation of the referrer and the practitioner, opened with the first message."""
        practitioner = one.row.agenda.practitioner_id
        pair = conversations_access.pair(one.actor, practitioner)
        if pair not in self._direct:
            self._direct[pair], drafts = conversations.open_direct(one.actor, practitioner, uuid7(), self._tx)
            self._opened += drafts
        return self._direct[pair]


def _to_oneself(one: BookingMessage) -> bool:
    """Somebody who books a patient into their own agenda need not be written to, unless a conversation is named."""
    return one.thread is None and one.row.booked_by_id == one.row.agenda.practitioner_id


def _standard(row: Appointment) -> str:
    return f"Patient adressé : rendez-vous {when(row.starts_at, row.agenda.zone)}."
