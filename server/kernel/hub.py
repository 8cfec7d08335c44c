"""The sockets of this process, and notifications between processes.

One hub per event loop. It finds the local sockets of an audience directly and delivers the frame that was encoded once;
the other processes get one message with the same frames over the channel layer, which has one channel per process. That
message may be lost: every process numbers its messages, so its peers notice a gap by its next heartbeat and read the
missed announcements from the database. A process that no longer hears its own heartbeats, because Redis is away or
says nothing, reads what is announced from the database every few seconds, and subscribes anew meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import DatabaseError, InterfaceError, connection

from server.kernel import announcements, clock, metrics, outages
from server.kernel.announcements import PendingAnnouncement, SocketClosure
from server.kernel.dispatch import dispatcher
from server.kernel.envelopes import EncodedFrame, Envelope, Told, decode, encode, frames_of
from server.kernel.identifiers import uuid7
from server.kernel.outcomes import Outbound
from server.kernel.postgres import tried_again
from server.kernel.refusals import refusals
from server.kernel.watching import Watchers

log = logging.getLogger("kernel.hub")

GROUP = "notifications"
SWEEP_SECONDS = 2.0
HEARTBEAT_SECONDS = 1.0
PEER_TIMEOUT = 3.5
"""Seconds for which a peer is considered alive after its last message."""
HEARD_WITHIN = 3.5
"""Seconds within which a process hears itself; after that it delivers from the database, and subscribes anew."""
PUBLISH_TIMEOUT = 5.0
PAUSE_FOR_EACH_PEER = 0.001
"""Seconds between two messages of a process, for each of its peers: so each process hears about a thousand messages a
second, however many processes there are. To receive a message costs many times what one more frame in it costs."""
LONGEST_PAUSE = 0.05
PUBLISH_AGAIN = 5.0
"""Seconds for which a process without a hub leaves publishing to others after it has failed."""
MARGIN = timedelta(seconds=5)
"""The timestamp of an announcement is its transaction's start; delivery can lag it by up to this margin."""


class LocalSocket(Protocol):
    """What the hub needs of a socket."""

    person: UUID
    session: UUID
    device: UUID | None

    def deliver(self, text: str) -> None: ...

    def close(self, code: int, reason: str) -> None: ...


Redeliver = Callable[[list[PendingAnnouncement]], Outbound]
"""Encodes the events of announcements again, for those who may receive them now."""
StillOpen = Callable[[list[UUID]], set[UUID]]
"""Which of these sessions are still open and belong to a person who is still admitted."""


