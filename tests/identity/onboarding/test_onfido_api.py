"""What we ask is what Onfido's API takes, and every status and error of its answers is understood: against the
description of the API, served by a program that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from identity.onboarding.onfido import Onfido, ProviderError
from server.demo.identity_provider import STATUSES
from tests.stand_ins.onfido import TOKEN, WORKFLOW
from tests.stand_ins.prism import serving

DESCRIPTION = Path(__file__).parents[2] / "stand_ins" / "onfido_api.json"
APPLICANT = str(uuid4())


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(DESCRIPTION) as address:
        yield address


def asking(address: str, prefer: str = "") -> Onfido:
    found = Onfido(address, TOKEN, WORKFLOW)
    if prefer:
        found._api.api_client.default_headers["Prefer"] = prefer
    return found


@pytest.mark.django_db
def test_an_applicant_a_run_with_its_page_in_french_and_its_end(address: str) -> None:
    provider = asking(address)
    applicant = provider.applicant("Ada", "Essai", "ada@exemple.fr")
    begun = provider.begin(applicant, uuid4())
    assert (begun.status, begun.link) == ("awaiting_input", f"https://eu.onfido.app/l/{begun.run}")
    provider.erase(applicant)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_read_as_it_is(address: str, status: str) -> None:
    found = asking(address, f"example={status}").look(APPLICANT)
    assert found.status == status
    if status in ("approved", "review"):
        assert found.seen is not None
        assert (found.seen.first_names, found.seen.last_name, found.seen.country) == ("ADA", "ESSAI", "FRA")


def test_a_status_of_tomorrow_is_no_defect(address: str) -> None:
    assert asking(address, "example=tomorrow").look(APPLICANT).status == "a status of tomorrow"


def test_names_come_from_the_tasks_where_the_output_has_none(address: str) -> None:
    found = asking(address, "example=declined").look(APPLICANT)
    assert found.seen is not None
    assert found.seen.last_name == "ESSAI"


def test_a_run_without_tasks_is_one_without_names(address: str) -> None:
    found = asking(address, "example=nameless").look(APPLICANT)
    assert (found.status, found.seen) == ("approved", None)


@pytest.mark.parametrize(
    ("code", "why", "gone"),
    [
        (401, "status_401", False),
        (404, "status_404", True),
        (422, "status_422", False),
        (429, "rate_limited", False),
        (500, "status_500", False),
        (503, "status_503", False),
    ],
)
def test_every_error_has_its_code(address: str, code: int, why: str, gone: bool) -> None:
    with pytest.raises(ProviderError) as refused:
        asking(address, f"code={code}").look(APPLICANT)
    assert (refused.value.code, refused.value.gone) == (why, gone)
    assert (refused.value.wait >= 60) == (code == 429)


def test_erasing_what_is_gone_is_done(address: str) -> None:
    asking(address, "code=404").erase(APPLICANT)
    with pytest.raises(ProviderError):
        asking(address, "code=500").erase(APPLICANT)


def test_what_the_api_does_not_take_is_refused_by_it(address: str) -> None:
    with pytest.raises(ProviderError) as refused:
        asking(address).applicant("", "Essai", "ada@exemple.fr")
    assert refused.value.code == "status_422"


def test_an_api_that_is_not_there_is_no_defect() -> None:
    with pytest.raises(ProviderError):
        asking("http://127.0.0.1:9").look(APPLICANT)
