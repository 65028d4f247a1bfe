import django.db.models.deletion
from django.db import migrations, models

import accounts.fields


class Migration(migrations.Migration):
    dependencies = [("casework", "0019_people_who_said_no")]

    operations = [
        migrations.CreateModel(
            name="DraftStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=16)),
                ("epoch", models.PositiveIntegerField()),
                ("result_ciphertext", accounts.fields.SealedField()),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="casework.release"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("release", "name"), name="draft_step_once")],
            },
        ),
    ]
