"""One act on many cases: whoever looks after them, a tag, a status, access. Each case by itself and reported by itself: one that
refuses keeps no other back, and nothing happens to a case that is not said. The last act can be taken back on the same day."""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final
from uuid import UUID

import msgspec
from django.http import Http404
from django.utils import timezone

from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring, Locked
from accounts.models import Team, User
from accounts.teams import members
from accounts.whole import Crossed
from casework import audit, consent, intake, keys, notes, permissions, sharing, vault, workflow
from casework.models import OwnNote
from casework.record import CaseRecord, is_detained_now

# About ten seconds of sealing on one core; more is done in two goes.
MOST: Final = 200
TAGS: Final = 20
STATUS, ASSIGN, TAG, SHARE = "status", "assign", "tag", "share"


class Act(msgspec.Struct):
    """What is to be done. `who`: a user's or a team's id in hexadecimal digits; empty for nobody."""

    kind: str
    status: str = ""
    who: str = ""
    add: list[str] = []
    remove: list[str] = []
    may_change: bool = False
    until: dt.date | None = None


class Selection(msgspec.Struct):
    cases: list[UUID]
    act: Act | None = None


class Planned(msgspec.Struct):
    """What would happen to one case; `refusal` is a code, and empty when it would."""

    case_id: UUID
    reference: str
    revision: int = 0
    before: str = ""
    after: str = ""
    refusal: str = ""


class Change(msgspec.Struct):
    """What was done to one case, and what it was before: enough to take it back."""

    case_id: UUID
    reference: str
    refusal: str = ""
    revision: int = 0
    status: str = ""
    owner: str = ""
    tags: list[str] = []


class LastAct(msgspec.Struct):
    act: Act
    day: dt.date
    changes: list[Change]
    undone: bool = False


def select(keyring: Keyring, case_ids: Iterable[UUID]) -> None:
    """Only those that may be viewed: an id that somebody made up is not among them."""
    wanted = list(dict.fromkeys(case_ids))[:MOST]
    mine = set(permissions.cases_for(keyring.user).filter(pk__in=wanted).values_list("pk", flat=True))
    notes.replace(keyring, OwnNote.Kind.SELECTION, Selection([c for c in wanted if c in mine]))


def selection(keyring: Keyring) -> Selection:
    return notes.one(keyring, OwnNote.Kind.SELECTION, Selection) or Selection([])


def plan(keyring: Keyring, act: Act) -> None:
    """To be looked at before it is done."""
    chosen = selection(keyring)
    chosen.act = act
    notes.replace(keyring, OwnNote.Kind.SELECTION, chosen)


def last_act(keyring: Keyring) -> LastAct | None:
    """Of today."""
    found = notes.one(keyring, OwnNote.Kind.UNDO, LastAct)
    return found if found and found.day == timezone.localdate() else None


# Looking at it first


def preview(keyring: Keyring, chosen: Selection) -> list[Planned]:
    """Opens each case once, in as many questions as for one."""
    if chosen.act is None:
        return []
    opened = vault.newest_cases(keyring, chosen.cases)
    needed = permissions.SHARE if chosen.act.kind == SHARE else permissions.CHANGE
    rows = permissions.cases_for(keyring.user, needed).filter(pk__in=chosen.cases)
    allowed = {case.pk: case.team_id for case in rows}
    mine = _teams_of(chosen.act)
    planned = [_planned(case_id, opened.get(case_id), chosen.act, allowed, mine) for case_id in chosen.cases]
    audit.append(keyring.user, "bulk.preview", cases=len(planned))
    return planned


def _teams_of(act: Act) -> set[UUID]:
    """Of whoever is to look after the cases: only somebody of the team that keeps a case may."""
    if act.kind != ASSIGN or not act.who:
        return set()
    return set(Team.objects.filter(seats__user=UUID(hex=act.who)).values_list("pk", flat=True))


def _planned(
    case_id: UUID,
    opened: vault.OpenRevision | None,
    act: Act,
    allowed: dict[UUID, UUID],
    teams_of_owner: set[UUID],
) -> Planned:
    if opened is None:
        return Planned(case_id, "", refusal="closed")
    record, reference = opened.record, opened.record.reference
    if case_id not in allowed:
        return Planned(case_id, reference, refusal="forbidden")
    refusal = _refusal(record, act, allowed[case_id] in teams_of_owner)
    if act.kind == SHARE:
        return Planned(case_id, reference, opened.revision, refusal=refusal)
    before, after = _value(record, act), _value(changed(record, act), act)
    same = "" if before != after else "same"
    return Planned(case_id, reference, opened.revision, before, after, refusal or same)


def _refusal(record: CaseRecord, act: Act, owner_is_on_team: bool) -> str:
    if act.kind == STATUS:
        detained = any(map(is_detained_now, record.victims()))
        return "" if workflow.may_move(record.status, act.status, detained=detained) else "no_way"
    if act.kind == ASSIGN and act.who:
        return "" if owner_is_on_team else "not_on_team"
    return "too_many_tags" if act.kind == TAG and len(_tags(record, act)) > TAGS else ""


