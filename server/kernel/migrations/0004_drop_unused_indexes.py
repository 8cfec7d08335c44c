"""Django's second indexes of unique texts, for LIKE, which nothing asks: each costs an insert as much as the first."""

from django.db import migrations

DROPPED = {
    "kernel_capturedmessage_key_80182953_like": "kernel_capturedmessage (key varchar_pattern_ops)",
    "kernel_datakey_owner_1feb2b73_like": "kernel_datakey (owner varchar_pattern_ops)",
    "kernel_delivery_key_6ae6991d_like": "kernel_delivery (key varchar_pattern_ops)",
    "kernel_stream_name_23a8dd07_like": "kernel_stream (name varchar_pattern_ops)",
}


class Migration(migrations.Migration):
    # The tables may be large, and people write to them meanwhile.
    atomic = False

    dependencies = [("kernel", "0003_age_of_events")]

    operations = [
        migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", f"CREATE INDEX {name} ON {what}")
        for name, what in DROPPED.items()
    ]
