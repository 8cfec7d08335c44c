"""Every command of the registry: what it enters in the audit log, or why it enters nothing."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import transaction

from identity.patients.models import Patient
from server.kernel import audit
from server.kernel.dispatch import dispatch
from server.kernel.models import AuditLink
from server.kernel.wire import Command
from server.kernel.wire.errors import Refusal
from server.registry import ACTIONS, INTERNAL
from tests.factories import Account
from tests.matrix.test_access import ROLES, ROWS, World, world

pytestmark = pytest.mark.django_db

__all__ = ["world"]

NOT_AUDITED = {
    "hello": "a device connects: signing in is entered, and its answer shows no patient",
    "conversation.requests": "titles of groups that wait for the caller; nothing of what was written in them",
    "conversation.list": "titles and last lines of one's own conversations; reading in one is entered",
    "typing": "momentary, kept nowhere",
    "file.get": "name and state of a file; whoever opens its content is entered by team.open_file",
    "team.get_upload": "how far one's own upload has come",
    "team.add_parts": "bytes of an upload, whose beginning is entered",
    "team.record_check": "entered as file.ready or file.refused",
    "team.forget_files": "each is entered as file.forgotten",
    "directory.search": "the public register of professionals",
    "directory.get": "the public register of professionals",
    "agenda.list": "names of agendas; whatever shows a patient is entered by agenda.day and sync",
    "agenda.reasons": "what an agenda may be booked for: open to every verified professional",
    "agenda.slots": "free times: open to every verified professional",
    "hold.list": "times that the caller holds, without a patient; each hold is entered",
    "agenda.unwatch": "gives up what agenda.watch has entered",
    "referral.list": "each referral that is shown is entered as patient.read",
    "patient.practitioners": "each record whose practitioners are shown is entered as patient.read",
    "session.list": "one's own sessions",
    "lock.get": "how one's own devices lock",
    "identity.note_wiped": "entered as session.wiped when the key is that of a lost device",
    "organisation.get": "what an organisation says about itself to every professional",
    "organisation.search": "names of organisations, open to every professional",
    "organisation.claims": "names of organisations that nobody looks after, to moderators",
    "organisation.members": "colleagues of one's own organisation",
    "member.rights": "what colleagues may do; each change is entered",
    "invitation.list": "who was invited, to those who invite; each invitation is entered",
    "identity.look_at_invitation": "what an invitation says to whoever holds its link",
    "contact.settings": "the caller's own settings",
    "profile.requests": "who waits for the caller's own consent",
    "profile.get": "one's own profile",
    "verification.get": "one's own verification",
    "verification.queue": "each verification that is shown is entered as verification.read",
    "identity.record_verification_step": "what follows is entered as verification.accepted, .refused, .to_review …",
    "identity.take_verification_notice": "the provider is asked again: what it answers is entered",
    "identity.compare_register": "whom it concerns is entered as register.absent, .returned and .withdrawn",
    "identity.begin_sign_up": "nobody yet: what was declared is kept for a day",
    "identity.confirm_sign_up": "the account that it makes is entered as account.created",
    "identity.send_code_again": "nobody yet: another code for what was declared",
    "identity.forget_sign_ups": "erases what nobody confirmed: there was no account",
    "identity.request_new_password": "entered as password.requested when somebody has the address",
    "identity.end_provider_sessions": "each end is entered as session.ended",
    "identity.end_expired_sessions": "each end is entered as session.ended",
    "referral.reap_holds": "times that were held too long are free again; what was held is entered",
    "kernel.record_deliveries": "each outcome is entered as delivery.sent, delivery.dropped or delivery.failed",
    "kernel.lapse_work": "what waited is over by itself; it says nothing of a patient",
}
"""Commands without an entry of their own, each with the reason."""

RIGHTS: dict[str, dict[str, list[str]]] = {
    "agenda.create": {"agenda.grant": ["level"]},
    "agenda.grant": {"agenda.grant": ["level"]},
    "conversation.open": {"conversation.open": []},
    "conversation.add": {"conversation.add": []},
    "conversation.remove": {"conversation.remove": []},
    "conversation.role": {"conversation.role": ["role"]},
    "member.remove": {"membership.ended": []},
}
"""Commands that give or take a right, with the entries that name to whom, and which details."""


READERS = {
    "sync of an agenda": {"practitioner", "booker", "reader"},
    "agenda.day": {"practitioner", "booker", "reader"},
    "conversation.get of a case": {"practitioner", "referrer", "late"},
    "case.close": {"practitioner", "referrer", "late"},
    "case.reopen": {"practitioner", "referrer", "late"},
    "case.turn": {"practitioner", "referrer", "late"},
    "referral.book": {"referrer"},
    "referral.get": {"practitioner", "referrer", "booker", "reader"},
    "referral.list": {"referrer"},
    "patient.create": {"referrer"},
    "patient.search": {"practitioner", "referrer"},
    "appointment.cancel": {"practitioner", "referrer"},
}
"""Who is shown a patient by what, at least: without anybody the test below would prove nothing."""


def entries(who: Account, command: Command[Any]) -> tuple[Any, list[dict[str, Any]]]:
    """The answer, and what was entered; the database is as before."""
    with transaction.atomic():
        before = AuditLink.objects.count()
        try:
            result = dispatch(who.actor, command)
        except Refusal:
            return None, []
        finally:
            links = list(AuditLink.objects.order_by("at", "number")[before:])
            audit.chain.start_new_chain()
            transaction.set_rollback(True)
    return result, [entry for link in links for entry in msgspec.json.decode(link.entries)]


def test_every_command_is_audited_or_says_why_not() -> None:
    silent = {action.command.method for action in [*ACTIONS, *INTERNAL] if action.subject is None}
    assert silent == NOT_AUDITED.keys()


def test_what_an_audit_declaration_names_is_a_field_of_the_command() -> None:
    for action in [*ACTIONS, *INTERNAL]:
        named = {*action.about, *action.details, *({action.subject} - {None, ""})}
        assert named <= set(action.command.__struct_fields__), action.command.method


@pytest.mark.parametrize("name", ROWS)
def test_whoever_is_shown_a_patient_is_in_the_audit(world: World, name: str) -> None:
    row, readers = ROWS[name], set[str]()
    for role in ROLES:
        who = world.people[role]
        known = {str(patient) for patient in Patient.objects.values_list("id", flat=True)}
        result, entered = entries(who, row.make(world.things, world))
        text = msgspec.json.encode(result).decode()
        shown = set(re.findall(r'"patient":\{"id":"([^"]+)"', text)) | {one for one in known if one in text}
        if "archandeau" in text:
            assert shown, "an answer that names somebody says who it is"
        noted = {one for entry in entered for one in entry.get("about", [])}
        assert shown <= noted, role
        assert all(entry["person"] == str(who.id) for entry in entered), role
        readers |= {role} if shown else set()
    assert readers >= READERS.get(name, set())


@pytest.mark.parametrize("name", RIGHTS)
def test_whoever_is_given_a_right_is_named_with_it(world: World, name: str) -> None:
    command: Any = ROWS[name].make(world.things, world)
    giver = world.people["practitioner"]
    given: list[UUID] = getattr(command, "members", None) or [getattr(command, "person", giver.id)]
    _, entered = entries(giver, command)
    for act, details in RIGHTS[name].items():
        [entry] = [entry for entry in entered if entry["act"] == act]
        assert entry["about"] == [str(one) for one in given]
        assert entry["subject"] in {
            str(getattr(command, field, "")) for field in ("id", "agenda", "conversation", "organisation")
        }
        assert all(entry[detail] for detail in details)
