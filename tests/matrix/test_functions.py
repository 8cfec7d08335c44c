"""Every command for every function and standing: who may, and what everybody else is told.

The rows are those of ``test_access`` and some more about rights themselves; the columns are in ``staff``. There levels
and conversations decide, here it is what somebody is in the organisation whose things the commands name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from identity.accounts.models import Function
from identity.accounts.wire import ONBOARDING
from identity.organisations.wire_invitations import CreateMember
from identity.organisations.wire_members import (
    AgendaRight,
    EndMembership,
    LimitsForm,
    ProfileRight,
    SetRights,
    UpdateMembership,
)
from identity.organisations.wire_organisations import GetOrganisation, UpdateOrganisation
from server.kernel.identifiers import uuid7
from server.registry import ACTIONS
from team.conversations.wire import OpenConversation
from tests.factories import Account
from tests.matrix.staff import COLUMNS, INSIDE, OUTSIDE, PLAIN, RUNNING, staff
from tests.matrix.test_access import ROWS, Row, Things, World, _world, carried_out, told

pytestmark = pytest.mark.django_db

NO_MEMBERS = tuple(name for name in OUTSIDE if name != "moderator")
PRACTISING = ("practitioner", "owner")
IN_OFFICE = tuple(name for name in (*PLAIN, "administrator") if name not in PRACTISING)

ABOUT_RIGHTS: dict[str, Row] = {
    "conversation.open of two": Row(
        lambda t, w: OpenConversation(id=uuid7(), kind="direct", members=[t.inbox]), (), names_nothing=True
    ),
    "rights.set of a level": Row(
        lambda t, w: SetRights(
            organisation=t.organisation,
            person=w.people["secretary"].id,
            agendas=[AgendaRight(agenda=t.agenda, level="read")],
        ),
        (),
    ),
    "rights.set of messages": Row(
        lambda t, w: SetRights(
            organisation=t.organisation,
            person=w.people["secretary"].id,
            profiles=[ProfileRight(person=t.inbox, level="read")],
        ),
        (),
    ),
    "rights.set of a limit": Row(
        lambda t, w: SetRights(
            organisation=t.organisation, person=w.people["secretary"].id, limits=LimitsForm(notes_hidden=True)
        ),
        (),
    ),
    "member.update of an administrator": Row(
        lambda t, w: UpdateMembership(
            organisation=t.organisation, person=w.people["administrator"].id, administrator=False
        ),
        (),
    ),
    "member.update of an owner to be": Row(
        lambda t, w: UpdateMembership(organisation=t.organisation, person=t.inbox, owner=True), ()
    ),
    "member.remove of an owner": Row(
        # Of one who cannot act: the last who can is refused to everybody.
        lambda t, w: EndMembership(organisation=t.organisation, person=w.people["suspended"].id),
        (),
    ),
    "member.create of an administrator": Row(
        lambda t, w: CreateMember(
            id=uuid7(),
            organisation=t.organisation,
            email="clara@exemple.fr",
            first_name="Clara",
            last_name="Essai",
            function="secretary",
            administrator=True,
        ),
        (),
    ),
    "organisation.update of a rule": Row(
        lambda t, w: UpdateOrganisation(organisation=t.organisation, own_patients_only=True), ()
    ),
}
"""What decides on rights, in the cases that are decided otherwise than the rows of ``test_access``."""
EVERY_ROW = {**ROWS, **ABOUT_RIGHTS}


@dataclass(frozen=True)
class Told:
    """Who may, and who is told which code; everybody else is told ``not_found``."""

    may: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    vouched_only: tuple[str, ...] = ()
    invalid_state: tuple[str, ...] = ()
    invitation_over: tuple[str, ...] = ()

    def reason(self, column: str) -> str | None:
        """What one column is told; None: the command is carried out."""
        if column in self.may:
            return None
        codes = (one.name for one in fields(self) if one.name != "may")
        return next((code for code in codes if column in getattr(self, code)), "not_found")


EVERYBODY = Told((*INSIDE, *OUTSIDE))
BEFORE_VERIFICATION = Told((*INSIDE, *OUTSIDE, "unverified"))
NOT_BLOCKED = Told(tuple(one for one in (*INSIDE, *OUTSIDE) if one != "blocked"))
"""Whoever was blocked is told what they would be told of nobody, or of what cannot be booked."""
PROFESSIONALS = Told((*PLAIN, *RUNNING, *OUTSIDE), vouched_only=("vouched",))
NOBODY = Told()
"""It is somebody else's, or does not exist: not even an owner learns of it."""
BY_LEVEL = Told(("owner",))
"""An owner holds every level without being given it; nobody else here was given one."""
WHO_RUNS = Told(RUNNING, forbidden=(*PLAIN, "vouched"))
OWNERS = Told(("owner",), forbidden=(*PLAIN, "administrator", "vouched"))
MEMBERS = Told(INSIDE)
MODERATORS = Told(("moderator",), forbidden=(*INSIDE, *NO_MEMBERS))
NOT_NOW = Told(invalid_state=(*INSIDE, *OUTSIDE, "unverified"))

