"""Who stands behind a credential, and how they stand now.

Both are one query each, whatever the number of actors: the guard runs in every transaction. The organisation that a
person acts for is the one chosen for the session, or else the first of theirs by name, a CPTS after those that receive
patients. A choice whose membership has ended stands for no organisation until the next one is made: nobody acts for
another organisation than they think.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from identity.accounts.models import shown_name
from identity.accounts.refusals import NotVerified, ReauthenticationRequired, SecondFactorRequired
from identity.accounts.wire import SINGLE_FACTOR, VERIFIED, scopes
from identity.sessions.models import Session
from identity.sessions.store import IDLE_TIMEOUT, LAST_SEEN_RESOLUTION, digest
from server.kernel import clock
from server.kernel.authentication import Actor, Bearer, Credential, Person, Refused
from server.kernel.pg_arrays import byte_strings, texts, uuids
from server.kernel.statements import Statement
from server.kernel.wire import CONFIRMED, Scope
from server.kernel.wire.errors import Forbidden, Refusal

NOT_SIGNED_IN = Refused("not_signed_in", "Sign in: nobody is signed in by this key, or no longer.")
LOST = Refused("wiped", "This device was declared lost: destroy what it keeps, then say so.", lost=True)
SUSPENDED = Refused("suspended", "This account is suspended: ask whoever runs this Relais why.", known=True)


def authenticate(credential: Credential | None) -> Person | Refused:
    """The person who holds this key, or why nobody does. One query."""
    return authenticate_all([credential])[0]


def authenticate_all(credentials: Sequence[Credential | None]) -> list[Person | Refused]:
    """The person who holds each key, or why nobody does. One query, however many there are, and one more when keys
    open nothing: a device that was lost is told so.

    That a key was seen is noted in the same statement, at most every ``LAST_SEEN_RESOLUTION``: a thousand sockets
    that come back at once write nothing.
    """
    keys = [None if one is None else (digest(one.key), _kind(one)) for one in credentials]
    shown = list(dict.fromkeys(key for key in keys if key is not None))
    holders = _holders(shown, clock.now()) if shown else {}
    lost = _lost([key for key in shown if key not in holders])
    return [NOT_SIGNED_IN if key is None else LOST if key[0] in lost else _person(holders.get(key)) for key in keys]


def is_lost(key: str) -> bool:
    """Whether this is the key of a browser that is to be wiped and has not said that it is done."""
    return bool(_lost([(digest(key), str(Session.Kind.BROWSER))]))


def _lost(keys: Sequence[tuple[bytes, str]]) -> set[bytes]:
    """Which of these keys, by digest, are those of devices that are to be wiped."""
    if not keys:
        return set()
    asked = Session.objects.filter(
        key_digest__in=[digest for digest, _ in keys], wipe_asked_at__isnull=False, wiped_at=None
    )
    return {bytes(found) for found in asked.values_list("key_digest", flat=True)}


def _kind(credential: Credential) -> str:
    return str(Session.Kind.TOKEN if isinstance(credential, Bearer) else Session.Kind.BROWSER)


def _person(row: _Holder | None) -> Person | Refused:
    if row is None:
        return NOT_SIGNED_IN
    if row.barred:
        return SUSPENDED
    name = shown_name(row.title, row.first_name, row.last_name)
    held = scopes(row.verified, row.moderator, strong=row.strong, confirmed=row.confirmed, vouched=row.vouched)
    return Person(row.person, row.session, held, row.organisation, name=name)


class _Holder(NamedTuple):
    """Whose key it is."""

    session: UUID
    person: UUID
    title: str
    first_name: str
    last_name: str
    verified: bool
    moderator: bool
    strong: bool
    confirmed: bool
    vouched: bool
    barred: bool
    organisation: UUID | None


VOUCHED = (
    "(person.verification_method = 'vouched' OR person.national_id IS NULL AND EXISTS (SELECT FROM identity_membership"
    " here WHERE here.person_id = person.id AND here.left_at IS NULL AND here.vouched_by_id IS NOT NULL))"
)
"""Whether a ``person`` works inside the organisations that vouch for them alone: for written statements."""
CONFIRMED_FOR = timedelta(minutes=10)
"""How long a proof that it is them opens what is sensitive."""


def _exempt() -> str:
    """The method by which people are known who need no second factor: those of the demo, where nobody but this machine
    can come."""
    return "-" if settings.RELAIS_PUBLIC else "demo"


_HOLDERS = (
    "WITH shown AS (SELECT * FROM unnest(%(digests)b::bytea[], %(kinds)b::text[]) AS shown (digest, kind)),"  # noqa: S608
    " seen AS (UPDATE identity_session SET last_seen_at = %(now)s WHERE key_digest IN (SELECT digest FROM shown)"
    " AND ended_at IS NULL AND expires_at > %(now)s AND last_seen_at > %(idle)s AND last_seen_at < %(seen)s)"
    " SELECT shown.digest, shown.kind, session.id, person.id, person.title, person.first_name, person.last_name,"
    " person.verified_at IS NOT NULL, person.moderator_since IS NOT NULL,"
    " session.strong OR session.kind = 'token' OR person.verification_method = %(exempt)s,"
    f" coalesce(session.confirmed_at > %(confirmed)s, FALSE), {VOUCHED},"
    " person.suspended_at IS NOT NULL OR NOT person.is_active, ("
    "SELECT organisation.id FROM identity_membership membership"
    " JOIN identity_organisation organisation ON organisation.id = membership.organisation_id"
    " WHERE membership.person_id = person.id AND membership.left_at IS NULL"
    " AND organisation.id = coalesce(session.acting_for_id, organisation.id)"
    " ORDER BY organisation.kind = 'cpts', organisation.name, organisation.id LIMIT 1)"
    " FROM shown JOIN identity_session session ON session.key_digest = shown.digest AND session.kind = shown.kind"
    " JOIN identity_person person ON person.id = session.person_id"
    " WHERE session.ended_at IS NULL AND session.expires_at > %(now)s AND session.last_seen_at > %(idle)s"
)


def _holders(shown: Sequence[tuple[bytes, str]], now: datetime) -> dict[tuple[bytes, str], _Holder]:
    """Who holds each of these keys of these kinds, by digest and kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLDERS,
            {
                "digests": byte_strings(one for one, _ in shown),
                "kinds": texts(kind for _, kind in shown),
                "now": now,
                "idle": now - IDLE_TIMEOUT,
                "seen": now - LAST_SEEN_RESOLUTION,
                "confirmed": now - CONFIRMED_FOR,
                "exempt": _exempt(),
            },
        )
        return {(bytes(row[0]), row[1]): _Holder._make(row[2:]) for row in cursor.fetchall()}


