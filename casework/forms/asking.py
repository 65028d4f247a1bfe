"""The question of a release, from ready-made questions and from dimensions chosen freely. The form shapes it, and
`casework.questions` decides whether it may be asked, so that page and command line refuse alike."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.facts import EVENT, FACTS, PERSON, category_label
from casework.forms import beside, knowing
from casework.forms.fields import Words
from casework.models import Release
from casework.presets import ASKS, AUDIENCES, PLACE, TIME, Preset
from casework.questions import (
    DEFAULT_THRESHOLD,
    LEAST_THRESHOLD,
    MOST_DIMENSIONS,
    MOST_THRESHOLD,
    TITLE_LENGTH,
    BadSpecification,
    Specification,
)
from casework.refusals import explain

# What councils and journalists ask first; each is a table, but for the chain and the elapsed times, which are several. How
# fine time and place are is asked once, because two levels of one fact must not stand side by side.
CHAIN: Final = ("held",), ("cbsa_involvement",), ("outcome",)
ELAPSED: Final = (
    ("stop_to_call",),
    ("call_to_handover",),
    ("hold_length",),
    ("hold_to_counsel",),
    ("hold_to_end",),
)
SEVERAL: Final = {"chain": CHAIN, "elapsed": ELAPSED}
READY_MADE: Final = {
    "chain": (_("How far the chain went: CBSA contacted, held, handed over, detained, removed"), ()),
    "time": (_("How many, over time"), (TIME,)),
    "place": (_("Place"), (PLACE,)),
    "place_time": (_("Place, over time"), (PLACE, TIME)),
    "pretext": (_("Pretext of the stop"), ("pretext",)),
    "pretext_time": (_("Pretext of the stop, over time"), ("pretext", TIME)),
    "pretext_cbsa": (_("What CBSA did, after which pretext"), ("pretext", "cbsa_involvement")),
    "status_raised": (_("How immigration status came up"), ("status_raised",)),
    "status_pretext": (
        _("How immigration status came up, after which pretext"),
        ("status_raised", "pretext"),
    ),
    "police_service": (_("Which police service"), ("police_service",)),
    "cbsa": (_("What CBSA did"), ("cbsa_involvement",)),
    "cbsa_time": (_("What CBSA did, over time"), ("cbsa_involvement", TIME)),
    "held": (_("Held by the police"), ("held",)),
    "held_time": (_("Held by the police, over time"), ("held", TIME)),
    "outcome": (_("Outcomes"), ("outcome",)),
    "outcome_time": (_("Outcomes, over time"), ("outcome", TIME)),
    "harm": (_("Harms"), ("harm",)),
    "place_type": (_("Kind of place"), ("place_type",)),
    "services": (_("Services denied"), ("service_type",)),
    "services_time": (_("Services denied, over time"), ("service_type", TIME)),
    "mechanism": (_("How services were denied"), ("denial_mechanism",)),
    "elapsed": (_("How long each step took, in bands"), ()),
    "age_gender": (_("Age and gender"), ("age_band", "gender")),
}
FREE_TABLES: Final = 4
FREE_FIELDS: Final = [
    [f"free_{n}_{d}" for d in range(1, MOST_DIMENSIONS + 1)] for n in range(1, FREE_TABLES + 1)
]
# Where the form shows what the question is refused for.
FIELD_OF: Final = {
    "title.en": "title_en",
    "title.fr": "title_fr",
    "title": "title_fr",
    "threshold": "threshold",
    "unit": "unit",
    "supersedes": "supersedes",
    "period.from": "first_year",
    "known": "rounded",
}
QUARTERS: Final = [(str(n), f"{n}") for n in range(1, 5)]
TIMES: Final = [("year", _("years")), ("quarter", _("quarters, and years"))]
PLACES: Final = [
    ("city", _("cities")),
    ("sector", _("sectors of Montreal, and everywhere else as one")),
    ("borough", _("boroughs of Montreal, and everywhere else as one")),
]
LEVELS: Final = {code: TIME for code, _label in TIMES} | {code: PLACE for code, _label in PLACES}
# Stands for a title while only an estimate is asked for.
UNTITLED: Final = "—"


def _dimensions() -> list[tuple[str, str]]:
    language = get_language() or "fr"
    known = [(f.code, f.label.text(language)) for f in FACTS.values() if f.recorded and f.code not in LEVELS]
    known += [(TIME, str(_("Time"))), (PLACE, str(_("Place")))]
    return [("", str(_("none"))), *sorted(known, key=lambda pair: pair[1])]


class EarlierRelease(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    def label_from_instance(self, obj: Release) -> str:
        return f"{obj.specification['title'][get_language() or 'fr']} ({obj.published_on})"


class PresetForm(forms.Form):
    """For whom, and what they want to know: two codes that may stand in the address."""

    audience = forms.ChoiceField(label=_("For whom"), widget=forms.RadioSelect, initial="council")
    ask = forms.ChoiceField(label=_("What they want to know"), widget=forms.RadioSelect, initial="calls")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "fr"
        audiences = [(code, label.text(language)) for code, (label, *_rest) in AUDIENCES.items()]
        self.fields["audience"].choices = audiences  # type: ignore[attr-defined]
        self.fields["ask"].choices = [(code, ask.label.text(language)) for code, ask in ASKS.items()]  # type: ignore[attr-defined]


class DraftForm(forms.Form):
    title_fr = Words(label=_("Title in French"), max_length=TITLE_LENGTH, required=True)
    title_en = Words(label=_("Title in English"), max_length=TITLE_LENGTH, required=True)
    unit = forms.ChoiceField(
        label=_("What is counted"),
        choices=[(PERSON, _("persons")), (EVENT, _("events"))],
        widget=forms.RadioSelect,
        initial=PERSON,
        help_text=_("Never both in one release: six people stopped together are six persons and one event."),
    )
    first_year = forms.IntegerField(label=_("From year"))
    first_quarter = forms.ChoiceField(label=_("From quarter"), choices=QUARTERS, initial="1")
    last_year = forms.IntegerField(label=_("To year"))
    last_quarter = forms.ChoiceField(label=_("To quarter"), choices=QUARTERS, initial="4")
    tables = forms.MultipleChoiceField(
        label=_("Ready-made questions"),
        choices=[(code, words) for code, (words, _table) in READY_MADE.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Each becomes a table. Fewer and smaller tables leave more figures standing."),
    )
    time_level = forms.ChoiceField(
        label=_("Time, as fine as"), choices=TIMES, widget=forms.RadioSelect, initial="year"
    )
    place_level = forms.ChoiceField(
        label=_("Place, as fine as"),
        choices=PLACES,
        widget=forms.RadioSelect,
        initial="borough",
    )
    merged = forms.MultipleChoiceField(
        label=_("Categories counted as one"), widget=forms.CheckboxSelectMultiple, required=False
    )
    threshold = forms.IntegerField(
        label=_("Threshold"),
        min_value=LEAST_THRESHOLD,
        max_value=MOST_THRESHOLD,
        initial=DEFAULT_THRESHOLD,
        help_text=_(
            "A cell that counts fewer people than this, but somebody, is suppressed. Five unless there is a reason."
        ),
    )
    rounded = forms.BooleanField(
        label=_("Round instead of suppressing"),
        required=False,
        help_text=_(
            "For very sparse tables: every figure becomes a multiple of the threshold, and all still add up. Only for a period "
            "of which nothing is published."
        ),
    )
    supersedes = EarlierRelease(
        Release.objects.filter(status=Release.Status.PUBLISHED).order_by("-published_on", "pk"),
        label=_("Supersedes"),
        required=False,
        empty_label=_("no earlier release"),
        help_text=_("The earlier release stays readable and is marked as superseded."),
    )

    def __init__(self, *args: Any, today: dt.date | None = None, titled: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = (today or timezone.localdate()).year
        self.fields["first_year"].initial = year - 10
        self.fields["last_year"].initial = year - 1
        for name in ("title_fr", "title_en"):
            self.fields[name].required = titled
        for fields in FREE_FIELDS:
            for number, name in enumerate(fields, 1):
                self.fields[name] = forms.ChoiceField(
                    label=_("Dimension %(number)s") % {"number": number}, choices=_dimensions, required=False
                )
        self.fields |= beside.fields() | knowing.fields(year)
        self.fields["merged"].choices = [(text, merged_words(text)) for text in self._merged_offered()]  # type: ignore[attr-defined]

    def _merged_offered(self) -> list[str]:
        """What was merged when the form was filled; a box can be unticked, and `casework.questions` checks the codes."""
        if self.is_bound:
            values = (
                self.data.getlist("merged") if hasattr(self.data, "getlist") else self.data.get("merged", [])
            )
            return [text for text in values if unpacked(text)]
        return list(self.initial.get("merged", []))

    @property
    def free_tables(self) -> list[list[forms.BoundField]]:
        return [[self[name] for name in fields] for fields in FREE_FIELDS]

    @property
    def has_free_tables(self) -> bool:
        return self._filled(*self.free_tables)

    @property
    def annex_lines(self) -> list[list[forms.BoundField]]:
        return beside.lines(self)

    @property
    def known_lines(self) -> list[list[forms.BoundField]]:
        return knowing.lines(self)

    @property
    def has_beside(self) -> bool:
        return self._filled([self["outside"]], *self.annex_lines)

    @property
    def has_known(self) -> bool:
        return self._filled(*self.known_lines)

    def _filled(self, *lines: list[forms.BoundField]) -> bool:
        return any(field.value() not in (None, "", []) or field.errors for line in lines for field in line)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        beside.check(self)
        knowing.check(self)
        if not self.errors and not self.tables_asked():
            raise forms.ValidationError(_("Choose at least one question, or one dimension."), code="no_table")
        return data

    def tables_asked(self) -> list[list[str]]:
        data = self.cleaned_data
        asked = data.get("tables", [])
        several = [table for code in SEVERAL if code in asked for table in SEVERAL[code]]
        single = [READY_MADE[code][1] for code in asked if code not in SEVERAL]
        ready = [*several, *(table for table in single if table not in several)]
        free = [[data[name] for name in fields if data.get(name)] for fields in FREE_FIELDS]
        level = {TIME: data["time_level"], PLACE: data["place_level"]}
        return [[level.get(code, code) for code in table] for table in (*ready, *free) if table]

    def question(self) -> dict[str, Any]:
        """In the form of a specification, as a file for the command line would hold it."""
        data = self.cleaned_data
        first, last = int(data["first_quarter"]) * 3 - 2, int(data["last_quarter"]) * 3
        used = {code for table in self.tables_asked() for code in table}
        merged = dict(pair for text in data["merged"] if (pair := unpacked(text)) and pair[0] in used)
        return {
            "title": {lang: data[f"title_{lang}"].strip() or UNTITLED for lang in ("en", "fr")},
            "unit": data["unit"],
            "period": {
                "from": f"{data['first_year']:04d}-{first:02d}",
                "to": f"{data['last_year']:04d}-{last:02d}",
            },
            "threshold": data["threshold"],
            "rounded": data["rounded"],
            "tables": self.tables_asked(),
            "supersedes": str(data["supersedes"].pk) if data["supersedes"] else None,
            "merged": merged,
            "known": knowing.asked(data),
            **beside.asked(data),
        }

    def show(self, bad: BadSpecification) -> None:
        """The refusal beside the field it is about, with what to do."""
        refusal = explain(bad.code)
        name = self._field_of(bad) or ("last_year" if bad.where.startswith("period") else None)
        self.add_error(name, forms.ValidationError(f"{refusal.what} {refusal.do}", code=bad.code))

    def _field_of(self, bad: BadSpecification) -> str | None:
        """A question counts only the lines that were filled in."""
        part, _dot, line = bad.where.partition(".")
        if part == "annex" and line.isdigit():
            row = beside.filled(self.cleaned_data)[int(line) - 1]
            return beside.name_of(row, "body" if bad.code == "annex_words" else "asked_on")
        if part == "known" and line.isdigit():
            row = knowing.filled(self.cleaned_data)[int(line) - 1]
            return knowing.name_of(row, "category" if bad.code == "known_place" else "value")
        return FIELD_OF.get(bad.where)


# From a question back to the form


def packed(fact: str, codes: Iterable[str]) -> str:
    return f"{fact}={'+'.join(codes)}"


def unpacked(text: str) -> tuple[str, list[str]] | None:
    """None for what no form of ours has sent."""
    fact, _equals, codes = text.partition("=")
    return (fact, codes.split("+")) if fact in FACTS and codes else None


def merged_words(text: str) -> str:
    fact, codes = unpacked(text) or ("", [])
    language = get_language() or "fr"
    words = " + ".join(category_label(fact, code).text(language) for code in codes)
    return _("%(fact)s: %(categories)s") % {"fact": FACTS[fact].label.text(language), "categories": words}


def filled_from(question: Specification) -> dict[str, Any]:
    """Initial values for the form that asks this very question."""
    used = {code for table in question.tables for code in table}
    levels = {LEVELS[code]: code for code in used if code in LEVELS}
    titles = {f"title_{lang}": "" if words == UNTITLED else words for lang, words in question.title.items()}
    first, last = question.period.first, question.period.last
    return {
        **titles,
        **_tables(question.tables),
        "unit": question.unit,
        "first_year": first[0],
        "first_quarter": str(first[1]),
        "last_year": last[0],
        "last_quarter": str(last[1]),
        "time_level": levels.get(TIME, "year"),
        "place_level": levels.get(PLACE, "borough"),
        "merged": [packed(fact, codes) for fact, codes in question.merged.items()],
        "threshold": question.threshold,
        "rounded": question.rounded,
        "supersedes": question.supersedes,
        **beside.initial(question.outside, question.annex),
        **knowing.initial(question.known),
    }


def filled_with(preset: Preset) -> dict[str, Any]:
    return {
        "title_fr": preset.title.fr,
        "title_en": preset.title.en,
        **_tables(preset.tables),
        "unit": preset.unit,
        "first_year": preset.years[0],
        "last_year": preset.years[1],
        "time_level": preset.time_level,
        "place_level": preset.place_level,
        "threshold": preset.threshold,
    }


def _tables(tables: Iterable[Iterable[str]]) -> dict[str, Any]:
    """Ready-made where there is one, free otherwise."""
    known = {frozenset(table): code for code, (_words, table) in READY_MADE.items() if table}
    asked = [tuple(LEVELS.get(code, code) for code in table) for table in tables]
    whole = [code for code, several in SEVERAL.items() if set(several) <= set(asked)]
    asked = [table for table in asked if not any(table in SEVERAL[code] for code in whole)]
    ready = [*whole, *(known[frozenset(table)] for table in asked if frozenset(table) in known)]
    free = [table for table in asked if frozenset(table) not in known]
    fields = zip(FREE_FIELDS, free, strict=False)
    pairs = [pair for names, table in fields for pair in zip(names, table, strict=False)]
    return {"tables": ready, **dict(pairs)}
