"""Fields that speak the project's vocabularies and its imprecise dates."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework import vocabulary
from casework.record import Moment

SHORT = 500
LONG = 200_000
BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])


def choices(name: str) -> list[tuple[str, str]]:
    language = get_language() or "fr"
    return [(term.code, term.label(language)) for term in vocabulary.terms(name)]


class Words(forms.CharField):
    """One line, without the control characters that make a text read otherwise than it is stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": SHORT, "required": False, **kwargs})

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").translate(BIDI_CONTROLS)


class LongWords(Words):
    def __init__(self, *, rows: int = 8, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(**{"max_length": LONG, "widget": widget, **kwargs})


class OneCode(forms.ChoiceField):
    def __init__(self, name: str, *, blank: bool = True, **kwargs: Any) -> None:
        def offered() -> list[tuple[str, str]]:
            return [("", str(_("not recorded"))), *choices(name)] if blank else choices(name)

        super().__init__(**{"choices": offered, "required": not blank, **kwargs})


class ManyCodes(forms.MultipleChoiceField):
    """Long lists of boxes are folded under their question until somebody opens it: a phone shows the whole form."""

    folded = True

    def __init__(self, name: str, **kwargs: Any) -> None:
        widget = forms.CheckboxSelectMultiple()
        super().__init__(**{"choices": lambda: choices(name), "required": False, "widget": widget, **kwargs})


class Answer(OneCode):
    """Yes, no, unknown, refused and not asked: five different answers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("answer", blank=False, **{"initial": "NOT_ASKED", **kwargs})


class MomentField(forms.Field):
    """`2017`, `2017-Q2`, `2017-03`, `2017-03-14` or `2017-03-14 22:10`; never in the future."""

    default_error_messages = {
        "date": _(
            "This is not a date we can read. Write 2017, 2017-Q2, 2017-03, 2017-03-14 or 2017-03-14 22:10."
        ),
        "future": _("This date is still to come. Write when it happened."),
    }

    def __init__(self, *, may_be_ahead: bool = False, **kwargs: Any) -> None:
        self.may_be_ahead = may_be_ahead
        hint = _("As precise as known: 2017, 2017-Q2, 2017-03 or 2017-03-14.")
        widget = forms.TextInput(attrs={"maxlength": 16, "autocomplete": "off"})
        super().__init__(**{"required": False, "help_text": hint, "widget": widget, **kwargs})

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        return self._moment(text.replace(" ", "T")) if text else None

    def _moment(self, text: str) -> Moment:
        try:
            moment = Moment.parse(text)
        except ValueError:
            raise forms.ValidationError(self.error_messages["date"], code="date") from None
        if not self.may_be_ahead and moment.earliest > timezone.localtime().replace(tzinfo=None):
            raise forms.ValidationError(self.error_messages["future"], code="future")
        return moment

    def prepare_value(self, value: Any) -> Any:
        return value.text.replace("T", " ") if isinstance(value, Moment) else value
