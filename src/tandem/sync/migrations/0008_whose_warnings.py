import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0001_initial"),
        ("sync", "0007_problems_and_days"),
    ]

    operations = [
        migrations.RemoveConstraint("orgwarning", "org_warning_once"),
        migrations.AddField(
            "orgwarning",
            "connection",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="connections.connection",
            ),
        ),
        migrations.AddConstraint(
            "orgwarning",
            models.UniqueConstraint(fields=("org", "connection", "code", "about"), name="org_warning_once"),
        ),
    ]
