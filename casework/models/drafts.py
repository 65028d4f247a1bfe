"""A case that is being told: sealed to the one person who writes it down, until it is kept or let go."""

import uuid

from django.conf import settings
from django.db import models

from accounts.fields import SealedField


class IntakeDraft(models.Model):
    """No team, no case, no date of the conversation: those are in the sealed bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="intake_drafts")
    # Of the user's own root.
    epoch = models.PositiveIntegerField()
    # The first of a month, as for a case: a draft nobody goes on with does not stay.
    erase_after = models.DateField()
    ciphertext = SealedField()

    class Meta:
        default_permissions = ()
