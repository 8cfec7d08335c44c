"""Every change upgrades a database that holds data: nothing in it is lost, and all of it can still be read."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from pytest_django import DjangoDbBlocker

from identity.accounts.access import acting
from identity.accounts.models import Person
from identity.patients import queries as patients
from identity.patients.models import CareLink, Patient
from identity.patients.wire import SearchPatients
from referral.scheduling.models import Agenda, VisitReason
from server.kernel import audit
from server.kernel.dispatch import dispatch
from team.conversations.models import Conversation
from team.conversations.wire import ListConversations
from team.messages.wire import GetHistory
from tests.asgi_server import database
from tests.upgrade import baseline


@pytest.fixture(scope="module")
def upgraded(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database of the baseline, brought to the tables of today; it is the default one for as long as this module."""
    with database(os.environ["DATABASE_URL"]) as address, django_db_blocker.unblock():
        name = address.rpartition("/")[2].partition("?")[0]
        default = connections["default"]
        default.close()
        before = default.settings_dict["NAME"]
        default.settings_dict["NAME"] = name
        try:
            executor = MigrationExecutor(default)
            others = [node for node in executor.loader.graph.leaf_nodes() if node[0] not in baseline.APPS]
            executor.migrate([*others, *baseline.last_migrations().items()])
            default.close()
            with psycopg.connect(address) as connection:
                baseline.restore(connection)
            with default.cursor() as cursor:
                # What an earlier version let in.
                cursor.execute("UPDATE referral_agenda SET step_minutes = 1")
                cursor.execute("UPDATE referral_visitreason SET minutes = 2 WHERE position = 0")
            call_command("migrate", verbosity=0)
            yield
        finally:
            default.close()
            default.settings_dict["NAME"] = before


@pytest.mark.django_db
def test_no_model_lacks_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.usefixtures("upgraded")
def test_steps_and_visits_of_less_than_five_minutes_are_five_minutes_long() -> None:
    assert set(Agenda.objects.values_list("step_minutes", flat=True)) == {5}
    minutes = list(VisitReason.objects.values_list("minutes", flat=True))
    assert min(minutes) == 5
    assert max(minutes) > 5


@pytest.mark.usefixtures("upgraded")
def test_what_people_wrote_can_still_be_read() -> None:
    people = Person.objects.exclude(verified_at=None)
    read = 0
    for person in people:
        for conversation in dispatch(acting(person), ListConversations()).conversations:
            history = dispatch(acting(person), GetHistory(conversation=conversation.id))
            assert all(message.body for message in history.messages)
            read += len(history.messages)
    assert Conversation.objects.count() > 1
    assert read > 10


@pytest.mark.usefixtures("upgraded")
def test_patients_are_found_by_any_spelling_of_their_names() -> None:
    looked_for = 0
    for row in Patient.objects.all():
        form = patients.opened(row)
        assert form is not None
        link = CareLink.objects.exclude(person=None).filter(patient=row, person__suspended_at=None)[0]
        assert link.person is not None
        reader = acting(link.person)
        for name in (form.family_name, form.birth_name or form.family_name):
            for spelling in (name, name.upper().replace(" ", "-"), name.replace(" ", "").replace("-", "")):
                command = SearchPatients(family_name=spelling, birth_date=form.birth_date)
                assert row.id in {one.id for one in dispatch(reader, command).patients}, spelling
                looked_for += 1
    assert looked_for > 10


@pytest.mark.usefixtures("upgraded")
def test_the_audit_still_verifies() -> None:
    report = audit.verify()
    assert report.links > 10
    assert report.broken == []
