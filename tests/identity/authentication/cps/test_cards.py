"""What a card's certificate says, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from identity.authentication.cps import authorities
from identity.authentication.cps.authorities import Authorities, WrongAuthoritiesError
from identity.authentication.cps.certificate import CardRefused, read
from tests.stand_ins.igc_sante import DAY, NUMBER, Igc, pem

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
IGC = Igc(NOW)
TEST_CARD = x509.load_pem_x509_certificate((Path(__file__).parent / "test_card.pem").read_bytes())


def believed(*revoked: x509.Certificate, until: timedelta = DAY, since: timedelta = -DAY) -> Authorities:
    lists = (IGC.crl(IGC.root), IGC.crl(IGC.issuer, *revoked, until=until, since=since))
    return Authorities((IGC.root,), (IGC.issuer,), lists)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(CardRefused) as error:
        act()
    return error.value.code


def test_a_card_says_whose_it_is() -> None:
    found = read(IGC.card())
    assert (found.national_id, found.first_name, found.last_name) == (NUMBER, "KIT", "DOC0036624")
    assert (found.profession, found.is_test) == ("10", False)


def test_the_agency_s_own_test_card_is_read_and_is_known_to_be_one() -> None:
    found = read(TEST_CARD)
    assert (found.national_id, found.first_name, found.last_name) == ("899700252580", "NORBERT", "KINE-CH")
    assert (found.profession, found.is_test) == ("70", True)


@pytest.mark.parametrize(
    ("certificate", "code"),
    [
        (IGC.card(card_type=1), "card_type"),
        (IGC.card(card_type=2), "card_type"),
        (IGC.card(card_type=3), "card_type"),
        (IGC.card(signature=True), "usage"),
        (IGC.card(client=False), "usage"),
        (IGC.card("855000000005"), "number"),
        (IGC.card("85500000000"), "number"),
        (IGC.card("3550000000041"), "number"),
        (IGC.card(principal="8.55000000012@carte-cps.fr"), "principal"),
        (IGC.card(principal="8.55000000004@ailleurs.example"), "principal"),
        (IGC.card(principal=""), "principal"),
        (IGC.card(profession=None), "malformed"),
        (IGC.card(last_name=" "), "malformed"),
        (IGC.issuer, "usage"),
    ],
)
def test_no_other_certificate_is_a_card(certificate: x509.Certificate, code: str) -> None:
    assert refused(lambda: read(certificate)) == code


def test_a_card_of_the_authority_holds() -> None:
    believed().check(IGC.card(), NOW)


@pytest.mark.parametrize(
    ("certificate", "code"),
    [
        (IGC.card(until=-DAY), "dates"),
        (IGC.card(since=DAY), "dates"),
        (IGC.card(by="AC D'AILLEURS"), "chain"),
        (TEST_CARD, "dates"),
    ],
)
def test_what_is_not_of_the_authority_or_of_another_time_does_not_hold(
    certificate: x509.Certificate, code: str
) -> None:
    assert refused(lambda: believed().check(certificate, NOW)) == code


def test_the_test_card_does_not_hold_even_in_its_time() -> None:
    assert refused(lambda: believed().check(TEST_CARD, datetime(2022, 6, 1, tzinfo=UTC))) == "chain"


def test_an_issuer_that_is_not_pinned_is_not_believed() -> None:
    without = Authorities((IGC.root,), (), believed().lists)
    assert refused(lambda: without.check(IGC.card(), NOW)) == "chain"


def test_a_revoked_card_does_not_hold_even_by_an_old_list() -> None:
    card = IGC.card()
    assert refused(lambda: believed(card).check(card, NOW)) == "revoked"
    assert refused(lambda: believed(card, until=-timedelta(hours=1)).check(card, NOW)) == "revoked"
    believed(IGC.card()).check(card, NOW)


def test_without_a_list_of_now_nobody_comes_in() -> None:
    card = IGC.card()
    assert refused(lambda: believed(until=-timedelta(hours=1)).check(card, NOW)) == "stale_list"
    assert refused(lambda: believed(since=timedelta(hours=1)).check(card, NOW)) == "stale_list"
    for lists in ((), (IGC.crl(IGC.root),), (IGC.crl(IGC.issuer),)):
        without = Authorities((IGC.root,), (IGC.issuer,), lists)
        assert refused(lambda without=without: without.check(card, NOW)) == "no_list"  # type: ignore[misc]  # a default binds it now


def test_a_list_that_somebody_else_signed_is_none() -> None:
    forged = (IGC.crl(IGC.root), IGC.crl(IGC.issuer, signed_by="AC D'AILLEURS"))
    assert refused(lambda: Authorities((IGC.root,), (IGC.issuer,), forged).check(IGC.card(), NOW)) == "no_list"


def test_a_revoked_issuer_takes_its_cards_along() -> None:
    lists = (IGC.crl(IGC.root, IGC.issuer), IGC.crl(IGC.issuer))
    assert refused(lambda: Authorities((IGC.root,), (IGC.issuer,), lists).check(IGC.card(), NOW)) == "revoked"


def test_the_newest_of_several_lists_counts() -> None:
    card = IGC.card()
    older, newer = IGC.crl(IGC.issuer, since=-3 * DAY, until=-2 * DAY), IGC.crl(IGC.issuer, card)
    lists = (IGC.crl(IGC.root), newer, older)
    assert refused(lambda: Authorities((IGC.root,), (IGC.issuer,), lists).check(card, NOW)) == "revoked"


def test_authorities_and_lists_are_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "authorities.pem").write_bytes(pem(IGC.root, IGC.issuer))
    (tmp_path / "root.crl").write_bytes(pem(IGC.crl(IGC.root)))
    der = IGC.crl(IGC.issuer).public_bytes(serialization.Encoding.DER)
    (tmp_path / "issuer.crl").write_bytes(der)
    authorities.read(tmp_path / "authorities.pem", tmp_path).check(IGC.card(), NOW)
    (tmp_path / "issuer.crl").write_bytes(b"not a list")
    with pytest.raises(WrongAuthoritiesError):
        authorities.read(tmp_path / "authorities.pem", tmp_path)
    (tmp_path / "authorities.pem").write_bytes(pem(IGC.issuer))
    with pytest.raises(WrongAuthoritiesError, match="no root"):
        authorities.read(tmp_path / "authorities.pem", tmp_path)
