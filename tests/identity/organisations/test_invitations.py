"""Inviting, and coming by an invitation."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client

from identity.accounts.consents import VERSIONS
from identity.accounts.models import Person
from identity.organisations.invitation_tokens import token
from identity.organisations.models import Arrival, Invitation, Membership, Right
from identity.organisations.wire_invitations import (
    AcceptInvitation,
    AdmitArrival,
    CorrectInvitation,
    CreateInvitation,
    CreateMember,
    DeclineInvitation,
    ImportInvitations,
    InvitationRow,
    ListInvitations,
    RemindInvitations,
    RevokeInvitation,
)
from identity.organisations.wire_members import AgendaRight, EndMembership, ListMembers, UpdateMembership
from server.kernel.delivery import sending
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import AuditLink, CapturedMessage, Delivery
from tests.factories import Account, account
from tests.identity.organisations.people import Team, join, level, reason, team

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "un mot de passe assez long"


def inviting(here: Team, **fields: Any) -> CreateInvitation:
    given: dict[str, Any] = {"id": uuid7(), "organisation": here.id, "email": "clara@exemple.fr", **fields}
    return CreateInvitation(**given)


def preparing(here: Team, **fields: Any) -> CreateMember:
    given: dict[str, Any] = {
        "id": uuid7(),
        "organisation": here.id,
        "email": "clara@exemple.fr",
        "first_name": "Clara",
        "last_name": "Le Goff",
        "function": "secretary",
        **fields,
    }
    return CreateMember(**given)


def addressed(email: str, **fields: Any) -> Account:
    who = account(**fields)
    Person.objects.filter(pk=who.id).update(email=email)
    return who


def taking_up(wanted: UUID, number: int = 1) -> AcceptInvitation:
    return AcceptInvitation(token=token(wanted, number))


def mails() -> list[CapturedMessage]:
    sending.deliver_due("email")
    return list(CapturedMessage.objects.order_by("pk"))


def post(path: str, **body: Any) -> Any:
    client = Client()
    return client.post(f"/auth/app/v1/auth/{path}", body, content_type="application/json")


def opening(secret: str, **fields: Any) -> Any:
    given = {"token": secret, "password": PASSWORD, **VERSIONS, **fields}
    return post("invitation/activate", **given)


def test_an_invitation_by_mail_makes_a_member_of_whoever_it_was_sent_to() -> None:
    here, clara = team(), addressed("clara@exemple.fr")
    made = dispatch(here.administrator.actor, inviting(here)).invitation
    assert (made.kind, made.state, made.step, made.url) == ("mail", "open", "invited", None)
    joined = dispatch(clara.actor, taking_up(made.id))
    assert (joined.state, joined.organisation) == ("joined", here.id)
    assert dispatch(clara.actor, taking_up(made.id)) == joined
    assert Membership.objects.get(person=clara.id, organisation=here.id).added_by_id == here.administrator.id
    [row] = dispatch(here.administrator.actor, ListInvitations(organisation=here.id)).invitations
    assert (row.step, row.state, row.used) == ("verified", "used", 1)


def test_the_secret_stands_behind_the_link_of_the_mail_and_nowhere_else() -> None:
    here = team()
    made = dispatch(here.administrator.actor, inviting(here, note="Bonjour et bienvenue.")).invitation
    [mail] = mails()
    assert mail.to == "clara@exemple.fr"
    [link] = re.findall(r"https?://\S+", mail.text)
    page, _, secret = link.partition("#")
    assert page.endswith("/invitation")
    assert secret == token(made.id, 1)
    assert "?" not in link
    kept = [*AuditLink.objects.values_list("entries", flat=True), str(Delivery.objects.values().get())]
    assert not any(secret in one for one in kept)
    assert secret not in str(Invitation.objects.values().get(pk=made.id))


def test_an_invitation_that_was_passed_on_waits_for_somebody_to_look() -> None:
    here, stranger = team(), account()
    made = dispatch(here.administrator.actor, inviting(here)).invitation
    assert dispatch(stranger.actor, taking_up(made.id)).state == "waiting"
    assert not Membership.objects.filter(person=stranger.id).exists()
    assert reason(addressed("clara@exemple.fr"), taking_up(made.id)) == "invitation_over", "it was for one person"
    admit = AdmitArrival(invitation=made.id, person=stranger.id, admit=True)
    assert reason(here.practitioner, admit) == "forbidden"
    shown = dispatch(here.administrator.actor, admit).invitation
    assert [one.state for one in shown.arrivals] == ["accepted"]
    assert Membership.objects.filter(person=stranger.id, organisation=here.id).exists()


def test_what_was_revoked_opens_nothing_and_whoever_waits_does_not_get_in() -> None:
    here, first, late = team(), account(), account()
    made = dispatch(here.administrator.actor, inviting(here, email=None, uses=5, confirmed_each=True)).invitation
    assert dispatch(first.actor, taking_up(made.id)).state == "waiting"
    for _ in range(2):
        assert reason(here.administrator, RevokeInvitation(invitation=made.id)) is None
    assert Arrival.objects.get(person=first.id).state == "refused"
    assert reason(late, taking_up(made.id)) == "invitation_over"
    dispatch(here.administrator.actor, AdmitArrival(invitation=made.id, person=first.id, admit=True))
    assert not Membership.objects.filter(person=first.id).exists()


def test_a_link_is_for_so_many_people_and_so_long() -> None:
    here = team("cpts")
    made = dispatch(here.administrator.actor, inviting(here, email=None, uses=2)).invitation
    assert made.url is not None
    assert made.url.endswith(f"/invitation#{token(made.id, 1)}")
    assert [reason(account(), taking_up(made.id)) for _ in range(3)] == [None, None, "invitation_over"]
    Invitation.objects.filter(pk=made.id).update(uses=9, expires_at="2026-01-01T00:00:00Z")
    assert reason(account(), taking_up(made.id)) == "invitation_over"
    assert reason(account(), AcceptInvitation(token="x" * 43)) == "not_found"


def test_a_link_for_professionals_lets_staff_wait() -> None:
    here, secretary = team("cpts"), account()
    Person.objects.filter(pk=secretary.id).update(function="secretary")
    made = dispatch(here.administrator.actor, inviting(here, email=None, uses=5)).invitation
    assert dispatch(secretary.actor, taking_up(made.id)).state == "waiting"


def test_who_may_no_longer_invite_brings_nobody_in() -> None:
    here = team()
    made = dispatch(here.administrator.actor, inviting(here)).invitation
    dispatch(here.owner.actor, EndMembership(organisation=here.id, person=here.administrator.id))
    assert reason(addressed("clara@exemple.fr"), taking_up(made.id)) == "invitation_over"


def test_who_may_no_longer_invite_lets_nobody_in_by_what_they_sent_before() -> None:
    here, waiting = team(), account()
    made = dispatch(here.administrator.actor, inviting(here, email=None, confirmed_each=True)).invitation
    assert dispatch(waiting.actor, taking_up(made.id)).state == "waiting"
    admit = AdmitArrival(invitation=made.id, person=waiting.id, admit=True)
    Membership.objects.filter(person=here.administrator.id).update(administrator=False)
    assert reason(here.administrator, admit) == "forbidden"
    assert not Membership.objects.filter(person=waiting.id).exists()
    refuse = AdmitArrival(invitation=made.id, person=waiting.id, admit=False)
    assert reason(here.owner, refuse) is None


def test_a_coordinator_invites_and_follows_and_prepares_no_accounts() -> None:
    here = team("cpts")
    coordinator = join(here.organisation, "administrative", coordinator=True)
    assert reason(coordinator, inviting(here)) is None
    assert reason(coordinator, preparing(here, email="autre@exemple.fr")) == "forbidden"
    assert dispatch(coordinator.actor, ListInvitations(organisation=here.id)).invited == 1
    assert reason(here.practitioner, ListInvitations(organisation=here.id)) == "forbidden"


def test_nobody_is_invited_twice_and_members_are_not() -> None:
    here = team()
    assert reason(here.administrator, inviting(here)) is None
    assert reason(here.administrator, inviting(here, email="CLARA@exemple.fr")) == "already_there"
    mine = Person.objects.get(pk=here.practitioner.id).email
    assert reason(here.administrator, inviting(here, email=mine)) == "already_there"


def test_reminders_go_once_a_day_and_five_times_and_not_to_who_has_come() -> None:
    here = team()
    made = dispatch(here.administrator.actor, inviting(here)).invitation
    remind = RemindInvitations(invitations=[made.id])

    def why() -> list[str]:
        return [one.why for one in dispatch(here.administrator.actor, remind).left_out]

    assert why() == ["today"]
    for _ in range(5):
        Invitation.objects.filter(pk=made.id).update(
            invited_at="2026-01-01T00:00:00Z", reminded_at="2026-01-02T00:00:00Z", expires_at="2026-01-03T00:00:00Z"
        )
        assert why() == []
        assert why() in (["today"], ["too_often"])
    Invitation.objects.filter(pk=made.id).update(reminded_at="2026-01-02T00:00:00Z")
    assert why() == ["too_often"]
    assert len(mails()) == 6
    assert [one.why for one in dispatch(account().actor, remind).left_out] == ["not_found"]


def test_an_address_that_was_wrong_is_corrected_and_its_link_is_dead() -> None:
    here = team()
    made = dispatch(here.administrator.actor, inviting(here, email="clara@exemple.f r".replace(" ", ""))).invitation
    correct = CorrectInvitation(invitation=made.id, email="clara.legoff@exemple.fr")
    assert dispatch(here.administrator.actor, correct).invitation.email == "clara.legoff@exemple.fr"
    clara = addressed("clara.legoff@exemple.fr")
    assert reason(clara, taking_up(made.id, 1)) == "not_found"
    assert dispatch(clara.actor, taking_up(made.id, 2)).state == "joined"
    assert reason(here.administrator, CorrectInvitation(invitation=made.id, email="x@exemple.fr")) == "invitation_over"


def test_whoever_says_no_is_not_reminded() -> None:
    here, clara = team(), addressed("clara@exemple.fr")
    made = dispatch(here.administrator.actor, inviting(here)).invitation
    assert reason(clara, DeclineInvitation(token=token(made.id, 1))) is None
    left = dispatch(here.administrator.actor, RemindInvitations(invitations=[made.id])).left_out
    assert [one.why for one in left] == ["over"]


def test_a_list_is_looked_at_row_by_row_and_sent_once() -> None:
    here = team("cpts")
    member = Person.objects.get(pk=here.practitioner.id).email
    dispatch(here.administrator.actor, inviting(here, email="deja@exemple.fr"))
    rows = [
        InvitationRow(email="un@exemple.fr", first_name="Maïwenn", last_name="Coatarmanac’h"),
        InvitationRow(email="un@exemple"),
        InvitationRow(email="UN@exemple.fr"),
        InvitationRow(email=member),
        InvitationRow(email="deja@exemple.fr"),
        InvitationRow(email="deux@exemple.fr", last_name='=HYPERLINK("x")'),
        InvitationRow(email="trois@exemple.fr", last_name="L3 Goff"),
        InvitationRow(email="quatre@exemple.fr", function="chef"),
        InvitationRow(email="cinq@exemple.fr", function="assistant"),
    ]
    command = ImportInvitations(id=uuid7(), organisation=here.id, rows=rows, preview=True)
    seen = dispatch(here.administrator.actor, command)
    assert (seen.ready, [(one.row, one.why) for one in seen.refused]) == (
        2,
        [
            (1, "incomplete_email"),
            (2, "twice_in_the_list"),
            (3, "already_member"),
            (4, "already_invited"),
            (5, "formula"),
            (6, "not_a_name"),
            (7, "unknown_function"),
        ],
    )
    assert Invitation.objects.count() == 1
    sent = ImportInvitations(id=uuid7(), organisation=here.id, rows=rows)
    first = dispatch(here.administrator.actor, sent)
    again = dispatch(here.administrator.actor, sent)
    assert (first.ready, first.refused) == (seen.ready, seen.refused) == (again.ready, again.refused)
    assert Invitation.objects.count() == 3
    assert {one.to for one in mails()} == {"deja@exemple.fr", "un@exemple.fr", "cinq@exemple.fr"}


def test_links_in_the_words_of_whoever_invites_are_refused() -> None:
    assert reason(team().administrator, inviting(team(), note="Voyez https://exemple.fr")) == "not_found"
    here = team()
    for note in ("Voyez https://exemple.fr", "www.exemple.fr"):
        assert reason(here.administrator, inviting(here, note=note)) == "invalid"


def test_an_account_that_was_prepared_is_opened_by_its_link_with_what_was_prepared() -> None:
    here = team()
    agenda = here.agenda()
    here.give(here.owner, here.secretary, agenda, "book")
    command = preparing(here, clone_from=here.secretary.id)
    shown = dispatch(here.owner.actor, command).member
    assert (shown.state, shown.person, shown.invitation) == ("invited", None, command.id)
    here.give(here.owner, here.secretary, agenda, "none")
    page = dispatch(here.owner.actor, ListMembers(organisation=here.id))
    assert (page.members[-1].email, page.invited) == ("clara@exemple.fr", 1)
    [mail] = mails()
    secret = mail.text.partition("/activation#")[2].split()[0]
    seen = post("invitation", token=secret).json()["data"]
    assert (seen["state"], seen["organisation"], seen.get("known")) == ("open", here.organisation.name, None)
    made = opening(secret)
    assert made.status_code == 200, made.content
    person = Person.objects.get(email="clara@exemple.fr")
    assert made.json()["data"]["user"]["id"] == str(person.pk)
    assert person.check_password(PASSWORD)
    assert (person.verification_method, person.vouched_by_id) == ("vouched", here.owner.id)
    mine = Membership.objects.get(person=person)
    assert (mine.function, mine.vouched_by_id) == ("secretary", here.owner.id)
    assert Right.objects.get(person=person, resource=agenda).level == "book", "as it was when it was cloned"
    assert opening(secret).status_code == 409
    assert post("invitation", token=secret).json()["data"]["state"] == "used"


def test_the_answer_is_the_same_for_an_address_that_has_an_account_whose_owner_is_asked() -> None:
    here = team()
    clara = addressed("clara@exemple.fr")
    known, fresh = preparing(here), preparing(here, email="fresh@exemple.fr")
    answers = [dispatch(here.owner.actor, one).member for one in (known, fresh)]
    assert {(one.state, one.person) for one in answers} == {("invited", None)}
    secret = token(known.id, 1)
    assert post("invitation", token=secret).json()["data"]["known"] is True
    assert opening(secret).json()["errors"][0]["state"] == "known"
    assert reason(account(), AcceptInvitation(token=secret)) == "invitation_over", "it is for one address alone"
    assert dispatch(clara.actor, AcceptInvitation(token=secret)).state == "joined"


def test_a_practitioner_and_whoever_has_a_number_is_not_vouched_for() -> None:
    here = team()
    for number, fields in enumerate(({"function": "practitioner"}, {"rpps": "10101010101"})):
        command = preparing(here, email=f"pro{number}@exemple.fr", **fields)
        dispatch(here.owner.actor, command)
        assert opening(token(command.id, 1)).status_code == 200
        person = Person.objects.get(email=f"pro{number}@exemple.fr")
        assert person.verified_at is None
        assert Membership.objects.get(person=person).vouched_by_id is None


def test_where_a_document_is_asked_for_vouching_opens_nothing_yet() -> None:
    here = team()
    here.rule("owners", demands_document=True)
    command = preparing(here)
    dispatch(here.owner.actor, command)
    assert opening(token(command.id, 1)).status_code == 200
    person = Person.objects.get(email="clara@exemple.fr")
    assert (person.verified_at, Membership.objects.get(person=person).vouched_by_id) == (None, here.owner.id)


def test_nobody_prepares_more_than_they_hold() -> None:
    here = team("establishment")
    agenda = here.agenda()
    right = [AgendaRight(agenda=agenda, level="read")]
    assert reason(here.administrator, preparing(here, agendas=right)) == "more_than_held"
    assert reason(here.administrator, preparing(here, administrator=True)) == "forbidden"
    assert reason(here.owner, preparing(here, agendas=right, administrator=True)) is None


def test_what_may_no_longer_be_given_is_not_given_when_the_account_is_opened() -> None:
    here = team("establishment")
    agenda = here.agenda()
    Right.objects.create(person_id=here.administrator.id, resource_id=agenda, level="book")
    command = preparing(here, agendas=[AgendaRight(agenda=agenda, level="book")])
    dispatch(here.administrator.actor, command)
    Right.objects.filter(person=here.administrator.id).update(level="busy")
    clara = addressed("clara@exemple.fr")
    assert dispatch(clara.actor, taking_up(command.id)).state == "joined"
    assert level(clara, agenda) is None


def test_whoever_no_longer_owns_makes_no_administrator_by_an_account_prepared_before() -> None:
    here = team()
    other = join(here.organisation, owner=True, administrator=True)
    first, second = (preparing(here, email=f"{name}@exemple.fr", administrator=True) for name in ("clara", "perig"))
    for command in (first, second):
        dispatch(other.actor, command)
    clara, perig = addressed("clara@exemple.fr"), addressed("perig@exemple.fr")
    assert dispatch(clara.actor, taking_up(first.id)).state == "joined"
    assert Membership.objects.get(person=clara.id).administrator
    assert reason(here.owner, UpdateMembership(organisation=here.id, person=other.id, owner=False)) is None
    assert dispatch(perig.actor, taking_up(second.id)).state == "joined"
    assert not Membership.objects.get(person=perig.id).administrator


def test_a_password_that_is_too_weak_opens_nothing() -> None:
    here = team()
    command = preparing(here)
    dispatch(here.owner.actor, command)
    assert opening(token(command.id, 1), password="court").status_code == 400
    assert opening(token(command.id, 1), terms="2020-01").status_code == 400
    assert not Person.objects.filter(email="clara@exemple.fr").exists()


def test_an_invitation_goes_to_ten_addresses_at_most() -> None:
    here = team()
    made = dispatch(here.administrator.actor, inviting(here)).invitation
    corrections = [CorrectInvitation(invitation=made.id, email=f"x{number}@exemple.fr") for number in range(10)]
    assert [reason(here.administrator, one) for one in corrections] == [None] * 9 + ["rate_limited"]


def test_one_person_invites_so_many_in_a_day() -> None:
    here = team()
    first = dispatch(here.administrator.actor, inviting(here)).invitation
    model = Invitation.objects.get(pk=first.id)

    def more(count: int) -> None:
        for _ in range(count):
            model.pk, model.token_digest, model.email = uuid7(), uuid7().bytes, f"{uuid7()}@exemple.fr"
            model.save(force_insert=True)

    row = InvitationRow(email="liste@exemple.fr")
    more(998)
    assert reason(here.administrator, preparing(here, email="mille@exemple.fr")) is None
    for command in (
        preparing(here, email="un@exemple.fr"),
        inviting(here, email="deux@exemple.fr"),
        ImportInvitations(id=uuid7(), organisation=here.id, rows=[row]),
    ):
        assert reason(here.administrator, command) == "rate_limited"
    ada = account()
    alone = [CreateInvitation(id=uuid7(), email=f"x{number}@exemple.fr") for number in range(51)]
    assert [reason(ada, one) for one in alone] == [None] * 50 + ["rate_limited"]


def test_links_are_not_tried_without_end() -> None:
    cache.clear()
    answers = [post("invitation", token="x" * 43).status_code for _ in range(61)]
    assert answers == [404] * 60 + [429]
    cache.clear()


def test_an_invitation_lasts_for_ninety_days_at_most() -> None:
    from server.kernel import clock

    here = team()
    for days, wanted in ((89, None), (91, "invalid"), (-1, "invalid")):
        command = inviting(here, email=None, expires_at=clock.now() + timedelta(days=days))
        assert reason(here.administrator, command) == wanted
