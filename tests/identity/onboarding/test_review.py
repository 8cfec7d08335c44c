"""Two moderators agree before anything opens or closes; nobody decides on themselves."""

from __future__ import annotations

import json

import pytest

from identity.accounts.access import acting
from identity.accounts.internal_commands import AddModerator, RemoveModerator, WithdrawVerification
from identity.accounts.models import MODERATORS, Person
from identity.accounts.refusals import NotVerified
from identity.authentication.access import authenticate
from identity.authentication.credentials import issue_token
from identity.onboarding import deciding
from identity.onboarding.models import Verification
from identity.onboarding.wire import (
    AppealVerification,
    DecideResult,
    DecideVerification,
    Decision,
    DecisionReason,
    GetVerification,
    ListQueue,
    StartVerification,
    StateStatement,
    VerificationView,
)
from identity.sessions.models import Session
from server.kernel import authentication
from server.kernel.authentication import SYSTEM, Bearer
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import AuditLink, WorkItem
from server.kernel.wire.errors import Conflict, Forbidden, Invalid, InvalidState, NotFound
from server.kernel.work.queries import Scope, waiting
from tests.identity.conftest import MakePerson
from tests.identity.onboarding.conftest import ROZENN, RPPS, Later, mails, take_steps
from tests.stand_ins.onfido import Onfido

pytestmark = pytest.mark.django_db

KERJEAN = {**ROZENN, "last_name": "KERJEAN", "spouse_name": "TADVILLIERS"}


def to_review(person: Person, onfido: Onfido, later: Later) -> Verification:
    """A verification of somebody that moderators have."""
    row = uuid7()
    dispatch(acting(Person.objects.get(pk=person.pk)), StartVerification(id=row, by="document"))
    take_steps()
    onfido.end(document=KERJEAN)
    later(minutes=2)
    take_steps()
    found = Verification.objects.get(pk=row)
    assert found.state == "in_review"
    return found


def decide(
    moderator: Person,
    verification: Verification,
    decision: Decision = "accept",
    reason: DecisionReason = "used_name_proven",
    note: str = "",
) -> DecideResult:
    command = DecideVerification(verification=verification.pk, decision=decision, reason=reason, note=note)
    return dispatch(acting(moderator), command)


def state(person: Person) -> VerificationView:
    return dispatch(acting(Person.objects.get(pk=person.pk)), GetVerification()).verification


def test_two_moderators_accept_and_the_second_sees_the_first_ones_opinion(
    rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later
) -> None:
    row = to_review(rozenn, onfido, later)
    first, second, _ = moderators
    [item] = dispatch(acting(first), ListQueue()).items
    assert (item.name, item.reason, item.attempt) == ("Rozenn Tadvilliers", "last_name_close", 1)
    last, given, profession, number = item.comparison
    assert (last.declared, last.document, last.register) == ("Tadvilliers", "KERJEAN, TADVILLIERS", "Tadvilliers")
    assert (last.likeness, given.likeness, profession.likeness, number.likeness) == ("close", *["identical"] * 3)
    assert {one.kind: one.reference for one in item.evidence}["run"] == onfido.runs[-1]
    after = decide(first, row, note="Passeport : nom d'usage en page 2.").item
    assert (after.state, after.opinions[0].mine) == ("in_review", True)
    assert Person.objects.get(pk=rozenn.pk).verified_at is None
    [seen] = dispatch(acting(second), ListQueue()).items
    assert (seen.opinions[0].by, seen.opinions[0].note) == ("Hélène Vauquier", "Passeport : nom d'usage en page 2.")
    assert not seen.opinions[0].mine
    assert decide(second, row).item.state == "verified"
    proven = Person.objects.get(pk=rozenn.pk)
    assert (proven.verification_method, proven.national_id) == ("document", f"8{RPPS}")
    assert [mail.subject for mail in mails()] == ["Votre vérification est relue", "Votre identité est vérifiée"]
    assert dispatch(acting(first), ListQueue()).items == []
    [decided] = dispatch(acting(first), ListQueue(decided=True)).items
    assert len(decided.opinions) == 2


def test_moderators_who_do_not_agree_decide_nothing(
    rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later
) -> None:
    row = to_review(rozenn, onfido, later)
    decide(moderators[0], row)
    assert decide(moderators[1], row, "refuse", "name_differs").item.state == "in_review"
    assert decide(moderators[2], row, "refuse", "name_differs").item.state == "refused"
    shown = state(rozenn)
    assert (shown.state, shown.reason, shown.may_retry, shown.may_appeal) == ("refused", "name_differs", True, True)
    assert shown.names is not None
    assert (shown.names.document, shown.names.register) == ("KERJEAN, TADVILLIERS", "Tadvilliers")
    assert shown.erased_at is not None


