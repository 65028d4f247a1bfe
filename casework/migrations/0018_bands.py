from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0017_own_notes")]

    operations = [
        migrations.AddField("statistic", "version", models.PositiveSmallIntegerField(default=1)),
    ]
