"""E-mail to a mail server that answers right, refuses or hangs."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from server.kernel.delivery import sending
from server.kernel.delivery.kinds import Envelope
from tests.kernel.delivery.conftest import Room, due_again, state
from tests.stand_ins import mail_server as stand_in
from tests.stand_ins.mail_server import MailServer

pytestmark = pytest.mark.django_db

A, B = "odile@exemple.fr", "marc@exemple.fr"


def test_a_mail_server_is_given_the_message_whole(room: Room, mail_server: MailServer) -> None:
    [row] = room.write(Envelope(A, "Rendez-vous à 9 h\n.\nÀ bientôt", "Rappel : lundi"), channel="email")
    sending.deliver_due("email")
    [message] = mail_server.taken
    assert (message["To"], message["Subject"]) == (A, "Rappel : lundi")
    assert message["From"] == "Relais <ne-pas-repondre@relais.exemple.fr>"
    assert message.get_content().splitlines() == ["Rendez-vous à 9 h", ".", "À bientôt"]
    assert state(row) == ("sent", 1, "")


def test_a_message_that_is_handed_over_twice_keeps_its_id(room: Room, mail_server: MailServer) -> None:
    [row] = room.mails(A)
    for _ in range(2):
        sending.deliver_due("email")
        type(row).objects.update(settled_at=None, outcome="")  # the outcome was lost
    first, second = mail_server.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert row.key not in str(first)


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        ("451 Try again later", "", "smtp_451"),
        ("550 No such mailbox", "failed", "smtp_550"),
        (stand_in.HANG, "", "timeout"),
    ],
)
@pytest.mark.usefixtures("short_deadline")
def test_a_recipient_that_is_refused_stops_no_other(
    room: Room, mail_server: MailServer, answer: str, outcome: str, code: str
) -> None:
    mail_server.refuse_recipient(A, answer)
    refused, other = room.mails(A, B)
    sending.deliver_due("email")
    assert state(refused) == (outcome, 1, code)
    assert state(other) == ("sent", 1, "")


@pytest.mark.parametrize(("answer", "outcome"), [("452 Full", ""), ("554 Not wanted", "failed")])
def test_a_message_that_is_refused_is_final_by_its_code(
    room: Room, mail_server: MailServer, answer: str, outcome: str
) -> None:
    mail_server.refuse_message(A, answer)
    [row] = room.mails(A)
    sending.deliver_due("email")
    assert state(row) == (outcome, 1, f"smtp_{answer[:3]}")


def test_a_sender_that_is_refused_is_a_fault_of_the_deployment_and_may_be_mended(
    room: Room, mail_server: MailServer
) -> None:
    mail_server.refuse_sender = "550 Not from here"
    [row] = room.mails(A)
    sending.deliver_due("email")
    assert state(row) == ("", 1, "smtp_550")


def test_a_server_that_offers_no_tls_gets_nothing_when_tls_is_asked_for(
    room: Room, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.EMAIL_USE_TLS = True
    [row] = room.mails(A)
    sending.deliver_due("email")
    assert state(row)[:2] == ("", 1)
    assert mail_server.taken == []


def test_a_server_that_is_away_is_tried_again(room: Room, mail_server: MailServer, settings: LazySettings) -> None:
    settings.EMAIL_PORT = 9
    [row] = room.mails(A)
    sending.deliver_due("email")
    assert state(row) == ("", 1, "unreachable")
    settings.EMAIL_PORT = mail_server.port
    due_again()
    sending.deliver_due("email")
    assert state(row) == ("sent", 2, "")


def test_an_address_that_is_none_fails_alone(room: Room, mail_server: MailServer) -> None:
    broken, other = room.mails("odile@exemple.fr\r\nBcc: tous@exemple.fr", B)
    sending.deliver_due("email")
    assert state(broken)[:2] == ("", 1)
    assert state(other) == ("sent", 1, "")
    assert len(mail_server.taken) == 1
