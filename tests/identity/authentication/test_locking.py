"""The lock of a device: its code, the wrong ones that are counted, and after how long it falls."""

from __future__ import annotations

import pytest

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.authentication import account_mail
from identity.organisations.models import Membership, Organisation
from identity.sessions.models import Session
from identity.sessions.wire import (
    CODE_ATTEMPTS,
    GetLock,
    LockOpened,
    OpenLock,
    RemoveLockCode,
    SetLock,
    SetLockCode,
)
from server.kernel import authentication
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.models import Delivery
from server.kernel.wire.errors import Forbidden, Invalid, InvalidState
from tests.factories import account
from tests.identity.conftest import Browser, MakePerson

pytestmark = pytest.mark.django_db

RIGHT, WRONG = "r" * 43, "w" * 43


@pytest.fixture
def device() -> authentication.Person:
    return account().actor


def tried(device: authentication.Person, proof: str) -> LockOpened:
    return dispatch(device, OpenLock(proof=proof))


def test_the_right_code_gives_the_secret_that_came_with_it(device: authentication.Person) -> None:
    secret = dispatch(device, SetLockCode(proof=RIGHT)).secret
    opened = tried(device, RIGHT)
    assert (opened.state, opened.secret) == ("opened", secret)
    assert len(secret) == 43


def test_neither_code_nor_secret_can_be_read_in_the_database(device: authentication.Person) -> None:
    secret = dispatch(device, SetLockCode(proof=RIGHT)).secret
    row = Session.objects.get(person=device.id)
    kept = bytes(row.lock_secret or b"") + bytes(row.lock_proof or b"")
    assert RIGHT.encode() not in kept
    assert secret.encode() not in kept


def test_wrong_codes_are_counted_and_the_right_one_forgives_them(device: authentication.Person) -> None:
    dispatch(device, SetLockCode(proof=RIGHT))
    assert [tried(device, WRONG).attempts_left for _ in range(CODE_ATTEMPTS - 1)] == [4, 3, 2, 1]
    assert tried(device, RIGHT).state == "opened"
    assert tried(device, WRONG).attempts_left == 4


def test_the_fifth_wrong_code_signs_the_device_out_and_its_owner_is_told(device: authentication.Person) -> None:
    dispatch(device, SetLockCode(proof=RIGHT))
    for _ in range(CODE_ATTEMPTS - 1):
        assert tried(device, WRONG).state == "wrong_code"
    [outcome], news = dispatch_batch([Call(device, OpenLock(proof=WRONG))])
    assert outcome.result == LockOpened(state="ended")
    assert [(one.code, list(one.sessions)) for one in news.closures] == [(4401, [device.session])]
    with pytest.raises(Forbidden):
        tried(device, RIGHT)
    row = Session.objects.get(person=device.id)
    assert (row.lock_secret, row.lock_proof) == (None, None)
    assert Delivery.objects.filter(subject=device.id, kind=account_mail.Kind.WRONG_CODES).count() == 1


def test_a_new_code_has_a_new_secret_and_the_old_one_opens_nothing(device: authentication.Person) -> None:
    before = dispatch(device, SetLockCode(proof=RIGHT)).secret
    assert dispatch(device, SetLockCode(proof=WRONG)).secret != before
    assert tried(device, RIGHT).state == "wrong_code"


def test_wrong_codes_are_those_of_one_code(device: authentication.Person) -> None:
    dispatch(device, SetLockCode(proof=RIGHT))
    tried(device, WRONG)
    dispatch(device, SetLockCode(proof=RIGHT))
    assert tried(device, WRONG).attempts_left == CODE_ATTEMPTS - 1


def test_a_device_without_a_code_is_told_so_and_stays_signed_in(device: authentication.Person) -> None:
    dispatch(device, SetLockCode(proof=RIGHT))
    dispatch(device, RemoveLockCode())
    for _ in range(CODE_ATTEMPTS + 1):
        with pytest.raises(InvalidState) as refused:
            tried(device, RIGHT)
        assert refused.value.as_data()["state"] == "no_code"
    assert not dispatch(device, GetLock()).has_code
    assert not Delivery.objects.filter(kind=account_mail.Kind.WRONG_CODES).exists()


def test_a_code_is_that_of_one_device(device: authentication.Person) -> None:
    dispatch(device, SetLockCode(proof=RIGHT))
    other = acting(Person.objects.get(pk=device.id))
    assert dispatch(device, GetLock()).has_code
    assert not dispatch(other, GetLock()).has_code
    with pytest.raises(Forbidden):
        dispatch(other, OpenLock(proof=RIGHT))


def test_minutes_are_the_person_s_and_bounded_by_their_organisations(device: authentication.Person) -> None:
    shown = dispatch(device, GetLock())
    assert (shown.desk, shown.phone, shown.at_most) == (5, 0, None)
    dispatch(device, SetLock(desk=30, phone=2))
    for at_most in (10, None, 3):
        organisation = Organisation.objects.create(
            id=uuid7(),
            name="Cabinet",
            kind="practice",
            lock_at_most=at_most,
            created_at=Person.objects.get().created_at,
        )
        Membership.objects.create(person_id=device.id, organisation=organisation, joined_at=organisation.created_at)
    shown = dispatch(device, GetLock())
    assert (shown.desk, shown.phone, shown.at_most) == (3, 2, 3)
    with pytest.raises(Invalid) as refused:
        dispatch(device, SetLock(desk=5, phone=1))
    assert refused.value.as_data()["why"] == "too_long"
    with pytest.raises(Invalid):
        dispatch(device, SetLock(desk=1, phone=5))
    Membership.objects.update(left_at=organisation.created_at)
    assert dispatch(device, GetLock()).desk == 30


def test_a_browser_opens_its_lock_over_http_without_a_socket(make_person: MakePerson, browser: Browser) -> None:
    make_person()
    browser.sign_in()
    secret = browser.send("POST", "/api/lock.code", {"proof": RIGHT}).json()["secret"]
    assert browser.send("POST", "/api/lock.open", {"proof": WRONG}).json() == {
        "state": "wrong_code",
        "attempts_left": 4,
    }
    assert browser.send("POST", "/api/lock.open", {"proof": RIGHT}).json() == {"state": "opened", "secret": secret}
