"""Passages of cases that people agreed to have told: offered, checked, chosen for a release. Which case, whose, and who offered
it stands nowhere in the clear (docs/decisions/0017)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import BytesField, SealedField
from casework.models.figures import Release


class Story(models.Model):
    class Status(models.TextChoices):
        OFFERED = "offered", _("waiting to be checked")
        ACCEPTED = "accepted", _("accepted")
        RETURNED = "returned", _("sent back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # HMAC of purpose and id under a secret of the person: found by whoever knows the secret, like nothing else for anybody else.
    owner = BytesField(max_length=32)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OFFERED)
    # Under the content key, which is sealed to the coordinators and follows from what stands in the case.
    passage_ciphertext = SealedField()
    key_ciphertext = SealedField()
    key_epoch = models.PositiveIntegerField()
    # The first of the month in which the consent ends, sealed to the worker, which takes the passage away then.
    ends_ciphertext = SealedField()
    ends_epoch = models.PositiveIntegerField()
    # What the second person accepted, under the coordinators' own key: a database writer cannot accept anything.
    acceptance_ciphertext = SealedField(null=True)
    acceptance_epoch = models.PositiveIntegerField(default=0)
    # Why it was sent back, under the content key.
    reply_ciphertext = SealedField(null=True)

    class Meta:
        default_permissions = ()


class StoryUse(models.Model):
    """A story that a release tells. It says nothing of any case: both ends are opaque or public."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="story_uses")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="uses")
    # Where it stands in the published document; None before it is published.
    place = models.PositiveSmallIntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["release", "story"], name="story_once_a_release"),)
