"""The one question, asked of random histories; and the form that writes the answers down."""

import datetime as dt

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import coarsening, consent, vault
from casework.consent import PURPOSES
from casework.forms.consent import ConsentForm, FirstConsentForm
from casework.record import Consent, Moment, Person
from tests import stories

START = dt.date(2024, 1, 1)
days = st.integers(0, 1500).map(lambda number: START + dt.timedelta(days=number))
answers = st.builds(
    Consent,
    purpose=st.sampled_from(("STORE", "STATS", "STORY")),
    state=st.sampled_from(("GIVEN", "REFUSED", "WITHDRAWN", "NOT_ASKED")),
    on=st.none() | days,
    mode=st.sampled_from(("ORAL", "DELEGATE")),
    expires=st.none() | days,
)
ages = st.sampled_from(("", "UNDER_14", "14_17", "25_34"))
people = st.builds(
    Person,
    id=st.just("1"),
    roles=st.just(["VICTIM"]),
    age_band=ages,
    minor=st.booleans(),
    consents=st.lists(answers, max_size=8),
    statistic_token=st.just(bytes(32)),
)


def holds(person: Person, purpose: str, today: dt.date) -> bool:
    """Said again from the law, without looking at how it is done: the last answer is yes, by somebody who may give it, not
    from the future, not over, and nobody said no after it."""
    told = [answer for answer in person.consents if answer.purpose == purpose]
    if not told or told[-1].state != "GIVEN" or told[-1].on is None or told[-1].on > today:
        return False
    child = person.age_band == "UNDER_14" or (person.minor and person.age_band in ("", "25_34"))
    if child and told[-1].mode != "DELEGATE":
        return False
    if any(no.state in ("REFUSED", "WITHDRAWN") and no.on and no.on > told[-1].on for no in told):
        return False
    two_years = told[-1].on.replace(year=told[-1].on.year + 2, day=min(told[-1].on.day, 28))
    grace = dt.timedelta(days=3 if told[-1].on.day > 28 else 0)
    over = min(told[-1].expires or two_years + grace, two_years + grace)
    return today <= over


@settings(max_examples=300, deadline=None)
@given(people, days, st.sampled_from(PURPOSES))
def test_no_history_lets_something_be_used_that_nobody_agreed_to(person, today, purpose):
    if consent.may(person, purpose, today):
        assert holds(person, purpose, today) and holds(person, "STORE", today)


@settings(max_examples=200, deadline=None)
@given(people, days)
def test_every_reader_of_a_record_gives_the_answer_of_the_one_function(person, today):
    record = stories.story("H-1", person)
    kept, counted = consent.may(person, "STORE", today), consent.may(person, "STATS", today)
    assert bool(coarsening.coarsen(record, today)) is counted
    assert (consent.all_until(record, "STORE", today) is not None) is kept
    try:
        consent.require(record, "STORE", today)
    except consent.ConsentMissing:
        assert not kept
    else:
        assert kept


@settings(max_examples=200, deadline=None)
@given(people, days, st.sampled_from(PURPOSES))
def test_it_holds_until_the_day_it_names_and_not_a_day_longer(person, today, purpose):
    last = consent.until(person, purpose, today)
    assert (last is not None) is consent.may(person, purpose, today)
    if last is not None:
        assert consent.may(person, purpose, last)
        assert not consent.may(person, purpose, last + dt.timedelta(days=1))


@settings(max_examples=100, deadline=None)
@given(people, days, st.sampled_from(("STORE", "STATS", "STORY")))
def test_nothing_written_before_a_withdrawal_outlives_it(person, today, purpose):
    person.consents.append(Consent(purpose, "WITHDRAWN", today))
    assert not consent.may(person, purpose, today)
    person.consents.append(Consent(purpose, "GIVEN", today - dt.timedelta(days=1), "DELEGATE"))
    assert not consent.may(person, purpose, today)


