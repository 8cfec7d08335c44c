"""Which action carries out which command, who may come in, and what streams there are.

The socket's URLconf: a command that is not here does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from identity.accounts import access as accounts_access
from identity.accounts import actions as accounts_actions
from identity.accounts import internal_commands as accounts_internal_commands
from identity.authentication import actions as authentication_actions
from identity.authentication import internal_commands as authentication_internal_commands
from identity.directory import queries as directory_queries
from identity.directory import search as register_search
from identity.directory import wire as directory_wire
from identity.organisations import actions as organisations_actions
from identity.organisations import internal_commands as organisations_internal_commands
from identity.organisations import queries as organisations_queries
from identity.patients import actions as patient_actions
from identity.patients import queries as patient_queries
from identity.patients import wire as patients_wire
from identity.sessions import access as sessions_access
from identity.sessions import actions as sessions_actions
from identity.sessions import internal_commands as sessions_internal_commands
from identity.sessions import queries as sessions_queries
from identity.sessions import wire as sessions_wire
from referral.notices import actions as notices_actions
from referral.notices import internal_commands as notices_internal_commands
from referral.referrals import booking
from referral.referrals import queries as referral_queries
from referral.referrals import wire as referrals_wire
from referral.scheduling import agenda_stream
from referral.scheduling import internal_commands as scheduling_internal_commands
from referral.scheduling import wire as scheduling_wire
from referral.scheduling.actions import agendas, appointments, holds
from referral.scheduling.queries import agendas as agenda_queries
from referral.scheduling.queries import appointments as appointment_queries
from server.kernel import hub, streams
from server.kernel.announcements import PendingAnnouncement
from server.kernel.authentication import Actor
from server.kernel.connection import Limits as SocketLimits
from server.kernel.dispatch import Action, Level, Outbound, Transaction, dispatcher
from server.kernel.streams import EncodedEvent, StoredEvent
from server.kernel.wire import frame, stream_name, stream_parts
from server.kernel.wire.errors import NotFound
from server.kernel.wire.frame import Commands
from server.kernel.wire.handshake import Hello, Limits, StreamEventView, StreamState, Sync, Synced, Welcome
from team.conversations import access as conversations_access
from team.conversations import actions as conversations_actions
from team.conversations import queries as conversations_queries
from team.conversations import wire as conversations_wire
from team.messages import actions as messages_actions
from team.messages import queries as messages_queries
from team.messages import wire as messages_wire

SOCKET_LIMITS = SocketLimits()


@dataclass(frozen=True, slots=True)
class StreamKind:
    """What one kind of stream needs: who may read it now, its events' data, and whom to tell again."""

    level: Callable[[Actor, UUID], Level]
    render: Callable[[Sequence[StoredEvent]], list[msgspec.Raw]]
    audience: Callable[[UUID], list[UUID]]
    mask: Callable[[Sequence[StoredEvent]], list[msgspec.Raw]] | None = None


def _read_conversation(actor: Actor, owner: UUID) -> Level:
    conversations_access.conversation(actor, owner)
    return "full"


def _read_inbox(actor: Actor, owner: UUID) -> Level:
    if actor.person != owner:
        raise NotFound
    return "full"


def _as_kept(events: Sequence[StoredEvent]) -> list[msgspec.Raw]:
    return [event.data for event in events]


STREAMS: dict[str, StreamKind] = {
    "c": StreamKind(_read_conversation, conversations_queries.render, conversations_queries.audience),
    "a": StreamKind(agenda_stream.level, agenda_stream.render, agenda_stream.audience, agenda_stream.mask),
    "i": StreamKind(_read_inbox, _as_kept, lambda person: [person]),
}


