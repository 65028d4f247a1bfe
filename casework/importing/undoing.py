"""An import taken back as a whole: every case of it that nobody has touched since. What was worked on stays, and is named."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from accounts.keyring import Keyring
from accounts.whole import whole
from casework import audit, erasureorders, permissions
from casework.importing.batches import Batch
from casework.models import Case, CaseTeamPermission, Revision, Rule

AT_ONCE: Final = 200
GONE, CHANGED, REMOVED = "gone", "changed", "removed"
# What every case has from the moment it is imported. Anything else that hangs on it was put there by somebody.
FROM_THE_START: Final = frozenset(
    {"CaseCard", "CaseText", "Revision", "CaseTeamPermission", "CaseTeamKey", "ImportedReference"}
)


@dataclass
class Undone:
    """`gone` were erased before."""

    removed: int = 0
    gone: int = 0
    changed: list[UUID] = field(default_factory=list)

    @property
    def seen(self) -> int:
        return self.removed + self.gone + len(self.changed)


def preview(batch: Batch) -> Undone:
    """What `undo` would do now."""
    found = Undone()
    for ids in _portions(batch.facts.ids()):
        there = set(Case.objects.filter(pk__in=ids).values_list("pk", flat=True))
        touched = changed(batch, there)
        found.removed += len(there - touched)
        found.gone += len(ids) - len(there)
        found.changed += sorted(touched)
    return found


def undo(keyring: Keyring, batch: Batch) -> Iterator[Undone]:
    """Yields how far it is. Each case is a transaction: stopped in between, the rest is still there and can be undone later."""
    done = Undone()
    for case_id in batch.facts.ids():
        _count(done, case_id, _undo(keyring, batch, case_id))
        yield done
    with transaction.atomic():
        batch.row.delete()
        audit.append(
            keyring.user, "import.undo", batch.row.team_id, removed=done.removed, kept=len(done.changed)
        )
    yield done


@whole
def _undo(keyring: Keyring, batch: Batch, case_id: UUID) -> str:
    """Asked with the lock on the case: somebody may be saving it at this moment."""
    permissions.hold_case(case_id)
    if not Case.objects.filter(pk=case_id, team=batch.row.team_id).exists():
        return GONE
    if changed(batch, {case_id}):
        return CHANGED
    erasureorders.erase_now(keyring, case_id, Rule.IMPORT_UNDONE)
    return REMOVED


def _count(done: Undone, case_id: UUID, what: str) -> None:
    done.removed += what == REMOVED
    done.gone += what == GONE
    done.changed += [case_id] * (what == CHANGED)


def changed(batch: Batch, ids: set[UUID]) -> set[UUID]:
    """Saved again, shared, or anything hung on them since: by whatever subject, whether or not this module knows it."""
    found = set(Revision.objects.filter(case__in=ids, number__gt=1).values_list("case_id", flat=True))
    shared = CaseTeamPermission.objects.filter(content_object__in=ids).exclude(group__team=batch.row.team_id)
    found |= set(shared.values_list("content_object_id", flat=True))
    for model, name in _hanging():
        rows = model._default_manager.filter(**{f"{name}__in": ids})
        found |= set(rows.values_list(f"{name}_id", flat=True))
    return found


def _hanging() -> Iterator[tuple[type[Model], str]]:
    for relation in Case._meta.related_objects:
        if relation.related_model.__name__ not in FROM_THE_START:
            yield relation.related_model, relation.field.name


def _portions(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
