"""Somebody who is in several cases withdraws while those cases are saved, shared, sealed anew, exported, joined or erased, or
while the figures are shuffled: one waits for the other, nobody meets an error, and what was confirmed holds."""

import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection, connections
from django.http import Http404
from django.utils import timezone

from accounts import whole as wholes
from accounts.crypto.sealed import SealBroken
from accounts.models import Team
from accounts.whole import whole
from casework import (
    audit,
    coarsening,
    consent,
    consentrecords,
    erasing,
    erasureorders,
    followup,
    intake,
    keychecks,
    membership,
    permissions,
    receipts,
    rekeying,
    sameperson,
    sharing,
    statistics,
    vault,
)
from casework.agenda import Task
from casework.exporting import drafts, making
from casework.models import AuditEntry, Case, CaseTeamPermission, Statistic
from casework.record import Consent
from tests.cast import Cast
from tests.stories import person, story
from tests.writers import at_once, on_disk

pytestmark = pytest.mark.django_db(transaction=True)
# What somebody is told who comes too late.
TOO_LATE = (
    receipts.Unknown,
    making.NothingGoes,
    Http404,
    SealBroken,
    consent.ConsentMissing,
    intake.SavedMeanwhile,
    erasing.NoSuchCase,
    sharing.HasItAlready,
)
Place = sameperson.Place


def place_of(cast: Cast, case_id: uuid.UUID, who: int = 0) -> Place:
    return case_id, vault.open_case(cast.keyring_of("alice"), case_id).record.persons[who].id


def kept(cast: Cast, reference: str, *others: str) -> Place:
    people = [person("Heron"), *map(person, others)]
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, story(reference, *people))
    return place_of(cast, case_id)


@pytest.fixture
def two(cast: Cast) -> list[Place]:
    return two_cases(cast)