def test_everyone_whose_story_it_is_has_to_agree():
    record = stories.story("H-1", stories.person("Heron"), stories.person("Ember", "STATS"))
    with pytest.raises(consent.ConsentMissing):
        consent.require(record, "STORE")
    assert vault.open_until(record) == dt.date.min.isoformat()


def asked(**changes: str) -> dict[str, str]:
    today = timezone.localdate().isoformat()
    sent = dict.fromkeys(PURPOSES, "NOT_ASKED") | {
        "STORE": "GIVEN",
        "on": today,
        "mode": "ORAL",
        "language": "fr",
    }
    return sent | changes


def form_for(person: Person | None = None, **changes: str) -> ConsentForm:
    kind = ConsentForm if person else FirstConsentForm
    return kind(asked(**changes), **({"person": person} if person else {}))


@pytest.mark.django_db
def test_an_answer_says_who_explained_it_under_which_conditions_and_for_how_long(db):
    until = (timezone.localdate() + dt.timedelta(days=90)).isoformat()
    form = form_for(explained_by="Wren", STORE_conditions="Not the name of my street", expires=until)
    assert form.is_valid()
    stored = form.answers()[0]
    assert (stored.explained_by, stored.conditions, stored.wording) == (
        "Wren",
        "Not the name of my street",
        "1",
    )
    assert stored.expires is not None and stored.expires.isoformat() == until


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"on": "2099-01-01"}, "on", "future"),
        ({"on": "2020-01-01"}, "on", "24 months"),
        ({"expires": "2020-01-01"}, "expires", "between today"),
        ({"expires": "2099-01-01"}, "expires", "24 months"),
        ({"on": "soon"}, "on", "date"),
        ({"STORE": "REFUSED"}, "STORE", "not written down"),
        ({"STATS": "PERHAPS"}, "STATS", "valid choice"),
        ({"STORY_conditions": "x" * 501}, "STORY_conditions", "500"),
    ],
)
def test_what_cannot_be_an_answer_is_said_in_words(db, sent, field, words):
    form = form_for(**sent)
    assert not form.is_valid()
    assert words in str(form.errors[field])


@pytest.mark.django_db
def test_nobody_can_agree_before_the_event_it_covers(db):
    form = form_for()
    assert form.is_valid()
    tomorrow = Moment((timezone.localdate() + dt.timedelta(days=1)).isoformat())
    assert not form.fits(Person("1"), tomorrow)
    assert "before the event" in str(form.errors["on"])
    same_year = form_for()
    assert same_year.is_valid() and same_year.fits(Person("1"), Moment(str(timezone.localdate().year)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("person", "mode", "fits"),
    [
        (Person("1", age_band="UNDER_14"), "ORAL", False),
        (Person("1", age_band="UNDER_14"), "DELEGATE", True),
        (Person("1", minor=True), "WRITTEN", False),
        (Person("1", minor=True, age_band="14_17"), "WRITTEN", True),
        (Person("1", age_band="25_34"), "ORAL", True),
    ],
)
def test_for_a_child_a_guardian_answers(db, person, mode, fits):
    form = form_for(mode=mode)
    assert form.is_valid()
    assert form.fits(person, None) is fits


@pytest.mark.django_db
def test_an_older_yes_is_refused_after_a_no(db):
    today = timezone.localdate()
    person = stories.person("Heron", "STORE")
    person.consents = [Consent("STORE", "GIVEN", today - dt.timedelta(days=9), "ORAL", "fr")]
    person.consents.append(Consent("STORE", "WITHDRAWN", today, "ORAL", "fr"))
    form = form_for(person, on=(today - dt.timedelta(days=3)).isoformat())
    assert form.is_valid() and not form.fits(person, None)
    assert "said no since" in str(form.errors["STORE"])


@pytest.mark.django_db
def test_answers_that_did_not_change_keep_their_date_and_wording(db):
    person = stories.person("Heron", "STORE", "STATS")
    form = form_for(person, STATS="REFUSED", STORY="NOT_ASKED")
    assert form.is_valid()
    changed = {answer.purpose: answer.state for answer in form.answers()}
    assert "STORE" not in changed and changed["STATS"] == "REFUSED"
