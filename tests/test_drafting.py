"""From coarse rows to a draft: what the worker writes, refuses and repeats, attacked here by a reader of the document alone."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from accounts.crypto.sealed import Sealed
from accounts.keyfiles import statistics_path
from casework import (
    coarsening,
    disclosure,
    documents,
    drafting,
    drafts,
    jobs,
    protection,
    questions,
    releases,
)
from casework.documents import Document
from casework.drafting import Identity
from casework.drafts import Inside
from casework.models import Job, Release, Statistic
from casework.tasks import WORK
from tests.cast import Cast
from tests.release_pages import approve, write_words
from tests.statistics_rows import fill
from tests.test_statistics import a_case, a_person

TODAY = dt.date(2026, 11, 23)
ASKED: dict[str, Any] = {
    "title": {"en": "Stops", "fr": "Interceptions"},
    "unit": "person",
    "period": {"from": "2015-01", "to": "2025-12"},
    "threshold": 5,
    "tables": [["pretext", "year"], ["outcome"]],
    "supersedes": None,
}


class Quiet:
    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def progress(self, done: int, total: int) -> None: ...


def made(**changes: Any) -> Inside:
    question = questions.parse(ASKED | changes, TODAY)
    return drafting.make(
        question, Identity(uuid.UUID(int=5), 1, None, None), drafting.open_root(), Quiet(), TODAY
    )


def document_of(inside: Inside) -> Document:
    assert inside.document is not None, inside.refusal
    return inside.document


def run_next_job() -> Job:
    job = Job.objects.get(state=Job.State.QUEUED)
    jobs.run(job.pk, WORK)
    job.refresh_from_db()
    return job


def publish(cast: Cast, release: Release) -> Release:
    erin = cast.keyring_of("erin")
    write_words(cast.keyring_of("dana"), release)
    approve(erin, release)
    releases.publish(erin, release.pk)
    release.refresh_from_db()
    return release


@pytest.fixture
def drafted(cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., Release]:
    """A question, and the worker's answer to it."""

    def draft(**changes: Any) -> Release:
        with django_capture_on_commit_callbacks():
            release = releases.request_draft(cast.dana, ASKED | changes)
        run_next_job()
        release.refresh_from_db()
        return release

    return draft


# The draft


def test_the_way_from_a_save_to_a_signed_document(cast: Cast, drafted: Callable[..., Release]) -> None:
    people = [a_person(gender="WOMAN") for _ in range(7)]
    coarsening.replace([a_case(p, pretext="FARE_CHECK", date="2019-05") for p in people])
    release = publish(cast, drafted(tables=[["pretext", "year"]]))
    [table] = releases.document_of(release).tables
    shown = {(cell.at["pretext"], cell.at["year"]): cell.value for cell in table.cells}
    assert shown["FARE_CHECK", "2019"] == 7
    assert shown["TOTAL", "TOTAL"] == 7
    assert shown["BYLAW", "2019"] == 0


def test_nothing_small_is_published_and_nothing_can_be_computed(cast: Cast) -> None:
    fill(250)
    document = document_of(made(tables=[["borough", "year"], ["pretext", "year"], ["harm", "held"]]))
    values = [cell.value for table in document.tables for cell in table.cells]
    assert not [value for value in values if value is not None and 0 < value < 5]
    assert None in values
    plain = json.loads(documents.canonical(document))
    found = disclosure.audit(plain, 5, group_dimensions={"harm"})
    assert found.clean, found


def test_the_draft_says_why_inside_and_nothing_outside(cast: Cast) -> None:
    fill(250)
    inside = made()
    hidden = [cell for table in document_of(inside).tables for cell in table.cells if cell.value is None]
    assert len(inside.suppressed) == len(hidden)
    assert {cell.reason for cell in inside.suppressed} <= {"primary", "complementary", "insider", "group"}
    assert {cell.value for cell in inside.suppressed if cell.reason == "primary"} <= {1, 2, 3, 4}
    text = documents.canonical(document_of(inside)).decode()
    for word in ("primary", "complementary", "insider"):
        assert word not in text


