"""What Pro Santé Connect or a card proves of somebody, or says against them.

A proof ties an account to an entry of the register. From then on colleagues read what was proven, and no longer what
was declared: name, title, profession and speciality are those of the entry or, where the register has none (yet), those
of the proof. A card outlives changes of the register by years: one of a profession that the register does not know of
its holder proves nothing.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction

from identity.accounts import access as accounts_access
from identity.accounts import actions as accounts_actions
from identity.accounts.models import Person
from identity.authentication.internal_commands import AcceptProof, RefuseProof
from identity.directory.models import RegisterEntry, RegisterPlace
from identity.directory.nomenclature import PROFESSIONS, field_key, field_label
from identity.names import displayed
from identity.onboarding import lifecycle, review
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done
from server.kernel.wire.errors import Conflict, InvalidState


def accept_proof(actor: Actor, command: AcceptProof, tx: Transaction) -> Done:
    """``Conflict`` when another account has the entry, ``InvalidState`` when the register knows the holder of a card by
    another profession. A proven name stays as it was proven first.

    What a moderator knows of an order's decision stands beside whatever the provider says: it ties the account, which
    they may sign in to and appeal from, and opens nothing.
    """
    person = accounts_access.locked(command.person)
    entry = RegisterEntry.objects.filter(national_id=command.national_id).first()
    if entry is not None and command.by == "cps" and not _practises(entry, command.profession):
        raise InvalidState("The register knows the holder of this card by another profession.", state="profession")
    changes = _registered(entry) if entry is not None else _proven(command)
    if person.verified_at is not None:
        changes = {name: value for name, value in changes.items() if name not in {"first_name", "last_name"}}
    try:
        with transaction.atomic():
            Person.objects.filter(pk=person.pk).update(national_id=command.national_id, **changes)
    except IntegrityError as error:
        raise Conflict("Another account has this entry of the register.") from error
    if person.verified_at is not None or person.withdrawn_reason not in lifecycle.ORDERED:
        accounts_actions.mark_verified(person, command.by, tx, evidence=command.evidence)
    return Done()


def _practises(entry: RegisterEntry, profession: str) -> bool:
    """Whether the register has this profession among those of an entry; a card that names none contradicts nothing."""
    if not profession or entry.profession == profession:
        return True
    return RegisterPlace.objects.filter(entry=entry.pk, profession=profession).exists()


def _registered(entry: RegisterEntry) -> dict[str, str]:
    return {
        "first_name": displayed(entry.first_name, first=True),
        "last_name": displayed(entry.last_name),
        "title": entry.title,
        "profession": entry.profession_label,
        "speciality": entry.speciality,
    }


def _proven(command: AcceptProof) -> dict[str, str]:
    """What the proof itself says; what it leaves out stays as it was declared."""
    said = {
        "first_name": displayed(command.first_name, first=True),
        "last_name": displayed(command.last_name),
        "profession": PROFESSIONS.get(command.profession, ""),
    }
    changes = {name: value for name, value in said.items() if value}
    if "profession" in changes:
        changes["speciality"] = field_label(field_key(command.profession, command.speciality)) or ""
    return changes


def refuse_proof(actor: Actor, command: RefuseProof, tx: Transaction) -> Done:
    """As a moderator's statement: the verification ends, open reviews and sessions with it, and the person is told how
    to appeal."""
    review.close_by_statement(actor, accounts_access.locked(command.person), command.reason, tx)
    return Done()
