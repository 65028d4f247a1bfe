"""Do permissions, keys, shares and rows agree? Looked at from outside: this needs no key and opens nothing, so the worker runs it
every day. That what is there also opens is proved by `casework.keyproofs`, with somebody's passphrase."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from accounts import keychecks as accounts_checks
from accounts.keychecks import Finding as Finding
from accounts.models import PastOwnRoot, PublicKey, Team, TeamKind
from casework.models import (
    AuditEntry,
    Case,
    CaseCard,
    CaseTeamKey,
    CaseTeamPermission,
    CaseText,
    CaseUserKey,
    CaseUserPermission,
    ErasureShare,
    ImportedReference,
    Revision,
    Statistic,
)

logger = logging.getLogger(__name__)

VIEW: Final = "view_case"
EXPLAINED: Final = accounts_checks.EXPLAINED | {
    "permission_without_key": "somebody may view this case and holds no key to it",
    "permission_of_no_team": "this permission belongs to a group that is no team",
    "change_without_view": "somebody may change or share this case and not view it",
    "key_on_a_wrong_permission": "this key hangs on a permission that does not let anybody view the case",
    "key_of_another_case": "this key hangs on a permission for another case",
    "key_of_another_epoch": "this key is of an epoch that is not the case's: it opens nothing that is there now",
    "key_of_unknown_grantee": "this key is sealed to an epoch of its grantee that nobody vouches for",
    "key_of_ended_grantee": "this key is sealed to an ended epoch of a person, whose root of then is gone: they cannot open it",
    "case_without_its_team": "the team that keeps this case holds no key to it",
    "case_without_card": "this case has no card",
    "case_without_text": "this case has no search text",
    "case_without_record": "this case has no record",
    "case_without_share": "this case has no erasure share: it was erased, or the erasure database is older than the main one",
    "share_without_case": "this erasure share has no case: a saving was interrupted, or a case was removed by hand",
    "reference_without_case": "this imported reference has no case",
    "statistic_of_unknown_epoch": "these coarse records are sealed to an epoch nobody vouches for",
    "audit_of_unknown_epoch": "these audit entries are sealed to an epoch nobody vouches for",
}


def findings(*, erasure: bool = True) -> list[Finding]:
    """Everything that does not agree, in order; an empty list is what one hopes for.

    `erasure`: also ask the erasure database, which the worker cannot reach. What is being written meanwhile does not show: on
    PostgreSQL all questions see one moment."""
    with transaction.atomic():
        _at_one_moment()
        found = set(accounts_checks.findings())
        for check in CHECKS:
            found.update(check())
    if erasure:
        found.update(_shares())
    return sorted(found)


def _at_one_moment() -> None:
    """The first statement of an outermost transaction may say so; inside another one, that one has chosen already."""
    if connection.vendor == "postgresql" and len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def counts(found: Iterable[Finding]) -> str:
    """For a log: how many of each kind, and no id."""
    counted = Counter(finding.kind for finding in found)
    return ", ".join(f"{kind} {number}" for kind, number in sorted(counted.items())) or "nothing"


def log_findings() -> None:
    """The worker's daily look."""
    found = findings(erasure=False)
    (logger.error if found else logger.info)("Keys checked; found: %s.", counts(found))


def _each(kind: str, rows: QuerySet[Any, Any], field: str = "pk") -> Iterator[Finding]:
    for subject in rows.values_list(field, flat=True).distinct():
        yield Finding(kind, str(subject))


KEYS: Final = (
    (CaseUserPermission, CaseUserKey, "user_id"),
    (CaseTeamPermission, CaseTeamKey, "group_id"),
)


def _permissions() -> Iterator[Finding]:
    for granted, keys, holder in KEYS:
        rows = granted._default_manager.all()
        held = keys._default_manager.filter(permission_id=OuterRef("pk"))
        viewing = rows.filter(permission__codename=VIEW)
        yield from _each("permission_without_key", viewing.filter(~Exists(held)), "content_object_id")
        same = {holder: OuterRef(holder), "content_object_id": OuterRef("content_object_id")}
        view = granted._default_manager.filter(permission__codename=VIEW, **same)
        others = rows.exclude(permission__codename=VIEW)
        yield from _each("change_without_view", others.filter(~Exists(view)), "content_object_id")
    homeless = CaseTeamPermission.objects.filter(group__team__isnull=True)
    yield from _each("permission_of_no_team", homeless)


