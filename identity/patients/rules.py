"""A patient's form as a whole: every field by its rule (``identity.fields``), and what holds between them. Pure."""

from __future__ import annotations

from datetime import date

from identity import fields
from identity.patients.wire import BirthPlace, PatientForm


def validate_patient(form: PatientForm, today: date, path: str) -> PatientForm:
    """The form as it is stored: each field normalised, the phone in international form, nothing half-typed."""
    code = fields.postal_code(form.postal_code, f"{path}.postal_code")
    telephone = fields.phone(form.phone, code, f"{path}.phone")
    address = fields.email(form.email, f"{path}.email")
    fields.require_channel(telephone, address, f"{path}.email")
    place = form.birth_place
    born_in = fields.birth_place(place.country, place.city, place.insee, f"{path}.birth_place")
    return PatientForm(
        civility=form.civility,
        first_names=fields.first_names(form.first_names, f"{path}.first_names"),
        family_name=fields.person_name(form.family_name, f"{path}.family_name"),
        birth_name=fields.person_name(form.birth_name, f"{path}.birth_name") if form.birth_name else None,
        birth_date=fields.birth_date(form.birth_date, today, f"{path}.birth_date", form.birth_date_unknown),
        birth_date_unknown=form.birth_date_unknown,
        birth_place=BirthPlace(country=born_in.country, city=born_in.city or None, insee=born_in.insee or None),
        address=fields.text(form.address, f"{path}.address") or None,
        postal_code=code or None,
        city=fields.text(form.city, f"{path}.city") or None,
        phone=telephone.number,
        email=address or None,
        ins=fields.ins(form.ins, f"{path}.ins") or None,
    )
