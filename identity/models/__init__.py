from identity.models.people import Membership, Organisation, Person, Session, Site
from identity.models.register import (
    RegisterCommune,
    RegisterDeclaration,
    RegisterEntry,
    RegisterImport,
    RegisterOrganisation,
    RegisterPlace,
    RegisterWord,
)

__all__ = [
    "Membership",
    "Organisation",
    "Person",
    "RegisterCommune",
    "RegisterDeclaration",
    "RegisterEntry",
    "RegisterImport",
    "RegisterOrganisation",
    "RegisterPlace",
    "RegisterWord",
    "Session",
    "Site",
]
