"""Whose story it really is that was told of somebody who was written into a case by mistake."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from casework import mistakes
from casework.record import CaseRecord, Person

# Nobody: it goes along.
ALONG: Final = "along"


class TakeOutForm(forms.Form):
    heir = forms.ChoiceField(label=_("What names them"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, record: CaseRecord, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = mistakes.others(record, person.id)
        belongs = [
            (p.id, _("belongs to %(name)s") % {"name": p.alias or _("without an alias")}) for p in self.others
        ]
        self.fields["heir"].choices = [*belongs, (ALONG, _("goes along with them"))]  # type: ignore[attr-defined]
        if not any(mistakes.naming(record, person.id)):
            del self.fields["heir"]

    def clean(self) -> None:
        super().clean()
        chosen = self.cleaned_data.get("heir", ALONG)
        self.cleaned_data["heir"] = "" if chosen == ALONG else chosen