def changed(record: CaseRecord, act: Act) -> CaseRecord:
    new = msgspec.structs.replace(record)
    if act.kind == STATUS:
        new.status = act.status
    elif act.kind == ASSIGN:
        new.owner = act.who
    elif act.kind == TAG:
        new.tags = _tags(record, act)
    return new


def _tags(record: CaseRecord, act: Act) -> list[str]:
    return list(dict.fromkeys(tag for tag in (*record.tags, *act.add) if tag not in act.remove))


def _value(record: CaseRecord, act: Act) -> str:
    return {STATUS: record.status, ASSIGN: record.owner}.get(act.kind, ", ".join(record.tags))


# Doing it


def perform(keyring: Keyring, chosen: Selection, planned: list[Planned]) -> LastAct:
    """What was looked at, case by case; one that was saved since is refused."""
    if chosen.act is None:
        raise Http404
    act = chosen.act
    done = [_tried(keyring, case, partial(_do, keyring, case, act)) for case in planned]
    last = LastAct(act, timezone.localdate(), done)
    notes.replace(keyring, OwnNote.Kind.UNDO, last)
    notes.forget(keyring, OwnNote.Kind.SELECTION)
    audit.append(keyring.user, "bulk.act", act=act.kind, cases=sum(not change.refusal for change in done))
    return last


def _tried(keyring: Keyring, case: Planned | Change, do: Callable[[], Change]) -> Change:
    refused = Change(case.case_id, case.reference, refusal=case.refusal)
    if case.refusal:
        return refused
    try:
        return do()
    except (Http404, SealBroken, Locked):
        refused.refusal = "forbidden"
    except (intake.SavedMeanwhile, keys.EpochEnded, Crossed):
        refused.refusal = "changed"
    except consent.ConsentMissing:
        refused.refusal = "closed"
    except sharing.HasItAlready:
        refused.refusal = "same"
    return refused


def _do(keyring: Keyring, case: Planned, act: Act) -> Change:
    if act.kind == SHARE:
        return _share(keyring, case, act)
    opened = vault.open_case(keyring, case.case_id, permissions.CHANGE)
    if opened.revision != case.revision:
        raise intake.SavedMeanwhile(opened)
    before = opened.record
    number = intake.save_case(keyring, case.case_id, changed(before, act), case.revision)
    return Change(case.case_id, case.reference, "", number, before.status, before.owner, list(before.tags))


def _share(keyring: Keyring, case: Planned, act: Act) -> Change:
    grantee = grantee_of(act)
    row = permissions.case_for(keyring.user, case.case_id, permissions.SHARE)
    # What somebody has already stays as it is: taking this act back must not take that away.
    if any(granted.id == grantee.pk for granted in sharing.granted(row)):
        raise sharing.HasItAlready
    sharing.grant(keyring, case.case_id, grantee, may_change=act.may_change, expires_on=act.until)
    return Change(case.case_id, case.reference)


def grantee_of(act: Act) -> User | Team:
    """Raises Http404."""
    wanted = UUID(hex=act.who)
    found = User.objects.filter(pk=wanted).first() or Team.objects.filter(pk=wanted).first()
    if found is None:
        raise Http404
    return found


# Taking it back


def undo(keyring: Keyring) -> LastAct | None:
    """Of today's last act, every case that nobody has changed since. None when there is nothing to take back."""
    last = last_act(keyring)
    if last is None or last.undone:
        return None
    last.changes = [
        _tried(keyring, change, partial(_undo, keyring, change, last.act))
        for change in last.changes
        if not change.refusal
    ]
    last.undone = True
    notes.replace(keyring, OwnNote.Kind.UNDO, last)
    audit.append(keyring.user, "bulk.undo", act=last.act.kind, cases=sum(not c.refusal for c in last.changes))
    return last


def _undo(keyring: Keyring, change: Change, act: Act) -> Change:
    if act.kind == SHARE:
        return _take_back(keyring, change, act)
    opened = vault.open_case(keyring, change.case_id, permissions.CHANGE)
    if opened.revision != change.revision:
        raise intake.SavedMeanwhile(opened)
    record = msgspec.structs.replace(
        opened.record, status=change.status, owner=change.owner, tags=change.tags
    )
    number = intake.save_case(keyring, change.case_id, record, change.revision)
    return Change(change.case_id, change.reference, revision=number)


def _take_back(keyring: Keyring, change: Change, act: Act) -> Change:
    grantee = grantee_of(act)
    row = permissions.case_for(keyring.user, change.case_id, permissions.SHARE)
    given = next((granted for granted in sharing.granted(row) if granted.id == grantee.pk), None)
    if given is None or (given.may_change, given.expires_on) != (act.may_change, act.until):
        return Change(change.case_id, change.reference, refusal="changed")
    sharing.revoke(keyring, change.case_id, grantee)
    return Change(change.case_id, change.reference)


def mates(keyring: Keyring, case_ids: list[UUID]) -> list[User]:
    """Who is on a team that keeps one of these cases."""
    rows = permissions.cases_for(keyring.user).filter(pk__in=case_ids)
    found = {user for team in Team.objects.filter(cases__in=rows).distinct() for user in members(team)}
    return sorted(found, key=lambda user: user.username)
