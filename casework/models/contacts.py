"""Whom a team refers people to."""

import uuid

from django.db import models

from accounts.fields import SealedField
from accounts.models import Team


class Contact(models.Model):
    """A lawyer, a clinic, a shelter, a partner group: sealed to the team at the epoch in the row. Whom a group works with is as
    much as a state would like to know of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="contacts")
    epoch = models.PositiveIntegerField()
    contact_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
