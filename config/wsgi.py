import os
import sys
from contextlib import suppress

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()


def begin() -> None:
    """Refuse to serve with a bad configuration; before set-up, tell whoever watches the console how to begin.

    The code itself is shown on a terminal only: what is printed elsewhere ends in a log, which outlives set-up."""
    from accounts.setup import setup_code
    from config.checks import has_organisation, refuse_a_bad_start

    refuse_a_bad_start()
    forget_old_sessions()
    sweep_evidence()
    if not has_organisation():
        code = setup_code() if sys.stderr.isatty() else "the one that “manage.py setup --code” prints"
        sys.stderr.write(f"Not set up yet. Open /setup/ with this code: {code}\n")


def forget_old_sessions() -> None:
    """Here, because the worker cannot reach them; a process that serves pages begins anew after a thousand requests."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import DatabaseError

    # Not migrated or not up yet: `healthz` says so, and an old row more opens nothing.
    with suppress(DatabaseError):
        SessionStore.clear_expired()


def sweep_evidence() -> None:
    """Interrupted uploads, and files of evidence that was erased by a process that does not reach them."""
    from django.db import DatabaseError

    from casework.evidencefiles import sweep

    with suppress(DatabaseError, OSError):
        sweep()


begin()
