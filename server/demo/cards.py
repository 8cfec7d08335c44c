"""The cards that lie beside the reader in the demo: those of its people, and of others who have no account yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.demo.people_data import PLACES, ROLES, Role


@dataclass(frozen=True)
class Card:
    """A card, as the provider knows its holder."""

    holder: Role
    remark: str = ""
    practises: bool = True

    @property
    def key(self) -> str:
        return self.holder.key

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.holder.title, self.holder.first_name, self.holder.last_name) if part)

    @property
    def national_id(self) -> str:
        return self.holder.national_id or ""

    @property
    def sub(self) -> str:
        return f"f:demo:{self.national_id}"

    def userinfo(self) -> dict[str, Any]:
        """What the provider says of its holder, with each activity twice as the real one does."""
        holder = self.holder
        activities = [
            {
                "codeModeExercice": "L",
                "raisonSocialeSite": PLACES[key].name,
                "libelleVoie": PLACES[key].address,
                "codePostal": PLACES[key].postal_code,
                "bureauCedex": f"{PLACES[key].postal_code} {PLACES[key].city.upper()}",
            }
            for key in holder.places
        ]
        exercise = {
            "codeProfession": holder.profession,
            "codeCategorieProfessionnelle": "C",
            "codeCiviliteDexercice": "DR" if holder.title else "",
            "nomDexercice": holder.last_name,
            "prenomDexercice": holder.first_name,
            "codeSavoirFaire": holder.speciality,
            "activities": activities,
        }
        return {
            "sub": self.sub,
            "SubjectNameID": self.national_id,
            "preferred_username": self.national_id,
            "given_name": holder.first_name,
            "family_name": holder.last_name.upper(),
            "otherIds": [{"identifiant": self.national_id, "origine": "RPPS", "qualite": 1}],
            "SubjectRefPro": {"exercices": [exercise, exercise] if self.practises else []},
        }


NEWCOMERS = (
    Role("Nolwenn", "Guivarc’h", "practitioner", (), 21, "10", "SM26", "Dr", ("quatre-vents", "pipriac")),
    Role("Tanguy", "Le Bihan", "practitioner", (), 22, "60", places=("ploermel",)),
)
STRUCK_OFF = Role("Corentin", "Rabaté", "practitioner", (), 23, "10", "SM04", "Dr", ("rennes",))

CARDS = (
    *(Card(role) for role in ROLES if role.number is not None),
    *(Card(role, "(n’a pas encore de compte)") for role in NEWCOMERS),
    Card(STRUCK_OFF, "(n’exerce plus)", practises=False),
)
