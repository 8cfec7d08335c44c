"""What a program sends with the Python client is judged by the same tables as what is typed into the web form."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from identity.patients.rules import validate_patient
from identity.patients.wire import CreatePatient
from relais_client import wire
from relais_client.frames import encode, well_formed
from server.kernel.wire.errors import Invalid
from server.kernel.wire.frame import Commands, FrameError, decode_request
from team.conversations.wire import UpdateConversation
from tests.cases import table

ID = UUID("0193a000-0000-7000-8000-000000000001")
TODAY = date(2026, 11, 22)
COMMANDS = Commands([CreatePatient, UpdateConversation])

Case = dict[str, Any]


def form(**fields: Any) -> wire.PatientForm:
    whole: dict[str, Any] = {
        "civility": "none",
        "first_names": "Odile",
        "family_name": "Marchandeau",
        "birth_date": date(1954, 3, 14),
        "birth_place": wire.BirthPlace(country="FR", city="Redon"),
        "phone": "0639984107",
        "email": "odile@exemple.fr",
    }
    return wire.PatientForm(**(whole | fields))


def said(sent: wire.PatientForm) -> Any:
    """What the server makes of a form that the client sends: the form, or the field and why not."""
    command = COMMANDS.decode(decode_request(encode(1, wire.CreatePatient(id=ID, patient=sent))))
    try:
        return validate_patient(command.patient, TODAY, "$")  # type: ignore[attr-defined]  # the command that was sent
    except Invalid as refused:
        return refused.data["path"], refused.data["why"]


@pytest.mark.parametrize("field", ["family_name", "first_names", "postal_code", "email", "ins"])
def test_a_text_of_the_form(field: str) -> None:
    name = {"family_name": "name"}.get(field, field)
    for case in (one.values[0] for one in table(name)):
        kept = said(form(**{field: case["typed"]}))
        if "why" not in case:
            assert getattr(kept, field) == (case["value"] or None), case
        elif "\0" not in case["typed"]:  # A control character never leaves the client.
            assert kept == (f"$.{field}", case["why"]), case


def test_a_country_of_birth() -> None:
    for case in (one.values[0] for one in table("country")):
        kept = said(form(birth_place=wire.BirthPlace(country=case["typed"], city="Redon")))
        if "why" in case:
            assert kept == ("$.birth_place.country", case["why"]), case
        else:
            assert kept.birth_place.country == case["value"], case


def test_a_phone() -> None:
    for case in (one.values[0] for one in table("phone")):
        kept = said(form(phone=case["typed"], postal_code=case.get("at")))
        if "why" in case:
            assert kept == ("$.phone", case["why"]), case
        else:
            assert kept.phone == case["value"]["number"], case


def test_a_birth_date() -> None:
    for case in (one.values[0] for one in table("birth_date")):
        sent = case.get("wire") or case.get("value")
        if sent is not None:
            born = date.fromisoformat(sent["date"])
            kept = said(form(birth_date=born, birth_date_unknown=sent.get("unknown")))
            assert kept == ("$.birth_date", case["why"]) if "why" in case else kept.birth_date == born, case


@pytest.mark.parametrize("case", table("text"))
def test_a_line_is_well_formed_in_the_frame_and_tidied_by_the_server(case: Case) -> None:
    frame = encode(1, wire.UpdateConversation(conversation=ID, title=case["typed"]))
    assert json.loads(frame)["params"]["title"] == well_formed(case["typed"]) == case["well_formed"]
    if "line" in case:
        decoded = COMMANDS.decode(decode_request(frame))
        assert isinstance(decoded, UpdateConversation)
        assert decoded.title == case["line"]
    elif "why" in case:
        with pytest.raises(FrameError) as refused:
            COMMANDS.decode(decode_request(frame))
        assert (refused.value.data["path"], refused.value.data["why"]) == ("$.params.title", case["why"])
