"""What remains of a case that was erased, and what is known of one that will be: nothing about anybody."""

import os

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import BytesField, SealedField
from casework.models.cases import Case


def new_audit_key() -> bytes:
    return os.urandom(32)


class ErasureShare(models.Model):
    """The other half of every case key, in a database of its own: delete it and no backup opens the case again."""

    case_id = models.UUIDField(primary_key=True)
    share = BytesField()
    # What the audit log says about this case is veiled under it, and goes with it. The worker may read this one, not the share.
    audit_key = BytesField(max_length=32, default=new_audit_key)

    class Meta:
        default_permissions = ()


class Rule(models.TextChoices):
    """Why a case was erased. It stands in the clear: the worker acts by it and the certificate names it."""

    ASKED = "asked", _("decided by the group that kept the file")
    WITHDRAWN = "withdrawn", _("consent to keep the file was withdrawn")
    RETENTION = "retention", _("consent to keep the file has ended")
    IMPORT_UNDONE = "import_undone", _("the import that brought it in was undone")


class LedgerEntry(models.Model):
    """Beside the shares, and copied to wherever the ledger is kept: keyed hashes of what must never come back from a backup."""

    class Kind(models.TextChoices):
        # Tells which key the hashes were made with.
        KEY = "key"
        CASE = "case"
        STATISTIC = "statistic"
        STORY = "story"

    digest = BytesField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # Random, as written on the certificate; empty and None for everything but a case.
    number = models.CharField(max_length=16, blank=True)
    erased_on = models.DateField(null=True)
    rule = models.CharField(max_length=16, choices=Rule.choices, blank=True)

    class Meta:
        default_permissions = ()


class ErasedCase(models.Model):
    """The tombstone, in the main database: its number, the day and the rule. Held against the ledger, it tells whether one of the
    two databases came from an older backup."""

    digest = BytesField(primary_key=True, max_length=32)
    number = models.CharField(max_length=16, unique=True)
    erased_on = models.DateField()
    rule = models.CharField(max_length=16, choices=Rule.choices)

    class Meta:
        default_permissions = ()


class ScheduledErasure(models.Model):
    """The day on which the worker erases the case, unless somebody takes the order back before."""

    case = models.OneToOneField(
        Case, primary_key=True, on_delete=models.CASCADE, related_name="scheduled_erasure"
    )
    on = models.DateField()
    rule = models.CharField(max_length=16, choices=Rule.choices)
    # How many of its people no longer agree that it is kept: without a key, nobody sees whether there is one more.
    withdrawn = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()


class LegalHold(models.Model):
    """Until this day the case is not erased, whoever asks: it is evidence. Why, who asked and who agreed is sealed."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="legal_hold")
    until = models.DateField()
    # It stops nothing before a second person has agreed.
    agreed = models.BooleanField(default=False)
    reason_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
