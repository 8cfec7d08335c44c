import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Agenda",
            fields=[
                (
                    "resource",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="agenda",
                        serialize=False,
                        to="identity.resource",
                    ),
                ),
                ("step_minutes", models.PositiveSmallIntegerField(null=True)),
                ("notice_minutes", models.PositiveIntegerField(default=0)),
                ("horizon_days", models.PositiveSmallIntegerField(default=180)),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("request_digest", models.BinaryField(max_length=32)),
                (
                    "practitioner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agendas", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("first_day", models.DateField(null=True)),
                ("until_day", models.DateField(null=True)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("request_digest", models.BinaryField(default=b"", max_length=32)),
                (
                    "agenda",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="absences", to="referral.agenda"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LevelledAgenda",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("referral.agenda",),
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("occupied", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("state", models.CharField(max_length=10)),
                ("hold_until", models.DateTimeField()),
                ("request_digest", models.BinaryField(max_length=32)),
                ("booked_at", models.DateTimeField(null=True)),
                ("referral", models.UUIDField(null=True)),
                ("seen_before", models.BooleanField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("sealed_cancellation", models.BinaryField(default=b"")),
                (
                    "agenda",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="referral.agenda"
                    ),
                ),
                (
                    "booked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "booker_patient",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.patient"
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="identity.patient",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weekday", models.PositiveSmallIntegerField(null=True)),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                ("every", models.PositiveSmallIntegerField(default=1)),
                ("day", models.DateField(null=True)),
                ("opens", models.TimeField()),
                ("closes", models.TimeField()),
                (
                    "agenda",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="openings", to="referral.agenda"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("state", models.CharField(max_length=10)),
                ("seen_before", models.BooleanField()),
                ("sealed_message", models.BinaryField(default=b"")),
                ("conversation", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField()),
                ("request_digest", models.BinaryField(max_length=32)),
                (
                    "appointment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="referral.appointment",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="identity.patient"
                    ),
                ),
                (
                    "practitioner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "referrer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "referrer_patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.patient"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitReason",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("minutes", models.PositiveSmallIntegerField()),
                ("before_minutes", models.PositiveSmallIntegerField(default=0)),
                ("after_minutes", models.PositiveSmallIntegerField(default=0)),
                ("instructions", models.TextField(blank=True)),
                ("for_referrers", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agenda",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reasons", to="referral.agenda"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="appointment",
            name="reason",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="referral.visitreason"
            ),
        ),
        migrations.AddConstraint(
            model_name="agenda",
            constraint=models.CheckConstraint(
                condition=models.Q(("step_minutes", None), ("step_minutes__gt", 0), _connector="OR"),
                name="agenda_step_advances",
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_at", None), ("first_day__lt", models.F("until_day")), ("starts_at", None)),
                    models.Q(("first_day", None), ("starts_at__lt", models.F("ends_at")), ("until_day", None)),
                    _connector="OR",
                ),
                name="absence_is_of_days_or_instants",
            ),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("day", None), ("every__gt", 0), ("since__isnull", False), ("weekday__lt", 7)),
                    models.Q(("day__isnull", False), ("since", None), ("until", None), ("weekday", None)),
                    _connector="OR",
                ),
                name="opening_is_weekly_or_once",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["referrer", "-created_at", "-id"], name="referral_made"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["practitioner", "-created_at", "-id"], name="referral_received"),
        ),
        migrations.AddConstraint(
            model_name="visitreason",
            constraint=models.CheckConstraint(condition=models.Q(("minutes__gt", 0)), name="reason_takes_time"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(condition=models.Q(("state", "held")), fields=["hold_until"], name="appointment_holds"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["agenda", "starts_at"], name="appointment_of_agenda"),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ["held", "booked", "arrived", "done", "no_show"])),
                expressions=[("agenda", "="), ("occupied", "&&")],
                name="time_of_an_agenda_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_at__lt", models.F("ends_at")),
                    (
                        "occupied__contains",
                        models.Func(
                            models.F("starts_at"),
                            models.F("ends_at"),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                    ),
                    ("occupied__lower_inc", True),
                    ("occupied__upper_inc", False),
                ),
                name="visit_lies_in_what_it_occupies",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("booked_at", None),
                        ("booker_patient", None),
                        ("patient", None),
                        ("state__in", ["held", "released"]),
                    ),
                    models.Q(
                        ("booked_at__isnull", False),
                        ("booker_patient__isnull", False),
                        ("patient__isnull", False),
                        models.Q(("state__in", ["held", "released"]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="booked_for_a_patient",
            ),
        ),
    ]
