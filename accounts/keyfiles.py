"""What lies on disk beside the database and never in it: the pepper, the organisation's pinned public key, the statistics
root. Each is one line of text in a file of its own, so that a process is given exactly the ones it needs."""

import os
import secrets
from pathlib import Path
from uuid import UUID

from django.conf import settings

from accounts.crypto.passphrase import PEPPER_BYTES
from accounts.crypto.principal import Principal

PEPPER = "pepper"
ORGANISATION = "organisation.pub"
STATISTICS = "statistics.root"
TRUSTEES = "trustees.pin"
LEDGER = "ledger.key"
SETUP_CODE = "setup-code"
LEDGER_KEY_BYTES = 32
_STATISTICS_LABEL = "temoin-statistics-root/1"


class KeysMissing(Exception):  # noqa: N818 - the house names it by what happened
    """A key file is absent or not what it should be. Carries the file's name and nothing of its content."""


def path_of(name: str) -> Path:
    return Path(settings.TEMOIN_KEYS_DIR) / name


def statistics_path() -> Path:
    configured = settings.TEMOIN_STATISTICS_ROOT_FILE
    return Path(configured) if configured else path_of(STATISTICS)


def pepper() -> bytes:
    """Without it a stolen database cannot even be guessed at. Raises KeysMissing."""
    value = _bytes_of(PEPPER)
    if len(value) < PEPPER_BYTES:
        raise KeysMissing(PEPPER)
    return value


def ledger_key() -> bytes:
    """Whoever finds the ledger of erasures and, in a laptop's history, the address of a case cannot bring the two together
    without it. Web and worker hold it. Raises KeysMissing."""
    value = _bytes_of(LEDGER)
    if len(value) < LEDGER_KEY_BYTES:
        raise KeysMissing(LEDGER)
    return value


def organisation_key() -> bytes:
    """The public key that vouches for all others: pinned here, because a database writer could exchange a row."""
    value = _bytes_of(ORGANISATION)
    if len(value) != 32:
        raise KeysMissing(ORGANISATION)
    return value


def organisation_is_pinned() -> bool:
    return path_of(ORGANISATION).exists()


def statistics_principal() -> Principal:
    """Only the worker's environment has this file. Raises KeysMissing."""
    return _statistics_principal(statistics_path())


def statistics_principals() -> list[Principal]:
    """The first, and those of later epochs in files beside it (`statistics.root.2`, …), oldest first. Raises KeysMissing."""
    found = [statistics_principal()]
    while (path := later_statistics_path(found[-1].epoch + 1)).exists():
        found.append(_statistics_principal(path))
    return found


def later_statistics_path(epoch: int) -> Path:
    first = statistics_path()
    return first.with_name(f"{first.name}.{epoch}")


def _statistics_principal(path: Path) -> Principal:
    try:
        label, principal_id, epoch, root = path.read_text().split()
        if label != _STATISTICS_LABEL:
            raise KeysMissing(STATISTICS)
        return Principal("statistics", UUID(principal_id), int(epoch), bytes.fromhex(root))
    except (OSError, ValueError):
        raise KeysMissing(STATISTICS) from None


def has_statistics_root() -> bool:
    return os.access(statistics_path(), os.R_OK)


def make_pepper() -> Path | None:
    """None when there is one: a host may hand it in as a secret before set-up."""
    if path_of(PEPPER).exists():
        pepper()
        return None
    return write_once(path_of(PEPPER), secrets.token_hex(PEPPER_BYTES))


def make_ledger_key() -> Path | None:
    """None when there is one: a host may hand it in as a secret before set-up."""
    if path_of(LEDGER).exists():
        ledger_key()
        return None
    return write_once(path_of(LEDGER), secrets.token_hex(LEDGER_KEY_BYTES))


def pin_organisation(public_key: bytes) -> Path:
    return write_once(path_of(ORGANISATION), public_key.hex())


def keep_statistics_root(principal: Principal) -> Path:
    line = f"{_STATISTICS_LABEL} {principal.id} {principal.epoch} {principal.root.hex()}"
    return write_once(
        later_statistics_path(principal.epoch) if principal.epoch > 1 else statistics_path(), line
    )


def pin_trustees(fingerprint: str) -> None:
    """The one file here that is replaced: with the trustees themselves. Raises OSError where this process may only read."""
    path = path_of(TRUSTEES)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    write_once(fresh, fingerprint)
    fresh.replace(path)


def trustees_pin() -> str:
    """Empty when there is none: nothing matches it."""
    try:
        return path_of(TRUSTEES).read_text().strip()
    except OSError:
        return ""


def write_once(path: Path, line: str) -> Path:
    """Never over an existing file: a key overwritten is everything under it lost. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(line + "\n")
    return path


def _bytes_of(name: str) -> bytes:
    try:
        return bytes.fromhex(path_of(name).read_text().strip())
    except (OSError, ValueError):
        raise KeysMissing(name) from None
