"""The invented cases: good enough to import as they are, varied, humane, and about nobody."""

import csv
import datetime as dt
import io
import re
from pathlib import Path

import pytest

from casework import consent, neverleaves, samples, vocabulary
from casework.importing import read_cases
from casework.importing.columns import COLUMNS
from casework.record import CaseRecord
from casework.samples import SampleFile, every_text, sample_files, scenarios, telling, weights

TODAY = dt.date(2026, 11, 23)
STORIES = (*scenarios.MONTREAL, *scenarios.ELSEWHERE)
GENERATED = re.compile(r"(MONTREAL|ELSEWHERE)-\d{4}-\d{3}")


def imported(files: tuple[SampleFile, ...], today: dt.date) -> list[CaseRecord]:
    found = [f for file in files for f in read_cases(io.BytesIO(file.text.encode()), file.name, today)]
    records = [f for f in found if isinstance(f, CaseRecord)]
    assert [str(problem) for f in found if not isinstance(f, CaseRecord) for problem in f.problems] == []
    return records


@pytest.fixture(scope="module")
def files() -> tuple[SampleFile, ...]:
    return sample_files(TODAY)


@pytest.fixture(scope="module")
def records(files: tuple[SampleFile, ...]) -> dict[str, CaseRecord]:
    return {record.reference: record for record in imported(files, TODAY)}


def generated(files: tuple[SampleFile, ...]) -> list[dict[str, str]]:
    return [row for file in files for row in file.rows() if GENERATED.fullmatch(row["reference"])]


@pytest.mark.parametrize("today", [dt.date(2026, 1, 1), dt.date(2026, 2, 28), TODAY, dt.date(2031, 7, 1)])
@pytest.mark.parametrize("seed", [1, 2, 2017])
def test_it_imports_every_sample_whatever_the_day_and_seed(today: dt.date, seed: int) -> None:
    assert len(imported(sample_files(today, seed), today)) == 240 + len(STORIES)


def test_it_makes_the_same_files_for_the_same_seed_and_others_for_another() -> None:
    assert sample_files(TODAY, 1) == sample_files(TODAY, 1)
    assert sample_files(TODAY, 1)[0].text != sample_files(TODAY, 2)[0].text


def test_it_has_two_teams_and_twelve_stories_and_two_hundred_and_forty_cases(
    files: tuple[SampleFile, ...],
) -> None:
    assert len({file.team for file in files}) == 2
    assert len({story["reference"].split("-")[0] for story in STORIES}) == 12
    assert len(generated(files)) == 240


def test_it_does_not_send_cases_from_the_future() -> None:
    with pytest.raises(ValueError, match="2025"):
        sample_files(dt.date(2025, 12, 31))


def test_it_uses_the_columns_of_the_import_and_nothing_else(files: tuple[SampleFile, ...]) -> None:
    for file in files:
        assert next(csv.reader(io.StringIO(file.text))) == [column.name for column in COLUMNS]


def test_it_asked_everybody_again_within_eighteen_months(files: tuple[SampleFile, ...]) -> None:
    days = [dt.date.fromisoformat(row["consent_date"]) for file in files for row in file.rows()]
    assert max(days) <= TODAY
    assert min(days) >= consent.months_after(TODAY, -18)


def test_it_counts_about_nine_in_ten_and_trusts_most(records: dict[str, CaseRecord]) -> None:
    people = [person for record in records.values() for person in record.victims()]
    share = sum(consent.may(person, "STATS", TODAY) for person in people) / len(people)
    assert 0.85 <= share <= 0.95
    assert sum(r.verification in {"V1", "V2", "V3", "V4"} for r in records.values()) / len(records) > 0.85


def test_it_spans_the_years_from_2015_to_2025(files: tuple[SampleFile, ...]) -> None:
    assert {row["event_date"][:4] for row in generated(files)} == {str(year) for year in range(2015, 2026)}


def test_it_tells_each_story_in_full(records: dict[str, CaseRecord]) -> None:
    for story in STORIES:
        (statement,) = records[story["reference"]].statements
        assert 80 <= len(statement.text.split()) <= 250, story["reference"]


def test_it_tells_the_generated_cases_briefly_each_in_its_own_words(files: tuple[SampleFile, ...]) -> None:
    narratives = [row["narrative"] for row in generated(files)]
    assert all(25 <= len(text.split()) <= 90 and "{" not in text for text in narratives)
    assert len(set(narratives)) == len(narratives)


def test_it_is_written_in_both_languages(files: tuple[SampleFile, ...]) -> None:
    for file in files:
        french = [
            bool(re.search(r"\b(la|les|une|elle|on)\b", row["narrative"].lower())) for row in file.rows()
        ]
        assert 0 < sum(french) < len(french)


def test_it_gives_every_case_an_alias_and_hardly_any_a_name(records: dict[str, CaseRecord]) -> None:
    people = [person for record in records.values() for person in record.persons]
    assert all(person.alias for person in people)
    assert sum(bool(person.name) for person in people) <= 2
    assert all(o.badge.startswith("FIC-") for r in records.values() for o in r.officers)


