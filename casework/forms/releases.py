"""What coordinators say while a release is on its way: that it was read, or why it is taken back."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.fields import Words


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