def test_one_moderator_is_not_two(rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later) -> None:
    row = to_review(rozenn, onfido, later)
    for _ in range(2):
        decided = decide(moderators[0], row).item
    assert (decided.state, len(decided.opinions)) == ("in_review", 1)
    changed = decide(moderators[0], row, "refuse", "name_differs").item
    assert [one.decision for one in changed.opinions] == ["refuse"]


def test_one_opinion_is_enough_where_the_deployment_says_so(
    rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later, settings: object
) -> None:
    settings.RELAIS_REVIEW_OPINIONS = 1  # type: ignore[attr-defined]  # the fixture takes any setting
    row = to_review(rozenn, onfido, later)
    assert decide(moderators[0], row).item.state == "verified"
    assert decide(moderators[0], row).item.state == "verified", "sent again, it has one effect"
    with pytest.raises(InvalidState):
        decide(moderators[1], row, "refuse", "name_differs")


def test_nobody_decides_on_themselves(
    rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later, settings: object
) -> None:
    settings.RELAIS_REVIEW_OPINIONS = 1  # type: ignore[attr-defined]  # the fixture takes any setting
    row = to_review(rozenn, onfido, later)
    # A moderator whose entry left the register proves themselves again.
    Person.objects.filter(pk=rozenn.pk).update(verified_at=row.created_at, verification_method="command")
    dispatch(SYSTEM, AddModerator(person=rozenn.pk))
    [item] = dispatch(acting(Person.objects.get(pk=rozenn.pk)), ListQueue()).items
    assert item.abilities == []
    with pytest.raises(Forbidden):
        decide(Person.objects.get(pk=rozenn.pk), row)
    with pytest.raises(Forbidden):
        dispatch(acting(Person.objects.get(pk=rozenn.pk)), StateStatement(person=rozenn.pk, statement="suspended"))


def test_only_moderators_see_the_queue(
    rozenn: Person, moderators: list[Person], make_person: MakePerson, onfido: Onfido, later: Later
) -> None:
    row = to_review(rozenn, onfido, later)
    colleague = make_person("Belkhadra")
    with pytest.raises(Forbidden):
        dispatch(acting(colleague), ListQueue())
    with pytest.raises(Forbidden):
        decide(colleague, row)
    dispatch(SYSTEM, RemoveModerator(person=moderators[0].pk))
    with pytest.raises(Forbidden):
        decide(Person.objects.get(pk=moderators[0].pk), row)
    with pytest.raises(NotFound):
        decide(moderators[1], Verification(id=uuid7()))


def test_a_moderator_counts_from_the_next_command_on_and_only_while_verified(make_person: MakePerson) -> None:
    person = make_person("Corlay")
    found = authenticate(Bearer(issue_token(person.email)))
    assert isinstance(found, authentication.Person)
    with pytest.raises(Forbidden):
        dispatch(found, ListQueue())
    dispatch(SYSTEM, AddModerator(person=person.pk))
    assert dispatch(found, ListQueue()).items == []
    dispatch(SYSTEM, WithdrawVerification(person=person.pk))
    with pytest.raises(NotVerified):
        dispatch(found, ListQueue())


def test_a_reason_goes_with_its_decision(
    rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later
) -> None:
    row = to_review(rozenn, onfido, later)
    with pytest.raises(Invalid):
        decide(moderators[0], row, "accept", "forged_document")


def test_asked_again_the_person_begins_anew_and_it_counts(
    rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later
) -> None:
    row = to_review(rozenn, onfido, later)
    for moderator in moderators[:2]:
        decide(moderator, row, "ask_again", "unreadable")
    shown = state(rozenn)
    assert (shown.state, shown.reason, shown.may_retry) == ("awaiting_person", "ask_again", True)
    assert mails()[-1].subject == "Il manque quelque chose à votre vérification"
    again = to_review(rozenn, onfido, later)
    assert (again.attempt, again.opinions.count()) == (2, 0)