def test_the_proof_in_the_draft_holds_and_a_changed_one_does_not(cast: Cast) -> None:
    from casework.counting import Layout
    from casework.statistics import worker_root
    from casework.tallying import Tally

    fill(250)
    inside = made(tables=[["pretext", "year"]])
    question = questions.parse(ASKED | {"tables": [["pretext", "year"]]}, TODAY)
    layout = Layout(question)
    tally = Tally(layout)
    linked = tally.linked(drafting.count(tally, worker_root(), TODAY, Quiet()), layout.tables, ())
    shown = {documents.key_of(c.at): c.value for t in document_of(inside).tables for c in t.cells}
    hidden = np.zeros(linked.values.size, dtype=bool)
    for at, cell in layout.cells(linked, 0):
        hidden[cell] = shown[documents.key_of(at)] is None
    certificate = disclosure.Certificate.from_bytes(inside.certificate)
    assert disclosure.verify(linked, hidden, certificate, 5) == []
    hidden[np.flatnonzero(hidden)[0]] = False
    assert disclosure.verify(linked, hidden, certificate, 5) != []


def test_the_same_records_give_the_same_bytes(cast: Cast) -> None:
    fill(250)
    one, two = made(), made()
    assert documents.canonical(document_of(one)) == documents.canonical(document_of(two))
    assert drafts.packed(one) == drafts.packed(two)


def test_a_whole_group_with_the_same_outcome_is_not_shown_as_such(cast: Cast) -> None:
    fill(30, year=2016, outcome=("RELEASED_SCENE",))
    fill(9, seed=2, year=2017, outcome=("REMOVED",))
    document = document_of(made(tables=[["outcome", "year"]]))
    shown = {(cell.at["outcome"], cell.at["year"]): cell.value for cell in document.tables[0].cells}
    assert shown["TOTAL", "2017"] == 9
    assert shown["REMOVED", "2017"] is None, "everybody stopped in 2017 was removed"


def test_that_nobody_had_an_outcome_may_be_said(cast: Cast) -> None:
    fill(40, year=2016, outcome=("RELEASED_SCENE", "TICKET"))
    fill(40, seed=2, year=2017, outcome=())
    document = document_of(made(tables=[["outcome"]]))
    shown = {cell.at["outcome"]: cell.value for cell in document.tables[0].cells}
    assert (shown["TICKET"], shown["DIED"], shown["TOTAL"]) == (40, 0, 80)


def test_many_facts_with_several_values_stand_in_one_release(cast: Cast) -> None:
    fill(250)
    document = document_of(
        made(tables=[["harm"], ["outcome"], ["status_raised", "held"], ["detention_place"]])
    )
    shown = [{cell.at.get("harm"): cell.value for cell in table.cells} for table in document.tables]
    assert shown[0]["TOTAL"] == 250


def test_merged_categories_are_one_and_say_what_they_are_made_of(cast: Cast) -> None:
    fill(12, pretext="BYLAW", year=2016)
    fill(3, seed=2, pretext="FARE_CHECK", year=2016)
    fill(4, seed=3, pretext="WARRANT", year=2016)
    document = document_of(made(tables=[["pretext"]], merged={"pretext": ["FARE_CHECK", "WARRANT"]}))
    shown = {cell.at["pretext"]: cell.value for cell in document.tables[0].cells}
    assert (shown["BYLAW"], shown["MERGED"], shown["TOTAL"]) == (12, 7, 19)
    assert "FARE_CHECK" not in shown
    [merged] = [c for c in document.dimension("pretext").categories if c.code == "MERGED"]
    assert " + " in merged.label["en"] and merged.label["en"] != merged.label["fr"]


def test_whoever_had_two_of_the_merged_outcomes_is_counted_once(cast: Cast) -> None:
    fill(9, outcome=("DETAINED", "REMOVED"), year=2016)
    fill(8, seed=2, outcome=("TICKET",), year=2016)
    document = document_of(made(tables=[["outcome"]], merged={"outcome": ["DETAINED", "REMOVED"]}))
    shown = {cell.at["outcome"]: cell.value for cell in document.tables[0].cells}
    assert (shown["MERGED"], shown["TICKET"], shown["TOTAL"]) == (9, 8, 17)


def test_a_sector_adds_up_its_boroughs(cast: Cast) -> None:
    fill(6, city="MONTREAL", borough="VERDUN", year=2016)
    fill(7, seed=2, city="MONTREAL", borough="LASALLE", year=2016)
    fill(8, seed=3, city="LAVAL", borough="", year=2016)
    document = document_of(made(tables=[["sector"]]))
    shown = {cell.at["sector"]: cell.value for cell in document.tables[0].cells}
    assert shown["MONTREAL"] == 13
    assert shown["OUTSIDE"] == 8
    assert sum(value or 0 for code, value in shown.items() if code.startswith("SECTOR_")) == 13


