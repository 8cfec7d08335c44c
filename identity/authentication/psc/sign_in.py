"""What becomes, here, of somebody whom Pro Santé Connect has identified.

Somebody who has an account is signed in, and their identity is verified from then on. Somebody unknown is kept in the
browser's session, for half an hour, until they have made an account. Accounts are found by the numbers of the
register alone: the provider says no e-mail, and none would prove anything.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest

from identity import names
from identity.accounts.models import Person
from identity.authentication import sign_in_audit
from identity.authentication.internal_commands import AcceptProof, RefuseProof
from identity.authentication.psc.departures import Purpose
from identity.authentication.psc.provider import Exchange, ProviderRefused, ProviderUnavailable, Tokens
from identity.authentication.psc.tokens import Proof, TokenRefused
from identity.authentication.psc.userinfo import Exercise, NotPractising, Professional, UserinfoRefused, read
from identity.authentication.refused_sign_in import SignInRefused
from identity.sessions.store import HowOpened, SessionStore
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.wire.errors import Conflict, InvalidState

By: TypeAlias = Literal["psc", "cps"]
"""Whether the provider identified somebody, or their card itself (``identity.authentication.cps``)."""
METHOD: By = "psc"
IDENTIFIED = "psc_identity"
"""In a session's data: whom the provider has identified in this browser, with or without an account."""
ID_TOKEN = "psc_id_token"  # noqa: S105  (the name of a key)
"""In a session's data: the ID token, which signs out of the provider."""
WAITS_SECONDS = 1800
"""How long somebody without an account may take to make one."""
CONFIRMS_WITHIN = 120
"""Seconds since somebody proved who they are at the provider's, for a proof that is asked for anew."""


class Proven(NamedTuple):
    """By what somebody was identified, and in the provider's case in which session of its, by which token."""

    by: By
    sid: str = ""
    id_token: str = ""


class Identified(msgspec.Struct):
    """Whom the provider has identified in a browser: when, and for which of their activities they come."""

    professional: Professional
    by: By
    sid: str
    at: float
    activity: int | None = None
    """The place in ``activities``."""

    @property
    def activities(self) -> list[tuple[Any, Any]]:
        """Every exercise with each of its activities, once."""
        return [(one, activity) for one in self.professional.exercises for activity in one.activities]


def identify(
    exchange: Exchange, given: Tokens, *, nonce: str | None, fresh: bool, linking: Person | None = None
) -> tuple[Proof, Professional]:
    """Whom these tokens identify; ``SignInRefused`` when nobody, or not now. ``linking``: whose account is open, and to
    be tied to them."""
    try:
        proof = exchange.id_token(given.id_token, nonce=nonce)
        if fresh and (proof.authenticated_at is None or time.time() - proof.authenticated_at > CONFIRMS_WITHIN):
            raise SignInRefused("not_proven", "not_fresh")
        answer = exchange.userinfo(given.access_token)
        return proof, read(answer, proof.sub, sandbox=exchange.sandbox)
    except TokenRefused as refused:
        raise SignInRefused("level_too_low" if refused.code == "acr" else "not_proven", refused.code) from None
    except NotPractising as refused:
        _withdraw(refused.identifiers, linking)
        raise SignInRefused(refused.code) from None
    except UserinfoRefused as refused:
        code = "not_proven" if refused.code == "another_subject" else refused.code
        raise SignInRefused(code, refused.code) from None
    except ProviderRefused as refused:
        raise SignInRefused("not_proven", refused.code) from None
    except ProviderUnavailable as unavailable:
        raise SignInRefused("provider_unavailable", unavailable.code) from None


def admit(request: HttpRequest, purpose: Purpose, professional: Professional, how: Proven) -> bool:
    """Signs somebody in, or takes their proof for what it was asked for; False when they have no account yet, and are
    kept in the session. ``SignInRefused`` when they may not come in."""
    person = _account(professional)
    if purpose == "confirm":
        _confirm(request, person, how.by)
        return True
    if purpose == "link":
        person = _link(request, person, professional)
    if person is None:
        if request.user.is_authenticated:
            request.session.flush()
        _keep(request, professional, how)
        request.session.cycle_key()
        return False
    accept(person, professional, how.by)
    _sign_in(request, person, professional.sub, how)
    _keep(request, professional, how)
    return True


def accept(person: Person, professional: Professional, by: By) -> None:
    """Writes down that an account is this professional's. ``SignInRefused`` when a number of theirs is somebody
    else's, the register contradicts the card, or the account may not come in."""
    if not person.is_active or person.suspended_at is not None:
        raise SignInRefused("suspended")
    try:
        dispatch(SYSTEM, proof_for(person.pk, professional, by))
    except Conflict:
        raise SignInRefused("identity_conflict") from None
    except InvalidState:
        raise SignInRefused("profession_differs") from None


