"""A new version of the text that is read aloud: every passage, in every language."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.fields import LongWords
from casework.vocabulary.wording import LANGUAGES, RIGHT_TO_LEFT, Passage

NAMES = {
    "fr": _("French"),
    "en": _("English"),
    "es": _("Spanish"),
    "ht": _("Haitian Creole"),
    "ar": _("Arabic"),
}
LONGEST = 2_000


class WordingForm(forms.Form):
    same = forms.BooleanField(
        label=_("All five languages say the same."),
        error_messages={
            "required": _(
                "Nothing was kept. Have each language read by somebody who speaks it, then say so here."
            )
        },
    )

    def __init__(self, *args: Any, passages: tuple[Passage, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passages = passages
        for passage in passages:
            for language in LANGUAGES:
                self.fields[f"{passage.code}-{language}"] = self._text(passage, language)

    def _text(self, passage: Passage, language: str) -> LongWords:
        field = LongWords(
            label=NAMES[language], rows=3, max_length=LONGEST, required=True, initial=passage.text(language)
        )
        direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        field.widget.attrs |= {"lang": language, "dir": direction}
        return field

    def groups(self) -> list[dict[str, Any]]:
        return [
            {
                "passage": passage,
                "fields": (fields := [self[f"{passage.code}-{language}"] for language in LANGUAGES]),
                "wrong": any(field.errors for field in fields),
            }
            for passage in self.passages
        ]

    def texts(self) -> dict[str, dict[str, str]]:
        return {
            p.code: {language: self.cleaned_data[f"{p.code}-{language}"] for language in LANGUAGES}
            for p in self.passages
        }
