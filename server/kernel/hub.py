"""The sockets of this process, and the doorbell between processes.

There is one hub for each event loop. It finds the local sockets of an audience directly and hands each the frame
that was encoded once; the other processes get one message over the channel layer (one channel of it for each
process) with the same frames. What goes over the layer may be lost: every process numbers what it sends, so that the
others notice, at its next heartbeat at the latest, and read in the announcements what they missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid4

import msgspec
import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import DatabaseError, connection

from server.kernel import announcements, metrics
from server.kernel.announcements import PendingAnnouncement
from server.kernel.dispatch import Level, Outbound, dispatcher
from server.kernel.refusals import refusals

log = logging.getLogger("kernel.hub")

GROUP = "doorbell"
SWEEP_SECONDS = 2.0
HEARTBEAT_SECONDS = 1.0
PEER_TIMEOUT = 3.5
"""So long after the last ring of another process we go on as if it were there."""
PUBLISH_TIMEOUT = 5.0
MARGIN = timedelta(seconds=5)
"""An announcement bears the time at which its transaction began: it may have been told so much later."""


class LocalSocket(Protocol):
    """What the hub needs of a socket."""

    person: UUID
    session: UUID
    device: UUID | None

    def deliver(self, text: str) -> None: ...

    def close(self, code: int, reason: str) -> None: ...


class _EncodedFrame(msgspec.Struct, frozen=True, array_like=True):
    """One frame for persons, and for the watchers of its stream."""

    stream: str
    text: str
    persons: list[UUID]
    masked: str | None = None
    watched: bool = False


class _Envelope(msgspec.Struct, frozen=True, array_like=True):
    """What goes over the layer."""

    origin: UUID
    number: int
    """The rings of an origin are counted from 1, so that a lost one is noticed; 0: it rings this once."""
    frames: list[_EncodedFrame]
    endings: list[announcements.SocketClosure]
    devices: list[tuple[UUID, UUID]]
    """Persons and the devices that they have just connected at the origin."""
    skipped: bool = False
    """Since its last ring the origin has told something that it left out, believing itself alone."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Envelope).decode

Redeliver = Callable[[list[PendingAnnouncement]], Outbound]
"""Makes what must be told again from announcements, with access as it is now."""
StillOpen = Callable[[list[UUID]], set[UUID]]
"""Which of these sessions are still open, and their persons still admitted."""


def _frames(news: Outbound) -> list[_EncodedFrame]:
    frames = [
        _EncodedFrame(told.stream, told.text, list(told.audience), told.masked, watched=told.masked is not None)
        for told in news.events
    ]
    frames += [_EncodedFrame(one.stream, one.text, list(one.audience)) for one in news.signals]
    return frames


