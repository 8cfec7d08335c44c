"""The words of mails about a verification, in French and English. Pure.

None says a reason, a name or a speciality: the page that they lead to does, once its owner is signed in.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The mails there are, as ``Delivery.kind`` names them."""

    VERIFIED = "verification.verified"
    REFUSED = "verification.refused"
    ASK_AGAIN = "verification.ask_again"
    IN_REVIEW = "verification.in_review"
    READY = "verification.ready"
    TO_CONFIRM = "verification.to_confirm"
    WITHDRAWN = "verification.withdrawn"
    STATEMENT = "verification.statement"


class Text(NamedTuple):
    """Subject and text; ``{url}`` is the page of one's own verification."""

    subject: str
    text: str


FRENCH: dict[Kind, Text] = {
    Kind.VERIFIED: Text(
        "Votre identité est vérifiée",
        "Votre identité est vérifiée : l'annuaire, les discussions et la réservation vous sont ouverts.\n\n{url}",
    ),
    Kind.REFUSED: Text(
        "Votre vérification n'a pas abouti",
        "Votre identité n'a pas pu être vérifiée. Le motif, ce que vous pouvez faire et comment contester la décision"
        " sont ici :\n\n{url}",
    ),
    Kind.ASK_AGAIN: Text(
        "Il manque quelque chose à votre vérification",
        "Rien n'est perdu : une étape est à refaire, depuis un téléphone si vous préférez.\n\n{url}",
    ),
    Kind.IN_REVIEW: Text(
        "Votre vérification est relue",
        "Nous avons bien reçu votre pièce d'identité. Un modérateur relit votre dossier ; vous aurez une réponse par"
        " e-mail, en général sous un jour.\n\n{url}",
    ),
    Kind.READY: Text(
        "Vous pouvez reprendre votre vérification",
        "Le service qui vérifie les pièces d'identité répond de nouveau. Vous pouvez continuer :\n\n{url}",
    ),
    Kind.TO_CONFIRM: Text(
        "Votre identité est à confirmer",
        "Votre fiche n'est plus dans l'annuaire national des professionnels de santé. Si vous exercez toujours,"
        " confirmez votre identité sous 15 jours, avec votre e-CPS ou auprès d'un modérateur. D'ici là rien ne se"
        " ferme ; vous n'apparaissez plus dans les recherches.\n\n{url}",
    ),
    Kind.WITHDRAWN: Text(
        "Votre identité n'est plus confirmée",
        "Votre identité n'a pas été confirmée à temps : les discussions et la réservation vous sont fermées, et rien de"
        " ce que vous avez écrit n'est perdu. Vous pouvez prouver votre identité à tout moment :\n\n{url}",
    ),
    Kind.STATEMENT: Text(
        "Votre accès à Relais est fermé",
        "Votre accès a été fermé à la suite d'une information de votre ordre ou de l'annuaire national. Si c'est une"
        " erreur, voyez votre ordre, puis contestez ici ; deux modérateurs relisent :\n\n{url}",
    ),
}

ENGLISH: dict[Kind, Text] = {
    Kind.VERIFIED: Text(
        "Your identity is verified",
        "Your identity is verified: the directory, conversations and booking are open to you.\n\n{url}",
    ),
    Kind.REFUSED: Text(
        "Your verification did not succeed",
        "Your identity could not be verified. The reason, what you can do, and how to appeal are here:\n\n{url}",
    ),
    Kind.ASK_AGAIN: Text(
        "Something is missing in your verification",
        "Nothing is lost: one step is to be done again, on a phone if you prefer.\n\n{url}",
    ),
    Kind.IN_REVIEW: Text(
        "Your verification is being reviewed",
        "We have received your identity document. A moderator is looking at it; you will have an answer by e-mail,"
        " usually within a day.\n\n{url}",
    ),
    Kind.READY: Text(
        "You can go on with your verification",
        "The service that checks identity documents answers again. You can go on:\n\n{url}",
    ),
    Kind.TO_CONFIRM: Text(
        "Your identity is to be confirmed",
        "Your entry is no longer in the national register of health professionals. If you still practise, confirm your"
        " identity within 15 days, with your e-CPS or with a moderator. Until then nothing closes; you no longer show"
        " in searches.\n\n{url}",
    ),
    Kind.WITHDRAWN: Text(
        "Your identity is no longer confirmed",
        "Your identity was not confirmed in time: conversations and booking are closed to you, and nothing that you"
        " wrote is lost. You can prove your identity at any time:\n\n{url}",
    ),
    Kind.STATEMENT: Text(
        "Your access to Relais is closed",
        "Your access was closed after a notice from your professional body or the national register. If this is a"
        " mistake, have it corrected there, then appeal here; two moderators look at it:\n\n{url}",
    ),
}


def text(kind: Kind, language: str) -> Text:
    """In the language of the account; French for any other."""
    return (ENGLISH if language == "en" else FRENCH)[kind]
