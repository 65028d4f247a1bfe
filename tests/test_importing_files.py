"""Reading files: what is a good file, what is refused and by which name, and that nothing else ever comes out."""

import datetime as dt
import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Final

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import vocabulary
from casework.importing import BadRow, FileRefused, read_cases, reading, spreadsheet
from casework.importing import problems as p
from casework.importing.columns import COLUMNS
from casework.record import CaseRecord
from tests.importing_files import GOOD, TODAY, csv_file, read, xlsx_file

NAMES, VALUES = list(GOOD), list(GOOD.values())
DOCS = Path(__file__).parent.parent / "docs"


def refusal(content: bytes, name: str = "cases.csv") -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        read(io.BytesIO(content), name)
    return refused.value


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_it_reads_csv_with_or_without_a_mark_and_with_either_separator(delimiter: str, encoding: str) -> None:
    (record,) = read(csv_file(GOOD | {"city": "Montréal"}, delimiter=delimiter, encoding=encoding))
    assert isinstance(record, CaseRecord)
    assert (record.reference, record.event.city) == ("HERON", "MONTREAL")


def test_it_does_not_mistake_a_separator_inside_quotation_marks() -> None:
    file = b'reference,event_date,consent_purposes,consent_mode,consent_date,"a;b;c;d;e;f"\n'
    (bad,) = read(io.BytesIO(file))
    assert isinstance(bad, BadRow)
    assert [x.column for x in bad.problems] == ["a;b;c;d;e;f"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_it_reads_the_line_ends_of_every_system(line_end: str) -> None:
    content = line_end.join([",".join(NAMES), ",".join(VALUES)]).encode()
    assert isinstance(read(io.BytesIO(content))[0], CaseRecord)


def test_it_reads_columns_in_any_order_and_by_their_french_names() -> None:
    names = [
        "Date du consentement",
        "Forme du consentement",
        "Référence",
        "FINALITÉS CONSENTIES",
        "Date de l’événement",
    ]
    values = ["2025-06-01", "Écrit", "HERON", "Store|Stats", "2024"]
    (record,) = read(io.BytesIO((";".join(names) + "\n" + ";".join(values)).encode()))
    assert isinstance(record, CaseRecord)
    assert record.persons[0].consents[0].mode == "WRITTEN"


def test_it_reads_a_spreadsheet_by_its_content_whatever_it_is_called() -> None:
    (record,) = read(xlsx_file(NAMES, VALUES), "cases.csv")
    assert isinstance(record, CaseRecord)


def test_it_understands_dates_and_numbers_as_the_spreadsheet_shows_them() -> None:
    file = xlsx_file(
        [*NAMES, "held_hours", "officer_badge"],
        ["ONE", dt.datetime(2024, 3, 14), "STORE", "ORAL", dt.datetime(2025, 6, 1), 3.5, 1234.0],
        ["TWO", 2024, "STORE", "ORAL", dt.date(2025, 6, 1), 3, 99],
    )
    first, second = read(file)
    assert isinstance(first, CaseRecord) and isinstance(second, CaseRecord)
    assert (first.event.date.text, first.persons[0].held_hours) == ("2024-03-14", 3.5)
    assert (first.officers[0].badge, second.event.date.text) == ("1234", "2024")


def test_it_does_not_take_the_first_of_the_month_for_a_day_somebody_told() -> None:
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.active.append(NAMES)
    workbook.active.append(VALUES)
    cell = workbook.active["B2"]
    cell.value, cell.number_format = dt.datetime(2024, 3, 1), "[$-40C]mmm-yy;@"
    file = io.BytesIO()
    workbook.save(file)
    (record,) = read(file)
    assert isinstance(record, CaseRecord)
    assert record.event.date.precision == "month"


def test_it_names_the_line_where_a_row_begins_even_after_a_narrative_of_several_lines() -> None:
    rows = [GOOD | {"narrative": "one\n\ntwo"}, GOOD | {"reference": "B", "pretext": "NOPE"}]
    found = read(csv_file(*rows))
    assert isinstance(found[1], BadRow)
    assert found[1].line == 5


def test_it_passes_over_blank_rows() -> None:
    file = io.BytesIO((",".join(NAMES) + "\n,,,,\n\n" + ",".join(VALUES) + "\n , ,,,\n").encode())
    assert len(read(file)) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xef\xbb\xbf", b"  \r\n;;;\r\n", ",".join(NAMES).encode()]
)
def test_it_refuses_an_empty_file_by_name(content: bytes) -> None:
    assert isinstance(refusal(content), p.EmptyFile)


