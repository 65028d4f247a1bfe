"""What is asked, and what is answered: the text read aloud, by version; each person's answers; that they have news for us."""

import uuid

from django.db import models

from accounts.fields import SealedField
from casework.models.cases import Case


class Wording(models.Model):
    """One version of the text, as coordinators wrote it: read aloud to everybody, so it is no secret. Version 1 comes with the
    program and has no row."""

    version = models.PositiveIntegerField(primary_key=True)
    # {code of the passage: {language: text}}
    passages = models.JSONField()
    written_on = models.DateField()

    class Meta:
        default_permissions = ()


class ConsentRecord(models.Model):
    """The answers of one person, one list for all their cases, under a key of its own. Which cases, and whose, is sealed too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ciphertext = SealedField()
    # The first of a month: nothing is left to agree to then, and nobody has asked for a long time.
    keep_until = models.DateField()

    class Meta:
        default_permissions = ()


class ConsentKey(models.Model):
    """The key of a consent record, sealed to one holder. Holders are the person's cases, and whoever has the receipt: all rows
    look alike, and nothing in the clear leads from a case to its row."""

    # Random for a case, which knows it under its own key; for a receipt, made of the digits by a slow function and the pepper.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(ConsentRecord, on_delete=models.CASCADE, related_name="keys")
    key_ciphertext = SealedField()

    class Meta:
        default_permissions = ()


class Notice(models.Model):
    """The person said something about this case without anybody's help, or said it where another of their cases is kept. What
    it was is in the consent record; that there is something must be known without a key."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="notice")
    # They no longer agree that it is kept: no list may show its card from this moment on.
    closes = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
