"""Invented people and things, created through the dispatcher as in real use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.authentication.credentials import new_token
from identity.contacts.models import ContactRequest
from identity.sessions.models import Session
from identity.sessions.store import digest
from server.kernel import authentication
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.handshake import Welcome
from team.conversations.wire import ConversationView, OpenConversation
from team.files.internal_commands import BeginUpload
from team.files.models import File

_counter = iter(range(1, 10**9))


@dataclass(frozen=True)
class Account:
    """Somebody with an account and one signed-in device."""

    actor: authentication.Person
    token: str

    @property
    def id(self) -> UUID:
        """The person's id."""
        return self.actor.id

    @property
    def session(self) -> UUID:
        """The id of the device's session."""
        assert self.actor.session is not None
        return self.actor.session


def account(*, verified: bool = True, first_name: str = "Ada", last_name: str = "") -> Account:
    """A new person with one session by bearer token."""
    number = next(_counter)
    now = datetime.now(UTC)
    person = Person.objects.create(
        id=uuid7(),
        email=f"personne{number}-{uuid7().hex[-6:]}@exemple.fr",
        first_name=first_name,
        last_name=last_name or f"Essai{number}",
        created_at=now,
        verified_at=now if verified else None,
        verification_method="command" if verified else "",
        email_confirmed_at=now,
    )
    token = new_token()
    session = Session.objects.create(
        id=uuid7(),
        kind=Session.Kind.TOKEN,
        person=person,
        key_digest=digest(token),
        created_at=now,
        last_seen_at=now,
        confirmed_at=now,
        expires_at=now + timedelta(days=1),
    )
    return Account(acting(person, session.id), token)


def acquainted(one: Account, *others: Account) -> None:
    """Each of the others has accepted that the first writes to them: they need not accept its groups."""
    now = datetime.now(UTC)
    ContactRequest.objects.bulk_create(
        ContactRequest(
            id=uuid7(), person_id=other.id, asked_by_id=one.id, at=now - timedelta(days=31), answered_at=now,
            accepted=True, told="accepted", request_digest=b"",
        )
        for other in others
        if not ContactRequest.objects.filter(person=other.id, asked_by=one.id).exists()
    )  # fmt: skip


def group(owner: Account, *others: Account, title: str = "Équipe") -> UUID:
    """A group that ``owner`` opened with the others, who know them."""
    acquainted(owner, *others)
    conversation = uuid7()
    dispatch(
        owner.actor,
        OpenConversation(id=conversation, kind="group", members=[one.id for one in others], title=title),
    )
    return conversation


def direct(one: Account, other: Account) -> UUID:
    """The direct conversation of two people."""
    command = OpenConversation(id=uuid7(), kind="direct", members=[other.id])
    found: UUID = dispatch(one.actor, command).conversation.id
    return found


def summaries(welcome: Welcome) -> list[ConversationView]:
    """The conversations that the answer to ``hello`` shows, as a client reads them."""
    shown = [one.conversation for one in welcome.streams if isinstance(one.conversation, msgspec.Raw)]
    return [msgspec.json.decode(one, type=ConversationView) for one in shown]


def uploaded(who: Account, name: str = "Écho.pdf", **changed: object) -> UUID:
    """A file of theirs that has been checked and may be sent; its content lies nowhere. ``changed``: of its row."""
    file = uuid7()
    dispatch(who.actor, BeginUpload(id=file, name=name, size=1_000))
    row: dict[str, object] = {"state": "ready", "type": "application/pdf", "received": 1_000, "scanned": True}
    File.objects.filter(pk=file).update(**row | changed)
    return file
