"""A case is erased: share first, then everything else, once, by anybody who may order it and by the worker without a key."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.http import Http404
from django.utils import timezone

from accounts import keyfiles
from accounts.crypto.blocks import encrypt_blocks
from accounts.crypto.sealed import SealBroken
from accounts.teams import auditors
from casework import (
    audit,
    erasing,
    erasureorders,
    holding,
    intake,
    keychecks,
    ledger,
    sharing,
    statistics,
    tasks,
    vault,
    veils,
)
from casework.models import (
    Case,
    CaseUserKey,
    ErasedCase,
    ErasureShare,
    LedgerEntry,
    LegalHold,
    Rule,
    ScheduledErasure,
    Statistic,
)
from tests.cast import Cast
from tests.stories import person, story

pytestmark = pytest.mark.django_db


def tomorrow() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=1)


@pytest.fixture
def case_id(cast: Cast) -> uuid.UUID:
    """Kept by Verdun, granted to charlie by name and to the other team, saved twice, two people counted."""
    alice = cast.keyring_of("alice")
    made = intake.create_case(alice, cast.verdun, story("H-1", person(), person("Cedar")))
    sharing.grant(alice, made, cast.charlie, may_change=True)
    sharing.grant(alice, made, cast.other_team, may_change=False)
    opened = vault.open_case(alice, made)
    intake.save_case(alice, made, opened.record, opened.revision)
    return made


@pytest.fixture
def neighbour(cast: Cast) -> uuid.UUID:
    """Another case of the same team, which nothing here may touch."""
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, story("N-1"))


@contextmanager
def a_day_later(monkeypatch: pytest.MonkeyPatch, days: int = 1) -> Iterator[None]:
    now = timezone.now() + dt.timedelta(days=days)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: now)
        yield


def rows_about(case_id: uuid.UUID) -> dict[str, int]:
    """Every row of every model that a column leads from to this case."""
    found: dict[str, int] = {}
    for model in apps.get_app_config("casework").get_models():
        for field in model._meta.local_fields:
            leads = isinstance(field, models.ForeignKey) and field.related_model is Case
            if leads or (model is Case and field.primary_key) or field.name == "case_id":
                number = model._default_manager.filter(**{field.attname: case_id}).count()
                found |= {model.__name__: number} if number else {}
    return found


def entry_of_the_erasure(cast: Cast) -> audit.Entry:
    return next(audit.entries(cast.keyring_of("frank"), auditors().pk))


# Now


def test_nothing_of_an_erased_case_is_left_but_its_tombstone(
    cast: Cast, case_id: uuid.UUID, neighbour: uuid.UUID
) -> None:
    assert {"Case", "CaseCard", "CaseText", "Revision", "CaseUserKey", "CaseTeamKey", "ErasureShare"} <= set(
        rows_about(case_id)
    )
    assert Statistic.objects.count() == 3
    erased = erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    assert rows_about(case_id) == {}
    assert (Statistic.objects.count(), Case.objects.count(), ErasureShare.objects.count()) == (1, 1, 1)
    assert (erased.rule, erased.erased_on) == ("asked", timezone.localdate())
    assert vault.open_case(cast.keyring_of("alice"), neighbour).record.reference == "N-1"
    assert keychecks.findings() == []


def test_the_tombstone_and_the_ledger_name_the_case_by_a_keyed_hash_only(
    cast: Cast, case_id: uuid.UUID
) -> None:
    erased = erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    for row in (erased, *LedgerEntry.objects.all()):
        for field in row._meta.local_fields:
            value = getattr(row, field.attname)
            assert value not in (case_id, case_id.bytes, str(case_id), case_id.hex)
    digests = {bytes(entry.pk) for entry in LedgerEntry.objects.all()}
    keyfiles.path_of(keyfiles.LEDGER).write_text("cd" * 32)
    LedgerEntry.objects.filter(kind="key").delete()
    assert ledger.Hashes().case(case_id) not in digests


def test_erasing_twice_changes_nothing_the_second_time(cast: Cast, case_id: uuid.UUID) -> None:
    first = erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    again = erasing.erase(case_id, Rule.RETENTION)
    assert (again.number, again.rule) == (first.number, "asked")
    assert ErasedCase.objects.count() == 1 and LedgerEntry.objects.filter(kind="case").count() == 1
    with pytest.raises(Http404):
        erasureorders.erase_now(cast.keyring_of("alice"), case_id)


def test_a_case_that_never_was_is_not_said_to_be_erased(cast: Cast) -> None:
    with pytest.raises(erasing.NoSuchCase):
        erasing.erase(uuid.uuid4(), Rule.ASKED)
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("name", ["charlie", "dana", "frank", "grace", "root_user"])
def test_only_the_team_that_keeps_a_case_erases_it(cast: Cast, case_id: uuid.UUID, name: str) -> None:
    """charlie may change it, and that is not enough."""
    keyring = cast.keyring_of(name)
    for attempt in (
        lambda: erasureorders.erase_now(keyring, case_id),
        lambda: erasureorders.erase_on(keyring, case_id, tomorrow()),
        lambda: erasureorders.take_back(keyring, case_id),
    ):
        with pytest.raises(Http404):
            attempt()
    assert Case.objects.filter(pk=case_id).exists() and not ScheduledErasure.objects.exists()


def test_a_case_that_no_longer_opens_can_still_be_erased(cast: Cast, case_id: uuid.UUID) -> None:
    """Its coarse records cannot be named then; they go when the consent to be counted ends."""
    ErasureShare.objects.filter(pk=case_id).delete()
    erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    assert rows_about(case_id) == {} and Statistic.objects.count() == 2


def test_without_the_ledger_s_key_nothing_is_erased_by_halves(cast: Cast, case_id: uuid.UUID) -> None:
    before = rows_about(case_id)
    keyfiles.path_of(keyfiles.LEDGER).unlink()
    with pytest.raises(keyfiles.KeysMissing):
        erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    assert rows_about(case_id) == before and Statistic.objects.count() == 2


# The audit log


def test_the_log_says_that_a_case_was_erased_and_no_longer_which(
    cast: Cast, case_id: uuid.UUID, neighbour: uuid.UUID
) -> None:
    before = [entry.subject for entry in audit.entries(cast.keyring_of("frank"), auditors().pk)]
    assert before.count(case_id) >= 5
    erased = erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    assert audit.verify() is None
    entries = list(audit.entries(cast.keyring_of("frank"), auditors().pk))
    assert (entries[0].action, entries[0].actor, entries[0].detail) == (
        "case.erase",
        cast.alice.pk,
        {"number": erased.number, "rule": "asked"},
    )
    gone = [entry for entry in entries if entry.case_is_gone]
    assert len(gone) == before.count(case_id)
    assert all(entry.subject is None and entry.detail == {} for entry in gone)
    assert str(case_id) not in repr(entries) and repr(case_id.bytes) not in repr(entries)
    assert str(cast.charlie.pk) not in repr([entry.detail for entry in entries])
    assert [entry.subject for entry in entries if entry.subject] == [
        subject for subject in before if subject != case_id
    ]


def test_nothing_in_the_log_tells_which_entries_were_about_the_same_erased_case(
    cast: Cast, case_id: uuid.UUID
) -> None:
    erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    veils = [entry.veil for entry in audit.entries(cast.keyring_of("frank"), auditors().pk) if entry.veil]
    parts = [part for veil in veils for part in (veil.nonce, veil.mark, veil.sealed)]
    assert len(set(parts)) == len(parts) == 3 * len(veils) > 12


def test_a_page_of_the_log_tries_the_key_of_each_case_once_however_many_entries_it_shows(
    cast: Cast, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, tried = cast.keyring_of("alice"), []
    kept = [intake.create_case(alice, cast.verdun, story(f"K-{number}")) for number in range(3)]
    for opened in (*kept, case_id) * 4:
        vault.open_case(alice, opened)
    erasureorders.erase_now(alice, case_id)
    monkeypatch.setattr(veils, "encrypt_blocks", lambda *a: tried.append(a) or encrypt_blocks(*a))
    page = audit.page(cast.keyring_of("frank"), auditors().pk, lambda entry: entry.action == "case.open")
    subjects = [found.entry.subject for found in page.entries if found.entry]
    assert len(tried) == len(kept)
    assert {found for found in subjects if found} == set(kept) and subjects.count(None) >= 4
    assert Counter(subjects)[kept[0]] == 4


# Held


def hold(cast: Cast, case_id: uuid.UUID, until: dt.date | None = None) -> None:
    holding.ask(cast.keyring_of("alice"), case_id, "A lawsuit is under way", until or tomorrow())
    holding.agree(cast.keyring_of("bob"), case_id)


def test_a_hold_two_people_agreed_on_stops_every_erasure(cast: Cast, case_id: uuid.UUID) -> None:
    hold(cast, case_id)
    erasing.schedule(case_id, tomorrow(), Rule.WITHDRAWN)
    Case.objects.update(erase_after=timezone.localdate())
    ScheduledErasure.objects.update(on=timezone.localdate())
    with pytest.raises(erasing.UnderHold) as refused:
        erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    assert refused.value.until == tomorrow()
    assert erasing.erase_due() == 0 and vault.open_case(cast.keyring_of("alice"), case_id).record.persons


def test_what_waited_for_a_hold_is_erased_once_the_hold_has_ended(
    cast: Cast, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(cast, case_id)
    erasing.schedule(case_id, tomorrow(), Rule.WITHDRAWN)
    with a_day_later(monkeypatch):
        assert erasing.erase_due() == 0
    with a_day_later(monkeypatch, 2):
        assert erasing.erase_due() == 1
    assert ErasedCase.objects.get().rule == "withdrawn" and not LegalHold.objects.exists()


def test_a_hold_nobody_else_agreed_on_stops_nothing(cast: Cast, case_id: uuid.UUID) -> None:
    alice = cast.keyring_of("alice")
    holding.ask(alice, case_id, "A lawsuit", tomorrow())
    with pytest.raises(holding.SamePerson):
        holding.agree(alice, case_id)
    assert erasureorders.erase_now(alice, case_id)


@pytest.mark.parametrize("days", [-400, -1, 0, 800])
def test_a_hold_ends_on_a_day_to_come_and_within_two_years(cast: Cast, case_id: uuid.UUID, days: int) -> None:
    with pytest.raises(holding.BadEnd):
        holding.ask(
            cast.keyring_of("alice"), case_id, "A lawsuit", timezone.localdate() + dt.timedelta(days=days)
        )
    assert not LegalHold.objects.exists()


def test_a_hold_asked_for_anew_is_agreed_to_anew(cast: Cast, case_id: uuid.UUID) -> None:
    hold(cast, case_id)
    holding.ask(cast.keyring_of("bob"), case_id, "Longer", holding.last_day())
    assert erasing.held_until(case_id) is None
    with pytest.raises(holding.SamePerson):
        holding.agree(cast.keyring_of("bob"), case_id)
    holding.agree(cast.keyring_of("alice"), case_id)
    with pytest.raises(holding.NothingToAgree):
        holding.agree(cast.keyring_of("charlie"), case_id)
    assert erasing.held_until(case_id) == holding.last_day()


def test_the_reason_of_a_hold_is_read_by_who_opens_the_case_and_survives_a_new_key(
    cast: Cast, case_id: uuid.UUID
) -> None:
    hold(cast, case_id)
    before = bytes(LegalHold.objects.get().reason_ciphertext)
    sharing.revoke(cast.keyring_of("alice"), case_id, cast.charlie)
    assert bytes(LegalHold.objects.get().reason_ciphertext) != before and b"lawsuit" not in before
    found = holding.standing(cast.keyring_of("bob"), Case.objects.get(pk=case_id))
    assert found is not None
    assert (found[1].words, found[1].asked_by, found[1].agreed_by) == (
        "A lawsuit is under way",
        cast.alice.pk,
        cast.bob.pk,
    )


def test_a_stranger_neither_asks_for_a_hold_nor_agrees_nor_lifts_one(cast: Cast, case_id: uuid.UUID) -> None:
    hold(cast, case_id)
    dana = cast.keyring_of("dana")
    for attempt in (
        lambda: holding.ask(dana, case_id, "x", tomorrow()),
        lambda: holding.agree(dana, case_id),
        lambda: holding.lift(dana, case_id),
    ):
        with pytest.raises(Http404):
            attempt()
    assert holding.lift(cast.keyring_of("bob"), case_id) and not holding.lift(cast.keyring_of("bob"), case_id)


# On a day


def test_people_of_a_scheduled_case_are_not_counted_from_now_on_and_are_again_once_it_is_taken_back(
    cast: Cast, case_id: uuid.UUID
) -> None:
    alice = cast.keyring_of("alice")
    erasureorders.erase_on(alice, case_id, tomorrow())
    assert not Statistic.objects.exists()
    assert vault.open_case(alice, case_id).record.reference == "H-1"
    assert erasureorders.take_back(alice, case_id) and Statistic.objects.count() == 2
    assert not LedgerEntry.objects.filter(kind="statistic").exists()
    assert not erasureorders.take_back(alice, case_id)
    erasing.replay()
    assert Statistic.objects.count() == 2


def test_the_worker_erases_on_the_day_and_not_before(
    cast: Cast, case_id: uuid.UUID, neighbour: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasureorders.erase_on(cast.keyring_of("alice"), case_id, tomorrow())
    tasks.chores()
    assert Case.objects.filter(pk=case_id).exists()
    with a_day_later(monkeypatch):
        tasks.chores()
    assert rows_about(case_id) == {} and Case.objects.get().pk == neighbour
    assert audit.verify() is None and ErasedCase.objects.get().rule == "asked"


@pytest.mark.parametrize("days", [-1, 0])
def test_an_erasure_is_scheduled_for_a_day_to_come(cast: Cast, case_id: uuid.UUID, days: int) -> None:
    with pytest.raises(erasing.NotAhead):
        erasing.schedule(case_id, timezone.localdate() + dt.timedelta(days=days), Rule.ASKED)


def test_the_earlier_of_two_days_stands(cast: Cast, case_id: uuid.UUID) -> None:
    later = tomorrow() + dt.timedelta(days=5)
    erasing.schedule(case_id, later, Rule.ASKED)
    assert erasing.schedule(case_id, tomorrow(), Rule.WITHDRAWN).on == tomorrow()
    assert erasing.schedule(case_id, later, Rule.ASKED).rule == "withdrawn"
    with pytest.raises(erasing.NoSuchCase):
        erasing.schedule(uuid.uuid4(), later, Rule.ASKED)


def test_what_the_person_withdrew_no_organizer_takes_back_without_their_new_consent(
    cast: Cast, case_id: uuid.UUID
) -> None:
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    for someone in opened.record.persons:
        someone.consents[0].state = "WITHDRAWN"
    intake.save_consents(alice, case_id, opened.record, opened.revision)
    erasing.schedule(case_id, tomorrow(), Rule.WITHDRAWN)
    with pytest.raises(erasureorders.TheirsToTakeBack):
        erasureorders.take_back(alice, case_id)
    for someone in opened.record.persons:
        someone.consents[0].state = "GIVEN"
    intake.save_consents(alice, case_id, opened.record, opened.revision + 1)
    # Their new consent takes it back by itself.
    assert not ScheduledErasure.objects.exists() and not erasureorders.take_back(alice, case_id)


# By the clock


def test_a_case_whose_consent_ended_is_erased_without_anybody_s_key(
    cast: Cast, case_id: uuid.UUID, neighbour: uuid.UUID
) -> None:
    Case.objects.filter(pk=case_id).update(erase_after=timezone.localdate())
    assert erasing.erase_due() == 1
    assert ErasedCase.objects.get().rule == "retention" and Case.objects.get().pk == neighbour


def test_consent_given_again_in_the_last_moment_saves_the_case(
    cast: Cast, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was due when the worker looked, and no longer when it had the lock."""
    monkeypatch.setattr(erasing, "due", lambda: [(case_id, Rule.RETENTION)])
    assert erasing.erase_due() == 0 and Case.objects.filter(pk=case_id).exists()


