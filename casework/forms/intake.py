"""The parts of an intake, in the order of a conversation. Each is a few forms over what was typed of that part so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.forms.cases import (
    DenialFormSet,
    EventForm,
    PersonForm,
    StepFormSet,
    denials_of,
    steps_of,
)
from casework.forms.consent import FirstConsentForm
from casework.forms.fields import OneCode
from casework.forms.safety import NextForm, SafetyForm, safety_of
from casework.forms.statements import StatementFormSet, statements_of
from casework.intakedrafts import Draft, Typed
from casework.record import CaseRecord, new_person, new_record


class BeginForm(forms.Form):
    language = OneCode("language", blank=False, label=_("Language of the conversation"))


Forms = dict[str, Any]


@dataclass(frozen=True)
class Part:
    name: str
    title: str | Promise
    forms: Callable[[QueryDict | None, Draft], Forms]
    # What its fields begin with: nothing else of a request is kept.
    prefixes: tuple[str, ...]


def _consent(data: QueryDict | None, draft: Draft) -> Forms:
    return {"consent": FirstConsentForm(data, prefix="consent", initial={"language": draft.language})}


def _safety(data: QueryDict | None, draft: Draft) -> Forms:
    return {"safety": SafetyForm(data, prefix="safety")}


def _event(data: QueryDict | None, draft: Draft) -> Forms:
    return {
        # Mostly it is the person's own; an empty one is no statement all the same.
        "statements": StatementFormSet(
            data, prefix="statements", form_kwargs={"initial": {"source": "SELF", "language": draft.language}}
        ),
        "event": EventForm(data, prefix="event", initial={"reference": draft.reference}),
        "denials": DenialFormSet(data, prefix="denials"),
    }


def _people(data: QueryDict | None, draft: Draft) -> Forms:
    return {
        "person": PersonForm(data, prefix="person", initial={"language": draft.language}),
        "steps": StepFormSet(data, prefix="steps"),
    }


def _next(data: QueryDict | None, draft: Draft) -> Forms:
    return {"next": NextForm(data, prefix="next")}


PARTS: Final = (
    Part("consent", _("Consent"), _consent, ("consent-",)),
    Part("safety", _("Safety"), _safety, ("safety-",)),
    Part("event", _("What happened"), _event, ("statements-", "event-", "denials-")),
    Part("people", _("The person"), _people, ("person-", "steps-")),
    Part("next", _("What comes next"), _next, ("next-",)),
)
BY_NAME: Final = {part.name: part for part in PARTS}


def typed_in(part: Part, sent: QueryDict) -> Typed:
    return {name: sent.getlist(name) for name in sent if name.startswith(part.prefixes)}


def data_of(typed: Mapping[str, list[str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values)
    return data


def shown(part: Part, draft: Draft) -> Forms:
    """As it was left, without reproaches: what is half typed is not wrong yet."""
    typed = draft.parts.get(part.name)
    made = part.forms(data_of(typed) if typed else None, draft)
    for form in made.values() if typed else ():
        _quieten(form)
    return made


def checked(part: Part, draft: Draft) -> Forms:
    """Ready to be asked whether it is right. A part that nobody came to is as it would have been sent untouched."""
    typed = draft.parts.get(part.name) or untouched(part, draft)
    return part.forms(data_of(typed), draft)


def untouched(part: Part, draft: Draft) -> Typed:
    typed: Typed = {}
    for form in part.forms(None, draft).values():
        if isinstance(form, forms.BaseFormSet):
            typed |= {f"{form.prefix}-{name}_FORMS": ["0"] for name in ("TOTAL", "INITIAL")}
        else:
            typed |= {field.html_name: _value(field) for field in form}
    return typed


def _value(field: forms.BoundField) -> list[str]:
    value = field.value()
    if value in (None, "", False):
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _quieten(form: Any) -> None:
    """Django asks a bound form for its errors as soon as it is shown; here it is told that there are none."""
    if isinstance(form, forms.BaseFormSet):
        if not form.management_form.is_valid():
            return
        vars(form).update(_errors=[], _non_form_errors=form.error_class())
        for row in form.forms:
            _quieten(row)
    else:
        form._errors, form.cleaned_data = forms.utils.ErrorDict(), {}


def agreed(draft: Draft) -> bool:
    """Whether anything beyond the answers themselves may be written down."""
    return "consent" in draft.parts and all(
        form.is_valid() for form in checked(BY_NAME["consent"], draft).values()
    )


def record_of(made: Forms) -> CaseRecord:
    """From valid forms of all parts."""
    record = new_record(made["event"].cleaned_data["reference"], made["event"].event())
    person = new_person("VICTIM")
    made["person"].fill(person)
    person.safety = safety_of(made["safety"], made["next"])
    person.consents = made["consent"].answers()
    person.steps = steps_of(made["steps"])
    record.persons = [person]
    record.statements = statements_of(made["statements"], [])
    for statement in record.statements:
        # There is nobody else yet whom it could be about.
        statement.about = [person.id]
    record.denials = denials_of(made["denials"])
    return record
