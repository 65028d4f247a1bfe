"""What one person keeps for themselves, sealed to them alone."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedField


class OwnNote(models.Model):
    class Kind(models.TextChoices):
        VIEW = "view", _("saved view")
        SELECTION = "selection", _("selection of cases")
        UNDO = "undo", _("last act on a selection")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    epoch = models.PositiveIntegerField()
    note_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["user", "kind"], name="own_note_kind")]


# Kept for the day only: the worker takes them away without reading them.
FOR_A_DAY = (OwnNote.Kind.SELECTION, OwnNote.Kind.UNDO)
