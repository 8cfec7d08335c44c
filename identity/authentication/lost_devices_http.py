"""``POST auth/wiped``: a lost device says, by the key of its session that has ended, that it has destroyed what it
kept."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from identity.authentication.internal_commands import NoteWiped
from identity.sessions.store import digest
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch


@require_POST
def wiped(request: HttpRequest) -> HttpResponse:
    """The same answer whatever key is shown; the browser keeps it no longer."""
    if key := request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        dispatch(SYSTEM, NoteWiped(key_digest=digest(key)))
    response = JsonResponse({"status": HTTPStatus.OK})
    response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
    return response
