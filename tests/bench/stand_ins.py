"""What Relais is compared with on the same machine, in the same harness. Nothing of it is part of Relais.

    python -m tests.bench.stand_ins KIND SERVER --descriptor N

KIND is `nothing`, the whole way of a message but for what keeps it (no transaction, no encryption, no audit), or
`bare`, an ASGI application that accepts a socket and says back what it hears, or `engine`, the session engine in front
of a command that is answered on the spot.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast
from unittest import mock
from uuid import UUID

KINDS = ("nothing", "bare", "engine")


def nothing() -> None:
    """`message.send` with its numbers and members in memory; everything else as it is."""
    from server import asgi
    from server.kernel import dispatch, executor
    from server.kernel.dispatch import Call
    from server.kernel.events import encode
    from server.kernel.outcomes import Outbound, Outcome
    from server.kernel.streams import EncodedEvent
    from server.kernel.wire import frame, stream_name
    from server.kernel.wire.handshake import StreamEventView
    from team.conversations.events import CONVERSATION
    from team.conversations.wire import MessageSent, MessageView
    from team.messages.wire import SendMessage, SendMessageResult

    assert asgi.application
    heads: dict[UUID, int] = {}
    members: dict[UUID, frozenset[UUID]] = {}

    def keep_nothing(calls: Sequence[Call[Any]], within: float | None = None) -> tuple[list[Outcome[Any]], Outbound]:
        if not isinstance(calls[0].command, SendMessage):
            return dispatch.dispatch_batch(calls, within)
        now, outcomes, news = datetime.now(UTC), [], Outbound()
        for call in calls:
            command: SendMessage = call.command
            if command.conversation not in members:
                members[command.conversation] = frozenset(
                    CONVERSATION.audience([command.conversation])[command.conversation].full
                )
            seq = heads[command.conversation] = heads.get(command.conversation, 1) + 1
            view = MessageView(
                id=command.id,
                conversation=command.conversation,
                seq=seq,
                author=call.actor.person,
                body=command.body,
                at=now,
            )
            stream = stream_name("c", command.conversation)
            data = encode(MessageSent(message=view))
            text = frame.event(StreamEventView(stream=stream, seq=seq, at=now, type=MessageSent.type, data=data))
            news.events.append(EncodedEvent(stream, seq, text, members[command.conversation]))
            outcomes.append(Outcome(result=SendMessageResult(message=view)))
        return outcomes, news

    mock.patch.object(executor, "dispatch_batch", keep_nothing).start()


def engine() -> Any:
    """The socket as it is, in front of a command that is answered on the spot: no thread, no hub, no database."""
    from uuid import uuid4

    from server import asgi, registry
    from server.kernel.authentication import Person
    from server.kernel.dispatch import Action, Call, dispatcher
    from server.kernel.executor import Answer, CommandExecutor
    from server.kernel.hub import Hub
    from server.kernel.outcomes import Outcome
    from server.kernel.socket import SocketApplication
    from server.kernel.wire import Command, View
    from server.kernel.wire.frame import Commands
    from server.kernel.wire.handshake import Hello

    class Said(View):
        text: str

    class Say(Command[Said]):
        method = "say"
        text: str

    class OnTheSpot:
        def submit(self, call: Call[Any], answer: Answer, size: int = 0) -> None:
            answer(Outcome(result=Said(text=getattr(call.command, "text", ""))))

    class Echo(SocketApplication):
        async def _runtime(self) -> tuple[Hub, CommandExecutor]:
            # A set takes sockets in and lets them go: what is asked of a hub here.
            return cast(Hub, set[Any]()), cast(CommandExecutor, OnTheSpot())

    dispatcher.actions[Say] = Action(Say, lambda *_: Said(text=""))
    limits = without_limits()
    sockets = Echo(
        Commands([Hello, Say]),
        lambda credentials: [Person(uuid4(), uuid4()) for _ in credentials],
        registry.make_hub,
        limits,
    )

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await (sockets if scope["type"] == "websocket" else asgi.http)(scope, receive, send)

    return application


def without_limits() -> Any:
    """No limit on the rate: it is what is measured."""
    from server.kernel.connection import Limits

    return Limits(requests_per_second=1e9, burst=1e9)


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

    from server.ops import web

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    django.setup()
    if kind == "nothing":
        nothing()
    else:
        from server import asgi

        asgi.application = bare if kind == "bare" else engine()
    web.main()


if __name__ == "__main__":
    main()
