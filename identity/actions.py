"""What can be changed about people: their sessions by themselves, everything else by Relais itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from identity import access, orders
from identity.models import Membership, Organisation, Person, Session, Site
from identity.wire import Done, EndOtherSessions, EndSession
from server.dispatch import Actor, Transaction
from server.errors import Conflict, NotFound


def end_session(actor: Actor, command: EndSession, tx: Transaction) -> Done:
    """Ends a session of the caller; its sockets close with 4401 at once."""
    row = access.session(actor, command.session)
    _end(Session.objects.filter(pk=row.pk), tx)
    return Done()


def end_other_sessions(actor: Actor, command: EndOtherSessions, tx: Transaction) -> Done:
    """Ends every session of the caller but this one."""
    person = access.caller(actor)
    _end(Session.objects.filter(person=person), tx, keep=actor.session)
    return Done()


def end_expired_sessions(actor: Actor, command: orders.EndExpiredSessions, tx: Transaction) -> Done:
    """Ends every session whose time is over."""
    access.system(actor)
    _end(Session.objects.filter(expires_at__lte=tx.now), tx)
    return Done()


def _end(sessions: QuerySet[Session], tx: Transaction, keep: UUID | None = None) -> None:
    """Ends those that are open. Their data goes, the row stays as a trace."""
    found = sessions.filter(ended_at=None).select_for_update().order_by("pk").values_list("pk", flat=True)
    ended = [session for session in found if session != keep]
    if ended:
        Session.objects.filter(pk__in=ended).update(ended_at=tx.now, data="")
        tx.end_sessions(ended)


def change_password(actor: Actor, command: orders.ChangePassword, tx: Transaction) -> Done:
    """Whoever knew the old password is out: every session but the one that changed it ends."""
    if actor.person != command.person:
        access.system(actor)
    person = _locked(command.person)
    person.password = command.password
    person.save(update_fields=["password"])
    _end(Session.objects.filter(person=person), tx, keep=command.keep)
    return Done()


def keep_token(actor: Actor, command: orders.KeepToken, tx: Transaction) -> Done:
    """Lets the holder of a token in. The same token again is extended; an ended one stays ended."""
    access.system(actor)
    Session.objects.bulk_create(
        [
            Session(
                id=command.id,
                kind=Session.Kind.TOKEN,
                person=_locked(command.person),
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


def create_person(actor: Actor, command: orders.CreatePerson, tx: Transaction) -> Done:
    """Makes an account, unverified. One that exists under this id stays as it is."""
    access.system(actor)
    email = command.email.lower()
    if Person.objects.filter(pk=command.id, email=email).exists():
        return Done()
    try:
        with transaction.atomic():
            Person.objects.create(
                id=command.id,
                email=email,
                first_name=command.first_name,
                last_name=command.last_name,
                title=command.title,
                function=command.function,
                profession=command.profession,
                speciality=command.speciality,
                national_id=command.national_id,
                password=command.password,
                created_at=tx.now,
            )
    except IntegrityError as error:
        raise Conflict("Somebody has an account with this id, e-mail or register number already.") from error
    return Done()


def verify_person(actor: Actor, command: orders.VerifyPerson, tx: Transaction) -> Done:
    access.system(actor)
    person = _locked(command.person)
    if person.verified_at is None:
        _mark(person, verified_at=tx.now, verification_method=command.evidence)
    return Done()


def suspend_person(actor: Actor, command: orders.SuspendPerson, tx: Transaction) -> Done:
    access.system(actor)
    person = _locked(command.person)
    if person.suspended_at is None:
        _mark(person, suspended_at=tx.now)
        tx.close_person(person.id)
    return Done()


def reinstate_person(actor: Actor, command: orders.ReinstatePerson, tx: Transaction) -> Done:
    access.system(actor)
    _mark(_locked(command.person), suspended_at=None)
    return Done()


def create_organisation(actor: Actor, command: orders.CreateOrganisation, tx: Transaction) -> Done:
    access.system(actor)
    Organisation.objects.get_or_create(
        id=command.id, defaults={"name": command.name, "kind": command.kind, "created_at": tx.now}
    )
    return Done()


def create_site(actor: Actor, command: orders.CreateSite, tx: Transaction) -> Done:
    access.system(actor)
    Site.objects.get_or_create(
        id=command.id,
        defaults={
            "organisation_id": command.organisation,
            "name": command.name,
            "address": command.address,
            "postal_code": command.postal_code,
            "city": command.city,
            "time_zone": command.time_zone,
        },
    )
    return Done()


def join_organisation(actor: Actor, command: orders.JoinOrganisation, tx: Transaction) -> Done:
    access.system(actor)
    Membership.objects.get_or_create(
        organisation_id=command.organisation,
        person=_locked(command.person),
        left_at=None,
        defaults={
            "function": command.function,
            "administrator": command.administrator,
            "owner": command.owner,
            "joined_at": tx.now,
        },
    )
    return Done()


def _locked(person: UUID) -> Person:
    found = Person.objects.select_for_update().filter(pk=person).first()
    if found is None:
        raise NotFound
    return found


def _mark(person: Person, **changes: datetime | str | None) -> None:
    Person.objects.filter(pk=person.pk).update(**changes)
