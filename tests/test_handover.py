"""What a chain of steps says, and what it must not be made to say."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import workflow
from casework.handover import STAGES, between, days_between, detentions, reached, sharp_facts
from casework.record import Moment, Outcome, Step
from casework.vocabulary import codes, law
from tests.stories import person, story
from tests.test_deadlines import moments

HOUR = dt.timedelta(hours=1)


def chain(*steps: Step, held_hours: float | None = None):
    someone = person()
    someone.steps, someone.held_hours = list(steps), held_hours
    return someone


def said(someone) -> dict[str, dt.timedelta | None]:
    return {fact.code: fact.lasted for fact in sharp_facts(someone)}


@given(moments(), moments())
def test_the_time_between_two_moments_is_a_span_that_holds_every_reading(before, after):
    span = between(before, after)
    if after.latest < before.earliest:
        assert span is None
        return
    assert span is not None and dt.timedelta(0) <= span.least <= span.most
    assert not span.exact or before.precision == after.precision == "minute"


@given(moments(), moments())
def test_days_are_counted_only_between_two_known_days(before, after):
    known = {before.precision, after.precision} <= {"day", "minute"}
    days = days_between(before, after)
    assert (days is None) or (known and days >= 0)


def test_a_guess_gives_no_time_in_between():
    assert between(Moment("2026-01-01", uncertain=True), Moment("2026-01-02")) is None
    assert days_between(Moment("2026-01-01"), Moment("2026-01-02", uncertain=True)) is None


def test_held_without_a_warrant_is_said_with_its_hours():
    hold = Step(
        "HOLD", began=Moment("2026-01-01T10:00"), ended=Moment("2026-01-01T13:20"), warrant_shown="NO"
    )
    assert said(chain(hold)) == {"NO_WARRANT": 3 * HOUR + 20 * HOUR / 60}


def test_without_a_clock_the_hours_remembered_count_and_without_either_none_are_made_up():
    hold = Step("HOLD", began=Moment("2026-01"), warrant_shown="NO")
    assert said(chain(hold, held_hours=2.5)) == {"NO_WARRANT": 2.5 * HOUR}
    assert said(chain(hold)) == {"NO_WARRANT": None}


def test_a_warrant_that_nobody_asked_about_is_not_a_missing_warrant():
    for answer in ("NOT_ASKED", "UNK", "REFUSED", "YES"):
        assert "NO_WARRANT" not in said(chain(Step("HOLD", warrant_shown=answer)))


def test_hours_before_counsel_are_counted_from_the_hold():
    hold = Step("HOLD", began=Moment("2026-01-01T10:00"), counsel="NO")
    detention = Step("DETENTION", began=Moment("2026-01-02T00:30"), counsel="YES")
    assert said(chain(hold, detention))["UNTIL_COUNSEL"] == 14.5 * HOUR
    detention.began = Moment("2026-01-02")
    assert said(chain(hold, detention))["UNTIL_COUNSEL_OR_MORE"] == 14 * HOUR
    assert "NO_COUNSEL" in said(chain(hold))


def test_a_first_review_is_late_only_when_every_reading_makes_it_so():
    hold = Step("HOLD", began=Moment("2026-01-01"))
    assert "LATE_REVIEW" not in said(chain(hold, Step("REVIEW", began=Moment("2026-01-04"))))
    assert said(chain(hold, Step("REVIEW", began=Moment("2026-01-05"))))["LATE_REVIEW"] > 48 * HOUR


def test_the_call_and_the_days_held_are_drawn_out():
    someone = chain(
        Step("STOP", began=Moment("2026-01-01T10:00")),
        Step("CALL_TO_CBSA", began=Moment("2026-01-01T10:25")),
        Step("HOLD", began=Moment("2026-01-01T10:30")),
        Step("REVIEW", began=Moment("2026-01-02")),
        Step("RELEASE", began=Moment("2026-01-10")),
    )
    facts = {fact.code: fact for fact in sharp_facts(someone)}
    assert facts["CALLED_AFTER"].lasted == 25 * HOUR / 60
    assert (facts["DAYS_HELD"].lasted, facts["DAYS_HELD"].number) == (dt.timedelta(days=9), 1)


KINDS = st.sampled_from(codes("step_kind"))


@given(st.lists(KINDS, max_size=14))
def test_periods_of_detention_never_share_a_step_and_each_begins_with_a_hold(kinds):
    steps = [Step(kind) for kind in kinds]
    found = detentions(steps)
    inside = [id(step) for period in found for step in period.steps]
    assert len(inside) == len(set(inside))
    assert all(period.steps[0].kind in {"HOLD", "TRANSFER", "DETENTION"} for period in found)
    assert all(period.ended for period in found[:-1])


OUTCOMES = st.lists(st.sampled_from(codes("outcome")).map(Outcome), max_size=6)


@given(st.lists(KINDS, max_size=8), OUTCOMES, st.sampled_from(["", *codes("cbsa_involvement")]))
def test_no_stage_of_the_funnel_is_larger_than_the_one_it_is_part_of(kinds, outcomes, involvement):
    someone = chain(*(Step(kind) for kind in kinds))
    someone.outcomes, someone.cbsa_involvement = outcomes, involvement
    stages = dict(zip(STAGES, reached(story("H-1", someone, person("Moss"))), strict=True))
    assert 2 == stages["STOPPED"] >= stages["CONTACTED"] >= stages["HELD"] >= stages["HANDED_OVER"]
    assert stages["HANDED_OVER"] >= max(stages["DETAINED"], stages["REMOVED"], stages["RELEASED"])


def test_a_refusal_of_service_without_police_is_no_handover():
    record = story("H-1", chain())
    record.event.police_services, record.event.pretext = [], ""
    assert reached(record) == ()


# The law beside the chain


@pytest.mark.parametrize("kind", codes("step_kind"))
def test_every_step_has_a_legal_hook_in_both_languages(kind):
    for city in ("", "MONTREAL", "TORONTO", "VANCOUVER", "OTHER"):
        hook = law.hook(kind, city)
        assert hook and all((hook.cite_en, hook.cite_fr, hook.text_en, hook.text_fr))
        assert hook.text_en != hook.text_fr


def test_the_hook_is_that_of_the_province():
    quebec, ontario, elsewhere = (law.hook("STOP", city) for city in ("MONTREAL", "TORONTO", "VANCOUVER"))
    assert quebec and ontario and elsewhere
    assert "636" in quebec.cite_fr and "58/16" in ontario.cite_en and "636" not in elsewhere.text_en


def test_a_city_is_held_to_what_it_had_promised_by_then():
    before, after = dt.date(2017, 2, 19), dt.date(2017, 2, 20)
    assert law.commitment("MONTREAL", before) is None and law.commitment("LAVAL", after) is None
    promised = law.commitment("MONTREAL", after)
    assert promised and promised == law.commitment("MONTREAL", None)
    assert "CM17 0106" in promised.cite("fr") and promised.text("fr") != promised.text("en")


# The way of a case


def test_every_status_of_the_list_has_its_moves_and_leads_only_to_others_of_the_list():
    known = set(codes("case_status"))
    assert set(workflow.MOVES) == known
    assert {to for ways in workflow.MOVES.values() for to in ways} <= known - set(workflow.BY_THE_PERSON)


def test_the_usual_way_goes_from_intake_to_closed_and_no_step_of_it_can_be_skipped():
    usual = ("INTAKE", "SAFETY", "VERIFY", "REFER", "FOLLOW_UP", "CLOSED")
    assert all(workflow.may_move(one, next_one) for one, next_one in zip(usual, usual[1:], strict=False))
    assert not workflow.may_move("INTAKE", "CLOSED") and not workflow.may_move("INTAKE", "REFER")


def test_somebody_detained_skips_the_queue():
    assert workflow.may_move("INTAKE", "REFER", detained=True)
    assert workflow.allowed("SAFETY", detained=True)[0] == "REFER"


@pytest.mark.parametrize("ended", workflow.BY_THE_PERSON)
def test_what_the_person_ended_is_not_chosen_from_a_list_and_is_not_left_by_one(ended):
    assert workflow.allowed(ended) == ()
    assert not any(
        workflow.may_move(status, ended, detained=True) for status in workflow.MOVES if status != ended
    )
