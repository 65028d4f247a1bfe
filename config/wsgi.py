import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()


def begin() -> None:
    """Refuse to serve with a bad configuration; before set-up, tell whoever watches the console how to begin."""
    from accounts.setup import setup_code
    from config.checks import has_organisation, refuse_a_bad_start

    refuse_a_bad_start()
    if not has_organisation():
        sys.stderr.write(f"Not set up yet. Open /setup/ with this code: {setup_code()}\n")


begin()
