"""What a stranger's spreadsheet looks like before anybody has said what it means, and a first guess at that."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Final

import msgspec
from rapidfuzz import fuzz, process

from casework import vocabulary
from casework.importing.columns import BY_NAME
from casework.importing.plan import DATES, DAY_FIRST, NOTHING, NUMBERS, ColumnPlan, Plan, meaning, pieces
from casework.importing.problems import EmptyFile
from casework.importing.reading import Readable, Row, read_rows

LOOKED_AT: Final = 10
SAMPLES: Final = 3
SAMPLE: Final = 60
# A column with more words than this that no list knows is not coded; it is text under the wrong name.
WORDS: Final = 40
MOST_COLUMNS: Final = 100
NEAR: Final = 82


class Surveyed(msgspec.Struct):
    """One column of the file: its title, what stands in it, and the words in it that no list knows, most frequent first."""

    title: str
    samples: list[str] = []
    unknown: list[str] = []
    more: int = 0


class Memory(msgspec.Struct):
    """What a team's earlier import said, by the spelling of the titles."""

    fields: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    same: dict[str, str] = {}
    dates: str = ""

    def of(self, title: str) -> ColumnPlan | None:
        key = vocabulary.spelling_key(title)
        return ColumnPlan(self.fields[key], dict(self.codes.get(key, {}))) if key in self.fields else None


def top(file: Readable, name: str) -> list[Row]:
    """The first rows that are not blank."""
    with closing(read_rows(file, name)) as rows:
        found = list(islice(rows, LOOKED_AT))
    if not found:
        raise EmptyFile(name)
    return found


def heads(file: Readable, name: str) -> dict[int, str]:
    """The rows in which the titles may stand, by line."""
    return {line: " · ".join(filter(None, map(str.strip, cells)))[:SAMPLE] for line, cells in top(file, name)}


def header_line(rows: list[Row], memory: Memory) -> int:
    """The first by which most columns have a title we know; else the first with several cells, because a heading has one."""

    def known(line: int) -> int:
        return sum(bool(title and (memory.of(title) or _named(title))) for title in titles(rows, line))

    best = max((line for line, _ in rows), key=known)
    several = next((line for line, cells in rows if sum(map(bool, map(str.strip, cells))) > 1), rows[0][0])
    return best if known(best) else several


def titles(rows: list[Row], line: int) -> list[str]:
    """From the header row; where it is empty, from the nearest row above, which is what merged cells leave."""
    above = [cells for number, cells in rows if number <= line][::-1]
    width = min(max(_filled(cells) for _, cells in rows), MOST_COLUMNS)
    at = [[c[n].strip() for c in above if n < len(c) and c[n].strip()] for n in range(width)]
    return [" ".join(found[0].split())[:SAMPLE] if found else "" for found in at]


def _filled(cells: list[str]) -> int:
    """Up to the last cell in which something stands: a spreadsheet has empty ones without end."""
    return max((n for n, cell in enumerate(cells, start=1) if cell.strip()), default=0)


def first_plan(file: Readable, name: str, memory: Memory, line: int | None = None) -> Plan:
    """Every column the team has named before, or whose title we know; the rest is for a person to say."""
    rows = top(file, name)
    line = line if line is not None else header_line(rows, memory)
    guessed: list[ColumnPlan] = []
    for title in titles(rows, line):
        guess = memory.of(title) or ColumnPlan(_named(title))
        taken = guess.field and any(c.field == guess.field for c in guessed) and not BY_NAME[guess.field].many
        guessed.append(ColumnPlan() if taken else guess)
    plan = Plan(header_line=line, columns=guessed, same=dict(memory.same), dates=memory.dates)
    return msgspec.structs.replace(plan, same={k: v for k, v in plan.same.items() if k not in plan.fields()})


def _named(title: str) -> str:
    """The field a title means, in either language and nearly however it is spelled."""
    if not title.strip():
        return ""
    exact = vocabulary.find("import_column", title)
    if exact:
        return exact
    spelled = {
        vocabulary.spelling_key(s): t.code for t in vocabulary.terms("import_column") for s in t.spellings()
    }
    near = process.extractOne(
        vocabulary.spelling_key(title), list(spelled), scorer=fuzz.ratio, score_cutoff=NEAR
    )
    return spelled[near[0]] if near else ""


def survey(file: Readable, name: str, plan: Plan) -> list[Surveyed]:
    """One pass over the whole file."""
    found = [Surveyed(title) for title in titles(top(file, name), plan.header_line)]
    counts: list[Counter[str]] = [Counter() for _ in found]
    with closing(read_rows(file, name)) as rows:
        for line, cells in rows:
            if line > plan.header_line:
                for column, count, planned, cell in zip(found, counts, plan.columns, cells, strict=False):
                    _look(column, count, planned, cell.strip())
    for column, count in zip(found, counts, strict=True):
        column.unknown = [word for word, _ in count.most_common(WORDS)]
        column.more = len(count) - len(column.unknown)
    return found


def _look(column: Surveyed, count: Counter[str], planned: ColumnPlan, cell: str) -> None:
    if not cell:
        return
    if len(column.samples) < SAMPLES and cell[:SAMPLE] not in column.samples:
        column.samples.append(cell[:SAMPLE])
    if len(count) <= 2 * WORDS:
        count.update(_unexplained(planned, cell))


def _unexplained(planned: ColumnPlan, cell: str) -> Iterator[str]:
    """Words that neither we nor the team's earlier imports understand, and those a person has explained: they may think again."""
    known = BY_NAME.get(planned.field)
    if known is None or not known.vocabulary or cell.casefold() in NOTHING:
        return
    if vocabulary.find(known.vocabulary, cell):
        return
    words = [cell] if meaning(planned, known, cell) is not None else pieces(known, cell)
    yield from (word for word in words if not vocabulary.find(known.vocabulary, word))


def nearest(field: str, word: str) -> str:
    """The code whose label comes closest, as a proposal for a person; empty when none comes close."""
    spelled = {
        vocabulary.spelling_key(s): t.code
        for t in vocabulary.terms(BY_NAME[field].vocabulary)
        for s in t.spellings()
    }
    near = process.extractOne(
        vocabulary.spelling_key(word), list(spelled), scorer=fuzz.WRatio, score_cutoff=NEAR
    )
    return spelled[near[0]] if near else ""


def dates_of(file: Readable, name: str, plan: Plan) -> str:
    """Day first, when one date shows it: 14/03/2024 can be read in one way only."""
    places = [n for n, column in enumerate(plan.columns) if column.field in DATES]
    with closing(read_rows(file, name)) as rows:
        for line, cells in rows:
            for place in places if line > plan.header_line else []:
                match = NUMBERS.fullmatch(cells[place].strip()) if place < len(cells) else None
                if match and int(match[1]) > 12:
                    return DAY_FIRST
    return ""
