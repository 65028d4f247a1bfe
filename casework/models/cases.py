"""What a case leaves in the database: a random id, its team, its epoch, the month after which it must be erased, sealed bytes."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.fields import BytesField, SealedField
from accounts.models import Team


class Case(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="cases")
    epoch = models.PositiveIntegerField(default=1)
    # Always the first of a month: the exact day would say when the person spoke to the group.
    erase_after = models.DateField()
    rekey_due = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_case", _("May open the case")),
            ("change_case", _("May change the case")),
            ("share_case", _("May grant and revoke access to the case")),
            ("export_case", _("May make copies of the case that leave the system")),
        ]


class CaseCard(models.Model):
    """A table of its own, so that a list of ten thousand does not drag every narrative through memory."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="card")
    ciphertext = SealedField()

    class Meta:
        default_permissions = ()


class CaseText(models.Model):
    """The normalised text a search scans."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="text")
    ciphertext = SealedField()

    class Meta:
        default_permissions = ()


class Revision(models.Model):
    """One saved state of the record; the highest number is the case as it stands."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    record_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="one_revision_per_number")]


class CaseUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Case, on_delete=models.CASCADE)
    # The last day on which it holds; None: until it is revoked. No key is needed to take it away.
    expires_on = models.DateField(null=True)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class CaseTeamPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Case, on_delete=models.CASCADE)
    # The last day on which it holds; None: until it is revoked. No key is needed to take it away.
    expires_on = models.DateField(null=True)

    class Meta(GroupObjectPermissionBase.Meta):
        default_permissions = ()


class HeldKey(models.Model):
    """The case key's people share, sealed to one holder. It hangs on the permission row: one goes, the other goes."""

    epoch = models.PositiveIntegerField()
    grantee_epoch = models.PositiveIntegerField()
    # Sealed to the public key until first opened, then under the wrap key: a thousand times cheaper to open.
    wrapped = models.BooleanField(default=False)
    key_ciphertext = SealedField()

    class Meta:
        abstract = True
        default_permissions = ()


class CaseUserKey(HeldKey):
    permission = models.OneToOneField(
        CaseUserPermission, primary_key=True, on_delete=models.CASCADE, related_name="key"
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="user_keys")


class CaseTeamKey(HeldKey):
    permission = models.OneToOneField(
        CaseTeamPermission, primary_key=True, on_delete=models.CASCADE, related_name="key"
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="team_keys")


class ImportedReference(models.Model):
    """A hash, keyed with the host's pepper, of team and reference: how a second import of the same row is recognised
    by a command line that opens nothing."""

    digest = BytesField(primary_key=True, max_length=32)
    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="imported_reference")

    class Meta:
        default_permissions = ()
