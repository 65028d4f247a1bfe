"""The question of a release, from ready-made questions and from dimensions chosen freely. The form shapes it, and
`casework.questions` decides whether it may be asked, so that page and command line refuse alike."""

import datetime as dt
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.facts import EVENT, FACTS, PERSON
from casework.forms.fields import Words
from casework.models import Release
from casework.questions import (
    DEFAULT_THRESHOLD,
    LEAST_THRESHOLD,
    MOST_DIMENSIONS,
    MOST_THRESHOLD,
    TITLE_LENGTH,
    BadSpecification,
)
from casework.refusals import explain

# What councils and journalists ask first; each is a table, but for the chain and the elapsed times, which are several.
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
    "year": (_("How many, year by year"), ("year",)),
    "pretext_year": (_("Pretext of the stop, by year"), ("pretext", "year")),
    "pretext": (_("Pretext of the stop"), ("pretext",)),
    "status_raised": (_("How immigration status came up"), ("status_raised",)),
    "police_service": (_("Which police service"), ("police_service",)),
    "cbsa": (_("What CBSA did"), ("cbsa_involvement",)),
    "held_year": (_("Held by the police, by year"), ("held", "year")),
    "outcome": (_("Outcomes"), ("outcome",)),
    "harm": (_("Harms"), ("harm",)),
    "borough": (_("Borough"), ("borough",)),
    "borough_year": (_("Borough, by year"), ("borough", "year")),
    "city": (_("City"), ("city",)),
    "place_type": (_("Kind of place"), ("place_type",)),
    "services": (_("Services denied"), ("service_type",)),
    "age_gender": (_("Age and gender"), ("age_band", "gender")),
    "elapsed": (_("How long each step took, in bands"), ()),
}
FREE_TABLES: Final = 2
FREE_FIELDS: Final = [
    [f"free_{n}_{d}" for d in range(1, MOST_DIMENSIONS + 1)] for n in range(1, FREE_TABLES + 1)
]
# Where the form shows what the question is refused for.
FIELD_OF: Final = {"title.en": "title_en", "title.fr": "title_fr", "title": "title_fr", "period": "last_year"}
QUARTERS: Final = [(str(n), f"{n}") for n in range(1, 5)]


def _dimensions() -> list[tuple[str, str]]:
    language = get_language() or "fr"
    known = [(fact.code, fact.label.text(language)) for fact in FACTS.values() if fact.recorded]
    return [("", str(_("none"))), *sorted(known, key=lambda pair: pair[1])]


class EarlierRelease(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    def label_from_instance(self, obj: Release) -> str:
        return f"{obj.specification['title'][get_language() or 'fr']} ({obj.published_on})"


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

    def __init__(self, *args: Any, today: dt.date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = (today or timezone.localdate()).year
        self.fields["first_year"].initial = year - 10
        self.fields["last_year"].initial = year - 1
        for fields in FREE_FIELDS:
            for number, name in enumerate(fields, 1):
                self.fields[name] = forms.ChoiceField(
                    label=_("Dimension %(number)s") % {"number": number}, choices=_dimensions, required=False
                )

    @property
    def free_tables(self) -> list[list[forms.BoundField]]:
        return [[self[name] for name in fields] for fields in FREE_FIELDS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not self.tables_asked():
            raise forms.ValidationError(_("Choose at least one question, or one dimension."), code="no_table")
        return data

    def tables_asked(self) -> list[list[str]]:
        data = self.cleaned_data
        asked = data.get("tables", [])
        several = [list(table) for code in SEVERAL if code in asked for table in SEVERAL[code]]
        single = [list(READY_MADE[code][1]) for code in asked if code not in SEVERAL]
        ready = [*several, *(table for table in single if table not in several)]
        free = [[data[name] for name in fields if data.get(name)] for fields in FREE_FIELDS]
        return [*ready, *(table for table in free if table)]

    def question(self) -> dict[str, Any]:
        """In the form of a specification, as a file for the command line would hold it."""
        data = self.cleaned_data
        first, last = int(data["first_quarter"]) * 3 - 2, int(data["last_quarter"]) * 3
        return {
            "title": {"en": data["title_en"].strip(), "fr": data["title_fr"].strip()},
            "unit": data["unit"],
            "period": {
                "from": f"{data['first_year']:04d}-{first:02d}",
                "to": f"{data['last_year']:04d}-{last:02d}",
            },
            "threshold": data["threshold"],
            "rounded": data["rounded"],
            "tables": self.tables_asked(),
            "supersedes": str(data["supersedes"].pk) if data["supersedes"] else None,
        }

    def show(self, bad: BadSpecification) -> None:
        """The refusal beside the field it is about, with what to do."""
        refusal = explain(bad.code)
        named = {
            "threshold": "threshold",
            "unit": "unit",
            "supersedes": "supersedes",
            "period.from": "first_year",
        }
        name = (FIELD_OF | named).get(bad.where) or ("last_year" if bad.where.startswith("period") else None)
        self.add_error(name, forms.ValidationError(f"{refusal.what} {refusal.do}", code=bad.code))


class ApproveForm(forms.Form):
    read = forms.BooleanField(
        label=_("I have read the attack summary and every table as it will be published."),
        required=True,
        error_messages={"required": _("Read the summary and the tables first, then tick this.")},
    )


class WithdrawForm(forms.Form):
    """Why, in both languages: everybody reads it in place of the figures."""

    why_fr = Words(label=_("Why, in French"), max_length=400, required=True)
    why_en = Words(label=_("Why, in English"), max_length=400, required=True)

    def why(self) -> dict[str, str]:
        return {"fr": self.cleaned_data["why_fr"], "en": self.cleaned_data["why_en"]}
