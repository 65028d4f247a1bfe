"""A person and their root: made together, and moved to a new passphrase together."""

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import trustees
from accounts.crypto.passphrase import unwrap_root, wrap_root
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.hasher import Run, kept_runs
from accounts.models import User, UserKey
from accounts.publickeys import admit


@sensitive_variables()
def new_person(
    username: str, passphrase: str, language: str, organisation: Principal
) -> tuple[User, Principal]:
    """An account with its root, its public key vouched for by the organisation. Seats are given by `accounts.teams`."""
    user = User(username=User.normalize_username(username), language=language)
    principal = Principal.generate("user", user.id)
    with transaction.atomic():
        wrap_under(user, principal, passphrase)
        admit(organisation, principal)
        trustees.keep_sealed(principal)
    return user, principal


@sensitive_variables()
def wrap_under(user: User, principal: Principal, passphrase: str) -> None:
    """Save a passphrase and the same root under it. Never makes a root: what was sealed to the old one stays readable."""
    with kept_runs() as runs, transaction.atomic():
        user.set_password(passphrase)
        user.save()
        UserKey.objects.update_or_create(user=user, defaults=_wrapped(principal, runs[-1]))


def _wrapped(principal: Principal, run: Run) -> dict[str, object]:
    return {
        "epoch": principal.epoch,
        "salt": run.salt,
        "iterations": run.parameters.iterations,
        "memory_kib": run.parameters.memory_kib,
        "lanes": run.parameters.lanes,
        "root_ciphertext": wrap_root(run.stretched, principal, run.salt, run.parameters),
        "stale": False,
    }


def unwrapped(user: User, run: Run) -> Principal:
    """The person's root. Raises SealBroken when there is none, or when it is still under an earlier passphrase."""
    key = UserKey.objects.filter(user=user, stale=False).first()
    if key is None or key.salt != run.salt or not key.was_made_at(run.parameters):
        raise SealBroken
    return unwrap_root(run.stretched, user.id, key.epoch, key.root_ciphertext, run.salt, run.parameters)
