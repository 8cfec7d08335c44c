"""What the addresses about Pro Santé Connect answer, as JSON."""

from __future__ import annotations

from typing import Literal

from identity.accounts.models import rpps
from identity.authentication.psc.sign_in import Identified
from server.kernel.wire import View


class ActivityView(View):
    """One of somebody's activities, as the register has it; ``activity`` is what is sent back to choose it."""

    activity: int
    profession: str
    speciality: str | None = None
    mode: str | None = None
    name: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None


class IdentityView(View):
    """Whom the provider has identified in this browser. Professions and specialities are codes of the register."""

    first_name: str
    last_name: str
    national_id: str
    rpps: str | None
    activities: list[ActivityView]
    activity: int | None = None


class MethodsView(View):
    """The ways of signing in that this deployment offers, beside a password and a passkey."""

    psc: bool = False
    cps: bool = False
    sandbox: bool = False
    """Pro Santé Connect takes identities for tests."""


class LogoutView(View):
    """Where the browser goes to end the provider's session too."""

    url: str | None = None


class PushView(View):
    """How a question on somebody's phone stands. ``code`` stands on both screens; ``interval`` and ``expires_in`` are
    seconds."""

    state: Literal["pending", "signed_in", "confirmed", "unknown"]
    code: str | None = None
    interval: int | None = None
    expires_in: int | None = None


def identity_view(found: Identified) -> IdentityView:
    """An identity with its activities, each under its place."""
    who = found.professional
    return IdentityView(
        first_name=who.first_name,
        last_name=who.last_name,
        national_id=who.national_id,
        rpps=rpps(who.national_id),
        activities=[
            ActivityView(
                activity=place,
                profession=exercise.profession,
                speciality=exercise.speciality or None,
                mode=activity.mode or None,
                name=activity.name or None,
                address=activity.address or None,
                postal_code=activity.postal_code or None,
                city=activity.city or None,
            )
            for place, (exercise, activity) in enumerate(found.activities)
        ],
        activity=found.activity,
    )
