import django.db.models.deletion
import django.db.models.expressions
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
            name="Conversation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("direct", "Direct"), ("group", "Group")], max_length=10)),
                ("sealed_title", models.BinaryField(default=b"")),
                ("pair", models.CharField(max_length=73, null=True, unique=True)),
                ("created_at", models.DateTimeField()),
                ("request_digest", models.BinaryField(default=b"", max_length=32)),
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
            ],
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("member", "Member")], default="member", max_length=10
                    ),
                ),
                ("visible_from", models.BigIntegerField(default=1)),
                ("read", models.BigIntegerField(default=0)),
                ("joined_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="team.conversation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
                ("sealed_body", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("reply_to", models.UUIDField(null=True)),
                ("reply_seq", models.BigIntegerField(null=True)),
                ("referral", models.UUIDField(null=True)),
                ("edited_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("request_digest", models.BinaryField(max_length=32)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="team.conversation",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "direct"), ("pair__isnull", False)),
                    models.Q(models.Q(("kind", "direct"), _negated=True), ("pair", None)),
                    _connector="OR",
                ),
                name="direct_has_a_pair",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["person"], name="member_current_of_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("conversation", "person"), name="member_once_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "read__gte",
                        django.db.models.expressions.CombinedExpression(models.F("visible_from"), "-", models.Value(1)),
                    ),
                    ("visible_from__gte", 1),
                ),
                name="member_read_from_beginning",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("conversation", "seq"), name="message_number_once"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reply_seq", None), ("reply_to", None)),
                    models.Q(("reply_seq__isnull", False), ("reply_to__isnull", False)),
                    _connector="OR",
                ),
                name="message_reply_is_numbered",
            ),
        ),
    ]
