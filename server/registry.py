"""Which action carries out which command, which events and streams there are, and what follows from an event.

Tables only. The socket's URLconf: a command that is not here does not exist.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings

from identity.accounts import actions as accounts_actions
from identity.accounts import internal_commands as accounts_internal_commands
from identity.accounts.refusals import NotVerified, ReauthenticationRequired, SecondFactorRequired
from identity.accounts.wire import VERIFIED
from identity.auditing import queries as auditing_queries
from identity.auditing import wire as auditing_wire
from identity.authentication import access as authentication_access
from identity.authentication import account_mail, locking, lost_devices
from identity.authentication import actions as authentication_actions
from identity.authentication import internal_commands as authentication_internal_commands
from identity.contacts import actions as contacts_actions
from identity.contacts import events as contacts_events
from identity.contacts import queries as contacts_queries
from identity.contacts import wire as contacts_wire
from identity.contacts.refusals import AsksFirst, Blocked, TooManyContacts, Unreachable
from identity.directory import queries as directory_queries
from identity.directory import wire as directory_wire
from identity.onboarding import erasing, invited, proofs, register_comparison, review, signing_up, steps, verifying
from identity.onboarding import internal_commands as onboarding_internal_commands
from identity.onboarding import mail as onboarding_mail
from identity.onboarding import profile as onboarding_profile
from identity.onboarding import register as onboarding_register
from identity.onboarding import wire as onboarding_wire
from identity.organisations import actions as organisations_actions
from identity.organisations import events as organisation_events
from identity.organisations import (
    founding,
    invitation_mail,
    invitation_views,
    inviting,
    inviting_lists,
    joining,
    member_views,
    memberships,
    profiles,
)
from identity.organisations import internal_commands as organisations_internal_commands
from identity.organisations import views as organisation_views
from identity.organisations import wire_invitations as invitations_wire
from identity.organisations import wire_members as members_wire
from identity.organisations import wire_organisations as organisations_wire
from identity.organisations.refusals import (
    AlreadyThere,
    FinessTaken,
    InvitationOver,
    LastAdministrator,
    LastOwner,
    MoreThanHeld,
    VouchedOnly,
    Withheld,
)
from identity.organisations.wire_members import RightsChanged
from identity.organisations.wire_organisations import MembershipEnded
from identity.patients import actions as patient_actions
from identity.patients import handlers as patient_handlers
from identity.patients import queries as patient_queries
from identity.patients import supervising
from identity.patients import wire as patients_wire
from identity.patients.refusals import TooManyPatients
from identity.sessions import actions as sessions_actions
from identity.sessions import internal_commands as sessions_internal_commands
from identity.sessions import queries as sessions_queries
from identity.sessions import wire as sessions_wire
from referral.notices.refusals import TooManyNotices
from referral.referrals import access as referrals_access
from referral.referrals import booking
from referral.referrals import events as referral_events
from referral.referrals import handlers as referral_handlers
from referral.referrals import queries as referral_queries
from referral.referrals import wire as referrals_wire
from referral.scheduling import events as scheduling_events
from referral.scheduling import handlers as scheduling_handlers
from referral.scheduling import internal_commands as scheduling_internal_commands
from referral.scheduling import notice_delivery, wire_agendas
from referral.scheduling import wire as scheduling_wire
from referral.scheduling.actions import agendas, appointments, holding, holds
from referral.scheduling.queries import agenda_copy
from referral.scheduling.queries import agendas as agenda_queries
from referral.scheduling.queries import appointments as appointment_queries
from referral.scheduling.queries import holds as hold_queries
from referral.scheduling.queries import slots as slot_queries
from referral.scheduling.refusals import HoldExpired, HoldPaused, SlotTaken, TooManyBookings, TooManyHolds
from referral.scheduling.wire import AppointmentBooked, AppointmentCancelled, AppointmentNotice
from server.kernel import hub, synchronisation
from server.kernel.connection import Limits as SocketLimits
from server.kernel.delivery import actions as delivery_actions
from server.kernel.delivery import kinds as delivery_kinds
from server.kernel.delivery.internal_commands import RecordDeliveries
from server.kernel.dispatch import Action, EventHandler, dispatcher
from server.kernel.events import EventType, registry
from server.kernel.synchronisation import INBOX, Greeting, inbox_states
from server.kernel.wire import errors
from server.kernel.wire.errors import Refusal
from server.kernel.wire.frame import Commands
from server.kernel.wire.handshake import SYNC_LIMIT, Hello, Limits, Sync
from server.kernel.work import actions as work_actions
from server.kernel.work import kinds as work_kinds
from server.kernel.work.internal_commands import LapseWork
from team.conversations import access as conversations_access
from team.conversations import actions as conversations_actions
from team.conversations import cases, group_requests, wire_cases
from team.conversations import events as conversation_events
from team.conversations import handlers as conversation_handlers
from team.conversations import queries as conversations_queries
from team.conversations import wire as conversations_wire
from team.conversations.refusals import AsksHere, CaseClosed, Declined, LastResponsible, TooManyGroups
from team.files import actions as files_actions
from team.files import events as file_events
from team.files import holders as file_holders
from team.files import internal_commands as files_internal_commands
from team.files import queries as files_queries
from team.files import wire as files_wire
from team.files.refusals import FileGone, FileRefused, TooManyFiles, UploadUnfinished, WrongOffset
from team.messages import actions as messages_actions
from team.messages import changing, reacting
from team.messages import queries as messages_queries
from team.messages import wire as messages_wire
from team.messages.refusals import TooLate, TooManyEdits

SOCKET_LIMITS = SocketLimits()

greeting = Greeting(
    me=holds.greet,
    listeners=VERIFIED,
    states=[inbox_states, conversations_queries.states],
    limits=Limits(
        frame_bytes=SOCKET_LIMITS.frame_bytes,
        in_flight=SOCKET_LIMITS.in_flight,
        requests_per_second=SOCKET_LIMITS.requests_per_second,
        sync_limit=SYNC_LIMIT,
        body_characters=conversations_wire.BODY_CHARACTERS,
        body_bytes=conversations_wire.BODY_BYTES,
        group_members=conversations_wire.GROUP_LIMIT,
        edit_seconds=settings.RELAIS_MESSAGE_EDIT_SECONDS or None,
        delete_seconds=settings.RELAIS_MESSAGE_DELETE_SECONDS or None,
    ),
)

REFUSALS: tuple[type[Refusal], ...] = (
    *errors.REFUSALS,
    NotVerified,
    SecondFactorRequired,
    ReauthenticationRequired,
    SlotTaken,
    HoldExpired,
    TooManyHolds,
    HoldPaused,
    TooManyBookings,
    TooManyNotices,
    Declined,
    AsksHere,
    LastResponsible,
    CaseClosed,
    TooManyGroups,
    LastOwner,
    LastAdministrator,
    MoreThanHeld,
    VouchedOnly,
    Withheld,
    FinessTaken,
    AlreadyThere,
    InvitationOver,
    AsksFirst,
    Blocked,
    Unreachable,
    TooManyContacts,
    TooManyPatients,
    WrongOffset,
    TooManyFiles,
    FileRefused,
    FileGone,
    UploadUnfinished,
    TooLate,
    TooManyEdits,
)
"""Every reason for which a request can be refused."""

ACTIONS: list[Action[Any]] = [
    Action(messages_wire.ReadMessages, subject="conversation", batch_handler=messages_actions.read_messages),
    Action(
        messages_wire.SendMessage,
        subject="id",
        batch_handler=messages_actions.send_messages,
        ahead=messages_actions.ask_to_send,
    ),
    Action(scheduling_wire.HoldSlot, subject="id", batch_handler=holding.hold_slots),
    Action(referrals_wire.BookReferral, subject="id", batch_handler=booking.book_referrals),
    Action(Hello, batch_handler=greeting.hello, ahead=greeting.ask),
    Action(Sync, subject="stream", batch_handler=synchronisation.sync),
    Action(
        conversations_wire.OpenConversation, conversations_actions.open_conversation, subject="id", about=("members",)
    ),
    Action(conversations_wire.GetConversation, conversations_queries.get_conversation, subject="conversation"),
    Action(conversations_wire.ListConversations, conversations_queries.list_conversations),
    Action(conversations_wire.AddMember, conversations_actions.add_member, subject="conversation", about=("person",)),
    Action(
        conversations_wire.RemoveMember, conversations_actions.remove_member, subject="conversation", about=("person",)
    ),
    Action(
        conversations_wire.SetRole,
        conversations_actions.set_role,
        subject="conversation",
        about=("person",),
        details=("role",),
    ),
    Action(
        conversations_wire.LeaveConversation,
        conversations_actions.leave_conversation,
        subject="conversation",
        details=("decline",),
    ),
    Action(conversations_wire.ListGroupRequests, group_requests.list_requests),
    Action(conversations_wire.AcceptGroup, group_requests.accept, subject="conversation"),
    Action(conversations_wire.DeclineGroup, group_requests.decline, subject="conversation"),
    Action(conversations_wire.HideConversation, conversations_actions.hide_conversation, subject="conversation"),
    Action(conversations_wire.UpdateConversation, conversations_actions.update_conversation, subject="conversation"),
    Action(wire_cases.CloseCase, cases.close_case, subject="conversation", details=("outcome",)),
    Action(wire_cases.ReopenCase, cases.reopen_case, subject="conversation"),
    Action(wire_cases.TurnCase, cases.turn_case, subject="conversation", details=("to",)),
    Action(wire_cases.HandOverCases, cases.hand_over, subject="", about=("conversations", "to")),
    Action(files_wire.GetFile, files_queries.get_file),
    Action(files_wire.DiscardFile, files_actions.discard_file, subject="file"),
    Action(messages_wire.GetHistory, messages_queries.history, subject="conversation"),
    Action(messages_wire.EditMessage, changing.edit_message, subject="message"),
    Action(messages_wire.DeleteMessage, changing.delete_message, subject="message", details=("undo",)),
    Action(messages_wire.ReactToMessage, reacting.react, subject="message"),
    Action(messages_wire.TakeReactionBack, reacting.take_back, subject="message"),
    Action(messages_wire.GetMessageVersions, changing.versions, subject="message"),
    Action(messages_wire.GetMessageReceipts, messages_queries.receipts, subject="message"),
    Action(messages_wire.Typing, messages_actions.typing),
    Action(
        directory_wire.SearchDirectory, partial(directory_queries.search_directory, bookable=agenda_queries.bookable)
    ),
    Action(directory_wire.GetEntry, partial(directory_queries.get_entry, bookable=agenda_queries.bookable)),
    Action(wire_agendas.ListAgendas, agenda_queries.list_agendas),
    Action(wire_agendas.GetReasons, agenda_queries.reasons),
    Action(scheduling_wire.FindSlots, slot_queries.find_slots, heavy=True),
    Action(scheduling_wire.GetDay, appointment_queries.day, subject="agenda"),
    Action(wire_agendas.ExportAgenda, agenda_copy.export_agenda, subject="agenda", heavy=True),
    Action(scheduling_wire.WatchAgenda, agendas.watch_agenda, subject="agenda"),
    Action(scheduling_wire.UnwatchAgenda, agendas.unwatch_agenda),
    Action(wire_agendas.CreateAgenda, agendas.create_agenda, subject="id"),
    Action(wire_agendas.UpdateAgenda, agendas.update_agenda, subject="agenda"),
    Action(wire_agendas.AddAbsence, agendas.add_absence, subject="agenda"),
    Action(wire_agendas.RemoveAbsence, agendas.remove_absence, subject="agenda"),
    Action(wire_agendas.GrantAccess, agendas.grant_access, subject="agenda", about=("person",), details=("level",)),
    Action(scheduling_wire.ReleaseSlot, holds.release_slot, subject="hold"),
    Action(scheduling_wire.ListHolds, hold_queries.list_holds),
    Action(patients_wire.CreatePatient, patient_actions.create_patient, subject="id", about=("id",)),
    Action(patients_wire.ListPractitioners, supervising.list_practitioners),
    Action(patients_wire.NameSupervisor, supervising.name_supervisor, subject="patient", about=("practitioner",)),
    Action(patients_wire.SearchPatients, patient_queries.search_patients, subject=""),
    Action(referrals_wire.GetReferral, referral_queries.get_referral, subject="referral"),
    Action(referrals_wire.ListReferrals, referral_queries.list_referrals),
    Action(scheduling_wire.CancelAppointment, appointments.cancel_appointment, subject="appointment"),
    Action(sessions_wire.ListSessions, sessions_queries.sessions),
    Action(sessions_wire.EndSession, sessions_actions.end_session, subject="session"),
    Action(sessions_wire.EndOtherSessions, sessions_actions.end_other_sessions, subject=""),
    Action(sessions_wire.WipeSession, lost_devices.wipe_session, subject="session"),
    Action(sessions_wire.FindSession, lost_devices.find_session, subject="session"),
    Action(sessions_wire.GetLock, locking.get_lock),
    Action(sessions_wire.SetLock, locking.set_lock, subject="", details=("desk", "phone")),
    Action(sessions_wire.SetLockCode, locking.set_code, subject=""),
    Action(sessions_wire.RemoveLockCode, locking.remove_code, subject=""),
    Action(sessions_wire.OpenLock, locking.open_lock, subject=""),
    Action(sessions_wire.ActFor, authentication_actions.act_for, subject="organisation"),
    Action(onboarding_wire.GetVerification, verifying.get_verification),
    Action(onboarding_wire.StartVerification, verifying.start, subject="id"),
    Action(onboarding_wire.WithdrawVerification, verifying.withdraw, subject=""),
    Action(onboarding_wire.AppealVerification, verifying.appeal, subject=""),
    Action(onboarding_wire.ListQueue, review.list_queue),
    Action(onboarding_wire.DecideVerification, review.decide, subject="verification", details=("decision", "reason")),
    Action(onboarding_wire.StateStatement, review.state_statement, subject="person", details=("statement",)),
    Action(organisations_wire.CreateOrganisation, founding.create_organisation, subject="id", details=("kind",)),
    Action(organisations_wire.GetOrganisation, organisation_views.get_organisation),
    Action(organisations_wire.SearchOrganisations, organisation_views.search_organisations),
    Action(organisations_wire.UpdateOrganisation, founding.update_organisation, subject="organisation"),
    Action(organisations_wire.CreateSite, founding.create_site, subject="id", about=("organisation",)),
    Action(organisations_wire.UpdateSite, founding.update_site, subject="site"),
    Action(organisations_wire.CreateService, founding.create_service, subject="id", about=("organisation",)),
    Action(organisations_wire.ClaimOrganisation, founding.claim_organisation, subject="organisation"),
    Action(organisations_wire.ListClaims, organisation_views.list_claims),
    Action(
        organisations_wire.AppointMember,
        founding.appoint_member,
        subject="organisation",
        about=("person",),
        details=("owner",),
    ),
    Action(members_wire.ListMembers, member_views.list_members),
    Action(members_wire.UpdateMembership, memberships.update_membership, subject="organisation", about=("person",)),
    Action(members_wire.EndMembership, memberships.end_membership, subject="organisation", about=("person",)),
    Action(members_wire.GetRights, member_views.get_rights),
    Action(members_wire.SetRights, memberships.set_rights, subject="organisation", about=("person",)),
    Action(
        invitations_wire.CreateMember,
        inviting.create_member,
        subject="id",
        about=("organisation", "clone_from"),
        details=("function", "administrator"),
    ),
    Action(invitations_wire.CreateInvitation, inviting.create_invitation, subject="id", about=("organisation",)),
    Action(invitations_wire.ListInvitations, invitation_views.list_invitations),
    Action(invitations_wire.RevokeInvitation, inviting.revoke_invitation, subject="invitation"),
    Action(invitations_wire.CorrectInvitation, inviting.correct_invitation, subject="invitation"),
    Action(invitations_wire.RemindInvitations, inviting.remind_invitations, subject="", about=("invitations",)),
    Action(
        invitations_wire.ImportInvitations,
        inviting_lists.import_invitations,
        subject="id",
        about=("organisation",),
        details=("preview",),
    ),
    Action(invitations_wire.AcceptInvitation, joining.accept_invitation, subject=""),
    Action(invitations_wire.DeclineInvitation, joining.decline_invitation, subject=""),
    Action(
        invitations_wire.AdmitArrival,
        joining.admit_arrival,
        subject="invitation",
        about=("person",),
        details=("admit",),
    ),
    Action(auditing_wire.SearchAudit, auditing_queries.search_audit, subject="", about=("organisation", "patient")),
    Action(auditing_wire.ExportAudit, auditing_queries.export_audit, subject="", about=("organisation", "patient")),
    Action(contacts_wire.GetContacts, contacts_queries.get_settings),
    Action(contacts_wire.SetContactRule, contacts_actions.set_rule, subject="", details=("rule",)),
    Action(
        contacts_wire.BlockPerson,
        partial(contacts_actions.block_person, met=conversations_access.met),
        subject="person",
    ),
    Action(contacts_wire.UnblockPerson, contacts_actions.unblock_person, subject="person"),
    Action(contacts_wire.RequestContact, contacts_actions.request_contact, subject="id", about=("person",)),
    Action(contacts_wire.AnswerContact, contacts_actions.answer_contact, subject="request", details=("accept",)),
    Action(members_wire.ListProfileRequests, profiles.list_requests),
    Action(members_wire.AnswerProfileRequest, profiles.answer_request, subject="request", details=("agree",)),
    Action(onboarding_wire.FindCandidates, onboarding_register.find_candidates, subject=""),
    Action(onboarding_wire.ClaimEntry, onboarding_register.claim_entry, subject="", details=("entry",)),
    Action(onboarding_wire.GetProfile, onboarding_profile.get_profile),
    Action(onboarding_wire.UpdateProfile, onboarding_profile.update_profile, subject=""),
    Action(onboarding_wire.SetMobile, onboarding_profile.set_mobile, subject=""),
    Action(onboarding_wire.ConfirmMobile, onboarding_profile.confirm_mobile, subject=""),
]
"""The commands of protocol 1."""

INTERNAL: list[Action[Any]] = [
    Action(onboarding_internal_commands.ErasePerson, erasing.erase_person, subject="person"),
    Action(onboarding_internal_commands.LookAtInvitation, invited.look_at, subject=None),
    Action(onboarding_internal_commands.ActivateAccount, invited.activate_account, subject="id"),
    Action(
        accounts_internal_commands.CreatePerson, accounts_actions.create_person, subject="id", details=("function",)
    ),
    Action(
        accounts_internal_commands.VerifyPerson,
        accounts_actions.verify_person,
        subject="person",
        about=("vouched_by",),
        details=("by", "evidence"),
    ),
    Action(
        accounts_internal_commands.WithdrawVerification,
        accounts_actions.withdraw_verification,
        subject="person",
        details=("reason",),
    ),
    Action(accounts_internal_commands.AddModerator, accounts_actions.add_moderator, subject="person"),
    Action(accounts_internal_commands.RemoveModerator, accounts_actions.remove_moderator, subject="person"),
    Action(accounts_internal_commands.SuspendPerson, accounts_actions.suspend_person, subject="person"),
    Action(accounts_internal_commands.ReinstatePerson, accounts_actions.reinstate_person, subject="person"),
    Action(organisations_internal_commands.CreateOrganisation, organisations_actions.create_organisation, subject="id"),
    Action(organisations_internal_commands.CreateSite, organisations_actions.create_site, subject="id"),
    Action(
        organisations_internal_commands.JoinOrganisation,
        organisations_actions.join_organisation,
        subject="organisation",
        about=("person",),
        details=("function", "administrator", "owner"),
    ),
    Action(
        authentication_internal_commands.StoreToken, authentication_actions.store_token, subject="id", about=("person",)
    ),
    Action(authentication_internal_commands.ChangePassword, authentication_actions.change_password, subject=""),
    Action(
        authentication_internal_commands.ChangeFactor,
        authentication_actions.change_factor,
        subject="",
        details=("change", "factor"),
    ),
    Action(authentication_internal_commands.NoteWiped, lost_devices.note_wiped),
    Action(authentication_internal_commands.RequestNewPassword, authentication_actions.request_new_password),
    Action(
        authentication_internal_commands.TellAccountHolder,
        authentication_actions.tell_account_holder,
        subject="person",
        details=("kind",),
    ),
    Action(
        authentication_internal_commands.AcceptProof,
        proofs.accept_proof,
        subject="person",
        details=("by",),
    ),
    Action(
        authentication_internal_commands.RefuseProof,
        proofs.refuse_proof,
        subject="person",
        details=("reason",),
    ),
    Action(onboarding_internal_commands.BeginSignUp, signing_up.begin),
    Action(onboarding_internal_commands.ConfirmSignUp, signing_up.confirm),
    Action(onboarding_internal_commands.SendCodeAgain, signing_up.send_again),
    Action(onboarding_internal_commands.CompareRegister, register_comparison.compare),
    Action(onboarding_internal_commands.ForgetSignUps, signing_up.forget),
    Action(onboarding_internal_commands.RecordStep, steps.record),
    Action(onboarding_internal_commands.TakeNotice, steps.take_notice),
    Action(sessions_internal_commands.EndExpiredSessions, sessions_actions.end_expired_sessions),
    Action(sessions_internal_commands.EndProviderSessions, sessions_actions.end_provider_sessions),
    Action(scheduling_internal_commands.ReapHolds, holds.reap_holds),
    Action(files_internal_commands.BeginUpload, files_actions.begin_upload, subject="id"),
    Action(files_internal_commands.GetUpload, files_queries.get_upload),
    Action(files_internal_commands.AddParts, files_actions.add_parts),
    Action(files_internal_commands.OpenFile, files_queries.open_file, subject="file", details=("shown",)),
    Action(files_internal_commands.RecordCheck, files_actions.record_check),
    Action(files_internal_commands.ForgetFiles, files_actions.forget_files),
    Action(RecordDeliveries, delivery_actions.record_deliveries),
    Action(LapseWork, work_actions.lapse_work),
]
"""What only Relais itself may ask for: no socket can."""


EVENTS: list[EventType[Any]] = [
    *organisation_events.EVENTS,
    *contacts_events.EVENTS,
    *file_events.EVENTS,
    *conversation_events.EVENTS,
    *scheduling_events.EVENTS,
    *referral_events.EVENTS,
]
"""Every type of event."""

STREAMS = [INBOX, conversation_events.CONVERSATION, scheduling_events.AGENDA]
"""Every kind of stream."""

EVENT_HANDLERS = [
    EventHandler(MembershipEnded, patient_handlers.end_care_links),
    EventHandler(RightsChanged, scheduling_handlers.tell_of_rights),
    EventHandler(AppointmentBooked, scheduling_handlers.announce_bookings),
    EventHandler(AppointmentCancelled, scheduling_handlers.announce_cancellations),
    EventHandler(AppointmentCancelled, referral_handlers.cancel_referrals),
    EventHandler(AppointmentNotice, referral_handlers.tell_of_notices),
    # Before the one that locks the streams of conversations, with those of what is to be told already.
    EventHandler(files_wire.FileChanged, referral_handlers.tell_of_checked_documents),
    EventHandler(files_wire.FileChanged, conversation_handlers.tell_of_checked_files),
    # The last: it locks the streams of groups, with those of everything that was to be told before.
    EventHandler(MembershipEnded, conversation_handlers.leave_groups),
]
"""What also happens in a room when an event of a room below it is recorded, in the same transaction; rooms bottom
up."""

DELIVERIES: list[delivery_kinds.Kind] = [
    *account_mail.KINDS,
    *invitation_mail.KINDS,
    *onboarding_mail.KINDS,
    *notice_delivery.KINDS,
]
"""What people outside are sent: how it is resolved, and what follows from the outcome."""

FILE_HOLDERS: list[file_holders.HolderKind] = [
    file_holders.HolderKind(conversations_access.MESSAGE_FILES, conversations_access.messages_holding_files),
    file_holders.HolderKind(referrals_access.REFERRAL_FILES, referrals_access.referrals_holding_files),
]
"""What may hold a file: whoever may read it may open the file."""

WORK: list[work_kinds.Kind] = [*founding.WORK, *review.WORK, *notice_delivery.WORK]
"""What may wait for somebody."""


def socket_commands() -> Commands:
    """The decoder of what sockets may ask for."""
    return Commands([action.command for action in ACTIONS])


def http_commands() -> Commands:
    """The decoder of what programs without a socket may ask for."""
    return Commands([action.command for action in ACTIONS if action.command.over_http])


def make_hub() -> hub.Hub:
    """A hub for the event loop of a web process."""
    return hub.Hub(synchronisation.redeliver, authentication_access.still_open)


def install() -> None:
    """Gives the kernel what the rooms declare."""
    registry.install(EVENTS, STREAMS)
    delivery_kinds.install(DELIVERIES)
    work_kinds.install(WORK)
    file_holders.install(FILE_HOLDERS)
    dispatcher.install([*ACTIONS, *INTERNAL], EVENT_HANDLERS, authentication_access, hub.publish_from_worker)
