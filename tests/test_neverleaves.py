"""What a program sees in a passage that must not leave, and what it lets pass."""

import pytest

from casework import documents, neverleaves, vocabulary
from casework.agenda import Interaction, Referral
from casework.neverleaves import ANSWERABLE, flags, known, unanswered
from casework.record import Officer
from tests.stories import NARRATIVE, story
from tests.telling import PASSAGE, RECIT


def codes(text: str, kind: str = "QUOTE", **more: object) -> set[str]:
    return {flag.code for flag in flags(text, kind, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("It was on 14 March that they came.", "DATE"),
        ("C'était le 14 mars.", "DATE"),
        ("C'était le premier juin.", "DATE"),
        ("Le 2017-03-14, ils sont venus.", "DATE"),
        ("They came at 22:10.", "DATE"),
        ("Vers 22 h 10, ils sont venus.", "DATE"),
        ("Around 10 p.m. they came.", "DATE"),
        ("On 14/03/2017 they came.", "DATE"),
        ("Ils l'ont arrêté rue Jean-Talon.", "ADDRESS"),
        ("They stopped at Sherbrooke Street.", "ADDRESS"),
        ("Au 1234 boulevard, il attendait.", "ADDRESS"),
        ("Près du métro Côte-Vertu.", "ADDRESS"),
        ("Au PDQ 33, rien.", "ADDRESS"),
        ("They live at H2X 1Y4 now.", "ADDRESS"),
        ("The badge was number 4412.", "BADGE"),
        ("Son matricule: 4412.", "BADGE"),
        ("Call (514) 555-1212.", "CONTACT"),
        ("Call 514.555.1212.", "CONTACT"),
        ("Write to heron@example.org.", "CONTACT"),
        ("See www.example.org for it.", "CONTACT"),
        ("Her client number is 11-2233-4455.", "FILE_NUMBER"),
        ("His file is IMM-12345.", "FILE_NUMBER"),
        ("UCI 1122334455 was on it.", "FILE_NUMBER"),
        ("The car was H12 ABC.", "PLATE"),
        ("The car was ABC 123.", "PLATE"),
        ("There were 7 of us.", "NUMBER"),
        ("It cost 300$.", "NUMBER"),
        ("Haitian people are stopped in Parc-Extension.", "ORIGIN_PLACE"),
        ("Une Colombienne vivait à Verdun.", "ORIGIN_PLACE"),
        ("Elle allait à l'école Saint-Luc.", "INSTITUTION_NAMED"),
        ("They were taken to Mary Hospital.", "INSTITUTION_NAMED"),
    ],
)
def test_it_is_marked_and_no_reason_lets_it_pass(text: str, code: str) -> None:
    found = [flag for flag in flags(text, "QUOTE") if flag.code == code]
    assert found and code not in ANSWERABLE
    answers = [(flag.code, flag.words, "it is fine") for flag in found]
    assert unanswered(found, answers) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The neighbour called Tremblay over.", "NAME_LIKE"),
        ("Au mois de juillet, ils sont venus.", "MONTH"),
        ("On a Monday they came.", "MONTH"),
        ("She was thirty-four years old.", "AGE"),
        ("Il a trente ans.", "AGE"),
        ("He is Haitian.", "ORIGIN"),
        ("Elle parlait ourdou.", "ORIGIN"),
        ("They went to a school.", "INSTITUTION"),
        ("Son patron l'a appelée.", "INSTITUTION"),
        ("Seven workers were taken.", "COUNT"),
        ("Une dizaine de personnes attendaient.", "COUNT"),
        ("Her daughter waited.", "CHILD"),
        ("Il est mort.", "RARE"),
        ("She had asked for asylum.", "STATUS"),
        ("Il est sans statut.", "STATUS"),
        ("The hearing is next week.", "AHEAD"),
    ],
)
def test_it_is_marked_until_somebody_says_why_it_may_stay(text: str, code: str) -> None:
    found = flags(text, "QUOTE")
    assert code in {flag.code for flag in found}
    answers = [(flag.code, flag.words.upper(), "many share it") for flag in found if flag.code == code]
    assert code not in {flag.code for flag in unanswered(found, answers)}
    assert code in {flag.code for flag in unanswered(found, [(c, w, " . ") for c, w, _why in answers])}


