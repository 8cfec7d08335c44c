"""Commands and views of patients."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.patients.refusals import TooManyPatients
from server.kernel.wire import Command, Id, NewId, View

Typed: TypeAlias = Annotated[str, msgspec.Meta(max_length=1000)]
"""A field as somebody typed or pasted it. ``identity.fields`` says what it must be, by the tables of the tests."""
DateUnknown: TypeAlias = Literal["day", "month", "day_and_month"]


class BirthPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where somebody was born: in France a town (with its INSEE code where known), else the country."""

    country: str
    city: Typed | None = None
    insee: str | None = None


class PatientForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A patient as a referrer writes them down. The phone is how the patient hears of changes.

    A refused field is named by ``path``, and ``why`` is a code for the reason. Of an incomplete date of birth
    ``birth_date_unknown`` says what is not known; the date is then the one that the INS reference puts in its place:
    the first of the month, January, or 31 December for both.
    """

    civility: Literal["mme", "m", "none"]
    first_names: Typed
    family_name: Typed
    birth_date: date
    birth_place: BirthPlace
    phone: Typed
    birth_name: Typed | None = None
    address: Typed | None = None
    postal_code: Typed | None = None
    city: Typed | None = None
    email: Typed | None = None
    ins: Typed | None = None
    birth_date_unknown: DateUnknown | None = None


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
    birth_date_unknown: str | None = None


class Patients(View):
    """Patients found, at most 20; ``erased`` are those whose details are erased or can no longer be opened. ``more``:
    there are others, and the first name narrows them down."""

    patients: list[PatientView]
    erased: list[Id] = msgspec.field(default_factory=list)
    more: bool = False


class SearchPatients(Command[Patients]):
    """Patients whose record the caller may open, born on this day, whose family or birth name is this one in any
    spelling: possible duplicates. With ``first_names`` also those for whom the two were exchanged.
    """

    method = "patient.search"

    family_name: Typed
    birth_date: date
    first_names: Typed | None = None
    birth_name: Typed | None = None


class CreatePatientResult(View):
    patient: PatientView


class CreatePatient(Command[CreatePatientResult]):
    """Writes a patient down for the organisation that the caller acts for.

    Search first: possible duplicates are shown before anybody is created.
    """

    method = "patient.create"
    refuses = (TooManyPatients,)

    id: NewId
    patient: PatientForm


PractitionerRole: TypeAlias = Literal["primary", "supervising", "other"]


class PatientPractitionerView(View):
    """A practitioner who looks after a patient. ``primary``: the patient was referred to them; ``supervising``: they
    were named for it; ``other``: the record is open to them for another reason."""

    person: Id
    name: str
    role: PractitionerRole


class CandidateView(View):
    person: Id
    name: str


class PatientPractitioners(View):
    """Who looks after a patient, of those who practise in the organisation that keeps the record; somebody with two
    roles stands there twice. With the ability ``supervise`` the caller names who supervises, one of ``candidates``
    (200 at most)."""

    patient: Id
    practitioners: list[PatientPractitionerView]
    abilities: list[Literal["supervise"]] = msgspec.field(default_factory=list)
    candidates: list[CandidateView] = msgspec.field(default_factory=list)


class ListPractitioners(Command[PatientPractitioners]):
    """Who looks after a patient whose record the caller may open."""

    method = "patient.practitioners"

    patient: Id


class NameSupervisor(Command[PatientPractitioners]):
    """Names the practitioner who supervises a patient's care, in place of whoever did; without a ``practitioner``
    nobody does any more. The record, and the patient's appointments where practitioners see their own patients alone,
    are open to them until then, or until they leave. For whom the patient is theirs, or who manages an agenda of the
    patient's; the practitioner is one of the organisation that keeps the record."""

    method = "patient.supervise"
    ordered_by = "patient"

    patient: Id
    practitioner: Id | None = None
