"""For whom a copy is, why, and until when."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.contacts import PURPOSES, Kept
from casework.exporting.drafts import Facts
from casework.exporting.purposes import PURPOSE_OF
from casework.forms.fields import DayInput, LongWords, Words, choices

# A copy that outlives the consent it rests on: consents end after two years at the latest, and a year is long for paper.
LONGEST: Final = dt.timedelta(days=366)
OWN_LANGUAGES: Final = (
    ("fr", "Français"),
    ("en", "English"),
    ("es", "Español"),
    ("ht", "Kreyòl ayisyen"),
    ("ar", "العربية"),
)


class UntilForm(forms.Form):
    destroy_by = forms.DateField(
        label=_("To be destroyed by"),
        help_text=_("It stands in the copy and in the register."),
        widget=DayInput(),
    )

    def clean_destroy_by(self) -> dt.date:
        day: dt.date = self.cleaned_data["destroy_by"]
        today = timezone.localdate()
        if not today < day <= today + LONGEST:
            raise forms.ValidationError(_("Choose a day from tomorrow on, within a year. Nothing was made."))
        return day


class ExportForm(UntilForm):
    """Nobody chooses a purpose: the recipient decides which consent it takes, and a contact is here what they are among the
    contacts."""

    recipient = forms.ChoiceField(label=_("For"), widget=forms.RadioSelect)
    contact = forms.ChoiceField(label=_("Recipient, from your contacts"), required=False)
    to = Words(
        label=_("Name of the recipient"),
        max_length=200,
        help_text=_("As it is to stand in the register. A contact chosen above comes first."),
    )
    reason = LongWords(label=_("Why"), rows=3, required=True, max_length=2000)
    form = forms.ChoiceField(
        label=_("As"),
        choices=[("xlsx", _("a spreadsheet (XLSX)")), ("csv", _("a table (CSV)"))],
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language of the copy"), choices=OWN_LANGUAGES[:2], widget=forms.RadioSelect
    )

    evidence = forms.BooleanField(
        label=_("With the evidence, as clean copies"),
        help_text=_("For a lawyer or a complaint. What cannot be cleaned wholly stays here."),
        required=False,
    )

    field_order = ("recipient", "contact", "to", "reason", "form", "evidence", "language", "destroy_by")

    def __init__(self, *args: Any, contacts: Iterable[Kept] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {kept.id.hex: kept.contact for kept in contacts}
        offered = [pair for pair in choices("export_recipient") if pair[0] in PURPOSE_OF]
        self.fields["recipient"].choices = offered  # type: ignore[attr-defined]
        self.fields["contact"].choices = [("", _("none, or another")), *self._by_kind()]  # type: ignore[attr-defined]
        if not self.contacts:
            del self.fields["contact"]

    def _by_kind(self) -> list[tuple[str, list[tuple[str, str]]]]:
        known = self.contacts.items()
        grouped = [
            (label, [(pk, contact.name) for pk, contact in known if contact.kind == kind])
            for kind, label in choices("contact_kind")
        ]
        return [(label, names) for label, names in grouped if names]

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        chosen = self.contacts.get(data.pop("contact", ""))
        if chosen:
            data["to"] = chosen.name
        if not data.get("to") and not self.errors.get("to"):
            self.add_error("to", _("Choose a contact, or write who gets the copy. Nothing was made."))
        if not self._fits(data.get("to", ""), data.get("recipient", "")):
            self.add_error(
                "recipient", _("This name is among your contacts as something else. Nothing was made.")
            )

    def _fits(self, name: str, recipient: str) -> bool:
        """A clinic does not get what was agreed for a journalist. A lawyer may also lodge the complaint."""
        kinds = {c.kind for c in self.contacts.values() if c.name.casefold() == name.casefold()}
        purposes = {PURPOSES[kind] for kind in kinds if kind in PURPOSES}
        if "REFER_LEGAL" in purposes:
            purposes.add(PURPOSE_OF["COMPLAINT"])
        return not purposes or PURPOSE_OF.get(recipient) in purposes


class OwnFileForm(UntilForm):
    language = forms.ChoiceField(
        label=_("Language of the person"), choices=OWN_LANGUAGES, widget=forms.RadioSelect
    )
    reason = LongWords(
        label=_("Why"),
        rows=3,
        required=True,
        max_length=2000,
        help_text=_("For example: she asked for it, to show her lawyer."),
    )

    field_order = ("language", "reason", "destroy_by")


def form_of(facts: Facts, data: Any = None, contacts: Iterable[Kept] = ()) -> UntilForm:
    """`contacts`: of the teams of whoever makes it."""
    initial = {name: getattr(facts, name) for name in Facts.__struct_fields__}
    if facts.person:
        return OwnFileForm(data, initial=initial)
    return ExportForm(data, initial=initial, contacts=contacts)
