"""Whose emails go out a second time lies with the emails now, too: so they need not know that settings exist."""

from django.db import migrations


def take_over(apps, schema_editor):
    setting = apps.get_model("sync_settings", "Setting")
    address = apps.get_model("emails", "SecondAddress")
    active = setting.objects.filter(section="email-bcc", member__isnull=False, value__active=True)
    address.objects.bulk_create(
        [address(member_id=row.member_id, address=row.value["address"]) for row in active],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("sync_settings", "0002_move_the_log_to_audit"),
        ("emails", "0004_second_envelope"),
    ]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
