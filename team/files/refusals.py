"""Why bytes are not taken, or a file is not opened."""

from __future__ import annotations

from server.kernel.wire.errors import Refusal


class WrongOffset(Refusal):
    """The bytes do not begin where the upload ends: ask how far it has come, and go on from there."""

    reason = "wrong_offset"

    def __init__(self, offset: int) -> None:
        super().__init__("The upload ends elsewhere: ask for its offset and go on from there.", offset=offset)


class TooManyFiles(Refusal):
    """One person uploads so many files, or bytes, in 24 hours; ``limit`` says how many."""

    reason = "too_many_files"

    def __init__(self, limit: int, unit: str) -> None:
        super().__init__(
            f"One person may upload {limit} {unit} in 24 hours: wait, or send fewer.", limit=limit, unit=unit
        )


class FileRefused(Refusal):
    """The file cannot be sent: ``why`` says what is wrong with it."""

    reason = "file_refused"

    def __init__(self, why: str) -> None:
        super().__init__("This file was refused: remove it, or send another one.", why=why)
