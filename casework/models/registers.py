"""What the law wants written down about the group's own conduct."""

import uuid

from django.db import models

from accounts.fields import SealedField


class RegisterEntry(models.Model):
    """One line of a register, sealed to the coordinators: it may speak of people. Changed, never deleted."""

    class Kind(models.TextChoices):
        INCIDENT = "incident"
        COMMUNICATION = "communication"
        ANONYMIZATION = "anonymization"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    epoch = models.PositiveIntegerField()
    entry_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
