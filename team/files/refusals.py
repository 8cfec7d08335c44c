"""Why bytes are not taken, or a file is not opened."""

from __future__ import annotations

from uuid import UUID

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

    def __init__(self, why: str, **data: object) -> None:
        super().__init__("This file was refused: remove it, or send another one.", why=why, **data)


class FileGone(Refusal):
    """``file`` is not the caller's to send: it is gone, or somebody else's, or held where they may no longer read."""

    reason = "file_gone"

    def __init__(self, file: UUID) -> None:
        super().__init__("This file is not there any more: choose it again.", file=file)


class UploadUnfinished(Refusal):
    """``file`` has not arrived as a whole: upload the rest first."""

    reason = "upload_unfinished"

    def __init__(self, file: UUID) -> None:
        super().__init__("This file has not arrived yet: wait until it has, or remove it.", file=file)
