from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_directory_indexes"),
        ("referral", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.DeleteModel(name="LevelledAgenda"),
        migrations.RemoveConstraint(
            model_name="agenda",
            name="agenda_step_advances",
        ),
        migrations.RemoveConstraint(
            model_name="visitreason",
            name="reason_takes_time",
        ),
        migrations.AddField(
            model_name="appointment",
            name="released_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("state__in", ["held", "released"])),
                fields=["booked_by", "hold_until"],
                name="appointment_unbooked_of",
            ),
        ),
        # What is booked keeps its times; what is offered from now on is at least five minutes long.
        migrations.RunSQL("UPDATE referral_agenda SET step_minutes = 5 WHERE step_minutes < 5", migrations.RunSQL.noop),
        migrations.RunSQL("UPDATE referral_visitreason SET minutes = 5 WHERE minutes < 5", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="agenda",
            constraint=models.CheckConstraint(
                condition=models.Q(("step_minutes", None), ("step_minutes__gte", 5), _connector="OR"),
                name="agenda_step_is_not_tiny",
            ),
        ),
        migrations.AddConstraint(
            model_name="visitreason",
            constraint=models.CheckConstraint(condition=models.Q(("minutes__gte", 5)), name="reason_takes_its_time"),
        ),
    ]
