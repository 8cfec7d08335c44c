"""The documents of a referral: what may go with it, who may open them, and who learns that one was checked."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referral.referrals.models import Referral
from referral.referrals.wire import BookReferral, GetReferral, ListReferrals, ReferralView
from server.kernel import dispatch as dispatching
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import Call, dispatch, dispatch_batch
from server.kernel.identifiers import uuid7
from server.kernel.wire import stream_name
from server.kernel.wire.errors import IdTaken, NotFound, Refusal
from server.kernel.wire.handshake import Sync
from team.conversations.wire import LeaveConversation, OpenConversation
from team.conversations.wire_case_views import NewCase
from team.files.internal_commands import OpenFile, RecordCheck
from team.files.models import File, Holding
from team.files.refusals import FileGone, FileRefused, UploadUnfinished
from team.files.wire import DiscardFile
from team.messages.wire import DeleteMessage, SendMessage
from tests.factories import Account, account, acquainted, uploaded
from tests.referral.practice import booking, practice

pytestmark = pytest.mark.django_db(transaction=True)


def may_open(who: Account, file: UUID) -> bool:
    try:
        dispatch(who.actor, OpenFile(file=file))
    except NotFound:
        return False
    return True


def shown(who: Account, referral: UUID) -> ReferralView:
    view: ReferralView = dispatch(who.actor, GetReferral(referral=referral)).referral
    return view


def case(asker: Account, *asked: Account) -> UUID:
    acquainted(asker, *asked)
    command = OpenConversation(
        id=uuid7(), kind="case", members=[one.id for one in asked], title="Avis", case=NewCase(question="Quel délai ?")
    )
    dispatch(asker.actor, command)
    return command.id


def sent_file(who: Account, conversation: UUID) -> tuple[UUID, UUID]:
    """A message of theirs, and the file in it."""
    file = uploaded(who, "ECG.pdf")
    command = SendMessage(id=uuid7(), conversation=conversation, attachments=[file])
    dispatch(who.actor, command)
    return command.id, file


def test_documents_go_with_a_referral_and_whoever_may_read_it_may_open_them() -> None:
    clinic, ada = practice(), account()
    files = [uploaded(ada, "Écho.pdf"), uploaded(ada, "ECG.png", type="image/png")]
    booked = clinic.book(ada, "09:20", documents=files)
    assert [one.name for one in booked.referral.documents] == ["Écho.pdf", "ECG.png"]
    secretary = clinic.grant(account(), "read")
    for reader in (ada, clinic.practitioner, secretary):
        assert [one.id for one in shown(reader, booked.referral.id).documents] == files
        assert all(may_open(reader, file) for file in files)
    [listed] = dispatch(clinic.practitioner.actor, ListReferrals(side="received")).referrals
    assert [one.id for one in listed.documents] == files
    for other in (account(), clinic.grant(account(), "busy")):
        assert not any(may_open(other, file) for file in files)
    clinic.grant(secretary, "none")
    assert not may_open(secretary, files[0]), "access is asked for now, not when the link was made"
    with pytest.raises(Refusal):
        dispatch(ada.actor, DiscardFile(file=files[0]))


def test_a_file_of_a_case_goes_with_the_referral_and_stays_with_it() -> None:
    clinic, ada, grace = practice(), account(), account()
    conversation = case(ada, grace)
    message, file = sent_file(grace, conversation)
    booked = clinic.book(ada, "09:20", documents=[file])
    assert may_open(clinic.practitioner, file)
    dispatch(grace.actor, DeleteMessage(message=message))
    assert [one.id for one in shown(ada, booked.referral.id).documents] == [file]
    assert [may_open(who, file) for who in (ada, clinic.practitioner, grace)] == [True, True, False]


def test_only_what_one_may_read_now_is_carried_over() -> None:
    clinic, ada, grace, alan = practice(), account(), account(), account()
    stranger = account()
    conversation = case(ada, grace, alan)
    _, file = sent_file(ada, conversation)
    dispatch(grace.actor, LeaveConversation(conversation=conversation))
    for other, clock in ((grace, "09:20"), (stranger, "09:40")):
        hold = clinic.hold(other, clock).hold
        for wanted in (file, uploaded(ada), uuid7()):
            with pytest.raises(FileGone):
                dispatch(other.actor, booking(hold, documents=[wanted]))
    assert not Referral.objects.exists()
    dispatch(alan.actor, booking(clinic.hold(alan, "10:00").hold, documents=[file]))


def test_what_is_unfinished_or_refused_does_not_go() -> None:
    clinic, ada = practice(), account()
    hold = clinic.hold(ada, "09:20").hold
    unfinished = uploaded(ada, state="uploading")
    refused = uploaded(ada, state="refused", refusal="infected")
    for file, why in ((unfinished, UploadUnfinished), (refused, FileRefused)):
        with pytest.raises(why):
            dispatch(ada.actor, booking(hold, documents=[file]))
    assert not Holding.objects.exists()


def test_both_sides_learn_that_a_document_was_checked_also_where_a_message_holds_it() -> None:
    clinic, ada = practice(), account()
    conversation = case(ada, clinic.practitioner)
    until = dispatching.now()
    file = uploaded(ada, state="checking", check_after=until, claimed_until=until, scanned=False)
    dispatch(ada.actor, SendMessage(id=uuid7(), conversation=conversation, attachments=[file]))
    booked = clinic.book(ada, "09:20", documents=[file])
    assert booked.referral.documents[0].state == "checking"
    checked = RecordCheck(file=file, claimed_until=until, type="application/pdf", size=900, scanned=True)
    [outcome], news = dispatch_batch([Call(SYSTEM, checked)])
    assert outcome.refused is None
    for who in (ada, clinic.practitioner):
        stream = stream_name("i", who.id)
        [event] = [one for one in news.events if one.stream == stream and "referral.files_checked" in one.text]
        assert "Marchandeau" not in event.text
        synced = dispatch(who.actor, Sync(stream=stream, after=0)).events
        [told] = [one for one in synced if one.type == "referral.files_checked"]
        assert msgspec.json.decode(told.data)["referral"] == str(booked.referral.id)
    assert [one.type for one in dispatch(ada.actor, Sync(stream=f"c:{conversation}", after=0)).events].count(
        "message.files_checked"
    ) == 1
    assert shown(clinic.practitioner, booked.referral.id).documents[0].state == "ready"


def test_a_retry_holds_its_documents_once_and_other_documents_are_another_referral() -> None:
    clinic, ada = practice(), account()
    file, other = uploaded(ada), uploaded(ada)
    command = booking(clinic.hold(ada, "09:20").hold, documents=[file])
    assert dispatch(ada.actor, command).referral.documents == dispatch(ada.actor, command).referral.documents
    assert Holding.objects.filter(file=file).count() == 1
    with pytest.raises(IdTaken):
        dispatch(ada.actor, msgspec.structs.replace(command, documents=[other]))
    assert File.objects.filter(pk=other).exists()


def test_bookings_with_documents_take_a_constant_number_of_statements() -> None:
    clinic, ada = practice(), account()
    clinic.book(ada, "16:00", documents=[uploaded(ada)])

    def calls(clocks: list[str]) -> list[Call[BookReferral]]:
        holds = [clinic.hold(ada, clock).hold for clock in clocks]
        return [Call(ada.actor, booking(hold, documents=[uploaded(ada), uploaded(ada)])) for hold in holds]

    assert statements(calls(["09:00"])) == statements(calls(["09:20", "09:40", "10:00"]))


def statements(calls: list[Call[BookReferral]]) -> int:
    with CaptureQueriesContext(connection) as captured:
        outcomes, _ = dispatch_batch(calls)
    assert all(outcome.refused is None for outcome in outcomes)
    return len(captured)
