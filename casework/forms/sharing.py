from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class GrantForm(forms.Form):
    """Names are typed, not chosen from a list: nobody is shown who else is in the organisation."""

    username = forms.CharField(label=_("User name"), max_length=40)
    may_change = forms.BooleanField(label=_("May also change the case"), required=False)

    def clean_username(self) -> str:
        return User.normalize_username(self.cleaned_data["username"])

    def clean(self) -> None:
        super().clean()
        name = self.cleaned_data.get("username")
        self.grantee = User.objects.filter(username=name, is_active=True).first() if name else None
        if name and self.grantee is None:
            self.add_error("username", _("Nobody here has this user name. Nothing was changed."))

    def refuse(self, text: Any) -> None:
        self.add_error("username", text)
