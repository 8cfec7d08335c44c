"""Every spelling of a name finds the same patient: the blind indexes of patients are made anew with ``identity.names``,
and so are the directory's rows of people whose names hold a letter that was not folded before.

The indexes are digests of what is sealed: each record is opened, with the keys of the vault. A record that is erased,
or does not open, can be found by no name, and keeps none. What is sealed is not changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from django.db import migrations

from identity.directory.listing import word_number
from identity.names import name_keys, surname_keys
from server.kernel import vault

BATCH = 1000
LETTERS = "[ħŧŋĸəɛɔɓɗɖƙǝƴĦŦŊƏƐƆƁƊƉƘƎƳ]"


def index_patients_anew(apps: Any, schema_editor: Any) -> None:
    # The owner of the tables migrates, perhaps over another connection than the one of the running role.
    alias = schema_editor.connection.alias
    patients = apps.get_model("identity", "Patient").objects.using(alias).order_by("id")
    name = apps.get_model("identity", "PatientName")
    name.objects.using(alias).all().delete()
    for batch in _batches(patients):
        keys = vault.keys_for_reading(f"p:{one}" for one, _ in batch)
        rows = [
            name(patient_id=one, digest=digest)
            for one, sealed in batch
            for digest in _digests(keys.open(f"p:{one}", sealed, "patient"))
        ]
        name.objects.using(alias).bulk_create(rows)


def _batches(patients: Any) -> Iterator[list[tuple[Any, bytes]]]:
    last = None
    while True:
        rows = patients if last is None else patients.filter(id__gt=last)
        batch = list(rows.values_list("id", "sealed")[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1][0]


def _digests(form: bytes | None) -> list[bytes]:
    if form is None:
        return []
    said = json.loads(form)
    surnames = surname_keys(said["family_name"]) | surname_keys(said.get("birth_name") or "")
    return [vault.keyed_digest(f"patient|{one}|{said['birth_date']}".encode()) for one in sorted(surnames)]


def fold_the_directory_anew(apps: Any, schema_editor: Any) -> None:
    """The folded columns of the few people with such a letter, and of those who are declared: the next import makes all
    others anew in any case, and shows declared people as their declarations say."""
    del apps
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.last_name, e.first_name, p.entry, p.number, p.words FROM register_entry e"
            " JOIN register_place p ON p.entry = e.id WHERE e.last_name ~ %s OR e.first_name ~ %s",
            [LETTERS, LETTERS],
        )
        for last_name, first_name, entry, number, words in cursor.fetchall():
            columns = _columns(last_name, first_name, words)
            assigned = ", ".join(f'"{column}" = %s' for column in columns)
            cursor.execute(
                f"UPDATE register_place SET {assigned} WHERE entry = %s AND number = %s",
                [*columns.values(), entry, number],
            )
        cursor.execute(
            "SELECT national_id, entry, places FROM register_declaration"
            " WHERE entry ->> 'last_name' ~ %s OR entry ->> 'first_name' ~ %s",
            [LETTERS, LETTERS],
        )
        for national_id, entry, places in cursor.fetchall():
            said, rows = (json.loads(one) if isinstance(one, str) else one for one in (entry, places))
            rows = [row | _columns(said["last_name"], said["first_name"], row["words"]) for row in rows]
            cursor.execute(
                "UPDATE register_declaration SET places = %s WHERE national_id = %s", [json.dumps(rows), national_id]
            )


def _columns(last_name: str, first_name: str, words: list[str]) -> dict[str, Any]:
    keys = name_keys(last_name, first_name)
    parts = keys.last.split()
    tail = parts[1] if len(parts) > 1 else keys.tail
    return {
        "last": keys.last,
        "first": keys.first,
        "tail": keys.tail,
        "name": word_number(parts[0]),
        "tail_name": word_number(tail) if tail else None,
        "words": [*keys.words, *(word for word in words if word[:1] in "#@")],
    }


class Migration(migrations.Migration):
    dependencies: ClassVar = [("identity", "0002_directory_indexes"), ("kernel", "0002_audit_tables")]

    operations: ClassVar = [
        migrations.RunPython(index_patients_anew, migrations.RunPython.noop),
        migrations.RunPython(fold_the_directory_anew, migrations.RunPython.noop),
    ]
