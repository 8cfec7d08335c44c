"""One's own profile: what it shows, what may be changed, and how a mobile is confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import msgspec

from identity import fields
from identity.accounts import access as accounts_access
from identity.accounts import queries as accounts_queries
from identity.accounts.models import Consent, Person
from identity.onboarding import codes, declaration
from identity.onboarding.mail import CodeKind, mobile_key
from identity.onboarding.models import MobileCode
from identity.onboarding.wire import (
    ConfirmMobile,
    ConfirmMobileResult,
    ConsentView,
    FeeSectorCode,
    GetProfile,
    Language,
    MobileStarted,
    PracticeModeCode,
    Profile,
    ProfilePlace,
    SetMobile,
    UpdateProfile,
)
from server.kernel.authentication import Actor
from server.kernel.delivery import queue, sms_bounds
from server.kernel.dispatch import Transaction
from server.kernel.models import Delivery
from server.kernel.wire.errors import Invalid, InvalidState, RateLimited

DAY = timedelta(hours=24)


def get_profile(actor: Actor, command: GetProfile, tx: Transaction) -> Profile:
    return show(accounts_access.caller(actor))


def update_profile(actor: Actor, command: UpdateProfile, tx: Transaction) -> Profile:
    """Changes what is given. A name that is proven stays as it was proven."""
    person = accounts_access.locked(actor.person)
    changes = _changes(person, command)
    if changes:
        Person.objects.filter(pk=person.pk).update(**changes)
    return show(accounts_access.caller(actor))


def _changes(person: Person, command: UpdateProfile) -> dict[str, Any]:
    changes: dict[str, Any] = {
        name: value
        for name in ("practice_mode", "fee_sector", "language", "languages", "mobile_shown")
        if (value := getattr(command, name)) is not None
    }
    if "languages" in changes:
        changes["languages"] = list(dict.fromkeys(changes["languages"]))
    for name in ("first_name", "last_name"):
        typed = getattr(command, name)
        if typed is not None and typed != getattr(person, name):
            if person.verified_at is not None:
                raise InvalidState("This name is proven: a moderator can change it.", state="verified")
            changes[name] = fields.person_name(typed, f"$.{name}")
    return changes | _ways_to_reach(person, command)


def _ways_to_reach(person: Person, command: UpdateProfile) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if command.address is not None:
        changes["address"] = fields.text(command.address, "$.address")
    postal_code = person.postal_code
    if command.postal_code is not None or command.city is not None:
        wanted = (command.postal_code or person.postal_code, command.city or person.city)
        postal_code, changes["city"] = declaration.town(*wanted)
        changes["postal_code"] = postal_code
    if command.places is not None:
        changes["places"] = [
            msgspec.to_builtins(_place(place, f"$.places[{at}]")) for at, place in enumerate(command.places)
        ]
    if command.phone is not None:
        changes["phone"] = fields.phone(command.phone, postal_code, "$.phone").number if command.phone else ""
    if command.mssante is not None:
        changes["mssante"] = fields.email(command.mssante, "$.mssante").lower()
    return changes


def _place(place: ProfilePlace, path: str) -> ProfilePlace:
    postal_code = fields.postal_code(place.postal_code, f"{path}.postal_code")
    return ProfilePlace(
        name=fields.text(place.name, f"{path}.name"),
        address=fields.text(place.address, f"{path}.address"),
        postal_code=postal_code,
        city=fields.text(place.city, f"{path}.city"),
        phone=fields.phone(place.phone, postal_code, f"{path}.phone").number if place.phone else "",
    )


def set_mobile(actor: Actor, command: SetMobile, tx: Transaction) -> MobileStarted:
    """``RateLimited`` within a minute of the last code, and after five in a day; ``Invalid`` for what is no mobile to
    which SMS are sent."""
    person = accounts_access.locked(actor.person)
    number, mobile = fields.phone(command.mobile, person.postal_code, "$.mobile")
    if not mobile:
        raise Invalid("$.mobile", "This is no mobile: the code comes by SMS.", why="not_a_mobile")
    if not sms_bounds.is_allowed(number):
        raise Invalid("$.mobile", "No SMS are sent to this country.", why="country_not_served")
    row = MobileCode.objects.select_for_update().filter(pk=person.pk).first()
    if row is None:
        row = MobileCode(person=person, sent_at=tx.now, counted_from=tx.now)
    else:
        _require_another(row, tx)
    row.mobile, row.sent_at, row.attempts = number, tx.now, 0
    row.number, row.sends = row.number + 1, row.sends + 1
    row.save()
    queue.enqueue(
        [
            Delivery(
                key=mobile_key(row),
                channel=Delivery.Channel.SMS,
                kind=CodeKind.MOBILE_CODE,
                subject=person.pk,
                not_before=tx.now,
            )
        ],
        tx,
    )
    return MobileStarted(
        mobile=number,
        expires_at=tx.now + codes.LASTS,
        resend_at=tx.now + codes.RESEND_AFTER,
        attempts_left=codes.ATTEMPTS,
    )


def _require_another(row: MobileCode, tx: Transaction) -> None:
    wait = (row.sent_at + codes.RESEND_AFTER - tx.now).total_seconds()
    if wait > 0:
        raise RateLimited(wait)
    if tx.now >= row.counted_from + DAY:
        row.counted_from, row.sends = tx.now, 0
    if row.sends >= codes.SENDS:
        raise RateLimited((row.counted_from + DAY - tx.now).total_seconds())


def confirm_mobile(actor: Actor, command: ConfirmMobile, tx: Transaction) -> ConfirmMobileResult:
    """A wrong code counts; so it is an answer and no refusal, which would undo the count."""
    row = MobileCode.objects.select_for_update().filter(pk=actor.person).first()
    if row is None or tx.now >= row.sent_at + codes.LASTS:
        return ConfirmMobileResult(state="expired")
    if row.attempts >= codes.ATTEMPTS:
        return ConfirmMobileResult(state="too_many_attempts")
    if not codes.is_right(command.code, codes.code(codes.MOBILE, row.person_id, row.number, row.mobile)):
        row.attempts += 1
        row.save(update_fields=["attempts"])
        return ConfirmMobileResult(state="wrong_code", attempts_left=codes.ATTEMPTS - row.attempts)
    Person.objects.filter(pk=row.person_id).update(mobile=row.mobile, mobile_confirmed_at=tx.now)
    MobileCode.objects.filter(pk=row.pk).update(attempts=codes.ATTEMPTS)  # It is used; what was sent is counted on.
    return ConfirmMobileResult(state="confirmed")


def show(person: Person) -> Profile:
    """An account as its owner sees it. Three statements at most."""
    row = accounts_queries.ask_rows([person.pk])()[person.pk]
    claimed = person.claimed_id if person.national_id is None else None
    return Profile(
        id=person.pk,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        function=person.function,
        language=cast(Language, person.language),
        title=person.title or None,
        profession=person.profession or None,
        speciality=person.speciality or None,
        rpps=person.rpps,
        claimed=claimed[1:] if claimed else None,
        practice_mode=cast(PracticeModeCode | None, person.practice_mode or None),
        fee_sector=cast(FeeSectorCode | None, person.fee_sector or None),
        address=person.address or None,
        postal_code=person.postal_code or None,
        city=person.city or None,
        places=msgspec.convert(person.places, list[ProfilePlace]),
        languages=list(person.languages),
        phone=person.phone or None,
        mobile=person.mobile or None,
        mobile_confirmed=person.mobile_confirmed_at is not None,
        mobile_shown=person.mobile_shown,
        mssante=person.mssante or None,
        badge=row.badge,
        consents=msgspec.convert(
            list(Consent.objects.filter(person=person).order_by("pk").values("document", "version", "at")),
            list[ConsentView],
        ),
    )
