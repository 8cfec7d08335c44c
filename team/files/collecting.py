"""Throws away what nobody will ask for again: files that nothing holds, and objects without a file.

A file that something takes hold of at the same moment stays: rows are looked at once more under their locks, and
objects are deleted only when no row is left that could name them.
"""

from __future__ import annotations

from itertools import islice

from django.db.models import Exists, OuterRef

from server.kernel import dispatch
from server.kernel.authentication import SYSTEM
from team.files import store
from team.files.internal_commands import ForgetFiles
from team.files.models import File, Holding

AT_ONCE = 500


def collect() -> int:
    """Forgets the files whose time is over, and deletes the objects of files that are no longer there; returns how many
    files' objects went."""
    held = Holding.objects.filter(file=OuterRef("pk"))
    over = File.objects.filter(~Exists(held), keep_until__lte=dispatch.now()).values_list("pk", flat=True)
    while doomed := list(over[:AT_ONCE]):
        dispatch.dispatch(SYSTEM, ForgetFiles(files=doomed))
        if set(doomed) == set(over[:AT_ONCE]):
            break  # Others hold their rows: next time.
    return _delete_orphans()


def _delete_orphans() -> int:
    """A file's row comes before its first object and goes before its last: objects without one are nobody's."""
    stored = store.configured()
    files = stored.files()
    gone = 0
    while some := list(islice(files, AT_ONCE)):
        known = set(File.objects.filter(pk__in=some).values_list("pk", flat=True))
        for file in some:
            if file not in known:
                stored.delete(file)
                gone += 1
    return gone
