"""A resource says whose it is: an agenda is its practitioner's."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0009_organisations_rights_and_invitations"),
        ("referral", "0005_index_bookings_by_person"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE identity_resource resource SET person_id = agenda.practitioner_id"
            " FROM referral_agenda agenda WHERE agenda.resource_id = resource.id",
            migrations.RunSQL.noop,
        ),
    ]
