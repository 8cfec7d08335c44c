"""An extract of any size, of people who do not exist: surnames are put together from syllables, a few borne by many.

python -m tests.bench.register_file --rows 2000000 > extract.txt
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
from collections.abc import Iterator
from typing import TextIO

from identity.directory.communes import BUNDLED, Commune, read_communes
from identity.directory.nomenclature import FIELDS, PROFESSIONS, SPECIALITIES
from identity.register_numbers import DOUBLED

COLUMNS = """Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|\
Libellé civilité d'exercice|Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|Code profession|\
Libellé profession|Code catégorie professionnelle|Libellé catégorie professionnelle|Code type savoir-faire|\
Libellé type savoir-faire|Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|\
Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|Numéro FINESS établissement juridique|\
Identifiant technique de la structure|Raison sociale site|Enseigne commerciale site|\
Complément destinataire (coord. structure)|Complément point géographique (coord. structure)|\
Numéro Voie (coord. structure)|Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|\
Libellé type de voie (coord. structure)|Libellé Voie (coord. structure)|Mention distribution (coord. structure)|\
Bureau cedex (coord. structure)|Code postal (coord. structure)|Code commune (coord. structure)|\
Libellé commune (coord. structure)|Code pays (coord. structure)|Libellé pays (coord. structure)|\
Téléphone (coord. structure)|Téléphone 2 (coord. structure)|Télécopie (coord. structure)|\
Adresse e-mail (coord. structure)|Code Département (structure)|Libellé Département (structure)|\
Ancien identifiant de la structure|Autorité d'enregistrement|Code secteur d'activité|Libellé secteur d'activité|\
Code section tableau pharmaciens|Libellé section tableau pharmaciens|Code rôle|Libellé rôle|Code genre activité|\
Libellé genre activité""".split("|")

ONSETS = "b c d f g h j l m n p r s t v br ch cl cr dr fl fr gl gr pl pr tr qu".split()
VOWELS = "a e i o u ou eau ai oi in on an".split()
ENDS = "t d l r n s x z lle rd nt ng ck ffe sson rel net vel din ier eux".split()
FREQUENT = "Moreau Lefort Garnaud Delmas Rivoal Kerbrat Nguyen Traore Benhamou Ferrand Colas Vasseur Legrand".split()
FIRST = """Marie Jeanne Claire Sophie Hélène Inès Zoé Léa Camille Émilie Cécile Aïcha Fatou Yasmine Linh Maëlle Noémie
Anaïs Solène Gwenaëlle Jean Pierre Paul Louis Hugo Jules Karim Mohamed Minh Yann Erwan Loïc Gaël Rémi Benoît Jérôme
Grégory Hervé François Étienne Marie-Claude Anne-Sophie Jean-Baptiste Jean-François Pierre-Yves Alix Basile Célestin
Diane Edgar Flore Gaspard Héloïse Isaure Joachim Katia Léonie Marius Nour Octave Prune Quitterie Rose Sacha Thaïs
Ulysse Victoire Wassim Xénia Ysée Zacharie""".split()
PARTICLES = ["LE ", "DE ", "D'", "BEN ", "DU ", "DE LA "]
SHARES = {
    "10": 24, "21": 7, "40": 5, "50": 3, "60": 38, "70": 10, "80": 2, "91": 3, "92": 1, "93": 4, "94": 2, "26": 1,
}  # fmt: skip
STREETS = ["Rue", "Avenue", "Boulevard", "Place", "Chemin", "Allée", "Quai"]
STREET_NAMES = "DES TILLEULS|DU LAVOIR|DE LA GARE|DES ECOLES|DU MOULIN|DE L'EGLISE|DES VIGNES|DU PONT NEUF".split("|")
SALARIED = ["CENTRE HOSPITALIER DE ", "CLINIQUE DES TILLEULS ", "CPTS ", "MAISON DE SANTE DE ", "EHPAD LES GLYCINES "]


def check_digit(body: str) -> str:
    total = sum(DOUBLED[digit] if at % 2 == 0 else int(digit) for at, digit in enumerate(reversed(body)))
    return str(-total % 10)


def surnames(rng: random.Random, count: int) -> list[str]:
    """Names that nobody is known to bear, the first far more frequent than the rest."""
    made = dict.fromkeys(name.upper() for name in FREQUENT)
    while len(made) < count:
        syllables = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.choice((1, 2, 2, 3))))
        made[(syllables + rng.choice(ENDS)).upper()] = None
    return list(made)


class Generator:
    """The same rows for the same seed."""

    def __init__(self, rows: int, seed: int = 1) -> None:
        self.rows = rows
        self.rng = random.Random(seed)
        self.communes = [one for one in read_communes(BUNDLED) if one.postal_codes]
        self.weights = list(itertools.accumulate(one.population + 50 for one in self.communes))
        self.names = surnames(self.rng, max(200, min(150_000, rows // 8)))
        self.name_weights = list(itertools.accumulate(1 / (rank + 20) for rank in range(len(self.names))))
        self.first_weights = list(itertools.accumulate(1 / (rank + 5) for rank in range(len(FIRST))))
        self.shares = list(itertools.accumulate(SHARES.values()))
        self.specialities = [
            code for key, (_, codes, _) in SPECIALITIES.items() for code in codes.split() if key != "IPA"
        ]

    def lines(self) -> Iterator[str]:
        yield "|".join(COLUMNS) + "|\n"
        written = 0
        for number in itertools.count(1):
            person = self.person(number)
            for _ in range(self.rng.choices((1, 2, 3), (80, 16, 4))[0]):
                if written == self.rows:
                    return
                written += 1
                row = person | self.site(person)
                yield "|".join([row.get(column, "") for column in COLUMNS]) + "|\n"

    def person(self, number: int) -> dict[str, str]:
        rng = self.rng
        last = rng.choices(self.names, cum_weights=self.name_weights)[0]
        if rng.random() < 0.05:
            last += rng.choice([" ", "-"]) + rng.choices(self.names, cum_weights=self.name_weights)[0]
        if rng.random() < 0.06:
            last = rng.choice(PARTICLES) + last
        first = rng.choices(FIRST, cum_weights=self.first_weights)[0]
        profession = rng.choices(list(SHARES), cum_weights=self.shares)[0]
        physician = profession in ("10", "40")
        code = ""
        if profession == "10":
            code = rng.choice(("SM26", "SM53", "SM54")) if rng.random() < 0.5 else rng.choice(self.specialities)
        body = f"2{number:09d}"
        rpps = body + check_digit(body)
        return {
            "Type d'identifiant PP": "8", "Identifiant PP": rpps, "Identification nationale PP": "8" + rpps,
            "Code civilité d'exercice": "DR" if physician else "",
            "Libellé civilité d'exercice": "Docteur" if physician else "",
            "Nom d'exercice": last, "Prénom d'exercice": first.upper() if rng.random() < 0.3 else first,
            "Code profession": profession, "Libellé profession": PROFESSIONS[profession],
            "Code savoir-faire": code,
            "Libellé savoir-faire": FIELDS["MG"].label if code in FIELDS["MG"].codes else code,
        }  # fmt: skip

    def site(self, person: dict[str, str]) -> dict[str, str]:
        rng = self.rng
        salaried = rng.random() < (0.7 if person["Code profession"] in ("60", "21", "93") else 0.35)
        mode = {"Code mode exercice": "S" if salaried else "L"}
        if salaried and rng.random() < 0.3:
            return mode
        commune = rng.choices(self.communes, cum_weights=self.weights)[0]
        return mode | self.address(person, commune, salaried=salaried)

    def address(self, person: dict[str, str], commune: Commune, *, salaried: bool) -> dict[str, str]:
        rng = self.rng
        postal = rng.choice(list(commune.postal_codes))
        town = commune.name.upper()
        own = ("CABINET DU DR " if person["Code profession"] == "10" else "CABINET ") + person["Nom d'exercice"]
        cedex = salaried and rng.random() < 0.08
        return {
            "Identifiant technique de la structure": f"R{rng.randrange(10**8):08d}",
            "Raison sociale site": rng.choice(SALARIED) + town if salaried else own,
            "Numéro Voie (coord. structure)": str(rng.randrange(1, 200)),
            "Libellé type de voie (coord. structure)": rng.choice(STREETS),
            "Libellé Voie (coord. structure)": rng.choice(STREET_NAMES),
            "Bureau cedex (coord. structure)": f"{postal} {town}" + (" CEDEX 9" if cedex else ""),
            "Code postal (coord. structure)": postal[:2] + "9" + postal[3:] if cedex else postal,
            "Code commune (coord. structure)": commune.code if rng.random() < 0.9 else "",
            "Libellé commune (coord. structure)": commune.name if rng.random() < 0.93 else "",
            "Code pays (coord. structure)": "99000",
            "Téléphone (coord. structure)": f"01 99 00 {rng.randrange(100):02d} {rng.randrange(100):02d}",
        }


def write(out: TextIO, rows: int, seed: int = 1) -> None:
    out.writelines(Generator(rows, seed).lines())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]  # no other stream stands there
    write(sys.stdout, options.rows, options.seed)


if __name__ == "__main__":
    main()
