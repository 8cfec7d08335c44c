"""The provider's notices, and the page from which somebody goes on with their verification."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import escape
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from identity.onboarding import lifecycle, onfido
from identity.onboarding.internal_commands import TakeNotice
from identity.onboarding.models import Verification
from identity.onboarding.verifying import LINK_SALT
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch

WAITING = (
    "On prépare la page du service qui vérifie les pièces d'identité. Elle s'ouvre toute seule dans quelques instants."
)
AWAY = (
    "Le service qui vérifie les pièces d'identité ne répond pas pour l'instant. Rien n'est perdu : fermez cette page si"
    " vous voulez, un e-mail vous dira quand reprendre."
)
OVER = "Cette vérification n'est plus en cours. Retournez à Relais pour voir où elle en est."


@csrf_exempt  # The signature proves who sent it.
@require_POST
def notice(request: HttpRequest) -> HttpResponse:
    """``POST /webhooks/onfido``: the signature first, over the bytes as they came. What is signed is answered with 200,
    understood or not: the provider would send it again for days."""
    token = settings.RELAIS_ONFIDO_WEBHOOK_TOKEN
    body = request.body
    if not token or not onfido.is_signed(body, request.headers.get("X-SHA2-Signature"), token):
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    about = onfido.read_notice(body)
    if about is not None:
        run, key = about
        dispatch(SYSTEM, TakeNotice(key=key, run=run[:60]))
    return HttpResponse(status=HTTPStatus.OK)


@require_GET
def go_on(request: HttpRequest, token: str) -> HttpResponse:
    """``GET /verification/continue/<token>``: leads to the provider's page as soon as there is one. The address opens
    nothing else, and tells nothing of whose verification it is."""
    try:
        wanted = UUID(signing.loads(token, salt=LINK_SALT, max_age=lifecycle.LINK_LASTS))
    except (signing.BadSignature, ValueError, TypeError):
        return _page(OVER, HTTPStatus.NOT_FOUND)
    row = Verification.objects.filter(pk=wanted).first()
    if row is None or row.state not in lifecycle.OPEN or lifecycle.may_start(row.state, row.reason):
        return _page(OVER, HTTPStatus.GONE)
    if row.link and row.state == "awaiting_person":
        return HttpResponseRedirect(row.link)
    if row.state != "pending" or row.step != "begin":
        return HttpResponseRedirect(f"{settings.RELAIS_URL}/verification")
    answer = _page(AWAY if row.step_attempts > 1 else WAITING, HTTPStatus.OK)
    answer["Refresh"] = "30" if row.step_attempts > 1 else "1"
    return answer


def _page(text: str, status: int) -> HttpResponse:
    return HttpResponse(
        '<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>Relais</title><h1>Vérification de l’identité</h1><p>{escape(text)}</p><p><a href="/">Relais</a></p>',
        status=status,
    )
