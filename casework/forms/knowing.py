"""What every reader knows already: figures that others publish of the very same count. Part of the form of a question."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.facts import FACTS, Level, levels
from casework.forms.fields import Words
from casework.questions import FIRST_YEAR, TITLE_LENGTH, Known

LINES: Final = 4
PARTS: Final = ("category", "year", "value", "source")
NEEDED: Final = ("value", "source")
TIME: Final = frozenset({"year", "quarter"})


def name_of(line: int, part: str) -> str:
    return f"known_{line}_{part}"


def fields(this_year: int) -> dict[str, forms.Field]:
    return {name_of(n, part): _part(part, this_year) for n in range(1, LINES + 1) for part in PARTS}


def _part(part: str, this_year: int) -> forms.Field:
    years = [("", _("the whole period")), *((str(y), str(y)) for y in range(this_year, FIRST_YEAR - 1, -1))]
    made: dict[str, forms.Field] = {
        "category": forms.ChoiceField(label=_("Who is counted"), choices=_categories, required=False),
        "year": forms.ChoiceField(label=_("Year"), choices=years, required=False),
        "value": forms.IntegerField(label=_("Number, as printed"), min_value=0, required=False),
        "source": Words(label=_("Where it is printed"), max_length=TITLE_LENGTH),
    }
    return made[part]


def _categories() -> Iterable[tuple[str, Any]]:
    language = get_language() or "fr"
    yield "", _("everybody")
    for fact in FACTS.values():
        if fact.recorded and fact.code not in TIME:
            yield (
                fact.label.text(language),
                [_choice(fact.code, level, language) for level in levels(fact, (0, 1), (0, 4))],
            )


def _choice(fact: str, level: Level, language: str) -> tuple[str, str]:
    return f"{fact}={level.code}", level.label.text(language)


def lines(form: forms.Form) -> list[list[forms.BoundField]]:
    return [[form[name_of(line, part)] for part in PARTS] for line in range(1, LINES + 1)]


def check(form: forms.Form) -> None:
    """A line is whole or empty."""
    for line in range(1, LINES + 1):
        said = {part: form.cleaned_data.get(name_of(line, part)) for part in PARTS}
        missing = [part for part in NEEDED if said[part] in (None, "")]
        filled = any(value not in (None, "") for value in said.values())
        if filled and missing and name_of(line, missing[0]) not in form.errors:
            form.add_error(name_of(line, missing[0]), _("Fill in this line, or empty it."))


def asked(data: dict[str, Any]) -> list[dict[str, Any]]:
    """As a specification holds them."""
    return [_known(data, line) for line in filled(data)]


def filled(data: dict[str, Any]) -> list[int]:
    return [line for line in range(1, LINES + 1) if data.get(name_of(line, "source"))]


def _known(data: dict[str, Any], line: int) -> dict[str, Any]:
    said = {part: data[name_of(line, part)] for part in PARTS}
    fact, _equals, code = said["category"].partition("=")
    at = {fact: code} if fact else {}
    return {
        "at": at | ({"year": said["year"]} if said["year"] else {}),
        "value": said["value"],
        "source": said["source"].strip(),
    }


def initial(known: list[Known]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line, figure in enumerate(known[:LINES], 1):
        category = next((f"{fact}={code}" for fact, code in figure.at.items() if fact != "year"), "")
        said = {
            "category": category,
            "year": figure.at.get("year", ""),
            "value": figure.value,
            "source": figure.source,
        }
        found |= {name_of(line, part): value for part, value in said.items()}
    return found
