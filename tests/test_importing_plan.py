"""What a group's own words and dates come to under a plan, and what is guessed before anybody has said anything."""

import datetime as dt
import io

import openpyxl
import pytest

from casework.importing import BadRow, read_cases, survey
from casework.importing.columns import BY_NAME
from casework.importing.plan import ColumnPlan, Plan, Reading, coded, faults, read_date
from casework.record import CaseRecord
from tests.importing_files import TODAY, xlsx_file

OWN = """Nos dossiers 2025;;;;;;
;;;;;;
N°;Quand;Motif;Issue;Récit;Accord;
17;14/03/2025;auto;détenu, libéré;=HYPERLINK("http://x");oui;
18;mars 2025;contrôle;-;Il marchait.;non;
19;03/04/2025;auto;détenu;Elle attendait.;oui;
"""
COLUMNS = [
    ColumnPlan("reference"),
    ColumnPlan("event_date"),
    ColumnPlan("pretext", {"auto": "TRAFFIC_MOVING", "controle": "TRAFFIC_RANDOM"}),
    ColumnPlan("outcome", {"detenu": "DETAINED", "libere": "REL_CONDITIONS"}),
    ColumnPlan("narrative"),
    ColumnPlan("consent_purposes", {"oui": "STATS", "non": "-"}),
    ColumnPlan(),
]
SAME = {"consent_purposes": "STORE", "consent_mode": "ORAL", "consent_date": "2025-06-01"}


def plan(**changes) -> Plan:
    columns = changes.pop("columns", COLUMNS)
    return Plan(header_line=3, columns=columns, same=SAME, **changes)


def own(text: str = OWN, encoding: str = "cp1252") -> io.BytesIO:
    return io.BytesIO(text.encode(encoding))


def read(the_plan: Plan, file: io.BytesIO | None = None) -> list[CaseRecord | BadRow]:
    return list(read_cases(file or own(), "dossiers.csv", TODAY, the_plan))


def columns_of(row: CaseRecord | BadRow) -> list[str]:
    assert isinstance(row, BadRow)
    return sorted({problem.column for problem in row.problems})


def test_a_groups_own_words_become_codes_and_what_means_nothing_is_named_in_its_row():
    first, second, third = read(plan())
    assert columns_of(first) == ["consent_purposes", "narrative"]
    assert isinstance(second, CaseRecord) and second.persons[0].outcomes == []
    assert (second.event.date.text, second.event.pretext) == ("2025-03", "TRAFFIC_RANDOM")
    assert columns_of(third) == ["consent_purposes", "event_date"]


@pytest.mark.parametrize(
    "text, order, meant",
    [
        ("14/03/2025", "", "2025-03-14"),
        ("03/04/2025", "", "03/04/2025"),
        ("03/04/2025", "DMY", "2025-04-03"),
        ("03/04/2025", "MDY", "2025-03-04"),
        ("3.4.2025 22h10", "DMY", "2025-04-03T22:10"),
        ("03/14/2025", "DMY", "2025-03-14"),
        ("05/05/2025", "", "2025-05-05"),
        ("03/2025", "", "2025-03"),
        ("2025/3/4", "", "2025-03-04"),
        ("14 mars 2025", "", "2025-03-14"),
        ("1er août 2025", "", "2025-08-01"),
        ("March 14, 2025", "", "2025-03-14"),
        ("Feb 2025", "", "2025-02"),
        ("45730", "", "2025-03-14"),
        ("2025", "", "2025"),
        ("2025-Q2", "", "2025-Q2"),
        ("jamais 2025", "", "jamais 2025"),
        ("hier", "", "hier"),
    ],
)
def test_dates_are_read_as_groups_write_them_and_one_that_could_mean_two_is_not_guessed(text, order, meant):
    assert read_date(text, order) == meant


def test_a_date_that_does_not_exist_stays_a_problem_of_its_row():
    file = own(OWN.replace("14/03/2025", "31/02/2025").replace("=HYPERLINK", "HYPERLINK"))
    assert "event_date" in columns_of(read(plan(), file)[0])


def test_several_words_in_one_cell_are_read_one_by_one_however_they_are_separated():
    column = ColumnPlan("outcome", {"detenu": "DETAINED", "libere": "REL_CONDITIONS", "inconnu": "-"})
    for text in (
        "détenu, libéré",
        "détenu;Libéré",
        "détenu / libéré",
        "DÉTENU|libéré|inconnu",
        "détenu\nlibéré",
    ):
        assert coded(column, BY_NAME["outcome"], text) == "DETAINED|REL_CONDITIONS", text
    assert coded(column, BY_NAME["outcome"], "détenu, envolé") == "DETAINED|envolé"


