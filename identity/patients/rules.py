"""What a patient's identity and contact details must be like before anybody is booked with them.

Each rule takes what was typed, and gives it back in the form that is stored or refuses with the field's
path and words that say what to type. Sources: the INS identity reference (traits of the identity, key of
the NIR), the French numbering plan as ``phonenumbers`` knows it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType

from identity.patients.wire import BirthPlace as WireBirthPlace
from identity.patients.wire import PatientForm
from server.kernel.wire.errors import Invalid

OLDEST_AGE = 130
NAME_LIMIT = 100

_OVERSEAS = {
    "97133": "BL",
    "97150": "MF",
    "971": "GP",
    "972": "MQ",
    "973": "GF",
    "974": "RE",
    "975": "PM",
    "976": "YT",
    "986": "WF",
    "987": "PF",
    "988": "NC",
    "98000": "MC",
}
_TEN_DIGITS = ("FR", "RE", "YT", "GP", "MQ", "GF")
"""The regions that share the plan of ten digits beginning with 0, in which no number belongs to two of
them.
"""

_REACHABLE = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,  # 09: the line of most homes
    }
)
_FICTION = re.compile(r"\+33(?P<mobile>63998\d{4})|\+33(?:19900|26191|35301|46571|53649)\d{4}")
"""Kept free by the regulator for works of fiction: a demonstration must never ring at somebody's home."""

_NAME_MARKS = frozenset(" -'’.")
_EMAIL = re.compile(r"[^@\s<>\"(),;:\\\[\]]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")
_NIR = re.compile(r"[1-478]\d\d(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d\d|2[AB])\d{6}(?P<key>\d\d)", re.ASCII)
_INSEE = re.compile(r"\d[\dAB]\d{3}", re.ASCII)


class Phone(NamedTuple):
    """A telephone at which the patient can be reached; ``number`` in international form (E.164)."""

    number: str
    mobile: bool


class BirthPlace(NamedTuple):
    """``country`` is a code of two letters; ``city`` is known for France; ``insee`` the official code of
    either.
    """

    country: str
    city: str = ""
    insee: str = ""


