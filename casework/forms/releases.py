"""What coordinators say while a release is on its way: the words around it, that it was read, or why it is taken back."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.editorials import LEAD_LENGTH, NOTES_LENGTH, Editorial
from casework.forms.fields import LongWords, Words

ALL_OF_THEM: Final = _("Read each statement, then tick it: all of them.")


class WordsForm(forms.Form):
    """What is said around the figures, in both languages, and what was decided about groups. The figures stand already."""

    lead_fr = Words(
        label=_("The one message, in French"),
        max_length=LEAD_LENGTH,
        required=True,
        help_text=_("One sentence that a reader may quote. Name only numbers that the tables print."),
    )
    lead_en = Words(label=_("The one message, in English"), max_length=LEAD_LENGTH, required=True)
    notes_fr = LongWords(label=_("Notes, in French"), rows=4, max_length=NOTES_LENGTH)
    notes_en = LongWords(label=_("Notes, in English"), rows=4, max_length=NOTES_LENGTH)
    groups = forms.MultipleChoiceField(
        label=_("Hiding it is enough in"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, groups: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].choices = groups  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("notes_fr", "").strip()) != bool(data.get("notes_en", "").strip()):
            missing = "notes_en" if data.get("notes_fr", "").strip() else "notes_fr"
            self.add_error(missing, _("Write the notes in both languages, or in none."))
        return data

    def editorial(self) -> Editorial:
        data = self.cleaned_data
        lead = {"fr": data["lead_fr"].strip(), "en": data["lead_en"].strip()}
        notes = {"fr": data["notes_fr"].strip(), "en": data["notes_en"].strip()}
        return Editorial(lead, notes if any(notes.values()) else {}, data["groups"])


class ApproveForm(forms.Form):
    """One box for each statement; what is ticked says which statement of which draft it was."""

    read = forms.MultipleChoiceField(
        label=_("I have read and understood, one by one:"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": ALL_OF_THEM},
    )

    def __init__(self, *args: Any, statements: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read"].choices = statements  # type: ignore[attr-defined]

    def clean_read(self) -> list[str]:
        read: list[str] = self.cleaned_data["read"]
        offered = [token for token, _words in self.fields["read"].choices]  # type: ignore[attr-defined]
        if set(read) != set(offered):
            raise forms.ValidationError(ALL_OF_THEM, code="not_read")
        return read


class WithdrawForm(forms.Form):
    """Why, in both languages: everybody reads it in place of the figures."""

    why_fr = Words(label=_("Why, in French"), max_length=400, required=True)
    why_en = Words(label=_("Why, in English"), max_length=400, required=True)

    def why(self) -> dict[str, str]:
        return {"fr": self.cleaned_data["why_fr"], "en": self.cleaned_data["why_en"]}
