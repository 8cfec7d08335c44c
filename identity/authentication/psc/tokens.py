"""What a signed token of Pro Santé Connect proves. Pure: keys, time and what was asked for are given.

The algorithm is RS256 whatever the header says; a key of the header is never used. ``TokenRefused`` carries a code.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, RSAKey
from joserfc.jwt import JWTClaimsRegistry

ALGORITHMS = ["RS256"]
NO_ACR = "none"
"""Among the accepted levels: a token that names none is accepted too."""
KEY_BITS = 2048
"""The smallest modulus that is believed."""
LEEWAY = 60
"""Seconds by which the clocks of both sides may differ."""
OLDEST = 600
"""Seconds since a token was issued: it comes straight from the provider."""
LOGOUT_OLDEST = 120
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class TokenRefused(Exception):
    """A token that proves nothing. ``code`` is for the audit and the log, and never shows the token."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UnknownKey(TokenRefused):
    """It is signed by a key that is not among those given: the provider may have a new one."""

    def __init__(self) -> None:
        super().__init__("unknown_key")


@dataclass(frozen=True, slots=True)
class Expected:
    """Of whom a token must be, and for whom."""

    issuer: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What an ID token says: who signed in (``sub``), in which session of the provider's, when."""

    sub: str
    sid: str
    authenticated_at: float | None


@dataclass(frozen=True, slots=True)
class Logout:
    """Whose sessions have ended: those of one session of the provider's, or all of a subject."""

    sub: str
    sid: str
    jti: str


def keys(document: Mapping[str, Any]) -> KeySet:
    """The signing keys of a JWKS document; what is no RSA key of a sound size is left out."""
    found = []
    for one in document.get("keys", []):
        if not isinstance(one, dict) or one.get("kty") != "RSA" or one.get("use", "sig") != "sig":
            continue
        if len(str(one.get("n", ""))) * 6 < KEY_BITS:  # base64
            continue
        with contextlib.suppress(JoseError, ValueError):
            found.append(RSAKey.import_key({name: str(one[name]) for name in ("kty", "n", "e", "kid") if name in one}))
    return KeySet(list(found))


def read_id_token(
    token: str,
    signed_by: KeySet,
    expected: Expected,
    *,
    nonce: str | None,
    acr: Collection[str],
    now: float,
) -> Proof:
    """Who has signed in. ``nonce`` is the one of the request; None when the request had none (CIBA)."""
    claims = _claims(token, signed_by, expected, now)
    _check_age(claims, now, OLDEST)
    if "exp" not in claims:
        raise TokenRefused("no_expiry")
    if nonce is not None and not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise TokenRefused("nonce")
    if str(claims.get("acr") or NO_ACR) not in acr:
        raise TokenRefused("acr")
    return Proof(
        sub=_text(claims, "sub") or _refuse("no_subject"),
        sid=_text(claims, "sid"),
        authenticated_at=_seconds(claims, "auth_time"),
    )


def read_logout_token(token: str, signed_by: KeySet, expected: Expected, *, now: float) -> Logout:
    """Whose sessions the provider has ended (OpenID Connect Back-Channel Logout 1.0, section 2.6)."""
    claims = _claims(token, signed_by, expected, now)
    _check_age(claims, now, LOGOUT_OLDEST)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise TokenRefused("not_a_logout")
    if "nonce" in claims:
        raise TokenRefused("nonce")
    found = Logout(_text(claims, "sub"), _text(claims, "sid"), _text(claims, "jti") or _refuse("no_jti"))
    if not (found.sub or found.sid):
        raise TokenRefused("no_subject")
    return found


def _claims(token: str, signed_by: KeySet, expected: Expected, now: float) -> dict[str, Any]:
    """The claims of a token that is signed, of the provider, for us and not expired."""
    try:
        if not signed_by.keys:
            raise UnknownKey
        claims = jwt.decode(token, signed_by, algorithms=ALGORITHMS).claims
        JWTClaimsRegistry(
            now=int(now),
            leeway=LEEWAY,
            iss={"essential": True, "value": expected.issuer},
            aud={"essential": True, "value": expected.client_id},
        ).validate(claims)
    except InvalidKeyIdError:
        raise UnknownKey from None
    except ExpiredTokenError:
        raise TokenRefused("expired") from None
    except JoseError as error:
        raise TokenRefused(error.error or "malformed") from None
    except (ValueError, TypeError):
        raise TokenRefused("malformed") from None
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != expected.client_id:
        raise TokenRefused("authorized_party")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise TokenRefused("authorized_party")
    return claims


def _check_age(claims: Mapping[str, Any], now: float, oldest: float) -> None:
    issued = _seconds(claims, "iat")
    if issued is None or now - issued > oldest + LEEWAY:
        raise TokenRefused("issued_at")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) and len(value) <= 255 else ""


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _refuse(code: str) -> str:
    raise TokenRefused(code)
