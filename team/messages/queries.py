"""What clients see of messages; a constant number of queries each, whatever the number of rows."""

from __future__ import annotations

from server.kernel import paging
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from team.conversations import access as conversations_access
from team.conversations.queries import message_views
from team.messages.wire import GetHistory, History


def history(actor: Actor, command: GetHistory, tx: Transaction) -> History:
    mine = conversations_access.membership(actor, command.conversation)
    rows = conversations_access.messages(mine).order_by("-seq")
    if command.before is not None:
        rows = rows.filter(seq__lt=command.before)
    page, more = paging.page(rows, command.limit)
    shown = paging.fitting(message_views(page, {mine.conversation_id: mine.visible_from}))
    return History(messages=shown, more=more or len(shown) < len(page))