TOLD: dict[str, Told] = {
    **dict.fromkeys(
        (
            *("hello", "session.list", "session.end_others", "invitation.accept", "invitation.decline"),
            *("verification.get", "verification.withdraw", "verification.candidates", "verification.claim of no entry"),
            *("profile.get", "profile.update", "profile.mobile", "profile.confirm_mobile"),
            *("lock.get", "lock.set", "lock.code", "lock.remove"),
        ),
        BEFORE_VERIFICATION,
    ),
    **dict.fromkeys(
        (
            *(
                "conversation.list",
                "conversation.requests",
                "directory.search",
                "hold.list",
                "referral.list",
                "organisation.get",
            ),
            *("agenda.list", "agenda.unwatch"),
            *("patient.create", "patient.search", "organisation.search", "profile.requests"),
            *("invitation.list of one's own", "invitation.remind"),
            *("contact.settings", "contact.rule", "contact.block", "contact.unblock", "file.discard"),
        ),
        EVERYBODY,
    ),
    **dict.fromkeys(
        (
            *(
                "sync",
                "sync of an inbox",
                "session.end",
                "session.wipe",
                "session.found",
                "slot.release",
                "referral.book",
                "verification.claim",
            ),
            *("conversation.get", "conversation.add", "conversation.add of somebody who may see the history"),
            *("conversation.remove", "conversation.leave", "conversation.update", "conversation.hide"),
            "conversation.role",
            *("conversation.accept", "conversation.decline"),
            *("conversation.get of a case", "case.close", "case.reopen", "case.turn", "case.handover"),
            *("message.send", "message.read", "message.history", "typing", "contact.answer", "profile.answer"),
            *("message.edit", "message.delete", "message.react", "message.unreact"),
            *("message.versions", "message.receipts"),
            "file.get",
        ),
        NOBODY,
    ),
    **dict.fromkeys(
        (
            *("sync of an agenda", "agenda.day", "agenda.update", "agenda.grant", "absence.add", "absence.remove"),
            *("referral.get", "appointment.cancel", "patient.practitioners", "patient.supervise", "agenda.export"),
        ),
        BY_LEVEL,
    ),
    **dict.fromkeys(
        (
            *("organisation.update", "site.create", "site.update", "member.update", "member.remove", "member.create"),
            *("invitation.create", "invitation.list", "invitation.revoke", "invitation.import"),
        ),
        WHO_RUNS,
    ),
    **dict.fromkeys(
        (
            *("rights.set of a level", "rights.set of a limit", "organisation.update of a rule"),
            *("member.update of an administrator", "member.update of an owner to be"),
            *("member.remove of an owner", "member.create of an administrator", "rights.set of messages"),
        ),
        OWNERS,
    ),
    **dict.fromkeys(
        (
            "verification.queue",
            "verification.statement",
            "organisation.create of an establishment",
            "audit.search of everything",
        ),
        MODERATORS,
    ),
    **dict.fromkeys(("invitation.create of Relais alone", "contact.request"), PROFESSIONALS),
    **dict.fromkeys(("verification.start", "verification.appeal", "lock.open"), NOT_NOW),
    "organisation.members": MEMBERS,
    "session.act_for": Told((*INSIDE, "unverified")),
    # Vouched staff reach the people of their organisation alone; the row names somebody elsewhere.
    **dict.fromkeys(("conversation.open", "conversation.open of a case"), Told((*PLAIN, *RUNNING, *OUTSIDE))),
    # Within the organisation they do.
    **dict.fromkeys(
        ("conversation.open of two", "directory.get", "agenda.reasons", "agenda.slots", "agenda.watch"), NOT_BLOCKED
    ),
    "slot.hold": Told(tuple(one for one in PROFESSIONALS.may if one != "blocked"), vouched_only=("vouched",)),
    "agenda.create": Told(PRACTISING, forbidden=IN_OFFICE, vouched_only=("vouched",)),
    "organisation.create": Told((*PRACTISING, *OUTSIDE), forbidden=IN_OFFICE, vouched_only=("vouched",)),
    "organisation.claim": Told(invalid_state=INSIDE),
    "organisation.claims": Told(("moderator",)),
    "organisation.appoint": Told(invalid_state=("moderator",)),
    "service.create": Told(forbidden=(*PLAIN, "vouched"), invalid_state=RUNNING),
    # A practitioner shares their own agenda and messages; to see what somebody may do with them is part of it.
    "member.rights": Told((*RUNNING, "practitioner"), forbidden=(*PLAIN[1:], "vouched")),
    "rights.set": Told((*RUNNING, "practitioner"), forbidden=(*PLAIN[1:], "vouched")),
    "invitation.correct": Told(forbidden=(*PLAIN, "vouched"), invitation_over=RUNNING),
    "invitation.admit": Told(forbidden=(*PLAIN, "vouched")),
    "audit.search": Told((*RUNNING, "moderator"), forbidden=(*PLAIN, "vouched")),
    "audit.export": Told((*RUNNING, "moderator"), forbidden=(*PLAIN, "vouched")),
    "verification.decide": Told(forbidden=(*INSIDE, *NO_MEMBERS)),
}