def test_it_refuses_an_empty_spreadsheet_by_name() -> None:
    assert isinstance(refusal(xlsx_file().getvalue()), p.EmptyFile)
    assert isinstance(refusal(xlsx_file(NAMES).getvalue()), p.EmptyFile)


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7 x", b"\x89PNG\r\n", b"{\\rtf1 x}", b"<!DOCTYPE html><p>", b"\x7fELF\0\0", b"\x1f\x8b\x08"],
)
def test_it_refuses_another_type_of_file_even_when_it_is_called_csv(content: bytes) -> None:
    assert isinstance(refusal(content, "cases.csv"), p.WrongType)


def test_it_refuses_a_zip_that_is_no_spreadsheet() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert isinstance(refusal(file.getvalue()), p.WrongType)


def test_it_refuses_old_or_protected_excel_with_what_to_do() -> None:
    refused = refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    assert isinstance(refused, p.OldSpreadsheet)
    with translation.override("en"):
        assert "Save it as XLSX" in str(refused)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le"])
def test_it_reads_what_spreadsheet_programs_on_windows_write(encoding: str) -> None:
    rows = [GOOD | {"reference": str(n)} for n in range(300)] + [GOOD | {"city": "Montréal"}]
    content = csv_file(*rows, encoding=encoding).getvalue()
    found = read(io.BytesIO(content if encoding != "utf-16-le" else b"\xff\xfe" + content))
    assert isinstance(found[-1], CaseRecord) and found[-1].event.city == "MONTREAL"


def test_it_refuses_a_character_that_no_alphabet_has_and_names_the_line() -> None:
    rows = [GOOD | {"reference": str(n)} for n in range(300)] + [GOOD | {"reference": "caf\xe9 \x81"}]
    refused = refusal(csv_file(*rows, encoding="latin-1").getvalue())
    assert isinstance(refused, p.NotUnicode)
    assert refused.details["line"] == 302


def test_it_refuses_utf_16_cut_in_the_middle_of_a_letter() -> None:
    assert isinstance(refusal(csv_file(GOOD, encoding="utf-16").getvalue()[:-1]), p.NotUnicode)


def test_it_reads_a_file_with_tabs_between_its_cells() -> None:
    (record,) = read(csv_file(GOOD, delimiter="\t"))
    assert isinstance(record, CaseRecord)


def test_it_refuses_utf_16_without_its_mark() -> None:
    assert isinstance(refusal(csv_file(GOOD, encoding="utf-16-le").getvalue()), p.WrongType)


def test_it_refuses_a_quotation_mark_that_never_closes() -> None:
    refused = refusal((",".join(NAMES) + '\n"A,2024\nB,2024\n').encode())
    assert isinstance(refused, p.BrokenText)
    assert refused.details["line"] == 2


def test_it_refuses_a_cell_far_beyond_any_narrative() -> None:
    assert isinstance(refusal(csv_file(GOOD | {"narrative": "x" * 1_100_000}).getvalue()), p.BrokenText)


