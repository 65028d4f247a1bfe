"""The pages before a draft: a question in plain words, what it would cost, coarser ones side by side, and what is said when
nothing can come of it."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from casework import estimates, presets, questions, releases
from casework.facts import Label
from casework.forms.asking import DraftForm, filled_from, filled_with
from casework.models import Estimate, Job, Release
from tests.cast import Cast, in_english, sign_in
from tests.release_pages import a_published
from tests.statistics_rows import fill
from tests.test_drafting import ASKED, TODAY, run_next_job
from tests.test_translations import BEFORE

ALL = list(itertools.product(presets.AUDIENCES, presets.ASKS))
FORM: dict[str, Any] = {
    "title_fr": "Interceptions", "title_en": "Stops", "unit": "person", "first_year": "2015", "first_quarter": "1",
    "last_year": "2025", "last_quarter": "4", "tables": ["pretext_time", "outcome"], "threshold": "5",
    "time_level": "quarter", "place_level": "borough",
}  # fmt: skip


@pytest.fixture
def dana(client: Client, cast: Cast) -> Client:
    return in_english(sign_in(client, "dana"))


@pytest.fixture
def answered(dana: Client, django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., str]:
    """The page of an estimate that the worker has made; its address."""

    def ask(**changes: Any) -> str:
        with django_capture_on_commit_callbacks():
            address = dana.post("/releases/estimate/", FORM | changes).headers["Location"]
        run_next_job()
        return str(address)

    return ask


# Questions in plain words


@pytest.mark.parametrize(("audience", "ask"), ALL)
def test_every_question_in_plain_words_is_one_that_may_be_asked(audience: str, ask: str) -> None:
    filled = filled_with(presets.preset(audience, ask, 2026, 5))
    form = DraftForm({"first_quarter": "1", "last_quarter": "4", "supersedes": "", **filled})
    form.fields["supersedes"].queryset = Release.objects.none()  # type: ignore[attr-defined]
    assert form.is_valid(), form.errors
    question = questions.parse(form.question(), TODAY)
    assert question.period.end == "2025-12"
    assert str(question.period.first[0]) in question.title["fr"]


@pytest.mark.parametrize("ask", presets.ASKS.values())
def test_no_sign_of_a_french_question_begins_a_line(ask: presets.Ask) -> None:
    for field in vars(ask).values():
        assert not (isinstance(field, Label) and BEFORE.search(field.fr)), field


def test_journalists_get_no_crossed_tables_and_whoever_asks_for_records_gets_quarters() -> None:
    media, access = (presets.preset(who, "calls", 2026, 5) for who in ("media", "access"))
    assert all(len(table) == 1 for table in media.tables)
    assert access.time_level == "quarter"
    assert ["cbsa_involvement", "time"] in access.tables


def test_a_question_that_was_chosen_fills_the_form(dana: Client) -> None:
    page = dana.get("/releases/draft/?audience=council&ask=where").content.decode()
    assert "Where it happened, 2016–2025" in page
    assert 'value="place_time" ' in page.replace("checked", " checked") or 'value="place_time"' in page
    assert "Begin with a question in plain words" in page
    assert dana.get("/releases/draft/?audience=nobody&ask=where").status_code == 200


def test_beside_a_published_release_its_period_and_levels_are_taken_and_said(
    dana: Client, cast: Cast
) -> None:
    release = a_published(cast)
    Release.objects.filter(pk=release.pk).update(
        specification=ASKED | {"period": {"from": "2014-01", "to": "2024-12"}}
    )
    page = dana.get("/releases/draft/?audience=access&ask=change").content.decode()
    assert "which counts some of the same people" in page
    assert 'name="first_year" value="2014"' in page
    assert "2014–2024" in page


def test_a_question_comes_back_into_the_form_as_it_was() -> None:
    raw = ASKED | {
        "tables": [
            ["pretext", "quarter"],
            ["outcome"],
            ["gender", "held"],
            ["held"],
            ["cbsa_involvement"],
            ["sector"],
        ],
        "merged": {"pretext": ["BYLAW", "WARRANT"]},
        "threshold": 7,
        "known": [
            {"at": {"sector": "MONTREAL"}, "value": 0, "source": "Report, p. 3"},
            {"at": {}, "value": 40, "source": "Report, p. 4"},
        ],
    }
    question = questions.parse(raw, TODAY)
    form = DraftForm({"supersedes": "", **filled_from(question)})
    form.fields["supersedes"].queryset = Release.objects.none()  # type: ignore[attr-defined]
    assert form.is_valid(), form.errors
    again = questions.parse(form.question(), TODAY)
    assert {frozenset(table) for table in again.tables} == {frozenset(table) for table in question.tables}
    assert (again.merged, again.threshold, again.period) == (question.merged, 7, question.period)
    assert again.known == question.known


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"value": "12"}, "known_2_source"),
        ({"source": "Report"}, "known_2_value"),
        ({"category": "pretext=TRAFFIC_MOVING"}, "known_2_value"),
        ({"value": "-1", "source": "Report"}, "known_2_value"),
        ({"value": "12", "source": "Report", "category": "pretext=GONE"}, "known_2_category"),
        ({"value": "12", "source": "Report", "category": "gender=WOMAN"}, "known_2_category"),
    ],
)
def test_what_readers_know_already_is_whole_and_a_cell_of_a_table(
    dana: Client, line: dict[str, str], field: str
) -> None:
    answer = dana.post("/releases/draft/", FORM | {f"known_2_{part}": value for part, value in line.items()})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [field]
    assert not Release.objects.exists()


def test_what_readers_know_already_is_asked_with_the_question(dana: Client) -> None:
    line = {"category": "pretext=TRAFFIC_MOVING", "value": "12", "source": "Report, p. 3"}
    asked = FORM | {f"known_3_{part}": value for part, value in line.items()}
    assert dana.post("/releases/draft/", asked).status_code == 302
    known = {"at": {"pretext": "TRAFFIC_MOVING"}, "value": 12, "source": "Report, p. 3"}
    assert Release.objects.get().specification["known"] == [known]


# What it would cost


def test_without_javascript_a_button_leads_to_a_page_that_asks_again(dana: Client) -> None:
    address = dana.post("/releases/estimate/", FORM).headers["Location"]
    page = dana.get(address).content.decode()
    assert 'http-equiv="refresh"' in page
    assert "Waiting for the worker" in page


def test_the_answer_stands_beside_coarser_questions_and_one_press_takes_one(
    dana: Client, answered: Callable[..., str], cast: Cast
) -> None:
    fill(250)
    address = answered()
    page = dana.get(address).content.decode()
    assert "would be suppressed" in page
    assert page.count("Choose this") >= 2
    answer = dana.post(f"{address}choose/", {"choice": "0"})
    assert answer.headers["Location"] != address
    assert Estimate.objects.count() == 2
    assert dana.post(f"{address}choose/", {"choice": "99"}).headers["Location"] == address


def test_what_was_estimated_is_drafted_as_it_stands(dana: Client, answered: Callable[..., str]) -> None:
    fill(60)
    address = answered()
    dana.post(f"{address}draft/")
    assert (
        releases.question_of(Release.objects.get()).plain()
        == estimates.question_of(Estimate.objects.get()).plain()
    )


def test_what_was_estimated_comes_back_into_the_form(dana: Client, answered: Callable[..., str]) -> None:
    fill(60)
    address = answered(threshold="7")
    page = dana.get(f"/releases/draft/?from={address.split('/')[-2]}").content.decode()
    assert 'name="threshold" value="7"' in page
    assert 'value="Interceptions"' in page
    for wrong in ("00000000-0000-0000-0000-000000000000", "nonsense"):
        assert dana.get(f"/releases/draft/?from={wrong}").status_code == 404


def test_an_estimate_needs_no_title_but_a_draft_does(dana: Client, answered: Callable[..., str]) -> None:
    fill(60)
    address = answered(title_fr="", title_en="")
    assert "Give it a title" in dana.get(address).content.decode()
    assert "/releases/draft/?from=" in dana.post(f"{address}draft/").headers["Location"]
    assert not Release.objects.exists()
    page = dana.get(f"/releases/draft/?from={address.split('/')[-2]}").content.decode()
    assert "—" not in page.partition('name="title_fr"')[2].partition(">")[0]


def test_while_the_form_is_filled_the_answer_comes_as_a_part(
    dana: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    fill(60)
    with django_capture_on_commit_callbacks():
        part = dana.post("/releases/estimate/", FORM, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "/live/" in part
    run_next_job()
    estimate = Estimate.objects.get()
    part = dana.get(f"/releases/estimates/{estimate.pk}/live/").content.decode()
    assert "would be suppressed" in part and "/live/" not in part
    wrong = dana.post("/releases/estimate/", FORM | {"tables": []}, headers={"HX-Request": "true"})
    assert "Choose at least one question" in wrong.content.decode()


# Bad questions, and too few people


@pytest.mark.parametrize(
    ("people", "changes", "said"),
    [
        (0, {}, "Fewer people were counted than the threshold"),
        (1, {}, "Fewer people were counted than the threshold"),
        (4, {}, "Fewer people were counted than the threshold"),
        (60, {"first_year": "1991", "last_year": "1992"}, "Fewer people were counted than the threshold"),
    ],
)
def test_of_nobody_one_or_a_few_the_page_says_so_before_anything_is_drafted(
    dana: Client, answered: Callable[..., str], people: int, changes: dict[str, str], said: str
) -> None:
    fill(people)
    page = dana.get(answered(**changes)).content.decode()
    assert "A draft of this would be refused" in page
    assert said in page
    assert "Choose this" not in page


def test_when_every_figure_is_small_draft_and_estimate_say_so(
    dana: Client,
    answered: Callable[..., str],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    for number, pretext in enumerate(("BYLAW", "FARE_CHECK", "WARRANT")):
        fill(2, seed=number, pretext=pretext, year=2016 + number, outcome=("TICKET",))
    changes = {"tables": ["pretext_time"], "threshold": "6", "time_level": "year"}
    assert "suppressed" in dana.get(answered(**changes)).content.decode()
    with django_capture_on_commit_callbacks():
        address = dana.post("/releases/draft/", FORM | changes).headers["Location"]
    Job.objects.filter(kind=Job.Kind.ESTIMATE).delete()
    run_next_job()
    page = dana.get(address).content.decode()
    assert "Every figure would be suppressed" in page
    assert "/approve/" not in page
    assert "Compare coarser questions" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tables": ["shoe_size"]}, "shoe_size is not one of the available choices"),
        ({"time_level": "week"}, "week is not one of the available choices"),
        ({"last_year": "2014"}, "ends before it begins"),
        ({"merged": ["pretext=BYLAW"]}, "two or more, and not all"),
    ],
)
def test_a_question_that_cannot_be_asked_is_not_estimated_either(
    dana: Client, changes: dict[str, Any], said: str
) -> None:
    response = dana.post("/releases/estimate/", FORM | changes)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Estimate.objects.exists()


def test_from_a_draft_to_coarser_questions(dana: Client, cast: Cast) -> None:
    release = releases.request_draft(cast.dana, ASKED)
    address = dana.post(f"/releases/{release.pk}/estimate/").headers["Location"]
    assert str(Estimate.objects.get().pk) in address


def test_the_page_of_an_estimate_takes_few_queries(
    dana: Client, answered: Callable[..., str], django_assert_max_num_queries: Any
) -> None:
    fill(60)
    address = answered()
    with django_assert_max_num_queries(16):
        dana.get(address)
