"""Invented cases, as the spreadsheets two groups would send: the demo brings them in through the same import.

Wholly fictional. No person, badge or address exists, and the figures are assumptions (see `weights`).
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Final

from casework.importing.columns import COLUMNS
from casework.samples import scenarios
from casework.samples.generator import Row, generate

SEED: Final = 2017
FIRST_DAY: Final = dt.date(2026, 1, 1)
TEXTS: Final = ("reference", "person_alias", "person_name", "officer_badge", "narrative")


@dataclass(frozen=True)
class SampleFile:
    """One group's file. `text` is CSV with the import's columns."""

    team: str
    name: str
    text: str

    def rows(self) -> list[Row]:
        return list(csv.DictReader(io.StringIO(self.text)))


@dataclass(frozen=True)
class Group:
    key: str
    team: str
    count: int
    stories: tuple[scenarios.Scenario, ...]


GROUPS: Final = (
    Group("montreal", "Comité Passerelle", 172, scenarios.MONTREAL),
    Group("elsewhere", "Harbour Table", 68, scenarios.ELSEWHERE),
)


def sample_files(today: dt.date, seed: int = SEED) -> tuple[SampleFile, ...]:
    """The same files for the same day and seed. ValueError before 2026: some of the events would lie in the future."""
    if today < FIRST_DAY:
        raise ValueError("the sample cases reach to the end of 2025")
    return tuple(_file(group, today, seed) for group in GROUPS)


def every_text(files: Iterable[SampleFile]) -> set[str]:
    """All free text of the files, whole paragraphs and sentences apart: what a seized disk must not show anywhere."""
    cells = {row[name] for file in files for row in file.rows() for name in TEXTS if row[name]}
    lines = {line for cell in cells for line in cell.splitlines() if line}
    sentences = {sentence for line in lines for sentence in line.split(". ") if len(sentence) > 20}
    return cells | lines | sentences


def _file(group: Group, today: dt.date, seed: int) -> SampleFile:
    rows = [_story(story, today) for story in group.stories]
    rows += generate(Random(f"{seed}/{group.key}"), group.key, group.count, today)  # noqa: S311 - invented cases, not keys
    return SampleFile(group.team, f"{group.key}.csv", _csv(rows))


def _story(story: scenarios.Scenario, today: dt.date) -> Row:
    row = dict(story)
    asked = today - dt.timedelta(days=int(row.pop("asked_again")))
    happened_by = FIRST_DAY if row["event_date"] >= "2025" else dt.date.min
    row["consent_date"] = max(asked, happened_by).isoformat()
    row["narrative"] = "\n\n".join(" ".join(p.split()) for p in row["narrative"].strip().split("\n\n"))
    return row


def _csv(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in COLUMNS], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
