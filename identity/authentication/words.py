"""In which language somebody is told why they are not signed in: as their browser asks, French without another wish.

Codes are the same in every language. What allauth says it translates by itself; what the kernel says is English.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from django.utils import translation

FRENCH = {
    "too_many_login_attempts": "Trop d’essais. Attendez un peu avant de recommencer.",
    "new_device_waits": "Beaucoup de mots de passe erronés ont été essayés sur ce compte : un nouvel appareil doit"
    " attendre. Pour entrer tout de suite, utilisez Pro Santé Connect, une clé d’accès, ou « Mot de passe oublié ».",
    "rate_limited": "Trop de demandes à la suite. Attendez un peu, puis recommencez.",
    "suspended": "Ce compte est suspendu. Demandez pourquoi à la personne qui administre ce Relais.",
    "unavailable": "Service momentanément indisponible. Recommencez dans un instant.",
}


def language(request: HttpRequest) -> str:
    """``fr`` or ``en``, by ``Accept-Language``."""
    return translation.get_language_from_request(request).partition("-")[0]


@contextmanager
def spoken_to(request: HttpRequest) -> Iterator[None]:
    """Texts that are made within are in the language of the request."""
    with translation.override(language(request)):
        yield


def said(code: str, english: str) -> str:
    """The text of a code in the language that is spoken."""
    return FRENCH.get(code, english) if translation.get_language() == "fr" else english
