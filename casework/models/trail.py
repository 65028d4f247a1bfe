"""What was done, sealed to the auditors, each entry chained to the one before."""

from django.db import models

from accounts.fields import BytesField, SealedField


class AuditEntry(models.Model):
    sequence = models.PositiveBigIntegerField(primary_key=True)
    epoch = models.PositiveIntegerField()
    entry_ciphertext = SealedField()
    chain = BytesField(max_length=32)

    class Meta:
        default_permissions = ()


class AuditHead(models.Model):
    """One row, locked by whoever appends, so that two writers cannot fork the chain."""

    sequence = models.PositiveBigIntegerField(default=0)
    chain = BytesField(max_length=32, default=bytes(32))

    class Meta:
        default_permissions = ()
