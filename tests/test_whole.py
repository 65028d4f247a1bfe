"""An act is done as a whole or not at all; when it crossed another it begins again, and in the end says so in words."""

import ast
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts import whole as wholes
from accounts.whole import Crossed, whole
from casework import audit, intake, notices, permissions, receipts, vault
from casework.models import AuditEntry
from casework.vocabulary.receipts import words
from tests.cast import Cast, in_english, sign_in
from tests.stories import story

CASEWORK = Path(audit.__file__).parent
HOLDING = {"case_to_change", "hold_case", "hold_cases", "hold"}


@pytest.fixture
def ids(cast: Cast) -> list[uuid.UUID]:
    alice = cast.keyring_of("alice")
    return sorted(intake.create_case(alice, cast.verdun, story(name)) for name in ("A", "B"))


@pytest.mark.django_db
def test_an_act_that_comes_to_a_case_before_one_it_holds_begins_again_with_both(ids: list[uuid.UUID]) -> None:
    runs: list[list[uuid.UUID]] = []

    @whole
    def act() -> None:
        runs.append([])
        for case_id in reversed(ids):
            runs[-1] += [case.pk for case in permissions.hold_cases([case_id])]

    act()
    assert runs == [ids[1:], [ids[1], ids[0]]]


@pytest.mark.django_db
def test_the_log_is_written_when_everything_else_is_done(cast: Cast) -> None:
    before = AuditEntry.objects.count()

    @whole
    def part(*, fails: bool) -> None:
        audit.append(cast.alice, "case.list")
        if fails:
            raise LookupError

    @whole
    def act() -> None:
        part(fails=False)
        with pytest.raises(LookupError):
            part(fails=True)
        assert AuditEntry.objects.count() == before

    act()
    assert AuditEntry.objects.count() == before + 1 and audit.verify() is None


@pytest.mark.django_db
@pytest.mark.parametrize(("busy", "ends"), [(2, "done"), (99, "crossed")])
def test_what_the_database_undid_is_tried_a_few_times(
    monkeypatch: pytest.MonkeyPatch, busy: int, ends: str
) -> None:
    monkeypatch.setattr(wholes, "connection", SimpleNamespace(in_atomic_block=False))
    monkeypatch.setattr(wholes, "time", SimpleNamespace(sleep=lambda seconds: None, monotonic=lambda: 0))
    runs = []

    @whole
    def act() -> str:
        runs.append(1)
        if len(runs) <= busy:
            raise OperationalError from SimpleBusy()
        return "done"

    if ends == "crossed":
        with pytest.raises(Crossed):
            act()
        assert len(runs) == wholes.TRIES
    else:
        assert act() == ends and len(runs) == busy + 1


class SimpleBusy(Exception):  # noqa: N818
    sqlite_errorcode = 5


@pytest.mark.django_db
def test_another_error_of_the_database_is_not_tried_again() -> None:
    runs = []

    @whole
    def act() -> None:
        runs.append(1)
        raise OperationalError

    with pytest.raises(OperationalError):
        act()
    assert len(runs) == 1


def crossed(*args: object, **kwargs: object) -> None:
    raise Crossed


def test_whoever_gave_way_each_time_is_told_so(
    cast: Cast, ids: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "take_note", crossed)
    page = in_english(sign_in(Client(), "alice")).post(reverse("notice-read", args=[ids[0]]))
    assert page.status_code == 503 and "at the same moment" in page.content.decode()


def test_the_receipt_says_so_as_well_and_that_it_was_replaced(
    cast: Cast, ids: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = cast.keyring_of("alice")
    code = receipts.give(alice, ids[0], vault.open_case(alice, ids[0]).record.persons[0].id)
    sent = {"code": code, "action": "withdraw", "purpose": "STATS"}
    monkeypatch.setattr(receipts, "withdraw", crossed)
    busy = Client().post(reverse("receipt-in", args=["en"]), sent)
    assert busy.status_code == 503 and words("en")["busy"] in busy.content.decode()

    def replaced(*args: object) -> None:
        raise receipts.Unknown

    monkeypatch.setattr(receipts, "withdraw", replaced)
    unknown = Client().post(reverse("receipt-in", args=["en"]), sent)
    assert unknown.status_code == 422 and words("en")["unknown"] in unknown.content.decode()


def test_nothing_holds_a_case_in_a_transaction_that_cannot_begin_again() -> None:
    found = [
        f"{path.relative_to(CASEWORK)}:{block.lineno}"
        for path in CASEWORK.rglob("*.py")
        for block in ast.walk(ast.parse(path.read_text()))
        if isinstance(block, ast.With) and "atomic" in ast.dump(block.items[0]) and _holds(block)
    ]
    assert found == []


def _holds(block: ast.With) -> bool:
    calls = (node.func for node in ast.walk(block) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Attribute) and called.attr in HOLDING for called in calls)
