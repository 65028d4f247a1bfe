"""What comes in and what goes out: files on their way, imports that can be undone, the register of what left."""

import uuid

from django.conf import settings
from django.db import models

from accounts.fields import SealedField
from accounts.models import Team
from casework.models.cases import Case


class HeldFile(models.Model):
    """A file on its way in or out, for an hour or two: sealed to its owner, and to a share in the owner's session, so that no
    backup of this table ever opens it."""

    class Kind(models.TextChoices):
        IMPORT = "import"
        EXPORT = "export"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    owner_epoch = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)
    facts_ciphertext = SealedField()

    class Meta:
        default_permissions = ()


class HeldPart(models.Model):
    """A megabyte of it: however large the file, no more than one part stands in memory."""

    file = models.ForeignKey(HeldFile, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="one_part_per_number")]


class ImportBatch(models.Model):
    """One import, for as long as it can be undone. Which cases came with it is sealed: that they belong together is nobody
    else's to know."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    epoch = models.PositiveIntegerField()
    ends_on = models.DateField()
    facts_ciphertext = SealedField()

    class Meta:
        default_permissions = ()


class ImportMapping(models.Model):
    """Which column of the team's own spreadsheets is which, and what its words mean."""

    team = models.OneToOneField(Team, primary_key=True, on_delete=models.CASCADE, related_name="+")
    epoch = models.PositiveIntegerField()
    mapping_ciphertext = SealedField()

    class Meta:
        default_permissions = ()


class CaseExport(models.Model):
    """That the case went out, to whom and why, under the case's own key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="exports")
    entry_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
