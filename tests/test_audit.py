"""The audit log: whole under several writers, searched by its auditors, and with an entry for whoever was turned away."""

import io
import logging
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.crypto.sealed import Sealed
from accounts.teams import auditors
from casework import audit, tasks
from casework.forms.auditing import ACTS
from casework.models import AuditEntry, AuditHead
from tests.cast import Cast, in_english, sign_in
from tests.writers import at_once, on_disk

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_four_writers_at_once_make_one_chain_without_a_gap(cast: Cast, tmp_path: Path) -> None:
    def write() -> None:
        for _ in range(20):
            audit.append(cast.alice, "case.list")

    with on_disk(tmp_path):
        before = AuditEntry.objects.count()
        assert at_once([write] * 4) == []
        assert AuditEntry.objects.count() == before + 80
        assert audit.verify() is None
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_leaves_no_entry_and_no_gap_for_the_other_writers(cast: Cast, tmp_path: Path) -> None:
    def write() -> None:
        for number in range(10):
            with transaction.atomic():
                audit.append(cast.bob, "case.list")
                transaction.set_rollback(number % 2 == 1)

    with on_disk(tmp_path):
        before = AuditEntry.objects.count()
        assert at_once([write] * 3) == []
        assert AuditEntry.objects.count() == before + 15
        assert audit.verify() is None
        connections.close_all()


def verified(*words: str) -> str:
    out = io.StringIO()
    call_command("verify_audit", *words, stdout=out)
    return out.getvalue()


def test_the_command_names_the_first_broken_entry(cast: Cast) -> None:
    for _ in range(4):
        audit.append(cast.alice, "case.list")
    assert verified() == f"The chain is whole. Head: {audit.head()}\n"
    row = AuditEntry.objects.get(sequence=2)
    AuditEntry.objects.filter(sequence=2).update(entry_ciphertext=Sealed(bytes(row.entry_ciphertext)[::-1]))
    with pytest.raises(CommandError, match="broken at entry 2"):
        verified()


def test_a_chain_written_anew_from_some_entry_on_does_not_hold_the_head_that_was_kept(cast: Cast) -> None:
    for _ in range(3):
        audit.append(cast.alice, "case.list")
    kept, chain = audit.head(), bytes(AuditEntry.objects.get(sequence=1).chain)
    assert verified("--head", kept)
    AuditEntry.objects.filter(sequence__gt=1).delete()
    AuditHead.objects.update(sequence=1, chain=chain)
    audit.append(cast.alice, "case.open")
    assert verified()
    for head in (kept, "not a head"):
        with pytest.raises(CommandError, match="written anew"):
            verified("--head", head)