class Hub:
    """Local delivery and the doorbell of one process. All methods but ``deliver_from_thread`` belong to its loop."""

    def __init__(self, redeliver: Redeliver, still_open: StillOpen) -> None:
        self.id = uuid4()
        self._redeliver = redeliver
        self._still_open = still_open
        self._by_person: defaultdict[UUID, set[LocalSocket]] = defaultdict(set)
        self._by_session: defaultdict[UUID, set[LocalSocket]] = defaultdict(set)
        self._watchers: defaultdict[str, dict[LocalSocket, Level]] = defaultdict(dict)
        self._frames: list[_EncodedFrame] = []
        self._endings: list[announcements.SocketClosure] = []
        self._devices: list[tuple[UUID, UUID]] = []
        self._published: list[UUID] = []
        self._marked: list[UUID] = []
        self._publish_due = asyncio.Event()
        self._number = 0
        self._received: dict[UUID, tuple[int, float]] = {}
        self._begun = time.monotonic()
        self._peers_until = self._begun + PEER_TIMEOUT
        self._publishing_skipped = False
        self._channel: str | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        # The hub's own housekeeping never waits behind requests.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="relais-hub")

    # Sockets

    def add(self, socket: LocalSocket) -> None:
        """From now on the socket receives what concerns its person; the same device elsewhere is closed."""
        self._by_person[socket.person].add(socket)
        self._by_session[socket.session].add(socket)
        if socket.device is not None:
            self._close_device(socket.person, socket.device, keep=socket)
            self._devices.append((socket.person, socket.device))
            self._publish_due.set()

    def discard(self, socket: LocalSocket) -> None:
        """The socket is gone."""
        for index, key in ((self._by_person, socket.person), (self._by_session, socket.session)):
            sockets = index.get(key)
            if sockets is not None:
                sockets.discard(socket)
                if not sockets:
                    del index[key]
        for stream in [stream for stream, watchers in self._watchers.items() if socket in watchers]:
            self.watch(socket, stream, None)

    def watch(self, socket: LocalSocket, stream: str, level: Level | None) -> None:
        """The socket follows a stream, in full or masked; None: no longer."""
        if level is not None:
            self._watchers[stream][socket] = level
            return
        watchers = self._watchers.get(stream)
        if watchers is not None:
            watchers.pop(socket, None)
            if not watchers:
                del self._watchers[stream]

    def sockets(self) -> int:
        """How many sockets this process has."""
        return sum(len(sockets) for sockets in self._by_session.values())

    # Telling

    def deliver(self, news: Outbound) -> None:
        """Hands out what was committed: to local sockets now, to other processes in a moment."""
        frames = _frames(news)
        self._deliver_frames(frames, news.endings)
        self._published += news.announcements
        if not frames and not news.endings:
            return
        if time.monotonic() > self._peers_until:
            # Nobody else is there: of what would go over the layer, nearly all would go for nothing.
            self._publishing_skipped = True
            return
        self._frames += frames
        self._endings += news.endings
        self._publish_due.set()

    def deliver_from_thread(self, news: Outbound) -> None:
        """``deliver``, from another thread of this process."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.deliver, news)

    def close_all(self, code: int, reason: str) -> None:
        """Closes every socket of this process."""
        for sockets in list(self._by_session.values()):
            for socket in list(sockets):
                socket.close(code, reason)

    def _deliver_frames(self, frames: Iterable[_EncodedFrame], endings: Iterable[announcements.SocketClosure]) -> None:
        by_person = self._by_person
        for one in frames:
            reached: set[LocalSocket] = set()
            for person in one.persons:
                # A copy: one that reads too slowly is closed, and leaves the set, while we go through it.
                for socket in tuple(by_person.get(person, ())):
                    socket.deliver(one.text)
                    reached.add(socket)
            if one.watched:
                self._deliver_to_watchers(one, reached)
        for ending in endings:
            self._end(ending)

    def _deliver_to_watchers(self, one: _EncodedFrame, reached: set[LocalSocket]) -> None:
        for socket, level in tuple(self._watchers.get(one.stream, {}).items()):
            text = one.text if level == "full" else one.masked
            if socket not in reached and text is not None:
                socket.deliver(text)

    def _end(self, ending: announcements.SocketClosure) -> None:
        reason = "session ended" if ending.code == 4401 else "not allowed"
        for index, keys in ((self._by_session, ending.sessions), (self._by_person, ending.persons)):
            for key in keys:
                for socket in list(index.get(key, ())):
                    socket.close(ending.code, reason)

    def _close_device(self, person: UUID, device: UUID, keep: LocalSocket | None) -> None:
        for socket in list(self._by_person.get(person, ())):
            if socket is not keep and socket.device == device:
                socket.close(4409, "this device connected again elsewhere")

    # The doorbell

    async def run(self) -> None:
        """Starts listening and ringing; what was told before it listened is made up for."""
        self._loop = asyncio.get_running_loop()
        dispatcher.publish = self.deliver_from_thread
        for part in (self._subscribe, self._publish, self._sweep):
            self._tasks.append(self._loop.create_task(self._supervise(part)))

    async def stop(self) -> None:
        """Ends the hub's own tasks."""
        dispatcher.publish = publish_from_worker
        running, self._tasks = set(self._tasks), []
        while running:
            # A client library may swallow a cancellation that comes just as it finishes: so ask until it is heard.
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=0.1)
        with contextlib.suppress(RuntimeError):  # Stopped already.
            self._thread.submit(lambda: connection.close())
        self._thread.shutdown()

    async def _supervise(self, part: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await part()
            except (OSError, redis.RedisError, DatabaseError) as error:
                # Redis or the database is away: what could not be told stays untold, and is told later.
                metrics.waits.labels(part.__name__.removeprefix("_")).inc()
                log.warning("hub waits", extra={"fields": {"part": part.__name__, "error": type(error).__name__}})
            except Exception as error:
                log.error("defect", exc_info=error, extra={"fields": {"part": part.__name__}})
            await asyncio.sleep(0.5)

    async def _subscribe(self) -> None:
        layer = _layer()
        self._channel = self._channel or await layer.new_channel()
        await layer.group_add(GROUP, self._channel)
        if self.id not in self._received:
            await self._replay_missed(self._begun)
        while True:
            message = await layer.receive(self._channel)
            await self._receive(_decode(message["ring"]))

    async def _receive(self, ring: _Envelope) -> None:
        if ring.number:
            # Of one that is new to us nothing is known. If we were deaf to it, then to ourselves too, and that shows.
            number, heard_at = self._received.get(ring.origin, (ring.number - 1, self._begun))
            missed = ring.number != number + 1 or (ring.skipped and ring.origin != self.id)
            if missed:
                await self._replay_missed(heard_at)
            self._received[ring.origin] = (ring.number, time.monotonic())
        if ring.origin == self.id:
            return
        if ring.number:
            self._peer_seen()
        self._deliver_frames(ring.frames, ring.endings)
        for person, device in ring.devices:
            self._close_device(person, device, keep=None)

    def _peer_seen(self) -> None:
        """Another process rang. What it cannot have heard of, it hears of at once."""
        now = time.monotonic()
        if now > self._peers_until:
            self._publish_due.set()
        self._peers_until = now + PEER_TIMEOUT

    async def _replay_missed(self, heard_at: float) -> None:
        """Tells local sockets what was announced while this process may not have heard everything."""
        if not self._by_session:
            return
        metrics.made_up.inc()
        missed = timedelta(seconds=time.monotonic() - heard_at) + MARGIN
        if missed > announcements.KEPT:
            # What was announced then is no longer kept; every stream is right again after a new beginning.
            self.close_all(1012, "reconnect and sync")
            return
        news, _ = await self._in_thread(lambda: self._reload(announcements.since(datetime.now(UTC) - missed)))
        self._deliver_frames(_frames(news), news.endings)

    def _reload(self, untold: Iterable[PendingAnnouncement]) -> tuple[Outbound, list[UUID]]:
        """What announcements stand for, and their ids. One that cannot be told harms none of the others."""
        news, ids = Outbound(), []
        for one in untold:
            ids.append(one.id)
            try:
                again = self._redeliver([one])
            except DatabaseError:
                raise
            except Exception as error:
                log.error("not told again", exc_info=error, extra={"fields": {"announcement": str(one.id)}})
                continue
            news.events += again.events
            news.endings += again.endings
        return news, ids

    async def _publish(self) -> None:
        while True:
            # With nothing to tell it rings all the same: the others learn whether they heard everything before.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._publish_due.wait()
            self._publish_due.clear()
            frames, self._frames = self._frames, []
            endings, self._endings = self._endings, []
            devices, self._devices = self._devices, []
            rung, self._published = self._published, []
            skipped, self._publishing_skipped = self._publishing_skipped, False
            self._number += 1
            ring = _Envelope(self.id, self._number, frames, endings, devices, skipped)
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await _layer().group_send(GROUP, {"type": GROUP, "ring": _encode(ring)})
            self._marked += rung

    # Housekeeping

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            told, self._marked = self._marked, []
            try:
                news, closed = await self._in_thread(partial(self._sweep_database, told))
            except BaseException:
                self._marked += told
                raise
            self.deliver(news)
            metrics.sockets.set(self.sockets())
            recently = time.monotonic() - announcements.KEPT.total_seconds()
            self._received = {
                one: heard for one, heard in self._received.items() if heard[1] > recently or one == self.id
            }
            for session in closed:
                self._end(announcements.SocketClosure(4401, sessions=[session]))

    def _sweep_database(self, told: list[UUID]) -> tuple[Outbound, set[UUID]]:
        now = datetime.now(UTC)
        announcements.mark_published(told)
        # A process that committed and died before it told: tell it in its place.
        news, taken = self._reload(announcements.take_over(now))
        news.announcements += taken
        announcements.clear(now)
        refusals.flush()
        sessions = list(self._by_session)
        return news, set(sessions) - self._still_open(sessions) if sessions else set()

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _with_fresh_connection, work)


def _with_fresh_connection(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except BaseException:
        connection.close()
        raise


def _layer() -> Any:
    layer = get_channel_layer()
    if layer is None:
        raise RuntimeError("CHANNEL_LAYERS has no default layer")
    return layer


def publish_from_worker(news: Outbound) -> None:
    """Rings for a process that has no sockets: a task, the command line. If Redis is away, the announcement stays
    untold and a web process tells it within seconds."""
    if not news:
        return
    ring = _Envelope(uuid4(), 0, _frames(news), news.endings, [])
    try:
        async_to_sync(_layer().group_send)(GROUP, {"type": GROUP, "ring": _encode(ring)})
    except Exception as error:
        log.warning("doorbell not rung", extra={"fields": {"error": type(error).__name__}})
        return
    announcements.mark_published(news.announcements)
