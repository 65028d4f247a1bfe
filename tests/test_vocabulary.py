"""The coded lists: complete in both languages, findable by any spelling, dated, and never merged with outside figures."""

import datetime as dt
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import vocabulary
from casework.consent import PURPOSES, VALID_MONTHS
from casework.vocabulary import wording
from casework.vocabulary.series import all_series, series

SAME_IN_BOTH = {"city", "borough", "province", "language"}


@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
def test_it_has_a_label_in_both_languages_for_every_code(name: str) -> None:
    assert all(t.code and t.en.strip() and t.fr.strip() for t in vocabulary.terms(name))


@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_never_uses_one_label_for_two_codes(name: str, language: str) -> None:
    labels = [vocabulary.spelling_key(t.label(language)) for t in vocabulary.terms(name)]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
def test_it_never_understands_one_spelling_as_two_codes(name: str) -> None:
    meant: dict[str, str] = {}
    for term in vocabulary.terms(name):
        for spelling in term.spellings():
            assert meant.setdefault(vocabulary.spelling_key(spelling), term.code) == term.code


@pytest.mark.parametrize("name", sorted(set(vocabulary.VOCABULARIES) - SAME_IN_BOTH))
def test_it_is_translated_rather_than_copied(name: str) -> None:
    terms = vocabulary.terms(name)
    assert sum(t.en == t.fr for t in terms) <= len(terms) // 4


@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
def test_it_finds_every_code_by_code_and_by_both_labels(name: str) -> None:
    for term in vocabulary.terms(name):
        assert {vocabulary.find(name, s) for s in (term.code, term.en, term.fr)} == {term.code}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("borough", "villeray-saint-michel-parc-extension", "VILLERAY_SAINT_MICHEL_PARC_EXTENSION"),
        ("borough", "L’Ile Bizard – Sainte Genevieve", "L_ILE_BIZARD_SAINTE_GENEVIEVE"),
        ("city", " montreal ", "MONTREAL"),
        ("age_band", "25–34", "25_34"),
        ("consent_state", "GRANTED", "GIVEN"),
        ("consent_mode", "Par parent, tuteur ou mandataire", "DELEGATE"),
        ("police_service", "GRC", "RCMP"),
    ],
)
def test_it_finds_a_code_whatever_the_case_accents_and_dashes(name: str, text: str, code: str) -> None:
    assert vocabulary.find(name, text) == code


@given(st.text(alphabet=string.printable + "éÉ–’\u202e", max_size=40))
def test_it_finds_nothing_or_a_code_of_the_list_whatever_is_typed(text: str) -> None:
    assert vocabulary.find("pretext", text) in {None, *vocabulary.codes("pretext")}


def test_it_shows_the_code_itself_when_the_code_is_unknown() -> None:
    assert vocabulary.label("pretext", "NO_LONGER_THERE", "fr") == "NO_LONGER_THERE"
    assert vocabulary.label("no_such_list", "X", "en") == "X"


def test_it_refuses_a_list_or_code_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        vocabulary.terms("no_such_list")
    with pytest.raises(KeyError):
        vocabulary.term("pretext", "NO_SUCH_CODE")


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("DIS_SAP", "2025-07-29", False),
        ("DIS_SAP", "2025-07-30", True),
        ("PROV_ON", "2025-09-15", True),
        ("PROV_ON", "2025-09-16", False),
        ("PROV_RDP", "2026-01-01", False),
        ("IHC_LAVAL", "2012-01-01", True),
    ],
)
def test_it_offers_a_place_of_detention_only_while_it_was_in_use(code: str, day: str, expected: bool) -> None:
    offered = {t.code for t in vocabulary.terms("detention_place", on=dt.date.fromisoformat(day))}
    assert (code in offered) is expected


def test_it_keeps_closed_police_stations_readable_with_their_dates() -> None:
    today = {t.code for t in vocabulary.terms("police_district", on=dt.date(2026, 1, 1))}
    assert {"PDQ_11", "PDQ_33"} & today == set()
    assert vocabulary.label("police_district", "PDQ_33", "fr") == "Ancien poste de quartier 33 (PDQ 33)"


