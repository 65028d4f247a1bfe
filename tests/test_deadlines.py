"""When something is due: computed from the hold, said as a window where the date is coarse, and never narrowed."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import accessperiods, deadlines
from casework.accessperiods import access_due
from casework.agenda import DateToKeep, Task
from casework.deadlines import all_due, next_review, read, rolled
from casework.record import Moment, Outcome, Step
from tests.stories import person, story

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1))


def written(day: dt.date, minute: int, form: int) -> Moment:
    """The day in one of the five forms."""
    forms = (f"{day:%Y}", f"{day:%Y}-Q{(day.month + 2) // 3}", f"{day:%Y-%m}", f"{day:%Y-%m-%d}")
    return Moment((*forms, f"{day:%Y-%m-%d}T{minute // 60:02}:{minute % 60:02}")[form])


def moments() -> st.SearchStrategy[Moment]:
    """A moment of any precision."""
    return st.builds(written, DAYS, st.integers(0, 1439), st.integers(0, 4))


def held(began: Moment | None, *more: Step):
    someone = person()
    someone.outcomes = []
    someone.steps = [Step("STOP"), Step("HOLD", began=began), *more]
    return someone


@given(moments())
def test_the_first_review_is_due_48_hours_after_the_hold_whatever_its_precision(began):
    due = next_review(held(began))
    assert due is not None and due.kind == "REVIEW_48H"
    assert (due.earliest, due.latest) == (began.earliest + 48 * HOUR, began.latest + 48 * HOUR)
    assert due.exact == (began.precision == "minute")


@given(moments(), st.data())
def test_a_finer_date_never_gives_a_wider_window(began, data):
    """Whatever minute the coarse date meant, its deadline lies in the window."""
    minutes = int((began.latest - began.earliest).total_seconds() // 60)
    minute = began.earliest + dt.timedelta(minutes=data.draw(st.integers(0, minutes)))
    coarse, fine = next_review(held(began)), next_review(held(Moment(f"{minute:%Y-%m-%dT%H:%M}")))
    assert coarse is not None and fine is not None
    assert coarse.earliest <= fine.earliest <= fine.latest <= coarse.latest


@given(moments(), moments())
def test_the_second_review_is_due_7_days_after_the_first_and_every_other_30_after_the_last(first, later):
    one = next_review(held(Moment("2000"), Step("REVIEW", began=first)))
    assert one is not None and (one.kind, one.earliest) == ("REVIEW_7D", first.earliest + 7 * DAY)
    two = next_review(held(Moment("2000"), Step("REVIEW", began=first), Step("REVIEW", began=later)))
    assert two is not None and (two.kind, two.latest) == ("REVIEW_30D", later.latest + 30 * DAY)


def test_a_review_without_a_date_is_taken_to_have_been_held_when_it_was_due():
    due = next_review(held(Moment("2026-11-01T10:00"), Step("REVIEW"), Step("REVIEW")))
    assert due is not None and due.exact
    assert due.earliest == dt.datetime(2026, 11, 1, 10) + 48 * HOUR + 37 * DAY


@pytest.mark.parametrize(
    "end",
    [
        [Step("RELEASE")],
        [Step("REMOVAL")],
        [Step("REVIEW", result="RELEASED")],
        [Step("DETENTION"), Step("REVIEW", result="CONTINUED"), Step("RELEASE")],
    ],
)
def test_nothing_is_due_once_the_person_is_free_or_gone(end):
    assert next_review(held(Moment("2026-11-01"), *end)) is None


def test_nothing_is_due_when_nobody_was_held_or_the_day_is_unknown():
    someone = person()
    someone.outcomes, someone.steps = [], [Step("STOP", began=Moment("2026-11-01"))]
    assert next_review(someone) is None
    assert next_review(held(None)) is None


def test_what_is_known_of_the_outcome_decides_over_a_chain_that_breaks_off():
    someone = held(Moment("2026-11-01"))
    someone.outcomes = [Outcome("HELD_POLICE"), Outcome("RELEASED_SCENE")]
    assert next_review(someone) is None
    someone.outcomes.append(Outcome("DETAINED"))
    assert next_review(someone) is not None


def test_a_hold_the_police_ended_asks_for_no_review_but_one_that_went_on_to_the_cbsa_does():
    someone = held(Moment("2026-11-01T10:00"))
    someone.steps[1].ended = Moment("2026-11-01T12:00")
    assert next_review(someone) is None
    someone.steps.append(Step("TRANSFER"))
    assert next_review(someone) is not None


def test_a_second_detention_is_counted_from_its_own_beginning():
    again = [Step("RELEASE", began=Moment("2026-02-01")), Step("DETENTION", began=Moment("2026-11-20T08:00"))]
    due = next_review(held(Moment("2026-01-01"), Step("REVIEW", began=Moment("2026-01-03")), *again))
    assert due is not None and (due.kind, due.earliest) == ("REVIEW_48H", dt.datetime(2026, 11, 22, 8))


@given(DAYS, DAYS)
def test_a_missed_review_rolls_on_by_30_days_to_today_or_later(day, today):
    later = rolled(day, today)
    assert later >= max(day, min(today, later)) and (later - day).days % 30 == 0
    assert later == day or later - 30 * DAY < today <= later


# Access to information


@given(DAYS)
def test_quebec_answers_within_20_days_or_30_when_extended_and_federal_and_ontario_bodies_within_30(day):
    assert access_due("QC", day) == day + 20 * DAY
    assert access_due("QC", day, extended=True) == day + 30 * DAY
    assert access_due("FEDERAL", day) == access_due("ON", day) == day + 30 * DAY


@given(DAYS)
def test_british_columbia_answers_within_30_business_days(day):
    due = access_due("BC", day)
    between = [day + n * DAY for n in range(1, (due - day).days + 1)]
    assert sum(map(accessperiods.is_business_day, between)) == 30 and accessperiods.is_business_day(due)


@pytest.mark.parametrize(
    "holiday",
    [
        "2026-01-01", "2026-02-16", "2026-04-03", "2026-04-06", "2026-05-18", "2026-07-01", "2026-08-03",
        "2026-09-07", "2026-09-30", "2026-10-12", "2026-11-11", "2026-12-25", "2024-09-30", "2023-01-02",
        "2025-04-18", "2024-05-20",
    ],
)  # fmt: skip
def test_a_holiday_of_british_columbia_is_no_business_day(holiday):
    assert not accessperiods.is_business_day(dt.date.fromisoformat(holiday))


def test_an_ordinary_day_is_a_business_day_and_the_day_of_reconciliation_is_one_before_2023():
    assert accessperiods.is_business_day(dt.date(2026, 2, 17))
    assert accessperiods.is_business_day(dt.date(2022, 9, 30))


def test_a_length_the_law_leaves_open_is_never_made_up():
    with pytest.raises(ValueError, match="extension"):
        access_due("FEDERAL", dt.date(2026, 1, 1), extended=True)
    with pytest.raises(KeyError):
        access_due("MARS", dt.date(2026, 1, 1))


# All of a case


def with_dates(*dates: DateToKeep, tasks: tuple[Task, ...] = ()):
    record = story("H-1", held(Moment("2026-11-01T10:00")))
    record.dates, record.tasks = list(dates), list(tasks)
    return record


def test_everything_open_is_listed_the_nearest_first_and_what_is_done_is_not():
    record = with_dates(
        DateToKeep("r", "REMOVAL", dt.date(2026, 12, 1)),
        DateToKeep("k", "APPEAL", dt.date(2026, 11, 20), kept_on=dt.date(2026, 11, 19)),
        DateToKeep("a", "ACCESS", body="QC", received_on=dt.date(2026, 11, 1)),
        DateToKeep("x", "ACCESS", dt.date(2027, 1, 5), body="FEDERAL", received_on=dt.date(2026, 11, 1)),
        tasks=(
            Task("u", "Call the sister", "ab"),
            Task("d", "Find the ticket", done_on=dt.date(2026, 11, 2)),
            Task("t", "Write to the lawyer", "ab", dt.date(2026, 11, 10)),
        ),
    )
    assert [due.kind + due.id for due in all_due(record)] == [
        "REVIEW_48H",
        "TASKt",
        "ACCESSa",
        "REMOVALr",
        "ACCESSx",
        "TASKu",
    ]


def test_an_announced_review_replaces_the_computed_one_unless_it_comes_too_late():
    in_time = with_dates(DateToKeep("r", "REVIEW", dt.date(2026, 11, 2)))
    assert [due.kind for due in all_due(in_time)] == ["REVIEW"]
    late = with_dates(DateToKeep("r", "REVIEW", dt.date(2026, 11, 9)))
    assert [due.kind for due in all_due(late)] == ["REVIEW_48H", "REVIEW"]


def test_dates_given_when_the_story_came_in_are_due_until_what_they_announced_is_written_down():
    record = story("H-1", held(Moment("2026-11-01T10:00")))
    someone = record.persons[0]
    someone.safety.next_review, someone.safety.removal = Moment("2026-11-03T09:00"), Moment("2026-12")
    assert [due.kind for due in all_due(record)] == ["REVIEW", "REMOVAL"]
    assert not all_due(record)[1].one_day
    someone.steps.append(Step("REVIEW", began=Moment("2026-11-03")))
    assert [due.kind for due in all_due(record)] == ["REVIEW_7D", "REMOVAL"]
    someone.outcomes = [Outcome("STAY")]
    assert all_due(record) == []


def test_the_card_holds_days_kind_and_owner_and_reads_back():
    record = with_dates(tasks=(Task("t", "Call\n her", "ab12", dt.date(2026, 11, 10)), Task("u", "Ask")))
    first, second, third = (read(kept) for kept in deadlines.for_card(record))
    assert (first.earliest, first.latest, first.kind) == (
        dt.date(2026, 11, 3),
        dt.date(2026, 11, 3),
        "REVIEW_48H",
    )
    assert (second.kind, second.owner, second.text, second.dated) == ("TASK", "ab12", "Call her", True)
    assert (third.kind, third.owner, third.text, third.dated) == ("TASK", "", "Ask", False)


@given(moments())
def test_a_window_on_the_card_is_the_window_of_the_deadline(began):
    due = next_review(held(began))
    kept = read(deadlines.for_card(story("H-1", held(began)))[0])
    assert due is not None
    assert (kept.earliest, kept.latest) == (due.earliest.date(), due.latest.date())


@given(moments(), DAYS)
def test_what_is_written_is_as_urgent_as_its_days_are(began, today):
    kept = deadlines.for_card(story("H-1", held(began)))[0]
    first, last = read(kept).earliest, read(kept).latest
    said = deadlines.Horizon(today).urgency(kept)
    assert (said in ("stale", "overdue")) is (last < today)
    assert (said == "now") is (first <= today <= last)
    assert (said == "soon") is (today < first <= today + 7 * DAY)


@pytest.mark.parametrize("far", ["9999", "9999-12-31", "9999-12-31T23:59", "9999-Q4"])
def test_a_mistyped_year_does_not_keep_a_case_from_being_saved(far):
    someone = held(Moment(far), Step("REVIEW"), Step("REVIEW", began=Moment(far)))
    someone.safety.removal = Moment(far)
    assert deadlines.for_card(story("H-1", someone))


def test_a_case_with_a_hundred_tasks_keeps_its_card_small():
    tasks = tuple(Task(str(n), f"{n:03}" * 200, "f" * 32, dt.date(2026, 12, 1)) for n in range(100))
    kept = deadlines.for_card(with_dates(tasks=tasks))
    assert len(kept) == deadlines.ON_CARD and sum(map(len, kept)) < 1000


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("2026-11-24 REMOVAL", "overdue"),
        ("2026-09-01 REMOVAL", "stale"),
        ("2026-11-25 REMOVAL", "now"),
        ("2026-10-03/2027-01-02 REVIEW_48H", "now"),
        ("2026-10-03/2026-11-24 REVIEW_48H", "overdue"),
        ("2026-12-02 APPEAL", "soon"),
        ("2026-12-03 APPEAL", "later"),
        ("9999-12-30 TASK - Ask", "undated"),
    ],
)
def test_what_may_be_due_already_counts_as_due_now(kept, words):
    assert deadlines.Horizon(dt.date(2026, 11, 25)).urgency(kept) == words
