"""Founding organisations, their settings, sites and services."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from identity.accounts.access import acting
from identity.accounts.models import MODERATORS, Person
from identity.organisations import founding as founding_rules
from identity.organisations.finess import finess
from identity.organisations.models import Membership, Organisation, Resource
from identity.organisations.views import CLAIM
from identity.organisations.wire_organisations import (
    AppointMember,
    ClaimOrganisation,
    CreateOrganisation,
    CreateService,
    CreateSite,
    GetOrganisation,
    HoursForm,
    ListClaims,
    SearchOrganisations,
    SiteForm,
    UpdateOrganisation,
    UpdateSite,
)
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import WorkItem
from server.kernel.wire.errors import Invalid
from server.kernel.work.queries import Scope, waiting
from tests.factories import account
from tests.identity.organisations.people import join, reason, team

pytestmark = pytest.mark.django_db

FINESS = "350000121"


def founding(**fields: Any) -> CreateOrganisation:
    given: dict[str, Any] = {"id": uuid7(), "name": "Cabinet de l’Étoile", "kind": "practice", **fields}
    return CreateOrganisation(**given)


def test_a_verified_practitioner_founds_a_practice_and_owns_it() -> None:
    ada = account()
    command = founding(finess=FINESS, site=SiteForm(id=uuid7(), name="Redon", postal_code="35600"))
    made = dispatch(ada.actor, command).organisation
    assert (made.kind, made.finess, [one.name for one in made.sites]) == ("practice", FINESS, ["Redon"])
    assert made.settings is not None
    assert made.settings.access_rule == "owners"
    assert {"settings", "rules", "manage_owners", "vouch"} <= set(made.abilities)
    mine = Membership.objects.get(person=ada.id, organisation=command.id)
    assert (mine.owner, mine.administrator, mine.function) == (True, True, "practitioner")
    assert dispatch(ada.actor, command).organisation == made
    assert reason(ada, founding(id=command.id, name="Autre")) == "id_taken"


def test_only_a_practitioner_founds_and_only_a_practice() -> None:
    secretary = account()
    Person.objects.filter(pk=secretary.id).update(function="secretary")
    assert reason(secretary, founding()) == "forbidden"
    assert reason(account(verified=False), founding()) == "not_verified"
    for kind in ("establishment", "cpts"):
        assert reason(account(), founding(kind=kind)) == "forbidden"
    assert not Organisation.objects.exists()


def test_whom_somebody_vouches_for_founds_nothing() -> None:
    here = team()
    clara = join(here.organisation, "assistant", vouched_by_id=here.owner.id)
    Person.objects.filter(pk=clara.id).update(function="practitioner")
    assert reason(clara, founding()) == "vouched_only"


def test_a_finess_stands_for_one_organisation() -> None:
    ada, grace = account(), account()
    dispatch(ada.actor, founding(finess=FINESS))
    assert reason(grace, founding(finess="35 000 0121")) == "finess_taken"
    assert reason(grace, founding(finess="350000122")) == "invalid"


def test_nobody_founds_practices_without_end() -> None:
    ada = account()
    assert [reason(ada, founding()) for _ in range(6)] == [None] * 5 + ["rate_limited"]


@pytest.mark.parametrize("number", [FINESS, "2A0000012", "0B0172805"])
def test_a_finess_is_taken_as_it_is(number: str) -> None:
    assert finess(f" {number[:2]} {number[2:]}".lower(), "$") == number


@pytest.mark.parametrize("number", ["", "35000012", "3500001211", "A50000121", "35000O121", "350000122"])
def test_what_is_no_finess_is_refused(number: str) -> None:
    with pytest.raises(Invalid):
        finess(number, "$")


def test_settings_are_changed_by_who_looks_after_the_organisation_and_its_rules_by_owners() -> None:
    here = team()
    hours = [HoursForm(weekday=0, opens="08:30", closes="19:00")]
    command = UpdateOrganisation(organisation=here.id, hours=hours, specialities=["SM54"], phone="02 99 00 12 34")
    assert reason(here.administrator, command) is None
    shown = dispatch(account().actor, GetOrganisation(organisation=here.id)).organisation
    assert (shown.hours, shown.specialities, shown.phone) == (hours, ["SM54"], "+33299001234")
    assert shown.settings is None
    assert shown.abilities == []
    for rule in ({"access_rule": "agenda_managers"}, {"own_patients_only": True}, {"schedules_shown": True}):
        rules: Any = UpdateOrganisation(organisation=here.id, **rule)
        assert reason(here.administrator, rules) == "forbidden"
        assert reason(here.owner, rules) is None
    assert reason(here.practitioner, command) == "forbidden"
    assert reason(account(), command) == "not_found"


def test_where_nobody_owns_an_administrator_decides() -> None:
    here = team("cpts")
    Membership.objects.filter(person=here.owner.id).update(owner=False)
    rule = UpdateOrganisation(organisation=here.id, access_rule="agenda_managers")
    assert reason(here.administrator, rule) is None


def test_sites_are_added_and_changed_by_who_looks_after_the_organisation() -> None:
    here = team()
    command = CreateSite(id=uuid7(), organisation=here.id, name="Pipriac", time_zone="Indian/Reunion")
    assert reason(here.practitioner, command) == "forbidden"
    made = dispatch(here.administrator.actor, command).organisation
    assert dispatch(here.administrator.actor, command).organisation == made
    renamed = dispatch(here.administrator.actor, UpdateSite(site=command.id, name="Guer", postal_code="56380"))
    [site] = renamed.organisation.sites
    assert (site.name, site.postal_code, site.time_zone) == ("Guer", "56380", "Indian/Reunion")
    assert (
        reason(here.administrator, CreateSite(id=uuid7(), organisation=here.id, name="x", time_zone="Lune"))
        == "invalid"
    )
    assert reason(account(), UpdateSite(site=command.id, name="x")) == "not_found"


def test_a_service_is_an_organisation_of_its_own_that_the_establishment_looks_after() -> None:
    here = team("establishment")
    command = CreateService(id=uuid7(), organisation=here.id, name="Cardiologie", specialities=["SM04"])
    made = dispatch(here.administrator.actor, command).organisation
    assert (made.kind, made.parent, made.parent_name) == ("service", here.id, here.organisation.name)
    assert made.profile == Resource.objects.get(organisation=command.id, kind="profile").pk
    # Whoever runs the establishment runs the service; its practitioners do not.
    assert reason(here.owner, UpdateOrganisation(organisation=command.id, name="Cardiologie et rythmologie")) is None
    assert reason(here.practitioner, UpdateOrganisation(organisation=command.id, name="x")) == "not_found"
    assert reason(team().owner, CreateService(id=uuid7(), organisation=team().id, name="x")) == "not_found"
    practice = team()
    assert reason(practice.owner, CreateService(id=uuid7(), organisation=practice.id, name="x")) == "invalid_state"


def test_an_organisation_has_so_many_sites_and_services(monkeypatch: pytest.MonkeyPatch) -> None:
    here = team("establishment")
    monkeypatch.setattr(founding_rules, "SITES", 1)
    monkeypatch.setattr(founding_rules, "SERVICES", 1)

    def new() -> tuple[CreateSite, CreateService]:
        return (
            CreateSite(id=uuid7(), organisation=here.id, name="Pipriac", time_zone="Europe/Paris"),
            CreateService(id=uuid7(), organisation=here.id, name="Cardiologie"),
        )

    first = new()
    assert [reason(here.owner, one) for one in first] == [None, None]
    assert [reason(here.owner, one) for one in new()] == ["too_large", "too_large"]
    assert [reason(here.owner, one) for one in first] == [None, None], "the same requests again add nothing"


def test_a_moderator_appoints_where_nobody_is_left_and_nowhere_else() -> None:
    here, moderator, ada = team("cpts"), account(), account()
    Person.objects.filter(pk=moderator.id).update(moderator_since=here.organisation.created_at)
    moderator = replace(moderator, actor=acting(Person.objects.get(pk=moderator.id), moderator.session))
    appoint = AppointMember(organisation=here.id, person=ada.id, owner=False)
    assert reason(moderator, appoint) == "invalid_state"
    Person.objects.filter(pk__in=[here.owner.id, here.administrator.id]).update(is_active=False)
    dispatch(here.practitioner.actor, ClaimOrganisation(organisation=here.id))
    [claim] = dispatch(moderator.actor, ListClaims()).claims
    assert (claim.organisation, claim.members) == (here.id, 4)
    # Who can act, and nobody else, practitioners first.
    assert [one.id for one in claim.people] == [here.practitioner.id, here.secretary.id]
    assert claim.people[0].badge is not None
    desk = Scope(organisations=[MODERATORS])
    [item] = waiting(moderator.actor, desk, [CLAIM], 10, datetime.now(UTC)).items
    assert (item.item.subject, item.description.abilities) == (here.id, ["appoint"])
    assert item.description.data == {"name": here.organisation.name}
    assert waiting(here.practitioner.actor, desk, [CLAIM], 10, datetime.now(UTC)).items == []
    assert reason(moderator, appoint) is None
    assert dispatch(moderator.actor, ListClaims()).claims == []
    assert Membership.objects.get(person=ada.id, organisation=here.id).administrator
    founded = dispatch(moderator.actor, founding(kind="establishment")).organisation
    assert founded.kind == "establishment"
    assert reason(here.practitioner, ListClaims()) == "not_found"
    assert reason(here.practitioner, appoint) == "not_found"


def test_whom_a_colleague_vouches_for_or_is_suspended_is_not_offered_to_be_appointed() -> None:
    here, moderator = team(), account()
    Person.objects.filter(pk=moderator.id).update(moderator_since=here.organisation.created_at)
    moderator = replace(moderator, actor=acting(Person.objects.get(pk=moderator.id), moderator.session))
    join(here.organisation, "assistant", vouched_by_id=here.owner.id)
    Person.objects.filter(pk=here.secretary.id).update(suspended_at=here.organisation.created_at)
    Person.objects.filter(pk__in=[here.owner.id, here.administrator.id]).update(is_active=False)
    dispatch(here.practitioner.actor, ClaimOrganisation(organisation=here.id))
    [claim] = dispatch(moderator.actor, ListClaims()).claims
    assert [one.id for one in claim.people] == [here.practitioner.id]


def test_organisations_are_found_by_the_beginnings_of_their_words() -> None:
    ada = account()
    made = dispatch(ada.actor, founding()).organisation
    for text in ("etoile", "CABINET l'et", "l’étoile cab"):
        [hit] = dispatch(account().actor, SearchOrganisations(text=text)).organisations
        assert hit.id == made.id
    assert dispatch(ada.actor, SearchOrganisations(text="toile")).organisations == []
    assert dispatch(ada.actor, SearchOrganisations(text="etoile", kind="cpts")).organisations == []


def test_where_nobody_is_left_a_member_asks_the_moderators_once() -> None:
    here = team()
    claim = ClaimOrganisation(organisation=here.id)
    assert reason(here.practitioner, claim) == "invalid_state"
    Person.objects.filter(pk__in=[here.owner.id, here.administrator.id]).update(is_active=False)
    for _ in range(2):
        assert reason(here.practitioner, claim) is None
    [item] = WorkItem.objects.all()
    assert (item.kind, item.subject) == ("organisation.claim", here.id)
    assert reason(account(), claim) == "not_found"
