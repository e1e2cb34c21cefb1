from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Nobody can say who saw what is remembered; it is asked for again."""
    apps.get_model("people", "Match").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("people", "0002_what_was_asked")]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.RemoveConstraint("match", "match_once_per_org"),
        migrations.AddField("match", "seen_by", models.CharField(default="", max_length=18)),
        migrations.AddConstraint(
            "match",
            models.UniqueConstraint(fields=("person", "org", "seen_by"), name="match_once_per_user"),
        ),
    ]
