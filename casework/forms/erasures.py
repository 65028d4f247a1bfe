"""Erasing a case, and keeping one as evidence."""

import datetime as dt
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework import holding
from casework.forms.fields import DayInput, LongWords, Words
from casework.models import Rule

NOW: Final = "0"
DAYS: Final = (
    (("7"), _("in 7 days; until then it can be taken back")),
    ("30", _("in 30 days")),
    (NOW, _("now, for good")),
)
WHY: Final = (
    (Rule.ASKED.value, _("the group no longer needs the file, or should not have it")),
    (Rule.WITHDRAWN.value, _("the person no longer wants it kept")),
)


class EraseForm(forms.Form):
    """The reference is typed: a thumb that slips erases nothing."""

    why = forms.ChoiceField(label=_("Why"), choices=WHY, widget=forms.RadioSelect)
    when = forms.ChoiceField(label=_("When"), choices=DAYS, widget=forms.RadioSelect, initial="7")
    reference = Words(
        label=_("The reference of this case"),
        required=True,
        help_text=_("Type it as it stands at the top of the case, so that the right one is erased."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, expected: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected or ""
        if expected is None:
            del self.fields["reference"]

    def clean_reference(self) -> str:
        typed: str = self.cleaned_data["reference"]
        if " ".join(typed.split()).casefold() != " ".join(self._expected.split()).casefold():
            raise forms.ValidationError(_("This is not the reference of this case. Nothing was erased."))
        return typed

    def rule(self) -> Rule:
        return Rule(self.cleaned_data["why"])

    def day(self) -> dt.date | None:
        """None: now."""
        days = int(self.cleaned_data["when"])
        return timezone.localdate() + dt.timedelta(days=days) if days else None


class HoldForm(forms.Form):
    words = LongWords(
        label=_("Why this file must be kept"),
        rows=3,
        required=True,
        max_length=2000,
        help_text=_("For example: a court has asked for it. Only people who open the case read this."),
    )
    until = forms.DateField(
        label=_("Until"),
        help_text=_("The last day, within two years. Afterwards the file is erased if that is due."),
        widget=DayInput(),
    )

    def clean_until(self) -> dt.date:
        day: dt.date = self.cleaned_data["until"]
        if day <= timezone.localdate():
            raise forms.ValidationError(
                _("This day is over, or is today. Choose a later one. Nothing was changed.")
            )
        if day > holding.last_day():
            raise forms.ValidationError(
                _("This is more than two years ahead. Choose an earlier day. Nothing was changed.")
            )
        return day
