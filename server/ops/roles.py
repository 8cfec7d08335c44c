"""Two roles in PostgreSQL: one owns the tables and migrates, the other runs Relais and cannot change the audit log.

`grant` gives the running role all that it needs, and of the audit log reading and adding alone. Later tables of the
owner are covered by default privileges; the audit's own months are made without any (`kernel_audit_partitions`).
"""

from __future__ import annotations

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

AUDIT = ("kernel_auditlink", "kernel_auditanchor")
CHANGING = ("UPDATE", "DELETE", "TRUNCATE")

_GRANTS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE ALL ON {audit} FROM {role};
GRANT SELECT, INSERT ON {parents} TO {role};
GRANT SELECT ON kernel_auditlink_other TO {role};
GRANT EXECUTE ON FUNCTION kernel_audit_partitions() TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
"""


def grant(owner: BaseDatabaseWrapper, role: str) -> None:
    """Gives `role` what running Relais needs, in one transaction: the audit log is never open in between."""
    tables = audit_tables(owner)
    statement = sql.SQL(_GRANTS).format(
        role=sql.Identifier(role),
        audit=sql.SQL(", ").join(map(sql.Identifier, tables)),
        parents=sql.SQL(", ").join(map(sql.Identifier, AUDIT)),
    )
    with transaction.atomic(using=owner.alias), owner.cursor() as cursor:
        cursor.execute(statement.as_string(owner.connection))


def audit_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """The audit's tables, each month included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::text FROM pg_partition_tree(%s::regclass) UNION SELECT %s", [AUDIT[0], AUDIT[1]])
        return sorted(row[0] for row in cursor.fetchall())


def can_change_audit(connection: BaseDatabaseWrapper) -> bool:
    """Whether the connected role could change or remove an entry, or become a role that can."""
    tables = audit_tables(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(has_table_privilege(audit, privilege))"
            " OR bool_or(pg_has_role((SELECT relowner FROM pg_class WHERE oid = audit::regclass), 'MEMBER'))"
            " FROM unnest(%s::text[]) AS audit, unnest(%s::text[]) AS privilege",
            [tables, list(CHANGING)],
        )
        [found] = cursor.fetchone()
    return bool(found)
