"""What inspecting a file has found."""

from __future__ import annotations

import msgspec


class Refused(Exception):
    """The file is not accepted; ``why`` is a code of ``FileView.refusal``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """``content`` is what is kept instead of what was sent; None: that, byte for byte. Pictures are JPEG."""

    type: str = ""
    refusal: str = ""
    content: bytes | None = None
    thumbnail: bytes | None = None
    previews: list[bytes] = msgspec.field(default_factory=list)
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
