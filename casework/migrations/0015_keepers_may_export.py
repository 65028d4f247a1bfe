# By itself, because PostgreSQL alters no table in a transaction that has just written rows with deferred checks.

from django.db import migrations


def grant_to_keepers(apps, schema_editor):
    """The teams that keep cases already may export them, as new ones do. On an empty database there is nobody to grant it to."""
    Permission = apps.get_model("auth", "Permission")
    TeamPermission = apps.get_model("casework", "CaseTeamPermission")
    share = Permission.objects.filter(codename="share_case", content_type__app_label="casework").first()
    if share is None:
        return
    export, _new = Permission.objects.get_or_create(
        codename="export_case",
        content_type=share.content_type,
        defaults={"name": "May make copies of the case that leave the system"},
    )
    rows = TeamPermission.objects.filter(permission=share).iterator(chunk_size=1000)
    TeamPermission.objects.bulk_create(
        (
            TeamPermission(permission=export, group_id=row.group_id, content_object_id=row.content_object_id)
            for row in rows
        ),
        batch_size=1000,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        ('casework', '0014_exports'),
    ]

    operations = [
        migrations.RunPython(grant_to_keepers, migrations.RunPython.noop),
    ]