class Hub:
    """Local delivery and notifications of one process. Call all but ``deliver_from_thread`` from its event loop."""

    def __init__(self, redeliver: Redeliver, still_open: StillOpen) -> None:
        self.id = uuid7()
        self._redeliver = redeliver
        self._still_open = still_open
        self._by_person: defaultdict[UUID, set[LocalSocket]] = defaultdict(set)
        self._by_session: defaultdict[UUID, set[LocalSocket]] = defaultdict(set)
        self.watchers = Watchers()
        self._frames: list[EncodedFrame] = []
        self._closures: list[SocketClosure] = []
        self._devices: list[tuple[UUID, UUID]] = []
        self._announced: list[UUID] = []
        self._parts: list[tuple[list[UUID], int]] = []
        self._told = Told()
        self._published: list[UUID] = []
        self._publish_due = asyncio.Event()
        self._number = 0
        self._received: dict[UUID, tuple[int, float]] = {}
        self._begun = time.monotonic()
        self._heard = self._begun
        """When our own message was last received."""
        self._replayed = self._begun
        """Everything that was announced before it has been delivered from the database."""
        self._peers_until = self._begun + PEER_TIMEOUT
        self._publishing_skipped = False
        self._channel = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        # Housekeeping has a thread of its own, so that it never waits behind requests.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="relais-hub")

    # Sockets

    def add(self, socket: LocalSocket) -> None:
        """Start delivering to the socket; other sockets of the same device are closed with 4409."""
        self._by_person[socket.person].add(socket)
        self._by_session[socket.session].add(socket)
        if socket.device is not None:
            self._close_device(socket.person, socket.device, keep=socket)
            self._devices.append((socket.person, socket.device))
            self._publish_due.set()

    def discard(self, socket: LocalSocket) -> None:
        """Stop delivering to the socket."""
        for index, key in ((self._by_person, socket.person), (self._by_session, socket.session)):
            sockets = index.get(key)
            if sockets is not None:
                sockets.discard(socket)
                if not sockets:
                    del index[key]
        self.watchers.discard(socket)

    def sockets(self) -> int:
        """The number of sockets in this process."""
        return sum(len(sockets) for sockets in self._by_session.values())

    # Delivery

    def deliver(self, outbound: Outbound) -> None:
        """Deliver what was committed: to local sockets at once, to other processes in the next message."""
        self._told.note(outbound.announcements)
        frames = frames_of(outbound)
        self._deliver_frames(frames, outbound.closures)
        self._tell_others(outbound, frames)

    def _tell_others(self, outbound: Outbound, frames: list[EncodedFrame]) -> None:
        self._announced += outbound.announcements
        if not frames and not outbound.closures:
            return
        if time.monotonic() > self._peers_until:
            # No peers: publishing would only cost CPU.
            self._publishing_skipped = True
            return
        self._frames += frames
        self._closures += outbound.closures
        self._parts.append((outbound.announcements, len(frames)))
        self._publish_due.set()

    def deliver_from_thread(self, outbound: Outbound) -> None:
        """``deliver``, from another thread of this process."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.deliver, outbound)

    def close_all(self, code: int, reason: str) -> None:
        """Closes every socket of this process."""
        for sockets in list(self._by_session.values()):
            for socket in list(sockets):
                socket.close(code, reason)

    def _deliver_frames(self, frames: Iterable[EncodedFrame], closures: Iterable[SocketClosure]) -> None:
        by_person = self._by_person
        for one in frames:
            reached: set[LocalSocket] = set()
            for person in one.persons:
                # Iterate over a copy: a socket that reads too slowly is closed and leaves the set meanwhile.
                for socket in tuple(by_person.get(person, ())):
                    socket.deliver(one.text)
                    reached.add(socket)
            if one.watched:
                self.watchers.deliver(one, reached)
        for closure in closures:
            self._end(closure)

    def _end(self, closure: SocketClosure) -> None:
        reason = {4401: "session ended", 1012: "reconnect"}.get(closure.code, "not allowed")
        for index, keys in ((self._by_session, closure.sessions), (self._by_person, closure.persons)):
            for key in keys:
                for socket in list(index.get(key, ())):
                    socket.close(closure.code, reason)

    def _close_device(self, person: UUID, device: UUID, keep: LocalSocket | None) -> None:
        for socket in list(self._by_person.get(person, ())):
            if socket is not keep and socket.device == device:
                socket.close(4409, "this device connected again elsewhere")

    # Between processes

    async def run(self) -> None:
        """Start subscribing and publishing; what was published before the subscription is replayed."""
        self._loop = asyncio.get_running_loop()
        dispatcher.publish = self.deliver_from_thread
        for part in (self._subscribe, self._publish, self._sweep):
            self._tasks.append(self._loop.create_task(self._supervise(part)))

    async def stop(self) -> None:
        """Stop the hub's own tasks."""
        dispatcher.publish = publish_from_worker
        running, self._tasks = set(self._tasks), []
        while running:
            # A client library may swallow a cancellation that arrives as it finishes, so repeat it.
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
            except Exception as error:
                _log_failure(part.__name__, error)
            await asyncio.sleep(0.5)

    async def _subscribe(self) -> None:
        layer = _layer()
        try:
            async with asyncio.timeout(HEARD_WITHIN):
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
            self._channel = channel
            if self.id not in self._received:
                await self._replay_missed(self._begun)
            subscribed = time.monotonic()
            while True:
                # The subscription may be dead and not know it: what we say ourselves comes back, or it is.
                silent_for = time.monotonic() - max(subscribed, self._heard)
                async with asyncio.timeout(max(HEARD_WITHIN - silent_for, 0)):
                    message = await layer.receive(channel)
                await self._receive(decode(message["envelope"]))
        except (OSError, redis.RedisError):
            # Its connections are dropped, and new ones made: on one that is silent no error ever comes.
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await layer.flush()
            raise

    def _is_deaf(self) -> bool:
        return time.monotonic() - self._heard > HEARD_WITHIN

    async def _receive(self, envelope: Envelope) -> None:
        if envelope.number:
            # Nothing is known of a new peer. If we had missed its messages we would also have missed our own heartbeat,
            # which we detect.
            number, received_at = self._received.get(envelope.origin, (envelope.number - 1, self._begun))
            missed = envelope.number != number + 1 or (envelope.skipped and envelope.origin != self.id)
            if missed:
                await self._replay_missed(received_at)
            self._received[envelope.origin] = (envelope.number, time.monotonic())
        if envelope.origin == self.id:
            self._heard = time.monotonic()
            outages.answered("Redis")
            return
        if envelope.number:
            self._peer_seen()
        self._deliver_frames(self._told.new(envelope), envelope.closures)
        for person, device in envelope.devices:
            self._close_device(person, device, keep=None)

    def _peer_seen(self) -> None:
        """A peer is alive. A new one gets our heartbeat at once, so that it can detect what it missed."""
        now = time.monotonic()
        if now > self._peers_until:
            self._publish_due.set()
        self._peers_until = now + PEER_TIMEOUT

    async def _replay_missed(self, received_at: float) -> None:
        """Deliver to local sockets what was announced while this process may have missed messages."""
        began = time.monotonic()
        if self._by_session:
            metrics.replays.inc()
            missed_for = timedelta(seconds=began - max(received_at, self._replayed)) + MARGIN
            if missed_for > announcements.KEPT:
                # Those announcements are deleted by now: reconnecting and syncing restores every stream.
                self.close_all(1012, "reconnect and sync")
            else:
                for one, outbound in await self._in_thread(lambda: self._reload_since(clock.now() - missed_for)):
                    if self._told.note([one]):  # else our own, which we told meanwhile
                        self._deliver_frames(frames_of(outbound), outbound.closures)
        self._replayed = began

    def _reload_since(self, moment: datetime) -> list[tuple[UUID, Outbound]]:
        """What was announced from ``moment`` on and has not been delivered here."""
        return self._reload(one for one in announcements.since(moment) if one.id not in self._told)

    def _reload(self, pending: Iterable[PendingAnnouncement]) -> list[tuple[UUID, Outbound]]:
        """Announcements with their events. One that cannot be encoded has none, and does not affect the others."""
        found = []
        for one in pending:
            again = Outbound()
            try:
                again = self._redeliver([one])
            except (DatabaseError, InterfaceError):
                raise
            except Exception as error:
                log.error("announcement not delivered", exc_info=error, extra={"fields": {"announcement": str(one.id)}})
            again.announcements.append(one.id)
            found.append((one.id, again))
        return found

    async def _publish(self) -> None:
        while True:
            # Also with nothing to publish: the heartbeat tells peers whether they received everything before it.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._publish_due.wait()
            self._publish_due.clear()
            frames, self._frames = self._frames, []
            closures, self._closures = self._closures, []
            devices, self._devices = self._devices, []
            announced, self._announced = self._announced, []
            parts, self._parts = self._parts, []
            skipped, self._publishing_skipped = self._publishing_skipped, False
            self._number += 1
            envelope = Envelope(self.id, self._number, frames, closures, devices, skipped, parts)
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await _layer().group_send(GROUP, {"type": GROUP, "envelope": encode(envelope)})
            self._published += announced
            peers = len(self._received.keys() - {self.id})
            await asyncio.sleep(min(peers * PAUSE_FOR_EACH_PEER, LONGEST_PAUSE))

    # Housekeeping

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            published, self._published = self._published, []
            deaf = self._is_deaf()
            try:
                if deaf:
                    await self._replay_missed(self._heard)
                taken_over, closed = await self._in_thread(partial(self._sweep_database, published, deaf))
            except BaseException:
                self._published += published
                raise
            outages.answered("PostgreSQL")
            for one, outbound in taken_over:
                if one in self._told:  # here, but perhaps nowhere else
                    self._tell_others(outbound, frames_of(outbound))
                else:
                    self.deliver(outbound)
            self._told.forget()
            metrics.sockets.set(self.sockets())
            recently = time.monotonic() - announcements.KEPT.total_seconds()
            self._received = {one: last for one, last in self._received.items() if last[1] > recently or one == self.id}
            for session in closed:
                self._end(SocketClosure(4401, sessions=[session]))

    def _sweep_database(self, published: list[UUID], deaf: bool) -> tuple[list[tuple[UUID, Outbound]], set[UUID]]:
        now = clock.now()
        announcements.mark_published(published)
        taken: list[tuple[UUID, Outbound]] = []
        if not deaf:
            # Deliver in place of a process that committed and died before it delivered. Whoever is deaf reads all
            # that is announced anyway, and could tell nobody else.
            taken = self._reload(announcements.take_over(now))
        announcements.clear(now)
        refusals.flush()
        sessions = list(self._by_session)
        return taken, set(sessions) - self._still_open(sessions) if sessions else set()

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, tried_again, work)