def test_it_has_no_text_so_short_that_a_search_of_a_disk_would_find_it_by_chance(
    files: tuple[SampleFile, ...],
) -> None:
    texts = every_text(files)
    assert min(map(len, texts)) >= 8
    assert {row["narrative"] for file in files for row in file.rows()} <= texts


def test_it_detains_nobody_without_saying_how_it_ended(files: tuple[SampleFile, ...]) -> None:
    last = {row["outcome"].split("|")[-1] for file in files for row in file.rows()}
    assert last & {"DETAINED", "HANDED_OVER", "HELD_POLICE", "REVIEW_CONTINUED"} == set()


def test_orchard_is_one_event_of_six_people_with_different_ends(records: dict[str, CaseRecord]) -> None:
    six = [record for reference, record in records.items() if reference.startswith("ORCHARD")]
    assert len(six) == 6
    assert len({(r.event.date, r.event.borough, r.event.pretext) for r in six}) == 1
    assert len({tuple(o.code for o in r.persons[0].outcomes) for r in six}) == 6


def test_maple_passes_three_reviews_and_tide_the_cells_that_are_no_longer_used(
    records: dict[str, CaseRecord],
) -> None:
    assert [s.kind for s in records["MAPLE-2015"].persons[0].steps].count("REVIEW") == 3
    assert "YVR_CELLS" in records["TIDE-2012"].persons[0].detention_places()


def test_kite_leaves_a_minor_alone_for_whom_a_parent_consents(records: dict[str, CaseRecord]) -> None:
    child = records["KITE-2021-CHILD"].persons[0]
    assert child.minor
    assert "CHILD_ALONE" in child.harms
    assert {c.mode for c in child.consents if c.state == "GIVEN"} == {"DELEGATE"}


def test_cedar_tells_the_story_and_keeps_the_words(records: dict[str, CaseRecord]) -> None:
    person = records["CEDAR-2017"].persons[0]
    assert consent.may(person, "STORY", TODAY)
    assert not consent.may(person, "QUOTE", TODAY)


def test_quartz_is_released_without_a_call_and_ember_meets_no_police(records: dict[str, CaseRecord]) -> None:
    assert "CALL_TO_CBSA" not in [s.kind for s in records["QUARTZ-2020"].persons[0].steps]
    ember = records["EMBER-2024"]
    assert ember.event.police_services == ember.persons[0].steps == []
    assert {d.service_type for d in ember.denials} == {"SHELTER"}


def test_ferry_is_one_incident_of_two_services(records: dict[str, CaseRecord]) -> None:
    assert records["FERRY-2018"].event.police_services == ["STM", "SPVM"]


def test_every_sentence_exists_in_both_languages_with_the_same_gaps() -> None:
    with (Path(samples.__file__).parent / "phrases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["en"] and row["fr"] and row["en"] != row["fr"]
            assert sorted(re.findall(r"{\w+}", row["en"])) == sorted(re.findall(r"{\w+}", row["fr"]))


@pytest.mark.parametrize(
    ("table", "name"),
    [
        (weights.PRETEXTS, "pretext"),
        (weights.STATUS, "status_raised"),
        (weights.CUES, "suspicion_cue"),
        (weights.HANDED, "cbsa_involvement"),
        (weights.BOROUGHS, "borough"),
        (weights.ENDS, "outcome"),
        (weights.HARMS | weights.HARMS_OF_DETENTION, "harm"),
        (weights.AGES, "age_band"),
        (weights.GENDERS, "gender"),
        (weights.REGIONS, "region"),
        (weights.BASES, "immigration_basis"),
        (weights.DENIED, "service_type"),
        (weights.MECHANISMS, "denial_mechanism"),
        (weights.SOURCES, "report_source"),
        (weights.VERIFICATION, "verification"),
        (weights.MODES, "consent_mode"),
        (weights.GIVEN, "purpose"),
        ({code: 1.0 for table in weights.SERVICES.values() for code in table}, "police_service"),
        ({code: 1.0 for table in weights.PLACES.values() for code in table}, "place_type"),
        ({code: 1.0 for table in weights.ORIGINS.values() for code in table}, "language"),
        ({code: 1.0 for table in weights.TEAM_CITIES.values() for code in table}, "city"),
    ],
)
def test_it_weighs_only_codes_that_exist(table: weights.Weights, name: str) -> None:
    assert set(table) <= set(vocabulary.codes(name))


def test_what_the_sample_tells_is_marked_only_where_it_says_why() -> None:
    """Without a case beside it: what stands in the cases themselves is looked for when the demonstration offers it."""
    found = [flag for words in telling.PASSAGE.values() for flag in neverleaves.flags(words, "STORY")]
    assert found == []
    found = [flag for words in telling.UNCHECKED.values() for flag in neverleaves.flags(words, "STORY")]
    answers = [(answer.flag, answer.words, answer.reason) for answer in telling.ANSWERS]
    assert len(found) == len(answers) and neverleaves.unanswered(found, answers) == []
