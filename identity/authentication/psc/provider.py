"""How Relais speaks with Pro Santé Connect: its discovery document, its keys, and the four things that are asked of it.

A provider that is slow or down holds up nobody else: a few exchanges run at once in a process, each ends after
``SECONDS`` as a whole, and who finds no place is told to come back. Nothing here touches the database, and no
transaction is open meanwhile. Neither a proxy of the environment nor a redirection may take a secret elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic, time
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from django.conf import settings
from joserfc.jwk import KeySet

from identity.authentication.psc import tokens
from identity.authentication.psc.configuration import Configuration

log = logging.getLogger("identity.psc")

SECONDS = 10.0
"""For all that is asked of the provider in one request of a browser's."""
CONNECT_SECONDS, READ_SECONDS = 3.0, 5.0
AT_ONCE = 3
"""Exchanges of a process: fewer than the requests that may be in Django, so that others always find a place."""
WAIT_SECONDS = 0.5
ANSWER_BYTES = 256 * 1024
DISCOVERY = "/.well-known/wallet-openid-configuration"
"""Where Pro Santé Connect has what others have at ``openid-configuration``."""
FRESH_SECONDS, STALE_SECONDS = 3600.0, 24 * 3600.0
"""How old a discovery document and keys may be; and how old while the provider does not answer."""
NEW_KEYS_SECONDS = 30.0
"""A token of an unknown key makes us ask for keys at most so often."""
SCOPE = "openid scope_all"
ACR = "eidas1"
T = TypeVar("T")

CIBA_GRANT = "urn:openid:params:grant-type:ciba"


class ProviderUnavailable(Exception):
    """It did not answer, or not in words that can be read: later it may. ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProviderRefused(Exception):
    """It said no: ``code`` is the OAuth error, such as ``invalid_grant`` or ``access_denied``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PushPending(Exception):
    """Nobody has answered on the phone yet; ``slow_down``: we asked too early."""

    def __init__(self, *, slow_down: bool) -> None:
        super().__init__()
        self.slow_down = slow_down


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The provider's addresses."""

    authorization: str
    token: str
    userinfo: str
    jwks: str
    end_session: str
    push: str
    secret_in_body: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code, or an answer on a phone, was exchanged for."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Push:
    """A question that was sent to somebody's phone."""

    request: str = field(repr=False)
    expires_in: int
    interval: int


def redirect_uri() -> str:
    """Where the provider sends browsers back to; registered there character by character."""
    return f"{settings.RELAIS_URL}/auth/psc/callback"


def signed_out_uri() -> str:
    """Where the provider sends browsers to that it has signed out; registered likewise."""
    return f"{settings.RELAIS_URL}/auth/psc/signed-out"


