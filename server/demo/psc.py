"""The demo's own Pro Santé Connect: a page on which one chooses a card, and the phone on which one says yes.

It is an OpenID provider as far as Relais asks for one, served by the same process at ``/demo/psc``, for this machine
alone (``RELAIS_DEMO``). Whoever opens it is whoever they choose to be: nothing here keeps anybody out.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.html import format_html, format_html_join
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from joserfc import jwt
from joserfc.jwk import RSAKey

from identity.authentication.psc.configuration import DEMO_CLIENT_ID
from identity.authentication.psc.provider import CIBA_GRANT, redirect_uri, signed_out_uri
from server.demo.cards import CARDS, Card

KEY = "demo-psc-key"
QUESTIONS = "demo-psc-questions"
SECONDS = 120
MOST = 20
"""Questions that the phone shows."""

PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>Démonstration : {title}</title></head>
<body><main><h1>{title}</h1><p>Ceci est la démonstration de Relais : aucune de ces personnes n’existe, et rien ne sort
de cette machine.</p>{body}</main></body></html>"""


@require_GET
def discovery(request: HttpRequest) -> HttpResponse:
    issuer = _issuer()
    named = {
        "authorization_endpoint": "auth",
        "token_endpoint": "token",
        "userinfo_endpoint": "userinfo",
        "jwks_uri": "certs",
        "end_session_endpoint": "logout",
        "backchannel_authentication_endpoint": "ciba",
    }
    return JsonResponse({"issuer": issuer, **{name: f"{issuer}/{path}" for name, path in named.items()}})


@require_GET
def authorize(request: HttpRequest) -> HttpResponse:
    """The page on which one chooses a card."""
    asked = _asked(request.GET)
    if asked is None:
        return HttpResponse("This is not a request of Relais.", status=400, content_type="text/plain")
    kept = signing.dumps(asked, salt=KEY)
    links = format_html_join(
        "",
        '<li><a href="/demo/psc/choose?card={}&amp;request={}">{}</a> {}</li>',
        ((card.key, kept, card.name, card.remark) for card in CARDS),
    )
    body = format_html(
        '<p>Quelle carte est dans le lecteur ?</p><ul>{}</ul><p><a href="/demo/psc/choose?request={}">Annuler</a></p>',
        links,
        kept,
    )
    return show_page("Pro Santé Connect", body)


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Sends the browser back with a code for the card that was chosen, or with a refusal."""
    asked = _read(request.GET.get("request", ""))
    if asked is None:
        return HttpResponseRedirect("/connexion")
    card = _card(request.GET.get("card", ""))
    answer = {"state": asked["state"], "iss": _issuer()}
    if card is None:
        answer["error"] = "access_denied"
    else:
        answer["code"] = signing.dumps({**asked, "card": card.key, "at": int(time.time())}, salt=f"{KEY}.code")
    return HttpResponseRedirect(f"{redirect_uri()}?{urlencode(answer)}")


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Tokens for a code, or for an answer on the phone."""
    if not _is_relais(request):
        return _error("invalid_client")
    if request.POST.get("grant_type") == CIBA_GRANT:
        return _token_of_answer(request.POST.get("auth_req_id", ""))
    given = _read(request.POST.get("code", ""), "code")
    digest = hashlib.sha256(request.POST.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if given is None or given["code_challenge"] != challenge or not cache.add(f"{KEY}:{digest.hex()}", 1, SECONDS):
        return _error("invalid_grant")
    card = _card(given["card"])
    return _tokens(card, nonce=given["nonce"], acr="eidas1", auth_time=given["at"]) if card else _error("invalid_grant")


@require_GET
def userinfo(request: HttpRequest) -> HttpResponse:
    given = _read((request.headers.get("Authorization") or "").removeprefix("Bearer "), "access")
    card = _card(given["card"]) if given else None
    return JsonResponse(card.userinfo()) if card else _error("invalid_token", 401)


@require_GET
def certs(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"keys": [{**_key().as_dict(private=False), "use": "sig", "alg": "RS256"}]})


