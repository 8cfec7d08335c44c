"""What somebody says of themselves when they sign up, checked and as it is stored.

Nothing here asks the register of professionals: a number is only read, so that nobody learns from this form who has
an account or an entry.
"""

from __future__ import annotations

import re

import msgspec

from identity import fields
from identity.accounts.models import PracticeMode
from identity.directory.communes import spoken_name
from identity.directory.lookups import towns
from identity.directory.nomenclature import FIELDS, PROFESSIONS
from identity.register_numbers import luhn_holds
from server.kernel.wire.errors import Invalid

ADELI = re.compile(r"[0-9][0-9AB][0-9]{7}")


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A person as they declare themselves; ``claimed_id`` is the register's identifier with its type digit."""

    email: str
    first_name: str
    last_name: str
    postal_code: str
    city: str
    speciality: str
    practice_mode: str
    consents: dict[str, str]
    address: str = ""
    claimed_id: str | None = None
    language: str = "fr"


def email(typed: str, path: str = "$.email") -> str:
    """An address in lower case, as sign-in looks for it."""
    found = fields.email(typed, path).lower()
    if not found:
        raise Invalid(path, "Type the e-mail address.", why="required")
    return found


def practice_mode(typed: str) -> str:
    if typed not in PracticeMode.values:
        raise Invalid("$.practice_mode", "It is liberal or salaried.", why="unknown_choice")
    return typed


def speciality(key: str, path: str = "$.speciality") -> str:
    """A field of the register's nomenclature, by its key."""
    if key not in FIELDS:
        raise Invalid(path, "Choose a profession or speciality of the list.", why="unknown_speciality")
    return key


def labels(key: str) -> tuple[str, str]:
    """Profession and speciality in words, as colleagues read them; the second is empty for a bare profession."""
    field = FIELDS[key]
    return PROFESSIONS[field.profession], field.label if field.codes else ""


def town(code: str, name: str) -> tuple[str, str]:
    """Postal code and town, the latter as the list of communes writes it. A code that the list does not have (CEDEX,
    some islands) goes with whatever town was typed. One statement."""
    postal = fields.postal_code(code, "$.postal_code")
    city = fields.text(name, "$.city")
    if not postal:
        raise Invalid("$.postal_code", "Type the postal code.", why="required")
    if not city:
        raise Invalid("$.city", "Type the town.", why="required")
    here = towns([], [postal])
    spoken = spoken_name(city)
    known = next((one.name for one in here if one.spoken == spoken or one.spoken.startswith(spoken + " ")), None)
    if here and known is None:
        raise Invalid("$.city", "No town of that name has this postal code.", why="unknown_town")
    return postal, known or city


def claimed_id(rpps: str | None, adeli: str | None) -> str | None:
    """The register's identifier that somebody says is theirs. The check digit of an ADELI number held only sometimes,
    so that it says nothing."""
    if rpps and adeli:
        raise Invalid("$.adeli", "One number is enough: the RPPS number.", why="one_number")
    if rpps:
        number = re.sub(r"[ .]", "", rpps)
        if not re.fullmatch(r"\d{11}", number, re.ASCII):
            raise Invalid("$.rpps", "An RPPS number has eleven digits.", why="wrong_length")
        if not luhn_holds(number):
            raise Invalid("$.rpps", "The last digit does not match the others: check each one.", why="wrong_key")
        return f"8{number}"
    if adeli:
        number = re.sub(r"[ .]", "", adeli).upper()
        if not ADELI.fullmatch(number):
            raise Invalid("$.adeli", "An ADELI number has nine digits.", why="wrong_length")
        return f"0{number}"
    return None