def two_cases(cast: Cast) -> list[Place]:
    """Of one person, in the order in which they are locked, and shared with the other team."""
    places = sorted(kept(cast, f"H-{number}") for number in range(2))
    sameperson.join(cast.keyring_of("alice"), *places)
    for case_id, _person in places:
        sharing.grant(cast.keyring_of("alice"), case_id, cast.other_team, may_change=False)
    return places


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has got hold of something takes a moment before going on: long enough for somebody else to come the other way. And
    nobody gets a second try, which would hide that two had waited for each other."""
    monkeypatch.setattr(wholes, "is_crossing", lambda error: False)
    for module, name in ((permissions, "hold_cases"), (consentrecords, "opened_by")):
        monkeypatch.setattr(module, name, _then_waiting(getattr(module, name)))


def _then_waiting(hold: Callable[..., Any]) -> Callable[..., Any]:
    waited = threading.local()

    def held(*args: Any, **kwargs: Any) -> Any:
        found = hold(*args, **kwargs)
        if kwargs.get("lock", True) and not hasattr(waited, "once"):
            waited.once = True
            time.sleep(0.2)
        return found

    return held


def withdraws(cast: Cast, place: Place, *purposes: str, cooling: int = 7) -> Callable[[], object]:
    code = receipts.give(cast.keyring_of("alice"), *place)

    def withdraw() -> None:
        receipts.withdraw(receipts.look(code), list(purposes), "fr", cooling)

    return withdraw


def written_down(cast: Cast, name: str, place: Place, *purposes: str) -> Callable[[], object]:
    """The same, told to an organizer, who writes it down in one of the cases."""
    keyring = cast.keyring_of(name)
    opened = vault.open_case(keyring, place[0])

    def save() -> None:
        for purpose in purposes:
            opened.record.persons[0].consents.append(Consent(purpose, "WITHDRAWN", timezone.localdate()))
        intake.save_consents(keyring, place[0], opened.record, opened.revision)

    return save


def saves(cast: Cast, name: str, place: Place) -> Callable[[], object]:
    keyring = cast.keyring_of(name)

    def save() -> None:
        opened = vault.open_case(keyring, place[0])
        intake.save_case(keyring, place[0], opened.record, opened.revision)

    return save


def holds(cast: Cast, places: list[Place], *purposes: str) -> None:
    """In every case that is still there: the consent, the figures and the other team are gone."""
    for case_id, person_id in places:
        if not Case.objects.filter(pk=case_id).exists():
            continue
        someone = vault.open_consents(cast.keyring_of("alice"), case_id).record.person(person_id)
        assert someone is not None and not any(consent.may(someone, purpose) for purpose in purposes)
    others = CaseTeamPermission.objects.exclude(group__team=cast.verdun)
    assert not others.filter(content_object__in=[case_id for case_id, _ in places]).exists()
    assert keychecks.findings() == [] and audit.verify() is None


def test_a_withdrawal_by_receipt_and_one_written_down_in_the_last_of_the_cases(
    cast: Cast, two: list[Place], tmp_path: Path, slowly: None
) -> None:
    works = [
        written_down(cast, "alice", two[1], "SHARE_PARTNER"),
        withdraws(cast, two[0], "SHARE_PARTNER", "STATS"),
    ]
    with on_disk(tmp_path):
        errors = at_once(works)
        # Whoever came second with what stood there before is shown what stands there now.
        assert [type(error) for error in errors] in ([], [intake.SavedMeanwhile])
        holds(cast, two, "SHARE_PARTNER")
        connections.close_all()


def test_two_cases_of_the_same_two_people_who_stand_in_them_in_another_order(
    cast: Cast, tmp_path: Path, slowly: None
) -> None:
    alice = cast.keyring_of("alice")
    ids = [
        intake.create_case(alice, cast.verdun, story(name, *map(person, people)))
        for name, people in (("A", ("Heron", "Plover")), ("B", ("Plover", "Heron")))
    ]
    for who in range(2):
        sameperson.join(alice, place_of(cast, ids[0], who), place_of(cast, ids[1], 1 - who))
    works = [saves(cast, "alice", (case_id, "")) for case_id in ids]
    with on_disk(tmp_path):
        assert at_once(works) == []
        connections.close_all()


def _renewed(cast: Cast) -> object:
    return membership.renew(cast.keyring_of("alice"), cast.verdun.pk)


def _third(cast: Cast) -> Place:
    return kept(cast, "H-3")


def _exports(cast: Cast, two: list[Place]) -> Callable[[], object]:
    draft = drafts.begin(cast.keyring_of("bob"), [case_id for case_id, _ in two])
    draft = draft.keep(
        msgspec.structs.replace(draft.facts, recipient="LAWYER", to="Me Loon", reason="appeal")
    )
    return lambda: making.make(cast.keyring_of("bob"), draft)


def _refers(cast: Cast, place: Place) -> Callable[[], object]:
    """A task that another act adds: asked of the case as it is then."""
    task = Task(followup.new_id(), "Call the lawyer")
    return lambda: followup.change(cast.keyring_of("bob"), place[0], lambda record: record.tasks.append(task))


def _joins(cast: Cast, first: Place, second: Place) -> Callable[[], object]:
    return lambda: sameperson.join(cast.keyring_of("bob"), first, second)


MEANWHILE: dict[str, Callable[[Cast, list[Place]], Callable[[], object]]] = {
    "saved": lambda cast, two: saves(cast, "bob", two[1]),
    "asked in": lambda cast, two: written_down(cast, "bob", two[1], "STORY"),
    "given a task": lambda cast, two: _refers(cast, two[1]),
    "shared": lambda cast, two: partial(
        sharing.grant, cast.keyring_of("bob"), two[1][0], cast.other_team, may_change=True
    ),
    "shared by name": lambda cast, two: partial(
        sharing.grant, cast.keyring_of("bob"), two[1][0], cast.dana, may_change=True
    ),
    "revoked": lambda cast, two: partial(sharing.revoke, cast.keyring_of("bob"), two[1][0], cast.other_team),
    "sealed anew": lambda cast, two: lambda: list(rekeying.sweep(cast.keyring_of("bob"), cast.verdun)),
    "under a new key of the team": lambda cast, two: partial(_renewed, cast),
    "erased": lambda cast, two: partial(erasureorders.erase_now, cast.keyring_of("bob"), two[1][0]),
    "joined to another": lambda cast, two: _joins(cast, two[1], _third(cast)),
    "joined from another": lambda cast, two: _joins(cast, _third(cast), two[0]),
    "exported": _exports,
    "given another receipt": lambda cast, two: partial(receipts.give, cast.keyring_of("bob"), *two[1]),
    "withdrawn in": lambda cast, two: written_down(cast, "bob", two[1], "STATS"),
}


def _tokens(cast: Cast, places: list[Place]) -> list[bytes]:
    records = [vault.open_case(cast.keyring_of("alice"), case_id).record for case_id, _person in places]
    return [token for record in records for token in coarsening.token_hashes(record)]


def test_whoever_is_counted_in_two_places_while_the_records_are_shuffled_is_counted_no_more(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compaction takes rows out and puts them in again. Whoever waits to remove one must not miss it for that."""
    place = kept(cast, "H-1", "Plover")
    intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-2", person("Loon")))
    withdraw, root = withdraws(cast, place, "STATS"), statistics.worker_root()
    resealed, taken_out = statistics._resealed, threading.Event()

    def slowly_resealed(*args: Any) -> Statistic:
        taken_out.set()
        time.sleep(0.3)
        return resealed(*args)

    def withdraw_in_the_middle() -> None:
        taken_out.wait(30)
        withdraw()

    monkeypatch.setattr(statistics, "_resealed", slowly_resealed)
    with on_disk(tmp_path):
        assert at_once([lambda: statistics.compact(root), withdraw_in_the_middle]) == []
        # Plover and Loon.
        assert Statistic.objects.count() == 2
        connections.close_all()


