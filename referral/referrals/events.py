"""What of referrals concerns a person's inbox, ``i:<person>``: without a word about the patient."""

from __future__ import annotations

from typing import Any

from referral.referrals.wire import ReferralBooked, ReferralCancelled, ReferralFilesChecked, ReferralNotice
from server.kernel.events import EventType

EVENTS: list[EventType[Any]] = [
    EventType(ReferralBooked),
    EventType(ReferralCancelled),
    EventType(ReferralNotice),
    EventType(ReferralFilesChecked),
]
