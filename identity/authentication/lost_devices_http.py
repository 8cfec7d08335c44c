"""Lost devices over HTTP. By ``POST auth/wiped`` one says, with the key of its session that has ended, that it has
destroyed what it kept. Until then its browser keeps that key, whatever else it asks for."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.http import require_POST

from identity.authentication.access import is_lost
from identity.authentication.internal_commands import NoteWiped
from identity.sessions.store import digest
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch


class LostDeviceMiddleware(MiddlewareMixin):
    """A device that is to be wiped keeps the cookie of its session that has ended. Without it, it would be anybody:
    what it keeps would stay there, or nobody would be told that it is gone."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        answered = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if key and answered is not None and not answered.value and is_lost(key):
            del response.cookies[settings.SESSION_COOKIE_NAME]
        return response


@require_POST
def wiped(request: HttpRequest) -> HttpResponse:
    """The same answer whatever key is shown; the browser keeps it no longer."""
    if key := request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        dispatch(SYSTEM, NoteWiped(key_digest=digest(key)))
    response = JsonResponse({"status": HTTPStatus.OK})
    response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
    return response
