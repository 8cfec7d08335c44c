"""All models of this app, for Django: each room keeps its own."""

from referral.referrals.models import Referral
from referral.scheduling.models import Absence, Agenda, Appointment, Opening, VisitReason

__all__ = [
    "Absence",
    "Agenda",
    "Appointment",
    "Opening",
    "Referral",
    "VisitReason",
]
