"""What somebody is told by e-mail and SMS on the way to a verified account.

Due rows: words and address are looked up when they are handed over, and nothing is sent while a request waits. No mail
holds a patient's data, or a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.conf import settings

from identity.accounts.models import Person
from identity.onboarding import codes, words
from identity.onboarding.models import MobileCode, SignUp
from identity.onboarding.words import Kind
from server.kernel.delivery import queue
from server.kernel.delivery.kinds import Claimed, Dropped, Envelope, Resolution
from server.kernel.delivery.kinds import Kind as DeliveryKind
from server.kernel.dispatch import Transaction
from server.kernel.models import Delivery


class CodeKind(StrEnum):
    """The messages with a code, as ``Delivery.kind`` names them."""

    CODE = "signup.code"
    KNOWN = "signup.known"
    MOBILE_CODE = "profile.mobile_code"


def resolve_sign_ups(rows: Sequence[Claimed], now: datetime) -> Mapping[str, Resolution]:
    """The code of a sign-up, or that there is an account already. One statement."""
    waiting = SignUp.objects.in_bulk({row.subject for row in rows})
    return {row.key: _sign_up(row, waiting.get(row.subject)) for row in rows}


def _sign_up(row: Claimed, waiting: SignUp | None) -> Resolution:
    if waiting is None or row.key != f"signup/{waiting.id}/{waiting.number}":
        return Dropped("over")
    if row.kind == CodeKind.KNOWN:
        text = (
            "Quelqu'un, vous peut-être, vient de demander un compte Relais avec cette adresse. Vous en avez déjà un :"
            f" connectez-vous sur {settings.RELAIS_URL}, ou choisissez un nouveau mot de passe si vous l'avez oublié."
            "\n\nSi la demande ne vient pas de vous, il n'y a rien à faire."
        )
        return Envelope(waiting.email, text, "Vous avez déjà un compte Relais")
    code = codes.code(codes.SIGN_UP, waiting.id, waiting.number, waiting.email)
    minutes = int(codes.LASTS.total_seconds() // 60)
    text = (
        f"Votre code : {code}\n\nIl confirme votre adresse e-mail et crée votre compte Relais. Il est valable"
        f" {minutes} minutes ; ne le donnez à personne.\n\nSi la demande ne vient pas de vous, il n'y a rien à faire."
    )
    return Envelope(waiting.email, text, f"{code} est votre code Relais")


def mobile_key(row: MobileCode) -> str:
    """The delivery of the code that was sent last."""
    return f"mobile/{row.person_id}/{row.number}"


def resolve_mobile_codes(rows: Sequence[Claimed], now: datetime) -> Mapping[str, Resolution]:
    """The code that confirms a mobile, as an SMS. One statement."""
    waiting = MobileCode.objects.in_bulk({row.subject for row in rows})
    return {row.key: _mobile_code(row, waiting.get(row.subject)) for row in rows}


def _mobile_code(row: Claimed, waiting: MobileCode | None) -> Resolution:
    if waiting is None or row.key != mobile_key(waiting):
        return Dropped("over")
    code = codes.code(codes.MOBILE, waiting.person_id, waiting.number, waiting.mobile)
    return Envelope(waiting.mobile, f"{code} est votre code Relais. Ne le donnez à personne.")


def enqueue(kind: Kind, person: UUID, occasion: str, tx: Transaction) -> None:
    """A mail about a verification that is due now; of one ``occasion`` it is sent once."""
    enqueue_all(kind, {person: occasion}, tx)


def enqueue_all(kind: Kind, occasions: Mapping[UUID, str], tx: Transaction) -> None:
    """The same mail to several people, each with their occasion. One statement."""
    queue.enqueue(
        [
            Delivery(
                key=f"{kind}/{person}/{occasion}"[:120],
                channel=Delivery.Channel.EMAIL,
                kind=kind,
                subject=person,
                not_before=tx.now,
            )
            for person, occasion in occasions.items()
        ],
        tx,
    )


def resolve_verifications(rows: Sequence[Claimed], now: datetime) -> Mapping[str, Resolution]:
    """Words and address of mails about verifications. One statement."""
    people = Person.objects.filter(pk__in={row.subject for row in rows}, is_active=True).only("email", "language")
    found = {person.pk: person for person in people}
    return {row.key: _verification(Kind(row.kind), found.get(row.subject)) for row in rows}


def _verification(kind: Kind, person: Person | None) -> Resolution:
    if person is None:
        return Dropped("no_account")
    said = words.text(kind, person.language)
    return Envelope(person.email, said.text.format(url=f"{settings.RELAIS_URL}/verification"), said.subject)


KINDS = [
    *(DeliveryKind(kind, resolve_verifications) for kind in Kind),
    *(DeliveryKind(kind, resolve_sign_ups) for kind in (CodeKind.CODE, CodeKind.KNOWN)),
    DeliveryKind(CodeKind.MOBILE_CODE, resolve_mobile_codes, bounded=True),
]