class Provider:
    """One provider, as this process knows it."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.expected = tokens.Expected(configuration.issuer, configuration.client_id)
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()
        self.endpoints: tuple[float, Endpoints] | None = None
        self.keys: tuple[float, KeySet] | None = None

    @contextlib.contextmanager
    def exchange(self) -> Iterator[Exchange]:
        """A place among the exchanges, for as long as one may take. ``ProviderUnavailable`` when there is none."""
        if not self._places.acquire(timeout=WAIT_SECONDS):
            raise ProviderUnavailable("busy")
        try:
            yield Exchange(self, monotonic() + SECONDS)
        finally:
            self._places.release()

    @property
    def client(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                context = ssl.create_default_context()
                if self.configuration.certificate:
                    context.load_cert_chain(self.configuration.certificate, self.configuration.certificate_key)
                self._client = httpx.Client(verify=context, trust_env=False, follow_redirects=False)
            return self._client


class Exchange:
    """What is asked of the provider while one browser waits. Each method raises ``ProviderUnavailable`` or
    ``ProviderRefused``."""

    def __init__(self, provider: Provider, ends_at: float) -> None:
        self._provider = provider
        self._configuration = provider.configuration
        self._ends_at = ends_at
        self.sandbox = self._configuration.sandbox

    def endpoints(self) -> Endpoints:
        """The provider's addresses, asked for once an hour. An old answer serves a day while it gives none."""
        known = self._provider.endpoints
        age = monotonic() - known[0] if known else STALE_SECONDS
        if known and age < FRESH_SECONDS:
            return known[1]
        try:
            _, document = self._send("GET", self._configuration.issuer + DISCOVERY)
            found = _endpoints(document, self._configuration)
        except ProviderUnavailable:
            if known and age < STALE_SECONDS:
                return known[1]
            raise
        self._provider.endpoints = (monotonic(), found)
        return found

    def authorization_url(self, **parameters: str) -> str:
        """Where a browser goes to sign in."""
        query = {
            "response_type": "code",
            "client_id": self._configuration.client_id,
            "scope": SCOPE,
            "acr_values": ACR,
            "redirect_uri": redirect_uri(),
            **parameters,
        }
        address = self.endpoints().authorization
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"

    def end_session_url(self, id_token: str, state: str) -> str:
        """Where a browser goes to sign out of the provider too; empty when the provider has no such address."""
        address = self.endpoints().end_session
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": signed_out_uri(), "state": state}
        return f"{address}?{urlencode(query)}" if address else ""

    def redeem(self, code: str, verifier: str) -> Tokens:
        """The tokens for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri(),
            "code_verifier": verifier,
        }
        return _tokens(self._post(self.endpoints().token, form))

    def push(self, login_hint: str, binding_message: str) -> Push:
        """Asks somebody on their phone whether it is them."""
        address = self.endpoints().push
        if not address:
            raise ProviderUnavailable("no_push")
        form = {
            "scope": SCOPE,
            "login_hint": login_hint,
            "binding_message": binding_message,
            "acr_values": ACR,
        }
        answer = self._post(address, form)
        request = answer.get("auth_req_id")
        if not isinstance(request, str) or not request:
            raise ProviderUnavailable("malformed")
        return Push(request, _seconds(answer.get("expires_in"), 120), _seconds(answer.get("interval"), 5))

    def pushed(self, request: str) -> Tokens:
        """The tokens for an answer on the phone; ``PushPending`` until there is one."""
        try:
            return _tokens(self._post(self.endpoints().token, {"grant_type": CIBA_GRANT, "auth_req_id": request}))
        except ProviderRefused as refused:
            if refused.code in {"authorization_pending", "slow_down"}:
                raise PushPending(slow_down=refused.code == "slow_down") from None
            raise

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """What the provider says of whom it has identified."""
        _, answer = self._send("GET", self.endpoints().userinfo, headers={"Authorization": f"Bearer {access_token}"})
        return answer

    def id_token(self, token: str, *, nonce: str | None) -> tokens.Proof:
        """What an ID token proves; ``tokens.TokenRefused``."""
        accepted = self._configuration.acr
        return self._read(
            lambda keys: tokens.read_id_token(
                token, keys, self._provider.expected, nonce=nonce, acr=accepted, now=time()
            )
        )

    def logout_token(self, token: str) -> tokens.Logout:
        """Whose sessions a logout token ends; ``tokens.TokenRefused``."""
        return self._read(lambda keys: tokens.read_logout_token(token, keys, self._provider.expected, now=time()))

    def _read(self, read: Callable[[KeySet], T]) -> T:
        """Reads a token; one of an unknown key is read again with the keys of now."""
        try:
            return read(self._keys(FRESH_SECONDS))
        except tokens.UnknownKey:
            return read(self._keys(NEW_KEYS_SECONDS))

    def _keys(self, older_than: float) -> KeySet:
        known = self._provider.keys
        age = monotonic() - known[0] if known else STALE_SECONDS
        if known and age < older_than:
            return known[1]
        try:
            _, document = self._send("GET", self.endpoints().jwks)
        except (ProviderUnavailable, ProviderRefused) as error:
            if known and age < STALE_SECONDS:
                return known[1]
            raise ProviderUnavailable("keys") from error
        found = tokens.keys(document)
        self._provider.keys = (monotonic(), found)
        return found

    def _post(self, address: str, form: dict[str, str]) -> dict[str, Any]:
        """Sends a form with what proves that it is ours."""
        configuration, headers = self._configuration, {"Accept": "application/json"}
        authentication = None
        if configuration.certificate:
            form = {**form, "client_id": configuration.client_id}
        elif self.endpoints().secret_in_body:
            form = {**form, "client_id": configuration.client_id, "client_secret": configuration.client_secret}
        else:
            named = (configuration.client_id, configuration.client_secret)
            authentication = httpx.BasicAuth(*(quote_plus(one) for one in named))  # RFC 6749, section 2.3.1
        _, answer = self._send("POST", address, headers=headers, data=form, auth=authentication)
        return answer

    def _send(self, method: str, address: str, **options: Any) -> tuple[int, dict[str, Any]]:
        """One request and its answer, a JSON object."""
        remaining = self._ends_at - monotonic()
        if remaining <= 0:
            raise ProviderUnavailable("timeout")
        limits = httpx.Timeout(min(READ_SECONDS, remaining), connect=min(CONNECT_SECONDS, remaining))
        body = bytearray()
        try:
            with self._provider.client.stream(method, address, timeout=limits, **options) as response:
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > ANSWER_BYTES:
                        raise ProviderUnavailable("too_large")
                    if monotonic() > self._ends_at:
                        raise ProviderUnavailable("timeout")
        except httpx.TimeoutException:
            raise ProviderUnavailable("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise ProviderUnavailable("unreachable") from error
        return response.status_code, _object(response.status_code, bytes(body))


def _object(status: int, body: bytes) -> dict[str, Any]:
    if status >= 500 or 300 <= status < 400 or status == 429:
        raise ProviderUnavailable(f"http_{status}")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if status >= 400:
        code = found.get("error") if isinstance(found, dict) else None
        raise ProviderRefused(code if isinstance(code, str) and code.isidentifier() else f"http_{status}")
    if not isinstance(found, dict):
        raise ProviderUnavailable("malformed")
    return found


def _endpoints(document: dict[str, Any], configuration: Configuration) -> Endpoints:
    """The addresses of a discovery document. One of another issuer, or with addresses less safe than the issuer's, is
    none."""
    if document.get("issuer") != configuration.issuer:
        raise ProviderUnavailable("another_issuer")
    with_certificate = document.get("mtls_endpoint_aliases") if configuration.certificate else None
    aliases = with_certificate if isinstance(with_certificate, dict) else {}

    def address(name: str, *, required: bool = True) -> str:
        found = aliases.get(name) or document.get(name) or ""
        schemes = {"https", urlsplit(configuration.issuer).scheme}
        if isinstance(found, str) and urlsplit(found).scheme in schemes:
            return found
        if required or found:
            raise ProviderUnavailable("discovery")
        return ""

    methods = document.get("token_endpoint_auth_methods_supported")
    return Endpoints(
        authorization=address("authorization_endpoint"),
        token=address("token_endpoint"),
        userinfo=address("userinfo_endpoint"),
        jwks=address("jwks_uri"),
        end_session=address("end_session_endpoint", required=False),
        push=address("backchannel_authentication_endpoint", required=False),
        secret_in_body=isinstance(methods, list) and "client_secret_basic" not in methods,
    )


def _tokens(answer: dict[str, Any]) -> Tokens:
    found = Tokens(str(answer.get("id_token") or ""), str(answer.get("access_token") or ""))
    if not (found.id_token and found.access_token):
        raise ProviderUnavailable("malformed")
    return found


def _seconds(value: object, usual: int) -> int:
    return min(max(value, 1), 600) if isinstance(value, int) and not isinstance(value, bool) else usual


@lru_cache(maxsize=4)
def provider_of(configuration: Configuration) -> Provider:
    """The one provider of a configuration in this process."""
    return Provider(configuration)


def provider() -> Provider | None:
    """The provider of this deployment; None: nobody signs in by Pro Santé Connect."""
    return provider_of(settings.RELAIS_PSC) if settings.RELAIS_PSC else None
