"""Indexes that cost each insert and that no query uses: those that another one begins with, those of references whose
rows are never deleted, and Django's second ones of unique texts, for LIKE, which nothing asks."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DROPPED = {
    "identity_carelink_patient_id_570fe3d8": "identity_carelink (patient_id)",
    "identity_patient_created_by_id_c9f245d6": "identity_patient (created_by_id)",
    "identity_patient_origin_id_26360a21": "identity_patient (origin_id)",
    "identity_right_person_id_93a0ea77": "identity_right (person_id)",
    "identity_session_acting_for_id_0f6d597e": "identity_session (acting_for_id)",
    "identity_session_person_id_38efe429": "identity_session (person_id)",
    "identity_person_email_7030b823_like": "identity_person (email varchar_pattern_ops)",
    "identity_person_national_id_8ef78634_like": "identity_person (national_id varchar_pattern_ops)",
    "register_commune_code_d2289834_like": "register_commune (code text_pattern_ops)",
    "register_declaration_national_id_50d95e80_like": "register_declaration (national_id text_pattern_ops)",
    "register_entry_national_id_226c8841_like": "register_entry (national_id text_pattern_ops)",
    "register_word_word_d847bd57_like": "register_word (word text_pattern_ops)",
}


class Migration(migrations.Migration):
    # The tables may be large, and people write to them meanwhile.
    atomic = False

    dependencies = [
        ("identity", "0003_one_folding_of_names"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="carelink",
                    name="patient",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="care_links",
                        to="identity.patient",
                    ),
                ),
                migrations.AlterField(
                    model_name="patient",
                    name="created_by",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="patient",
                    name="origin",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.patient",
                    ),
                ),
                migrations.AlterField(
                    model_name="right",
                    name="person",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rights",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="session",
                    name="acting_for",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                migrations.AlterField(
                    model_name="session",
                    name="person",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
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
    ]
