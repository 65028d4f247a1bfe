"""Whether the worker lives, for the page that says whether everything is up."""

from django.db import models


class WorkerSign(models.Model):
    """One row; the worker writes the time into it, and nothing else is known from it."""

    seen = models.DateTimeField()

    class Meta:
        default_permissions = ()
