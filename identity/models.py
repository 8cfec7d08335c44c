"""All models of this app, for Django: each room keeps its own."""

from identity.accounts.models import Consent, Person
from identity.contacts.models import Block, ContactRequest, ContactRule
from identity.directory.models import (
    RegisterCommune,
    RegisterDeclaration,
    RegisterEntry,
    RegisterImport,
    RegisterOrganisation,
    RegisterPlace,
    RegisterWord,
)
from identity.onboarding.models import (
    MobileCode,
    Opinion,
    ProviderNotice,
    RegisterQuestion,
    SignUp,
    Verification,
)
from identity.organisations.models import (
    Arrival,
    Invitation,
    Membership,
    Organisation,
    ProfileRequest,
    Resource,
    Right,
    Site,
)
from identity.patients.models import CareLink, Patient, PatientName
from identity.sessions.models import Session

__all__ = [
    "Arrival",
    "Block",
    "CareLink",
    "Consent",
    "ContactRequest",
    "ContactRule",
    "Invitation",
    "Membership",
    "MobileCode",
    "Opinion",
    "Organisation",
    "Patient",
    "PatientName",
    "Person",
    "ProfileRequest",
    "ProviderNotice",
    "RegisterCommune",
    "RegisterDeclaration",
    "RegisterEntry",
    "RegisterImport",
    "RegisterOrganisation",
    "RegisterPlace",
    "RegisterQuestion",
    "RegisterWord",
    "Resource",
    "Right",
    "Session",
    "SignUp",
    "Site",
    "Verification",
]
