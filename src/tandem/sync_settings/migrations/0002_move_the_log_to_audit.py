from django.db import migrations


def copy_entries(apps, schema_editor):
    """The log is append-only, so its entries move one by one, in their order."""
    old, new = apps.get_model("sync_settings", "Change"), apps.get_model("audit", "Change")
    new.objects.bulk_create(
        (
            new(
                at=entry.at,
                by_id=entry.by_id,
                section=entry.section,
                member_id=entry.member_id,
                before=entry.before,
                after=entry.after,
            )
            for entry in old.objects.order_by("pk").iterator()
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("sync_settings", "0001_initial"),
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(copy_entries, migrations.RunPython.noop),
        migrations.DeleteModel(name="Change"),
    ]
