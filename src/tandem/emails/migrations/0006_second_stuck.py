from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0005_copies_name_records"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="secondenvelope",
            index=models.Index(
                condition=models.Q(
                    ("state", "failed"), models.Q(("refusals__gt", 0), ("state", "owed")), _connector="OR"
                ),
                fields=["email"],
                name="second_stuck",
            ),
        ),
    ]
