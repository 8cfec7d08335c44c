"""The only way to a file: its uploader's while nothing holds it, and afterwards whoever's may read what holds it.

A file that the caller may not know of is ``not_found``, like one that does not exist. Whoever uploaded a file has no
more right to it than others once something holds it: who leaves a conversation leaves their files there.
"""

from __future__ import annotations

from uuid import UUID

from identity.accounts.access import verified
from server.kernel.authentication import Actor
from server.kernel.wire.errors import InvalidState, NotFound
from team.files import holders
from team.files.models import File, Holding
from team.files.refusals import FileRefused


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