def _keys() -> Iterator[Finding]:
    for _granted, keys, _holder in KEYS:
        rows = keys._default_manager.all()
        wrong = rows.exclude(permission__permission__codename=VIEW)
        yield from _each("key_on_a_wrong_permission", wrong, "case_id")
        moved = rows.exclude(permission__content_object_id=F("case_id"))
        yield from _each("key_of_another_case", moved, "case_id")
        yield from _each("key_of_another_epoch", rows.exclude(epoch=F("case__epoch")), "case_id")


def _grantees() -> Iterator[Finding]:
    for rows, grantee in (
        (CaseUserKey.objects.all(), "permission__user_id"),
        (CaseTeamKey.objects.all(), "permission__group__team__id"),
    ):
        vouched = PublicKey.objects.filter(
            principal_id=OuterRef(grantee), epoch=OuterRef("grantee_epoch"), kind__in=("user", "team")
        )
        yield from _each("key_of_unknown_grantee", rows.filter(~Exists(vouched)), "case_id")
    newer = PublicKey.objects.filter(
        principal_id=OuterRef("permission__user_id"), epoch__gt=OuterRef("grantee_epoch")
    )
    kept = PastOwnRoot.objects.filter(
        user_id=OuterRef("permission__user_id"), epoch=OuterRef("grantee_epoch")
    )
    ended = CaseUserKey.objects.filter(Exists(newer), ~Exists(kept))
    yield from _each("key_of_ended_grantee", ended, "case_id")


def _cases() -> Iterator[Finding]:
    own = CaseTeamKey.objects.filter(case_id=OuterRef("pk"), permission__group__team=OuterRef("team_id"))
    cases = Case.objects.all()
    yield from _each("case_without_its_team", cases.filter(~Exists(own)))
    parts: tuple[tuple[str, type[Model]], ...] = (
        ("case_without_card", CaseCard),
        ("case_without_text", CaseText),
        ("case_without_record", Revision),
    )
    for kind, model in parts:
        yield from _each(kind, cases.filter(~Exists(model._default_manager.filter(case_id=OuterRef("pk")))))


def _references() -> Iterator[Finding]:
    """The database itself should refuse these; SQLite does only for a connection that asked it to."""
    case = Case.objects.filter(pk=OuterRef("case_id"))
    rows = ImportedReference.objects.filter(~Exists(case))
    yield from _each("reference_without_case", rows, "case_id")


def _epochs() -> Iterator[Finding]:
    statistics = PublicKey.objects.filter(kind="statistics", epoch=OuterRef("epoch"))
    yield from _each("statistic_of_unknown_epoch", Statistic.objects.filter(~Exists(statistics)), "epoch")
    auditors = Q(kind="team", principal_id__in=_auditors())
    vouched = PublicKey.objects.filter(auditors, epoch=OuterRef("epoch"))
    yield from _each("audit_of_unknown_epoch", AuditEntry.objects.filter(~Exists(vouched)), "epoch")


def _auditors() -> QuerySet[Any, Any]:
    return Team.objects.filter(kind=TeamKind.AUDITORS).values("pk")


CHECKS: Final[tuple[Callable[[], Iterator[Finding]], ...]] = (
    _permissions,
    _keys,
    _grantees,
    _cases,
    _references,
    _epochs,
)


def _shares() -> Iterator[Finding]:
    """The two databases cannot be read at one moment: whatever looks wrong is asked about again."""
    cases, shares = _case_ids(), _share_ids()
    for case_id in sorted(cases - shares):
        if not ErasureShare.objects.filter(pk=case_id).exists() and Case.objects.filter(pk=case_id).exists():
            yield Finding("case_without_share", str(case_id))
    for case_id in sorted(shares - cases):
        if not Case.objects.filter(pk=case_id).exists() and ErasureShare.objects.filter(pk=case_id).exists():
            yield Finding("share_without_case", str(case_id))


def _case_ids() -> set[UUID]:
    return set(Case.objects.values_list("pk", flat=True))


def _share_ids() -> set[UUID]:
    return set(ErasureShare.objects.values_list("pk", flat=True))
