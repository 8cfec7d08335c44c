"""Indexes that cost each insert and that no query uses: those that another one begins with, those of references whose
rows are never deleted, and Django's second ones of unique texts, for LIKE, which nothing asks.

How many groups somebody opened of late is counted in an index of its own, and not among all that they ever opened.
"""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

DROPPED = {
    "team_conversation_created_by_id_a1a52eb9": "team_conversation (created_by_id)",
    "team_conversation_organisation_id_3b2be50f": "team_conversation (organisation_id)",
    "team_conversation_pair_6b91439f_like": "team_conversation (pair varchar_pattern_ops)",
    "team_member_person_id_dcda3077": "team_member (person_id)",
}


class Migration(migrations.Migration):
    # The tables may be large, and people write to them meanwhile.
    atomic = False

    dependencies = [
        ("identity", "0004_drop_unused_indexes"),
        ("team", "0002_decline"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="conversation",
                    name="created_by",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="conversation",
                    name="organisation",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                migrations.AlterField(
                    model_name="member",
                    name="person",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            database_operations=[
                # As AlterField it would also check every foreign key again, with the table locked.
                migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", f"CREATE INDEX {name} ON {what}")
                for name, what in DROPPED.items()
            ],
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(kind="group"), fields=["created_by", "created_at"], name="group_opened_by"
            ),
        ),
    ]
