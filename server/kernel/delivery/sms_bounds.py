"""To which numbers SMS are sent at all; how many is said by ``message_bounds``.

France, overseas and the countries of ``RELAIS_SMS_COUNTRIES``: elsewhere are the numbers whose owners are paid for
being sent messages. Premium, shared-cost, short and other service numbers receive none anywhere.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from django.conf import settings
from phonenumbers import PhoneNumberType

HOME_CODES = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})
"""Country codes of France and overseas."""
REFUSED_TYPES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.PAGER,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)

_MOBILE = re.compile(r"\+33[67]\d{8}", re.ASCII)
"""The mobiles of the mainland: all of them are possible, and none is of a refused type."""


def is_allowed(number: str) -> bool:
    """Whether SMS are sent to a number in international form at all."""
    found = _place(number)
    return found is not None and (found[0] in HOME_CODES or found[1] in settings.RELAIS_SMS_COUNTRIES)


@lru_cache(256)  # A booking asks several times about its patient's number, and to read one takes long.
def _place(number: str) -> tuple[int | None, str | None] | None:
    """The country code and the region of a number that receives SMS; None for any other."""
    if _MOBILE.fullmatch(number):
        return 33, None
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed) or phonenumbers.number_type(parsed) in REFUSED_TYPES:
        return None
    region = None if parsed.country_code in HOME_CODES else phonenumbers.region_code_for_number(parsed)
    return parsed.country_code, region
