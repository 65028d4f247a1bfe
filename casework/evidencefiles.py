"""The folder of encrypted files: each is named by the random id of its evidence and says nothing but its size.

Reached by the web process alone. Nothing here holds or needs a key, so that a case can be erased by whoever cannot open it."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.crypto.sealed import SealBroken
from casework.models import DoomedFile, Evidence

ARRIVING: Final = ".part"
# Longer than any upload takes on a bad line: what still arrives after a day was interrupted.
SWEPT_AFTER_SECONDS: Final = 24 * 3600


def folder() -> Path:
    found = Path(settings.TEMOIN_EVIDENCE_DIR)
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def _kept(evidence_id: UUID) -> Path:
    return folder() / evidence_id.hex


def _arriving(evidence_id: UUID) -> Path:
    return folder() / f"{evidence_id.hex}{ARRIVING}"


def begin(evidence_id: UUID) -> BinaryIO:
    """For one upload, which alone writes to it."""
    descriptor = os.open(_arriving(evidence_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")


def finish(file: BinaryIO) -> None:
    """On the disk, not only on its way there, before a row says that it is kept."""
    file.flush()
    os.fsync(file.fileno())
    file.close()


def keep(evidence_id: UUID) -> None:
    """Once the row is committed. Until then the file looks like an interrupted upload, and is swept like one."""
    with suppress(FileNotFoundError):
        # The time of receipt stands sealed in the row; the folder need not say it to the second as well.
        os.utime(_arriving(evidence_id), (0, 0))
        _arriving(evidence_id).replace(_kept(evidence_id))


def discard(evidence_id: UUID) -> None:
    _arriving(evidence_id).unlink(missing_ok=True)
    _kept(evidence_id).unlink(missing_ok=True)


def open_file(evidence_id: UUID) -> BinaryIO:
    """Raises SealBroken when there is none. A crash between commit and `keep` leaves the first name on a file that is whole."""
    for path in (_kept(evidence_id), _arriving(evidence_id)):
        with suppress(FileNotFoundError):
            return path.open("rb")
    raise SealBroken


def is_there(evidence_id: UUID) -> bool:
    return _kept(evidence_id).exists() or _arriving(evidence_id).exists()


def destroy(case_id: UUID) -> None:
    """All evidence of a case, rows and files, without a key."""
    Evidence.objects.filter(case_id=case_id).delete()


def doom(instance: Evidence, **_: Any) -> None:
    """However a row goes, its file goes with it: once the transaction has ended well, or else with the next sweep."""
    DoomedFile.objects.get_or_create(pk=instance.pk)
    transaction.on_commit(sweep_doomed)


def sweep_doomed() -> None:
    """A process that does not reach the folder, the worker for one, leaves this to one that does."""
    if not Path(settings.TEMOIN_EVIDENCE_DIR).is_dir():
        return
    for doomed in DoomedFile.objects.all():
        discard(doomed.pk)
        doomed.delete()


def sweep() -> int:
    """What was interrupted and what is doomed. The number of interrupted uploads deleted."""
    sweep_doomed()
    swept = 0
    for path in folder().glob(f"*{ARRIVING}"):
        with suppress(FileNotFoundError, ValueError):
            if time.time() - path.stat().st_mtime > SWEPT_AFTER_SECONDS:
                swept += _swept(UUID(path.name.removesuffix(ARRIVING)))
    return swept


def _swept(evidence_id: UUID) -> bool:
    if Evidence.objects.filter(pk=evidence_id).exists():
        keep(evidence_id)
        return False
    discard(evidence_id)
    return True


def astray() -> tuple[list[UUID], list[str]]:
    """Evidence without a file, and files without evidence: after a restore, the two may be of different days."""
    known = set(Evidence.objects.values_list("pk", flat=True))
    names = {path.name for path in folder().iterdir() if not path.name.endswith(ARRIVING)}
    missing = sorted(each for each in known if not is_there(each))
    return missing, sorted(names - {each.hex for each in known})


def delete_strays(names: list[str]) -> None:
    """By hand only, and only what `astray` named."""
    for name in names:
        (folder() / name).unlink(missing_ok=True)
