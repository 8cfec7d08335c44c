"""The only way to a file: its uploader's while nothing holds it, and afterwards whoever's may read what holds it.

A file that the caller may not know of is ``not_found``, like one that does not exist. Whoever uploaded a file has no
more right to it than others once something holds it: who leaves a conversation leaves their files there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from identity.accounts.access import verified
from server.kernel.authentication import Actor
from server.kernel.pg_arrays import numbers, uuids
from server.kernel.statements import Statement
from server.kernel.wire.errors import Invalid, InvalidState, NotFound
from team.files import holders
from team.files.models import File, Holding
from team.files.refusals import FileGone, FileRefused, UploadUnfinished


def readable(actor: Actor, wanted: UUID) -> File:
    """A file of which the caller may know, in whatever state."""
    person = verified(actor)
    found = File.objects.filter(pk=wanted).first()
    if found is None:
        raise NotFound
    held = list(Holding.objects.filter(file=found).values_list("kind", "subject"))
    if not (holders.readable(actor, held) if held else found.owner_id == person):
        raise NotFound
    return found


def openable(actor: Actor, wanted: UUID) -> File:
    """A file whose content the caller may open now: it has been checked."""
    found = readable(actor, wanted)
    if found.state == File.State.REFUSED:
        raise FileRefused(found.refusal)
    if found.state != File.State.READY:
        raise InvalidState("This file is still being checked: it can be opened soon.")
    return found


def own_upload(actor: Actor, wanted: UUID) -> File:
    """A file that the caller uploads and nothing holds yet, locked until the transaction ends."""
    found = File.objects.select_for_update().filter(pk=wanted, owner=verified(actor)).first()
    if found is None or Holding.objects.filter(file=found).exists():
        raise NotFound
    return found


class LockedFiles:
    """Files that something is about to hold: until the transaction ends none of them is thrown away, nor is what was
    found of it recorded. Made by ``lock`` alone, before any stream is locked."""

    def __init__(self, files: Mapping[UUID, File], held: Mapping[UUID, list[tuple[str, UUID]]]) -> None:
        self._files = files
        self._held = held

    def require(self, actor: Actor, wanted: Sequence[UUID], path: str) -> list[File]:
        """These files, in this order, when the caller may send them: their own uploads that nothing holds, and what
        they may read where it is held. At most one statement for each kind of holder."""
        person = verified(actor)
        if len(set(wanted)) < len(wanted):
            raise Invalid(path, "Name each file once.")
        readable = holders.readable_of(actor, [pair for one in wanted for pair in self._held.get(one, ())])
        return [self._sendable(person, one, readable) for one in wanted]

    def _sendable(self, person: UUID, wanted: UUID, readable: set[tuple[str, UUID]]) -> File:
        file, held = self._files.get(wanted), self._held.get(wanted)
        if file is None or (readable.isdisjoint(held) if held else file.owner_id != person):
            raise FileGone(wanted)
        if file.state == File.State.REFUSED:
            raise FileRefused(file.refusal, file=wanted)
        if file.state == File.State.UPLOADING:
            raise UploadUnfinished(wanted)
        return file


_LOCK = Statement("SELECT FROM team_file WHERE id = ANY(%b::uuid[]) ORDER BY id FOR KEY SHARE")


def lock(wanted: Iterable[UUID]) -> LockedFiles:
    """Locks files that are to be held, in the order of their ids. Three statements; none when there are none."""
    ids = sorted(set(wanted))
    if not ids:
        return LockedFiles({}, {})
    _LOCK.send(uuids(ids))
    files = {file.id: file for file in File.objects.filter(pk__in=ids)}
    held: dict[UUID, list[tuple[str, UUID]]] = {}
    for file, kind, subject in Holding.objects.filter(file__in=ids).values_list("file", "kind", "subject"):
        held.setdefault(file, []).append((kind, subject))
    return LockedFiles(files, held)


_HOLD = Statement(
    "INSERT INTO team_holding (kind, file_id, subject, place) SELECT %b::text, * FROM"
    " unnest(%b::uuid[], %b::uuid[], %b::bigint[])"
)


def hold(kind: str, held: Sequence[tuple[UUID, UUID, int]]) -> None:
    """Notes what now holds files that ``LockedFiles.require`` has returned: each file, its holder, and its place there.
    One statement, which is not waited for; none when there are none."""
    if held:
        files, subjects, places = zip(*held, strict=True)
        _HOLD.send(kind, uuids(files), uuids(subjects), numbers(places))