_CURRENT = Statement(
    "SELECT claim.nth, person.id, person.verified_at IS NOT NULL,"  # noqa: S608
    " person.moderator_since IS NOT NULL,"
    " session.strong OR session.kind = 'token' OR person.verification_method = %b::text,"
    " coalesce(session.confirmed_at > now() - make_interval(secs => %b::float8), FALSE),"
    f" {VOUCHED}, membership.organisation_id"
    " FROM unnest(%b::uuid[], %b::uuid[]) WITH ORDINALITY AS claim (session, organisation, nth)"
    " CROSS JOIN LATERAL (SELECT * FROM identity_session WHERE id = claim.session"
    " AND ended_at IS NULL AND expires_at > now() LIMIT 1) session"
    " CROSS JOIN LATERAL (SELECT * FROM identity_person WHERE id = session.person_id"
    " AND suspended_at IS NULL AND is_active LIMIT 1) person"
    " LEFT JOIN LATERAL (SELECT organisation_id FROM identity_membership WHERE person_id = session.person_id"
    " AND organisation_id = coalesce(session.acting_for_id, claim.organisation) AND left_at IS NULL LIMIT 1)"
    " membership ON true"
)
"""Looked up one claim after the other (``LIMIT``): the plan is the same whatever is known of the tables' sizes."""


def ask_current(actors: Sequence[Actor]) -> Callable[[], Sequence[Actor | Refusal]]:
    """Each actor as they stand in this transaction, or why they may do nothing any more. One query, for which the
    function returned waits.

    Between the end of a session and the closing of its sockets no command slips in. A verification, a choice of
    organisation and the end of a membership count from the next command on. Who has no session is let act by this
    process, and is taken as they are.
    """
    claims: dict[tuple[UUID, UUID | None], int] = {}
    nth = [
        0 if actor.session is None else claims.setdefault((actor.session, actor.organisation), len(claims) + 1)
        for actor in actors
    ]
    if not claims:
        return lambda: actors
    sessions, organisations = zip(*claims, strict=True)
    rows = _CURRENT.send(_exempt(), int(CONFIRMED_FOR.total_seconds()), uuids(sessions), uuids(organisations))

    def current() -> list[Actor | Refusal]:
        standing = {
            number: _Standing(
                person, scopes(verified, moderator, strong=strong, confirmed=confirmed, vouched=vouched), organisation
            )
            for number, person, verified, moderator, strong, confirmed, vouched, organisation in rows()
        }
        return [_current(actor, standing.get(number)) for actor, number in zip(actors, nth, strict=True)]

    return current


class _Standing(NamedTuple):
    """Who holds an open session, and the organisation claimed or chosen as long as they are a member."""

    person: UUID
    scopes: frozenset[Scope]
    organisation: UUID | None


def _current(actor: Actor, found: _Standing | None) -> Actor | Refusal:
    if not isinstance(actor, Person) or actor.session is None:
        return actor
    if found is None or found.person != actor.id:
        return Forbidden("This session has ended: sign in again.")
    if found.scopes == actor.scopes and found.organisation == actor.organisation:
        return actor
    return replace(actor, scopes=found.scopes, organisation=found.organisation)


def out_of_scope(actor: Actor, scope: Scope) -> Refusal:
    """What an actor is told who may not ask for a command at all."""
    if scope == CONFIRMED:
        return ReauthenticationRequired()
    if isinstance(actor, Person) and scope == VERIFIED:
        return SecondFactorRequired() if SINGLE_FACTOR in actor.scopes else NotVerified()
    return Forbidden("This is not open to you.")


def still_open(sessions: Iterable[UUID]) -> set[UUID]:
    """Which of these sessions are open, and their persons admitted. One query."""
    wanted = Session.objects.filter(
        pk__in=list(sessions),
        ended_at=None,
        expires_at__gt=clock.now(),
        person__suspended_at=None,
        person__is_active=True,
    )
    return set(wanted.values_list("pk", flat=True))