def test_the_worker_logs_the_head_once_a_day(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    audit.append(cast.alice, "case.list")
    with caplog.at_level(logging.INFO):
        tasks.chores()
        tasks.chores()
    assert caplog.text.count(f"Audit chain: 1 entries, head {audit.head()}.") == 1


# Denials


def newest(cast: Cast) -> audit.Entry:
    return next(audit.entries(cast.keyring_of("frank"), auditors().pk))


PAGES = ("case", "case-change", "person-add", "case-consent")


@pytest.mark.parametrize("page", PAGES)
def test_whoever_asks_for_a_case_that_is_not_theirs_is_written_down(
    cast: Cast, case_id: uuid.UUID, page: str
) -> None:
    charlie = sign_in(Client(), "charlie")
    assert charlie.get(reverse(page, args=[case_id])).status_code == 404
    entry = newest(cast)
    assert (entry.actor, entry.action, entry.subject, entry.detail) == (
        cast.charlie.pk,
        "case.denied",
        case_id,
        {"exists": 1},
    )


def test_a_refused_saving_leaves_its_denial_though_everything_else_is_undone(
    cast: Cast, case_id: uuid.UUID
) -> None:
    sign_in(Client(), "charlie").post(reverse("case-revoke", args=[case_id]), {"grantee": str(cast.bob.pk)})
    assert newest(cast).action == "case.denied"


def test_missing_and_forbidden_cost_the_same_work(
    cast: Cast, case_id: uuid.UUID, django_assert_num_queries: Any
) -> None:
    charlie = sign_in(Client(), "charlie")
    charlie.get(reverse("case", args=[case_id]))
    answers = []
    for asked in (case_id, uuid.uuid4()):
        with django_assert_num_queries(_COST, exact=False) as queries:
            answers.append(charlie.get(reverse("case", args=[asked])))
        answers.append(len(queries))
    there, cost_there, missing, cost_missing = answers
    assert (there.status_code, cost_there) == (missing.status_code, cost_missing) == (404, cost_there)
    assert newest(cast).case_is_gone and newest(cast).detail == {}


_COST = 60


def test_what_a_member_opens_is_no_denial(cast: Cast, case_id: uuid.UUID) -> None:
    bob = sign_in(Client(), "bob")
    bob.get(reverse("case", args=[case_id]))
    bob.get(reverse("person-change", args=[case_id, uuid.uuid4()]))
    assert "case.denied" not in {e.action for e in audit.entries(cast.keyring_of("frank"), auditors().pk)}


# The page


@pytest.fixture
def frank(cast: Cast) -> Client:
    return in_english(sign_in(Client(), "frank"))


def test_the_page_narrows_by_what_by_whom_and_by_day(cast: Cast, frank: Client) -> None:
    audit.append(cast.alice, "case.list")
    audit.append(cast.bob, "case.search")
    address, today = reverse("audit"), timezone.localdate()
    for query, seen in (
        ({}, {"case.list", "case.search"}),
        ({"action": "case.list"}, {"case.list"}),
        ({"actor": str(cast.bob.pk)}, {"case.search"}),
        ({"day": today.isoformat()}, {"case.list", "case.search"}),
        ({"day": "2020-01-01"}, set()),
        ({"action": "case.list", "actor": str(cast.bob.pk)}, set()),
    ):
        page = frank.get(address, query)
        assert {shown["entry"].action for shown in page.context["entries"]} == seen, query


def test_older_entries_are_one_link_away_and_each_is_shown_once(
    cast: Cast, frank: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "SHOWN", 3)
    for _ in range(7):
        audit.append(cast.alice, "case.list")
    seen, before = [], 0
    for _ in range(3):
        page = frank.get(reverse("audit"), {"before": before} if before else {})
        seen += [shown["sequence"] for shown in page.context["entries"]]
        before = page.context["page"].older
    assert seen == [7, 6, 5, 4, 3, 2, 1] and before == 0


def test_a_search_that_looked_at_many_says_so_and_goes_on_from_there(
    cast: Cast, frank: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit.append(cast.bob, "case.search")
    for _ in range(4):
        audit.append(cast.alice, "case.list")
    monkeypatch.setattr(audit, "OPENED_AT_ONCE", 3)
    first = frank.get(reverse("audit"), {"action": "case.search"})
    assert first.context["entries"] == [] and "3 entr" in first.content.decode()
    second = frank.get(reverse("audit"), {"action": "case.search", "before": first.context["page"].older})
    assert [shown["sequence"] for shown in second.context["entries"]] == [1]


def test_an_altered_entry_is_named_and_hides_no_other(cast: Cast, frank: Client) -> None:
    audit.append(cast.alice, "case.list")
    audit.append(cast.alice, "case.list")
    AuditEntry.objects.filter(sequence=1).update(entry_ciphertext=Sealed(b"x" * 1300))
    page = frank.get(reverse("audit"))
    assert [(shown["sequence"], shown["entry"] is None) for shown in page.context["entries"]] == [
        (2, False),
        (1, True),
    ]
    assert page.context["broken"] == audit.Broken(1)


def test_every_act_has_a_name() -> None:
    import re

    said = set()
    for path in ROOT.glob("casework/**/*.py"):
        said |= set(re.findall(r'"((?:case|consent|release|team|keys|exposure)\.[a-z_]+)"', path.read_text()))
    assert said - {"case.html", "release.typ"} <= set(ACTS)
