"""What a piece of evidence leaves in the database: a random id, its case, sealed bytes. The file lies beside it, encrypted, under
that id; see `casework.evidencefiles`."""

import uuid

from django.db import models

from accounts.fields import SealedField
from casework.models.cases import Case


class Evidence(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="evidence")
    # Name, type, size, hash, and the root of the file's key.
    details_ciphertext = SealedField()

    class Meta:
        default_permissions = ()


class CustodyEntry(models.Model):
    """One thing that was done with the evidence. Rows are added, and sealed anew with their case; nothing else changes them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="custody")
    number = models.PositiveIntegerField()
    entry_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["evidence", "number"], name="one_custody_entry_per_number")
        ]


class DoomedFile(models.Model):
    """A file whose evidence is erased, until a process that reaches the store has deleted it. What is deleted is always named
    here: a database that was put back wrongly must not make files disappear by not mentioning them."""

    id = models.UUIDField(primary_key=True, editable=False)

    class Meta:
        default_permissions = ()