def hello(actor: Actor, command: Hello, tx: Transaction) -> Welcome:
    """What a device needs to begin: who it speaks for, and how far every stream of theirs has come."""
    me = organisations_queries.me(actor)
    inbox = stream_name("i", me.id)
    states = [
        StreamState(stream=stream_name("c", one.id), head=one.head, read=one.read, unread=one.unread, conversation=one)
        for one in conversations_queries.summaries(actor)
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


def search_directory(actor: Actor, command: directory_wire.SearchDirectory, tx: Transaction) -> directory_wire.Hits:
    """Professionals of the register, with who of them can be booked here."""
    accounts_access.require_verified(actor)
    return register_search.search(command, bookable=agenda_queries.bookable, now=tx.now)


def get_entry(actor: Actor, command: directory_wire.GetEntry, tx: Transaction) -> directory_wire.DirectoryEntry:
    """A professional in full, with whether they can be booked here."""
    return directory_queries.entry(actor, command.practitioner, agenda_queries.bookable)


def redeliver(untold: list[PendingAnnouncement]) -> Outbound:
    """What announcements stand for, from the log, for those who may have it now."""
    news = Outbound()
    for one in untold:
        news.endings += one.news.endings
        for span in one.news.ranges:
            kind, owner = stream_parts(span.stream)
            found = STREAMS.get(kind)
            if found is not None:
                news.events += _tell_again(found, span.stream, owner, span.first, span.last)
    return news


def _tell_again(kind: StreamKind, stream: str, owner: UUID, first: int, last: int) -> list[EncodedEvent]:
    events = streams.since(stream, first - 1, last - first + 1)
    audience = frozenset(kind.audience(owner))
    masks = kind.mask(events) if kind.mask else [None] * len(events)
    return [
        EncodedEvent(
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
    gone = sessions_access.session_refusals([Actor(None, session) for session in sessions])
    return set(sessions) - set(gone)


ACTIONS: list[Action] = [
    Action(messages_wire.ReadMessages, subject="conversation", batch_handler=messages_actions.read_messages),
    Action(messages_wire.SendMessage, subject="id", batch_handler=messages_actions.send_messages),
    Action(scheduling_wire.HoldSlot, subject="id", batch_handler=holds.hold_slots),
    Action(referrals_wire.BookReferral, subject="id", batch_handler=booking.book_referrals),
    Action(Hello, hello),
    Action(Sync, sync, subject="stream"),
    Action(conversations_wire.OpenConversation, conversations_actions.open_conversation, subject="id"),
    Action(conversations_wire.GetConversation, conversations_queries.get_conversation, subject="conversation"),
    Action(conversations_wire.ListConversations, conversations_queries.list_conversations),
    Action(conversations_wire.AddMember, conversations_actions.add_member, subject="conversation"),
    Action(conversations_wire.RemoveMember, conversations_actions.remove_member, subject="conversation"),
    Action(conversations_wire.LeaveConversation, conversations_actions.leave_conversation, subject="conversation"),
    Action(conversations_wire.UpdateConversation, conversations_actions.update_conversation, subject="conversation"),
    Action(messages_wire.GetHistory, messages_queries.history, subject="conversation"),
    Action(messages_wire.Typing, messages_actions.typing),
    Action(directory_wire.SearchDirectory, search_directory),
    Action(directory_wire.GetEntry, get_entry),
    Action(scheduling_wire.ListAgendas, agenda_queries.list_agendas),
    Action(scheduling_wire.GetReasons, agenda_queries.reasons),
    Action(scheduling_wire.FindSlots, agenda_queries.find_slots),
    Action(scheduling_wire.GetDay, appointment_queries.day, subject="agenda"),
    Action(scheduling_wire.WatchAgenda, agendas.watch_agenda, subject="agenda"),
    Action(scheduling_wire.UnwatchAgenda, agendas.unwatch_agenda),
    Action(scheduling_wire.CreateAgenda, agendas.create_agenda, subject="id"),
    Action(scheduling_wire.UpdateAgenda, agendas.update_agenda, subject="agenda"),
    Action(scheduling_wire.AddAbsence, agendas.add_absence, subject="agenda"),
    Action(scheduling_wire.RemoveAbsence, agendas.remove_absence, subject="agenda"),
    Action(scheduling_wire.GrantAccess, agendas.grant_access, subject="agenda"),
    Action(scheduling_wire.ReleaseSlot, holds.release_slot, subject="hold"),
    Action(patients_wire.CreatePatient, patient_actions.create_patient, subject="id"),
    Action(patients_wire.SearchPatients, patient_queries.search_patients, subject=""),
    Action(referrals_wire.GetReferral, referral_queries.get_referral, subject="referral"),
    Action(referrals_wire.ListReferrals, referral_queries.list_referrals),
    Action(scheduling_wire.CancelAppointment, appointments.cancel_appointment, subject="appointment"),
    Action(sessions_wire.ListSessions, sessions_queries.sessions),
    Action(sessions_wire.EndSession, sessions_actions.end_session, subject="session"),
    Action(sessions_wire.EndOtherSessions, sessions_actions.end_other_sessions, subject=""),
]
"""The commands of protocol 1."""

ORDERS: list[Action] = [
    Action(accounts_internal_commands.CreatePerson, accounts_actions.create_person, subject="id"),
    Action(accounts_internal_commands.VerifyPerson, accounts_actions.verify_person, subject="person"),
    Action(accounts_internal_commands.SuspendPerson, accounts_actions.suspend_person, subject="person"),
    Action(accounts_internal_commands.ReinstatePerson, accounts_actions.reinstate_person, subject="person"),
    Action(organisations_internal_commands.CreateOrganisation, organisations_actions.create_organisation, subject="id"),
    Action(organisations_internal_commands.CreateSite, organisations_actions.create_site, subject="id"),
    Action(
        organisations_internal_commands.JoinOrganisation,
        organisations_actions.join_organisation,
        subject="organisation",
    ),
    Action(authentication_internal_commands.StoreToken, authentication_actions.store_token, subject="person"),
    Action(authentication_internal_commands.ChangePassword, authentication_actions.change_password, subject="person"),
    Action(sessions_internal_commands.EndExpiredSessions, sessions_actions.end_expired_sessions, subject=""),
    Action(scheduling_internal_commands.ReapHolds, holds.reap_holds),
    Action(notices_internal_commands.DeliverNotice, notices_actions.deliver_notice),
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
    dispatcher.install([*ACTIONS, *ORDERS], sessions_access.session_refusals, hub.publish_from_worker)
