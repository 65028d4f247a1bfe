"""What stands beside the figures of a release: which series of others, and lines of the annex. Part of the form of a question."""

import datetime as dt
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework import vocabulary
from casework.annex import NAME_LENGTH, AccessRequest
from casework.forms.fields import Words
from casework.vocabulary.series import all_series

# More of them are written into a specification for the command line.
LINES: Final = 6
PARTS: Final = ("body", "law", "about_fr", "about_en", "asked_on", "extended", "named_on", "answered_on")
NEEDED: Final = ("body", "law", "about_fr", "about_en", "asked_on")


def name_of(line: int, part: str) -> str:
    return f"annex_{line}_{part}"


def fields() -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {
        "outside": forms.MultipleChoiceField(
            label=_("Figures of others beside it"),
            choices=[(one.code, f"{one.code} – {one.title(get_language() or 'fr')}") for one in all_series()],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=_("Each with its own unit, definition and source; never added to yours."),
        )
    }
    for line in range(1, LINES + 1):
        found |= {name_of(line, part): _part(part) for part in PARTS}
    return found


def _part(part: str) -> forms.Field:
    day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    laws = [("", "–"), *((t.code, t.label(get_language() or "fr")) for t in vocabulary.terms("access_body"))]
    made: dict[str, forms.Field] = {
        "body": Words(label=_("Body"), max_length=NAME_LENGTH),
        "law": forms.ChoiceField(label=_("Law"), choices=laws, required=False),
        "about_fr": Words(label=_("What was asked, in French"), max_length=NAME_LENGTH),
        "about_en": Words(label=_("What was asked, in English"), max_length=NAME_LENGTH),
        "asked_on": forms.DateField(label=_("Asked on"), required=False, widget=day),
        "extended": forms.BooleanField(label=_("The body took more time"), required=False),
        "named_on": forms.DateField(label=_("Day the body named"), required=False, widget=day),
        "answered_on": forms.DateField(label=_("Answered on"), required=False, widget=day),
    }
    return made[part]


def lines(form: forms.Form) -> list[list[forms.BoundField]]:
    return [[form[name_of(line, part)] for part in PARTS] for line in range(1, LINES + 1)]


def check(form: forms.Form) -> None:
    """A line is whole or empty."""
    for line in range(1, LINES + 1):
        said = {part: form.cleaned_data.get(name_of(line, part)) for part in PARTS}
        missing = [part for part in NEEDED if not said[part]]
        if any(said.values()) and missing:
            form.add_error(name_of(line, missing[0]), _("Fill in this line, or empty it."))


def asked(data: dict[str, Any]) -> dict[str, Any]:
    """As a specification holds it."""
    found = [{part: data.get(name_of(line, part)) for part in PARTS} for line in filled(data)]
    return {"outside": data["outside"], "annex": [_request(said) for said in found]}


def filled(data: dict[str, Any]) -> list[int]:
    return [line for line in range(1, LINES + 1) if data.get(name_of(line, "body"))]


def _request(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "body": said["body"].strip(),
        "law": said["law"],
        "about": {"fr": said["about_fr"].strip(), "en": said["about_en"].strip()},
        "extended": bool(said["extended"]),
        **{name: _iso(said[name]) for name in ("asked_on", "named_on", "answered_on")},
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def initial(outside: list[str], annex: list[AccessRequest]) -> dict[str, Any]:
    found: dict[str, Any] = {"outside": outside}
    for line, request in enumerate(annex[:LINES], 1):
        words = {"about_fr": request.about["fr"], "about_en": request.about["en"]}
        own = {part: getattr(request, part) for part in PARTS if not part.startswith("about")}
        found |= {name_of(line, part): value for part, value in (own | words).items()}
    return found