@pytest.mark.parametrize(
    "text",
    [
        PASSAGE,
        RECIT,
        "It was in 2017. They waited for hours, and the police called CBSA.",
        "En 2017, la police a appelé l'ASFC. Elle a attendu longtemps, sans interprète.",
        "He may go, they said. They march on.",
        "Son ami l'attendait.",
        "",
    ],
)
def test_what_says_nothing_of_anybody_is_not_marked(text: str) -> None:
    assert flags(text, "STORY") == []


def test_everything_that_names_somebody_in_the_case_is_marked_however_it_is_written() -> None:
    record = story()
    record.officers = [Officer("SPVM", badge="4412B", name="Sgt. Œuvrard")]
    record.referrals = [Referral("1", "", "", "Maître Bélanger", "LAWYER", "", None, None)]  # type: ignore[arg-type]
    record.interactions = [Interaction("1", None, "CALL", whom="Wren's sister Oana")]  # type: ignore[arg-type]
    record.persons[0].consents[0].explained_by = "Solveig"
    of = known(record, ["nadine"])
    for words in (
        "HERON", "heron", "Héron's", "zebulon", "Quillfeather", "Oeuvrard", "œuvrard", "belanger", "Oana", "solveig", "Nadine",
    ):  # fmt: skip
        assert codes(f"Then {words} spoke.", known=of) >= {"KNOWN_NAME"}, words
    assert "BADGE" in codes("The badge 4412b.", known=of) | codes("Matricule 4412B.", known=of)
    # Only whole words: a heronry is no Heron, and a title alone nobody.
    assert "KNOWN_NAME" not in codes("Then heronry and maître spoke.", known=of)


def test_a_name_of_two_letters_is_marked_where_it_is_a_name() -> None:
    record = story()
    record.persons[0].name = "Bo Li"
    of = known(record)
    assert "KNOWN_NAME" in codes("Then Li spoke.", known=of)
    assert "KNOWN_NAME" not in codes("Then il li spoke.", known=of)


def test_a_place_is_marked_as_it_stands_in_the_case() -> None:
    record = story()
    record.event.place_note = "behind the Xanthippe viaduct"
    assert "KNOWN_PLACE" in codes("They hid behind the xanthippe viaduct.", known=known(record))


def test_the_persons_own_words_are_marked_in_what_is_retold_only() -> None:
    of = known(story())
    own = "It was known that the officer heard an accent and telephoned at once."
    found = [flag for flag in flags(own, "STORY", of) if flag.code == "OWN_WORDS"]
    assert [flag.words for flag in found] == ["the officer heard an accent and telephoned"]
    assert "OWN_WORDS" not in codes(own, "QUOTE", known=of)
    four = "So: heard an accent and, said they."
    assert "OWN_WORDS" not in codes(four, "STORY", known=of)
    assert "OWN_WORDS" in codes(NARRATIVE.upper().replace(",", " – "), "STORY", known=of)


def test_quotation_marks_are_asked_about_in_what_is_retold_only() -> None:
    for text in ('They said "go".', "Ils ont dit « partez ».", "They said “go”."):
        assert "QUOTATION" in codes(text, "STORY") and "QUOTATION" not in codes(text, "QUOTE")


def test_in_a_large_city_an_origin_may_be_answered() -> None:
    assert codes("Une Haïtienne vivait à Montréal.") == {"ORIGIN"}


def test_the_words_stand_where_the_flag_says() -> None:
    text = "Élise était là; le 14 mars, à l'école Saint-Luc."
    for flag in flags(text, "STORY"):
        assert text[flag.start : flag.end] == flag.words


def test_no_digit_but_a_year_gets_past() -> None:
    for text in ("٣", "7e", "x2", "1899", "20170", "H1"):
        assert any(not flag.answerable for flag in flags(f"They said {text} then.", "STORY")), text
    assert documents.YEAR.sub("", "2017") == ""


def test_every_flag_has_words_and_says_what_to_do() -> None:
    raised = set(neverleaves.PATTERNS) | ANSWERABLE | {
        "KNOWN_NAME", "KNOWN_PLACE", "OWN_WORDS", "NUMBER", "ORIGIN_PLACE", "INSTITUTION_NAMED",
    }  # fmt: skip
    assert raised == set(vocabulary.codes("story_flag")) == set(vocabulary.codes("story_flag_do"))