def test_it_knows_the_nineteen_boroughs_and_fifteen_demerged_cities() -> None:
    boroughs = [t for t in vocabulary.terms("borough") if t.code != "UNK"]
    assert len(boroughs) == 19
    assert {vocabulary.ancestors("borough", t.code)[1:] for t in boroughs} == {
        (("city", "MONTREAL"), ("province", "QC"))
    }
    demerged = (
        "Baie-D'Urfé",
        "Dollard-Des Ormeaux",
        "L'Île-Dorval",
        "Montréal-Est",
        "Mont-Royal",
        "Westmount",
    )
    assert all(vocabulary.find("city", name) for name in demerged)
    assert len([t for t in vocabulary.terms("city") if t.parent == "QC"]) == 1 + 15 + 4


@pytest.mark.parametrize("name", sorted(vocabulary.PARENTS))
def test_it_has_an_existing_parent_for_every_code_that_names_one(name: str) -> None:
    known = set(vocabulary.codes(vocabulary.PARENTS[name]))
    assert {t.parent for t in vocabulary.terms(name)} - {""} <= known


def test_it_offers_exactly_the_purposes_that_consent_enforces() -> None:
    assert vocabulary.codes("purpose") == PURPOSES
    assert "GRANTED" not in vocabulary.codes("consent_state")


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_it_asks_every_purpose_separately_and_says_how_long_consent_lasts(language: str) -> None:
    asked = {p.code: p.text(language) for p in wording.first_script() if p.kind == "purpose"}
    questions = [asked[purpose] for purpose in PURPOSES]
    assert len(set(questions)) == len(PURPOSES)
    assert all(question.count("?") + question.count("؟") for question in questions)
    assert any(str(VALID_MONTHS) in p.text(language) for p in wording.first_script() if p.code == "EXPIRY")


def test_it_reads_everything_the_person_must_know_before_and_after_the_questions() -> None:
    parts = {p.code for p in wording.first_script() if p.kind != "purpose"}
    assert parts == {
        *("WHO", "STORED", "READERS", "RISKS", "FREE"),
        *("WITHDRAW", "CANNOT_UNDO", "EXPIRY", "LANGUAGE", "READ_BACK"),
    }
    assert all(len(set(p.texts.values())) == 5 and all(p.texts.values()) for p in wording.first_script())


def test_it_keeps_a_missing_year_missing() -> None:
    toronto = [p.period_start.year for p in series("E1").points if p.service == "TPS"]
    assert toronto == [2016, 2017]
    assert all(p.value > 0 for s in all_series() for p in s.points)


def test_it_keeps_series_of_different_definitions_apart() -> None:
    assert (
        len({s.definition_en for s in all_series()})
        == len({s.definition_fr for s in all_series()})
        == len(all_series())
    )
    assert {p.period_start.year for p in series("E3").points} == {2023}


def test_it_adds_up_to_the_published_total_of_toronto_by_type() -> None:
    assert sum(p.value for p in series("E4").points) == 4770


def test_it_recomputes_the_published_growth_of_montreal() -> None:
    first, second, third = (p.value for p in series("E1").points if p.service == "SPVM")
    assert round(100 * (second / first - 1), 1) == 9.1
    assert round(100 * (third / second - 1), 1) == 25.6


def test_it_says_unit_definition_and_source_of_every_series_in_words() -> None:
    for known in all_series():
        assert all((known.title("fr"), known.unit("fr"), known.definition("fr"), known.source))
        assert known.title("fr") != known.title("en")
        assert "http" not in known.source


def test_it_has_words_for_every_service_and_measure_of_the_series() -> None:
    points = [p for s in all_series() for p in s.points]
    assert {p.service for p in points} <= set(vocabulary.codes("series_service"))
    assert {p.measure for p in points} <= set(vocabulary.codes("series_measure"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Warrant shown: No"),
        ("fr", "Warrant shown\N{NO-BREAK SPACE}: No"),
        ("ht", "Warrant shown\N{NO-BREAK SPACE}: No"),
    ],
)
def test_a_value_follows_its_label_as_the_language_writes_it(language: str, words: str) -> None:
    assert vocabulary.told("Warrant shown", "No", language) == words