@dataclass(frozen=True)
class Scene:
    """What the rows of ``test_access`` are made with, and the people of the columns."""

    world: World
    people: dict[str, Account]


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """Made once: every test runs in a savepoint above it."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = _world()
        people = staff(made.place)
        made.people.update(people | {"unverified": made.people["unverified"]})
        yield Scene(made, people)
        transaction.set_rollback(True)


def _expected(name: str, column: str, scene: Scene) -> str | None:
    if column == "suspended":
        return "forbidden"
    command = EVERY_ROW[name].make(scene.world.things, scene.world)
    if column == "unverified" and type(command).open_to != ONBOARDING:
        return "not_verified"
    return TOLD[name].reason(column)


@pytest.mark.parametrize("name", EVERY_ROW)
def test_every_function_may_what_the_table_says_and_no_more(scene: Scene, name: str) -> None:
    row, world = EVERY_ROW[name], scene.world
    found = {}
    for column in COLUMNS:
        _, refused = carried_out(scene.people[column], row.make(world.things, world))
        found[column] = refused.reason if refused else None
        if found[column] == "not_found" and not row.names_nothing:
            _, never = carried_out(scene.people[column], row.make(Things.missing(), world))
            assert refused is not None
            assert never is not None, column
            assert told(refused) == told(never), column
    assert found == {column: _expected(name, column, scene) for column in COLUMNS}


def test_every_command_has_a_row_and_every_function_a_column() -> None:
    assert EVERY_ROW.keys() == TOLD.keys()
    missing = {action.command.method for action in ACTIONS} - {name.partition(" of ")[0] for name in TOLD}
    assert missing == set()
    assert {str(function) for function in Function} == set(PLAIN)
    named = {column for row in TOLD.values() for field in fields(row) for column in getattr(row, field.name)}
    assert named <= set(COLUMNS)


SHOWN = {
    "see_members": "organisation.members",
    "see_invitations": "invitation.list",
    "invite": "invitation.create",
    "create_members": "member.create",
    "manage_members": "member.update",
    "manage_owners": "member.update of an owner to be",
    "manage_access": "rights.set of a level",
    "settings": "organisation.update",
    "rules": "organisation.update of a rule",
    "audit": "audit.search",
}
"""By what is shown to somebody as an ability of theirs: the command that they may then carry out."""


@pytest.mark.parametrize("column", [*INSIDE, *OUTSIDE])
def test_what_somebody_is_shown_that_they_may_do_is_what_they_may(scene: Scene, column: str) -> None:
    result, _ = carried_out(scene.people[column], GetOrganisation(organisation=scene.world.things.organisation))
    abilities = set(result.organisation.abilities)
    allowed = {ability for ability, name in SHOWN.items() if TOLD[name].reason(column) is None}
    if column == "moderator":
        allowed.discard("audit")  # theirs by what they are on this Relais, and not in the organisation
    assert abilities & SHOWN.keys() == allowed
