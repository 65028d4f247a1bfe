import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("casework", "0023_words"),
    ]

    operations = [
        migrations.AddField("release", "next_draft_on", models.DateField(null=True)),
        migrations.AddField(
            "release",
            "scheduled_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("release", "schedule_problem", models.CharField(blank=True, max_length=32)),
    ]
