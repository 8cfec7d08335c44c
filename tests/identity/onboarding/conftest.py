"""Forms to sign up with, codes out of captured mail, and a register to be found in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache

from identity.accounts.consents import VERSIONS
from identity.accounts.internal_commands import AddModerator
from identity.accounts.models import Person
from identity.directory.communes import import_communes
from identity.directory.declared import Declared, DeclaredPlace, declare_local
from identity.onboarding import steps
from identity.onboarding.onfido import configured
from server.kernel import dispatch as dispatch_module
from server.kernel.authentication import SYSTEM
from server.kernel.delivery import sending
from server.kernel.delivery.captured_mail import Channel, Message, captured
from server.kernel.dispatch import dispatch
from tests.identity.conftest import MakePerson
from tests.stand_ins.onfido import TOKEN, WEBHOOK_TOKEN, WORKFLOW, Onfido, running

RPPS = "10009991380"
TOWNS = """code_insee,nom,codes_postaux,departement,region,population,lat,lon
56075,Guer,56380,56,53,6200,47.9063,-2.1234
56165,Ploërmel,56800,56,53,10000,47.9317,-2.3975
35236,Redon,35600,35,53,9000,47.6517,-2.0833
"""
FORM = {
    "email": "r.tadvilliers@cabinet-guer.example",
    "password": "une promenade dans la lande",
    "first_name": "Rozenn",
    "last_name": "Tadvilliers",
    "postal_code": "56380",
    "city": "guer",
    "speciality": "CARDIO",
    "practice_mode": "liberal",
    **VERSIONS,
}


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def towns(db: None) -> None:
    import_communes(StringIO(TOWNS))


@pytest.fixture
def register(towns: None) -> None:
    """Rozenn Tadvilliers of Guer, and a midwife of nearly the same name in Ploërmel."""
    declare_local(
        [
            entry(f"8{RPPS}", "Rozenn", "TADVILLIERS", "10", "SM04", "56380", "Guer", title="Dr"),
            entry("810009991398", "Rozenn", "TADVILLIERS-LE GOÏC", "50", "", "56800", "Ploërmel"),
        ]
    )


def entry(
    national_id: str, first: str, last: str, profession: str, speciality: str, postal: str, city: str, title: str = ""
) -> Declared:
    """Somebody of the register."""
    return Declared(
        national_id=national_id,
        first_name=first,
        last_name=last,
        profession=profession,
        speciality=speciality,
        title=title,
        places=[DeclaredPlace(address="12 rue du Champ de Foire", postal_code=postal, city=city, name="Cabinet")],
    )


Later = Callable[..., None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Moves the dispatcher's clock on, each time from where it is."""
    ahead = timedelta()
    really = dispatch_module.now

    def move(**by: float) -> None:
        nonlocal ahead
        ahead += timedelta(**by)
        monkeypatch.setattr(dispatch_module, "now", lambda: really() + ahead)

    return move


def mails(channel: Channel = "email") -> list[Message]:
    """What was handed over so far, what is due now included."""
    sending.deliver_due(channel)
    return [one for one in captured() if one.channel == channel]


def last_code(channel: Channel = "email") -> str:
    """The code of the last message."""
    found = re.search(r"\b\d{6}\b", mails(channel)[-1].text)
    assert found is not None
    return found[0]


@pytest.fixture
def onfido(settings: Any) -> Iterator[Onfido]:
    """The identity provider, which this Relais is set up to ask."""
    with running() as played:
        settings.RELAIS_ONFIDO_URL = played.url
        settings.RELAIS_ONFIDO_TOKEN = TOKEN
        settings.RELAIS_ONFIDO_WORKFLOW = WORKFLOW
        settings.RELAIS_ONFIDO_WEBHOOK_TOKEN = WEBHOOK_TOKEN
        yield played


def take_steps() -> int:
    """Asks the provider what is due now; how many rows were."""
    return steps.take_due(configured)


ROZENN = {"first_name": "ROZENN", "middle_name": "ANNE MARIE", "last_name": "TADVILLIERS"}


@pytest.fixture
def rozenn(make_person: MakePerson, register: None) -> Person:
    """Somebody unverified, whose entry stands in the register and is claimed."""
    person = make_person(
        "Tadvilliers",
        verified=False,
        postal_code="56380",
        city="Guer",
        profession="Médecin",
        speciality="Cardiologie et maladies vasculaires",
        claimed_id=f"8{RPPS}",
    )
    Person.objects.filter(pk=person.pk).update(first_name="Rozenn")
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def moderators(make_person: MakePerson) -> list[Person]:
    """Three of them."""
    found = [make_person(name) for name in ("Vauquier", "Corlay", "Fouquerel")]
    for person in found:
        dispatch(SYSTEM, AddModerator(person=person.pk))
    return list(Person.objects.filter(moderator_since__isnull=False).order_by("created_at"))
