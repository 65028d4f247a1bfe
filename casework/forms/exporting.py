"""For whom a copy is, why, and until when."""

import datetime as dt
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.exporting.drafts import Facts
from casework.exporting.purposes import PURPOSE_OF
from casework.forms.fields import DayInput, LongWords, Words, choices

# A copy that outlives the consent it rests on: consents end after two years at the latest, and a year is long for paper.
LONGEST: Final = dt.timedelta(days=366)
OWN_LANGUAGES: Final = (
    ("fr", "Français"),
    ("en", "English"),
    ("es", "Español"),
    ("ht", "Kreyòl ayisyen"),
    ("ar", "العربية"),
)


class UntilForm(forms.Form):
    destroy_by = forms.DateField(
        label=_("To be destroyed by"),
        help_text=_("It stands in the copy and in the register."),
        widget=DayInput(),
    )

    def clean_destroy_by(self) -> dt.date:
        day: dt.date = self.cleaned_data["destroy_by"]
        today = timezone.localdate()
        if not today < day <= today + LONGEST:
            raise forms.ValidationError(_("Choose a day from tomorrow on, within a year. Nothing was made."))
        return day


class ExportForm(UntilForm):
    """Nobody chooses a purpose: the recipient decides which consent it takes."""

    recipient = forms.ChoiceField(label=_("For"), widget=forms.RadioSelect)
    to = Words(label=_("Name of the recipient"), required=True, max_length=200)
    reason = LongWords(label=_("Why"), rows=3, required=True, max_length=2000)
    form = forms.ChoiceField(
        label=_("As"),
        choices=[("xlsx", _("a spreadsheet (XLSX)")), ("csv", _("a table (CSV)"))],
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language of the copy"), choices=OWN_LANGUAGES[:2], widget=forms.RadioSelect
    )

    evidence = forms.BooleanField(
        label=_("With the evidence, as clean copies"),
        help_text=_("For a lawyer or a complaint. What cannot be cleaned wholly stays here."),
        required=False,
    )

    field_order = ("recipient", "to", "reason", "form", "evidence", "language", "destroy_by")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [pair for pair in choices("export_recipient") if pair[0] in PURPOSE_OF]
        self.fields["recipient"].choices = offered  # type: ignore[attr-defined]


class OwnFileForm(UntilForm):
    language = forms.ChoiceField(
        label=_("Language of the person"), choices=OWN_LANGUAGES, widget=forms.RadioSelect
    )
    reason = LongWords(
        label=_("Why"),
        rows=3,
        required=True,
        max_length=2000,
        help_text=_("For example: she asked for it, to show her lawyer."),
    )

    field_order = ("language", "reason", "destroy_by")


def form_of(facts: Facts, data: Any = None) -> UntilForm:
    kind = OwnFileForm if facts.person else ExportForm
    initial = {name: getattr(facts, name) for name in kind.base_fields}
    if facts.person and not facts.reason:
        initial["reason"] = ""
    return kind(data, initial=initial)
