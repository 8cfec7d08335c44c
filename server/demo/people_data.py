"""The people and places of the demo world. Nobody here exists; no number of the register begins with 99."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from identity.directory.listing import practitioner_id
from identity.directory.nomenclature import PROFESSIONS, field_key, field_label
from server.kernel.identifiers import uuid7

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""The time that all ids of the demo bear."""
PASSWORD = "bienvenue-sur-relais"  # noqa: S105  (of invented people, on a private machine)


def demo_id(*names: str) -> UUID:
    """The constant id of an object of the demo."""
    return uuid7(MADE_AT, hashlib.sha256("/".join(names).encode()).digest()[:10])


def luhn(digits: str) -> str:
    """The digit that makes ``digits`` pass Luhn's check, as the last digit of an RPPS number does."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


@dataclass(frozen=True)
class Place:
    """A site of an organisation."""

    key: str
    name: str
    address: str
    postal_code: str
    city: str
    time_zone: str = "Europe/Paris"

    @property
    def id(self) -> UUID:
        return demo_id("site", self.key)


@dataclass(frozen=True)
class Group:
    """A practice, an establishment or a CPTS, with its sites."""

    key: str
    name: str
    kind: Literal["practice", "establishment", "cpts"]
    places: tuple[Place, ...] = ()

    @property
    def id(self) -> UUID:
        return demo_id("organisation", self.key)


@dataclass(frozen=True)
class Role:
    """Somebody; ``number`` is theirs in the register, ``groups`` where they belong, ``places`` where they practise."""

    first_name: str
    last_name: str
    function: str
    groups: tuple[str, ...]
    number: int | None = None
    profession: str = ""
    speciality: str = ""
    title: str = ""
    places: tuple[str, ...] = ()
    verified: bool = True
    owner: bool = False
    administrator: bool = False
    coordinator: bool = False

    @property
    def key(self) -> str:
        """How this source calls them."""
        return self.last_name.lower()

    @property
    def email(self) -> str:
        local = f"{self.first_name}.{self.last_name}".lower().translate(str.maketrans("éèêëîïôçà’- ", "eeeeiioca---"))
        return f"{local}@relais.example"

    @property
    def rpps(self) -> str | None:
        body = f"99000{self.number:05d}" if self.number is not None else None
        return body + luhn(body) if body else None

    @property
    def national_id(self) -> str | None:
        return f"8{self.rpps}" if self.rpps else None

    @property
    def id(self) -> UUID:
        """A professional's id is the one under which the directory finds them."""
        return practitioner_id(self.national_id) if self.national_id else demo_id("person", self.key)

    @property
    def profession_label(self) -> str:
        return PROFESSIONS.get(self.profession, self.profession)

    @property
    def speciality_label(self) -> str:
        return field_label(field_key(self.profession, self.speciality)) or "" if self.speciality else ""


REDON = Place("quatre-vents", "Cabinet des Quatre-Vents", "12 rue des Quatre-Vents", "35600", "Redon")
PIPRIAC = Place("pipriac", "Maison de santé de Pipriac", "4 place de l’Aff", "35550", "Pipriac")
MARAIS = Place("marais", "Clinique du Marais", "3 quai des Tanneurs", "35600", "Redon")
PLOERMEL = Place("ploermel", "Consultations de Ploërmel", "8 rue du Val", "56800", "Ploërmel")
RENNES = Place("rennes", "Consultations de Rennes", "21 rue de la Halle-aux-Blés", "35000", "Rennes")
VANNES = Place("vannes", "Consultations de Vannes", "5 rue du Roulage", "56000", "Vannes")
FILAOS = Place("filaos", "Cabinet des Filaos", "17 allée des Filaos", "97400", "Saint-Denis", "Indian/Reunion")

GROUPS = (
    Group("quatre-vents", "Cabinet des Quatre-Vents", "practice", (REDON, PIPRIAC)),
    Group("marais", "Clinique du Marais", "establishment", (MARAIS, PLOERMEL, RENNES, VANNES)),
    Group("filaos", "Cabinet des Filaos", "practice", (FILAOS,)),
    Group("oust", "CPTS Rives d’Oust", "cpts"),
)
PLACES = {place.key: place for group in GROUPS for place in group.places}


def _doctor(first: str, last: str, number: int, speciality: str, groups: str, places: str) -> Role:
    belongs, practises = tuple(groups.split()), tuple(places.split())
    return Role(first, last, "practitioner", belongs, number, "10", speciality, "Dr", practises)


COORDINATOR = Role("Mahaut", "Guézennec", "administrative", ("oust",), administrator=True, coordinator=True)
ROLES = (
    _doctor("Hélène", "Vauquier", 1, "SM54", "quatre-vents oust", "quatre-vents"),
    _doctor("Samir", "Belkhadra", 2, "SM04", "marais quatre-vents oust", "marais pipriac"),
    _doctor("Aline", "Roussigné", 3, "SM04", "marais oust", "marais"),
    _doctor("Maud", "Lestrange", 4, "SM15", "marais oust", "rennes"),
    _doctor("Jildaz", "Trémeur", 5, "SM40", "marais oust", "vannes"),
    _doctor("Jorick", "Ozanne", 6, "SM41", "marais oust", "ploermel"),
    _doctor("Loïse", "Sandranaye", 7, "SM15", "filaos", "filaos"),
    Role("Solène", "Kervadec", "practitioner", ("quatre-vents", "oust"), 8, "60", places=("quatre-vents",)),
    Role("Élouan", "Pradère", "practitioner", ("quatre-vents", "oust"), 9, "70", places=("pipriac",)),
    Role("Inès", "Corvaisier", "secretary", ("marais",)),
    Role("Brune", "Delanoue-Hervy", "operations_manager", ("quatre-vents",), owner=True, administrator=True),
    COORDINATOR,
    Role("Ewen", "Cadoret", "practitioner", ("quatre-vents",), 10, "10", "SM54", "Dr", ("pipriac",), verified=False),
)
"""The coordinator belongs to the CPTS as the very last thing that is made: see ``world``."""