def test_it_refuses_a_spreadsheet_that_breaks_off() -> None:
    content = xlsx_file(NAMES, VALUES).getvalue()
    assert isinstance(refusal(content[: len(content) // 2]), p.BrokenSpreadsheet)


def test_it_refuses_a_spreadsheet_with_a_damaged_sheet() -> None:
    file, damaged = xlsx_file(NAMES, VALUES), io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<worksheet><sheetData><row>" if "sheet1" in name else old.read(name))
    assert isinstance(refusal(damaged.getvalue()), p.BrokenSpreadsheet)


def test_it_refuses_a_zip_bomb_before_unpacking_it() -> None:
    file = xlsx_file(NAMES, VALUES)
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/styles2.xml", "w") as member,
    ):
        for _ in range(20):
            member.write(b" " * spreadsheet.MEGABYTE)
    tracemalloc.start()
    assert isinstance(refusal(file.getvalue()), p.TooLarge)
    assert tracemalloc.get_traced_memory()[1] < 10 * spreadsheet.MEGABYTE
    tracemalloc.stop()


def test_it_refuses_a_spreadsheet_whose_last_row_is_a_million_rows_away() -> None:
    file = xlsx_file(NAMES, VALUES)
    far = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(far, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if "sheet1" in name:
                content = content.replace(b'<row r="2"', b'<row r="1048576"').replace(b'2"', b'1048576"')
            new.writestr(name, content)
    assert isinstance(refusal(far.getvalue()), p.TooManyRows)


def test_it_refuses_more_rows_than_it_will_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ROW_LIMIT", 3)
    rows = [GOOD | {"reference": str(n)} for n in range(3)]
    assert isinstance(refusal(csv_file(*rows).getvalue()), p.TooManyRows)


def test_it_refuses_a_file_of_200_megabytes_without_reading_it() -> None:
    class Endless(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return 200 * reading.MEGABYTE if whence == io.SEEK_END else offset

        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("it was read")

    with pytest.raises(p.TooLarge) as refused:
        next(read_cases(Endless(), "big.csv", TODAY))
    assert "big.csv" in str(refused.value)


def test_it_refuses_a_first_row_that_names_no_known_column() -> None:
    assert isinstance(refusal(b"foo,bar\n1,2\n"), p.NoHeader)


def test_it_leaves_the_file_open_for_a_second_reading() -> None:
    file = csv_file(GOOD)
    assert len(read(file)) == len(read(file)) == 1


def test_it_reads_ten_thousand_rows_in_bounded_memory() -> None:
    narrative = "Une longue histoire. " * 50
    header = ",".join([*NAMES, "narrative"])
    file = io.BytesIO(
        "\n".join([header, *(",".join([f"R{n}", *VALUES[1:], narrative]) for n in range(10_000))]).encode()
    )
    tracemalloc.start()
    assert sum(isinstance(found, CaseRecord) for found in read_cases(file, "x.csv", TODAY)) == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * reading.MEGABYTE


@pytest.mark.parametrize(
    "kind", [k for k in vars(p).values() if isinstance(k, type) and issubclass(k, FileRefused)]
)
def test_it_says_for_every_refusal_that_nothing_was_kept(kind: type[FileRefused]) -> None:
    with translation.override("en"):
        message = str(kind("a.csv", line=3, limit=5))
    assert "a.csv" in message
    assert "Nothing was" in message
    assert "{" not in message


def outcome(content: bytes) -> None:
    """Anything but a record, a bad row or a named refusal fails the test by itself."""
    try:
        for found in read_cases(io.BytesIO(content), "x", TODAY):
            assert isinstance(found, CaseRecord | BadRow)
            assert not isinstance(found, BadRow) or all(str(problem) for problem in found.problems)
    except FileRefused as refused:
        assert str(refused)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_it_raises_nothing_but_a_named_refusal_whatever_the_bytes(content: bytes) -> None:
    outcome(content)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=12), st.sampled_from([",", ";"]))
def test_it_raises_nothing_but_a_named_refusal_whatever_the_cells(cells: list[str], delimiter: str) -> None:
    header = delimiter.join([*NAMES, "narrative", "held_hours", "pretext", "borough", "outcome"])
    outcome(f"{header}\n{delimiter.join(cells)}\n".encode("utf-8", "surrogatepass"))


# Made once: a spreadsheet says when it was made, and its length depends on that.
SPREADSHEET: Final = xlsx_file(NAMES, VALUES).getvalue()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_it_raises_nothing_but_a_named_refusal_when_a_spreadsheet_is_damaged_anywhere(
    data: st.DataObject,
) -> None:
    content = bytearray(SPREADSHEET)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    outcome(bytes(content))


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
)
def test_it_raises_nothing_but_a_named_refusal_when_a_part_is_replaced(junk: bytes, part: str) -> None:
    file, made = io.BytesIO(SPREADSHEET), io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, junk if name == part else old.read(name))
    outcome(made.getvalue())


def test_it_can_import_the_template_as_it_stands() -> None:
    with (DOCS / "import-template.csv").open("rb") as file:
        (record,) = read_cases(file, "import-template.csv", TODAY)
    assert isinstance(record, CaseRecord)


def test_it_has_every_column_in_the_template_and_every_code_on_the_page_about_it() -> None:
    header = (DOCS / "import-template.csv").read_text(encoding="utf-8").splitlines()[0]
    page = (DOCS / "import.md").read_text(encoding="utf-8")
    assert header.split(",") == [column.name for column in COLUMNS]
    for column in COLUMNS:
        assert f"| `{column.name}` |" in page
        for term in vocabulary.terms(column.vocabulary) if column.vocabulary else ():
            assert f"| `{term.code}` | {term.en} | {term.fr} |" in page
