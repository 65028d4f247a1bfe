"""What may be done with a selection of cases, and the name of a saved view."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from casework.bulk import ASSIGN, SHARE, STATUS, TAG, TAGS, Act
from casework.forms.fields import Words, choices
from casework.forms.filters import QuickSelect
from casework.forms.sharing import GrantForm
from casework.workflow import BY_THE_PERSON

TAG_LENGTH: Final = 40
NOBODY: Final = "nobody"


class ViewNameForm(forms.Form):
    name = Words(label=_("Name of the view"), max_length=60, required=True)


class StatusForm(forms.Form):
    status = forms.ChoiceField(label=_("New status"), widget=QuickSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [pair for pair in choices("case_status") if pair[0] not in BY_THE_PERSON]
        self.fields["status"].choices = offered  # type: ignore[attr-defined]

    def act(self) -> Act:
        return Act(STATUS, status=self.cleaned_data["status"])


class AssignForm(forms.Form):
    who = forms.ChoiceField(label=_("Who looks after them"), widget=QuickSelect)

    def __init__(self, *args: Any, mates: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(user.pk.hex, user.username) for user in mates]
        self.fields["who"].choices = [*named, (NOBODY, _("nobody"))]  # type: ignore[attr-defined]

    def act(self) -> Act:
        who = self.cleaned_data["who"]
        return Act(ASSIGN, who="" if who == NOBODY else who)


class TagsForm(forms.Form):
    add = Words(
        label=_("Add tags"),
        help_text=_("Words of your own, with commas between them. They are sealed with the case."),
        max_length=TAGS * TAG_LENGTH,
    )
    remove = Words(label=_("Take tags away"), max_length=TAGS * TAG_LENGTH)

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        for name in ("add", "remove"):
            data[name] = _split(data.get(name, ""))
        if any(len(tag) > TAG_LENGTH for tag in data["add"]):
            self.add_error("add", _("A tag has at most 40 characters. Nothing was changed."))
        if not self.errors and not data["add"] and not data["remove"]:
            self.add_error("add", _("Write at least one tag, here or below. Nothing was changed."))

    def act(self) -> Act:
        return Act(TAG, add=self.cleaned_data["add"], remove=self.cleaned_data["remove"])


def _split(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (" ".join(tag.split()) for tag in text.split(",")))))


class ShareForm(GrantForm):
    def act(self) -> Act:
        data = self.cleaned_data
        who = self.grantee.pk.hex if self.grantee else ""
        return Act(SHARE, who=who, may_change=data["may_change"], until=data["expires_on"])
