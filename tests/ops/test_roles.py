"""The role that runs Relais adds to the audit log and reads it; it cannot change or remove an entry."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.db import connection
from psycopg.errors import InsufficientPrivilege

from server.kernel import audit
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import AuditLink
from server.kernel.tasks import anchor_audit, make_audit_partitions
from server.ops import roles
from server.ops.checks import findings
from team.messages.wire import SendMessage
from tests.factories import account, direct

pytestmark = pytest.mark.django_db(transaction=True)


def running_role() -> tuple[str, str]:
    parts = urlsplit(os.environ["TEST_RUNNING_ROLE_URL"])
    return unquote(parts.username or ""), unquote(parts.password or "")


@pytest.fixture
def running(db: None) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the running role, after its rights were given twice."""
    user, password = running_role()
    for _ in range(2):
        roles.grant(connection, user)
    name = connection.settings_dict["NAME"]
    url = os.environ["TEST_RUNNING_ROLE_URL"]
    with psycopg.connect(url, dbname=name, user=user, password=password, autocommit=True) as opened:
        yield opened


@pytest.fixture
def as_running_role(running: psycopg.Connection[Any]) -> Iterator[None]:
    """Everything in this process is done as the running role."""
    owner = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict["USER"], connection.settings_dict["PASSWORD"] = running_role()
    yield
    connection.close()
    connection.settings_dict.update(owner)


def tables(opened: psycopg.Connection[Any]) -> list[str]:
    rows = opened.execute("SELECT relid::text FROM pg_partition_tree('kernel_auditlink')").fetchall()
    return ["kernel_auditanchor", *(row[0] for row in rows)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET digest = digest",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} ALTER COLUMN digest DROP NOT NULL",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {}",
        "CREATE INDEX ON {} (digest)",
    ],
)
def test_the_running_role_is_refused(running: psycopg.Connection[Any], statement: str) -> None:
    found = tables(running)
    assert len(found) == 7
    for table in found:
        with pytest.raises(InsufficientPrivilege):
            running.execute(statement.format(table))


def test_no_month_can_be_written_to_directly_nor_taken_out(running: psycopg.Connection[Any]) -> None:
    for table in tables(running)[2:]:
        with pytest.raises(InsufficientPrivilege):
            running.execute(f"INSERT INTO {table} SELECT * FROM kernel_auditlink LIMIT 1")
        with pytest.raises(InsufficientPrivilege):
            running.execute(f"ALTER TABLE kernel_auditlink DETACH PARTITION {table}")
    for words in ("SET ROLE relais_owner", "CREATE TABLE mine ()", "SET session_replication_role = replica"):
        with pytest.raises(InsufficientPrivilege):
            running.execute(words)


@pytest.mark.usefixtures("as_running_role")
def test_the_running_role_can_do_all_that_relais_does() -> None:
    ada, grace = account(), account()
    dispatch(ada.actor, SendMessage(id=uuid7(), conversation=direct(ada, grace), body="Bonjour"))
    anchor_audit()
    make_audit_partitions()
    assert AuditLink.objects.exists()
    assert not audit.verify().broken
    assert not roles.can_change_audit(connection)
    assert not [finding for finding in findings() if "audit" in finding.text and finding.severity == "wrong"]


def test_a_month_that_is_made_later_is_as_closed(running: psycopg.Connection[Any]) -> None:
    name = tables(running)[-2]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {name}")
        cursor.execute("CREATE TABLE later (id int)")
    running.execute("SELECT kernel_audit_partitions()")
    for words in ("SELECT FROM {}", "DELETE FROM {}"):
        with pytest.raises(InsufficientPrivilege):
            running.execute(words.format(name))
    running.execute("DELETE FROM later")  # a later table of any other kind is covered by default privileges
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE later")


def test_with_one_role_for_everything_the_check_says_so() -> None:
    assert roles.can_change_audit(connection)
    said = [finding.text for finding in findings() if finding.severity == "wrong"]
    assert any("DATABASE_OWNER_URL" in text for text in said)
