"""Every change upgrades a database that holds data: nothing in it is lost, and all of it can still be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, time

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
from referral.scheduling.models import Agenda, Opening, VisitReason
from server.kernel import audit, vault
from server.kernel.dispatch import dispatch
from team.conversations.models import Conversation
from team.conversations.wire import ListConversations
from team.messages.wire import GetHistory
from tests.asgi_server import database
from tests.upgrade import baseline

EARLIER_OPENINGS = [
    (0, "2026-01-05", "9999-12-31", None, 1),
    (1, "1999-12-22", "2026-01-01", None, 2),
    (None, None, None, "2026-01-05", 1),
    (2, "2027-01-01", "2026-01-01", None, 1),
    (2, "2026-01-01", "2026-01-01", None, 1),
    (2, "0001-01-01", "1999-12-31", None, 3),
    (2, "9999-12-31", None, None, 1),
    (None, None, None, "9999-12-31", 1),
    (None, None, None, "0001-01-01", 1),
]
"""Weekday, since, until, day and every, of which an earlier version let all in."""


@pytest.fixture(scope="module")
def upgraded(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database of the baseline, brought to the tables of today; it is the default one for as long as this module."""
    with database(os.environ["DATABASE_URL"], empty=True) as address, django_db_blocker.unblock():
        name = address.rpartition("/")[2].partition("?")[0]
        default = connections["default"]
        default.close()
        before = default.settings_dict["NAME"]
        default.settings_dict["NAME"] = name
        vault.clear_cache()  # The keys of the other database are not those of this one.
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
                cursor.execute("SELECT min(resource_id::text) FROM referral_agenda")
                [agenda] = cursor.fetchone()
                cursor.executemany(
                    "INSERT INTO referral_opening (agenda_id, opens, closes, weekday, since, until, day, every)"
                    " VALUES (%s, '04:04', '04:44', %s, %s, %s, %s, %s)",
                    [(agenda, *opening) for opening in EARLIER_OPENINGS],
                )
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
def test_openings_lie_in_years_that_can_be_calculated_with() -> None:
    kept = set(Opening.objects.filter(opens=time(4, 4)).values_list("weekday", "since", "until", "day", "every"))
    assert kept == {
        (0, date(2026, 1, 5), None, None, 1),
        (1, date(2000, 1, 5), date(2026, 1, 1), None, 2),
        (None, None, None, date(2026, 1, 5), 1),
    }
    assert ((date(2000, 1, 5) - date(1999, 12, 22)).days // 7) % 2 == 0, "the same weeks are open"
    assert Opening.objects.exclude(opens=time(4, 4)).count() > 5


@pytest.mark.usefixtures("upgraded")
def test_people_keep_their_verification_and_their_address_counts_as_confirmed() -> None:
    people = Person.objects.exclude(verified_at=None)
    assert people.count() > 1
    assert not people.filter(verification_method="").exists()
    assert not Person.objects.filter(email_confirmed_at=None).exists()


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
