"""What a person has beside their passphrase: an authenticator app, passkeys, spare codes. allauth keeps the rows and the steps of
signing in; here stands what must not be left to its defaults: secrets are sealed, a code works once, and no row says when."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import events
from accounts.crypto.sealed import SealBroken
from accounts.crypto.server_secrets import open_for, seal_for
from accounts.keyfiles import pepper
from accounts.models import User

PERIOD_SECONDS: Final = 30
# One step to either side: phones' clocks are off by that much.
STEPS: Final = (0, -1, 1)
# The columns are allauth's and must hold something; when somebody enrolled is nobody's business.
NO_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
APP, PASSKEY, SPARE = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES

_owner: ContextVar[UUID | None] = ContextVar("temoin_factor_owner", default=None)


class LastFactor(Exception):
    """Without it the person could not come in any more."""


@contextmanager
def belonging_to(user: User) -> Iterator[None]:
    """Secrets sealed or opened inside the block are this person's: a row moved to another account does not open."""
    token = _owner.set(user.pk)
    try:
        yield
    finally:
        _owner.reset(token)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        # One text for wrong, late and used: a guesser learns nothing from the difference.
        "incorrect_code": _("This did not work. Each code works once: wait for the next one and try again."),
    }

    def get_totp_issuer(self) -> str:
        return "Témoin"

    @sensitive_variables()
    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal_for(pepper(), _whose(), text.encode())).decode()

    @sensitive_variables()
    def decrypt(self, encrypted_text: str) -> str:
        try:
            sealed = base64.b64decode(encrypted_text, validate=True)
        except ValueError:
            raise SealBroken from None
        return open_for(pepper(), _whose(), sealed).decode()

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nobody has an address here."""


def _whose() -> UUID:
    owner = _owner.get()
    if owner is None:
        raise SealBroken
    return owner


@sensitive_variables()
def sealed_for(user: User, text: str) -> str:
    with belonging_to(user):
        sealed: str = FactorAdapter().encrypt(text)
    return sealed


@sensitive_variables()
def opened_for(user: User, sealed: str) -> str:
    """Raises SealBroken for anything sealed for somebody else."""
    with belonging_to(user):
        text: str = FactorAdapter().decrypt(sealed)
    return text


# What somebody has


@dataclass(frozen=True)
class Factor:
    """One row of the page: a number to remove it by, what it is, and for a passkey the name the person gave it."""

    pk: int
    type: str
    name: str


def factors(user: User) -> list[Factor]:
    return [Factor(row.pk, row.type, _name(user, row)) for row in _rows(user, APP, PASSKEY).order_by("pk")]


def _name(user: User, row: Authenticator) -> str:
    return opened_for(user, row.data["name"]) if row.type == PASSKEY else ""


def has_factor(user: User) -> bool:
    return _rows(user, APP, PASSKEY).exists()


def has_app(user: User) -> bool:
    return _rows(user, APP).exists()


def has_passkey(user: User) -> bool:
    return _rows(user, PASSKEY).exists()


def spare_codes_left(user: User) -> int:
    row = _rows(user, SPARE).first()
    if row is None:
        return 0
    with belonging_to(user):
        return len(RecoveryCodes(row).get_unused_codes())


def _rows(user: User, *types: str) -> "QuerySet[Authenticator]":
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=user.pk, type__in=types)
    return found


# Authenticator app


def new_secret() -> str:
    secret: str = generate_totp_secret()
    return secret


def app_address(user: User, secret: str) -> str:
    """What the QR code says."""
    address: str = FactorAdapter().build_totp_url(user, secret)
    return address


def current_step() -> int:
    return int(time.time()) // PERIOD_SECONDS


@sensitive_variables()
def step_of(secret: str, code: str, after: int = 0) -> int | None:
    """Which of the three steps around now this code belongs to, and only one later than `after`."""
    now = current_step()
    for step in (now + shift for shift in STEPS):
        if step > after and compare_user_code(
            actual=code, expected=format_hotp_value(hotp_value(secret, step))
        ):
            return step
    return None


@sensitive_variables()
def enrol_app(user: User, secret: str, code: str) -> bool:
    """False when the code is not the app's. The code is used up by it."""
    step = step_of(secret, code)
    if step is None or has_app(user):
        return False
    with transaction.atomic():
        _keep(user, APP, {"secret": _sealed_state(user, secret, step)})
        events.tell(user, "factor.add", user.pk, kind="app")
    return True


@sensitive_variables()
def _sealed_state(user: User, secret: str, step: int) -> str:
    # The step is when they last came in: sealed with the secret.
    return sealed_for(user, json.dumps([secret, step]))


def _keep(user: User, kind: str, data: dict[str, Any]) -> None:
    Authenticator.objects.create(user=user, type=kind, data=data, created_at=NO_DAY)


# Passkeys


def keep_passkey(user: User, name: str, credential: dict[str, Any]) -> None:
    """`credential` was checked by the form against this session's challenge."""
    with transaction.atomic():
        row = WebAuthn.add(user, sealed_for(user, name), credential).instance
        Authenticator.objects.filter(pk=row.pk).update(created_at=NO_DAY)
        events.tell(user, "factor.add", user.pk, kind="passkey")


# Using, replacing, removing


@sensitive_variables()
def use_code(user: User, code: str) -> bool:
    """Whether this is the app's code or a spare one; either works once, on whatever process it is tried again."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        return _use_app(user, code) or _use_spare(user, code)


@sensitive_variables()
def _use_app(user: User, code: str) -> bool:
    row = _rows(user, APP).first()
    if row is None:
        return False
    secret, last = json.loads(opened_for(user, row.data["secret"]))
    step = step_of(secret, code, after=last)
    if step is None:
        return False
    row.data["secret"] = _sealed_state(user, secret, step)
    row.save(update_fields=["data"])
    return True


@sensitive_variables()
def _use_spare(user: User, code: str) -> bool:
    row = _rows(user, SPARE).first()
    if row is None:
        return False
    with belonging_to(user):
        right: bool = RecoveryCodes(row).validate_code(code)
    return right


@sensitive_variables()
def new_spare_codes(user: User) -> list[str]:
    """The old ones stop working."""
    with transaction.atomic(), belonging_to(user):
        _rows(user, SPARE).delete()
        _keep(user, SPARE, {"seed": FactorAdapter().encrypt(RecoveryCodes.generate_seed()), "used_mask": 0})
        events.tell(user, "factor.codes", user.pk)
        codes: list[str] = RecoveryCodes(_rows(user, SPARE).get()).get_unused_codes()
    return codes


def remove(user: User, pk: int) -> None:
    """Raises Authenticator.DoesNotExist for a row that is not theirs, LastFactor for the only one where one is required."""
    with transaction.atomic():
        row = _rows(user, APP, PASSKEY).select_for_update().get(pk=pk)
        if settings.TEMOIN_SECOND_FACTOR_REQUIRED and _rows(user, APP, PASSKEY).count() == 1:
            raise LastFactor
        row.delete()
        if not has_factor(user):
            _rows(user, SPARE).delete()
        events.tell(user, "factor.remove", user.pk, kind="app" if row.type == APP else "passkey")


def forget_all(user: User) -> None:
    """For somebody who lost everything they had: the next sign-in leads to enrolment."""
    _rows(user, APP, PASSKEY, SPARE).delete()
