"""People, teams and the keys between them. No address, no date of joining or of the last visit: what is not stored cannot
be seized."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.crypto.context import grant_context
from accounts.crypto.passphrase import KdfParameters
from accounts.fields import BytesField, SealedField

# No "@": an e-mail address typed as a user name would stand in clear in a seized database.
username_letters = RegexValidator(r"\A[\w.-]+\Z", _("Use letters, digits, dots and dashes only."))


class People(BaseUserManager["User"]):
    """Accounts are made in `accounts.people`, with their keys, or not at all: there is no `create_user` here."""


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(
        _("user name"),
        max_length=40,
        unique=True,
        validators=[username_letters, MinLengthValidator(3)],
        error_messages={"unique": _("This user name is taken. Choose another.")},
    )
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="fr")
    is_active = models.BooleanField(default=True)
    last_login = None

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[People] = People()

    class Meta:
        default_permissions = ()

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """One form per name, so that nobody is taken for somebody else over a capital letter."""
        return super().normalize_username(username.strip()).lower()


class UserKey(models.Model):
    """The user's root under their passphrase."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="key")
    epoch = models.PositiveIntegerField(default=1)
    salt = BytesField()
    iterations = models.PositiveIntegerField()
    memory_kib = models.PositiveIntegerField()
    lanes = models.PositiveIntegerField()
    root_ciphertext = SealedField()
    # The passphrase was reset from outside: the root is still under the old one and waits for recovery.
    stale = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()

    def was_made_at(self, cost: KdfParameters) -> bool:
        return (self.iterations, self.memory_kib, self.lanes) == (
            cost.iterations,
            cost.memory_kib,
            cost.lanes,
        )


class RecoveryKey(models.Model):
    """The same root under the code that the person printed. It goes when it is used, and another takes its place."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="recovery_key")
    epoch = models.PositiveIntegerField()
    salt = BytesField()
    iterations = models.PositiveIntegerField()
    memory_kib = models.PositiveIntegerField()
    lanes = models.PositiveIntegerField()
    root_ciphertext = SealedField()

    class Meta:
        default_permissions = ()


class PublicKey(models.Model):
    """Signed by the organisation: see docs/decisions/0001. Read it through `accounts.publickeys` only, which checks."""

    principal_id = models.UUIDField()
    kind = models.CharField(max_length=16)
    epoch = models.PositiveIntegerField()
    public_key = BytesField()
    signature = BytesField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["principal_id", "epoch"], name="one_public_key_per_epoch")
        ]


class PastOwnRoot(models.Model):
    """A person's root of an ended epoch, under the root that followed: what was sealed to them before
    they renewed it, and was not moved, they still open."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="past_roots")
    epoch = models.PositiveIntegerField()
    root_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "epoch"], name="one_past_own_root_per_epoch")]


class TeamKind(models.TextChoices):
    ORGANISATION = "ORGANISATION", _("Organisation")
    ORGANIZERS = "ORGANIZERS", _("Organizers")
    COORDINATORS = "COORDINATORS", _("Coordinators")
    AUDITORS = "AUDITORS", _("Auditors")


class Team(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Mirrors the seats for guardian, which knows groups only. `accounts.teams` changes both or neither.
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="team")
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=16, choices=TeamKind)
    epoch = models.PositiveIntegerField(default=1)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(kind__in=["ORGANISATION", "COORDINATORS", "AUDITORS"]),
                name="one_team_of_each_governing_kind",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def principal_kind(self) -> str:
        return "organisation" if self.kind == TeamKind.ORGANISATION else "team"


class PastRoot(models.Model):
    """The root of an ended epoch, under the root that followed: whoever holds the newest one reads what is older."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="past_roots")
    epoch = models.PositiveIntegerField()
    root_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["team", "epoch"], name="one_past_root_per_epoch")]


class Seat(models.Model):
    """The team's root, sealed to one member."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="seats")
    epoch = models.PositiveIntegerField()
    # Which of the member's own roots opens it.
    user_epoch = models.PositiveIntegerField(default=1)
    # May invite, remove and renew. A permission and no key: every member holds the same root.
    steward = models.BooleanField(default=False)
    root_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_seat_per_person_and_team")]


class Invitation(models.Model):
    """Two roots under a key that only the link holds. The row ends when it is used, and after a week."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = BytesField(unique=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    team_epoch = models.PositiveIntegerField()
    team_root_ciphertext = SealedField()
    organisation_epoch = models.PositiveIntegerField()
    organisation_root_ciphertext = SealedField()
    expires_on = models.DateField()

    class Meta:
        default_permissions = ()


class TrusteeSet(models.Model):
    """The trustees as they are now; there is one set or none. The shares themselves are on paper only."""

    id = models.UUIDField(primary_key=True, editable=False)
    threshold = models.PositiveSmallIntegerField()
    count = models.PositiveSmallIntegerField()
    # Printed in every share as well: tells a share of another set.
    number = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()


class TrusteeSeal(models.Model):
    """The root of a person or a team, sealed to the trustees."""

    trustee_set = models.ForeignKey(TrusteeSet, on_delete=models.CASCADE, related_name="seals")
    principal_id = models.UUIDField()
    kind = models.CharField(max_length=16)
    principal_epoch = models.PositiveIntegerField()
    root_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["trustee_set", "principal_id", "principal_epoch"], name="one_seal_per_epoch"
            )
        ]


class Rescue(models.Model):
    """One person on their way back, or on their way into a team whose root nobody can open any more. The row ends when they are
    there, and after a week opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="rescue")
    trustee_set = models.ForeignKey(TrusteeSet, on_delete=models.CASCADE, related_name="rescues")
    begun_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    # None: it is the person's own root that is opened.
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="rescues")
    # Of the link for somebody who has no passphrase, and of whoever holds it. A seat in a team needs neither.
    token_hash = BytesField(null=True, unique=True)
    public_key = BytesField(null=True)
    root_epoch = models.PositiveIntegerField(default=1)
    root_ciphertext = SealedField(null=True)
    expires_on = models.DateField()

    class Meta:
        default_permissions = ()


class RescueShare(models.Model):
    """A share that was entered, sealed to whoever began the rescue, until there are enough."""

    rescue = models.ForeignKey(Rescue, on_delete=models.CASCADE, related_name="shares")
    member = models.PositiveSmallIntegerField()
    share_ciphertext = SealedField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["rescue", "member"], name="each_share_once")]


def seat_context(team: uuid.UUID, epoch: int, user: uuid.UUID, user_epoch: int) -> bytes:
    return grant_context("team", team, epoch, user, user_epoch)


def past_root_context(team: uuid.UUID, epoch: int) -> bytes:
    """The root of `epoch`, granted to the team itself as it was one epoch later."""
    return grant_context("team", team, epoch, team, epoch + 1)


def past_own_root_context(user: uuid.UUID, epoch: int) -> bytes:
    return grant_context("user", user, epoch, user, epoch + 1)
