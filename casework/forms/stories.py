"""A passage typed anew, what in it may not leave, and why the rest may stay; what its second reader ticks."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework import documents, neverleaves, offering, vocabulary
from casework.forms.fields import LongWords, Words, choices
from casework.neverleaves import Flag, Known
from casework.offering import Typed
from casework.passages import Answer

LONGEST: Final = 3_000
# A person and a purpose, as one choice.
BETWEEN: Final = ":"
REASON: Final = "reason-"
# A telephone types none, and then a line of the release begins with the sign.
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
FRENCH_SPACE: Final = re.compile(r" (?=[;:!?»])|(?<=«) ")


def label(name: str, code: str) -> str:
    return vocabulary.label(name, code, get_language() or "fr")


def reason_name(flag: Flag) -> str:
    """The same field for the same words wherever they stand."""
    return REASON + hashlib.sha256("\0".join(flag.key).encode()).hexdigest()[:16]


class OfferForm(forms.Form):
    """`whom`: (person's id, kind, words) of everybody who agrees today. A flag that may be answered gets a field of its own once
    the text was sent."""

    # The browser must not hold back a text because of a reason for words that are no longer in it.
    use_required_attribute = False

    whom = forms.ChoiceField(label=_("Who agreed, and to what"), widget=forms.RadioSelect)
    text_fr = LongWords(label=_("The passage in French"), rows=10, max_length=LONGEST)
    text_en = LongWords(label=_("The passage in English"), rows=10, max_length=LONGEST)
    changed = forms.MultipleChoiceField(
        label=_("What you changed"),
        help_text=_("It is published below the passage, in these words."),
        choices=lambda: choices("story_change"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Say what was changed. A passage without any change says who it is about.")
        },
    )
    instead = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, whom: Iterable[tuple[str, str, str]], known: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(person + BETWEEN + kind, words) for person, kind, words in whom]
        field = self.fields["whom"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = offered
        if len(offered) == 1:
            field.initial = offered[0][0]
        self.known = known
        self.flags: dict[str, list[Flag]] = {}
        if self.is_bound:
            self._flag()

    def _flag(self) -> None:
        """Asked of what was sent, before any of it is known to be in order: the fields for reasons depend on it."""
        kind = str(self.data.get("whom", "")).partition(BETWEEN)[2]
        for language in documents.LANGUAGES:
            self.flags[language] = neverleaves.flags(self.sent(language), kind, self.known)
        asked = {reason_name(flag): self._reason(flag) for flag in self._distinct() if flag.answerable}
        self.fields |= asked
        self.order_fields(["whom", "text_fr", "text_en", *asked])

    def _reason(self, flag: Flag) -> Words:
        do = label("story_flag_do", flag.code)
        return Words(
            label=self._asked(flag),
            required=True,
            min_length=neverleaves.SHORTEST_REASON,
            max_length=200,
            error_messages={"required": do, "min_length": do},
        )

    def sent(self, language: str) -> str:
        """As it came, whether or not it is in order."""
        field = self.fields[f"text_{language}"]
        return str(field.to_python(str(self.data.get(f"text_{language}", ""))) or "")

    def _distinct(self) -> list[Flag]:
        return list({flag.key: flag for found in self.flags.values() for flag in found}.values())

    def _asked(self, flag: Flag) -> str:
        words = {"words": flag.words, "what": label("story_flag", flag.code)}
        return _("“%(words)s”: %(what)s. Why may it stay?") % words

    def clean(self) -> None:
        super().clean()
        texts = [self.cleaned_data.get(f"text_{language}", "") for language in documents.LANGUAGES]
        if not any(text.strip() for text in texts) and not self.errors:
            self.add_error("text_fr", _("Type the passage in one language at least."))
        for language, found in self.flags.items():
            self._refuse(language, found)

    def _refuse(self, language: str, found: list[Flag]) -> None:
        for flag in found:
            if not flag.answerable:
                words = {"words": flag.words, "what": label("story_flag", flag.code)}
                do = label("story_flag_do", flag.code)
                self.add_error(f"text_{language}", _("“%(words)s”: %(what)s.") % words + f" {do}")

    def typed(self) -> Typed:
        """Of a form that is in order."""
        person, _colon, kind = self.cleaned_data["whom"].partition(BETWEEN)
        texts = {lang: self.cleaned_data[f"text_{lang}"].strip() for lang in documents.LANGUAGES}
        texts["fr"] = FRENCH_SPACE.sub(NO_BREAK, texts["fr"])
        answers = [
            Answer(flag.code, flag.words, self.cleaned_data[reason_name(flag)].strip())
            for flag in self._distinct()
            if flag.answerable
        ]
        return Typed(
            person=person,
            kind=kind,
            text={lang: text for lang, text in texts.items() if text},
            changed=self.cleaned_data["changed"],
            answers=answers,
            instead=self.cleaned_data["instead"],
        )

    @classmethod
    def initial_of(cls, story: offering.Offered) -> dict[str, Any]:
        """A passage that was sent back, to be written again."""
        passage = story.passage
        texts = {f"text_{language}": text for language, text in passage.text.items()}
        whom = story.person.id + BETWEEN + passage.kind
        return {"whom": whom, "changed": passage.changed, "instead": story.row.pk, **texts}


class StoryForm(forms.Form):
    """Which passage of the case: its id stands in no address beside the case's."""

    story = forms.UUIDField()

    def chosen(self) -> UUID | None:
        return self.cleaned_data["story"] if self.is_valid() else None


class CheckForm(forms.Form):
    """Line by line, by whoever did not offer it."""

    lines = forms.MultipleChoiceField(
        label=_("Nothing of this is in it"),
        choices=lambda: choices("never_leaves"),
        widget=forms.CheckboxSelectMultiple,
    )


class SendBackForm(forms.Form):
    why = LongWords(
        label=_("Why, for whoever has the case open"),
        rows=4,
        max_length=1_000,
        required=True,
        error_messages={"required": _("Say what has to be written otherwise. Nothing was sent back.")},
    )
