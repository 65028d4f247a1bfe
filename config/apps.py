from django.apps import AppConfig


class TemoinConfig(AppConfig):
    """The project itself: its numbered checks."""

    name = "config"
    verbose_name = "Témoin"

    def ready(self) -> None:
        from config import checks  # noqa: F401 - registers them
