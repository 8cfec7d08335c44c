"""What somebody is told by e-mail about their own account. Due rows, handed over after the commit: nothing is sent
while a request waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator

from identity.accounts.models import Person
from identity.sessions.models import Session
from server.kernel.delivery.kinds import Claimed, Dropped, Envelope, Resolution
from server.kernel.delivery.kinds import Kind as DeliveryKind


class Kind(StrEnum):
    """The mails there are, as ``Delivery.kind`` names them."""

    WRONG_PASSWORDS = "account.wrong_passwords"
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105  (the name of a kind)
    NEW_PASSWORD = "account.new_password"  # noqa: S105  (likewise)
    NEW_DEVICE = "account.new_device"
    FACTOR_ADDED = "account.factor_added"
    FACTOR_REMOVED = "account.factor_removed"
    RECOVERY_CODES = "account.recovery_codes"
    DEVICE_LOST = "account.device_lost"
    DEVICE_WIPED = "account.device_wiped"
    WRONG_CODES = "account.wrong_codes"


OF_TEMPLATE = {"account/email/password_changed": Kind.PASSWORD_CHANGED}
"""Which of them stands in for a mail of allauth's."""

OF_FACTOR = {"added": Kind.FACTOR_ADDED, "removed": Kind.FACTOR_REMOVED, "renewed": Kind.RECOVERY_CODES}
"""Which of them tells of a change of somebody's factors."""

NOT_ME = "Si ce n'est pas vous, changez votre mot de passe et prévenez la personne qui administre votre Relais."
SUBJECTS = {
    Kind.WRONG_PASSWORDS: "Tentatives de connexion à votre compte",
    Kind.PASSWORD_CHANGED: "Votre mot de passe a été changé",
    Kind.NEW_PASSWORD: "Choisir un nouveau mot de passe",
    Kind.NEW_DEVICE: "Connexion depuis un nouvel appareil",
    Kind.FACTOR_ADDED: "Un second facteur a été ajouté à votre compte",
    Kind.FACTOR_REMOVED: "Un second facteur a été retiré de votre compte",
    Kind.RECOVERY_CODES: "De nouveaux codes de secours ont été créés",
    Kind.DEVICE_LOST: "Un de vos appareils a été déclaré perdu",
    Kind.DEVICE_WIPED: "Votre appareil perdu a été effacé",
    Kind.WRONG_CODES: "Un appareil verrouillé a été déconnecté",
}
WORDS = {
    Kind.WRONG_PASSWORDS: (
        "Beaucoup de mots de passe erronés ont été essayés sur votre compte Relais. Personne n'est entré par là.\n\n"
        "Sur les appareils où vous vous êtes déjà connecté, rien ne change. Un nouvel appareil peut être refusé"
        " tant que cela dure : entrez-y par Pro Santé Connect ou une clé d'accès, ou choisissez-y un nouveau mot de"
        " passe par « Mot de passe oublié ».\n\n"
        "Si ces essais ne viennent pas de vous, choisissez un mot de passe que vous n'utilisez nulle part ailleurs."
    ),
    Kind.PASSWORD_CHANGED: (
        "Le mot de passe de votre compte Relais vient d'être changé, et vos autres sessions ont été fermées.\n\n"
        "Si ce n'est pas vous, prévenez tout de suite la personne qui administre votre Relais."
    ),
    Kind.NEW_PASSWORD: (
        "Pour choisir un nouveau mot de passe, ouvrez ce lien dans l'heure :\n\n{link}\n\n"
        "Il ne sert qu'une fois. Si vous n'avez rien demandé, ne faites rien : votre mot de passe reste le même."
    ),
    Kind.NEW_DEVICE: (
        f"Votre compte Relais vient d'être ouvert sur un appareil qui ne le connaissait pas : {{device}}.\n\n{NOT_ME}"
        "\n\nVous pouvez fermer cette session dans « Mes appareils »."
    ),
    Kind.FACTOR_ADDED: f"Un second facteur vient d'être ajouté à votre compte Relais.\n\n{NOT_ME}",
    Kind.FACTOR_REMOVED: f"Un second facteur vient d'être retiré de votre compte Relais.\n\n{NOT_ME}",
    Kind.RECOVERY_CODES: (
        f"De nouveaux codes de secours viennent d'être créés pour votre compte Relais. Les anciens ne servent plus."
        f"\n\n{NOT_ME}"
    ),
    Kind.DEVICE_LOST: (
        "{device} a été déclaré perdu. Sa session est fermée. Ce qu'il garde de Relais sera effacé dès qu'il se"
        f" reconnectera ; un autre message vous le dira.\n\n{NOT_ME}"
    ),
    Kind.DEVICE_WIPED: "{device} s'est reconnecté à Relais, et ce qu'il en gardait a été effacé.",
    Kind.WRONG_CODES: (
        "Cinq codes faux ont été saisis sur {device}, qui était verrouillé. Il a été déconnecté de Relais et a oublié"
        f" ce qu'il en gardait.\n\nPour y revenir, connectez-vous de nouveau.\n\n{NOT_ME}"
    ),
}
ABOUT_DEVICE = {Kind.NEW_DEVICE, Kind.DEVICE_LOST, Kind.DEVICE_WIPED, Kind.WRONG_CODES}
"""Their keys end with the session of the device."""
RESET_PAGE = "/mot-de-passe"


def resolve(rows: Sequence[Claimed], now: datetime) -> Mapping[str, Resolution]:
    """Words and address of each mail. Two statements."""
    people = Person.objects.filter(is_active=True).in_bulk({row.subject for row in rows})
    opened = {_session(row) for row in rows if Kind(row.kind) in ABOUT_DEVICE}
    devices = dict(Session.objects.filter(pk__in=opened).values_list("pk", "label"))
    return {
        row.key: _envelope(row, people[row.subject], devices) if row.subject in people else Dropped("no_account")
        for row in rows
    }


def _envelope(row: Claimed, person: Person, devices: Mapping[UUID, str]) -> Envelope:
    kind = Kind(row.kind)
    words = WORDS[kind]
    if kind == Kind.NEW_PASSWORD:
        words = words.format(link=reset_link(person))
    if kind in ABOUT_DEVICE:
        words = words.format(device=devices.get(_session(row)) or "un appareil sans nom")
        words = words[:1].upper() + words[1:]
    return Envelope(person.email, words, SUBJECTS[kind])


def _session(row: Claimed) -> UUID:
    """The session that a mail about a device is about, which its key ends with."""
    return UUID(row.key.rpartition("/")[2])


def reset_link(person: Person) -> str:
    """Where somebody chooses a new password. What proves it is them stands behind the ``#``, which no browser sends to
    a server: it is in no log."""
    return f"{settings.RELAIS_URL}{RESET_PAGE}#{person.pk}.{default_token_generator.make_token(person)}"


KINDS = [DeliveryKind(kind, resolve) for kind in Kind]
