"""Finding organisations: two of one name are told apart, and services are found as such."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.directory.wire import SearchDirectory
from identity.organisations.models import Organisation, Site
from identity.organisations.views import search_name
from identity.organisations.wire_organisations import SearchOrganisations
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.handshake import Client, Hello
from tests.factories import account
from tests.identity.organisations.people import join

pytestmark = pytest.mark.django_db


def organisation(name: str, kind: str = "practice", city: str = "", parent: Organisation | None = None) -> Organisation:
    made = Organisation.objects.create(
        id=uuid7(), name=name, search_name=search_name(name), kind=kind, parent=parent, created_at=datetime.now(UTC)
    )
    if city:
        where = {"address": "3 quai des Tanneurs", "postal_code": "35600", "city": city}
        Site.objects.create(id=uuid7(), organisation=made, name=name, **where)
    return made


def found(text: str) -> list[Any]:
    hits: list[Any] = dispatch(account().actor, SearchOrganisations(text=text)).organisations
    return hits


def test_two_organisations_of_one_name_say_where_they_are() -> None:
    for city in ("Redon", "Vitré"):
        organisation("Cabinet des Lices", city=city)
    hits = found("lices")
    assert {(one.name, one.city) for one in hits} == {("Cabinet des Lices", "Redon"), ("Cabinet des Lices", "Vitré")}
    assert {(one.address, one.postal_code) for one in hits} == {("3 quai des Tanneurs", "35600")}


def test_a_service_is_found_by_its_name_with_its_establishments_and_stands_where_that_is() -> None:
    hospital = organisation("Hôpital Sainte-Anne-d’Auray", "establishment", city="Redon")
    Organisation.objects.filter(pk=hospital.pk).update(phone="+33299712345")
    service = organisation("Cardiologie", "service", parent=hospital)
    organisation("Cardiologie", "service", parent=organisation("Clinique du Marais", "establishment", city="Vannes"))
    [hit] = found("cardio sainte anne")
    assert (hit.id, hit.parent, hit.parent_name) == (service.pk, hospital.pk, hospital.name)
    assert (hit.city, hit.phone) == ("Redon", "+33299712345")
    assert len(found("cardiologie")) == 2
    assert [one.kind for one in found("sainte anne")] == ["establishment"], (
        "by its establishment's name alone it is not"
    )


def test_the_directory_shows_services_of_that_name_first_and_once() -> None:
    hospital = organisation("Centre de cardiologie", "establishment", city="Redon")
    service = organisation("Cardiologie", "service", parent=hospital)
    for number in range(6):
        organisation(f"Cabinet de cardiologie {number}", city="Redon")
    who = account()
    hits = dispatch(who.actor, SearchDirectory(text="cardiologie")).organisations
    assert len(hits) == 5
    assert hits[0].id == service.pk
    assert dispatch(who.actor, SearchDirectory(speciality="cardiologie")).organisations == []


def test_the_number_of_statements_does_not_grow_with_what_is_found() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            found("maison")
        return len(captured)

    hospital = organisation("Maison de santé", "establishment", city="Redon")
    organisation("Maison médicale", "service", parent=hospital)
    queries()
    before = queries()
    for number in range(5):
        organisation(f"Maison de santé {number}", city="Vannes")
        organisation(f"Maison {number}", "service", parent=organisation(f"Clinique {number}", "establishment", "Redon"))
    assert queries() == before


def test_the_greeting_tells_organisations_of_one_name_apart() -> None:
    who = account()
    for city in ("Redon", "Vitré"):
        join(organisation("Cabinet des Lices", city=city), who=who)
    hospital = organisation("Hôpital Sainte-Anne", "establishment", city="Vannes")
    join(organisation("Cardiologie", "service", parent=hospital), who=who)
    greeted: Any = dispatch(who.actor, Hello(protocol=1, client=Client(name="t"))).me
    assert {(one.name, one.city, one.parent_name) for one in greeted.organisations} == {
        ("Cabinet des Lices", "Redon", None),
        ("Cabinet des Lices", "Vitré", None),
        ("Cardiologie", "Vannes", "Hôpital Sainte-Anne"),
    }
