import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    # The table may be large, and people write to it meanwhile.
    atomic = False

    dependencies = [("kernel", "0002_audit_tables")]

    operations = [
        AddIndexConcurrently(
            model_name="streamevent",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["at"], name="event_age", pages_per_range=32
            ),
        ),
    ]
