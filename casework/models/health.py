"""Whether the worker lives, for the page that says whether everything is up."""

from django.db import models


class WorkerSign(models.Model):
    """One row; the worker writes the time into it, and the day of its daily chores."""

    seen = models.DateTimeField()
    # The day on which it last did what is done once a day.
    chores_on = models.DateField(null=True)

    class Meta:
        default_permissions = ()
