"""What somebody is told by e-mail about their own account. Due rows, handed over after the commit: nothing is sent
while a request waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from identity.accounts.models import Person
from server.kernel.delivery.kinds import Claimed, Dropped, Envelope, Resolution
from server.kernel.delivery.kinds import Kind as DeliveryKind


class Kind(StrEnum):
    """The mails there are, as ``Delivery.kind`` names them."""

    WRONG_PASSWORDS = "account.wrong_passwords"
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105  (the name of a kind)


OF_TEMPLATE = {"account/email/password_changed": Kind.PASSWORD_CHANGED}
"""Which of them stands in for a mail of allauth's."""

SUBJECTS = {
    Kind.WRONG_PASSWORDS: "Tentatives de connexion à votre compte",
    Kind.PASSWORD_CHANGED: "Votre mot de passe a été changé",
}
WORDS = {
    Kind.WRONG_PASSWORDS: (
        "Beaucoup de mots de passe erronés ont été essayés sur votre compte Relais. Personne n'est entré par là.\n\n"
        "Sur les appareils où vous vous êtes déjà connecté, rien ne change. Sur un nouvel appareil, il peut falloir"
        " attendre une heure avant de vous connecter.\n\n"
        "Si ces essais ne viennent pas de vous, choisissez un mot de passe que vous n'utilisez nulle part ailleurs."
    ),
    Kind.PASSWORD_CHANGED: (
        "Le mot de passe de votre compte Relais vient d'être changé, et vos autres sessions ont été fermées.\n\n"
        "Si ce n'est pas vous, prévenez tout de suite la personne qui administre votre Relais."
    ),
}


def resolve(rows: Sequence[Claimed], now: datetime) -> Mapping[str, Resolution]:
    """Words and address of each mail. One statement."""
    people = Person.objects.filter(pk__in={row.subject for row in rows}, is_active=True)
    addresses = dict(people.values_list("pk", "email"))
    return {
        row.key: Envelope(addresses[row.subject], WORDS[Kind(row.kind)], SUBJECTS[Kind(row.kind)])
        if row.subject in addresses
        else Dropped("no_account")
        for row in rows
    }


KINDS = [DeliveryKind(kind, resolve) for kind in Kind]
