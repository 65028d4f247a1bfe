"""Fields that speak the project's vocabularies and its imprecise dates."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework import vocabulary
from casework.record import Moment

SHORT = 500
LONG = 200_000
# What cannot be seen and makes a text read otherwise than it is stored: direction controls, control characters other than
# tab and line feed, invisible tags. Joiners stay: Persian, Hindi and emoji need them.
INVISIBLE = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF, 0x7F]
    + [code for code in (*range(0x20), *range(0x80, 0xA0)) if code not in (0x09, 0x0A)]
    + [*range(0xE0000, 0xE0080)]
)


def ids_in(texts: list[str]) -> list[UUID]:
    """What was ticked; what no page of ours sends is left out."""
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(UUID(text))
    return found


def plain(text: str) -> str:
    """The one rule for what people type or paste: what cannot be seen is taken out, everything else stays as it is. HTML is
    words like any others; templates escape it, and isolate each text so that its direction ends where it does."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return lines.translate(INVISIBLE)


def choices(name: str) -> list[tuple[str, str]]:
    language = get_language() or "fr"
    return [(term.code, term.label(language)) for term in vocabulary.terms(name)]


class DayInput(forms.DateInput):
    """The device's own picker. Its value is ISO whatever the language of the page: a browser shows any other as empty."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Words(forms.CharField):
    """One line. What cannot be seen is gone before anything else looks at it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": SHORT, "required": False, **kwargs})
        # The browser finds out from the first letters whether it reads from the right.
        self.widget.attrs["dir"] = "auto"

    def to_python(self, value: Any) -> str:
        return super().to_python(self._plain(value) if isinstance(value, str) else value) or ""

    def _plain(self, text: str) -> str:
        return plain(text).replace("\n", " ")


class LongWords(Words):
    def __init__(self, *, rows: int = 8, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(**{"max_length": LONG, "widget": widget, **kwargs})

    def _plain(self, text: str) -> str:
        return plain(text)


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
