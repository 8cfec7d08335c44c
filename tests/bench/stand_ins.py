"""What Relais is compared with on the same machine, in the same harness. Nothing of it is part of Relais.

    python -m tests.bench.stand_ins KIND SERVER --descriptor N

KIND is `nothing`, the whole way of a message but for what keeps it (no transaction, no encryption, no audit), or
`bare`, an ASGI application that accepts a socket and says back what it hears, or `engine`, the session engine in front
of a command that is answered on the spot.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

KINDS = ("nothing", "bare", "engine")


def nothing() -> None:
    """`message.send` with its numbers and members in memory; everything else as it is."""
    from server import asgi, dispatch, lanes
    from server.dispatch import Call, News, Outcome
    from server.streams import Told
    from server.wire import frame, stream_name
    from team import queries
    from team.wire import MessageSent, MessageView, SendMessage, Sent

    assert asgi.application
    heads: dict[UUID, int] = {}
    members: dict[UUID, frozenset[UUID]] = {}

    def carry_out(calls: Sequence[Call]) -> tuple[list[Outcome], News]:
        if not isinstance(calls[0].command, SendMessage):
            return dispatch.carry_out(calls)
        now, outcomes, news = datetime.now(UTC), [], News()
        for call in calls:
            command: SendMessage = call.command
            if command.conversation not in members:
                members[command.conversation] = frozenset(queries.audience(command.conversation))
            seq = heads[command.conversation] = heads.get(command.conversation, 1) + 1
            view = MessageView(
                id=command.id,
                conversation=command.conversation,
                seq=seq,
                author=call.actor.person or command.id,
                body=command.body,
                at=now,
            )
            stream = stream_name("c", command.conversation)
            text = frame.event(stream, seq, now, MessageSent.type, MessageSent(message=view))
            news.events.append(Told(stream, seq, text, members[command.conversation]))
            outcomes.append(Outcome(result=Sent(message=view)))
        return outcomes, news

    lanes.carry_out = carry_out


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """Accepts, and says back what it hears."""
    if scope["type"] != "websocket":
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"live"})
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "relais.v1"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


def main() -> None:
    kind = sys.argv.pop(1)
    import django

    from server import web

    django.setup()
    if kind == "nothing":
        nothing()
    else:
        from server import asgi

        asgi.application = bare  # type: ignore[assignment]
    web.main()


if __name__ == "__main__":
    main()
