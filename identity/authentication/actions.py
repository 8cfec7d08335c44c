"""Passwords, tokens, and what a session acts for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from uuid import UUID

import msgspec

from identity.accounts import access as accounts_access
from identity.accounts.models import Person
from identity.authentication import account_mail, internal_commands
from identity.organisations import access as organisations_access
from identity.organisations import queries as organisations_queries
from identity.organisations.wire import Me
from identity.sessions import access as sessions_access
from identity.sessions.actions import end
from identity.sessions.models import Session
from identity.sessions.wire import ActFor, ActForResult
from server.kernel.authentication import Actor
from server.kernel.delivery import queue
from server.kernel.dispatch import Transaction
from server.kernel.models import Delivery
from server.kernel.wire import Done
from server.kernel.wire.close_codes import CloseCode
from server.kernel.wire.errors import Refusal


def change_password(actor: Actor, command: internal_commands.ChangePassword, tx: Transaction) -> Done:
    """Every session but the one that changed it ends: somebody else may have known the old password."""
    person = accounts_access.locked(actor.person)
    person.password = command.password
    person.save(update_fields=["password"])
    end(actor, Session.objects.filter(person=person), tx, keep=command.keep)
    return Done()


def store_token(actor: Actor, command: internal_commands.StoreToken, tx: Transaction) -> Done:
    """Lets the holder of a token in. The same token again is extended; an ended one stays ended."""
    Session.objects.bulk_create(
        [
            Session(
                id=command.id,
                kind=Session.Kind.TOKEN,
                person=accounts_access.locked(command.person),
                key_digest=command.digest,
                label=command.label,
                created_at=tx.now,
                last_seen_at=tx.now,
                expires_at=command.expires_at,
            )
        ],
        update_conflicts=True,
        unique_fields=["key_digest"],
        update_fields=["last_seen_at", "expires_at"],
    )
    return Done()


def act_for(actor: Actor, command: ActFor, tx: Transaction) -> ActForResult:
    """Chooses the organisation of the session; each transaction checks the membership again."""
    organisation = choose(actor, command.organisation)
    return ActForResult(acting_for=organisation)


def choose(actor: Actor, organisation: UUID) -> UUID:
    """Keeps with the caller's session that it acts for an organisation of theirs; ``NotFound`` for any other."""
    found = organisations_access.membership(actor, organisation).organisation_id
    session = sessions_access.current(actor)
    if session.acting_for_id != found:
        Session.objects.filter(pk=session.pk).update(acting_for=found)
    return found


def greet(people: Collection[UUID]) -> Callable[[Sequence[tuple[Actor, UUID | None]]], list[Me | Refusal]]:
    """Asks about these people. The function returned waits for the statements: it takes callers among them with the
    organisation that they want to act for, and chooses: as asked, as chosen before, or the first of theirs."""
    mes = organisations_queries.ask_mes(people)

    def greeted(wanted: Sequence[tuple[Actor, UUID | None]]) -> list[Me | Refusal]:
        found = mes([actor for actor, _ in wanted])
        return [_acting(actor, me, asked) for me, (actor, asked) in zip(found, wanted, strict=True)]

    return greeted


def _acting(actor: Actor, me: Me, wanted: UUID | None) -> Me | Refusal:
    if wanted is None and me.acting_for is None and me.organisations and actor.session is not None:
        wanted = me.organisations[0].id
    if wanted is None:
        return me
    try:
        return msgspec.structs.replace(me, acting_for=choose(actor, wanted))
    except Refusal as refused:
        return refused


def tell_account_holder(actor: Actor, command: internal_commands.TellAccountHolder, tx: Transaction) -> Done:
    """Writes a mail that is due now."""
    tell(command.person, command.kind, command.once, tx)
    return Done()


def change_factor(actor: Actor, command: internal_commands.ChangeFactor, tx: Transaction) -> Done:
    """What a change of factors does to sessions, whose sockets then connect anew; the caller is told by mail."""
    person = accounts_access.locked(actor.person)
    theirs = Session.objects.filter(person=person, ended_at=None)
    if command.change == "added" and actor.session is not None:
        theirs.filter(pk=actor.session).update(strong=True)
        tx.close_sessions([actor.session], CloseCode.RESTARTING)
    elif not command.remaining:
        by_password = theirs.filter(opened_by__in=["password", "passkey"], strong=True)
        weakened = list(by_password.values_list("pk", flat=True))
        by_password.update(strong=False)
        tx.close_sessions(weakened, CloseCode.RESTARTING)
    kind = account_mail.OF_FACTOR[command.change]
    tell(person.pk, kind, f"{command.factor}/{tx.now.isoformat()}", tx)
    return Done()


def request_new_password(actor: Actor, command: internal_commands.RequestNewPassword, tx: Transaction) -> Done:
    """Writes the mail with the link, if there is somebody whom a password lets in: who has none uses the card."""
    person = Person.objects.filter(email=command.email, is_active=True, suspended_at=None).first()
    if person is not None and person.has_usable_password():
        tell(person.pk, account_mail.Kind.NEW_PASSWORD, command.once, tx)
        tx.audit(actor, "password.requested", about=[person.pk], address=command.address)
    return Done()


def tell(person: UUID, kind: str, once: str, tx: Transaction) -> None:
    """Writes a mail to somebody about their account, once for an occasion."""
    row = Delivery(
        key=f"{person}/{kind}/{once}",
        channel=Delivery.Channel.EMAIL,
        kind=kind,
        subject=person,
        not_before=tx.now,
    )
    queue.enqueue([row], tx)
