"""The lines of the registers, as coordinators write them. A field has the name of what it fills."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.forms.fields import DayInput, LongWords, Words
from casework.registers import BASES, LEVELS, WHAT, Communication, Incident


def day(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    widget = DayInput()
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget)


class PastDays(forms.Form):
    """What is written into a register has happened."""

    past: tuple[str, ...] = ()

    def clean(self) -> None:
        super().clean()
        for name in self.past:
            value: dt.date | None = self.cleaned_data.get(name)
            if value is not None and value > timezone.localdate():
                self.add_error(name, _("This day is still to come. Nothing was kept."))


class IncidentForm(PastDays):
    past = ("learned_on", "commission_on", "persons_on")
    learned_on = day(_("When the group learned of it"), required=True)
    happened = Words(label=_("When it happened, as far as known"), required=True)
    what = forms.ChoiceField(label=_("What happened"), choices=WHAT, widget=forms.RadioSelect)
    information = LongWords(
        label=_("Which personal information"),
        rows=3,
        required=True,
        help_text=_("Or why it is not known. Describe it; do not repeat it."),
    )
    people = forms.IntegerField(
        label=_("How many people, roughly"), min_value=0, max_value=1_000_000, required=False
    )
    sensitivity = forms.ChoiceField(
        label=_("How sensitive the information is"), choices=LEVELS, widget=forms.RadioSelect
    )
    consequences = forms.ChoiceField(
        label=_("How bad the consequences could be"), choices=LEVELS, widget=forms.RadioSelect
    )
    likelihood = forms.ChoiceField(
        label=_("How likely harmful use is"), choices=LEVELS, widget=forms.RadioSelect
    )
    weighed = LongWords(label=_("Why you come to that"), rows=3)
    serious = forms.BooleanField(label=_("There is a risk of serious injury"), required=False)
    commission_on = day(
        _("Commission d'accès à l'information notified on"),
        _("Required, promptly, when the risk is serious."),
    )
    persons_on = day(
        _("People concerned notified on"), _("Required as well, unless that would hamper an inquiry.")
    )
    others = Words(label=_("Others told, to lower the risk"))
    measures = LongWords(label=_("What was done against it, and against the next one"), rows=3)

    def line(self) -> Incident:
        return Incident(**self.cleaned_data)


class CommunicationForm(PastDays):
    past = ("on",)
    on = day(_("Day"), required=True)
    recipient = Words(label=_("To whom"), required=True)
    what = LongWords(
        label=_("What"),
        rows=2,
        required=True,
        help_text=_("The kind of information and of how many people; no names."),
    )
    purpose = Words(label=_("What for"), required=True)
    basis = forms.ChoiceField(label=_("On what basis"), choices=BASES, widget=forms.RadioSelect)
    remarks = LongWords(label=_("Remarks"), rows=2)

    def line(self) -> Communication:
        return Communication(**self.cleaned_data)


class AnonymizationForm(forms.Form):
    purpose = LongWords(
        label=_("Purpose for which these figures are used"),
        rows=2,
        required=True,
        help_text=_("Set before anything is anonymized."),
    )
    supervisor = Words(label=_("Person qualified in the field who supervised it"), required=True)
    residual = LongWords(
        label=_("Residual risk of re-identification"),
        rows=3,
        required=True,
        help_text=_(
            "What was weighed: individualization, correlation, inference, and what others could know already."
        ),
    )
    reassess_on = day(_("To be assessed again on"), required=True)
