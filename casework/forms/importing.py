"""A spreadsheet, and what its columns and words mean."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework import vocabulary
from casework.forms.cases import TeamForm
from casework.forms.fields import DayInput, ManyCodes, OneCode, Words
from casework.importing.columns import BY_NAME, COLUMNS
from casework.importing.plan import DAY_FIRST, LEAVE_OUT, MONTH_FIRST, ColumnPlan, Plan
from casework.importing.survey import Surveyed

MENDED = re.compile(r"mend-(\d{1,7})-([a-z_]+)")
WITHOUT = re.compile(r"without-(\d{1,7})")
MENDED_AT_MOST: Final = 500
NO_FIELD, NOT_YET, NO_ORDER = "-", "?", "-"


class ImportForm(TeamForm):
    file = forms.FileField(
        label=_("Spreadsheet"), allow_empty_file=True, help_text=_("XLSX or CSV. 20 MB at most.")
    )

    field_order = ("team", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,.tsv,.xlsx,text/csv"


class SheetForm(forms.Form):
    header_line = forms.TypedChoiceField(label=_("The titles of the columns stand on"), coerce=int)
    dates = forms.ChoiceField(
        label=_("Dates such as 03/04/2025 mean"),
        choices=[
            (NO_ORDER, _("nothing certain: such rows are not right")),
            (DAY_FIRST, _("3 April 2025, the day first")),
            (MONTH_FIRST, _("4 March 2025, the month first")),
        ],
    )

    def __init__(self, *args: Any, heads: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line = _("line {line}: {text}")
        choices = [(n, format_lazy(line, line=n, text=text)) for n, text in heads.items()]
        self.fields["header_line"].choices = choices  # type: ignore[attr-defined]

    def dates_meant(self) -> str:
        chosen = self.cleaned_data["dates"]
        return "" if chosen == NO_ORDER else str(chosen)


def field_name(word: str) -> str:
    """By the word and not by its place in a list: an older page that is sent late must not explain another word."""
    key = vocabulary.spelling_key(word).encode()
    return "code-" + hashlib.blake2b(key, digest_size=8).hexdigest()


class ColumnForm(forms.Form):
    """One column of the file: which field it is, and what its own words mean."""

    field = forms.ChoiceField(label=_("This column is"))

    def __init__(self, data: Any, surveyed: Surveyed, planned: ColumnPlan, number: int) -> None:
        super().__init__(data, prefix=f"column-{number}", initial={"field": planned.field or NO_FIELD})
        self.surveyed, self.planned, self.number = surveyed, planned, number
        self.fields["field"].choices = _fields()  # type: ignore[attr-defined]
        for word in surveyed.unknown:
            self.fields[field_name(word)] = _word_field(planned, word)

    @property
    def words(self) -> list[Any]:
        return [self[name] for name in self.fields if name != "field"]

    @property
    def means(self) -> str:
        return vocabulary.label("import_column", self.planned.field, get_language() or "fr")

    @property
    def needs_a_look(self) -> bool:
        return bool(self.words) or not self.planned.field

    def plan(self) -> ColumnPlan:
        """Words of a column that has just become another field are forgotten: they meant something else there."""
        field = "" if self.cleaned_data["field"] == NO_FIELD else self.cleaned_data["field"]
        if field != self.planned.field:
            return ColumnPlan(field)
        chosen = {
            vocabulary.spelling_key(word): self.cleaned_data.get(field_name(word), "")
            for word in self.surveyed.unknown
        }
        kept = {
            word: code for word, code in (self.planned.codes | chosen).items() if code not in ("", NOT_YET)
        }
        return ColumnPlan(field, kept)


def _fields() -> list[tuple[str, Any]]:
    language = get_language() or "fr"
    named = [(c.name, vocabulary.label("import_column", c.name, language)) for c in COLUMNS]
    return [(NO_FIELD, _("nothing: leave it out")), *named]


def _word_field(planned: ColumnPlan, word: str) -> forms.ChoiceField:
    language = get_language() or "fr"
    terms = vocabulary.terms(BY_NAME[planned.field].vocabulary)
    choices = [
        (NOT_YET, _("not explained yet")),
        (LEAVE_OUT, _("nothing: leave it out")),
        *((term.code, term.label(language)) for term in terms),
    ]
    initial = planned.codes.get(vocabulary.spelling_key(word), NOT_YET)
    return forms.ChoiceField(label=format_lazy(_("“{word}”"), word=word), choices=choices, initial=initial)


class SameForm(forms.Form):
    """What a group's spreadsheet never says, because to the group it goes without saying."""

    reference = Words(
        label=_("A word for references"),
        help_text=_(
            "Only when no column is one: the cases are then called word-2, word-3 … after their lines."
        ),
        max_length=40,
    )
    city = OneCode("city", label=_("City"))
    source = OneCode("report_source", label=_("Source"))
    consent_purposes = ManyCodes(
        "purpose",
        label=_("What every person of this file agreed to"),
        help_text=_("Only what each of them was asked, and said yes to."),
    )
    consent_mode = OneCode("consent_mode", label=_("How they agreed"))
    consent_date = forms.DateField(label=_("On which day"), required=False, widget=DayInput())
    consent_language = OneCode("language", label=_("In which language"))

    def clean_consent_date(self) -> Any:
        day = self.cleaned_data["consent_date"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come. Write the day on which they agreed."))
        return day

    def same(self) -> dict[str, str]:
        said = self.cleaned_data | {"consent_purposes": "|".join(self.cleaned_data["consent_purposes"])}
        return {name: str(value) for name, value in said.items() if value}

    @staticmethod
    def initial_of(plan: Plan) -> dict[str, Any]:
        purposes = plan.same.get("consent_purposes", "")
        return {**plan.same, "consent_purposes": purposes.split("|") if purposes else []}


class KeepForm(forms.Form):
    keep_good = forms.BooleanField(label=_("Leave out the rows that are not right"), required=False)


def mended(data: Mapping[str, Any], plan: Plan) -> tuple[dict[int, dict[str, str]], set[int]]:
    """What was typed into the table of rows that are not right, over what was mended before."""
    mends = {line: dict(cells) for line, cells in plan.mended.items()}
    for line, field, text in _typed(data):
        mends.setdefault(line, {})[field] = text
    without = {int(match[1]) for name in data if (match := WITHOUT.fullmatch(name))}
    return dict(list(mends.items())[-MENDED_AT_MOST:]), plan.without | without


def _typed(data: Mapping[str, Any]) -> Iterator[tuple[int, str, str]]:
    """Only what was changed: a cell that is sent back as it stood keeps coming from the file."""
    for name, text in data.items():
        match = MENDED.fullmatch(name)
        if match and match[2] in BY_NAME and text != data.get(f"was-{match[1]}-{match[2]}"):
            yield int(match[1]), match[2], text
