"""What a person's details must be like: each rule takes what was typed, and gives it back as it is stored or refuses.

A refusal has the field's path, ``why`` (a stable code: clients say it in their language) and words for logs. Every
rule is run by the server, the web client's form and the tests of the Python client on the same tables, ``tests/cases``.
Sources: the INS identity reference (traits of the identity, key of the NIR, incomplete dates of birth), the French
numbering plan as ``phonenumbers`` knows it, ISO 3166-1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

import phonenumbers
from phonenumbers import PhoneNumberType

from server.kernel.wire.errors import Invalid
from server.kernel.wire.text import line, plain

OLDEST_AGE = 130
NAME_LIMIT = 100
TEXT_LIMIT = 200
EMAIL_LIMIT = 254

COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
    """.split()
)
"""ISO 3166-1, and ``XK`` for Kosovo, which has no other code."""
FRENCH = frozenset("FR BL GF GP MF MQ NC PF PM RE TF WF YT".split())
"""Where a place of birth has a French town's code: an INSEE code that begins with 99 is a country's."""

DateUnknown: TypeAlias = Literal["day", "month", "day_and_month"]
"""What is not known of a date of birth."""

PHONE_REGIONS = {
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
"""The region of the numbering plan by what a postal code begins with; elsewhere it is metropolitan France."""
TEN_DIGIT_REGIONS = ("FR", "RE", "YT", "GP", "MQ", "GF")
"""The regions that share the plan of ten digits beginning with 0, in which no number belongs to two of them."""

_REACHABLE = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,  # 09: the line of most homes
    }
)
FICTION = r"\+33(63998\d{4})|\+33(?:19900|26191|35301|46571|53649)\d{4}"
"""Kept free by the regulator for works of fiction, mobiles in the group: a demonstration must never ring at somebody's
home."""
_FICTION = re.compile(FICTION)

_NAME = re.compile(r"'?[^\W\d_][^\d_]*")
_NAME_MARKS = frozenset(" -'.")
_DIALLED = re.compile(r"\+?[0-9 ()./-]+", re.ASCII)
_FRENCH_CODE = re.compile(r"^(?:\+|00)33")
_EMAIL = re.compile(r"(?!\.)[^@\s<>\"(),;:\\\[\]]+(?<!\.)@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")
_LABEL = re.compile(r"^[^\W\d_](?:[^\W\d_]|[ .:°º])*(?=[0-9+(])")
"""What is copied along with a number: "INS : ", "tél. "."""
_NAMED_ADDRESS = re.compile(r"[^<>]*< ?(?P<address>[^<> ][^<>]*)>[,;]?")
_NIR = re.compile(
    r"[1-478]\d\d(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d)(?:\d\d|2[AB])\d{6}(?P<key>\d\d)",
    re.ASCII,
)
"""A month of 20, 30 to 42 or 50 to 99 stands for one that is not known."""
_INSEE = re.compile(r"\d[\dAB]\d{3}", re.ASCII)


class Phone(NamedTuple):
    """A telephone at which a person can be reached; ``number`` in international form (E.164)."""

    number: str
    mobile: bool


class BirthPlace(NamedTuple):
    """``country`` is a code of two letters; ``city`` is known for France; ``insee`` the official code of either."""

    country: str
    city: str = ""
    insee: str = ""


def person_name(typed: str, path: str) -> str:
    """Letters with spaces, hyphens, apostrophes and full stops, as typed but for the white space and the form of
    hyphens and apostrophes (the INS reference admits one of each)."""
    name = plain(typed)
    if not name:
        raise Invalid(path, "Type the name.", why="required")
    within(name, NAME_LIMIT, path)
    if not _NAME.fullmatch(name) or not all(
        mark.isalpha() or mark in _NAME_MARKS or unicodedata.combining(mark) for mark in name
    ):
        raise Invalid(path, "A name has letters, spaces, hyphens and apostrophes only.", why="not_letters")
    return name


def first_names(typed: str, path: str) -> str:
    """Given names with a space between them; the commas of a document between them are one too."""
    return person_name(typed.replace(",", " "), path)


def text(typed: str | None, path: str) -> str:
    """One line of an address or a town; empty when there is nothing in it."""
    return within(line(typed or ""), TEXT_LIMIT, path)


def within(said: str, limit: int, path: str) -> str:
    """``said``, unless it has more than ``limit`` characters: nothing is ever cut."""
    if len(said) > limit:
        raise Invalid(path, f"At most {limit} characters; these are {len(said)}.", why="too_long", limit=limit)
    return said


def birth_date(born: date, today: date, path: str, unknown: DateUnknown | None = None) -> date:
    """Not after ``today`` (the site's), nor longer ago than anybody has lived.

    Of an incomplete date the INS reference says what stands for what is ``unknown``: the first day, the first month,
    and the last day of the year for both.
    """
    if unknown is not None and born != interpreted(born, unknown):
        raise Invalid(path, "An incomplete date is written as the INS reference has it.", why="not_as_interpreted")
    if born.year > today.year or (born > today and unknown != "day_and_month"):
        raise Invalid(path, "The date of birth is in the future: check the year.", why="future")
    if born.year < today.year - OLDEST_AGE:
        raise Invalid(path, f"The date of birth is more than {OLDEST_AGE} years ago: check the year.", why="too_old")
    return born


def interpreted(born: date, unknown: DateUnknown) -> date:
    """The date that stands for one of which something is not known."""
    if unknown == "day_and_month":
        return born.replace(month=12, day=31)
    return born.replace(day=1) if unknown == "day" else born.replace(month=1)


def country(typed: str, path: str) -> str:
    code = plain(typed).upper()
    code = "FR" if code == "FRANCE" else code
    if code not in COUNTRIES:
        raise Invalid(path, "Give the country by its code of two letters, for example FR.", why="unknown_country")
    return code


