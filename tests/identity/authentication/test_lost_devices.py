"""A device that is lost: its session ends at once, and what it keeps goes when it next asks for anything."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.authentication import account_mail
from identity.authentication.access import LOST, NOT_SIGNED_IN, authenticate
from identity.sessions.models import Session
from identity.sessions.wire import EndSession, FindSession, ListSessions, SessionView, WipeSession
from server.kernel import authentication
from server.kernel.authentication import Cookie
from server.kernel.delivery.kinds import Claimed, Envelope
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.models import AuditLink, Delivery
from server.kernel.wire.errors import NotFound
from tests.identity.conftest import Browser, MakePerson

pytestmark = pytest.mark.django_db


class Lost:
    """A browser that its owner has lost, and the owner at another device."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.browser = Browser()
        self.browser.sign_in(person.email)
        self.session: UUID = Session.objects.latest("created_at").pk
        self.key = self.browser.key or ""

    @property
    def owner(self) -> authentication.Person:
        return acting(self.person)

    def shown(self) -> SessionView | None:
        listed = dispatch(self.owner, ListSessions()).sessions
        return next((one for one in listed if one.id == self.session), None)

    def mails(self) -> list[str]:
        rows = Delivery.objects.filter(subject=self.person.pk, kind__startswith="account.device_").order_by(
            "not_before"
        )
        return [row.kind for row in rows]


@pytest.fixture
def lost(make_person: MakePerson) -> Lost:
    return Lost(make_person())


def test_the_session_ends_and_its_sockets_close_with_a_code_of_their_own(lost: Lost) -> None:
    [outcome], news = dispatch_batch([Call(lost.owner, WipeSession(session=lost.session))])
    assert outcome.refused is None
    assert [(one.code, list(one.sessions)) for one in news.closures] == [(4410, [lost.session])]
    assert Session.objects.get(pk=lost.session).ended_at is not None


def test_the_device_is_told_whenever_it_comes_back_until_it_says_that_it_is_done(lost: Lost) -> None:
    dispatch(lost.owner, WipeSession(session=lost.session))
    for _ in range(2):
        assert authenticate(Cookie(lost.key)) is LOST
    shown = lost.shown()
    assert shown is not None
    assert (shown.wipe, shown.wiped_at) == ("asked", None)
    assert lost.browser.send("POST", "auth/wiped").status_code == 200
    assert authenticate(Cookie(lost.key)) is NOT_SIGNED_IN
    shown = lost.shown()
    assert shown is not None
    assert shown.wipe == "done"
    assert lost.mails() == [account_mail.Kind.DEVICE_LOST, account_mail.Kind.DEVICE_WIPED]
    assert lost.browser.key is None


def test_whatever_a_lost_device_asks_for_it_stays_known_as_the_lost_one(lost: Lost) -> None:
    dispatch(lost.owner, WipeSession(session=lost.session))
    for path in ("auth/session", "config"):
        lost.browser.send("GET", path)
        assert lost.browser.key == lost.key
    assert authenticate(Cookie(lost.key)) is LOST
    lost.browser.send("POST", "auth/wiped")
    assert lost.browser.key is None


def test_the_browser_of_a_session_that_merely_ended_forgets_it(lost: Lost) -> None:
    dispatch(lost.owner, EndSession(session=lost.session))
    lost.browser.send("GET", "auth/session")
    assert lost.browser.key is None


def test_what_is_done_is_entered_and_told_once(lost: Lost) -> None:
    dispatch(lost.owner, WipeSession(session=lost.session))
    dispatch(lost.owner, WipeSession(session=lost.session))
    for _ in range(2):
        lost.browser.client.cookies["relais"] = lost.key
        lost.browser.send("POST", "auth/wiped")
    assert lost.mails() == [account_mail.Kind.DEVICE_LOST, account_mail.Kind.DEVICE_WIPED]
    entries = "".join(AuditLink.objects.values_list("entries", flat=True))
    assert entries.count('"session.wiped"') == 1


def test_a_key_of_a_device_that_is_not_lost_says_nothing(lost: Lost) -> None:
    lost.browser.send("POST", "auth/wiped")
    row = Session.objects.get(pk=lost.session)
    assert (row.wiped_at, row.ended_at) == (None, None)
    assert lost.mails() == []


def test_a_session_that_merely_ended_is_not_wiped(lost: Lost) -> None:
    dispatch(lost.owner, EndSession(session=lost.session))
    assert authenticate(Cookie(lost.key)) is NOT_SIGNED_IN
    assert lost.shown() is None


def test_a_device_whose_session_ended_before_can_still_be_lost(lost: Lost) -> None:
    dispatch(lost.owner, EndSession(session=lost.session))
    dispatch(lost.owner, WipeSession(session=lost.session))
    assert authenticate(Cookie(lost.key)) is LOST


def test_what_is_found_keeps_what_it_has_and_stays_signed_out(lost: Lost) -> None:
    dispatch(lost.owner, WipeSession(session=lost.session))
    dispatch(lost.owner, FindSession(session=lost.session))
    assert authenticate(Cookie(lost.key)) is NOT_SIGNED_IN
    assert lost.shown() is None


def test_what_was_wiped_is_not_found_again_and_is_shown_for_a_month(lost: Lost) -> None:
    dispatch(lost.owner, WipeSession(session=lost.session))
    lost.browser.send("POST", "auth/wiped")
    dispatch(lost.owner, FindSession(session=lost.session))
    shown = lost.shown()
    assert shown is not None
    assert shown.wipe == "done"
    Session.objects.filter(pk=lost.session).update(wiped_at=timezone.now() - timedelta(days=31))
    assert lost.shown() is None


def test_nobody_wipes_the_device_of_another(lost: Lost, make_person: MakePerson) -> None:
    stranger = acting(make_person("Autre"))
    for command in (WipeSession(session=lost.session), FindSession(session=lost.session)):
        with pytest.raises(NotFound):
            dispatch(stranger, command)
    assert lost.shown() is not None


def test_the_mails_name_the_device(lost: Lost) -> None:
    dispatch(lost.owner, WipeSession(session=lost.session))
    row = Delivery.objects.get(kind=account_mail.Kind.DEVICE_LOST)
    claimed = Claimed(row.pk, row.key, row.channel, row.kind, row.subject, 1, row.not_before)
    envelope = account_mail.resolve([claimed], timezone.now())[row.key]
    assert isinstance(envelope, Envelope)
    assert envelope.text.startswith("Firefox, Linux a été déclaré perdu")


def test_over_http_a_lost_device_is_told_so(lost: Lost) -> None:
    dispatch(lost.owner, WipeSession(session=lost.session))
    answer = lost.browser.send("POST", "/api/session.list", {})
    assert (answer.status_code, answer.json()["reason"]) == (401, "wiped")
