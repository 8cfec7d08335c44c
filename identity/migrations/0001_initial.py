import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import identity.directory.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[("practice", "Practice"), ("establishment", "Establishment"), ("cpts", "Cpts")],
                        max_length=20,
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RegisterCommune",
            fields=[
                ("code", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("spoken", identity.directory.models.FoldedField(db_collation="C")),
                (
                    "near",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=identity.directory.models.FoldedField(db_collation="C"), size=None
                    ),
                ),
                ("postal_codes", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("department", models.TextField()),
                ("population", models.IntegerField()),
                ("lat", models.FloatField()),
                ("lon", models.FloatField()),
                ("at", identity.directory.models.PointField()),
            ],
            options={
                "db_table": "register_commune",
            },
        ),
        migrations.CreateModel(
            name="RegisterDeclaration",
            fields=[
                ("national_id", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("entry", models.JSONField()),
                ("places", models.JSONField()),
            ],
            options={
                "db_table": "register_declaration",
            },
        ),
        migrations.CreateModel(
            name="RegisterEntry",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("national_id", models.TextField(db_collation="C", unique=True)),
                ("source", models.TextField()),
                ("title", models.TextField()),
                ("last_name", models.TextField()),
                ("first_name", models.TextField()),
                ("profession", models.TextField()),
                ("profession_label", models.TextField()),
                ("speciality", models.TextField()),
                ("digest", models.BigIntegerField()),
            ],
            options={
                "db_table": "register_entry",
            },
        ),
        migrations.CreateModel(
            name="RegisterImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("finished_at", models.DateTimeField()),
                ("report", models.JSONField()),
            ],
            options={
                "db_table": "register_import",
                "ordering": ["-finished_at"],
            },
        ),
        migrations.CreateModel(
            name="RegisterOrganisation",
            fields=[
                ("key", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=identity.directory.models.FoldedField(db_collation="C"), size=None
                    ),
                ),
                ("at", identity.directory.models.PointField(null=True)),
                ("practitioners", models.IntegerField()),
            ],
            options={
                "db_table": "register_organisation",
            },
        ),
        migrations.CreateModel(
            name="RegisterPlace",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "entry", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("entry", models.UUIDField()),
                ("number", models.SmallIntegerField()),
                ("field", models.IntegerField()),
                ("name", models.IntegerField()),
                ("tail_name", models.IntegerField(null=True)),
                ("organisation_key", models.BigIntegerField(null=True)),
                ("at", identity.directory.models.PointField(null=True)),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=identity.directory.models.FoldedField(db_collation="C"), size=None
                    ),
                ),
                ("last", identity.directory.models.FoldedField(db_collation="C")),
                ("first", identity.directory.models.FoldedField(db_collation="C")),
                ("tail", identity.directory.models.FoldedField(db_collation="C")),
                ("profession", identity.directory.models.FoldedField(db_collation="C")),
                ("organisation", models.TextField()),
                ("address", models.TextField()),
                ("postal_code", models.TextField()),
                ("city", models.TextField()),
                ("commune", models.TextField()),
                ("country", models.TextField()),
                ("phone", models.TextField()),
            ],
            options={
                "db_table": "register_place",
            },
        ),
        migrations.CreateModel(
            name="RegisterWord",
            fields=[
                ("word", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("surnames", models.IntegerField()),
                ("first_names", models.IntegerField()),
                ("organisations", models.IntegerField()),
                ("sound", identity.directory.models.FoldedField(db_collation="C")),
                (
                    "near",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=identity.directory.models.FoldedField(db_collation="C"), size=None
                    ),
                ),
            ],
            options={
                "db_table": "register_word",
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("first_name", models.CharField(max_length=120)),
                ("last_name", models.CharField(max_length=120)),
                ("title", models.CharField(blank=True, max_length=40)),
                (
                    "function",
                    models.CharField(
                        choices=[
                            ("practitioner", "Practitioner"),
                            ("secretary", "Secretary"),
                            ("assistant", "Assistant"),
                            ("administrative", "Administrative"),
                            ("operations_manager", "Operations Manager"),
                            ("dispatcher", "Dispatcher"),
                            ("coordinator", "Coordinator"),
                        ],
                        default="practitioner",
                        max_length=20,
                    ),
                ),
                ("profession", models.CharField(blank=True, max_length=120)),
                ("speciality", models.CharField(blank=True, max_length=160)),
                ("national_id", models.CharField(max_length=40, null=True, unique=True)),
                ("verified_at", models.DateTimeField(null=True)),
                ("verification_method", models.CharField(blank=True, max_length=20)),
                ("suspended_at", models.DateTimeField(null=True)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="person_email_lower",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Patient",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("request_digest", models.BinaryField(max_length=32)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.patient"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PatientName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="names", to="identity.patient"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Resource",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("agenda", "Agenda"), ("profile", "Profile"), ("room", "Room"), ("device", "Device")],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resources",
                        to="identity.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CareLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("why", models.CharField(max_length=20)),
                ("source", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "person",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="care_links", to="identity.patient"
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.resource"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Right",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.CharField(max_length=10)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rights", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rights", to="identity.resource"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("browser", "Browser"), ("token", "Token")], max_length=10)),
                ("key_digest", models.BinaryField(max_length=32, unique=True)),
                ("label", models.CharField(blank=True, max_length=200)),
                ("data", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "acting_for",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("postal_code", models.CharField(blank=True, max_length=10)),
                ("city", models.CharField(blank=True, max_length=120)),
                ("time_zone", models.CharField(default="Europe/Paris", max_length=40)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sites", to="identity.organisation"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="resource",
            name="site",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="resources", to="identity.site"
            ),
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "function",
                    models.CharField(
                        choices=[
                            ("practitioner", "Practitioner"),
                            ("secretary", "Secretary"),
                            ("assistant", "Assistant"),
                            ("administrative", "Administrative"),
                            ("operations_manager", "Operations Manager"),
                            ("dispatcher", "Dispatcher"),
                            ("coordinator", "Coordinator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("administrator", models.BooleanField(default=False)),
                ("owner", models.BooleanField(default=False)),
                ("joined_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="identity.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("person", "organisation"),
                        name="membership_once_at_a_time",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.UniqueConstraint(fields=("origin", "organisation"), name="patient_once_from_an_origin"),
        ),
        migrations.AddConstraint(
            model_name="patientname",
            constraint=models.UniqueConstraint(fields=("digest", "patient"), name="patient_name_once"),
        ),
        migrations.AddConstraint(
            model_name="carelink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person", None), ("resource__isnull", False)),
                    models.Q(("person__isnull", False), ("resource", None)),
                    _connector="OR",
                ),
                name="care_link_is_of_a_person_or_a_resource",
            ),
        ),
        migrations.AddConstraint(
            model_name="carelink",
            constraint=models.UniqueConstraint(
                fields=("patient", "why", "source", "person", "resource"), name="care_link_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="right",
            constraint=models.UniqueConstraint(fields=("person", "resource"), name="right_once"),
        ),
        migrations.AddConstraint(
            model_name="right",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ("busy", "read", "book", "manage", "answer"))), name="right_is_a_level"
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["person"], name="session_open_of_person"
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["expires_at"], name="session_expiry"),
        ),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "agenda"), _negated=True), ("site__isnull", False), _connector="OR"
                ),
                name="agenda_is_at_a_site",
            ),
        ),
    ]
