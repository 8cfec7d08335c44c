"""Uploads, what checking found, and what is thrown away. The bytes themselves are stored before, and deleted after."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Sum

from identity.accounts.access import verified
from identity.accounts.models import Person
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.idempotency import request_digest, require_same
from server.kernel.streams import Draft
from server.kernel.wire import Done, stream_name
from server.kernel.wire.errors import Conflict, Invalid, InvalidState
from team.files import access, queries
from team.files.internal_commands import AddParts, BeginUpload, ForgetFiles, RecordCheck, Upload
from team.files.models import File, Holding, UploadPart
from team.files.queries import upload_view
from team.files.refusals import TooManyFiles, WrongOffset
from team.files.sealed_chunks import owner
from team.files.wire import BYTES_A_DAY, FILES_A_DAY, KEPT_HOURS, DiscardFile, FileChanged

CHECK_TASK = "team.check_files"
DAY = timedelta(days=1)
KEPT = timedelta(hours=KEPT_HOURS)


def begin_upload(actor: Actor, command: BeginUpload, tx: Transaction) -> Upload:
    """Begins an upload, or answers how far it has come when it was begun by this very request."""
    person, request = verified(actor), request_digest(actor, command)
    known = File.objects.filter(pk=command.id).first()
    if known is not None:
        require_same(known.request_digest, request)
        return upload_view(known)
    if not command.size:
        raise Invalid("$.params.size", "This file is empty: choose another one.")
    _require_few(person, command.size, tx)
    file = File(
        id=command.id,
        owner_id=person,
        sealed_name=vault.key_for_sealing(owner(command.id)).seal(command.name.encode(), queries.NAME),
        size=command.size,
        created_at=tx.now,
        keep_until=tx.now + KEPT,
        request_digest=request,
    )
    File.objects.bulk_create([file], ignore_conflicts=True)
    # Begun by the same request at the same moment, it is one upload.
    stored = File.objects.get(pk=command.id)
    require_same(stored.request_digest, request)
    return upload_view(stored)


def _require_few(person: UUID, size: int, tx: Transaction) -> None:
    """Returns when this person may upload so much more. Their requests wait for each other here."""
    Person.objects.select_for_update(no_key=True).filter(pk=person).values_list("pk", flat=True).first()
    of_late = File.objects.filter(owner=person, created_at__gt=tx.now - DAY)
    found = of_late.aggregate(files=Count("pk"), bytes=Sum("size", default=0))
    if found["files"] >= FILES_A_DAY:
        raise TooManyFiles(FILES_A_DAY, "files")
    if found["bytes"] + size > BYTES_A_DAY:
        raise TooManyFiles(BYTES_A_DAY, "bytes")


def add_parts(actor: Actor, command: AddParts, tx: Transaction) -> Upload:
    """Adds stored parts to an upload; with the last one its check is due, and asked for right after the commit."""
    file = access.own_upload(actor, command.file)
    if file.state != File.State.UPLOADING or file.received != command.offset:
        raise WrongOffset(file.received)
    start = command.offset
    for part in command.parts:
        UploadPart.objects.create(file=file, start=start, size=part.size, stored_as=part.stored_as)
        start += part.size
    if start > file.size:
        raise Conflict("These are more bytes than were announced.")
    file.received = start
    file.keep_until = tx.now + KEPT
    if start == file.size:
        file.state, file.check_after = File.State.CHECKING, tx.now
        tx.after_commit(CHECK_TASK)
    file.save(update_fields=["received", "keep_until", "state", "check_after"])
    return upload_view(file)


def discard_file(actor: Actor, command: DiscardFile, tx: Transaction) -> Done:
    """Erases a file of the caller's that nothing holds; its objects go by the next sweep."""
    person = verified(actor)
    file = File.objects.select_for_update().filter(pk=command.file, owner=person).first()
    if file is None:
        return Done()
    if Holding.objects.filter(file=file).exists():
        raise InvalidState("This file has been sent: delete the message that holds it.")
    _erase([file.id])
    return Done()


def record_check(actor: Actor, command: RecordCheck, tx: Transaction) -> Done:
    """Writes down what a check found, if its claim still stands, and tells whoever uploads the file."""
    file = File.objects.select_for_update().filter(pk=command.file, claimed_until=command.claimed_until).first()
    if file is None or file.state != File.State.CHECKING:
        return Done()
    file.claimed_until = None
    if command.retry_at is not None:
        # Nothing is wrong with the file: such an attempt does not count.
        file.check_after, file.attempts = command.retry_at, 0
        file.save(update_fields=["claimed_until", "check_after", "attempts"])
        return Done()
    file.check_after = None
    file.state = File.State.REFUSED if command.refusal else File.State.READY
    for name in ("refusal", "type", "scanned", "thumbnail", "previews", "pages", "width", "height", "seconds"):
        setattr(file, name, getattr(command, name))
    if not command.refusal:
        file.size = command.size
    file.save()
    UploadPart.objects.filter(file=file).delete()
    tx.audit(actor, f"file.{file.state}", file.id, why=file.refusal)
    tx.record([changed(file)])
    return Done()


def changed(file: File) -> Draft:
    """Whoever uploads a file is told what has become of it."""
    view = queries.file_views([file])[file.id]
    return Draft(stream_name("i", file.owner_id), FileChanged(file=view), {file.owner_id: 1}, subject=file.id)


def forget_files(actor: Actor, command: ForgetFiles, tx: Transaction) -> Done:
    """Erases those of these files that nothing holds and whose time is over. Each is looked at under its lock: what
    takes hold of a file takes that lock too, so none is erased that something holds."""
    held = Holding.objects.filter(file=OuterRef("pk"))
    rows = File.objects.select_for_update(skip_locked=True).filter(pk__in=command.files, keep_until__lte=tx.now)
    locked = [file.pk for file in rows]
    doomed = list(File.objects.filter(~Exists(held), pk__in=locked).values_list("pk", flat=True))
    _erase(doomed)
    for file in doomed:
        tx.audit(actor, "file.forgotten", file)
    return Done()


def _erase(files: list[UUID]) -> None:
    """The key first: without it the objects are noise, however long they lie there."""
    for file in files:
        vault.erase(owner(file))
    File.objects.filter(pk__in=files).delete()
