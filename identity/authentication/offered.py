"""What allauth's configuration lacks: the ways of proving who one is that this Relais offers beside a password."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def ways() -> list[str]:
    """``psc`` and ``cps``, where this Relais is set up for them."""
    found = {"psc": settings.RELAIS_PSC, "cps": settings.RELAIS_CPS}
    return [way for way, configuration in found.items() if configuration is not None]


def saying_ways(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """``GET config``: allauth's own, with ``ways``."""

    @wraps(view)
    def saying(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        answered = view(request, *arguments, **named)
        body = json.loads(answered.content)
        if "data" in body:
            body["data"]["ways"] = ways()
            answered.content = json.dumps(body).encode()
        return answered

    return saying