def birth_place(typed: str, city: str | None, insee: str | None, path: str) -> BirthPlace:
    """A town in France, or a country: ``FR`` needs its town, any other country stands by itself."""
    code = country(typed, f"{path}.country")
    town = text(city, f"{path}.city")
    if code == "FR" and not town:
        raise Invalid(f"{path}.city", "Give the town of birth, or the country when it is not France.", why="required")
    official = plain(insee or "").upper()
    if official and (not _INSEE.fullmatch(official) or (code in FRENCH) == official.startswith("99")):
        message = "The INSEE code has five characters, and begins with 99 outside France only."
        raise Invalid(f"{path}.insee", message, why="unknown_place")
    return BirthPlace(code, town, official)


def postal_code(typed: str | None, path: str) -> str:
    code = plain(typed or "").replace(" ", "")
    if code and not re.fullmatch(r"\d{5}", code, re.ASCII):
        raise Invalid(path, "A postal code has five digits.", why="not_five_digits")
    return code


def region(code: str) -> str:
    """The region of the numbering plan for a postal code; metropolitan France when it is empty."""
    return next((PHONE_REGIONS[code[:n]] for n in (5, 3) if code[:n] in PHONE_REGIONS), "FR")


def phone(typed: str, code: str, path: str) -> Phone:
    """A number at which a person can be reached, read as it is dialled at the postal code ``code``.

    0692123456 exists in Réunion only: read as a number of the mainland it would be refused, so the region
    comes from the postal code, and from the number itself when the patient kept it after moving, or wrote it with the
    mainland's +33. Emergency, free, premium and other service numbers are refused by their type.
    """
    said = unicodedata.normalize("NFKC", plain(typed))
    said = _LABEL.sub("", "".join(sign for sign in said if unicodedata.category(sign) != "Cf").strip())
    if not said:
        raise Invalid(path, "Type the telephone number.", why="required")
    if not _DIALLED.fullmatch(said):
        raise Invalid(path, "A telephone number has digits only, after a + perhaps.", why="not_a_number")
    dialled = re.sub(r"[ ()./-]", "", said.replace("(0)", ""))
    for number in _readings(dialled, region(code)):
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        fiction = _FICTION.fullmatch(written)
        if fiction is not None:
            return Phone(written, fiction[1] is not None)
        kind = phonenumbers.number_type(number)
        if kind in _REACHABLE:
            return Phone(written, kind == PhoneNumberType.MOBILE)
        if phonenumbers.is_valid_number(number):
            raise Invalid(path, "This number reaches a service, not a person.", why="service_number")
    if re.fullmatch(r"\d{2,4}", dialled):
        raise Invalid(path, "This number reaches a service, not a person.", why="service_number")
    raise Invalid(path, "There is no such number: a mobile of the patient, or else a landline.", why="no_such_number")


def _readings(dialled: str, home: str) -> Iterator[phonenumbers.PhoneNumber]:
    """What the digits may be, the likeliest first: at home, then in the other regions of the same plan. Each is made
    when it is looked at: the first is nearly always right, and to read a number takes long."""
    french = _FRENCH_CODE.match(dialled)
    if french:  # What the mainland's code stands before is dialled from anywhere in France with a 0.
        dialled, home = "0" + dialled[french.end() :].lstrip("0"), "FR"
    for place in dict.fromkeys((home, *TEN_DIGIT_REGIONS)):
        try:
            yield phonenumbers.parse(dialled, place)
        except phonenumbers.NumberParseException:
            continue


def email(typed: str | None, path: str) -> str:
    address = _address(plain(typed or ""))
    if not address:
        return ""
    within(address, EMAIL_LIMIT, path)
    if not _EMAIL.fullmatch(address) or ".." in address:
        raise Invalid(path, "The e-mail address is not complete: it looks like nom@exemple.fr.", why="incomplete")
    return address


def _address(said: str) -> str:
    """The address of what was typed, or pasted from a mail program: ``Odile Marchandeau <odile@exemple.fr>``."""
    named = _NAMED_ADDRESS.fullmatch(said)
    bare = re.sub(r"^mailto:", "", named["address"] if named else said, flags=re.IGNORECASE)
    return re.sub(r" ?@ ?", "@", bare, count=1).strip()


def require_channel(telephone: Phone, address: str, path: str) -> None:
    """The patient must be told of changes: without a mobile for the SMS, there is an e-mail address."""
    if not telephone.mobile and not address:
        raise Invalid(path, "Without a mobile number the patient is told by e-mail: type an address.", why="required")


def ins(typed: str | None, path: str) -> str:
    """The national identity number: thirteen characters and their key, 97 − (n mod 97); 2A counts as 19, 2B as 18."""
    number = re.sub(r"[ ./-]", "", _LABEL.sub("", plain(typed or ""))).upper()
    if not number:
        return ""
    match = _NIR.fullmatch(number)
    if match is None:
        why = "wrong_length" if re.fullmatch(r"[\dAB]+", number, re.ASCII) and len(number) != 15 else "not_an_ins"
        raise Invalid(path, "The INS number has 13 characters and a key of 2 digits.", why=why)
    digits = int(number[:13].replace("2A", "19").replace("2B", "18"))
    if 97 - digits % 97 != int(match["key"]):
        raise Invalid(path, "The key of the INS number does not match: check each digit.", why="wrong_key")
    return number


def is_mobile(number: str) -> bool:
    """Whether a number in international form receives an SMS."""
    fiction = _FICTION.fullmatch(number)
    if fiction is not None:
        return fiction[1] is not None
    return bool(phonenumbers.number_type(phonenumbers.parse(number)) == PhoneNumberType.MOBILE)
