"""Indexes that cost each insert and that no query uses: those that another one begins with, those of references whose
rows are never deleted, and Django's second ones of unique texts, for LIKE, which nothing asks."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DROPPED = {
    "referral_appointment_agenda_id_d0aeea5f": "referral_appointment (agenda_id)",
    "referral_appointment_cancelled_by_id_c7eef03b": "referral_appointment (cancelled_by_id)",
    "referral_appointment_reason_id_244c0b55": "referral_appointment (reason_id)",
    "referral_referral_practitioner_id_f30653cd": "referral_referral (practitioner_id)",
    "referral_referral_referrer_id_a5dbe67b": "referral_referral (referrer_id)",
}


class Migration(migrations.Migration):
    # The tables may be large, and people write to them meanwhile.
    atomic = False

    dependencies = [
        ("referral", "0002_bound_holds_and_steps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="appointment",
                    name="agenda",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="referral.agenda",
                    ),
                ),
                migrations.AlterField(
                    model_name="appointment",
                    name="cancelled_by",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="appointment",
                    name="reason",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="referral.visitreason",
                    ),
                ),
                migrations.AlterField(
                    model_name="referral",
                    name="practitioner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="referral",
                    name="referrer",
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
    ]
