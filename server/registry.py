"""Which action carries out which command, who may come in, and what streams there are.

The socket's URLconf: a command that is not here does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from identity import access as identity_access
from identity import actions as people
from identity import orders
from identity import queries as identity_queries
from identity import wire as identity_wire
from identity.register import search as register_search
from referral import orders as referral_orders
from referral import wire as referral_wire
from referral.actions import agendas, appointments, booking, holds, notices
from referral.actions import patients as patient_actions
from referral.queries import agendas as agenda_queries
from referral.queries import appointments as appointment_queries
from referral.queries import patients as patient_queries
from referral.queries import referrals as referral_queries
from referral.queries import stream as agenda_stream
from server import hub, streams
from server.dispatch import Action, Actor, Level, News, Transaction, door
from server.errors import NotFound
from server.relay import Untold
from server.session import Limits as SocketLimits
from server.streams import Recorded, Told
from server.wire import frame, stream_name, stream_parts
from server.wire.frame import Commands
from server.wire.opening import Hello, Limits, StreamEventView, StreamState, Sync, Synced, Welcome
from team import access as team_access
from team import queries as team_queries
from team import wire as team_wire
from team.actions import conversations, messages

SOCKET_LIMITS = SocketLimits()


@dataclass(frozen=True, slots=True)
class StreamKind:
    """What one kind of stream needs: who may read it now, its events' data, and whom to tell again."""

    level: Callable[[Actor, UUID], Level]
    render: Callable[[Sequence[Recorded]], list[msgspec.Raw]]
    audience: Callable[[UUID], list[UUID]]
    mask: Callable[[Sequence[Recorded]], list[msgspec.Raw]] | None = None


def _read_conversation(actor: Actor, owner: UUID) -> Level:
    team_access.conversation(actor, owner)
    return "full"


def _read_inbox(actor: Actor, owner: UUID) -> Level:
    if actor.person != owner:
        raise NotFound
    return "full"


def _as_kept(events: Sequence[Recorded]) -> list[msgspec.Raw]:
    return [event.data for event in events]


STREAMS: dict[str, StreamKind] = {
    "c": StreamKind(_read_conversation, team_queries.render, team_queries.audience),
    "a": StreamKind(agenda_stream.level, agenda_stream.render, agenda_stream.audience, agenda_stream.mask),
    "i": StreamKind(_read_inbox, _as_kept, lambda person: [person]),
}


def hello(actor: Actor, command: Hello, tx: Transaction) -> Welcome:
    """What a device needs to begin: who it speaks for, and how far every stream of theirs has come."""
    me = identity_queries.me(actor)
    inbox = stream_name("i", me.id)
    states = [
        StreamState(stream=stream_name("c", one.id), head=one.head, read=one.read, unread=one.unread, conversation=one)
        for one in team_queries.summaries(actor)
    ]
    states.append(StreamState(stream=inbox, head=streams.heads([inbox])[inbox]))
    limits = Limits(
        frame_bytes=SOCKET_LIMITS.frame_bytes,
        in_flight=SOCKET_LIMITS.in_flight,
        requests_per_second=SOCKET_LIMITS.requests_per_second,
        sync_limit=500,
        body_characters=20_000,
    )
    return Welcome(me=me, limits=limits, server_time=tx.now, streams=states)


def sync(actor: Actor, command: Sync, tx: Transaction) -> Synced:
    """Events after a number, as the caller may see them now."""
    kind, owner = stream_parts(command.stream)
    found = STREAMS.get(kind)
    if found is None:
        raise NotFound
    level = found.level(actor, owner)
    head = streams.heads([command.stream])[command.stream]
    events = streams.since(command.stream, command.after, command.limit)
    shown = found.mask(events) if level == "masked" and found.mask is not None else found.render(events)
    views = [
        StreamEventView(stream=event.stream, seq=event.seq, at=event.at, type=event.type, data=data)
        for event, data in zip(events, shown, strict=True)
    ]
    last = views[-1].seq if views else command.after
    return Synced(events=views, head=max(head, last), more=last < head)


def search_directory(actor: Actor, command: identity_wire.SearchDirectory, tx: Transaction) -> identity_wire.Hits:
    """Professionals of the register, with who of them can be booked here."""
    identity_access.clinical(actor)
    return register_search.search(command, bookable=agenda_queries.bookable, now=tx.now)


def get_entry(actor: Actor, command: identity_wire.GetEntry, tx: Transaction) -> identity_wire.DirectoryEntry:
    """A professional in full, with whether they can be booked here."""
    return identity_queries.entry(actor, command.practitioner, agenda_queries.bookable)


def redeliver(untold: list[Untold]) -> News:
    """What announcements stand for, from the log, for those who may have it now."""
    news = News()
    for one in untold:
        news.endings += one.news.endings
        for span in one.news.ranges:
            kind, owner = stream_parts(span.stream)
            found = STREAMS.get(kind)
            if found is not None:
                news.events += _tell_again(found, span.stream, owner, span.first, span.last)
    return news