def test_a_number_that_somebody_has_meanwhile_is_not_given_twice(
    rozenn: Person, moderators: list[Person], make_person: MakePerson, onfido: Onfido, later: Later
) -> None:
    row = to_review(rozenn, onfido, later)
    decide(moderators[0], row)
    make_person("Autre", national_id=f"8{RPPS}")
    with pytest.raises(Conflict):
        decide(moderators[1], row)
    assert state(rozenn).state == "in_review"
    [item] = dispatch(acting(moderators[1]), ListQueue()).items
    assert item.comparison[3].likeness == "different"
    assert len(item.opinions) == 1


def test_a_refusal_is_appealed_against_once_and_the_opinions_begin_anew(
    rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later
) -> None:
    row = to_review(rozenn, onfido, later)
    for moderator in moderators[:2]:
        decide(moderator, row, "refuse", "name_differs")
    me = acting(Person.objects.get(pk=rozenn.pk))
    assert dispatch(me, AppealVerification(note="C'est mon nom de naissance.")).verification.state == "in_review"
    [item] = dispatch(acting(moderators[2]), ListQueue()).items
    assert (item.appeal, item.reason, item.opinions) == ("C'est mon nom de naissance.", "appeal", [])
    for moderator in moderators[:2]:
        decide(moderator, row, "refuse", "name_differs")
    with pytest.raises(InvalidState):
        dispatch(me, AppealVerification())


def test_a_forged_document_ends_it(rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later) -> None:
    row = to_review(rozenn, onfido, later)
    for moderator in moderators[:2]:
        decide(moderator, row, "refuse", "forged_document")
    assert (state(rozenn).may_retry, state(rozenn).may_appeal) == (False, True)
    with pytest.raises(InvalidState):
        dispatch(acting(rozenn), StartVerification(id=uuid7(), by="document"))


def test_it_waits_as_work_for_moderators_until_it_is_decided(
    rozenn: Person, moderators: list[Person], make_person: MakePerson, onfido: Onfido, later: Later
) -> None:
    row = to_review(rozenn, onfido, later)
    desk = Scope(organisations=[MODERATORS])
    now = row.created_at
    [one] = waiting(acting(moderators[0]), desk, [deciding.WORK], 10, now).items
    assert (one.item.subject, one.description.abilities) == (row.pk, ["decide"])
    assert waiting(acting(make_person("Belkhadra")), desk, [deciding.WORK], 10, now).items == []
    for moderator in moderators[:2]:
        decide(moderator, row)
    assert WorkItem.objects.get().outcome == "done"


def test_the_queue_is_paged_the_oldest_first(
    rozenn: Person, moderators: list[Person], make_person: MakePerson, onfido: Onfido, later: Later
) -> None:
    others = [make_person(name, verified=False) for name in ("Premier", "Second")]
    rows = [to_review(person, onfido, later) for person in (rozenn, *others)]
    shown, cursor = [], None
    for _ in range(3):
        page = dispatch(acting(moderators[0]), ListQueue(limit=1, cursor=cursor))
        shown += [item.verification for item in page.items]
        cursor = page.cursor
    assert shown == [row.pk for row in rows]
    assert cursor is None
    with pytest.raises(Invalid):
        dispatch(acting(moderators[0]), ListQueue(cursor="x"))


def test_a_statement_ends_verification_and_sessions_at_once(
    rozenn: Person, moderators: list[Person], make_person: MakePerson
) -> None:
    doctor = make_person("Belkhadra", national_id="810101010101")
    issue_token(doctor.email)
    dispatch(acting(moderators[0]), StateStatement(person=doctor.pk, statement="struck_off"))
    after = Person.objects.get(pk=doctor.pk)
    assert (after.verified_at, after.withdrawn_reason) == (None, "struck_off")
    assert not Session.objects.filter(person=doctor, ended_at=None).exists()
    shown = state(doctor)
    assert (shown.state, shown.reason, shown.may_retry) == ("refused", "struck_off", False)
    assert [mail.subject for mail in mails()] == ["Votre accès à Relais est fermé"]
    entries = [one for text in AuditLink.objects.values_list("entries", flat=True) for one in json.loads(text)]
    assert [one["reason"] for one in entries if one["act"] == "verification.withdrawn"] == ["struck_off"]


def test_who_reads_the_queue_is_in_the_audit(
    rozenn: Person, moderators: list[Person], onfido: Onfido, later: Later
) -> None:
    to_review(rozenn, onfido, later)
    dispatch(acting(moderators[0]), ListQueue())
    entries = [one for text in AuditLink.objects.values_list("entries", flat=True) for one in json.loads(text)]
    assert [one["subject"] for one in entries if one["act"] == "verification.read"] == [str(rozenn.pk)]
