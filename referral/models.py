"""All models of this app, for Django: each room keeps its own."""

from referral.notices.models import Notice
from referral.referrals.models import Referral
from referral.scheduling.models import Absence, Agenda, Appointment, Opening, VisitReason

__all__ = [
    "Absence",
    "Agenda",
    "Appointment",
    "Notice",
    "Opening",
    "Referral",
    "VisitReason",
]