@require_GET
def logout(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(signed_out_uri())


@csrf_exempt
@require_POST
def ask_phone(request: HttpRequest) -> HttpResponse:
    """Puts a question on the phone."""
    card = next((one for one in CARDS if one.national_id == request.POST.get("login_hint")), None)
    if not _is_relais(request):
        return _error("invalid_client")
    if card is None:
        return _error("unknown_user_id")
    asked = secrets.token_urlsafe(24)
    questions = [*_questions(), {"id": asked, "card": card.key, "code": request.POST.get("binding_message", "")}]
    cache.set(QUESTIONS, questions[-MOST:], SECONDS)
    return JsonResponse({"auth_req_id": asked, "expires_in": SECONDS, "interval": 2})


@require_GET
def phone(request: HttpRequest) -> HttpResponse:
    """The phone of everybody, with what it is asked, and the answers."""
    if answered := request.GET.get("question"):
        approved = request.GET.get("answer") == "yes"
        cache.set(
            QUESTIONS,
            [{**one, "approved": approved} if one["id"] == answered else one for one in _questions()],
            SECONDS,
        )
        return HttpResponseRedirect("/demo/psc/telephone")
    open_ones = [one for one in _questions() if "approved" not in one]
    links = format_html_join(
        "",
        '<li>{} : code <strong>{}</strong>. <a href="?question={}&amp;answer=yes">Approuver</a> '
        '<a href="?question={}&amp;answer=no">Refuser</a></li>',
        ((_name(one["card"]), one["code"], one["id"], one["id"]) for one in open_ones),
    )
    return show_page(
        "e-CPS", format_html("<ul>{}</ul>", links) if open_ones else format_html("<p>Rien à approuver.</p>")
    )


def _token_of_answer(asked: str) -> HttpResponse:
    found = next((one for one in _questions() if one["id"] == asked), None)
    if found is None:
        return _error("expired_token")
    if "approved" not in found:
        return _error("authorization_pending")
    cache.set(QUESTIONS, [one for one in _questions() if one["id"] != asked], SECONDS)
    card = _card(found["card"])
    return _tokens(card) if card and found["approved"] else _error("access_denied")


def _tokens(card: Card, **claims: object) -> HttpResponse:
    now = int(time.time())
    said = {"iss": _issuer(), "aud": DEMO_CLIENT_ID, "sub": card.sub, "sid": card.key, "iat": now, "exp": now + SECONDS}
    key = _key()
    return JsonResponse(
        {
            "id_token": jwt.encode({"alg": "RS256", "kid": key.kid}, {**said, **claims}, key),
            "access_token": signing.dumps({"card": card.key}, salt=f"{KEY}.access"),
            "token_type": "Bearer",
            "expires_in": SECONDS,
        }
    )


def _asked(query: Mapping[str, str]) -> dict[str, str] | None:
    wanted = ("state", "nonce", "code_challenge")
    is_ours = query.get("client_id") == DEMO_CLIENT_ID and query.get("redirect_uri") == redirect_uri()
    return {name: query[name] for name in wanted} if is_ours and all(query.get(name) for name in wanted) else None


def _is_relais(request: HttpRequest) -> bool:
    shown = (request.headers.get("Authorization") or "").removeprefix("Basic ")
    expected = f"{DEMO_CLIENT_ID}:{settings.RELAIS_PSC.client_secret}" if settings.RELAIS_PSC else ""
    return bool(expected) and secrets.compare_digest(shown, base64.b64encode(expected.encode()).decode())


def _issuer() -> str:
    return f"{settings.RELAIS_URL}/demo/psc"


def _read(text: str, purpose: str = "") -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = signing.loads(text, salt=f"{KEY}.{purpose}" if purpose else KEY, max_age=600)
    except signing.BadSignature:
        return None
    return found


def _key() -> RSAKey:
    """The key that signs, the same for all processes of this demo."""
    kept = cache.get(KEY)
    if kept is None:
        made = RSAKey.generate_key(2048).as_pem(private=True)
        kept = made.decode() if cache.add(KEY, made.decode(), None) else cache.get(KEY)
    return RSAKey.import_key(kept, {"kid": hashlib.sha256(kept.encode()).hexdigest()[:16]})


def _questions() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cache.get(QUESTIONS, [])
    return found


def _card(key: str) -> Card | None:
    return next((one for one in CARDS if one.key == key), None)


def _name(key: str) -> str:
    card = _card(key)
    return card.name if card else ""


def show_page(title: str, body: str, status: int = 200) -> HttpResponse:
    """A page of the demo, which says that it is one."""
    return HttpResponse(format_html(PAGE, title=title, body=body), status=status)


def _error(code: str, status: int = 400) -> HttpResponse:
    return JsonResponse({"error": code}, status=status)
