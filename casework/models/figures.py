"""What the worker may see: coarse statistical records, jobs, releases."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import BytesField, SealedField


class Statistic(models.Model):
    """One coarse record of one person who agreed to be counted, sealed to the statistics key. The token's hash says nothing
    about the case; after compaction the row's place in the table says nothing either."""

    token_hash = BytesField(primary_key=True, max_length=32)
    epoch = models.PositiveIntegerField()
    # The form of the record inside; those of an older one get the newest when they are shuffled.
    version = models.PositiveSmallIntegerField(default=1)
    # False: sealed to the public key at save. True: resealed by the worker, and shuffled among the others.
    compacted = models.BooleanField(default=False)
    coarse_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["compacted"], name="statistic_compacted")]


class Job(models.Model):
    class Kind(models.TextChoices):
        DRAFT_RELEASE = "draft_release", _("Draft a release")
        COMPACT = "compact", _("Compact the statistics")
        ESTIMATE = "estimate", _("Estimate what would be suppressed")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting for the worker")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("could not be done")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    subject = models.UUIDField(null=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    # A code of `casework.jobs.STAGES`, never a figure.
    stage = models.CharField(max_length=64, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    # While queued: when the broker was last told. While running: when the runner last showed life.
    heartbeat = models.DateTimeField(null=True)
    # Whoever runs it now. A worker that was given up for dead and wakes again no longer finds its own id here.
    runner = models.UUIDField(null=True)
    # A code of `casework.jobs.REFUSALS`, never an exception's text: that could quote a figure.
    refusal = models.CharField(max_length=64, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["state"], name="job_state")]


class Release(models.Model):
    class Status(models.TextChoices):
        DRAFTING = "drafting", _("being drafted")
        DRAFTED = "drafted", _("drafted")
        REFUSED = "refused", _("refused")
        APPROVED = "approved", _("approved")
        PUBLISHED = "published", _("published")
        SUPERSEDED = "superseded", _("superseded")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.DRAFTING)
    edition = models.PositiveIntegerField(default=1)
    # Not unique: two drafts may be meant to replace the same release. Publishing lets the first one through.
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors"
    )
    # The question asked (titles, period, dimensions), which will be public; no answer is in it.
    specification = models.JSONField()
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="drafted"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="approved"
    )
    job = models.OneToOneField(Job, null=True, on_delete=models.SET_NULL, related_name="release")
    # Someone withdrew after the draft was counted: it must be drafted anew before it can be published.
    outdated = models.BooleanField(default=False)
    # Published, and someone it may have counted withdrew afterwards: the next edition supersedes it.
    owes_edition = models.BooleanField(default=False)
    # Sealed to the coordinators: until two of them agree, the unsuppressed table exists nowhere else.
    draft_ciphertext = SealedField(null=True)
    draft_epoch = models.PositiveIntegerField(default=0)
    # The words around the figures and what was decided about groups, sealed to the coordinators until they are published.
    editorial_ciphertext = SealedField(null=True)
    editorial_epoch = models.PositiveIntegerField(default=0)
    # What the second coordinator approved, under the coordinators' own key: a database writer who exchanges the draft after
    # the approval cannot exchange this.
    approval_ciphertext = SealedField(null=True)
    approval_epoch = models.PositiveIntegerField(default=0)
    # Which suppressed cells hide a zero, under the worker's key: later editions are protected beside them.
    ledger_ciphertext = SealedField(null=True)
    ledger_epoch = models.PositiveIntegerField(default=0)
    # Canonical JSON, signed: what everyone may read for ever.
    document = BytesField(null=True)
    published_on = models.DateField(null=True)
    # The how-manieth publication: several may fall on one day, and editions are compared in their order.
    publication = models.PositiveIntegerField(default=0)
    # Public words in both languages: why the whole release was taken back.
    withdrawal = models.JSONField(null=True)
    withdrawn_on = models.DateField(null=True)
    # When the worker drafts the next edition by itself, who asked for it, and why it could not the last time (a code of
    # `casework.refusals`).
    next_draft_on = models.DateField(null=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    schedule_problem = models.CharField(max_length=32, blank=True)

    class Meta:
        default_permissions = ()


class Estimate(models.Model):
    """A question that somebody is still making up their mind about, and roughly how much of it would be suppressed. Gone within
    the hour, and at every withdrawal: nobody who is no longer counted stands in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # As a release's: the question, no answer.
    specification = models.JSONField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    job = models.OneToOneField(Job, null=True, on_delete=models.SET_NULL, related_name="estimate")
    # Sealed to the coordinators by the worker.
    answer_ciphertext = SealedField(null=True)
    answer_epoch = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()


class DraftStep(models.Model):
    """What one finished step of a draft found, under the worker's own key: a worker that is killed goes on from here. Gone with
    the draft's last step, and as soon as anybody withdraws."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=16)
    epoch = models.PositiveIntegerField()
    result_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["release", "name"], name="draft_step_once")]
