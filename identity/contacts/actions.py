"""Blocking, and asking to write to somebody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from identity.accounts import access as accounts_access
from identity.accounts.access import verified
from identity.accounts.wire import PROFESSIONAL
from identity.contacts import access
from identity.contacts.models import Block, ContactRequest, ContactRule
from identity.contacts.queries import ASKED_AGAIN, settings_of
from identity.contacts.refusals import AsksFirst, TooManyContacts
from identity.contacts.wire import (
    AnswerContact,
    BlockPerson,
    ContactAccepted,
    ContactBlocked,
    ContactRefused,
    ContactRequested,
    ContactSettings,
    RequestContact,
    SetContactRule,
    UnblockPerson,
)
from identity.organisations.refusals import VouchedOnly
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.streams import Draft
from server.kernel.wire import Done, stream_name
from server.kernel.wire.errors import Invalid, InvalidState, NotFound

BLOCKS, REQUESTS_A_DAY = 1000, 20


def set_rule(actor: Actor, command: SetContactRule, tx: Transaction) -> ContactSettings:
    """Says who reaches the caller from now on."""
    ContactRule.objects.update_or_create(person_id=verified(actor), defaults={"rule": command.rule})
    return settings_of(actor)


def block_person(
    actor: Actor, command: BlockPerson, tx: Transaction, *, met: Callable[[Actor, UUID], bool]
) -> ContactSettings:
    """Blocks somebody whom the caller knows, whether or not they can be reached; what they asked for is refused with
    it. The answer names them: of anybody else it says that they do not exist. ``met`` says whether the two have been in
    a conversation together."""
    caller = verified(actor)
    if command.person == caller:
        raise Invalid("$.params.person", "Nobody blocks themselves.", why="oneself")
    accounts_access.lock([caller])
    mine = Block.objects.filter(person=caller)
    is_blocked = mine.filter(blocked=command.person).exists()
    if not (is_blocked or access.knows(actor, command.person) or met(actor, command.person)):
        raise NotFound
    if mine.count() >= BLOCKS and not is_blocked:
        raise TooManyContacts(BLOCKS)
    row = Block(person_id=caller, blocked_id=command.person, at=tx.now)
    if not is_blocked:
        row.save(force_insert=True)
        tx.record([Draft(stream_name("i", caller), ContactBlocked(person=command.person, blocked=True))])
    asked = ContactRequest.objects.filter(person=caller, asked_by=command.person)
    asked.update(accepted=False, answered_at=tx.now)
    return settings_of(actor)


def unblock_person(actor: Actor, command: UnblockPerson, tx: Transaction) -> ContactSettings:
    """Never refused: who is not blocked stays so."""
    caller = verified(actor)
    ended, _ = Block.objects.filter(person=caller, blocked=command.person).delete()
    if ended:
        tx.record([Draft(stream_name("i", caller), ContactBlocked(person=command.person, blocked=False))])
    return settings_of(actor)


def request_contact(actor: Actor, command: RequestContact, tx: Transaction) -> Done:
    """Asks somebody who wants to be asked; the same request again asks nothing more."""
    caller, request = verified(actor), request_digest(actor, command)
    known = ContactRequest.objects.filter(pk=command.id).first()
    if known is not None:
        require_same(known.request_digest, request)
        return Done()
    if PROFESSIONAL not in actor.scopes:
        raise VouchedOnly
    if not _asks_first(actor, command.person):
        raise InvalidState("This person can be written to: nothing is to be asked.", state="reachable")
    accounts_access.lock([caller])
    mine = ContactRequest.objects.filter(asked_by=caller)
    if mine.filter(person=command.person, at__gt=tx.now - ASKED_AGAIN).exists():
        return Done()  # Whether it was refused is not told.
    if mine.filter(at__gt=tx.now - timedelta(days=1)).count() >= REQUESTS_A_DAY:
        raise TooManyContacts(REQUESTS_A_DAY)
    ContactRequest.objects.create(
        id=command.id,
        person_id=command.person,
        asked_by_id=caller,
        reason=command.reason,
        at=tx.now,
        request_digest=request,
    )
    tx.record([Draft(stream_name("i", command.person), ContactRequested(request=command.id))])
    return Done()


def answer_contact(actor: Actor, command: AnswerContact, tx: Transaction) -> ContactSettings:
    """Accepts or refuses a request to the caller."""
    caller = verified(actor)
    row = ContactRequest.objects.select_for_update().filter(pk=command.request, person=caller).first()
    if row is None:
        raise NotFound
    if row.answered_at is None:
        told = "accepted" if command.accept else "refused" if command.tell else ""
        ContactRequest.objects.filter(pk=row.pk).update(answered_at=tx.now, accepted=command.accept, told=told)
        if told:
            answer = ContactAccepted(person=caller) if command.accept else ContactRefused(person=caller)
            tx.record([Draft(stream_name("i", row.asked_by_id), answer)])
    return settings_of(actor)


def _asks_first(actor: Actor, person: UUID) -> bool:
    """Whether this person wants to be asked before the caller writes; raises for every other reason against it."""
    try:
        access.reachable(actor, [person])
    except AsksFirst:
        return True
    return False
