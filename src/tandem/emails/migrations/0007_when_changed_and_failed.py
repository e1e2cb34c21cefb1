"""When an email changed last, and since when it counts as failed: the second is unknown for what lies there already."""

from typing import Any

from django.db import migrations, models
from django.db.models.functions import Greatest


def last_known_change(apps: Any, _schema: Any) -> None:
    """What went out changed last when it did, as far as anybody remembers."""
    finished = apps.get_model("emails", "Email").objects.exclude(state__in=["draft", "scheduled", "sending"])
    finished.filter(at__isnull=False).update(changed_at=Greatest("at", "created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0006_second_stuck"),
    ]

    operations = [
        migrations.AddField(
            model_name="email",
            name="changed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="email",
            name="failed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(last_known_change, migrations.RunPython.noop),
    ]
