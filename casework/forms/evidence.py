"""Adding evidence, handing it out, blacking parts of it out."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from casework.forms.fields import Words, choices

CLEAN, ORIGINAL = "clean", "original"
MOST_AREAS: Final = 500


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name)


class FilesField(forms.FileField):
    widget = SeveralFiles
    default_error_messages = {
        "required": _("Choose a file. Nothing was kept."),
        "empty": _(
            "The file is empty. Nothing was kept: look whether it was copied whole, and send it again."
        ),
    }

    def clean(self, data: Any, initial: Any = None) -> list["UploadedFile[Any]"]:
        return [super(FilesField, self).clean(file, initial) for file in data or [None]]


class EvidenceForm(forms.Form):
    description = Words(
        label=_("What is it?"),
        help_text=_("One sentence for whoever cannot see or hear it, and for the list."),
        max_length=300,
    )
    sent = FilesField(label=_("Files"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = filesizeformat(settings.TEMOIN_EVIDENCE_LIMIT)
        self.fields["sent"].help_text = _(
            "Any kind of file, %(limit)s at most together. They are encrypted while they arrive. When the connection is lost, "
            "nothing is kept: send them again."
        ) % {"limit": limit}

    def is_whole(self) -> bool:
        """The last field of the form has arrived, and so has everything before it."""
        return self.data.get("whole") == "yes"

    def clean(self) -> None:
        super().clean()
        if not self.is_whole():
            self.errors.pop("sent", None)
            self.add_error(
                "sent", _("The connection was lost on the way. Nothing was kept: send the files again.")
            )


class LeavingForm(forms.Form):
    what = forms.ChoiceField(
        label=_("What leaves"),
        widget=forms.RadioSelect,
        choices=[
            (CLEAN, _("a clean copy, without place, device, author and preview pictures")),
            (ORIGINAL, _("the original, bit for bit, with everything that stands in it")),
        ],
    )
    purpose = forms.ChoiceField(label=_("For what the people in the case agreed to"), choices=[])
    reason = Words(
        label=_("To whom, and why"),
        help_text=_("It stands in the custody log of this evidence, for as long as the case is kept."),
        required=True,
        error_messages={"required": _("Say to whom it goes and why. Nothing was handed out.")},
    )
    accepted = forms.BooleanField(
        label=_("I have read what is still in it, and it may leave like this"), required=False
    )

    def __init__(self, *args: Any, can_be_cleaned: bool, agreed: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(choices("purpose"))
        # Whoever does not choose must not have handed something out for the first purpose of a list.
        blank = [("", _("to be chosen"))] if len(agreed) > 1 else []
        self.fields["purpose"].choices = blank + [(code, labels.get(code, code)) for code in agreed]  # type: ignore[attr-defined]
        if not can_be_cleaned:
            what = self.fields["what"]
            what.choices = [choice for choice in what.choices if choice[0] == ORIGINAL]  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("what") == ORIGINAL and not self.cleaned_data["accepted"]:
            self.add_error(
                "accepted",
                _(
                    "The original may hold place, device, author and earlier versions. Say that it may leave like this."
                ),
            )


class PercentField(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 100, **kwargs})
        self.widget.attrs |= {"step": "0.1", "inputmode": "decimal"}

    def to_python(self, value: Any) -> Any:
        """A comma is a decimal point in half of the languages here."""
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class AreaForm(forms.Form):
    """One rectangle. A line that is left empty is none."""

    page = forms.IntegerField(label=_("Page"), min_value=1)
    left = PercentField(label=_("Left"))
    top = PercentField(label=_("Top"))
    width = PercentField(label=_("Width"), min_value=Decimal("0.1"))
    height = PercentField(label=_("Height"), min_value=Decimal("0.1"))

    def area(self) -> tuple[int, float, float, float, float]:
        """In parts of the page, as the darkroom wants it."""
        sides = [float(self.cleaned_data[name]) / 100 for name in ("left", "top", "width", "height")]
        return (self.cleaned_data["page"], sides[0], sides[1], sides[2], sides[3])


AreaFormSet = forms.formset_factory(AreaForm, extra=1, absolute_max=MOST_AREAS, max_num=MOST_AREAS)
