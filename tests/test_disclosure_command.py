"""`python -m casework.disclosure`, for people without the application."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from casework.disclosure.__main__ import main


@pytest.fixture
def records(tmp_path: Path) -> Path:
    chance = np.random.default_rng(3)
    path = tmp_path / "records.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["borough", "year", "outcome"])
        for _ in range(300):
            writer.writerow(
                [
                    f"b{min(5, int(chance.exponential(1.5)))}",
                    chance.choice(["2017", "2018", ""]),
                    chance.choice(["x", "y"]),
                ]
            )
    return path


def protected(records: Path, *more: str) -> Path:
    out = records.with_name("document.json")
    assert (
        main(
            [
                "protect",
                str(records),
                "--table",
                "borough,year",
                "--table",
                "outcome",
                "--out",
                str(out),
                *more,
            ]
        )
        == 0
    )
    return out


def test_records_become_a_document_that_the_attack_finds_nothing_in(
    records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = protected(records)
    document = json.loads(out.read_text())
    assert [table["dimensions"] for table in document["tables"]] == [["borough", "year"], ["outcome"]]
    small = [
        c["value"]
        for t in document["tables"]
        for c in t["cells"]
        if c["value"] is not None and 0 < c["value"] < 5
    ]
    assert small == []
    assert main(["attack", str(out)]) == 0
    assert "Nothing found." in capsys.readouterr().out


def test_one_cell_uncovered_is_found(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = protected(records)
    document = json.loads(out.read_text())
    hidden = [c for c in document["tables"][0]["cells"] if c["value"] is None]
    for cell in hidden:
        truth = sum(_counts(row, cell["at"]) for row in csv.DictReader(records.open()))
        # Only the small ones stay suppressed: what careless people take for enough.
        cell["value"] = truth if truth >= 5 else None
    out.write_text(json.dumps(document))
    assert main(["attack", str(out)]) == 1
    assert "exact: " in capsys.readouterr().out


def _counts(row: dict[str, str], at: dict[str, str]) -> bool:
    return all(category in ("TOTAL", row[code] or "NOT_RECORDED") for code, category in at.items())


def test_counts_and_hierarchies_are_read(tmp_path: Path) -> None:
    table, tree, out = (tmp_path / name for name in ("table.csv", "tree.csv", "out.json"))
    table.write_text(
        "place,kind,n\nverdun,a,9\nverdun,b,8\nlachine,a,7\nlachine,b,12\nlaval,a,30\nlaval,b,0\n"
    )
    tree.write_text(
        "dimension,category,parent\nplace,montreal,\nplace,verdun,montreal\nplace,lachine,montreal\n"
    )
    asked = ["--table", "place,kind", "--count", "n", "--parents", str(tree), "--out", str(out)]
    assert main(["protect", str(table), *asked]) == 0
    cells = {tuple(c["at"].values()): c["value"] for c in json.loads(out.read_text())["tables"][0]["cells"]}
    assert cells["montreal", "TOTAL"] == 36
    assert cells["TOTAL", "TOTAL"] == 66


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("place,kind\n", "has no column n"),
        ("place,kind,n\nverdun,a,-1\n", "line 2: n is not a whole number"),
        ("place,kind,n\nverdun,a,1.5\n", "line 2: n is not a whole number"),
        ("place,kind,n\nverdun,a,99999999\n", "more than 10000000 records"),
        ("place,kind,n\n\u00e9", "is not a CSV in UTF-8"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_written(
    tmp_path: Path, content: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "out.json"
    table.write_bytes(content.encode("latin-1"))
    assert main(["protect", str(table), "--table", "place,kind", "--count", "n", "--out", str(out)]) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_too_few_people_give_no_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "out.json"
    table.write_text("place\nverdun\nverdun\n")
    assert main(["protect", str(table), "--table", "place", "--out", str(out)]) == 1
    assert "below the threshold" in capsys.readouterr().out
    assert not out.exists()


def test_what_is_no_document_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing, missing = tmp_path / "nothing.json", tmp_path / "missing.json"
    nothing.write_text("[]")
    assert main(["attack", str(nothing)]) == 2
    assert main(["attack", str(missing)]) == 2
    told = capsys.readouterr().err
    assert "nothing.json has no dimensions and tables" in told
    assert "missing.json: No such file" in told
