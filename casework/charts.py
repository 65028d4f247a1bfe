"""Charts of a published table, as plain SVG shapes computed here and drawn by a template: the same in page and print, with no
script and no inline style. A suppressed cell is drawn as suppressed, with no height that could be measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from casework.documents import Document, Table, key_of
from casework.facts import FACTS, TOTAL
from casework.rendering import Axis
from casework.vocabulary.declarations import declarations

WIDTH: Final = 720
HEIGHT: Final = 280
LEFT: Final = 44
RIGHT: Final = 8
TOP: Final = 22
BOTTOM: Final = 34
TIME: Final = ("year", "quarter")
MOST_LABELS: Final = 12
BADGE: Final = 18


@dataclass(frozen=True)
class Column:
    """One bar standing up. `value` None: suppressed, drawn hatched over the whole height."""

    label: str
    value: int | None
    x: float
    width: float
    y: float
    height: float
    middle: float
    labelled: bool


@dataclass(frozen=True)
class Line:
    y: float
    label: int


@dataclass(frozen=True)
class Mark:
    """A date to read the bars beside: a number on the chart, and words under it. `badge`: where the number stands, moved aside
    when another one is near."""

    number: int
    x: float
    badge: float
    label: str
    month: str


@dataclass(frozen=True)
class Trend:
    """Standing bars over time."""

    caption: str
    columns: list[Column]
    lines: list[Line]
    marks: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM

    @property
    def suppressed(self) -> bool:
        return any(column.value is None for column in self.columns)


@dataclass(frozen=True)
class Bars:
    """Lying bars, as `parts/bars.html` draws them."""

    caption: str
    bars: list[dict[str, object]]


def chart(document: Document, table: Table, language: str) -> Trend | Bars:
    """A picture of one table: one of its dimensions with the others at TOTAL; time stands, everything else lies."""
    time = next((code for code in table.dimensions if code in TIME), None)
    code = (
        time
        if time and len(table.dimensions) == 1
        else next((c for c in table.dimensions if c not in TIME), time)
    )
    axis = Axis.of(document.dimension(str(code)), language)
    values = {key_of(cell.at): cell.value for cell in table.cells}
    drawn = _drawn(document, axis)
    points = [(word, values[key_of({axis.code: c})]) for c, word, _l in drawn]
    if axis.code in TIME:
        return trend(axis.label, points, _marks([c for c, _word, _l in drawn], language))
    fact = FACTS.get(axis.code)
    lying = points if fact and fact.ordered else _ordered(points)
    return Bars(axis.label, [{"label": word, "value": value} for word, value in lying])


def _drawn(document: Document, axis: Axis) -> list[tuple[str, str, int]]:
    """The finest categories: drawing a sum beside its parts would count people twice for the eye."""
    parents = {category.parent for category in document.dimension(axis.code).categories}
    return [row for row in axis.categories if row[0] not in parents and row[0] != TOTAL]


def _ordered(points: list[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    """Largest first. Suppressed ones stand together in the order of the list, which says nothing of their size; categories
    with nobody in them are left to the table."""
    known = sorted((p for p in points if p[1]), key=lambda p: -(p[1] or 0))
    return [*known, *(p for p in points if p[1] is None)]


def _marks(codes: list[str], language: str) -> list[Mark]:
    """The declarations and policies that fall into the columns, each in its column."""
    room = (WIDTH - LEFT - RIGHT) / max(1, len(codes))
    column = {code: number for number, code in enumerate(codes)}
    found: list[Mark] = []
    for one in declarations():
        year, quarter = str(one.year), f"{one.year}-Q{one.quarter}"
        at = column[year] + one.share_of_year if year in column else column.get(quarter)
        if at is not None:
            middle = at if year in column else at + 0.5
            x = round(LEFT + middle * room, 1)
            badge = max(x, found[-1].badge + BADGE) if found else x
            found.append(Mark(len(found) + 1, x, badge, one.label(language), one.month))
    return found


def trend(caption: str, points: list[tuple[str, int | None]], marks: Sequence[Mark] = ()) -> Trend:
    top = max((value for _word, value in points if value is not None), default=0)
    step = _step(top)
    ceiling = max(step, -(-top // step) * step)
    room = (WIDTH - LEFT - RIGHT) / max(1, len(points))
    every = -(-len(points) // MOST_LABELS)
    columns = [
        _column(number, word, value, room, ceiling, labelled=number % every == 0)
        for number, (word, value) in enumerate(points)
    ]
    lines = [Line(_y(mark, ceiling), mark) for mark in range(0, ceiling + 1, step)]
    return Trend(caption, columns, lines, marks)


def _column(
    number: int, word: str, value: int | None, room: float, ceiling: int, *, labelled: bool
) -> Column:
    x = LEFT + number * room + room * 0.12
    width = room * 0.76
    y = TOP if value is None else _y(value, ceiling)
    height = HEIGHT - BOTTOM - y
    return Column(
        word,
        value,
        round(x, 1),
        round(width, 1),
        round(y, 1),
        round(height, 1),
        round(x + width / 2, 1),
        labelled,
    )


def _y(value: int, ceiling: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / ceiling, 1)


def _step(top: int) -> int:
    """Four or five lines at round numbers."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if top <= 5 * step:
                return step
        size *= 10
