"""What a question would cost, before anything is drafted: roughly right, quick, sealed, and gone when somebody withdraws."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.http import Http404
from django.utils import timezone

from accounts.crypto.sealed import SealBroken
from accounts.keyring import Locked
from casework import coarsening, coarser, disclosure, estimates, estimating, questions, releases, statistics
from casework.disclosure import Unprotectable, protect
from casework.estimates import Answer, Choice, Shares
from casework.models import Estimate, Job, Statistic
from casework.questions import BadSpecification, Specification
from tests.cast import Cast
from tests.disclosure_tables import any_tables, skewed
from tests.release_pages import a_published
from tests.statistics_rows import fill
from tests.test_drafting import ASKED, TODAY, made, publish, run_next_job
from tests.test_statistics import a_case, a_person

Asked = Callable[..., Answer]


def question(**changes: Any) -> Specification:
    return questions.parse(ASKED | changes, TODAY)


@pytest.fixture
def answered(cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]) -> Asked:
    """What the worker answers dana."""

    def ask(**changes: Any) -> Answer:
        with django_capture_on_commit_callbacks():
            estimate = estimates.ask(cast.dana, ASKED | changes)
        assert run_next_job().state == Job.State.DONE
        answer = estimates.open_answer(
            cast.keyring_of("dana"), estimates.estimate_for(cast.dana, estimate.pk)
        )
        assert answer is not None
        return answer

    return ask


# How near


@pytest.mark.parametrize("seed", range(4))
def test_a_table_is_estimated_to_within_a_few_cells_of_the_proved_pattern(seed: int) -> None:
    tables = skewed((8, 10), 260, seed)
    filled = tables.values > 0
    rough = (disclosure.estimate(tables, 5) & filled).sum()
    exact = (protect(tables, 5).suppressed & filled).sum()
    assert abs(int(rough) - int(exact)) <= 0.06 * filled.sum()


def test_linked_tables_and_trees_are_estimated_without_bias() -> None:
    off = []
    for seed in range(30):
        tables = any_tables(seed, 5)
        filled = tables.values > 0
        try:
            exact = protect(tables, 5)
        except Unprotectable:
            continue
        if not exact.nothing:
            rough = disclosure.estimate(tables, 5)
            off.append(((rough & filled).sum() - (exact.suppressed & filled).sum()) / filled.sum())
    assert len(off) > 20
    assert abs(float(np.mean(off))) < 0.06


def test_every_small_cell_is_in_the_estimate_and_no_zero_is() -> None:
    for seed in range(20):
        tables = any_tables(seed, 6)
        rough = disclosure.estimate(tables, 5)
        small = (tables.values > 0) & (tables.values < 5)
        assert rough[small].all()
        assert not rough[tables.values == 0].any()


def test_a_whole_and_its_only_part_are_hidden_together() -> None:
    tables = disclosure.build(
        [disclosure.Dimension("a", (disclosure.Category("x"), disclosure.Category("y")))],
        [disclosure.TableSpec(("a",))],
        {"a": np.zeros(3, dtype=np.int64)},
    )
    assert disclosure.estimate(tables, 5)[tables.values == 3].all()


def test_the_estimate_of_a_real_question_is_near_its_draft(cast: Cast, answered: Asked) -> None:
    fill(250)
    rough = answered().shares
    draft = made()
    assert draft.document is not None
    keys = {counting_key(c.at): c.value for t in draft.document.tables for c in t.cells}
    hidden = sum(value is None for value in keys.values())
    assert abs(rough.hidden - hidden) <= 0.1 * rough.cells


def counting_key(at: dict[str, str]) -> frozenset[tuple[str, str]]:
    from casework.documents import key_of

    return key_of(at)


# What is proposed


def test_a_question_gets_coarser_by_a_level_by_merging_or_by_not_crossing() -> None:
    asked = question(tables=[["borough", "quarter"], ["pretext", "quarter"]])
    counts = {"pretext": {"BYLAW": 3, "FARE_CHECK": 2, "TRAFFIC_MOVING": 90, "WARRANT": 40}}
    found = {(one.kind, one.fact): one for one in coarser.coarser(asked, counts)}
    assert set(found) == {
        ("level", "quarter"),
        ("level", "borough"),
        ("merge", "pretext"),
        ("uncross", "borough"),
        ("uncross", "quarter"),
        ("uncross", "pretext"),
    }
    assert found["level", "quarter"].question.tables == [["borough", "year"], ["pretext", "year"]]
    assert set(found["merge", "pretext"].question.merged["pretext"]) == {"BYLAW", "FARE_CHECK"}
    assert found["uncross", "pretext"].question.tables == [["borough", "quarter"], ["pretext"]]
    for one in found.values():
        questions.check(one.question, TODAY)


def test_merging_grows_what_is_merged_and_never_takes_all() -> None:
    asked = question(tables=[["gender"]], merged={"gender": ["MAN", "WOMAN"]})
    known = [level.code for level in asked.levels(next(f for f in asked.facts))]
    counts = {"gender": dict.fromkeys(known, 1)}
    [one] = [one for one in coarser.coarser(asked, counts) if one.kind == "merge"]
    assert {"MAN", "WOMAN"} < set(one.question.merged["gender"])
    questions.check(one.question, TODAY)


def test_years_places_and_ages_are_not_merged() -> None:
    asked = question(tables=[["year", "age_band"], ["city"]])
    counts = {"age_band": {"CHILD": 1, "ADULT": 1, "SENIOR": 50}, "year": {"2015": 1, "2016": 1, "2017": 90}}
    assert not [one for one in coarser.coarser(asked, counts) if one.kind == "merge"]


def choice(published: int, cells: int, fact: str = "year") -> Choice:
    return Choice("level", fact, [], question(), Shares(cells - published, cells))


def test_of_the_proposals_only_those_that_hide_less_are_offered_and_three_at_most() -> None:
    most, least, middle, worse = choice(60, 100), choice(10, 11), choice(40, 60), choice(20, 100)
    offered = estimating.worth_offering(Shares(60, 100), [worse, middle, least, most, choice(30, 45)])
    assert offered[:2] == [most, least]
    assert worse not in offered
    assert len(offered) == 3


def test_the_answer_comes_with_proposals_that_keep_more(cast: Cast, answered: Asked) -> None:
    fill(250)
    answer = answered(tables=[["pretext", "quarter"]])
    assert answer.refusal == ""
    assert answer.shares.share > 0.5
    assert 2 <= len(answer.choices) <= 3
    assert all(one.shares.share < answer.shares.share for one in answer.choices)


@pytest.mark.parametrize(
    ("hidden", "step"), [(0, 0), (2, 0), (10, 1), (25, 2), (33, 3), (50, 4), (66, 5), (75, 6), (100, 7)]
)
def test_a_share_is_said_in_steps(hidden: int, step: int) -> None:
    assert Shares(hidden, 100).step == step


# What there is to say instead


def test_nobody_counted_one_person_or_fewer_than_the_threshold(cast: Cast, answered: Asked) -> None:
    assert answered().refusal == "too_few"
    Estimate.objects.all().delete()
    fill(1)
    assert answered().refusal == "too_few"
    Estimate.objects.all().delete()
    fill(3, seed=2)
    assert answered().refusal == "too_few"


def test_when_everything_is_small_nothing_is_left(cast: Cast, answered: Asked) -> None:
    for number, pretext in enumerate(("BYLAW", "FARE_CHECK", "WARRANT")):
        fill(2, seed=number, pretext=pretext, year=2016 + number)
    answer = answered(tables=[["pretext", "year"]], threshold=6)
    assert answer.shares.cells > 0
    assert answer.shares.share > 0.8


def test_a_period_that_cuts_through_a_published_one_is_said_to_be_refused(
    cast: Cast, answered: Asked
) -> None:
    a_published(cast)
    fill(40)
    assert answered().refusal == "earlier_editions"


def test_no_coarser_question_is_offered_that_would_be_refused_beside_a_published_release(
    cast: Cast, answered: Asked, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    fill(250)
    kinds = {(one.kind, one.fact) for one in answered(tables=[["pretext", "quarter"]]).choices}
    assert {("level", "quarter"), ("merge", "pretext")} & kinds
    with django_capture_on_commit_callbacks():
        release = releases.request_draft(cast.dana, ASKED | {"tables": [["pretext"], ["quarter"]]})
    run_next_job()
    publish(cast, release)
    kinds = {(one.kind, one.fact) for one in answered(tables=[["pretext", "quarter"]]).choices}
    assert {kind for kind, _fact in kinds} == {"uncross"}


# Whose it is


def test_the_answer_is_sealed_to_the_coordinators_and_read_by_whoever_asked(
    cast: Cast, answered: Asked
) -> None:
    fill(60)
    answered()
    estimate = Estimate.objects.get()
    assert estimate.answer_ciphertext is not None
    assert b"hidden" not in bytes(estimate.answer_ciphertext)
    with pytest.raises(Http404):
        estimates.estimate_for(cast.erin, estimate.pk)
    with pytest.raises(Http404):
        estimates.estimate_for(cast.alice, estimate.pk)
    with pytest.raises(Locked):
        estimates.open_answer(cast.keyring_of("alice"), estimate)


def test_an_answer_moved_to_another_question_does_not_open(cast: Cast, answered: Asked) -> None:
    fill(60)
    answered()
    first = Estimate.objects.get()
    answered(tables=[["harm"]])
    other = Estimate.objects.exclude(pk=first.pk).get()
    other.answer_ciphertext = first.answer_ciphertext
    with pytest.raises(SealBroken):
        estimates.open_answer(cast.keyring_of("dana"), other)


def test_only_a_coordinator_asks_and_a_bad_question_leaves_nothing(cast: Cast) -> None:
    with pytest.raises(Http404):
        estimates.ask(cast.alice, ASKED)
    with pytest.raises(BadSpecification):
        estimates.ask(cast.dana, ASKED | {"tables": [["shoe_size"]]})
    assert not Estimate.objects.exists()
    assert not Job.objects.exists()


# How long it is kept


def test_the_same_question_within_the_hour_is_not_counted_again(cast: Cast, answered: Asked) -> None:
    fill(60)
    answered()
    again = estimates.ask(cast.dana, ASKED)
    assert Estimate.objects.get() == again
    assert not Job.objects.filter(state=Job.State.QUEUED).exists()


def test_after_an_hour_nobody_reads_it_and_the_worker_clears_it_away(cast: Cast, answered: Asked) -> None:
    fill(60)
    answered()
    Estimate.objects.update(asked_at=timezone.now() - dt.timedelta(hours=1, seconds=1))
    with pytest.raises(Http404):
        estimates.estimate_for(cast.dana, Estimate.objects.get().pk)
    assert estimates.forget_old() == 1
    assert not Estimate.objects.exists()


def test_when_somebody_withdraws_every_estimate_goes(cast: Cast, answered: Asked) -> None:
    fill(60)
    case = a_case(a_person(gender="WOMAN"))
    coarsening.replace([case])
    answered()
    coarsening.forget([case])
    assert not Estimate.objects.exists()


def test_somebody_withdrawing_while_it_is_counted_leaves_no_answer(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(60)
    estimates.ask(cast.dana, ASKED)
    real = estimating.shares

    def meanwhile(*given: Any) -> Any:
        statistics.remove([bytes(pk) for pk in Statistic.objects.values_list("pk", flat=True)[:1]])
        return real(*given)

    monkeypatch.setattr(estimating, "shares", meanwhile)
    run_next_job()
    assert not Estimate.objects.exists()


def test_publishing_a_release_makes_every_estimate_old(cast: Cast, answered: Asked) -> None:
    fill(60)
    answered()
    a_published(cast)
    assert not Estimate.objects.exists()
