"""What a signed token proves, and every way in which one proves nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from identity.authentication.psc import tokens
from identity.authentication.psc.tokens import (
    LOGOUT_EVENT,
    LOGOUT_OLDEST,
    OLDEST,
    Expected,
    Logout,
    TokenRefused,
    UnknownKey,
    read_id_token,
    read_logout_token,
)

NOW = 1_790_000_000
ISSUER = "https://psc.example.fr/realms/wallet"
EXPECTED = Expected(ISSUER, "relais")
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "relais",
    "sub": "f:realm:855000000004",
    "sid": "s-1",
    "iat": NOW,
    "exp": NOW + 120,
    "auth_time": NOW - 5,
    "nonce": "n-1",
    "acr": "eidas1",
}
LOGOUT: dict[str, Any] = {
    "iss": ISSUER,
    "aud": ["relais"],
    "iat": NOW,
    "jti": "j-1",
    "sub": "f:realm:855000000004",
    "sid": "s-1",
    "events": {LOGOUT_EVENT: {}},
}


@cache
def _key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


def key(name: str = "psc-1") -> RSAKey:
    return _key(name)


def published(*named: RSAKey) -> KeySet:
    return tokens.keys({"keys": [one.as_dict(private=False) for one in named or (key(),)]})


def signed(claims: dict[str, Any], by: RSAKey | None = None, header: dict[str, Any] | None = None) -> str:
    by = by or key()
    return jwt.encode({"alg": "RS256", "kid": by.kid, **(header or {})}, claims, by)


def forged(claims: dict[str, Any], algorithm: str, secret: bytes) -> str:
    """A token as a forger makes it, who has no key of the provider's."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    said = f"{part({'alg': algorithm, 'kid': 'psc-1'})}.{part(claims)}"
    mark = hmac.new(secret, said.encode(), hashlib.sha256).digest() if secret else b""
    return f"{said}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def read(token: str, keys: KeySet | None = None, **changes: Any) -> tokens.Proof:
    given: dict[str, Any] = {"nonce": "n-1", "acr": {"eidas1", "eidas3"}, "now": NOW, **changes}
    return read_id_token(token, keys or published(), EXPECTED, **given)


def refused(token: str, keys: KeySet | None = None, **changes: Any) -> str:
    with pytest.raises(TokenRefused) as error:
        read(token, keys, **changes)
    return error.value.code


def without(claims: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in names}


def test_a_sound_token_proves_who_signed_in() -> None:
    proof = read(signed(CLAIMS))
    assert (proof.sub, proof.sid, proof.authenticated_at) == ("f:realm:855000000004", "s-1", NOW - 5)


@pytest.mark.parametrize("acr", ["eidas1", "eidas3"])
def test_each_accepted_level_is_accepted(acr: str) -> None:
    assert read(signed({**CLAIMS, "acr": acr})).sub


@pytest.mark.parametrize("claims", [{**CLAIMS, "acr": "eidas0"}, {**CLAIMS, "acr": "0"}, without(CLAIMS, "acr")])
def test_a_level_that_is_not_accepted_is_refused(claims: dict[str, Any]) -> None:
    assert refused(signed(claims)) == "acr"


def test_no_level_is_accepted_where_the_settings_say_so() -> None:
    assert read(signed(without(CLAIMS, "acr")), acr={"eidas1", "none"}).sub
    assert refused(signed({**CLAIMS, "acr": "eidas0"}), acr={"eidas1", "none"}) == "acr"


@pytest.mark.parametrize("claims", [{**CLAIMS, "nonce": "another"}, without(CLAIMS, "nonce"), {**CLAIMS, "nonce": ""}])
def test_a_wrong_or_missing_nonce_is_refused(claims: dict[str, Any]) -> None:
    assert refused(signed(claims)) == "nonce"


def test_what_was_asked_without_a_nonce_needs_none() -> None:
    assert read(signed(without(CLAIMS, "nonce")), nonce=None).sub


def test_a_signature_by_another_key_of_the_same_name_is_refused() -> None:
    other = RSAKey.generate_key(2048, {"kid": "psc-1", "use": "sig"})
    assert refused(signed(CLAIMS, other)) == "bad_signature"


def test_a_changed_token_is_refused() -> None:
    head, body, mark = signed(CLAIMS).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "somebody"}).encode()).rstrip(b"=").decode()
    assert refused(f"{head}.{changed}.{mark}") == "bad_signature"


def test_a_key_that_is_not_published_is_told_apart_so_that_new_keys_can_be_asked_for() -> None:
    with pytest.raises(UnknownKey):
        read(signed(CLAIMS, key("psc-2")))
    assert read(signed(CLAIMS, key("psc-2")), published(key(), key("psc-2"))).sub


