"""The forms of what is told: whom it is about, what it cannot be true beside, and how far it is believed."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework import vocabulary
from casework.forms.fields import LongWords, MomentField, OneCode
from casework.forms.rows import Row, formset
from casework.record import CaseRecord, Statement, new_id

BEGINNING = 60


class Several(forms.MultipleChoiceField):
    """Which of the people or statements of this case: folded, as every list of boxes is."""

    folded = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.CheckboxSelectMultiple(), **kwargs)


class StatementForm(Row):
    FIRST = ("text", "source", "about", "contradicts")
    id = forms.RegexField(r"\A\w{0,40}\Z", widget=forms.HiddenInput, required=False)
    text = LongWords(label=_("What is told"), rows=10)
    source = OneCode("report_source", label=_("Who tells it"))
    about = Several(label=_("Whom it is about"))
    contradicts = Several(label=_("Statements it contradicts"))
    on = MomentField(label=_("Told on"))
    language = OneCode("language", label=_("Language"))
    source_credibility = OneCode("credibility", label=_("Credibility of the source"))
    information_validity = OneCode("validity", label=_("Validity of the information"))

    def __init__(self, *args: Any, record: CaseRecord | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("about", _people(record) if record else [])
        self._offer("contradicts", _others(record, self.initial.get("id", "")) if record else [])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """A question without an answer to choose is not asked."""
        field = self.fields[name]
        assert isinstance(field, Several)
        field.choices = choices
        if not choices:
            del self.fields[name]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("text") and not self.cleaned_data.get("source"):
            self.add_error("source", _("Say who tells it."))


def _people(record: CaseRecord) -> list[tuple[str, str]]:
    return [(person.id, person.alias) for person in record.persons]


def _others(record: CaseRecord, own: str) -> list[tuple[str, str]]:
    """Each by its source and its first words."""
    language = get_language() or "fr"
    return [
        (s.id, f"{vocabulary.label('report_source', s.source, language)} – {s.text[:BEGINNING]}…")
        for s in record.statements
        if s.id != own
    ]


StatementFormSet = formset(StatementForm, 1)


def statements_of(formset: Any, before: list[Statement]) -> list[Statement]:
    """What the form does not ask for stays with the statement it belongs to."""
    known = {statement.id: statement for statement in before}
    return [
        _filled(known.get(form.cleaned_data["id"]) or _new(form.cleaned_data["id"]), form.cleaned_data)
        for form in formset.forms
        if form.cleaned_data.get("text") and not form.cleaned_data.get("DELETE")
    ]


def _new(own: str) -> Statement:
    """One that somebody else deleted meanwhile comes back under its own id, and is recognised."""
    return Statement("", "", id=own or new_id())


def _filled(statement: Statement, data: dict[str, Any]) -> Statement:
    for name in statement.__struct_fields__:
        if name in data and name != "id":
            setattr(statement, name, data[name])
    return statement
