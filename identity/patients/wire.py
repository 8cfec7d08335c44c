"""Commands and views of patients."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec

from server.kernel.wire import Command, Id, Line, NewId, View

Phone: TypeAlias = Annotated[str, msgspec.Meta(min_length=3, max_length=30, pattern=r"^[0-9+(). -]+$")]
Email: TypeAlias = Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+$")]


class BirthPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where somebody was born: in France a town (with its INSEE code where known), else the country."""

    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
    city: Line | None = None
    insee: Annotated[str, msgspec.Meta(pattern=r"^[0-9AB]{5}$")] | None = None


class PatientForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A patient as a referrer writes them down. The phone is how the patient hears of changes."""

    civility: Literal["mme", "m", "none"]
    first_names: Line
    family_name: Line
    birth_date: date
    birth_place: BirthPlace
    phone: Phone
    birth_name: Line | None = None
    address: Line | None = None
    postal_code: Annotated[str, msgspec.Meta(max_length=10, pattern=r"^[0-9A-Z -]{2,10}$")] | None = None
    city: Line | None = None
    email: Email | None = None
    ins: Annotated[str, msgspec.Meta(max_length=22, pattern=r"^[0-9AB ]{15,22}$")] | None = None


class PatientView(View):
    """A patient whom the caller may read."""

    id: Id
    civility: str
    first_names: str
    family_name: str
    birth_date: date
    birth_place: BirthPlace
    phone: str
    birth_name: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    email: str | None = None
    ins: str | None = None


class Patients(View):
    """Patients found, at most 20; ``erased`` are those whose details are erased or can no longer be opened. ``more``:
    there are others, and the first name narrows them down."""

    patients: list[PatientView]
    erased: list[Id] = msgspec.field(default_factory=list)
    more: bool = False


class SearchPatients(Command[Patients]):
    """Patients whose record the caller may open, with this family name (or birth name) and birth date: possible
    duplicates.
    """

    method = "patient.search"

    family_name: Line
    birth_date: date
    first_names: Line | None = None


class CreatePatientResult(View):
    patient: PatientView


class CreatePatient(Command[CreatePatientResult]):
    """Writes a patient down for the organisation that the caller acts for.

    Search first: possible duplicates are shown before anybody is created.
    """

    method = "patient.create"

    id: NewId
    patient: PatientForm
