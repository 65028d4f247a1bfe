import accounts.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_own_key'),
    ]

    operations = [
        # Until now every member could do what stewards do: whoever has a seat keeps that.
        migrations.AddField(
            model_name='seat',
            name='steward',
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name='seat',
            name='steward',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='rescue',
            name='team',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='rescues', to='accounts.team'),
        ),
        migrations.AlterField(
            model_name='rescue',
            name='token_hash',
            field=accounts.fields.BytesField(null=True, unique=True),
        ),
        migrations.AlterField(
            model_name='rescue',
            name='public_key',
            field=accounts.fields.BytesField(null=True),
        ),
    ]
