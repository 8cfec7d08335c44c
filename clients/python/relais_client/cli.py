"""`relais-client`: Relais from the command line."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

import msgspec

from relais_client import wire
from relais_client.client import Client, Closed, RelaisError, RequestRefused
from relais_client.events import Event, Lost, Reset, StreamEvent
from relais_client.identifiers import uuid7

Options = argparse.Namespace
Show = Callable[[object, str], None]

UNREACHABLE, REFUSED, USAGE = 3, 1, 2


async def whoami(client: Client, options: Options, show: Show) -> None:
    """Says who the token stands for."""
    me = (await client.connected()).me
    show(me, f"{me.name} <{me.email}>, {me.function}, {'verified' if me.verified else 'not verified'}  {me.id}")


async def conversations(client: Client, options: Options, show: Show) -> None:
    """Lists conversations, the most recently active first."""
    cursor = None
    while True:
        page = await client.call(wire.ListConversations(cursor=cursor))
        for found in page.conversations:
            named = found.title or ", ".join(member.name for member in found.members)
            show(found, f"{found.id}  {found.unread:>3} unread  {named}")
        cursor = page.cursor
        if cursor is None:
            return


async def open_conversation(client: Client, options: Options, show: Show) -> None:
    """Opens a conversation: direct with one person, a group with several or with a title."""
    kind: Literal["direct", "group"] = "group" if options.title or len(options.person) > 1 else "direct"
    command = wire.OpenConversation(id=uuid7(), kind=kind, members=options.person, title=options.title)
    opened = await client.call(command)
    show(opened.conversation, str(opened.conversation.id))


async def send(client: Client, options: Options, show: Show) -> None:
    """Sends a message; from the standard input when no text is given."""
    body = " ".join(options.text) or await asyncio.to_thread(sys.stdin.read)
    command = wire.SendMessage(id=uuid7(), conversation=options.conversation, body=body.rstrip("\n"))
    sent = await client.call(command)
    show(sent.message, f"{sent.message.seq}  {sent.message.id}")


async def history(client: Client, options: Options, show: Show) -> None:
    """Shows the last messages of a conversation, the oldest first."""
    page = await client.call(wire.GetHistory(conversation=options.conversation, limit=options.limit))
    for message in reversed(page.messages):
        show(message, _line(message))


async def tail(client: Client, options: Options, show: Show) -> None:
    """Shows what happens, as it happens, until interrupted."""
    wanted = f"c:{options.conversation}" if options.conversation else None

    def listen(event: Event) -> None:
        match event:
            case StreamEvent(stream=stream, data=wire.MessageSent(message=message)) if wanted in {None, stream}:
                show(event, _line(message))
            case StreamEvent(stream=stream, seq=seq, type=kind) if wanted in {None, stream}:
                show(event, f"{stream} {seq} {kind}")
            case Lost(stream=stream) if wanted in {None, stream}:
                show(event, f"{stream} is no longer yours")
            case Reset(stream=stream) if wanted in {None, stream}:
                show(event, f"{stream} has moved on by more than is shown here: see its history")
            case _:
                pass

    client.listener = listen
    await client.ended()


async def search(client: Client, options: Options, show: Show) -> None:
    """Searches the directory."""
    near = None
    if options.near:
        key = "postal_code" if options.near.isdigit() else "city"
        near = msgspec.convert({key: options.near}, wire.NearPlace)
    command = wire.SearchDirectory(
        text=" ".join(options.text) or None,
        speciality=options.speciality,
        place=near,
        radius_km=options.radius,
        limit=options.limit,
    )
    for hit in (await client.call(command)).hits:
        where = "; ".join(f"{place.address}, {place.postal_code} {place.city}" for place in hit.places[:1])
        what = hit.practitioner.speciality or hit.practitioner.profession
        far = "" if hit.distance_km is None else f"  {hit.distance_km:.1f} km"
        show(hit, f"{hit.practitioner.id}  {hit.practitioner.name}, {what}  {where}{far}")


async def slots(client: Client, options: Options, show: Show) -> None:
    """Lists free slots of a practitioner or an agenda."""
    first = options.from_ or date.today()  # noqa: DTZ011 - the day where the caller is
    command = wire.FindSlots(
        from_=first,
        to=options.to or first + timedelta(days=14),
        practitioner=options.practitioner,
        agenda=options.agenda,
        reason=options.reason,
    )
    found = await client.call(command)
    for slot in found.slots:
        show(slot, f"{slot.start.isoformat()}  {slot.end.isoformat()}  agenda {slot.agenda}  reason {slot.reason}")
    if not found.slots and found.next:
        show(found, f"None in these days; the first after them is on {found.next}.")


def _line(message: wire.MessageView) -> str:
    body = message.body.replace("\n", "\n    ")
    return f"{message.at.isoformat(timespec='seconds')}  {message.seq}  {message.author}  {body}"


def _visible(text: str) -> str:
    """The text without control characters, which a terminal would obey. Nothing of the server is printed without it."""
    return "".join(c if c in "\n\t" or c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    # Without abbreviations: nobody's token is to stand on a command line, which others on the machine can read.
    top = argparse.ArgumentParser(prog="relais-client", description="Relais from the command line.", allow_abbrev=False)
    top.add_argument("--url", default=os.environ.get("RELAIS_URL", "http://localhost:8000"), help="(RELAIS_URL)")
    top.add_argument(
        "--token-file",
        default=os.environ.get("RELAIS_TOKEN_FILE"),
        metavar="FILE",
        help="a file that holds a bearer token (RELAIS_TOKEN_FILE; RELAIS_TOKEN holds the token itself)",
    )
    top.add_argument("--json", action="store_true", help="one JSON object a line")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Client, Options, Show], Awaitable[None]]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    add("whoami", whoami)
    add("conversations", conversations)
    opening = add("open", open_conversation)
    opening.add_argument("person", nargs="+", type=UUID)
    opening.add_argument("--title")
    sending = add("send", send)
    sending.add_argument("conversation", type=UUID)
    sending.add_argument("text", nargs="*")
    showing = add("history", history)
    showing.add_argument("conversation", type=UUID)
    showing.add_argument("--limit", type=int, default=20)
    add("tail", tail).add_argument("conversation", type=UUID, nargs="?")
    searching = add("search", search)
    searching.add_argument("text", nargs="*")
    searching.add_argument("--speciality")
    searching.add_argument("--near", help="a postal code or a town")
    searching.add_argument("--radius", type=float, help="in kilometres")
    searching.add_argument("--limit", type=int, default=20)
    slotting = add("slots", slots)
    whose = slotting.add_mutually_exclusive_group(required=True)
    whose.add_argument("--practitioner", type=UUID)
    whose.add_argument("--agenda", type=UUID)
    slotting.add_argument("--reason", type=UUID)
    slotting.add_argument("--from", dest="from_", type=date.fromisoformat, metavar="DAY", help="2026-12-01")
    slotting.add_argument("--to", type=date.fromisoformat, metavar="DAY", help="excluded")
    return top


def _token(options: Options) -> str:
    """The token in the file, or in the environment; empty when there is none."""
    if options.token_file:
        return Path(options.token_file).read_text(encoding="utf-8").strip()
    return os.environ.get("RELAIS_TOKEN", "").strip()


async def run(options: Options) -> None:
    """Connects, does what was asked, disconnects."""

    def show(thing: object, line: str) -> None:
        print(msgspec.json.encode(thing).decode() if options.json else _visible(line), flush=True)

    async with Client(options.url, _token(options)) as client:
        try:
            await client.connected(within=10)
        except TimeoutError:
            raise ConnectionError(client.last_error or "no answer") from None
        await options.run(client, options, show)


def main() -> int:
    options = parser().parse_args()
    try:
        given = _token(options)
    except OSError as error:
        print(f"relais-client: {options.token_file}: {error.strerror}", file=sys.stderr)
        return USAGE
    if not given:
        print("relais-client: give a token by --token-file, or in RELAIS_TOKEN.", file=sys.stderr)
        return USAGE
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run(options))
    except ConnectionError as error:
        print(f"relais-client: {options.url} cannot be reached: {error}", file=sys.stderr)
        return UNREACHABLE
    except (RequestRefused, Closed, RelaisError) as error:
        print(f"relais-client: {error}", file=sys.stderr)
        return REFUSED
    except TimeoutError:
        print("relais-client: no answer in time.", file=sys.stderr)
        return UNREACHABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
