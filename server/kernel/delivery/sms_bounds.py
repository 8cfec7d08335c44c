"""To which numbers SMS are sent at all; how many is said by ``message_bounds``.

France, overseas and the countries of ``RELAIS_SMS_COUNTRIES``: elsewhere are the numbers whose owners are paid for
being sent messages. Premium, shared-cost, short and other service numbers receive none anywhere.
"""

from __future__ import annotations

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


def is_allowed(number: str) -> bool:
    """Whether SMS are sent to a number in international form at all."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    if not phonenumbers.is_possible_number(parsed) or phonenumbers.number_type(parsed) in REFUSED_TYPES:
        return False
    if parsed.country_code in HOME_CODES:
        return True
    return phonenumbers.region_code_for_number(parsed) in settings.RELAIS_SMS_COUNTRIES
