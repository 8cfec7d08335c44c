import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("practice", "Practice"),
                            ("establishment", "Establishment"),
                            ("cpts", "Cpts"),
                        ],
                        max_length=20,
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
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
                ("language", models.CharField(default="fr", max_length=5)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sites",
                        to="identity.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
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
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("browser", "Browser"), ("token", "Token")], max_length=10),
                ),
                ("key_digest", models.BinaryField(max_length=32, unique=True)),
                ("label", models.CharField(blank=True, max_length=200)),
                ("data", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
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
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["person"],
                        name="session_open_of_person",
                    ),
                    models.Index(fields=["expires_at"], name="session_expiry"),
                ],
            },
        ),
    ]