def test_hs256_is_refused_with_the_client_s_secret_and_with_the_public_key_as_a_secret() -> None:
    public = key().as_pem(private=False)
    for secret in (b"the client's secret", public, str(key().as_dict(private=False)["n"]).encode()):
        assert refused(forged(CLAIMS, "HS256", secret)) == "unsupported_algorithm"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "RS384", "PS256", ""])
def test_no_algorithm_but_the_one_is_taken(algorithm: str) -> None:
    assert refused(forged(CLAIMS, algorithm, b"")) in {"unsupported_algorithm", "bad_signature", "decode_error"}


def test_rs512_by_the_provider_s_own_key_is_refused() -> None:
    token = jwt.encode({"alg": "RS512", "kid": "psc-1"}, CLAIMS, key(), algorithms=["RS512"])
    assert refused(token) == "unsupported_algorithm"


def test_a_key_that_the_token_brings_along_is_not_used() -> None:
    mine = RSAKey.generate_key(2048, {"kid": "psc-1"})
    brought = {"jwk": mine.as_dict(private=False)}
    assert refused(signed(CLAIMS, mine, brought)) in {"bad_signature", "exceeded_size"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": NOW - 61}, "expired"),
        ({"iss": "https://psc.example.fr/realms/other"}, "invalid_claim"),
        ({"aud": "another"}, "invalid_claim"),
        ({"aud": ["another"]}, "invalid_claim"),
        ({"aud": ["relais", "another"]}, "authorized_party"),
        ({"azp": "another"}, "authorized_party"),
        ({"iat": NOW + 600}, "invalid_claim"),
        ({"iat": NOW - OLDEST - 61}, "issued_at"),
        ({"iat": "yesterday"}, "invalid_claim"),
        ({"nbf": NOW + 600}, "invalid_claim"),
        ({"sub": ""}, "no_subject"),
        ({"sub": 3}, "invalid_claim"),
        ({"sub": "s" * 256}, "no_subject"),
    ],
)
def test_a_token_of_or_for_somebody_else_or_of_another_time_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refused(signed({**CLAIMS, **changes})) == code


@pytest.mark.parametrize("name", ["iss", "aud", "iat", "exp", "sub"])
def test_a_token_that_lacks_a_claim_is_refused(name: str) -> None:
    assert refused(signed(without(CLAIMS, name)))


def test_several_audiences_are_fine_when_it_was_made_for_us() -> None:
    assert read(signed({**CLAIMS, "aud": ["relais", "another"], "azp": "relais"})).sub


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "é.é.é", "." * 9, "a.b.c.d.e"])
def test_what_is_no_token_is_refused_in_order(token: str) -> None:
    assert refused(token)


def test_only_sound_rsa_keys_for_signing_are_believed() -> None:
    document = {
        "keys": [
            {**key().as_dict(private=False), "n": key().as_dict(private=False)["n"][:171], "kid": "weak"},
            {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
            {"kty": "EC", "crv": "P-256", "kid": "curve"},
            {**key("for-encryption").as_dict(private=False), "use": "enc"},
            {"kty": "RSA", "n": "!", "e": "AQAB"},
            "nothing",
        ]
    }
    assert tokens.keys(document).keys == []
    with pytest.raises(UnknownKey):
        read_id_token(signed(CLAIMS), tokens.keys(document), EXPECTED, nonce="n-1", acr={"eidas1"}, now=NOW)


def logout(claims: dict[str, Any], now: float = NOW) -> Logout:
    return read_logout_token(signed(claims, header={"typ": "logout+jwt"}), published(), EXPECTED, now=now)


def test_a_logout_token_names_a_session_or_a_subject() -> None:
    assert logout(LOGOUT) == Logout("f:realm:855000000004", "s-1", "j-1")
    assert logout(without(LOGOUT, "sid")).sid == ""
    assert logout(without(LOGOUT, "sub")).sub == ""


@pytest.mark.parametrize(
    "claims",
    [
        without(LOGOUT, "events"),
        {**LOGOUT, "events": {"another": {}}},
        {**LOGOUT, "events": [LOGOUT_EVENT]},
        {**LOGOUT, "nonce": "n"},
        without(LOGOUT, "jti"),
        without(LOGOUT, "sub", "sid"),
        {**LOGOUT, "aud": "another"},
        {**LOGOUT, "iat": NOW - LOGOUT_OLDEST - 61},
        CLAIMS,
    ],
)
def test_no_other_token_ends_sessions(claims: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        logout(claims)
