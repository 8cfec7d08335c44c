"""Refusals that say something about messages to patients."""

from __future__ import annotations

from server.kernel.wire.errors import Refusal

_WHAT: dict[str, str] = {
    "sms_to_number": "You have caused as many SMS to this number in an hour as one may",
    "sms_by_person": "You have caused as many SMS in an hour as one may",
    "mail_to_address": "You have caused as many e-mails to this address in an hour as one may",
    "mail_by_person": "You have caused as many e-mails in an hour as one may",
}
"""For each ``server.kernel.delivery.message_bounds.Bound``."""


class TooManyNotices(Refusal):
    """The caller has caused as many messages to patients in an hour as one may: to this number (``data.bound`` is
    ``sms_to_number``) or e-mail address (``mail_to_address``), or altogether (``sms_by_person``, ``mail_by_person``).
    What others have caused does not count. Wait ``data.retry_after`` seconds; other requests need not.
    """

    reason = "too_many_notices"

    def __init__(self, bound: str, retry_after: int) -> None:
        message = f"{_WHAT[bound]}: wait, or have a colleague book."
        super().__init__(message, bound=bound, retry_after=retry_after)
