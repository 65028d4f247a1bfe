from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, TeamKind, User
from casework.forms.fields import DayInput

PERSON, TEAM = "person", "team"


class GrantForm(forms.Form):
    """Names are typed, not chosen from a list: nobody is shown who else is in the organisation."""

    whom = forms.ChoiceField(
        label=_("To whom"),
        choices=[(PERSON, _("one person")), (TEAM, _("another team, with all its members"))],
        widget=forms.RadioSelect,
        initial=PERSON,
        required=False,
    )
    username = forms.CharField(label=_("User name, or name of the team"), max_length=80)
    may_change = forms.BooleanField(label=_("May also change the case"), required=False)
    may_export = forms.BooleanField(label=_("May also make copies that leave the system"), required=False)
    expires_on = forms.DateField(
        label=_("Until"),
        help_text=_(
            "The last day. Afterwards permission and key go by themselves. Empty: until you revoke it."
        ),
        widget=DayInput(),
        required=False,
    )

    grantee: User | Team | None = None

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(
                _("This day is over. Choose today or a later one. Nothing was changed.")
            )
        return day

    def clean(self) -> None:
        super().clean()
        name = self.cleaned_data.get("username", "").strip()
        if name and self.cleaned_data.get("whom") == TEAM:
            self._find_team(name)
        elif name:
            self._find_person(User.normalize_username(name))

    def _find_person(self, name: str) -> None:
        self.grantee = User.objects.filter(username=name, is_active=True).first()
        if self.grantee is None:
            self.add_error("username", _("Nobody here has this user name. Nothing was changed."))

    def _find_team(self, name: str) -> None:
        """Of organizers only: coordinators and auditors must not be able to read cases."""
        found = list(Team.objects.filter(kind=TeamKind.ORGANIZERS, name__iexact=name)[:2])
        if not found:
            self.add_error("username", _("No team of organizers has this name. Nothing was changed."))
        elif len(found) > 1:
            self.add_error("username", _("Several teams have this name. Nothing was changed."))
        else:
            self.grantee = found[0]

    def refuse(self, text: Any) -> None:
        self.add_error("username", text)
