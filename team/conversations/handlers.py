"""What happens in conversations when something happens in the rooms below."""

from __future__ import annotations

from collections.abc import Sequence

from identity.organisations.wire_organisations import MembershipEnded
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import stream_parts
from team.conversations import access
from team.conversations.actions import end_member, keep_an_owner
from team.conversations.models import Member


def leave_groups(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """Whoever is no longer a member of an organisation is in none of its groups either: from the commit on nothing more
    of them reaches that person, and what they wrote stays. Conversations of two go on.

    It locks the streams of those groups, and so is the last handler of a transaction.
    """
    ended = {
        (stream_parts(draft.stream)[1], draft.event.organisation, draft.event.by)
        for draft in drafts
        if isinstance(draft.event, MembershipEnded)
    }
    groups = {
        person: list(
            Member.objects.filter(
                person=person, ended_at=None, conversation__organisation=organisation, conversation__kind="group"
            ).values_list("conversation", flat=True)
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
            keep_an_owner(locked[group])
    return told
