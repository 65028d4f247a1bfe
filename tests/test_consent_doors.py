"""People agree, let it run out, agree again, refuse, withdraw, by receipt or told to an organizer, in one of their cases or the
other; and after each of these every door is tried. None opens for what nobody agrees to that day, as counted out by a model that
knows nothing of how it is done."""

import ast
import datetime as dt
import itertools
import random
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.crypto.sealed import SealBroken
from casework import (
    audit,
    coarse,
    coarsening,
    consent,
    deadlines,
    drafting,
    erasing,
    expiry,
    followup,
    history,
    intake,
    narrating,
    receipts,
    releases,
    sameperson,
    sharing,
    statistics,
    vault,
)
from casework.contacts import Contact, Kept
from casework.evidence import leaving, opening
from casework.exporting import drafts, making, paper
from casework.models import Release, Statistic
from casework.record import Consent
from casework.views import due, overview
from tests import evidence_desk
from tests.cast import Cast
from tests.release_pages import a_draft
from tests.stories import person, story

pytestmark = pytest.mark.django_db

CLOSED = (Http404, consent.ConsentMissing, SealBroken, followup.NotAgreed, making.NothingGoes)
PURPOSES: Final = ("STORE", "STATS", "SHARE_PARTNER", "REFER_LEGAL", "MEDIA", "QUOTE")
CASEWORK: Final = Path(drafting.__file__).parent


# What should be open, said from the law alone


@dataclass
class Told:
    """Of one person: what they said, in the order in which it was written down."""

    answers: list[tuple[str, str, dt.date, dt.date | None]] = field(default_factory=list)

    def agrees(self, purpose: str, today: dt.date) -> bool:
        return all(self._yes(asked, today) for asked in ("STORE", purpose))

    def _yes(self, purpose: str, today: dt.date) -> bool:
        told = [(state, on, until) for what, state, on, until in self.answers if what == purpose]
        if not told or told[-1][0] != "GIVEN":
            return False
        _state, on, until = told[-1]
        overtaken = any(state in ("REFUSED", "WITHDRAWN") and day > on for state, day, _ in told)
        # Two years, and what the calendar adds to a day that a shorter month does not have.
        last = min(until or dt.date.max, on + dt.timedelta(days=731))
        return on <= today <= last and not overtaken


# The two cases, and what is done with them


