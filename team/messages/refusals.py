"""Why a message is not changed."""

from __future__ import annotations

from server.kernel.wire.errors import Refusal


class TooLate(Refusal):
    """A message may be changed for so long after it was sent; ``limit`` says for how many seconds."""

    reason = "too_late"

    def __init__(self, limit: int) -> None:
        super().__init__("It is too late to change this message: write another one that puts it right.", limit=limit)


class TooManyEdits(Refusal):
    """A message may be changed so often; ``limit`` says how often."""

    reason = "too_many_edits"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A message may be changed {limit} times: write another one that puts it right.", limit=limit)