# Refusals


def test_when_every_figure_would_be_hidden_there_is_no_document(cast: Cast) -> None:
    for number, pretext in enumerate(("BYLAW", "FARE_CHECK", "WARRANT")):
        fill(2, seed=number, pretext=pretext, year=2016 + number, outcome=("TICKET",))
    inside = made(tables=[["pretext", "year"]], threshold=6)
    assert (inside.refusal, inside.document) == ("all_suppressed", None)


def test_one_record_gives_no_document(cast: Cast) -> None:
    fill(1)
    assert (made().refusal, made().document) == ("too_few", None)


def test_other_merging_than_in_an_edition_before_is_refused(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(120)
    merged = {"pretext": ["FARE_CHECK", "WARRANT"]}
    publish(cast, drafted(tables=[["pretext"]], merged=merged))
    assert made(tables=[["pretext"]]).refusal == "earlier_editions"
    assert made(tables=[["pretext"]], merged={"pretext": ["BYLAW", "WARRANT"]}).refusal == "earlier_editions"
    assert made(tables=[["pretext"]], merged={"pretext": ["WARRANT", "FARE_CHECK"]}).refusal == ""
    assert made(tables=[["gender"]]).refusal == ""


def test_fewer_people_than_the_threshold_give_no_document(cast: Cast) -> None:
    fill(4)
    inside = made()
    assert (inside.refusal, inside.document) == ("too_few", None)


def test_an_empty_period_gives_no_document(cast: Cast) -> None:
    assert made().refusal == "too_few"


@pytest.mark.parametrize("number", [5, 6, 9])
def test_a_handful_of_people_give_a_safe_document_or_a_refusal(cast: Cast, number: int) -> None:
    fill(number)
    inside = made(tables=[["pretext", "year"], ["harm"]])
    if inside.document is None:
        assert inside.refusal in ("unprotectable", "certificate_incomplete", "all_suppressed")
        return
    plain = json.loads(documents.canonical(inside.document))
    assert disclosure.audit(plain, 5, group_dimensions={"harm"}).clean


def test_a_refused_release_shows_its_reason_to_coordinators_only(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(3)
    release = drafted()
    assert release.status == Release.Status.REFUSED
    assert b"too_few" not in bytes(release.draft_ciphertext)
    assert releases.open_draft(cast.keyring_of("dana"), release).refusal == "too_few"
    assert Job.objects.get().state == Job.State.DONE


def test_a_worker_without_the_root_refuses_by_name(cast: Cast, drafted: Callable[..., Release]) -> None:
    fill(20)
    statistics_path().unlink()
    release = drafted()
    assert release.status == Release.Status.DRAFTING
    assert (release.job.state, release.job.refusal) == (Job.State.FAILED, "no_statistics_root")


def test_a_flipped_byte_among_the_records_refuses_by_name(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(20)
    row = Statistic.objects.first()
    assert row is not None
    damaged = bytearray(row.coarse_ciphertext)
    damaged[40] ^= 1
    Statistic.objects.filter(pk=row.pk).update(coarse_ciphertext=Sealed(bytes(damaged)))
    assert drafted().job.refusal == "statistic_broken"


def test_a_rendering_that_slips_is_thrown_away(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from casework import rendering

    fill(100)
    monkeypatch.setattr(rendering, "SUPPRESSED_SIGN", "0")
    assert made().refusal == "rendered_wrong"


def test_a_pattern_that_gives_a_cell_away_is_caught_by_the_attack(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine believes it is done; whoever attacks the document does not take its word."""
    import dataclasses

    fill(250)
    honest = protection.protect

    def careless(*args: Any) -> protection.Protected:
        kept = honest(*args)
        primary = np.array([reason == "primary" for reason in kept.reasons])
        return dataclasses.replace(kept, suppressed=primary)

    monkeypatch.setattr(protection, "protect", careless)
    # Nor that of the check which would have noticed.
    monkeypatch.setattr(protection, "certify", lambda *_args: None)
    assert made(tables=[["pretext", "year"]]).refusal == "attack_succeeded"


# What others publish


def test_what_others_publish_is_part_of_what_a_reader_knows(cast: Cast) -> None:
    fill(120)
    large = next(c for c in made(tables=[["pretext", "held"]]).suppressed if c.value >= 5)
    figure = {"at": large.at, "value": large.value, "source": "Rapport annuel"}
    inside = made(tables=[["pretext", "held"]], known=[figure])
    plain = json.loads(documents.canonical(document_of(inside)))
    assert disclosure.audit(plain, 5, known=[(large.at, large.value)]).clean
    assert "Rapport annuel" not in documents.canonical(document_of(inside)).decode()


def test_a_small_count_that_others_publish_leaves_its_parts_unprotectable(cast: Cast) -> None:
    fill(120)
    small = next(
        c
        for c in made(tables=[["pretext", "held"]]).suppressed
        if c.value in (2, 3) and c.at["held"] == "TOTAL"
    )
    figure = {"at": small.at, "value": small.value, "source": "Rapport annuel"}
    assert made(tables=[["pretext", "held"]], known=[figure]).refusal == "unprotectable"


def test_a_figure_of_others_that_differs_is_refused(cast: Cast) -> None:
    fill(60)
    inside = made(tables=[["pretext"]], known=[{"at": {}, "value": 61, "source": "Rapport annuel"}])
    assert (inside.refusal, inside.document) == ("known_differs", None)


# Rounded


def test_a_very_sparse_table_is_rounded_and_still_adds_up(cast: Cast) -> None:
    fill(70)
    inside = made(tables=[["pretext", "gender"], ["outcome"]], rounded=True)
    document = document_of(inside)
    assert document.rounding is not None
    figures = [cell.value for table in document.tables for cell in table.cells]
    assert not [value for value in figures if value is None or value % 5]
    documents.check(document)
    assert disclosure.audit(json.loads(documents.canonical(document)), 5, group_dimensions={"outcome"}).clean
    assert "arrondi" in document.method["fr"]
    assert inside.suppressed == []


def test_a_document_that_only_says_it_is_rounded_is_refused(cast: Cast) -> None:
    fill(70)
    document = document_of(made(tables=[["gender"]], rounded=True))
    for cell in (document.tables[0].cells[0], document.tables[0].cells[-1]):
        cell.value = (cell.value or 0) + 1
    with pytest.raises(documents.NotARelease, match="not_rounded"):
        documents.check(document)


def test_rounded_and_suppressed_versions_of_the_same_people_never_meet(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(70)
    publish(cast, drafted(tables=[["gender"]], rounded=True))
    for rounded in (True, False):
        second = drafted(tables=[["gender"]], rounded=rounded)
        assert releases.open_draft(cast.keyring_of("erin"), second).refusal == "rounded_before"


# Between editions


def test_a_second_release_over_other_people_is_free(cast: Cast, drafted: Callable[..., Release]) -> None:
    fill(200)
    publish(cast, drafted(period={"from": "2015-01", "to": "2019-12"}))
    second = drafted(period={"from": "2020-01", "to": "2025-12"})
    assert second.status == Release.Status.DRAFTED
    document = releases.open_draft(cast.keyring_of("erin"), second).document
    assert document is not None
    assert document.audit.editions_checked == 0


def test_a_release_whose_period_overlaps_another_is_refused(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(200)
    publish(cast, drafted(tables=[["pretext"]]))
    second = drafted(tables=[["gender"]], period={"from": "2016-01", "to": "2025-12"})
    assert releases.open_draft(cast.keyring_of("erin"), second).refusal == "earlier_editions"


def test_another_table_about_the_same_people_is_attacked_together_with_the_first(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(200)
    publish(cast, drafted(tables=[["pretext"]]))
    second = drafted(tables=[["gender"], ["pretext"]])
    assert second.status == Release.Status.DRAFTED
    document = releases.open_draft(cast.keyring_of("erin"), second).document
    assert document is not None
    assert document.audit.editions_checked == 1


def test_a_second_release_keeps_what_the_first_shows_and_hides(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(250)
    first = publish(cast, drafted(tables=[["pretext", "year"], ["held", "year"]]))
    second = publish(cast, drafted(tables=[["borough", "year"], ["harm"], ["year", "held"]]))
    before, after = (releases.document_of(release) for release in (first, second))
    shown = [
        {documents.key_of(cell.at): cell.value for table in d.tables for cell in table.cells}
        for d in (before, after)
    ]
    shared = shown[0].keys() & shown[1].keys()
    assert len(shared) > 30
    assert all(shown[0][cell] == shown[1][cell] for cell in shared)
    both = protection.together([before, after])
    assert disclosure.audit(both, 5, group_dimensions={"harm"}).clean


def test_an_edition_after_somebody_withdrew_does_not_show_it(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(200)
    first = publish(cast, drafted(tables=[["gender"]]))
    Statistic.objects.filter(pk=Statistic.objects.first().pk).delete()  # type: ignore[union-attr]
    second = publish(cast, drafted(tables=[["gender"]], supersedes=str(first.pk)))
    inside = releases.open_draft(cast.keyring_of("erin"), second)
    assert {cell.reason for cell in inside.suppressed} >= {"edition"}
    assert attacked([first, second]).clean
    before, after = (figures(release) for release in (first, second))
    assert (before[frozenset()], after[frozenset()]) == (200, None), "199 would tell of one withdrawal"


@pytest.mark.parametrize("seed", range(3))
def test_editions_with_people_added_and_withdrawn_tell_nothing_of_them(
    cast: Cast, drafted: Callable[..., Release], seed: int
) -> None:
    """Facts with several values, and people of whom nothing is recorded, come and go as well."""
    chance = np.random.default_rng(seed)
    fill(150, seed=seed)
    published: list[Release] = []
    for edition in range(4):
        release = drafted(tables=[["gender", "held"], ["outcome"]])
        inside = releases.open_draft(cast.keyring_of("erin"), release)
        if inside.document is None:
            assert inside.refusal in ("changes_show", "certificate_incomplete")
        else:
            published.append(publish(cast, release))
            assert attacked(published).clean
        gone = [row.pk for row in Statistic.objects.all() if chance.random() < 0.02]
        Statistic.objects.filter(pk__in=gone).delete()
        fill(
            int(chance.integers(1, 60)), seed=100 * seed + edition + 9, **({"gender": ""} if edition else {})
        )
    assert len(published) > 1


def attacked(published: list[Release]) -> disclosure.AuditResult:
    plain = [protection.plain(releases.document_of(release)) for release in published]
    return disclosure.audit(plain, 5, group_dimensions={"outcome"})


def figures(release: Release) -> dict[documents.Place, int | None]:
    tables = releases.document_of(release).tables
    return {documents.key_of(cell.at): cell.value for table in tables for cell in table.cells}


def women_and_men(women_first: int, men_first: int, women_then: int, men_then: int) -> None:
    Statistic.objects.all().delete()
    for seed, (number, gender, year) in enumerate(
        [
            (women_first, "WOMAN", 2016),
            (men_first, "MAN", 2016),
            (women_then, "WOMAN", 2017),
            (men_then, "MAN", 2017),
        ]
    ):
        fill(number, seed=seed, gender=gender, year=year)


def test_a_change_that_only_suppressed_cells_show_is_noticed(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    women_and_men(20, 2, 2, 20)
    publish(cast, drafted(tables=[["gender", "year"]]))
    # Every margin stays the same and is out; now two people are alone in their cells and could compute each other's.
    women_and_men(21, 1, 1, 21)
    second = drafted(tables=[["gender", "year"]])
    assert releases.open_draft(cast.keyring_of("erin"), second).refusal == "changes_show"


def test_an_edition_beside_one_whose_ledger_is_gone_is_refused(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(200)
    publish(cast, drafted(tables=[["gender"]]))
    Release.objects.update(ledger_ciphertext=None)
    second = drafted(tables=[["gender"]])
    assert releases.open_draft(cast.keyring_of("erin"), second).refusal == "earlier_editions"


def test_the_ledger_keeps_hidden_zeros_for_the_worker_and_no_counts(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(30, year=2016, outcome=("RELEASED_SCENE",))
    fill(9, seed=2, year=2017, outcome=("REMOVED",))
    release = drafted(tables=[["outcome", "year"], ["year", "gender"]])
    inside = releases.open_draft(cast.keyring_of("erin"), release)
    kept = drafts.ledger(drafting.open_root(), release)
    assert kept == {documents.key_of(cell.at) for cell in inside.suppressed if cell.value == 0}
    team = cast.keyring_of("alice").team(cast.verdun.id)
    assert drafts.ledger(team, release) is None


def test_years_after_quarters_of_the_same_people_are_refused(
    cast: Cast, drafted: Callable[..., Release]
) -> None:
    fill(200)
    publish(cast, drafted(tables=[["quarter"]]))
    second = drafted(tables=[["year"]])
    assert releases.open_draft(cast.keyring_of("erin"), second).refusal == "earlier_editions"
