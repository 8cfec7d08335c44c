"""The demo's own Onfido: its API, and the page on which one chooses what the check of a document finds.

Served by the same process at ``/demo/onfido``, for this machine alone (``RELAIS_DEMO``). What is chosen is told to
Relais as the real provider does, by a signed notice; and Relais asks the API what is true.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.test import RequestFactory
from django.utils.crypto import constant_time_compare
from django.utils.html import format_html, format_html_join
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from identity.onboarding import pages
from server.demo.identity_provider import IdentityProvider
from server.demo.psc import show_page

KEY = "demo-onfido"
LASTS = 7 * 24 * 3600
OTHER_NAME = "KERJEAN"


class Choice(NamedTuple):
    """What somebody lets the check find."""

    words: str
    status: str
    document: str = ""
    """``own``: the names that were declared; ``other``: another name of birth beside them."""


CHOICES = {
    "conforme": Choice("La pièce est à mon nom, et mon visage correspond", "approved", "own"),
    "autre-nom": Choice("La pièce porte un autre nom de naissance", "approved", "other"),
    "floue": Choice("La photo est floue : la pièce est refusée", "declined"),
    "hesite": Choice("Le service hésite : des personnes devront relire", "review", "own"),
    "abandon": Choice("J’abandonne", "abandoned"),
}


class _Kept:
    """What the provider keeps, in the cache: every web process and the worker see it."""

    def get(self, name: str, /) -> Any:
        return cache.get(f"{KEY}:{name}")

    def __setitem__(self, name: str, value: Any, /) -> None:
        cache.set(f"{KEY}:{name}", value, LASTS)

    def __delitem__(self, name: str, /) -> None:
        cache.delete(f"{KEY}:{name}")


def provider() -> IdentityProvider:
    """The provider of this deployment's demo."""
    return IdentityProvider(_Kept(), f"{settings.RELAIS_URL}/demo/onfido/page/")


@csrf_exempt  # Programs ask, by a token.
def api(request: HttpRequest, path: str) -> HttpResponse:
    """One request of the API."""
    if not constant_time_compare(
        request.headers.get("Authorization", ""), f"Token token={settings.RELAIS_ONFIDO_TOKEN}"
    ):
        return JsonResponse({"error": {"type": "authorization_error", "message": "Authorize."}}, status=401)
    answered = provider().answer(request.method or "", path, request.body)
    if answered.body is None:
        return HttpResponse(status=answered.status)
    return JsonResponse(answered.body, status=answered.status, safe=False)


@require_GET
def page(request: HttpRequest, run: str) -> HttpResponse:
    """What the check is to find."""
    found = provider().run(run)
    whose = provider().applicant(found["applicant_id"]) if found else None
    if found is None or whose is None or found["status"] != "awaiting_input":
        return show_page("Onfido", format_html("<p>{}</p>", "Ce contrôle est terminé."), status=404)
    links = format_html_join(
        "",
        '<li><a href="/demo/onfido/end/{}/{}">{}</a></li>',
        ((run, key, choice.words) for key, choice in CHOICES.items()),
    )
    name = f"{whose['first_name']} {whose['last_name']}"
    body = format_html(
        "<p>Pièce d’identité et visage de <strong>{}</strong>. Que trouve le contrôle ?</p><ul>{}</ul>", name, links
    )
    return show_page("Onfido", body)


@require_GET
def end(request: HttpRequest, run: str, choice: str) -> HttpResponse:
    """Ends the run, tells Relais, and sends the browser back there."""
    found = provider().run(run)
    whose = provider().applicant(found["applicant_id"]) if found else None
    chosen = CHOICES.get(choice)
    if found is None or whose is None or chosen is None:
        return show_page("Onfido", format_html("<p>{}</p>", "Ce contrôle n’existe pas."), status=404)
    provider().end(run, chosen.status, **_document(chosen, whose))
    _tell(run, chosen.status)
    return HttpResponseRedirect(found["link"].get("completed_redirect_url") or settings.RELAIS_URL)


def _document(chosen: Choice, whose: dict[str, Any]) -> dict[str, str]:
    if not chosen.document:
        return {}
    last = whose["last_name"].upper()
    names = {"last_name": last} if chosen.document == "own" else {"last_name": OTHER_NAME, "spouse_name": last}
    return {"document_type": "passport", "issuing_country": "FRA", "first_name": whose["first_name"].upper(), **names}


def _tell(run: str, status: str) -> None:
    """The signed notice, by the way that the real one comes."""
    about = {"id": run, "status": status}
    payload = {"resource_type": "workflow_run", "action": "workflow_run.completed", "object": about}
    body = json.dumps({"payload": payload}).encode()
    signature = hmac.new(settings.RELAIS_ONFIDO_WEBHOOK_TOKEN.encode(), body, hashlib.sha256).hexdigest()
    request = RequestFactory().post(
        "/webhooks/onfido", body, "application/json", headers={"x-sha2-signature": signature}
    )
    pages.notice(request)