class World:
    """Heron is in both cases, Plover in the second only. alice keeps them; charlie's team has access while that is allowed."""

    def __init__(self, cast: Cast, chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cast, self.chance = cast, chance
        # Written down at each of a thousand looks, and asked about elsewhere.
        monkeypatch.setattr(audit, "append", lambda *args, **detail: None)
        # What would be printed is asked about; the printing takes half a second.
        monkeypatch.setattr(paper, "pdf", lambda document: b"")
        self.today = timezone.localdate()
        monkeypatch.setattr(timezone, "localdate", lambda *args: self.today)
        self.alice, self.charlie = cast.keyring_of("alice"), cast.keyring_of("charlie")
        self.told = {"Heron": Told(), "Plover": Told()}
        self.people = {}
        for name in (("Heron",), ("Heron", "Plover")):
            people = [person(alias, *PURPOSES) for alias in name]
            told = story("H", *people)
            told.verification = "V2"
            self.people[intake.create_case(self.alice, cast.verdun, told)] = name
        self.first, self.second = self.people
        for told in self.told.values():
            told.answers += [(purpose, "GIVEN", self.today, None) for purpose in PURPOSES]
        places = [(case_id, self.ids(case_id)["Heron"]) for case_id in self.people]
        sameperson.join(self.alice, *places)
        self.code = receipts.give(self.alice, *places[0])
        self.exhibits = {case_id: evidence_desk.kept(cast, case_id, b"A letter.") for case_id in self.people}
        self.tokens = {
            case_id: dict(zip(name, coarsening.token_hashes(self.record(case_id)), strict=True))
            for case_id, name in self.people.items()
        }
        self.copies: list[tuple[drafts.Facts, set[str]]] = []
        self.drafts: dict[uuid.UUID, set[str]] = {}
        self.share()
        self.copy()
        self.draft()

    def record(self, case_id: uuid.UUID) -> Any:
        return vault.open_case(self.alice, case_id).record

    def ids(self, case_id: uuid.UUID) -> dict[str, str]:
        return {someone.alias: someone.id for someone in self.record(case_id).persons}

    def agree(self, case_id: uuid.UUID, purpose: str) -> bool:
        return all(self.told[alias].agrees(purpose, self.today) for alias in self.people[case_id])

    def share(self) -> None:
        for case_id in self.people:
            with suppress(*CLOSED, sharing.HasItAlready), transaction.atomic():
                sharing.grant(self.alice, case_id, self.cast.other_team, may_change=True, may_export=True)

    def answer(self) -> None:
        """Told to an organizer, who writes it down in one of the cases: any answer, of today or a while ago, for any time."""
        case_id = self.chance.choice(list(self.people))
        alias = self.chance.choice(self.people[case_id])
        state = self.chance.choice(("GIVEN", "GIVEN", "GIVEN", "REFUSED", "WITHDRAWN", "NOT_ASKED"))
        on = self.today - dt.timedelta(days=self.chance.choice((0, 0, 0, 30, 400)))
        until = self.chance.choice((None, None, self.today + dt.timedelta(days=self.chance.randint(0, 300))))
        purposes = self.chance.sample(PURPOSES, self.chance.randint(1, len(PURPOSES)))
        with suppress(*CLOSED), transaction.atomic():
            opened = vault.open_consents(self.alice, case_id)
            someone = next(one for one in opened.record.persons if one.alias == alias)
            told = [Consent(purpose, state, on, "ORAL", "fr", expires=until) for purpose in purposes]
            someone.consents = [*someone.consents, *told]
            intake.save_consents(self.alice, case_id, opened.record, opened.revision)
            self.told[alias].answers += [(purpose, state, on, until) for purpose in purposes]

    def withdraw(self) -> None:
        with suppress(receipts.Unknown), transaction.atomic():
            found = receipts.look(self.code)
            given = self.chance.sample(found.given(), min(len(found.given()), self.chance.randint(1, 3)))
            message = receipts.withdraw(found, given, "fr", 7)
            self.told["Heron"].answers += [(p, "WITHDRAWN", self.today, None) for p in message.purposes]

    def keep_after_all(self) -> None:
        with suppress(receipts.Unknown), transaction.atomic():
            found = receipts.look(self.code)
            before = [one for one in self.told["Heron"].answers if one[0] == "STORE" and one[1] == "GIVEN"]
            if receipts.keep_after_all(found, "fr") is not None:
                _purpose, _state, on, until = before[-1]
                last = min(until or dt.date.max, consent.months_after(on, 24))
                self.told["Heron"].answers.append(("STORE", "GIVEN", self.today, last))

    def save(self) -> None:
        case_id = self.chance.choice(list(self.people))
        with suppress(*CLOSED, intake.SavedMeanwhile), transaction.atomic():
            opened = vault.open_case(self.alice, case_id)
            intake.save_case(self.alice, case_id, opened.record, opened.revision)

    def copy(self) -> None:
        for case_id in self.people:
            with suppress(*CLOSED), transaction.atomic():
                wanted = facts(case_id)
                going = {one.person.alias for one in making.preview(self.alice, wanted)[0].going}
                wanted.agreed = sorted(making._agreed(self.alice, wanted))
                self.copies += [(wanted, going)] * bool(going)

    def draft(self) -> None:
        root, rows = statistics.worker_root(), list(Statistic.objects.all())
        lapses = min((_ends(root, row) for row in rows), default=None)
        there = {bytes(row.pk) for row in rows if _ends(root, row) > self.today}
        whose = {alias for names in self.tokens.values() for alias, token in names.items() if token in there}
        self.drafts[a_draft(self.cast.dana, lapses_on=lapses).pk] = whose

    def days_pass(self) -> None:
        self.today += dt.timedelta(days=self.chance.choice((1, 8, 40, 200, 400)))
        if self.chance.random() < 0.4:
            expiry.take_back()
            erasing.erase_due()
            erasing.drop_ended_statistics()


LENGTH: Final = 8
STEPS: Final = (
    "answer",
    "answer",
    "answer",
    "withdraw",
    "keep_after_all",
    "save",
    "days_pass",
    "share",
    "copy",
    "draft",
)


# The doors. Each says what it showed: a case, or somebody in it


Door = Callable[[World, uuid.UUID], object]


def listed(world: World, keyring: Any, case_id: uuid.UUID) -> Any:
    """A card that says more than the group's own reference."""
    cards = [one for one in vault.cards(keyring).cases if one.case_id == case_id]
    return bool(cards and cards[0].card.aliases)


def searched(world: World, keyring: Any, case_id: uuid.UUID) -> bool:
    return any(one.case_id == case_id for one in vault.search(keyring, "accent").cases)


def in_overview(world: World, case_id: uuid.UUID) -> bool:
    cards = vault.cards(world.alice).cases
    return bool(list(overview._wanted([one for one in cards if one.case_id == case_id], {})))


def is_due(world: World, case_id: uuid.UUID) -> bool:
    board = due.board_of(vault.cards(world.alice).cases, world.today)
    # That somebody said something, and what a withdrawal leaves to be done, is said of a closed case too: a day, no word more.
    things = [one for group in board.groups.values() for one in group.first()]
    found = [one.written for one in things if one.listed.case_id == case_id]
    return not all(deadlines.outlasts(written) or written.endswith(" NOTICE") for written in found)


def selected(keyring: Any, case_id: uuid.UUID) -> bool:
    return case_id in vault.newest_cases(keyring, [case_id])


def changed_by(keyring: Any, case_id: uuid.UUID) -> None:
    followup.change(keyring, case_id, lambda record: None)


def may_be_granted(world: World, case_id: uuid.UUID) -> None:
    sharing.grant(world.alice, case_id, world.cast.other_team, may_change=True, may_export=True)


def facts(*cases: uuid.UUID, recipient: str = "LAWYER", someone: str = "") -> drafts.Facts:
    return drafts.Facts(list(cases), someone, recipient, "Me Loon", "appeal", "csv", evidence=True)


def gone_out(recipient: str) -> Callable[[World, Any, uuid.UUID], set[str]]:
    """Who would be in a copy for this recipient."""

    def people(world: World, keyring: Any, case_id: uuid.UUID) -> set[str]:
        return {
            one.person.alias for one in making.preview(keyring, facts(case_id, recipient=recipient))[0].going
        }

    return people


def words_gone_out(world: World, case_id: uuid.UUID) -> bool:
    """Their own words to the press."""
    copies = making.preview(world.alice, facts(case_id, recipient="MEDIA"))
    return any("narrative" in one.cells or "accent" in str(one.cells) for one in copies[0].going)


def own_file(world: World, case_id: uuid.UUID) -> set[str]:
    wanted = world.ids(case_id)
    return {alias for alias, someone in wanted.items() if _own(world, case_id, someone)}


def _own(world: World, case_id: uuid.UUID, someone: str) -> bool:
    with suppress(*CLOSED):
        return bool(making._own_file(world.alice, facts(case_id, recipient="PERSON", someone=someone)))
    return False


def referred(world: World, case_id: uuid.UUID) -> set[str]:
    record = world.record(case_id)
    return {one.alias for one in record.persons if _refers(record, one.id, world.today)}


def _refers(record: Any, someone: str, today: dt.date) -> bool:
    to = Kept(uuid.uuid4(), None, Contact("Me Loon", "LAWYER"))  # type: ignore[arg-type]
    with suppress(followup.NotAgreed):
        followup.refer(record, someone, to, today, "the story", uuid.uuid4())
        return True
    return False


def told_of(world: World, case_id: uuid.UUID) -> set[str]:
    """Of whom a passage in their own words could be published."""
    record = world.record(case_id)
    return {one.alias for one in record.persons if "QUOTE" in narrating.kinds(record, one)}


def counted(world: World, case_id: uuid.UUID) -> set[str]:
    """By the worker, with its own root, today."""
    rows = {row.pk: row for row in Statistic.objects.filter(pk__in=world.tokens[case_id].values())}
    root = statistics.worker_root()
    return {
        alias
        for alias, token in world.tokens[case_id].items()
        if token in rows and _ends(root, rows[token]) > world.today
    }


def _ends(root: Any, row: Statistic) -> dt.date:
    opened = statistics.opener(root)((bytes(row.pk), row.epoch, row.compacted, row.coarse_ciphertext))
    return coarse.decode(opened).counted_before


def case_of(door: Callable[[World, Any, uuid.UUID], object], name: str) -> Door:
    return lambda world, case_id: door(world, getattr(world, name), case_id)


def opens(read: Callable[[Any, uuid.UUID], object]) -> Callable[[World, Any, uuid.UUID], bool]:
    """A door that says no by raising."""
    return lambda world, keyring, case_id: (read(keyring, case_id), True)[1]


READING: Final[dict[str, Callable[[World, Any, uuid.UUID], object]]] = {
    "the page of the case": opens(vault.open_case),
    "the list": listed,
    "the search": searched,
    "a selection": lambda world, keyring, case_id: selected(keyring, case_id),
    "the history": opens(history.open_history),
    "a change": opens(changed_by),
    "a viewing of evidence": lambda world, keyring, case_id: bool(
        opening.view(keyring, case_id, world.exhibits[case_id])
    ),
    "a film": lambda world, keyring, case_id: bool(opening.read(keyring, case_id, world.exhibits[case_id])),
}
# What everybody in the case has to agree to, or, for those that name people, each of them.
DOORS: Final[dict[str, tuple[str, Door]]] = {
    **{f"{name}, whoever keeps it": ("STORE", case_of(door, "alice")) for name, door in READING.items()},
    **{f"{name}, a partner": ("SHARE_PARTNER", case_of(door, "charlie")) for name, door in READING.items()},
    "the page of the consents, a partner": ("SHARE_PARTNER", case_of(opens(vault.open_consents), "charlie")),
    "the overview": ("STORE", in_overview),
    "what is due": ("STORE", is_due),
    "a grant to another team": (
        "SHARE_PARTNER",
        lambda world, case_id: (may_be_granted(world, case_id), True)[1],
    ),
    "a copy for a lawyer": ("REFER_LEGAL", case_of(gone_out("LAWYER"), "alice")),
    "a copy for a lawyer, by a partner": ("REFER_LEGAL", case_of(gone_out("LAWYER"), "charlie")),
    "a copy for the press": ("MEDIA", case_of(gone_out("MEDIA"), "alice")),
    "a copy for a partner": ("SHARE_PARTNER", case_of(gone_out("PARTNER"), "alice")),
    "their words to the press": ("QUOTE", words_gone_out),
    "their own file": ("STORE", own_file),
    "a referral to a lawyer": ("REFER_LEGAL", referred),
    "evidence for a lawyer": (
        "REFER_LEGAL",
        lambda world, case_id: (leaving.may_leave(world.alice, case_id, "REFER_LEGAL"), True)[1],
    ),
    "the figures": ("STATS", counted),
    "a passage in their own words": ("QUOTE", told_of),
}


def found_open(world: World, names: Iterable[str]) -> Iterator[str]:
    """The doors that show something; each look is undone."""
    for name, case_id in itertools.product(names, world.people):
        purpose, door = DOORS[name]
        with suppress(*CLOSED), transaction.atomic():
            shown = door(world, case_id)
            transaction.set_rollback(True)
            if shown:
                allowed = world.agree(case_id, purpose) if shown is True else agreeing(world, shown, purpose)
                assert allowed, f"{name} is open without {purpose}: {world.told}, {world.today}"
                yield name


def agreeing(world: World, aliases: Any, purpose: str) -> bool:
    return all(world.told[alias].agrees(purpose, world.today) for alias in aliases)


def waiting(world: World) -> Iterator[str]:
    """What was made while people agreed, and has not left yet."""
    for made, going in world.copies:
        with suppress(*CLOSED):
            making.still_goes(world.alice, made)
            assert agreeing(world, going, "REFER_LEGAL"), f"a copy is still handed out: {world.told}"
            yield "a copy that waits to be fetched"
    erin = world.cast.keyring_of("erin")
    for release in Release.objects.filter(status=Release.Status.DRAFTED):
        with suppress(releases.StepRefused):
            inside, words = releases.open_draft(erin, release), releases.editorial_of(erin, release)
            releases._publishable(release, inside, words, [])
            assert agreeing(world, world.drafts[release.pk], "STATS"), f"a draft may leave: {world.told}"
            yield "a draft that waits to be approved"


ALL: Final = {*DOORS, "a copy that waits to be fetched", "a draft that waits to be approved"}


@pytest.mark.parametrize("seed", range(3))
def test_no_history_opens_a_door_that_nobody_agreed_to(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Each step is followed by a look at a third of the doors. At first all of them are open: this test can fail."""
    world = World(cast, random.Random(seed), monkeypatch)
    assert {*found_open(world, DOORS), *waiting(world)} == ALL
    for _ in range(LENGTH):
        getattr(world, world.chance.choice(STEPS))()
        list(found_open(world, world.chance.sample(sorted(DOORS), len(DOORS) // 3)))
        list(waiting(world))


# Whoever asks is behind one of these doors


ASKING: Final = frozenset(
    {
        "may",
        "require",
        "until",
        "all_until",
        "is_valid",
        "ends",
        "lessened",
        "longer",
        "no_longer",
        "erase_after",
    }
)
# Function by function: the door above that comes to it, or why it is none.
BEHIND: Final = {
    "vault.require_read": "the page of the case, whoever keeps it",
    "vault.require_of_partners": "the page of the case, a partner",
    "vault.newest_cases": "a selection, whoever keeps it",
    "vault.open_until": "the list, whoever keeps it",
    "vault.seal": "the list, a partner",
    "sharing.grant": "a grant to another team",
    "followup.refer": "a referral to a lawyer",
    "coarsening._people": "the figures",
    "coarsening._counted_before": "the figures",
    "narrating.ends": "a passage in their own words",
    "evidence.leaving.may_leave": "evidence for a lawyer",
    "evidence.leaving._is_agreed": "evidence for a lawyer",
    "exporting.selecting._copy": "a copy for a lawyer",
    "exporting.selecting.all_agree": "their words to the press",
    "exporting.making._own_file": "their own file",
    "exporting.making._agreed": "a copy that waits to be fetched",
    "views.exporting._own_look": "their own file",
    # Writing: they refuse to keep what may not be kept, and show nothing.
    "intake.create_case": None,
    "intake.save_case": None,
    "intake._follow": None,
    "intake._no_longer": None,
    "intake._less": None,
    "intake._longer": None,
    "intake._agreed_again": None,
    "intake._rewrite": None,
    "intake._write": None,
    "intake.keep_batch": None,
    "sameperson._follow": None,
    "erasureorders._agree_again": None,
    "withdrawing._erase_sooner": None,
    "receipts.give": None,
    # The person with their own receipt, and the answers themselves, on the page that asks again.
    "receipts.Receipt.may": None,
    "receipts.withdraw": None,
    "receipts.keep_after_all": None,
    "views.receipts._state": None,
    "views.consent._page": None,
    "views.summaries.consent_state": None,
    "views.summaries._consent_shown": None,
    "exporting.own._consents": None,
    "forms.consent.ConsentForm.clean_on": None,
    # Said on the page of a case that is open: who must not be called, whom to tell, what a filter finds.
    "views.duties.followup_context": None,
    "followup._has_run_out": None,
    # It writes that somebody has taken note, or what is left of a file when one of its people leaves it.
    "notices.take_note": None,
    "parting._plan": None,
    "coding._agreed": None,
}


def askers() -> set[str]:
    """Every function of casework that asks `consent` anything."""
    found = set()
    for path in CASEWORK.rglob("*.py"):
        module = ".".join(path.relative_to(CASEWORK).with_suffix("").parts)
        if module != "consent":
            found |= {f"{module}.{name}" for name in _asking("", ast.parse(path.read_text()))}
    return found


def _asking(outer: str, node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.ClassDef)
        inner = f"{outer}.{child.name}".strip(".") if named and not _in_function(node) else outer
        if isinstance(child, ast.Call) and _asks(child.func):
            yield outer
        yield from _asking(inner, child)


def _in_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef)


def _asks(called: ast.expr) -> bool:
    if isinstance(called, ast.Name):
        return called.id in {"is_valid"}
    whose = called.value if isinstance(called, ast.Attribute) else None
    return isinstance(whose, ast.Name) and whose.id == "consent" and called.attr in ASKING  # type: ignore[attr-defined]


def test_whoever_asks_whether_something_may_be_used_is_behind_a_door_that_is_tried() -> None:
    """A new caller is a new way to somebody's story: it needs a door above, or a line here that says why it is none."""
    assert askers() == set(BEHIND)
    assert {door for door in BEHIND.values() if door} <= ALL
