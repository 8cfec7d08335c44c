"""Why somebody is not signed in by a provider of identities or a card, in words: each reason says what to do next.

A browser that came by a link is shown a small page, a program gets JSON of the same shape as everywhere.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html

from identity.authentication import words
from server.kernel.http import Problem


class Words(NamedTuple):
    """A reason: the status of its answer, and its text in both languages; programs get the English one."""

    status: HTTPStatus
    french: str
    english: str


REASONS = {
    "not_offered": Words(
        HTTPStatus.NOT_FOUND,
        "Ce Relais ne propose pas cette façon de se connecter. Connectez-vous avec votre mot de passe.",
        "This Relais does not offer this way of signing in: use a password.",
    ),
    "provider_unavailable": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Pro Santé Connect ne répond pas pour le moment. Rien n’est perdu : réessayez dans une minute, ou"
        " connectez-vous autrement.",
        "Pro Santé Connect does not answer: try again in a minute, or sign in another way.",
    ),
    "begin_again": Words(
        HTTPStatus.BAD_REQUEST,
        "Cette connexion a été commencée il y a trop longtemps, ou dans un autre navigateur. Recommencez.",
        "This sign-in was begun too long ago, or in another browser: begin again.",
    ),
    "declined": Words(
        HTTPStatus.FORBIDDEN,
        "La connexion a été annulée. Vous pouvez recommencer.",
        "It was cancelled: begin again if that was a mistake.",
    ),
    "not_proven": Words(
        HTTPStatus.FORBIDDEN,
        "La réponse de Pro Santé Connect ne prouve pas votre identité. Recommencez ; si cela se répète, prévenez la"
        " personne qui administre ce Relais.",
        "The answer proves nobody's identity: begin again, and tell whoever runs this Relais if it happens again.",
    ),
    "level_too_low": Words(
        HTTPStatus.FORBIDDEN,
        "Cette connexion n’a pas le niveau d’authentification demandé. Utilisez votre carte CPS ou votre e-CPS.",
        "This way of proving who you are is not strong enough here: use the card or the e-CPS.",
    ),
    "missing_claims": Words(
        HTTPStatus.FORBIDDEN,
        "Pro Santé Connect ne nous a pas transmis votre identité complète. Réessayez plus tard, ou vérifiez vos"
        " données auprès de votre ordre.",
        "The provider did not say who you are completely: try again later, or have the register corrected.",
    ),
    "not_a_professional": Words(
        HTTPStatus.FORBIDDEN,
        "Cette carte n’est pas celle d’un professionnel inscrit au répertoire (RPPS ou ADELI).",
        "This card is not that of a professional of the register.",
    ),
    "sandbox_identity": Words(
        HTTPStatus.FORBIDDEN,
        "Cette carte est une carte de test : elle n’ouvre rien ici.",
        "This is an identity for tests, which opens nothing here.",
    ),
    "not_practising": Words(
        HTTPStatus.FORBIDDEN,
        "Le répertoire ne vous connaît plus d’exercice en cours. Votre vérification est retirée. Si c’est une erreur,"
        " voyez votre ordre, puis contestez : connectez-vous avec votre mot de passe.",
        "The register says that you practise nothing any more, and the verification is withdrawn: if that is wrong,"
        " have the register corrected, then sign in with a password and appeal.",
    ),
    "profession_differs": Words(
        HTTPStatus.FORBIDDEN,
        "Votre carte ne porte pas la profession que le répertoire vous connaît. Connectez-vous autrement ; si le"
        " répertoire se trompe, voyez votre ordre, et sinon demandez une nouvelle carte.",
        "The card names another profession than the register: sign in another way, and have the one that is wrong"
        " corrected.",
    ),
    "suspended": Words(
        HTTPStatus.FORBIDDEN,
        "Ce compte est suspendu. Demandez pourquoi à la personne qui administre ce Relais.",
        "This account is suspended: ask whoever runs this Relais why.",
    ),
    "identity_conflict": Words(
        HTTPStatus.CONFLICT,
        "Plusieurs comptes portent vos numéros. Écrivez à la personne qui administre ce Relais : elle les réunira.",
        "Several accounts bear your numbers: ask whoever runs this Relais to put that right.",
    ),
    "another_person": Words(
        HTTPStatus.CONFLICT,
        "Cette carte n’est pas celle du titulaire de ce compte.",
        "This is not the identity of the account's holder.",
    ),
    "not_signed_in": Words(
        HTTPStatus.UNAUTHORIZED,
        "Connectez-vous d’abord.",
        "Sign in first: this is about an account that is open.",
    ),
    "no_card": Words(
        HTTPStatus.BAD_REQUEST,
        "Aucune carte n’a été présentée. Insérez votre carte CPS dans le lecteur, puis recommencez dans une nouvelle"
        " fenêtre du navigateur.",
        "No card was shown: put the card into the reader, and begin again in a new window of the browser.",
    ),
    "card_revoked": Words(
        HTTPStatus.FORBIDDEN,
        "Cette carte a été mise en opposition. Connectez-vous autrement ; pour une nouvelle carte, voyez l’Agence du"
        " numérique en santé.",
        "This card was revoked: sign in another way, and ask the agency for a new one.",
    ),
    "card_refused": Words(
        HTTPStatus.FORBIDDEN,
        "Cette carte n’ouvre rien ici : elle a expiré, n’est pas une carte CPS de professionnel, ou le mauvais"
        " certificat a été choisi. Choisissez le certificat d’authentification.",
        "This card opens nothing here: it has expired, is no professional's, or the wrong certificate was chosen."
        " Choose the one for authentication.",
    ),
    "card_unavailable": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Les cartes ne peuvent pas être contrôlées pour le moment. Connectez-vous autrement, ou réessayez plus tard.",
        "Cards cannot be checked at the moment: sign in another way, or try again later.",
    ),
    "rate_limited": Words(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Trop d’essais. Attendez un peu avant de recommencer.",
        "Too many attempts: wait and begin again.",
    ),
}
"""Stable codes. What is said of a person says nothing that their own card does not."""

PAGE = (
    '<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,'
    'initial-scale=1"><title>Relais</title></head><body><main><h1>{}</h1><p id="{}">{}</p>'
    '<p><a href="/connexion">{}</a></p></main></body></html>'
)
FRAME = {"fr": ("Connexion impossible", "Retour à la connexion"), "en": ("Sign-in failed", "Back to the sign-in")}
"""By language: the page's heading and its link."""


class SignInRefused(Exception):
    """Somebody is not signed in; ``code`` is one of ``REASONS``, and ``detail`` is for the audit alone."""

    def __init__(self, code: str, detail: str = "", retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after


def answer(request: HttpRequest, refused: SignInRefused) -> HttpResponse:
    """The page, or the JSON for whoever asks for it."""
    status, french, english = REASONS[refused.code]
    later = refused.retry_after or (60 if status in {503, 429} else None)
    more = {"retry_after": later} if later else {}
    response = Problem(status, refused.code, english, **more).response()
    if request.get_preferred_type(["text/html", "application/json"]) == "text/html" and request.method == "GET":
        language = words.language(request)
        heading, back = FRAME[language]
        text = french if language == "fr" else english
        response.content = format_html(PAGE, language, heading, refused.code, text, back).encode()
        response["Content-Type"] = "text/html; charset=utf-8"
        patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response
