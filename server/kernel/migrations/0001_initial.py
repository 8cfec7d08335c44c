from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditAnchor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("heads", models.TextField()),
                ("previous", models.BinaryField(max_length=32)),
                ("digest", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("chain", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("entries", models.TextField()),
                ("previous", models.BinaryField(max_length=32)),
                ("digest", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="CapturedMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=5)),
                ("to", models.TextField()),
                ("subject", models.TextField(blank=True)),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                ("key", models.CharField(max_length=120, null=True, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("owner", models.CharField(max_length=38, primary_key=True, serialize=False)),
                ("wrapped", models.BinaryField()),
                ("master", models.CharField(max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name="Stream",
            fields=[
                ("name", models.CharField(max_length=38, primary_key=True, serialize=False)),
                ("head", models.BigIntegerField(default=0)),
                ("moved_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="StreamEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stream", models.CharField(max_length=38)),
                ("seq", models.BigIntegerField()),
                ("type", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("subject", models.UUIDField(null=True)),
                ("data", models.BinaryField(default=b"")),
            ],
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True)),
                ("published", models.BooleanField(default=False)),
                ("body", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("published", False)), fields=["at"], name="announcement_pending")
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True)),
                ("channel", models.CharField(choices=[("sms", "Sms"), ("email", "Email")], max_length=10)),
                ("kind", models.CharField(max_length=40)),
                ("subject", models.UUIDField()),
                ("not_before", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("claimed_until", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("sent", "Sent"), ("dropped", "Dropped"), ("failed", "Failed")],
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)), fields=["channel", "not_before"], name="delivery_due"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("subject", models.UUIDField()),
                ("organisation", models.UUIDField()),
                ("owner", models.UUIDField(null=True)),
                ("since", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("lapses_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(blank=True, choices=[("done", "Done"), ("lapsed", "Lapsed")], max_length=10),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)),
                        fields=["organisation", "due_at"],
                        name="work_of_organisation",
                    ),
                    models.Index(
                        condition=models.Q(("settled_at", None)), fields=["owner", "due_at"], name="work_of_owner"
                    ),
                    models.Index(
                        condition=models.Q(("settled_at", None)), fields=["subject"], name="work_about_subject"
                    ),
                    models.Index(
                        condition=models.Q(("lapses_at__isnull", False), ("settled_at", None)),
                        fields=["lapses_at"],
                        name="work_that_lapses",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)), fields=("kind", "subject"), name="work_waits_once"
                    )
                ],
            },
        ),
    ]
