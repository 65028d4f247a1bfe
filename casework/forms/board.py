"""What the board of due dates, and the overview, may be narrowed by. Codes only: they may stand in an address."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.fields import OneCode

STEPS: Final = {"month": _("by month"), "quarter": _("by quarter"), "year": _("by year")}


class BoardForm(forms.Form):
    kind = OneCode("deadline_kind", label=_("Which date"))
    mine = forms.BooleanField(label=_("Only my tasks, and dates"), required=False)


class OverviewForm(forms.Form):
    step = forms.ChoiceField(label=_("Over time"), choices=lambda: list(STEPS.items()), required=False)
    city = OneCode("city", label=_("City"))
    first = forms.IntegerField(label=_("From the year"), required=False, min_value=1990, max_value=2100)
    last = forms.IntegerField(label=_("To the year"), required=False, min_value=1990, max_value=2100)
