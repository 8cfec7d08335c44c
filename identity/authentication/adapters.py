"""How allauth signs people in here: the few places where Relais differs from its defaults.

An unknown e-mail, a wrong password and a closed account get one answer, and take the same time: allauth hashes the
given password even when there is nobody to compare it with. Only who knows the password of a suspended account is
told that it is suspended. The rate limits count in the Redis cache (``attempts``), and a refusal of the kernel's that
is raised here becomes the answer (``http``). No mail is sent while a request waits: it is a due row.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend as DefaultAuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.authentication import known_devices, second_factor, sign_in_audit, words
from identity.authentication.access import SUSPENDED
from identity.authentication.account_mail import OF_TEMPLATE, Kind
from identity.authentication.attempts import Attempt, TooManyOnAccount
from identity.authentication.http import KNOWN_HERE
from identity.authentication.internal_commands import ChangePassword, TellAccountHolder
from identity.sessions.models import Session
from identity.sessions.store import LABEL, HowOpened, SessionStore, digest
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch

BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac", "Linux")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed for us
    """Sign-in and passwords."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts begin with an invitation or a verification, neither of which is a form that anybody may send."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address by which attempts are counted: of a request that did not come by all our proxies, the peer's."""
        try:
            return str(super().get_client_ip(request))
        except (ImproperlyConfigured, PermissionDenied):
            return str(request.META.get("REMOTE_ADDR", ""))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts the attempt, which allauth takes back if the password is right."""
        email = str(credentials.get("email", ""))
        try:
            self._login_failed_rl_usage = Attempt(request, email)
        except TooManyOnAccount:
            sign_in_audit.warn(email)
            raise

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A due row in place of a mail; ``KeyError`` for one of allauth's mails that has no kind here yet."""
        kind, now = OF_TEMPLATE[template_prefix], timezone.now()
        person = Person.objects.get(email=email.lower())
        dispatch(SYSTEM, TellAccountHolder(person=person.pk, kind=kind, once=now.isoformat()))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        """A closed account is answered like a wrong password, even to who knows the right one."""
        person: Person | None = super().authenticate(request, **credentials)
        if person is None or person.is_active:
            return person
        self.authentication_failed(request, **credentials)
        return None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Somebody gave a wrong password, or named an account that is not there or closed."""
        sign_in_audit.refused(str(credentials.get("email", "")), self.get_client_ip(request))

    def pre_login(self, request: HttpRequest, user: Person, **details: Any) -> HttpResponse | None:
        """Whoever is suspended is told so after the right password, and gets no session."""
        if user.suspended_at is not None:
            clear_login(request)
            error = {"code": SUSPENDED.reason, "message": words.said(SUSPENDED.reason, SUSPENDED.message)}
            body = {"status": 403, "errors": [error]}
            raise ImmediateHttpResponse(JsonResponse(body, status=403))
        refused: HttpResponse | None = super().pre_login(request, user, **details)
        return refused

    def login(self, request: HttpRequest, user: Person, how: HowOpened | None = None) -> None:
        """Signs in, and notes how, on which device. Whoever signs in on a new one is told by mail."""
        how = how or second_factor.how_opened(get_authentication_records(request, user))
        is_known = bool(known_devices.of(request, user.email)) or not Session.objects.filter(person=user).exists()
        super().login(request, user)
        request.META[KNOWN_HERE] = user.email
        request.session[LABEL] = device(request.headers.get("User-Agent", ""))
        SessionStore.of(request).note_opened(how)
        session = sign_in_audit.signed_in(request, user, self.get_client_ip(request))
        if not is_known:
            dispatch(SYSTEM, TellAccountHolder(person=user.pk, kind=Kind.NEW_DEVICE, once=str(session)))

    def reauthenticate(self, user: Person, password: str) -> bool:
        """Whether this is the password of somebody who is signed in."""
        return user.check_password(password)

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Decided before allauth's views are reached, whatever they ask (``second_factor_http.confirmed``)."""
        return False

    def send_notification_mail(self, template_prefix: str, user: Person, *arguments: Any, **named: Any) -> None:
        """What allauth would write a mail about: a change of somebody's factors is entered, and told by ours."""
        if template_prefix in second_factor.CHANGES:
            second_factor.changed(self.request, user, second_factor.CHANGES[template_prefix])

    def set_password(self, user: Person, password: str) -> None:
        """Keeps the new password, and ends every session but the one that is asking."""
        user.password = make_password(password)
        key = self.request.session.session_key
        current = Session.objects.filter(key_digest=digest(key), ended_at=None).first() if key else None
        dispatch(
            acting(user),
            ChangePassword(password=user.password, keep=current.pk if current else None),
        )
        self.send_mail("account/email/password_changed", user.email, {})


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    """Second factors. The secret of a code generator is sealed."""

    def encrypt(self, text: str) -> str:
        return second_factor.sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factor.opened(encrypted_text)


class AuthenticationBackend(DefaultAuthenticationBackend):  # type: ignore[misc]  # as above
    """Whose session a browser shows."""

    def get_user(self, user_id: Any) -> Person | None:
        """A suspended person is signed in nowhere; their sessions are good again once they are reinstated."""
        person: Person | None = super().get_user(user_id)
        return person if person is not None and person.suspended_at is None else None


class HeadlessAdapter(DefaultHeadlessAdapter):  # type: ignore[misc]  # as above
    """What a browser learns of the account it is signed in to."""

    def serialize_user(self, user: Person) -> dict[str, Any]:
        return {"id": str(user.pk), "display": user.name, "email": user.email, "verified": user.verified_at is not None}


def device(agent: str) -> str:
    """A browser as its owner recognises it, from what it says of itself: "Firefox, Windows"."""
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), None)
    system = next((name for name in SYSTEMS if name in agent), None)
    return ", ".join(part for part in (browser, system) if part)
