"""Whom Pro Santé Connect's userinfo describes. Pure. Read leniently, decided strictly.

The answer is unsigned JSON whose keys differ between versions in case, in level and by spelling; exercises and
activities are repeated word for word. What is decided here: the register's identifier (``SubjectNameID``), every other
identifier of theirs (numbers of ADELI have become numbers of RPPS), names, and what they practise. There is no e-mail
in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from identity import register_numbers

LONGEST = 200
"""Characters of any text that is taken over."""
MOST = 50
"""Exercises, and activities of an exercise, that are looked at."""
CATEGORIES = {"C", "M", "E"}
"""Of professionals: civilian, military, in training."""


class UserinfoRefused(Exception):
    """Nobody can be admitted by this answer. ``code`` is stable, and named in ``REFUSALS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


REFUSALS = {
    "another_subject": "It is about somebody else than the signed token.",
    "missing_claims": "It lacks the identifier or a name.",
    "not_a_professional": "The identifier is none of a professional's.",
    "sandbox_identity": "It is an identity for tests, and this is no sandbox.",
    "not_practising": "The register knows them, and says that they practise nothing.",
}


class Activity(msgspec.Struct, frozen=True):
    """Where somebody practises, and how: ``mode`` is L (liberal), S (salaried) or B (voluntary)."""

    mode: str = ""
    name: str = ""
    finess: str = ""
    structure: str = ""
    address: str = ""
    postal_code: str = ""
    city: str = ""
    commune: str = ""
    phone: str = ""


class Exercise(msgspec.Struct, frozen=True):
    """A profession that somebody practises, by the codes of the register's nomenclature."""

    profession: str
    category: str = ""
    civility: str = ""
    first_name: str = ""
    last_name: str = ""
    speciality: str = ""
    activities: tuple[Activity, ...] = ()


class Professional(msgspec.Struct, frozen=True):
    """Somebody whom the provider has identified. Identifiers bear their type digit."""

    national_id: str
    sub: str
    first_name: str
    last_name: str
    other_ids: tuple[str, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    is_invented: bool = False

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Every identifier of theirs, the current one first."""
        return (self.national_id, *self.other_ids)


class NotPractising(UserinfoRefused):
    """The register says that this professional practises nothing any more: they are known, and may not come in."""

    def __init__(self, identifiers: tuple[str, ...]) -> None:
        super().__init__("not_practising")
        self.identifiers = identifiers


def read(answer: Mapping[str, Any], sub: str, *, sandbox: bool) -> Professional:
    """The professional whom the answer describes; ``sub`` is that of the ID token. ``UserinfoRefused`` otherwise."""
    if _text(answer, "sub") != sub:
        raise UserinfoRefused("another_subject")
    national_id = _text(answer, "SubjectNameID").upper()
    reference = _reference(answer)
    others = tuple(_unique(one for one in _other_ids(answer) if one != national_id))
    exercises = tuple(_unique(_exercises(reference)))
    first_name, last_name = _names(answer, exercises)
    if not (national_id and first_name and last_name):
        raise UserinfoRefused("missing_claims")
    invented = _is_invented(answer, national_id)
    if invented and not sandbox:
        raise UserinfoRefused("sandbox_identity")
    if not invented and not register_numbers.is_sound(national_id):
        raise UserinfoRefused("not_a_professional")
    identifiers = (national_id, *(one for one in others if invented or register_numbers.is_sound(one)))
    if not exercises:
        # Said to be none is a statement; not said at all is an answer that lacks something.
        if _get(reference, "exercices") == []:
            raise NotPractising(identifiers)
        raise UserinfoRefused("missing_claims")
    return Professional(
        national_id=national_id,
        sub=sub,
        first_name=first_name,
        last_name=last_name,
        other_ids=identifiers[1:],
        exercises=exercises,
        is_invented=invented,
    )


def _is_invented(answer: Mapping[str, Any], national_id: str) -> bool:
    """Whether these are identifiers of a sandbox: its own shapes, or what says that its publisher made it up."""
    shaped = register_numbers.is_identifier(national_id)
    made = any(_text(one, "origine").upper() == "EDIT" for one in _list(_get(answer, "otherIds")))
    return made or national_id.startswith("ANS") or (shaped and register_numbers.is_invented(national_id))


def _other_ids(answer: Mapping[str, Any]) -> Iterator[str]:
    for one in _list(_get(answer, "otherIds"))[:MOST]:
        number, origin = _text(one, "identifiant").upper(), _text(one, "origine").upper()
        prefix = {"RPPS": ("8", 11), "ADELI": ("0", 9)}.get(origin)
        if prefix and len(number) == prefix[1]:
            number = prefix[0] + number
        if register_numbers.is_identifier(number):
            yield number


def _reference(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    found = _get(answer, "SubjectRefPro")
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            found = None
    return found if isinstance(found, Mapping) else {}


def _exercises(reference: Mapping[str, Any]) -> Iterator[Exercise]:
    for one in _list(_get(reference, "exercices"))[:MOST]:
        profession, category = _text(one, "codeProfession"), _text(one, "codeCategorieProfessionnelle").upper()
        if not profession or category not in CATEGORIES:
            continue
        yield Exercise(
            profession=profession,
            category=category,
            civility=_text(one, "codeCiviliteDexercice") or _text(reference, "codeCivilite"),
            first_name=_text(one, "prenomDexercice"),
            last_name=_text(one, "nomDexercice"),
            speciality=_text(one, "codeSavoirFaire"),
            activities=tuple(_unique(map(_activity, _list(_get(one, "activities"))[:MOST]))),
        )


def _activity(one: Mapping[str, Any]) -> Activity:
    street = ("numeroVoie", "indiceRepetitionVoie", "codeTypeDeVoie", "libelleVoie")
    return Activity(
        mode=_text(one, "codeModeExercice"),
        name=_text(one, "raisonSocialeSite") or _text(one, "enseigneCommercialeSite"),
        finess=_text(one, "numeroFinessSite"),
        structure=_text(one, "identifiantTechniqueDeLaStructure"),
        address=" ".join(word for word in (_text(one, name) for name in street) if word),
        postal_code=_text(one, "codePostal"),
        city=_text(one, "bureauCedex"),
        commune=_text(one, "codeCommune"),
        phone=_text(one, "telephone"),
    )


def _names(answer: Mapping[str, Any], exercises: tuple[Exercise, ...]) -> tuple[str, str]:
    """The names under which they practise, which colleagues know; otherwise those of the identity."""
    practised = exercises[0] if exercises else Exercise("")
    first = practised.first_name or _text(answer, "given_name")
    return first, practised.last_name or _text(answer, "family_name")


def _get(found: Mapping[str, Any], name: str) -> Any:
    """A value by its key, in whatever case."""
    if name in found:
        return found[name]
    wanted = name.lower()
    return next((value for key, value in found.items() if key.lower() == wanted), None)


def _text(found: Mapping[str, Any], name: str) -> str:
    """A text by its key without what surrounds it, a number as text; empty for anything else, or what is too long."""
    value = _get(found, name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    said = " ".join(value.split()) if isinstance(value, str) else ""
    return said if len(said) <= LONGEST and said.isprintable() else ""


def _list(value: Any) -> list[Mapping[str, Any]]:
    """A list of objects; one alone stands for a list of one."""
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, Mapping)]


def _unique(found: Iterable[Any]) -> Iterator[Any]:
    """Each once, in order."""
    return iter(dict.fromkeys(found))
