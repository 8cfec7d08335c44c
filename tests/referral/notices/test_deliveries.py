"""What patients are told: due with its cause, handed over once, and never with a word about health."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from psycopg.types.range import TimestamptzRange

from referral.notices.internal_commands import DeliverNotice
from referral.notices.models import Notice
from referral.notices.tasks import deliver_notices
from referral.scheduling.models import Appointment
from referral.scheduling.wire import CancelAppointment
from server.kernel.authentication import SYSTEM
from server.kernel.delivery import captured_mail
from server.kernel.dispatch import dispatch
from server.kernel.wire.errors import Forbidden
from tests.factories import account
from tests.referral.practice import Practice, patient, practice

pytestmark = pytest.mark.django_db


def outcomes() -> list[tuple[str, str, str]]:
    rows = Notice.objects.exclude(settled_at=None).order_by("id")
    return [(row.kind, row.channel, row.outcome) for row in rows]


def due_now(kind: str = "reminder") -> None:
    """Its time has come."""
    Notice.objects.filter(kind=kind).update(due_at=datetime.now(UTC) - timedelta(seconds=1))


def test_a_booking_is_confirmed_by_sms_in_the_sites_time_and_without_a_reason() -> None:
    clinic, ada = practice("Indian/Reunion"), account()
    booked = clinic.book(ada, "09:20", message="FA de découverte", patient=patient(phone="0692 12 34 56"))
    deliver_notices()
    [message] = captured_mail.captured()
    assert (message.channel, message.to) == ("sms", "+262692123456")
    assert message.text.startswith("Rendez-vous confirmé lundi ")
    assert "à 09:20 (heure de La Réunion) avec Samir Belkhadra, 3 quai des Tanneurs, 35600 Redon" in message.text
    for word in ("Suivi", "cardiologie", "FA", "Marchandeau", "Odile", "Clinique", "Consultations"):
        assert word not in message.text
    assert booked.appointment.reason_name == "Suivi"


def test_a_patient_with_an_email_is_told_twice_with_a_subject_that_names_nobody(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = (
        "server.kernel.delivery.captured_mail.EmailBackend"  # the test runner has put its own in the place of ours
    )
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20", patient=patient(email="odile@exemple.fr"))
    deliver_notices()
    sms, mail = sorted(captured_mail.captured(), key=lambda one: one.channel, reverse=True)
    assert (sms.to, mail.to) == ("+33639984107", "odile@exemple.fr")
    assert mail.text == sms.text
    assert mail.subject.startswith("Rendez-vous confirmé : lundi ")
    assert "Belkhadra" not in mail.subject


def test_a_notice_is_handed_over_once() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    deliver_notices()
    deliver_notices()
    assert outcomes() == [("booked", "sms", "handed")]
    assert len(captured_mail.captured()) == 1


def test_a_worker_that_died_after_the_hand_over_tells_nobody_twice() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    deliver_notices()
    Notice.objects.filter(kind="booked").update(settled_at=None, outcome="")  # its commit was lost
    deliver_notices()
    assert len(captured_mail.captured()) == 1


def test_reminders_wait_for_their_time() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    deliver_notices()
    assert Notice.objects.filter(kind="reminder", settled_at=None).count() == 2
    due_now()
    deliver_notices()
    texts = [message.text for message in captured_mail.captured()]
    assert [text.split(" ")[0] for text in texts] == ["Rendez-vous", "Rappel", "Rappel"]


def test_a_cancelled_visit_is_told_and_no_longer_reminded_of() -> None:
    clinic, ada = practice(), account()
    booked = clinic.book(ada, "09:20")
    dispatch(ada.actor, CancelAppointment(appointment=booked.appointment.id, reason="Hospitalisée"))
    due_now()
    deliver_notices()
    [message] = captured_mail.captured()
    assert message.text.startswith("Votre rendez-vous du lundi ")
    assert "Hospitalisée" not in message.text
    kept = [("booked", "sms", "dropped"), *[("reminder", "sms", "dropped")] * 2, ("cancelled", "sms", "handed")]
    assert outcomes() == kept


def test_a_visit_that_is_over_is_not_reminded_of() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    deliver_notices()
    begun, ended = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) - timedelta(minutes=40)
    Appointment.objects.update(starts_at=begun, ends_at=ended, occupied=TimestamptzRange(begun, ended))
    due_now()
    deliver_notices()
    assert outcomes()[1:] == [("reminder", "sms", "dropped")] * 2


@pytest.mark.django_db(transaction=True)
def test_workers_pass_over_each_others_notices() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "09:20")
    handed: list[int] = []

    def other_worker() -> None:
        handed.append(dispatch(SYSTEM, DeliverNotice()).count)
        connection.close()

    with transaction.atomic():
        Notice.objects.select_for_update().get(kind="booked")
        thread = threading.Thread(target=other_worker)
        thread.start()
        thread.join(20)
    assert handed == [0]


def test_only_relais_itself_hands_over() -> None:
    with pytest.raises(Forbidden):
        dispatch(account().actor, DeliverNotice())


class Carrier(BaseHTTPRequestHandler):
    """A small SMS gateway: it takes what it is sent, or answers as it is told to."""

    answers: ClassVar[list[int]] = []
    taken: ClassVar[list[tuple[str | None, str | None, dict[str, str]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.answers.pop(0) if self.answers else 201
        if status < 300:
            self.taken.append((self.headers["Authorization"], self.headers["Idempotency-Key"], body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def carrier(settings: LazySettings) -> Iterator[type[Carrier]]:
    Carrier.answers, Carrier.taken = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Carrier)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.RELAIS_FAKE_DELIVERY = False
    settings.RELAIS_SMS_URL = f"http://127.0.0.1:{server.server_port}/sms"
    settings.RELAIS_SMS_TOKEN = "jeton"
    yield Carrier
    server.shutdown()
    thread.join()
    server.server_close()


def booked(clinic: Practice) -> Notice:
    clinic.book(account(), "09:20")
    return Notice.objects.get(kind="booked")


def test_a_carrier_is_given_the_number_the_text_and_a_key(carrier: type[Carrier]) -> None:
    notice = booked(practice())
    deliver_notices()
    [(authorization, key, body)] = carrier.taken
    assert (authorization, key, body["id"], body["to"]) == ("Bearer jeton", notice.key, notice.key, "+33639984107")
    assert body["text"].startswith("Rendez-vous confirmé")
    assert captured_mail.captured() == []


def test_a_carrier_that_is_away_is_tried_again_later(carrier: type[Carrier]) -> None:
    carrier.answers = [503]
    before = booked(practice())
    deliver_notices()
    after = Notice.objects.get(id=before.id)
    assert (after.attempts, after.settled_at) == (1, None)
    assert after.due_at > datetime.now(UTC)
    due_now("booked")
    deliver_notices()
    assert len(carrier.taken) == 1
    assert outcomes() == [("booked", "sms", "handed")]


def test_a_number_that_the_carrier_refuses_is_given_up(carrier: type[Carrier]) -> None:
    carrier.answers = [400]
    booked(practice())
    deliver_notices()
    assert outcomes() == [("booked", "sms", "failed")]


def test_a_carrier_that_never_answers_is_given_up_in_the_end(settings: LazySettings) -> None:
    settings.RELAIS_FAKE_DELIVERY = False
    settings.RELAIS_SMS_URL = "http://127.0.0.1:9/nobody"
    booked(practice())
    for _ in range(10):
        deliver_notices()
        due_now("booked")
    assert outcomes() == [("booked", "sms", "failed")]


def test_without_stand_ins_and_without_a_carrier_nothing_looks_sent(settings: LazySettings) -> None:
    settings.RELAIS_FAKE_DELIVERY = False
    settings.RELAIS_SMS_URL = ""
    booked(practice())
    deliver_notices()
    assert outcomes() == []
    assert captured_mail.captured() == []
