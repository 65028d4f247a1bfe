"""New keys for what somebody may have kept the old ones of: one case at a revocation or at its next saving, all of a team's when
somebody left it.

Locks are taken in one order everywhere, so that people who save, share and leave at once wait for each other and never in a
circle: teams, then cases, then key rows, then the audit log."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from django.http import Http404

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring, Locked
from accounts.models import Team
from accounts.whole import whole
from casework import audit, consentrecords, contacts, custody, holding, keys, permissions, register, vault
from casework.models import Case, CaseTeamKey, CaseUserKey

logger = logging.getLogger(__name__)
# One visit to the page: about half a minute. What is left waits for the next visit, or for its next saving.
SWEPT_AT_ONCE: Final = 1000


def rekey(keyring: Keyring, case: Case, old: keys.CaseKey) -> keys.CaseKey:
    """A new epoch: every sealed byte of the case under a new key, granted to whoever still has the permission.

    `case` is what `permissions.case_to_change` gave, in this transaction. Raises SealBroken, EpochEnded."""
    new = keys.mint(case.pk, case.epoch + 1, keys.erasure_share(case.pk))
    newest = None
    for revision in case.revisions.order_by("number"):
        newest = vault.open_revision(old, revision)
        revision.record_ciphertext = vault.seal_record(new, newest, revision.pk)
        revision.save(update_fields=["record_ciphertext"])
    if newest is None:
        raise SealBroken
    # The card tells what holds now, which is not what held when the case was saved.
    consentrecords.lay_over(old, newest)
    consentrecords.rekey(old, new, newest)
    vault.replace_card_and_text(case, vault.seal(new, newest, uuid4(), custody.words_of([old])[case.pk]))
    custody.reseal(old, new)
    holding.seal_again(old, new)
    register.seal_again(old, new)
    case.epoch, case.rekey_due = new.epoch, False
    case.save(update_fields=["epoch", "rekey_due"])
    keys.grant_again(keyring, case, new)
    return new


def rekey_if_due(keyring: Keyring, case: Case) -> None:
    """At the next saving, without anybody asking for it. The lists read the old bytes until then, and so could a leaver."""
    if case.rekey_due:
        rekey(keyring, case, keys.open_key(keyring, case))
        audit.append(keyring.user, "case.rekey", case.pk, epoch=case.epoch)


def rewrap_team(team: Team, before: Principal, now: Principal) -> None:
    """What `accounts.teams` calls when an epoch begins: every case key of the team under its new root at once, and the cases
    marked to be sealed anew, because whoever left may have kept the old keys."""
    reached = Case.objects.filter(team_keys__permission__group=team.group)
    marked = [case.pk for case in reached.order_by("pk").select_for_update(of=("self",)).only("pk")]
    for start in range(0, len(marked), 500):
        Case.objects.filter(pk__in=marked[start : start + 500]).update(rekey_due=True)
    to_now = keys.to_principal(now)
    rows = CaseTeamKey.objects.filter(permission__group=team.group, grantee_epoch=before.epoch)
    for row in rows.select_for_update(of=("self",)).iterator(chunk_size=500):
        people = keys.open_share(before, row.case_id, row.epoch, row.key_ciphertext, wrapped=row.wrapped)
        granted = to_now(keys.Share(row.case_id, row.epoch, people))
        CaseTeamKey.objects.filter(pk=row.pk).update(**vars(granted))
    contacts.reseal(team, before, now)


def rewrap_own(keyring: Keyring, now: Principal) -> None:
    """What `accounts.renewal` calls: case keys granted to the person by name, under their new root at once. The cases keep
    theirs: nobody lost the permission."""
    to_now = keys.to_principal(now)
    rows = CaseUserKey.objects.filter(permission__user=keyring.user).order_by("pk")
    for row in rows.select_for_update(of=("self",)).iterator(chunk_size=500):
        # One that does not open stays as it is: `check_keys --as` names it.
        with suppress(SealBroken, Locked):
            own = keyring.principal_at(row.grantee_epoch)
            people = keys.open_share(own, row.case_id, row.epoch, row.key_ciphertext, wrapped=row.wrapped)
            granted = to_now(keys.Share(row.case_id, row.epoch, people))
            CaseUserKey.objects.filter(pk=row.pk).update(**vars(granted))


@dataclass
class Swept:
    """`total` was due when the sweep began; `broken` do not open and stay as they are; `skipped` are somebody else's work."""

    total: int
    done: int = 0
    skipped: int = 0
    broken: int = 0

    @property
    def seen(self) -> int:
        return self.done + self.skipped + self.broken


def due(team: Team) -> int:
    return Case.objects.filter(team=team, rekey_due=True).count()


def sweep(keyring: Keyring, team: Team) -> Iterator[Swept]:
    """Seals the team's marked cases anew, each in a transaction of its own: stopped anywhere, it goes on from there the next
    time, and whoever is saving a case makes it wait for that case only. Yields after each; at most SWEPT_AT_ONCE are done."""
    waiting = Case.objects.filter(team=team, rekey_due=True).order_by("pk")
    swept = Swept(waiting.count())
    for case_id in list(waiting.values_list("pk", flat=True)):
        _sweep_one(keyring, case_id, swept)
        yield swept
        if swept.done >= SWEPT_AT_ONCE:
            return


def _sweep_one(keyring: Keyring, case_id: UUID, swept: Swept) -> None:
    try:
        was_due = _anew(keyring, case_id)
    except (SealBroken, Locked):
        swept.broken += 1
    except (Http404, keys.EpochEnded):
        # Erased, or no longer theirs, or yet another epoch began: none of it is this sweep's to do.
        swept.skipped += 1
    else:
        swept.done, swept.skipped = swept.done + was_due, swept.skipped + (not was_due)


@whole
def _anew(keyring: Keyring, case_id: UUID) -> bool:
    case = permissions.case_to_change(keyring.user, case_id)
    was_due = case.rekey_due
    rekey_if_due(keyring, case)
    return was_due
