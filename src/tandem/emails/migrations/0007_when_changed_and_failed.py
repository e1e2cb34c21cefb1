"""When an email changed last, and since when it counts as failed: unknown for what lies there already.

Nothing is filled in: one UPDATE of every email would keep pages, senders and mailboxes waiting. Pages say when it was made.
"""

from django.db import migrations, models


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
    ]
