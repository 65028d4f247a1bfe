"""What the finished steps of a draft found, so that a killed worker goes on where it was. Sealed under the worker's own key: what
was counted is small enough to name somebody, and must not lie about for whoever takes the database.

Somebody may withdraw between two steps. Then nothing of what was counted with them is kept, and the draft begins again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.db import transaction

from accounts.crypto.context import release_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from casework import statistics
from casework.models import DraftStep, Release


class Outdated(Exception):
    """Somebody who was counted has withdrawn, or the draft is gone: nothing is kept."""


class Steps(Protocol):
    def result(self, name: str) -> bytes | None: ...

    def keep(self, name: str, data: bytes) -> None: ...

    def forget(self) -> None: ...


class Unkept:
    """Of a draft made in one go, on the command line."""

    def result(self, name: str) -> bytes | None:
        return None

    def keep(self, name: str, data: bytes) -> None: ...

    def forget(self) -> None: ...


@dataclass(frozen=True)
class KeptSteps:
    """`ask_for_help`: tells other workers that there is something to share; None for whoever helps."""

    release_id: UUID
    root: Principal
    ask_for_help: Callable[[], None] | None = None

    def result(self, name: str) -> bytes | None:
        """None when the step is not finished, or its result was altered or is of a root that is gone: then it is done again."""
        step = DraftStep.objects.filter(release=self.release_id, name=name).first()
        if step is None:
            return None
        try:
            reader = statistics.at_epoch(self.root, step.epoch)
            return unpad(reader.open(step.result_ciphertext, self._place(name)))
        except SealBroken:
            return None

    def keep(self, name: str, data: bytes, of: tuple[str, bytes] | None = None) -> None:
        """Raises Outdated, and keeps nothing, once somebody has withdrawn. `of`: another step, and what it must have found."""
        sealed = self.root.seal(pad(data), self._place(name))
        with transaction.atomic():
            # Locked: a withdrawal comes before this and is seen here, or after it and deletes what is kept here.
            drafting = Release.objects.select_for_update().filter(status=Release.Status.DRAFTING)
            release = drafting.filter(pk=self.release_id).first()
            if release is None or release.outdated or (of and self.result(of[0]) != of[1]):
                raise Outdated
            DraftStep.objects.update_or_create(
                release=release,
                name=name,
                defaults={"epoch": self.root.epoch, "result_ciphertext": sealed},
            )

    def forget(self) -> None:
        DraftStep.objects.filter(release=self.release_id).delete()

    def begin(self) -> None:
        """Before the first record is read, or where it was left: a withdrawal from here on marks the draft again."""
        with transaction.atomic():
            drafting = Release.objects.select_for_update().filter(pk=self.release_id)
            if any(release.outdated for release in drafting):
                self.forget()
                drafting.update(outdated=False)

    def _place(self, name: str) -> bytes:
        return release_context(f"step {name}", self.release_id)