def test_two_who_take_the_same_things_the_other_way_round_both_get_there(cast: Cast, tmp_path: Path) -> None:
    """What no order prevents, the second try does: on PostgreSQL one of the two is undone first."""
    teams, runs = [cast.verdun.pk, cast.other_team.pk], []

    @whole
    def act(*wanted: uuid.UUID) -> None:
        runs.append(wanted)
        for team_id in wanted:
            Team.objects.select_for_update().get(pk=team_id)
            time.sleep(0.3)
        audit.append(cast.alice, "case.list")

    with on_disk(tmp_path):
        before = AuditEntry.objects.count()
        assert at_once([lambda: act(*teams), lambda: act(*reversed(teams))]) == []
        assert AuditEntry.objects.count() == before + 2 and audit.verify() is None
        assert len(runs) == (3 if connection.vendor == "postgresql" else 2)
        connections.close_all()


def test_both_cases_are_withdrawn_from_while_something_happens_to_the_second(
    cast: Cast, tmp_path: Path, slowly: None
) -> None:
    """One after the other in one database: to empty it takes longer than all of it."""
    with on_disk(tmp_path):
        for number, (what, begin) in enumerate(MEANWHILE.items()):
            cooling = receipts.withdrawing.COOLING[number % 2]
            two = two_cases(cast)
            Case.objects.update(rekey_due=True)
            counted = _tokens(cast, two)
            works = [begin(cast, two), withdraws(cast, two[0], "STORE", cooling=cooling)]
            errors = at_once(works)
            assert all(isinstance(error, TOO_LATE) for error in errors) and len(errors) < 2, (what, errors)
            # A receipt that was replaced in the same moment withdraws nothing, and the page says that nobody knows it.
            if [type(error) for error in errors] != [receipts.Unknown]:
                holds(cast, two, *consent.PURPOSES)
                assert not Statistic.objects.filter(pk__in=counted).exists(), what
        connections.close_all()
