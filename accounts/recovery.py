"""The way back for somebody who lost their passphrase, or everything they show beside it: a code on paper that opens the same
root a second time. It never makes a new root, and it works once."""

import os
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import events, second_factor
from accounts.crypto import recovery_code
from accounts.crypto.passphrase import SALT_BYTES, KdfParameters, Stretched, stretch
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keyfiles import pepper
from accounts.keyring import Keyring
from accounts.models import RecoveryKey, User
from accounts.people import wrap_under

NOBODY: Final = bytes(SALT_BYTES)


class RecoveryRefused(Exception):
    """No such person, no code, another code, a code already used: whoever tries learns nothing from the difference."""


def has_code(user: User) -> bool:
    return RecoveryKey.objects.filter(user=user).exists()


@sensitive_variables()
def new_code(keyring: Keyring) -> str:
    """Shown once. The old code is dead from here on."""
    with transaction.atomic():
        code = _replace(keyring.user, keyring.principal)
        events.tell(keyring.user, "recovery.code", keyring.user.pk)
    return code


@sensitive_variables()
def set_passphrase(username: str, code: str, passphrase: str) -> str:
    """The same root under a new passphrase, and the code that replaces the one just used. Raises RecoveryRefused."""
    with transaction.atomic():
        user, principal = _open(username, code)
        wrap_under(user, principal, passphrase)
        events.tell(user, "recovery.passphrase", user.pk)
        return _replace(user, principal)


@sensitive_variables()
def forget_factors(user: User, code: str) -> str:
    """For somebody whose passphrase was right a moment ago and who lost phone and spare codes. Returns the next code."""
    with transaction.atomic():
        found, principal = _open(user.username, code)
        second_factor.forget_all(found)
        events.tell(found, "recovery.factor", found.pk)
        return _replace(found, principal)


@sensitive_variables()
def _open(username: str, code: str) -> tuple[User, Principal]:
    """One run of Argon2id, whatever the answer."""
    name = User.normalize_username(username)
    rows = RecoveryKey.objects.select_for_update().filter(user__username=name, user__is_active=True)
    key = rows.select_related("user").first()
    salt, cost = (key.salt, _cost(key)) if key else (NOBODY, settings.TEMOIN_KDF)
    stretched = _stretched(code, salt, cost)
    if key is None:
        raise RecoveryRefused
    try:
        return key.user, recovery_code.unwrap_root(
            stretched, key.user.pk, key.epoch, key.root_ciphertext, salt, cost
        )
    except SealBroken:
        raise RecoveryRefused from None


def _cost(key: RecoveryKey) -> KdfParameters:
    return KdfParameters(key.iterations, key.memory_kib, key.lanes)


@sensitive_variables()
def _stretched(code: str, salt: bytes, cost: KdfParameters) -> Stretched:
    return stretch(code, salt, cost, pepper())


@sensitive_variables()
def _replace(user: User, principal: Principal) -> str:
    code, salt, cost = recovery_code.new_code(), os.urandom(SALT_BYTES), settings.TEMOIN_KDF
    wrapped: dict[str, Any] = {
        "epoch": principal.epoch,
        "salt": salt,
        "iterations": cost.iterations,
        "memory_kib": cost.memory_kib,
        "lanes": cost.lanes,
        "root_ciphertext": recovery_code.wrap_root(_stretched(code, salt, cost), principal, salt, cost),
    }
    RecoveryKey.objects.update_or_create(user=user, defaults=wrapped)
    return recovery_code.written(code)
