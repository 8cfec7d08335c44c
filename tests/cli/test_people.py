"""`relais person`: accounts from the command line, beside the servers that run."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from identity.accounts.models import Person
from identity.organisations.models import Membership
from server.cli import main
from server.ops import local

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _attached_already(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own servers stand for those of a data directory."""

    @contextlib.contextmanager
    def attached(_: Path) -> Iterator[None]:
        yield

    monkeypatch.setattr(local, "django_with_services", attached)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("quatre mots pris au hasard\n"))


def add(*words: str) -> int:
    return main(["person", "add", "Solene@Relais.example", "Solène", "Kervadec", *words])


@pytest.mark.usefixtures("typed")
def test_an_account_is_made_verified_suspended_let_in_again_and_loses_its_verification() -> None:
    assert add("--profession", "Infirmière", "--rpps", "99000000010") == 0
    person = Person.objects.get()
    assert (person.email, person.rpps, person.verified_at) == ("solene@relais.example", "99000000010", None)
    assert person.check_password("quatre mots pris au hasard")
    assert main(["person", "verify", "solene@relais.example"]) == 0
    assert main(["person", "suspend", "solene@relais.example"]) == 0
    person.refresh_from_db()
    assert person.verified_at is not None
    assert person.suspended_at is not None
    assert main(["person", "reinstate", "SOLENE@relais.example"]) == 0
    assert Person.objects.get().suspended_at is None
    assert main(["person", "withdraw", "solene@relais.example"]) == 0
    assert Person.objects.get().verified_at is None


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize("rpps", ["99000000011", "9900000001", "9900000001x", "９９０００００００１０"])
def test_a_number_that_is_not_the_registers_is_refused(rpps: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert add("--rpps", rpps) == 1
    assert "RPPS" in capsys.readouterr().err
    assert not Person.objects.exists()


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("court\n"))
    assert add() == 1
    assert not Person.objects.exists()


@pytest.mark.usefixtures("typed")
def test_a_second_account_for_an_email_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert add() == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("quatre mots pris au hasard\n"))
    assert main(["person", "add", "solene@relais.example", "Autre", "Personne"]) == 1
    assert Person.objects.count() == 1


@pytest.mark.usefixtures("typed")
def test_a_name_is_kept_as_every_name_is_and_one_that_is_none_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["person", "add", "solene@relais.example", "Sol\u200bène", "\u2019t\u00a0Hooft"]) == 0
    person = Person.objects.get()
    assert (person.first_name, person.last_name) == ("Solène", "'t Hooft")
    monkeypatch.setattr("sys.stdin", io.StringIO("quatre mots pris au hasard\n"))
    assert main(["person", "add", "autre@relais.example", "Solène", "caf\udce9"]) == 1
    assert "last_name" in capsys.readouterr().err
    assert Person.objects.count() == 1


@pytest.mark.parametrize("word", ["verify", "withdraw", "suspend", "reinstate"])
def test_nobody_by_that_address_is_said_plainly(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["person", word, "personne@relais.example"]) == 1
    assert "personne@relais.example" in capsys.readouterr().err


@pytest.mark.usefixtures("typed")
def test_an_establishment_is_founded_once_with_somebody_who_owns_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert add() == 0
    found = [
        "organisation",
        "create",
        "Clinique du Marais",
        "--finess",
        "350000121",
        "--owner",
        "solene@relais.example",
    ]
    assert main(found) == 0
    mine = Membership.objects.select_related("organisation").get()
    assert (mine.owner, mine.administrator, mine.organisation.kind) == (True, True, "establishment")
    assert str(mine.organisation.pk) in capsys.readouterr().out
    assert main(found) == 1
    assert "already" in capsys.readouterr().err
    assert main(["organisation", "create", "Autre", "--finess", "350000122"]) == 1


@pytest.mark.usefixtures("typed")
def test_an_account_is_erased() -> None:
    assert add() == 0
    assert main(["person", "erase", "solene@relais.example"]) == 0
    assert not Person.objects.get().is_active
    assert main(["person", "erase", "solene@relais.example"]) == 1
