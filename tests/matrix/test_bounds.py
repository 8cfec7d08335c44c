"""Every command that makes something is bounded for each person: which bound, and which test shows it.

A new command stands in one of the two tables, or this fails. What has no bound of its own in number has one in bytes
(``test_what_one_person_brings_is_bounded_in_bytes``), as all requests have.
"""

from __future__ import annotations

import re
from pathlib import Path

from server.kernel.wire.handshake import Hello, Sync
from server.registry import ACTIONS

TESTS = Path(__file__).resolve().parent.parent

MAKES: dict[str, tuple[str, str]] = {
    "absence.add": (
        "400 of one agenda that are not over",
        "test_instructions_absences_and_levels_of_an_agenda_are_bounded",
    ),
    "agenda.create": ("50 open agendas of one practitioner", "test_one_practitioner_opens_so_many_agendas"),
    "agenda.grant": ("200 people of one agenda", "test_instructions_absences_and_levels_of_an_agenda_are_bounded"),
    "agenda.update": ("openings a day, reasons of a form", "test_openings_of_one_day_are_so_many_and_last_so_long"),
    "appointment.cancel": ("200 SMS an hour, and a cancellation is once", "test_one_person_causes_so_many_in_an_hour"),
    "conversation.add": (
        "500 members of one group, and 100 strangers asked a day",
        "test_one_person_asks_so_many_strangers_into_groups_a_day",
    ),
    "conversation.open": (
        "50 groups and cases in 24 hours; of two, one with each person",
        "test_a_person_opens_so_many_groups_a_day_and_the_next_when_one_is_a_day_old",
    ),
    "message.send": ("2 MiB at once, 8 KiB a second", "test_what_one_person_brings_is_bounded_in_bytes"),
    "message.edit": ("20 times each", "test_a_message_is_edited_so_often"),
    "message.react": ("five kinds, each once", "test_each_kind_stands_once_for_each_person"),
    "organisation.claim": (
        "one for an organisation waits at a time",
        "test_where_nobody_is_left_a_member_asks_the_moderators_once",
    ),
    "organisation.create": ("5 practices a day", "test_nobody_founds_practices_without_end"),
    "patient.create": ("300 in 24 hours", "test_one_person_writes_down_so_many_in_a_day_and_others_still_may"),
    "contact.block": ("1,000 people", "test_one_person_blocks_so_many"),
    "contact.request": ("one to one person in 30 days, 20 a day", "test_one_person_asks_so_many"),
    "invitation.accept": ("500 uses of one link", "test_a_link_is_for_so_many_people_and_so_long"),
    "invitation.correct": ("ten addresses of one invitation", "test_an_invitation_goes_to_ten_addresses_at_most"),
    "invitation.create": ("1,000 people in 24 hours, 50 to Relais alone", "test_one_person_invites_so_many_in_a_day"),
    "invitation.import": ("200 rows, 1,000 people in 24 hours", "test_one_person_invites_so_many_in_a_day"),
    "invitation.remind": ("once a day, five times each", "test_reminders_go_once_a_day_and_five_times"),
    "member.create": ("1,000 people in 24 hours", "test_one_person_invites_so_many_in_a_day"),
    "profile.mobile": (
        "a code once a minute and five times a day",
        "test_codes_come_once_a_minute_and_five_times_a_day",
    ),
    "referral.book": (
        "each takes a hold: 20 ahead, 30 a day in one agenda",
        "test_nobody_fills_the_agenda_of_a_colleague",
    ),
    "service.create": ("200 of one establishment", "test_an_organisation_has_so_many_sites_and_services"),
    "site.create": ("50 of one organisation", "test_an_organisation_has_so_many_sites_and_services"),
    "slot.hold": ("5 at a time", "test_one_person_holds_five_slots_in_all_and_three_in_one_agenda"),
    "verification.appeal": ("one of a refusal", "test_a_refusal_is_appealed_against_once"),
    "verification.decide": ("one opinion of each moderator", "test_one_moderator_is_not_two"),
    "verification.start": ("five runs a day", "test_five_runs_of_one_person_in_a_day"),
    "verification.candidates": ("five questions a day", "test_five_questions_a_day"),
}
"""By method: the bound for each person, and the beginning of the test's name."""

MAKES_NOTHING = {
    *("hello", "sync", "typing"),
    *(
        "absence.remove",
        "agenda.day",
        "agenda.export",
        "agenda.list",
        "agenda.reasons",
        "agenda.slots",
        "agenda.unwatch",
        "agenda.watch",
    ),
    *("conversation.get", "conversation.leave", "conversation.list", "conversation.remove", "conversation.update"),
    *("conversation.accept", "conversation.decline", "conversation.hide", "conversation.requests", "conversation.role"),
    *("case.close", "case.handover", "case.reopen", "case.turn"),  # handing over joins one: 500 members of one case
    *("file.discard", "file.get"),  # an upload begins over HTTP: `test_one_person_uploads_so_much_in_a_day`
    *("directory.get", "directory.search", "hold.list", "message.history", "message.read", "patient.search"),
    *("message.delete", "message.unreact", "message.versions", "message.receipts"),
    *("patient.practitioners", "patient.supervise"),  # one supervises: who is named takes the place of who did
    *("rights.set",),  # one level for each member and thing: what is given takes the place of what was
    *("member.remove", "member.rights", "member.update"),
    *("organisation.appoint", "organisation.claims", "organisation.get", "organisation.members"),
    *("organisation.search", "organisation.update", "profile.answer", "profile.requests", "site.update"),
    *("profile.confirm_mobile", "profile.get", "profile.update", "referral.get", "referral.list"),
    *("audit.export", "audit.search"),
    *("contact.answer", "contact.rule", "contact.settings", "contact.unblock"),
    *("invitation.admit", "invitation.decline", "invitation.list", "invitation.revoke"),
    *("session.wipe", "session.found", "lock.get", "lock.set", "lock.code", "lock.remove", "lock.open"),
    *("session.act_for", "session.end", "session.end_others", "session.list", "slot.release", "verification.claim"),
    *("verification.get", "verification.queue", "verification.statement", "verification.withdraw"),
}
"""They read, or change and end what exists: there is no more of anything afterwards."""


def test_every_command_stands_in_one_of_the_tables() -> None:
    assert {Hello.method, Sync.method} < MAKES_NOTHING
    assert not MAKES.keys() & MAKES_NOTHING
    assert {action.command.method for action in ACTIONS} == MAKES.keys() | MAKES_NOTHING


def test_what_chooses_an_id_makes_something() -> None:
    choosing = {action.command.method for action in ACTIONS if "id" in action.command.__struct_fields__}
    assert choosing <= MAKES.keys()


def test_each_bound_has_its_test() -> None:
    defined = {name for path in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())}
    missing = {method: test for method, (_, test) in MAKES.items() if not any(one.startswith(test) for one in defined)}
    assert not missing