def person_name(typed: str, path: str) -> str:
    """Letters with spaces, hyphens, apostrophes and full stops, as typed but for the white space."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name or len(name) > NAME_LIMIT or not name[0].isalpha():
        raise Invalid(path, f"Type a name of 1 to {NAME_LIMIT} characters that begins with a letter.")
    if any(not (mark.isalpha() or mark in _NAME_MARKS or unicodedata.combining(mark)) for mark in name):
        raise Invalid(path, "A name has letters, spaces, hyphens and apostrophes only.")
    return name


def birth_date(born: date, today: date, path: str) -> date:
    """Not after ``today`` (the site's), nor longer ago than anybody has lived."""
    if born > today:
        raise Invalid(path, "The date of birth is in the future: check the year.")
    if born.year < today.year - OLDEST_AGE:
        raise Invalid(path, f"The date of birth is more than {OLDEST_AGE} years ago: check the year.")
    return born


def birth_place(country: str, city: str | None, insee: str | None, path: str) -> BirthPlace:
    """A town in France, or a country: ``FR`` needs its town, any other country stands by itself."""
    code = "FR" if country.strip().casefold() == "france" else country.strip().upper()
    if not re.fullmatch("[A-Z]{2}", code):
        raise Invalid(f"{path}.country", "Give the country by its code of two letters, for example FR.")
    town = " ".join((city or "").split())
    if code == "FR" and not town:
        raise Invalid(f"{path}.city", "Give the town of birth, or the country when it is not France.")
    if insee and (not _INSEE.fullmatch(insee) or (code == "FR") == insee.startswith("99")):
        raise Invalid(f"{path}.insee", "The INSEE code has five characters, and begins with 99 outside France only.")
    return BirthPlace(code, town, insee or "")


def postal_code(typed: str | None, path: str) -> str:
    code = (typed or "").replace(" ", "")
    if code and not re.fullmatch(r"\d{5}", code, re.ASCII):
        raise Invalid(path, "A postal code has five digits.")
    return code


def region(code: str) -> str:
    """The region of the numbering plan for a postal code; metropolitan France when it is empty."""
    return next((_OVERSEAS[code[:n]] for n in (5, 3) if code[:n] in _OVERSEAS), "FR")


def phone(typed: str, code: str, path: str) -> Phone:
    """A number at which a person can be reached, read as it is dialled at the postal code ``code``.

    0692123456 exists in Réunion only: read as a number of the mainland it would be refused, so the region
    comes from the postal code, and from the number itself when the patient kept it after moving. Emergency,
    free, premium and other service numbers are refused by their type.
    """
    home = region(code)
    for place in dict.fromkeys((home, *_TEN_DIGITS)):
        try:
            number = phonenumbers.parse(typed, place)
        except phonenumbers.NumberParseException:
            continue
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        fiction = _FICTION.fullmatch(written)
        if fiction is not None:
            return Phone(written, fiction["mobile"] is not None)
        kind = phonenumbers.number_type(number)
        if kind in _REACHABLE and not number.extension:
            return Phone(written, kind == PhoneNumberType.MOBILE)
        if phonenumbers.is_valid_number(number):
            break
    raise Invalid(path, "Type a number at which the patient can be reached: a mobile, or else a landline.")


def email(typed: str | None, path: str) -> str:
    address = unicodedata.normalize("NFC", (typed or "").strip())
    if address and (len(address) > 254 or not _EMAIL.fullmatch(address) or ".." in address):
        raise Invalid(path, "The e-mail address is not complete: it looks like nom@exemple.fr.")
    return address


def require_channel(telephone: Phone, address: str, path: str) -> None:
    """The patient must be told of changes: without a mobile for the SMS, there is an e-mail address."""
    if not telephone.mobile and not address:
        raise Invalid(path, "Without a mobile number the patient is told by e-mail: type an address.")


def ins(typed: str | None, path: str) -> str:
    """The national identity number: thirteen characters and their key, 97 − (n mod 97); 2A counts as 19, 2B
    as 18.
    """
    number = re.sub(r"[\s.]", "", typed or "").upper()
    if not number:
        return ""
    match = _NIR.fullmatch(number)
    if match is None:
        raise Invalid(path, "The INS number has 13 characters and a key of 2 digits.")
    digits = int(number[:13].replace("2A", "19").replace("2B", "18"))
    if 97 - digits % 97 != int(match["key"]):
        raise Invalid(path, "The key of the INS number does not match: check each digit.")
    return number


def normalised_name(name: str) -> str:
    """Equal for two spellings of one name: without accents, case, hyphens or apostrophes."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae"))
    letters = "".join(mark if mark.isalnum() else " " for mark in plain if not unicodedata.combining(mark))
    return " ".join(letters.upper().split())


def validate_patient(form: PatientForm, today: date, path: str) -> PatientForm:
    """The whole form by the rules above, as it is stored: the phone in international form, nothing
    half-typed.
    """
    code = postal_code(form.postal_code, f"{path}.postal_code")
    telephone = phone(form.phone, code, f"{path}.phone")
    address = email(form.email, f"{path}.email")
    require_channel(telephone, address, f"{path}.email")
    place = form.birth_place
    born_in = birth_place(place.country, place.city, place.insee, f"{path}.birth_place")
    return PatientForm(
        civility=form.civility,
        first_names=person_name(form.first_names, f"{path}.first_names"),
        family_name=person_name(form.family_name, f"{path}.family_name"),
        birth_name=person_name(form.birth_name, f"{path}.birth_name") if form.birth_name else None,
        birth_date=birth_date(form.birth_date, today, f"{path}.birth_date"),
        birth_place=WireBirthPlace(country=born_in.country, city=born_in.city or None, insee=born_in.insee or None),
        address=" ".join((form.address or "").split()) or None,
        postal_code=code or None,
        city=" ".join((form.city or "").split()) or None,
        phone=telephone.number,
        email=address or None,
        ins=ins(form.ins, f"{path}.ins") or None,
    )


def is_mobile(number: str) -> bool:
    """Whether a number in international form receives an SMS."""
    fiction = _FICTION.fullmatch(number)
    if fiction is not None:
        return fiction["mobile"] is not None
    return bool(phonenumbers.number_type(phonenumbers.parse(number)) == PhoneNumberType.MOBILE)
