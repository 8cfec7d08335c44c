"""The only way to an agenda, an appointment, a patient or a referral: each function returns it or refuses.

What the caller may not know of is ``not_found``, in the same words as what does not exist. What they may
see but not do is ``forbidden``. Role *and* object are checked: a secretary's level counts for the agendas
it was given on, and for no other of the same practitioner.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from referral.patients.models import Patient
from referral.referrals.models import Referral
from referral.scheduling.access import appointments, person
from server.kernel.authentication import Actor


def patients(actor: Actor) -> QuerySet[Patient]:
    """Patients the caller wrote down, referred or received, or who have an appointment that is theirs to
    read.
    """
    caller = person(actor)
    seen = Exists(appointments(actor).filter(patient=OuterRef("pk")))
    handed_on = Referral.objects.filter(Q(referrer=caller) | Q(practitioner=caller), patient=OuterRef("pk"))
    return Patient.objects.filter(Q(created_by=caller) | Q(Exists(handed_on)) | Q(seen))