def _tell_again(kind: StreamKind, stream: str, owner: UUID, first: int, last: int) -> list[Told]:
    events = streams.since(stream, first - 1, last - first + 1)
    audience = frozenset(kind.audience(owner))
    masks = kind.mask(events) if kind.mask else [None] * len(events)
    return [
        Told(
            stream,
            event.seq,
            frame.event(stream, event.seq, event.at, event.type, data),
            audience,
            frame.event(stream, event.seq, event.at, event.type, mask) if mask is not None else None,
        )
        for event, data, mask in zip(events, kind.render(events), masks, strict=True)
    ]


def still_open(sessions: list[UUID]) -> set[UUID]:
    """Which of these sessions are open, and their persons admitted."""
    gone = identity_access.turned_away([Actor(None, session) for session in sessions])
    return set(sessions) - set(gone)


ACTIONS: list[Action] = [
    Action(team_wire.ReadMessages, subject="conversation", together=messages.read_messages),
    Action(team_wire.SendMessage, subject="id", together=messages.send_messages),
    Action(referral_wire.HoldSlot, subject="id", together=holds.hold_slots),
    Action(referral_wire.BookReferral, subject="id", together=booking.book_referrals),
    Action(Hello, hello),
    Action(Sync, sync, subject="stream"),
    Action(team_wire.OpenConversation, conversations.open_conversation, subject="id"),
    Action(team_wire.GetConversation, team_queries.get_conversation, subject="conversation"),
    Action(team_wire.ListConversations, team_queries.list_conversations),
    Action(team_wire.AddMember, conversations.add_member, subject="conversation"),
    Action(team_wire.RemoveMember, conversations.remove_member, subject="conversation"),
    Action(team_wire.LeaveConversation, conversations.leave_conversation, subject="conversation"),
    Action(team_wire.UpdateConversation, conversations.update_conversation, subject="conversation"),
    Action(team_wire.GetHistory, team_queries.history, subject="conversation"),
    Action(team_wire.Typing, messages.typing),
    Action(identity_wire.SearchDirectory, search_directory),
    Action(identity_wire.GetEntry, get_entry),
    Action(referral_wire.ListAgendas, agenda_queries.list_agendas),
    Action(referral_wire.GetReasons, agenda_queries.reasons),
    Action(referral_wire.FindSlots, agenda_queries.find_slots),
    Action(referral_wire.GetDay, appointment_queries.day, subject="agenda"),
    Action(referral_wire.WatchAgenda, agendas.watch_agenda, subject="agenda"),
    Action(referral_wire.UnwatchAgenda, agendas.unwatch_agenda),
    Action(referral_wire.CreateAgenda, agendas.create_agenda, subject="id"),
    Action(referral_wire.UpdateAgenda, agendas.update_agenda, subject="agenda"),
    Action(referral_wire.AddAbsence, agendas.add_absence, subject="agenda"),
    Action(referral_wire.RemoveAbsence, agendas.remove_absence, subject="agenda"),
    Action(referral_wire.GrantAccess, agendas.grant_access, subject="agenda"),
    Action(referral_wire.ReleaseSlot, holds.release_slot, subject="hold"),
    Action(referral_wire.CreatePatient, patient_actions.create_patient, subject="id"),
    Action(referral_wire.SearchPatients, patient_queries.search_patients, subject=""),
    Action(referral_wire.GetReferral, referral_queries.get_referral, subject="referral"),
    Action(referral_wire.ListReferrals, referral_queries.list_referrals),
    Action(referral_wire.CancelAppointment, appointments.cancel_appointment, subject="appointment"),
    Action(identity_wire.ListSessions, identity_queries.sessions),
    Action(identity_wire.EndSession, people.end_session, subject="session"),
    Action(identity_wire.EndOtherSessions, people.end_other_sessions, subject=""),
]
"""The commands of protocol 1."""

ORDERS: list[Action] = [
    Action(orders.CreatePerson, people.create_person, subject="id"),
    Action(orders.VerifyPerson, people.verify_person, subject="person"),
    Action(orders.SuspendPerson, people.suspend_person, subject="person"),
    Action(orders.ReinstatePerson, people.reinstate_person, subject="person"),
    Action(orders.CreateOrganisation, people.create_organisation, subject="id"),
    Action(orders.CreateSite, people.create_site, subject="id"),
    Action(orders.JoinOrganisation, people.join_organisation, subject="organisation"),
    Action(orders.KeepToken, people.keep_token, subject="person"),
    Action(orders.ChangePassword, people.change_password, subject="person"),
    Action(orders.EndExpiredSessions, people.end_expired_sessions, subject=""),
    Action(referral_orders.ReapHolds, holds.reap_holds),
    Action(referral_orders.HandOverNotice, notices.hand_over_notice),
]
"""What only Relais itself may ask for: no socket can."""


def socket_commands() -> Commands:
    """The decoder of what sockets may ask for."""
    return Commands([action.command for action in ACTIONS])


def make_hub() -> hub.Hub:
    """A hub for the event loop of a web process."""
    return hub.Hub(redeliver, still_open)


def install() -> None:
    """Hands the commands to the door."""
    door.install([*ACTIONS, *ORDERS], identity_access.turned_away, hub.ring_from_outside)
