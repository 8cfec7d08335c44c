"""Professions and specialities: the register's codes (nomenclature J65), their French labels and everyday names.

A *field* is what people look for: one profession, or one or several speciality codes that mean the same practice
(general practice is three codes, gynaecology five). Fields are what the directory's indexes are made of.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from identity.names import distance, fold, words


@dataclass(frozen=True, slots=True)
class Field:
    """One practice. ``codes`` are speciality codes of the register; without any it is a whole profession."""

    key: str
    label: str
    profession: str
    codes: tuple[str, ...]
    names: tuple[str, ...]


@lru_cache(maxsize=2_000)
def field_number(key: str) -> str:
    """The number, in digits, under which a field is indexed: the same on every machine and in every version."""
    return str(zlib.crc32(key.encode()) - 2**31)


PHYSICIAN = "10"

PROFESSIONS: dict[str, str] = {
    "10": "Médecin",
    "21": "Pharmacien",
    "26": "Audioprothésiste",
    "28": "Opticien-Lunetier",
    "31": "Assistant dentaire",
    "32": "Physicien médical",
    "35": "Aide-soignant",
    "36": "Ambulancier",
    "37": "Auxiliaire de puériculture",
    "38": "Préparateur en pharmacie hospitalière",
    "39": "Préparateur en pharmacie (officine)",
    "40": "Chirurgien-Dentiste",
    "41": "Assistant de service social",
    "50": "Sage-Femme",
    "60": "Infirmier",
    "69": "Infirmier psychiatrique",
    "70": "Masseur-Kinésithérapeute",
    "71": "Ostéopathe",
    "72": "Psychothérapeute",
    "73": "Chiropracteur",
    "80": "Pédicure-Podologue",
    "81": "Orthoprothésiste",
    "82": "Podo-Orthésiste",
    "83": "Orthopédiste-Orthésiste",
    "84": "Oculariste",
    "85": "Épithésiste",
    "86": "Technicien de laboratoire médical",
    "91": "Orthophoniste",
    "92": "Orthoptiste",
    "93": "Psychologue",
    "94": "Ergothérapeute",
    "95": "Diététicien",
    "96": "Psychomotricien",
    "97": "Conseiller en génétique",
    "98": "Manipulateur ERM",
}

# Everyday names of professions, beside the label; "|" separates them.
PROFESSION_NAMES: dict[str, str] = {
    "10": "medecin|medecins|docteurs|praticien hospitalier",
    "21": "pharmacien|pharmacienne|pharmaciens|pharmacie|pharma|officine",
    "26": "audioprothesiste|audio|audioprothese",
    "28": "opticien|opticienne|opticien lunetier|lunetier",
    "31": "assistant dentaire|assistante dentaire",
    "32": "physicien medical|physicienne medicale|radiophysicien",
    "35": "aide soignant|aide soignante|aides soignants",
    "36": "ambulancier|ambulanciere|ambulance",
    "37": "auxiliaire de puericulture|auxiliaire puericulture",
    "40": "chirurgien dentiste|chirurgienne dentiste|dentiste|dentistes|dentaire|chirdent",
    "41": "assistant social|assistante sociale|assistant de service social",
    "50": "sage femme|sages femmes|sagefemme|maieuticien|maieutique|sf",
    "60": "infirmier|infirmiere|infirmiers|infirmieres|infirmier liberal|infirmiere liberale|ide|idel|inf",
    "69": "infirmier psychiatrique|infirmiere psychiatrique",
    "70": "masseur kinesitherapeute|kinesitherapeute|kinesitherapeutes|kinesitherapie|kine|kines|kinesi|masseur|mk|"
    "mkde|masseuse kinesitherapeute|physiotherapeute",
    "71": "osteopathe|osteopathes|osteopathie|osteo",
    "72": "psychotherapeute|psychotherapie",
    "73": "chiropracteur|chiropractrice|chiropraxie|chiro",
    "80": "pedicure podologue|podologue|podologues|pedicure|podologie|podo",
    "81": "orthoprothesiste|prothesiste",
    "91": "orthophoniste|orthophonistes|orthophonie|ortho phoniste",
    "92": "orthoptiste|orthoptistes|orthoptie",
    "93": "psychologue|psychologues|psychologie|neuropsychologue|psycho",
    "94": "ergotherapeute|ergotherapie|ergo",
    "95": "dieteticien|dieteticienne|dietetique|nutritionniste dieteticien|diet",
    "96": "psychomotricien|psychomotricienne|psychomotricite|psychomot",
    "97": "conseiller en genetique|conseillere en genetique",
    "98": "manipulateur radio|manipulatrice radio|manip radio|manipulateur|manipulateur erm",
}

# key: (label, codes, everyday names)
SPECIALITIES: dict[str, tuple[str, str, str]] = {
    "MG": (
        "Médecine générale",
        "SM26 SM53 SM54",
        (
            "generaliste|generalistes|medecin generaliste|medecins generalistes|medecine generale|medecin traitant|"
            "medecin de famille|omnipraticien|qualifie en medecine generale|specialiste en medecine generale|mg"
        ),
    ),
    "ANAPATH": (
        "Anatomie et cytologie pathologiques",
        "SM01",
        "anatomopathologiste|anapath|anatomopathologie|acp|pathologiste",
    ),
    "ANESTHESIE": (
        "Anesthésie-réanimation",
        "SM02",
        "anesthesiste|anesthesistes|anesthesiste reanimateur|anesthesie|mar|anesth",
    ),
    "BIOLOGIE": (
        "Biologie médicale",
        "SM03 SM63 SM64 SM65 SM66 SM67",
        "biologiste|biologistes|biologiste medical|biologie|bio med",
    ),
    "CARDIO": (
        "Cardiologie et maladies vasculaires",
        "SM04",
        "cardiologue|cardiologues|cardiologie|cardio|cardiovasculaire|maladies vasculaires|rythmologue",
    ),
    "CHIR": ("Chirurgie générale", "SM05", "chirurgien general|chirurgie generale|chir gen"),
    "CMF": (
        "Chirurgie maxillo-faciale",
        "SM06 SM07 SM68",
        "chirurgien maxillo facial|chirurgie maxillo faciale|maxillo facial|maxillo faciale|cmf",
    ),
    "ORTHO": (
        "Chirurgie orthopédique et traumatologie",
        "SM08",
        (
            "chirurgien orthopedique|chirurgien orthopediste|orthopediste|orthopedistes|orthopedie|traumatologue|"
            "traumatologie|chir ortho|ortho|cot"
        ),
    ),
    "CHIRPED": (
        "Chirurgie infantile",
        "SM09 SM69 SM70",
        "chirurgien pediatrique|chirurgie pediatrique|chirurgien infantile|chirurgie infantile|chir ped",
    ),
    "PLASTIQUE": (
        "Chirurgie plastique reconstructrice et esthétique",
        "SM10",
        "chirurgien plasticien|plasticien|chirurgie plastique|chirurgien esthetique|chirurgie esthetique|plastique",
    ),
    "THORAX": (
        "Chirurgie thoracique et cardio-vasculaire",
        "SM11",
        (
            "chirurgien thoracique|chirurgie thoracique|chirurgien cardiaque|chirurgie cardiaque|ctcv|"
            "chirurgien cardio vasculaire"
        ),
    ),
    "URO": (
        "Chirurgie urologique",
        "SM12",
        "urologue|urologues|urologie|chirurgien urologue|uro",
    ),
    "CHIRVASC": ("Chirurgie vasculaire", "SM13", "chirurgien vasculaire|chir vasc"),
    "VISCERAL": (
        "Chirurgie viscérale et digestive",
        "SM14",
        "chirurgien visceral|chirurgie viscerale|chirurgien digestif|chirurgie digestive|visceral|chir visc",
    ),
    "DERMATO": (
        "Dermatologie et vénéréologie",
        "SM15",
        "dermatologue|dermatologues|dermatologie|dermato|venereologue|venereologie",
    ),
    "ENDOCRINO": (
        "Endocrinologie, diabétologie, nutrition",
        "SM16 SM62",
        (
            "endocrinologue|endocrinologues|endocrinologie|endocrino|endocrinologie et metabolisme|diabetologue|"
            "diabetologie|diabeto|nutritionniste"
        ),
    ),
    "GENETIQUE": ("Génétique médicale", "SM17", "geneticien|geneticienne|genetique|medecin geneticien"),
    "GERIATRIE": ("Gériatrie", "SM18", "geriatre|geriatres|geriatrie|gerontologue|gerontologie|geria"),
    "GYNECO": (
        "Gynécologie-obstétrique",
        "SM19 SM20 SM51 SM52",
        (
            "gynecologue|gynecologues|gynecologie|gyneco|gynecologie medicale|gynecologue obstetricien|"
            "gynecologie obstetrique|obstetricien|obstetricienne|obstetrique|gyneco obstetrique"
        ),
    ),
    "HEMATO": (
        "Hématologie",
        "SM21 SM22 SM23 SM71",
        "hematologue|hematologues|hematologie|hemato|onco hematologue|maladies du sang",
    ),
    "GASTRO": (
        "Gastro-entérologie et hépatologie",
        "SM24",
        (
            "gastro enterologue|gastroenterologue|gastro enterologues|gastroenterologie|gastro enterologie|gastro|"
            "hepatologue|hepatologie|hepato gastro enterologue|hge"
        ),
    ),
    "TRAVAIL": (
        "Médecine du travail",
        "SM25",
        "medecin du travail|medecine du travail|sante au travail",
    ),
    "INTERNE": (
        "Médecine interne",
        "SM27 SM72",
        "interniste|internistes|medecine interne|medecin interniste|immunologue",
    ),
    "NUCLEAIRE": ("Médecine nucléaire", "SM28", "medecin nucleaire|scintigraphie|mednuc"),
    "MPR": (
        "Médecine physique et réadaptation",
        "SM29",
        "medecine physique|medecin reeducateur|reeducation fonctionnelle|reeducation|mpr",
    ),
    "NEPHRO": ("Néphrologie", "SM30", "nephrologue|nephrologues|nephrologie|nephro"),
    "NEUROCHIR": (
        "Neuro-chirurgie",
        "SM31",
        "neurochirurgien|neurochirurgienne|neurochirurgie|neuro chirurgien|neuro chirurgie|neurochir|ncg",
    ),
    "NEURO": ("Neurologie", "SM32", "neurologue|neurologues|neurologie|neuro"),
    "NEUROPSY": ("Neuro-psychiatrie", "SM33", "neuropsychiatre|neuropsychiatrie|neuro psychiatre"),
    "ORL": (
        "ORL et chirurgie cervico-faciale",
        "SM34 SM39",
        (
            "orl|oto rhino|oto rhino laryngologiste|oto rhino laryngologie|otorhino|otorhinolaryngologiste|"
            "otorhinolaryngologie|chirurgie cervico faciale"
        ),
    ),
    "ONCO": (
        "Oncologie",
        "SM35 SM36",
        "oncologue|oncologues|oncologie|onco|cancerologue|cancerologie|oncologue medical|oncologie medicale",
    ),
    "RADIOTHERAPIE": (
        "Oncologie option radiothérapie",
        "SM37 SM45",
        "radiotherapeute|radiotherapie|oncologue radiotherapeute|radiotherapeutes",
    ),
    "OPHTALMO": (
        "Ophtalmologie",
        "SM38",
        "ophtalmologue|ophtalmologiste|ophtalmologistes|ophtalmologues|ophtalmologie|ophtalmo|oculiste|ophtal|oph",
    ),
    "PEDIATRIE": ("Pédiatrie", "SM40", "pediatre|pediatres|pediatrie|neonatologue|neonatologie|pediatrique"),
    "PNEUMO": ("Pneumologie", "SM41", "pneumologue|pneumologues|pneumologie|pneumo|pneumologue allergologue"),
    "PSYCHIATRIE": ("Psychiatrie", "SM42", "psychiatre|psychiatres|psychiatrie|psychia"),
    "PEDOPSY": (
        "Psychiatrie option enfant et adolescent",
        "SM43",
        "pedopsychiatre|pedopsychiatres|pedopsychiatrie|pedopsy|psychiatre enfant|psychiatre de l enfant",
    ),
    "RADIO": (
        "Radiodiagnostic",
        "SM44 SM55",
        (
            "radiologue|radiologues|radiologie|radio|radio diagnostic|imagerie|imagerie medicale|scanner|irm|"
            "radiodiagnostic et imagerie medicale"
        ),
    ),
    "REANIMATION": (
        "Médecine intensive-réanimation",
        "SM46",
        "reanimateur|reanimatrice|reanimation|reanimation medicale|intensiviste|rea|mir",
    ),
    "RECHERCHE": ("Recherche médicale", "SM47", "recherche medicale"),
    "RHUMATO": ("Rhumatologie", "SM48", "rhumatologue|rhumatologues|rhumatologie|rhumato"),
    "SANTEPUB": (
        "Santé publique et médecine sociale",
        "SM49",
        "medecin de sante publique|sante publique|epidemiologiste|medecine sociale",
    ),
    "STOMATO": ("Stomatologie", "SM50", "stomatologue|stomatologues|stomatologie|stomato"),
    "CHIRORALE": ("Chirurgie orale", "SM56 SCD02", "chirurgien oral|chir orale"),
    "ALLERGO": ("Allergologie", "SM57", "allergologue|allergologues|allergologie|allergo|allergiste"),
    "INFECTIO": (
        "Maladies infectieuses et tropicales",
        "SM58",
        "infectiologue|infectiologues|infectiologie|infectio|maladies infectieuses|maladies tropicales",
    ),
    "URGENCE": (
        "Médecine d'urgence",
        "SM59",
        "urgentiste|urgentistes|medecin urgentiste|medecine d urgence|urgences|smur|samu",
    ),
    "LEGALE": (
        "Médecine légale et expertises médicales",
        "SM60",
        "medecin legiste|legiste|medecine legale|expertise medicale",
    ),
    "VASCULAIRE": (
        "Médecine vasculaire",
        "SM61",
        "angiologue|angiologues|angiologie|phlebologue|phlebologie|medecin vasculaire|angio|angeiologue|angeiologie",
    ),
    "ODF": (
        "Orthopédie dento-faciale",
        "SCD01",
        "orthodontiste|orthodontistes|orthodontie|odf|orthopedie dento faciale|orthodontist",
    ),
    "BUCCO": ("Médecine bucco-dentaire", "SCD03", "medecine bucco dentaire|mbd"),
    "IPA": (
        "Infirmier en pratique avancée",
        "SI01 SI02 SI03 SI04 SI05",
        "ipa|infirmier en pratique avancee|infirmiere en pratique avancee|pratique avancee",
    ),
}

SEVERAL: dict[str, str] = {
    "chirurgien|chirurgienne|chirurgiens|chirurgie|chir": (
        "CHIR ORTHO VISCERAL CHIRVASC THORAX PLASTIQUE URO CHIRPED CMF NEUROCHIR"
    ),
    "psy|psys": "PSYCHIATRIE PEDOPSY NEUROPSY 93 72",
    "biologie medicale|laboratoire": "BIOLOGIE 86",
    "cancer": "ONCO RADIOTHERAPIE HEMATO",
    "vasculaire": "VASCULAIRE CHIRVASC",
}
"""Words that stand for several fields."""

TITLES = frozenset(
    words("dr drs docteur docteure pr prof professeur professeure mme mlle madame mademoiselle mr monsieur m")
)


def _profession_of(codes: str) -> str:
    return {"SC": "40", "SI": "60"}.get(codes[:2], PHYSICIAN)


FIELDS: dict[str, Field] = {
    **{
        code: Field(code, label, code, (), tuple(PROFESSION_NAMES.get(code, "").split("|")))
        for code, label in PROFESSIONS.items()
    },
    **{
        key: Field(key, label, _profession_of(codes), tuple(codes.split()), tuple(names.split("|")))
        for key, (label, codes, names) in SPECIALITIES.items()
    },
}
FIELD_OF_CODE: dict[str, str] = {code: field.key for field in FIELDS.values() for code in field.codes}


def field_key(profession: str, speciality: str) -> str:
    """The field of a row of the register; a speciality that is not in the nomenclature is a field of its own."""
    if speciality[:2] in ("SM", "SC", "SI"):
        return FIELD_OF_CODE.get(speciality, speciality)
    return profession


def field_label(key: str) -> str | None:
    """The label of a speciality's field; None for a bare profession."""
    field = FIELDS.get(key)
    return field.label if field and field.codes else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The fields somebody asked for; ``professions`` are those asked for as a whole, whatever the speciality."""

    fields: frozenset[str]
    professions: frozenset[str] = frozenset()

    def narrowed(self, other: Wanted) -> Wanted:
        """What answers both."""
        if self.professions and not other.professions:
            return other.narrowed(self)
        if not self.professions and other.professions:
            return Wanted(frozenset(key for key in self.fields if profession_of(key) in other.professions))
        return Wanted(self.fields & other.fields, self.professions & other.professions)


def profession_of(key: str) -> str:
    field = FIELDS.get(key)
    return field.profession if field else _profession_of(key)


def _wanted(keys: Iterable[str]) -> Wanted:
    keys = frozenset(keys)
    professions = frozenset(key for key in keys if key in PROFESSIONS)
    with_specialities = {key for key, field in FIELDS.items() if field.profession in professions}
    return Wanted(keys | with_specialities, professions)


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Wanted]:
    """Every phrase that names fields, folded, with what it stands for."""
    phrases: dict[str, Wanted] = {}
    for key, field in FIELDS.items():
        for phrase in (field.label, *field.codes, *field.names):
            if phrase:
                phrases[" ".join(words(phrase))] = _wanted([key])
    for names, keys in SEVERAL.items():
        for phrase in names.split("|"):
            phrases[phrase] = _wanted(keys.split())
    return phrases


LONGEST = 6
"""No phrase of the vocabulary that people type has more words than this."""


def find(phrase: str) -> Wanted | None:
    """The fields that ``phrase`` names exactly: a code, a label, an everyday name."""
    if phrase.strip() in FIELDS:
        return _wanted([phrase.strip()])
    return vocabulary().get(" ".join(words(phrase)))


def guess(phrase: str) -> Wanted | None:
    """The fields of the vocabulary that ``phrase`` begins, or misses by one slip; None when they are not few."""
    spoken = " ".join(words(phrase))
    if len(spoken) < 4:
        return None
    begun = {wanted for known, wanted in vocabulary().items() if known.startswith(spoken)}
    if not begun and len(spoken) >= 5:
        begun = {wanted for known, wanted in vocabulary().items() if distance(spoken, known, 1) <= 1}
    if not begun or len(begun) > 4:
        return None
    return Wanted(
        frozenset().union(*(wanted.fields for wanted in begun)),
        frozenset().union(*(wanted.professions for wanted in begun)),
    )


def suggestions(phrase: str, most: int = 3) -> list[str]:
    """Labels that somebody who wrote ``phrase`` may have meant."""
    spoken = fold(phrase)
    near = sorted(
        (distance(spoken, name, 3), field.label)
        for field in FIELDS.values()
        for name in (fold(field.label), *field.names)
        if name
    )
    return list(dict.fromkeys(label for slips, label in near if slips <= 3))[:most]
