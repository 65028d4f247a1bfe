"""What is asked: the text read aloud, by version."""

from django.db import models


class Wording(models.Model):
    """One version of the text, as coordinators wrote it: read aloud to everybody, so it is no secret. Version 1 comes with the
    program and has no row."""

    version = models.PositiveIntegerField(primary_key=True)
    # {code of the passage: {language: text}}
    passages = models.JSONField()
    written_on = models.DateField()

    class Meta:
        default_permissions = ()
