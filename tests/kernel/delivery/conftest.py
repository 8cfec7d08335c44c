"""Deliveries of an invented room, and the stand-ins that take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings

from server import registry
from server.kernel import dispatch
from server.kernel.delivery import exchange, kinds, queue
from server.kernel.delivery.kinds import Claimed, Envelope, Kind, Resolution, Settled
from server.kernel.dispatch import Transaction
from server.kernel.models import Delivery
from server.kernel.streams import Draft
from tests.stand_ins.mail_server import MailServer
from tests.stand_ins.sms_gateway import SmsGateway


@dataclass
class Room:
    """A room with deliveries of one kind: what it says of each, and what it was told of the outcomes."""

    says: dict[UUID, Resolution | Exception] = field(default_factory=dict)
    settled: list[Settled] = field(default_factory=list)
    follow_fails: bool = False
    asked: list[int] = field(default_factory=list)
    """How many rows it was asked about each time."""

    def resolve(self, rows: Sequence[Claimed], now: datetime) -> Mapping[str, Resolution]:
        self.asked.append(len(rows))
        answers: dict[str, Resolution] = {}
        for row in rows:
            said = self.says[row.subject]
            if isinstance(said, Exception):
                raise said
            answers[row.key] = said
        return answers

    def follow(self, settled: Sequence[Settled], tx: Transaction) -> Sequence[Draft]:
        if self.follow_fails:
            raise RuntimeError("the room is broken")
        self.settled += settled
        return ()

    def write(self, *says: Resolution | Exception, channel: str = "sms", minutes: int = 0) -> list[Delivery]:
        """Due rows, and what the room will say of each."""
        now = dispatch.now()
        rows = []
        for said in says:
            subject = uuid4()
            self.says[subject] = said
            due = now + timedelta(minutes=minutes)
            rows.append(Delivery(key=f"key/{subject}", channel=channel, kind="test", subject=subject, not_before=due))
        queue.enqueue(rows, Transaction(dispatch.now()))
        return [Delivery.objects.get(key=row.key) for row in rows]

    def sms(self, *numbers: str) -> list[Delivery]:
        return self.write(*(Envelope(number, f"Bonjour {number}") for number in numbers))

    def mails(self, *addresses: str) -> list[Delivery]:
        return self.write(*(Envelope(one, f"Bonjour {one}", "Objet") for one in addresses), channel="email")


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    kinds.install([Kind("test", room.resolve, room.follow)])
    yield room
    kinds.install(registry.DELIVERIES)


@pytest.fixture
def gateway(settings: LazySettings) -> Iterator[SmsGateway]:
    with SmsGateway().serving() as gateway:
        settings.RELAIS_FAKE_DELIVERY = False
        settings.RELAIS_SMS_URL = gateway.url
        settings.RELAIS_SMS_TOKEN = "jeton"
        yield gateway


@pytest.fixture
def mail_server(settings: LazySettings) -> Iterator[MailServer]:
    with MailServer().serving() as server:
        settings.RELAIS_FAKE_DELIVERY = False
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "Relais <ne-pas-repondre@relais.exemple.fr>"
        yield server


@pytest.fixture
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second, so that what hangs is given up soon."""
    monkeypatch.setattr(exchange, "DEADLINE", 0.5)


def due_again() -> None:
    """The time of every row that waits has come."""
    Delivery.objects.filter(settled_at=None).update(not_before=datetime.now(UTC) - timedelta(seconds=1))


def state(row: Delivery) -> tuple[str, int, str]:
    """Outcome, attempts and error as the row has them now."""
    row.refresh_from_db()
    return row.outcome, row.attempts, row.error