def test_a_label_with_a_comma_in_it_is_one_word():
    lawyer = "Avocate, avocat ou conseil en immigration"
    assert coded(ColumnPlan("source"), BY_NAME["source"], lawyer) == "LAWYER"


def test_two_columns_may_say_what_was_agreed_to_and_two_may_tell_the_story():
    reading = Reading(
        Plan(
            columns=[
                ColumnPlan("consent_purposes", {"oui": "STORE"}),
                ColumnPlan("consent_purposes", {"oui": "STATS"}),
                ColumnPlan("narrative"),
                ColumnPlan("narrative"),
            ]
        )
    )
    cells = reading.cells(2, ["oui", "Oui", "First.", "Second."])
    assert cells == {"consent_purposes": "STORE|STATS", "narrative": "First.\n\nSecond."}


def test_a_plan_that_names_one_field_twice_or_forgets_a_required_one_says_so():
    told = [str(fault) for fault in faults(Plan(columns=[ColumnPlan("city"), ColumnPlan("city")]))]
    assert len(told) == 6 and "several columns" in told[0]
    assert list(faults(plan())) == []


def test_a_row_mended_by_hand_is_read_as_mended_and_one_left_out_is_not_read():
    mends = {4: {"narrative": "A wrong turn.", "consent_purposes": "STORE|STATS"}}
    found = read(plan(mended=mends, without={6}))
    assert len(found) == 2 and isinstance(found[0], CaseRecord)
    assert found[0].statements[0].text == "A wrong turn."
    assert [o.code for o in found[0].persons[0].outcomes] == ["DETAINED", "REL_CONDITIONS"]


def test_rows_without_a_reference_are_called_after_their_line():
    columns = [ColumnPlan(), *COLUMNS[1:]]
    found = read(Plan(header_line=3, columns=columns, same=SAME | {"reference": "metro"}))
    assert [r.reference for r in found if isinstance(r, CaseRecord)] == ["metro-5"]


def test_the_titles_are_found_below_a_merged_heading_and_empty_columns_stay_without_a_name():
    guessed = survey.first_plan(own(), "dossiers.csv", survey.Memory())
    assert guessed.header_line == 3
    assert [column.field for column in guessed.columns] == [
        "reference",
        "event_date",
        "pretext",
        "outcome",
        "narrative",
        "consent_purposes",
    ]


def test_a_title_merged_over_two_rows_is_taken_from_the_upper_one():
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (
        ["Référence", "Le reste", None, "Récit"],
        [None, "Date de l'événement", "Ville", None],
        ["A", dt.date(2025, 3, 14), "Montréal", "x"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    file = io.BytesIO()
    workbook.save(file)
    found = survey.first_plan(file, "x.xlsx", survey.Memory())
    assert [c.field for c in found.columns] == ["reference", "event_date", "city", "narrative"]


def test_a_formula_nobody_has_calculated_is_an_empty_cell():
    file = xlsx_file(["Référence", "Date"], ["A", "=TODAY()"])
    (row,) = read(Plan(columns=[ColumnPlan("reference"), ColumnPlan("event_date")], same=SAME), file)
    assert columns_of(row) == ["event_date"]


def test_words_no_list_knows_are_counted_and_the_nearest_code_is_proposed():
    guessed = survey.first_plan(own(), "dossiers.csv", survey.Memory())
    found = survey.survey(own(), "dossiers.csv", guessed)
    assert found[2].unknown == ["auto", "contrôle"]
    assert found[0].samples == ["17", "18", "19"] and len(found) == 6
    assert survey.nearest("city", "Monttréal") == "MONTREAL"
    assert survey.nearest("city", "xyzzy") == ""


def test_one_date_that_can_be_read_in_one_way_only_settles_the_others():
    guessed = survey.first_plan(own(), "dossiers.csv", survey.Memory())
    assert survey.dates_of(own(), "dossiers.csv", guessed) == "DMY"


def test_what_a_team_has_said_before_wins_over_the_guess():
    memory = survey.Memory(fields={"motif": "narrative", "quand": ""}, codes={"motif": {"x": "Y"}})
    guessed = survey.first_plan(own(), "dossiers.csv", memory)
    assert guessed.columns[2] == ColumnPlan("narrative", {"x": "Y"})
    assert guessed.columns[1].field == ""
