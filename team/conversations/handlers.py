"""What happens in conversations when something happens in the rooms below."""

from __future__ import annotations

from collections.abc import Sequence

from identity.organisations.wire_organisations import MembershipEnded
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import stream_name, stream_parts
from team.conversations import access
from team.conversations.actions import end_member, keep_an_owner
from team.conversations.models import Member, Message
from team.conversations.queries import message_views
from team.conversations.wire import MessageFilesChecked
from team.files.models import Holding
from team.files.wire import FileChanged


def leave_groups(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """Whoever is no longer a member of an organisation is in none of its groups and cases either: from the commit on
    nothing more of them reaches that person, and what they wrote stays. Conversations of two go on.

    It locks the streams of those groups, and so is the last handler of a transaction.
    """
    ended = {
        (stream_parts(draft.stream)[1], draft.event.organisation, draft.event.by)
        for draft in drafts
        if isinstance(draft.event, MembershipEnded)
    }
    groups = {
        person: list(
            Member.objects.filter(person=person, ended_at=None, conversation__organisation=organisation)
            .exclude(conversation__kind="direct")
            .values_list("conversation", flat=True)
        )
        for person, organisation, _ in ended
    }
    wanted = {group for theirs in groups.values() for group in theirs}
    if not wanted:
        return []
    locked = access.lock(tx, wanted, [f"i:{person}" for person in groups])
    told: list[Draft] = []
    for person, _, by in sorted(ended):
        for group in groups[person]:
            told += end_member(locked[group], person, by, tx)
            told += keep_an_owner(locked[group], by)
    return told


def tell_of_checked_files(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """Whoever may read a message learns that a file of it was checked: a message may be sent while that goes on.

    The files are locked already, as they are when a message takes hold of them: files first, then streams.
    """
    files = [draft.event.file.id for draft in drafts if isinstance(draft.event, FileChanged)]
    held = Holding.objects.filter(file__in=files, kind=access.MESSAGE_FILES).values_list("subject", flat=True)
    holding = dict(Message.objects.filter(pk__in=held, deleted_at=None).values_list("pk", "conversation"))
    if not holding:
        return []
    locked = access.lock(tx, set(holding.values()), {draft.stream for draft in drafts})
    rows = list(locked.messages(holding))
    return [
        Draft(
            stream_name("c", view.conversation),
            MessageFilesChecked(message=view),
            locked[view.conversation].readers,
            subject=view.id,
        )
        for view in message_views(rows, dict.fromkeys(holding.values(), 1))
    ]
