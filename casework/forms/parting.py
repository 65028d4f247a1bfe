"""What stays of a file when one person's part leaves it: each text to be read and changed, each file to be decided on."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.custody import Piece
from casework.forms.fields import LongWords, Words
from casework.freetext import Text
from casework.record import CaseRecord

LABELS: Final[dict[str, str | Promise]] = {
    "event": _("The event"),
    "statements": _("Statement"),
    "officers": _("Officer"),
    "denials": _("Service refused"),
    "persons": _("Person"),
    "tasks": _("Task"),
    "dates": _("Date"),
    "interactions": _("Conversation"),
    "referrals": _("Referral"),
    "reference": _("Reference"),
}
LINE: Final = 80
ONE_LINE: Final = ("reference", "alias", "name", "badge", "whom", "place")
NEEDED: Final = ("reference", "alias")


class TakeOutForm(forms.Form):
    base = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(
        self, *args: Any, record: CaseRecord, texts: list[Text], pieces: list[Piece], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._texts, self._pieces = texts, pieces
        for number, text in enumerate(texts):
            self.fields[f"text-{number}"] = _words(record, text)
        for piece in pieces:
            self.fields[piece.id.hex] = _choice(piece)
            self.fields[f"name-{piece.id.hex}"] = Words(
                label=_("Name of the file"), initial=piece.details.name
            )
            self.fields[f"words-{piece.id.hex}"] = Words(
                label=_("Description of the file"), initial=piece.details.description
            )
        self.fields["sure"] = forms.BooleanField(
            label=_("I have read what stays, and nothing in it tells of a person whose part goes")
        )

    def words(self) -> list[str]:
        return [self.cleaned_data[f"text-{number}"] for number in range(len(self._texts))]

    def kept(self) -> dict[UUID, tuple[str, str]]:
        data = self.cleaned_data
        return {
            piece.id: (data[f"name-{piece.id.hex}"], data[f"words-{piece.id.hex}"])
            for piece in self._pieces
            if data[piece.id.hex] == "stays"
        }


def _words(record: CaseRecord, text: Text) -> Words:
    """As it stands, to be changed. A case needs a reference, and a person something to be called by."""
    if text.field in ONE_LINE:
        return Words(label=_label(record, text), initial=text.text, required=text.field in NEEDED)
    rows = min(14, 1 + text.text.count("\n") + len(text.text) // LINE)
    return LongWords(label=_label(record, text), rows=rows, initial=text.text, required=False)


def _label(record: CaseRecord, text: Text) -> str:
    kind = str(LABELS.get(str(text.way[0]), ""))
    whose = (
        record.persons[text.way[1]].alias if text.way[0] == "persons" and isinstance(text.way[1], int) else ""
    )
    return f"{kind} {whose}".strip()


def _choice(piece: Piece) -> forms.ChoiceField:
    details = piece.details
    label = f"{details.name} – {details.description}" if details.description else details.name
    choices = [("stays", _("stays: it is about the others")), ("goes", _("goes, for good"))]
    return forms.ChoiceField(label=label or _("without a name"), choices=choices, widget=forms.RadioSelect)
