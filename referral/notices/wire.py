"""What became of the messages to a patient, as colleagues see it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from server.kernel.wire import Instant, View

NoticeKind: TypeAlias = Literal["booked", "reminder", "cancelled"]
NoticeChannel: TypeAlias = Literal["sms", "email"]
NoticeState: TypeAlias = Literal["queued", "sent", "captured", "dropped", "failed"]
"""``sent``: the carrier or the mail server has taken it, which does not say that it was read. ``captured``: kept on
this machine, from which nothing reaches patients. ``dropped``: it was no longer true, or there was nobody to tell.
"""


class NoticeView(View):
    """One message to the patient: neither its words nor the address.

    ``at`` is when it was settled; while it is ``queued``, when it is due. ``reason`` is the code of the last failure,
    or of why it was dropped.
    """

    kind: NoticeKind
    channel: NoticeChannel
    state: NoticeState
    at: Instant
    reason: str | None = None
