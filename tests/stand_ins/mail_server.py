"""A mail server: SMTP by aiosmtpd, answering to each recipient as it is told to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.relais_process import free_port

HANG = "hang"
TOOK = "250 OK"


class MailServer:
    """The server. ``taken`` are the messages that it took, in their order."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self._recipients: dict[str, str] = {}
        self._data: dict[str, str] = {}
        self.refuse_sender = ""
        """The answer to MAIL, if it is not to be taken."""
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def port(self) -> int:
        return self._controller.port

    def refuse_recipient(self, to: str, answer: str) -> None:
        """``answer`` to RCPT, such as ``550 No such mailbox``; ``HANG`` never answers."""
        self._recipients[to] = answer

    def refuse_message(self, to: str, answer: str) -> None:
        """``answer`` to the message itself."""
        self._data[to] = answer

    @contextlib.contextmanager
    def serving(self) -> Iterator[MailServer]:
        self._controller.start()
        try:
            yield self
        finally:
            self._controller.stop()

    async def handle_MAIL(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.refuse_sender or TOOK

    async def handle_RCPT(  # noqa: N802  (as above)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._recipients.get(address, TOOK)
        if answer == HANG:
            await asyncio.Event().wait()
        if answer == TOOK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (as above)
        answer = self._data.get(envelope.rcpt_tos[0], TOOK)
        if answer == TOOK:
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            self.taken.append(message_from_bytes(content, policy=policy.default))
        return answer
