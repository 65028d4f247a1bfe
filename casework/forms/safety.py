"""What cannot wait, and what was agreed to do about it: asked when the story comes in, and again after every call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.fields import Answer, LongWords, MomentField, OneCode
from casework.record import Safety


class SafetyForm(forms.Form):
    """What cannot wait. Unknown, refused and not asked are different answers."""

    detained_now = Answer(label=_("Is the person detained now?"), widget=forms.RadioSelect)
    detained_where = OneCode("detention_place", label=_("Where they are held"))
    next_review = MomentField(label=_("Next detention review"), may_be_ahead=True)
    removal = MomentField(label=_("Removal date"), may_be_ahead=True)
    counsel = Answer(label=_("Do they have a lawyer?"), widget=forms.RadioSelect)
    minors = Answer(
        label=_("Are there minors who were left alone or are detained?"), widget=forms.RadioSelect
    )

    QUESTIONS = ("detained_now", "counsel", "minors")

    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.QUESTIONS]

    def details(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.QUESTIONS]


class NextForm(forms.Form):
    agreed = LongWords(label=_("What was agreed to do next"), rows=3, max_length=5_000)
    reach = LongWords(
        label=_("How to reach them safely"),
        rows=3,
        max_length=2_000,
        help_text=_("Only if they agreed to be contacted. Say as well what must not be sent."),
    )


def initial_of(safety: Safety) -> dict[str, Any]:
    return {name: getattr(safety, name) for name in safety.__struct_fields__}


def safety_of(safety: SafetyForm, following: NextForm) -> Safety:
    return Safety(**safety.cleaned_data, **following.cleaned_data)