def test_one_case_that_cannot_be_erased_stops_no_other(
    cast: Cast, case_id: uuid.UUID, neighbour: uuid.UUID, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    Case.objects.update(erase_after=timezone.localdate())
    finish = erasing._finish

    def fails(which: uuid.UUID, *rest: Any) -> ErasedCase:
        if which == case_id:
            raise OSError("the disk said " + str(which))
        return finish(which, *rest)

    monkeypatch.setattr(erasing, "_finish", fails)
    assert erasing.erase_due() == 1 and Case.objects.get().pk == case_id
    assert str(case_id) not in caplog.text
    monkeypatch.setattr(erasing, "_finish", finish)
    # Closed already: the share went first.
    with pytest.raises(SealBroken):
        vault.open_case(cast.keyring_of("alice"), case_id)
    assert erasing.erase_due() == 1 and rows_about(case_id) == {}


def test_coarse_records_whose_time_is_over_are_dropped_though_no_link_leads_to_them(
    cast: Cast, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert erasing.drop_ended_statistics() == 0
    statistics.compact(statistics.worker_root())
    with a_day_later(monkeypatch, 740):
        assert erasing.drop_ended_statistics() == 2
    assert not Statistic.objects.exists()


def test_granted_keys_go_with_the_case(cast: Cast, case_id: uuid.UUID) -> None:
    erasing.erase(case_id, Rule.WITHDRAWN)
    assert not CaseUserKey.objects.exists()
    with pytest.raises(Http404):
        vault.open_case(cast.keyring_of("charlie"), case_id)
