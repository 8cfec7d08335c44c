"""All models of this app, for Django: each room keeps its own."""

from referral.patients.models import Patient, PatientName
from referral.referrals.models import Referral
from referral.scheduling.models import Absence, Agenda, AgendaAccess, Appointment, Opening, VisitReason

__all__ = [
    "Absence",
    "Agenda",
    "AgendaAccess",
    "Appointment",
    "Opening",
    "Patient",
    "PatientName",
    "Referral",
    "VisitReason",
]