def proof_for(person: UUID, professional: Professional, by: By) -> AcceptProof:
    """What is to be written down of an account whose holder has been identified."""
    practised = next(iter(professional.exercises), Exercise(""))
    return AcceptProof(
        person=person,
        by=by,
        national_id=professional.national_id,
        evidence=professional.sub[:120],
        first_name=professional.first_name,
        last_name=professional.last_name,
        profession=practised.profession,
        speciality=practised.speciality,
    )


def complete(request: HttpRequest, person: Person) -> None:
    """Signs in somebody who has just made an account, after the provider had identified them in this browser.

    Only under the name that was proven: somebody else may have been identified at this machine before.
    """
    found = identified(request)
    if found is None:
        raise SignInRefused("begin_again")
    if not _is_named(person, found.professional):
        raise SignInRefused("another_person")
    accept(person, found.professional, found.by)
    enter(request, person, found)


def enter(request: HttpRequest, person: Person, found: Identified) -> None:
    """Opens a session for somebody whose proof is written down; the browser goes on knowing whom it was given."""
    kept = {name: request.session[name] for name in (IDENTIFIED, ID_TOKEN) if name in request.session}
    _sign_in(request, person, found.professional.sub, Proven(found.by, found.sid))
    request.session.update(kept)


def identified(request: HttpRequest) -> Identified | None:
    """Whom the provider has identified in this browser, and not too long ago if they have no account."""
    kept = request.session.get(IDENTIFIED)
    if kept is None:
        return None
    found = msgspec.convert(kept, Identified)
    is_late = time.time() - found.at > WAITS_SECONDS
    return None if is_late and not request.user.is_authenticated else found


def choose_activity(request: HttpRequest, place: int) -> Identified | None:
    """Keeps for which of their activities somebody comes; None when there is nobody, or no such activity."""
    found = identified(request)
    if found is None or not 0 <= place < len(found.activities):
        return None
    found.activity = place
    request.session[IDENTIFIED] = msgspec.to_builtins(found)
    return found


def _account(professional: Professional) -> Person | None:
    """The account that bears a number of theirs."""
    found = list(Person.objects.filter(national_id__in=professional.identifiers)[:2])
    if len(found) > 1:
        raise SignInRefused("identity_conflict")
    return found[0] if found else None


def _confirm(request: HttpRequest, person: Person | None, by: By) -> None:
    if not request.user.is_authenticated:
        raise SignInRefused("not_signed_in")
    if person is None or person.pk != request.user.pk:
        raise SignInRefused("another_person")
    confirmed(request, person, by)


def confirmed(request: HttpRequest, person: Person, method: str) -> None:
    """Notes in the session that its person has just proved again that it is them."""
    record_authentication(request, person, method=method, reauthenticated=True)
    SessionStore.of(request).note_confirmed()
    sign_in_audit.confirmed(request, person, method)


def _link(request: HttpRequest, person: Person | None, professional: Professional) -> Person:
    """The account that is open in this browser, if it can be this professional's."""
    holder = request.user
    if not isinstance(holder, Person):
        raise SignInRefused("not_signed_in")
    theirs = holder.national_id is None or holder.national_id in professional.identifiers
    same_name = names.surname_keys(holder.last_name) & names.surname_keys(professional.last_name)
    if (person is not None and person.pk != holder.pk) or not theirs or not same_name:
        raise SignInRefused("another_person")
    return holder


def _is_named(person: Person, professional: Professional) -> bool:
    """Whether surname and first name are those of the professional; of several first names, one is enough."""
    surnames = names.surname_keys(person.last_name) & names.surname_keys(professional.last_name)
    firsts = {names.key(one) for one in person.first_name.split()} & {
        names.key(one) for one in professional.first_name.split()
    }
    return bool(surnames and firsts)


def _keep(request: HttpRequest, professional: Professional, how: Proven) -> None:
    found = Identified(professional=professional, by=how.by, sid=how.sid, at=time.time())
    request.session[IDENTIFIED] = msgspec.to_builtins(found)
    if how.id_token:
        request.session[ID_TOKEN] = how.id_token


def _sign_in(request: HttpRequest, person: Person, subject: str, how: Proven) -> None:
    """Opens a session under a new key. A card and its PIN count as two factors of ours."""
    person = Person.objects.get(pk=person.pk)
    record_authentication(request, person, method=how.by)
    get_adapter().login(request, person, HowOpened(how.by, True, subject, how.sid))


def _withdraw(identifiers: Iterable[str], linking: Person | None) -> None:
    """The provider says that somebody practises nothing any more: their verification does not hold. That goes for
    whoever has the number, and for whoever claims it as the holder of the card; not for anybody else who claims it."""
    numbers = list(identifiers)
    found = set(Person.objects.filter(national_id__in=numbers).values_list("pk", flat=True))
    if linking is not None and linking.claimed_id in numbers:
        found.add(linking.pk)
    for person in sorted(found):
        dispatch(SYSTEM, RefuseProof(person=person, reason="not_practising"))