def _log_failure(part: str, error: Exception) -> None:
    """Redis or the database is away: what was not published stays unpublished, and is retried. Else it is a defect."""
    if not isinstance(error, (OSError, redis.RedisError, DatabaseError, InterfaceError)):
        log.error("defect", exc_info=error, extra={"fields": {"part": part}})
        return
    metrics.waits.labels(part.removeprefix("_")).inc()
    if isinstance(error, OSError):  # a time-out of ours, or one that redis-py lets through
        outages.note("Redis", error)
    elif not outages.noted(error):
        log.warning("hub waits", extra={"fields": {"part": part, "error": type(error).__name__}})


def _layer() -> Any:
    layer = get_channel_layer()
    if layer is None:
        raise RuntimeError("CHANNEL_LAYERS has no default layer")
    return layer


_publish_again_at = 0.0


def publish_from_worker(outbound: Outbound) -> None:
    """Publish from a process without sockets: a task or the command line. If Redis is away, the announcement stays
    unpublished and a web process delivers it within seconds."""
    global _publish_again_at
    if not outbound or time.monotonic() < _publish_again_at:
        return
    frames = frames_of(outbound)
    envelope = Envelope(uuid7(), 0, frames, outbound.closures, [], parts=[(outbound.announcements, len(frames))])
    try:
        async_to_sync(_layer().group_send)(GROUP, {"type": GROUP, "envelope": encode(envelope)})
    except Exception as error:
        if not outages.noted(error):
            log.warning("not published", extra={"fields": {"error": type(error).__name__}})
        _publish_again_at = time.monotonic() + PUBLISH_AGAIN
        return
    announcements.mark_published(outbound.announcements)
