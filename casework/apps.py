from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "casework"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import pre_delete

        from accounts import events
        from casework import audit, evidencefiles
        from casework.models import Evidence

        events.listen(audit.append)
        pre_delete.connect(evidencefiles.doom, sender=Evidence)
