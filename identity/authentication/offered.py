"""What allauth's configuration lacks: the ways of proving who one is that this Relais offers beside a password."""

from __future__ import annotations

import json
from typing import Any

from allauth.headless.base import views
from django.conf import settings
from django.http import HttpRequest, HttpResponse


def ways() -> list[str]:
    """``psc`` and ``cps``, where this Relais is set up for them."""
    found = {"psc": settings.RELAIS_PSC, "cps": settings.RELAIS_CPS}
    return [way for way, configuration in found.items() if configuration is not None]


class ConfigView(views.ConfigView):
    """``GET config``: allauth's own, with ``ways``."""

    def get(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        answered: HttpResponse = super().get(request, *arguments, **named)
        body = json.loads(answered.content)
        body["data"]["ways"] = ways()
        answered.content = json.dumps(body)
        return answered
