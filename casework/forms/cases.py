"""The forms of a case. They give shape to what was typed and check it; they save nothing."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from casework.forms.fields import Answer, LongWords, ManyCodes, MomentField, OneCode, Words
from casework.record import (
    CaseRecord,
    Event,
    Officer,
    Outcome,
    Person,
    ServiceDenial,
    Statement,
    Step,
)


class TeamForm(forms.Form):
    """Which team keeps the case: only asked of people who are on several."""

    team = forms.ChoiceField(label=_("Team"))

    def __init__(self, *args: Any, teams: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(team.pk), team.name) for team in teams]
        if len(field.choices) == 1:
            field.widget = forms.HiddenInput()
            field.initial = field.choices[0][0]

    def clean_team(self) -> UUID:
        return UUID(self.cleaned_data["team"])


class RevisionForm(forms.Form):
    """Which revision the person began from, so that nobody's saving is overwritten."""

    base = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class EventForm(forms.Form):
    reference = Words(
        label=_("Your reference"), required=True, max_length=80, help_text=_("A name or number of your own.")
    )
    date = MomentField(label=_("When it happened"))
    uncertain = forms.BooleanField(label=_("The date is a guess"), required=False)
    city = OneCode("city", label=_("City"))
    borough = OneCode("borough", label=_("Borough"))
    place_type = OneCode("place_type", label=_("Kind of place"))
    place_note = Words(label=_("Place, in words"))
    police_services = ManyCodes("police_service", label=_("Police or other service"))
    pretext = OneCode("pretext", label=_("How it began"))
    reason_given = Answer(label=_("Was a reason given for the stop?"))

    @staticmethod
    def initial_of(record: CaseRecord) -> dict[str, Any]:
        event = record.event
        fields = (
            "date",
            "city",
            "borough",
            "place_type",
            "place_note",
            "police_services",
            "pretext",
            "reason_given",
        )
        uncertain = bool(event.date and event.date.uncertain)
        return {
            "reference": record.reference,
            "uncertain": uncertain,
            **{f: getattr(event, f) for f in fields},
        }

    def event(self) -> Event:
        data = dict(self.cleaned_data)
        del data["reference"]
        date, uncertain = data.pop("date"), data.pop("uncertain")
        return Event(date=type(date)(date.text, uncertain) if date else None, **data)


class AssessmentForm(forms.Form):
    status = OneCode("case_status", blank=False, label=_("Status"))
    verification = OneCode("verification", blank=False, label=_("Verification"))


class PersonForm(forms.Form):
    alias = Words(
        label=_("Alias"),
        required=True,
        max_length=80,
        help_text=_("The name used in this group, not the real one."),
    )
    name = Words(label=_("Real name"), max_length=120, help_text=_("Only if the follow-up needs it."))
    minor = forms.BooleanField(label=_("Under 18"), required=False)
    age_band = OneCode("age_band", label=_("Age"))
    gender = OneCode("gender", label=_("Gender"))
    region = OneCode("region", label=_("Region of origin"))
    language = OneCode("language", label=_("Language"))
    status_raised = ManyCodes("status_raised", label=_("How status came up"))
    suspicion_cue = ManyCodes("suspicion_cue", label=_("What raised suspicion"))
    cbsa_involvement = OneCode("cbsa_involvement", label=_("What the CBSA did"))
    held_hours = forms.FloatField(
        label=_("Hours held by police"), required=False, min_value=0, max_value=10_000
    )
    outcomes = ManyCodes("outcome", label=_("What became of it"))
    harms = ManyCodes("harm", label=_("Harm done"))
    immigration_basis = ManyCodes("immigration_basis", label=_("Immigration basis"))

    COPIED = (
        "alias", "name", "minor", "age_band", "gender", "region", "language", "status_raised",
        "suspicion_cue", "cbsa_involvement", "held_hours", "harms", "immigration_basis",
    )  # fmt: skip

    @classmethod
    def initial_of(cls, person: Person) -> dict[str, Any]:
        outcomes = [outcome.code for outcome in person.outcomes]
        return {"outcomes": outcomes, **{name: getattr(person, name) for name in cls.COPIED}}

    def fill(self, person: Person) -> None:
        for name in self.COPIED:
            setattr(person, name, self.cleaned_data[name])
        dated = {outcome.code: outcome for outcome in person.outcomes}
        person.outcomes = [dated.get(code) or Outcome(code) for code in self.cleaned_data["outcomes"]]


class Row(forms.Form):
    """One row of a formset: what is always asked stands first, the rest is folded."""

    FIRST: tuple[str, ...] = ()

    def first(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.FIRST or field.errors]

    def more(self) -> list[forms.BoundField]:
        shown = {field.name for field in self.first()}
        return [
            field for field in self.visible_fields() if field.name not in shown and field.name != "DELETE"
        ]


class StepForm(Row):
    FIRST = ("kind", "began", "agency")
    kind = OneCode("step_kind", label=_("Step"))
    began = MomentField(label=_("Began"))
    ended = MomentField(label=_("Ended"))
    agency = OneCode("police_service", label=_("Who acted"))
    place = OneCode("place_type", label=_("Kind of place"))
    detention_place = OneCode("detention_place", label=_("Place of detention"))
    legal_basis = OneCode("legal_basis", label=_("Legal basis stated"))
    warrant_shown = Answer(label=_("Was a warrant shown?"))
    reasons_given = Answer(label=_("Were reasons given?"))
    counsel = Answer(label=_("Could they speak to a lawyer?"))
    interpreter = Answer(label=_("Was there an interpreter?"))
    note = LongWords(label=_("Notes on this step"), rows=2, max_length=5_000)

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if not data.get("kind") and any(
            data.get(name) for name in ("began", "ended", "agency", "place", "note")
        ):
            self.add_error("kind", _("Say which step of the chain this is."))
        if data.get("began") and data.get("ended") and data["ended"].latest < data["began"].earliest:
            self.add_error("ended", _("It cannot end before it began."))


class StatementForm(Row):
    FIRST = ("text", "source")
    text = LongWords(label=_("What is told"), rows=10)
    source = OneCode("report_source", label=_("Who tells it"))
    language = OneCode("language", label=_("Language"))
    source_credibility = OneCode("credibility", label=_("Credibility of the source"))
    information_validity = OneCode("validity", label=_("Validity of the information"))

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("text") and not self.cleaned_data.get("source"):
            self.add_error("source", _("Say who tells it."))


class DenialForm(Row):
    FIRST = ("service_type", "mechanism")
    service_type = OneCode("service_type", label=_("Service refused"))
    mechanism = OneCode("denial_mechanism", label=_("How"))
    on = MomentField(label=_("When"))
    place = Words(label=_("Where"))
    note = LongWords(label=_("Notes"), rows=2, max_length=5_000)


class OfficerForm(Row):
    FIRST = ("badge", "description")
    service = OneCode("police_service", label=_("Service"))
    badge = Words(label=_("Badge number"), max_length=40)
    name = Words(label=_("Name"), max_length=120)
    description = Words(label=_("Description"))


def all_valid(parts: Iterable[Any]) -> bool:
    """Asks every form and formset, so that a page names all that is wrong with it at once."""
    return not [part for part in parts if not part.is_valid()]


def rows_of(formset: Any, kind: type[Any], key: str) -> list[Any]:
    """The filled and not deleted rows of a formset as structures; a row without its `key` field is an empty row."""
    rows = [dict(form.cleaned_data) for form in formset.forms if form.cleaned_data.get(key)]
    return [kind(**{k: v for k, v in row.items() if k != "DELETE"}) for row in rows if not row.get("DELETE")]


def initial_rows(rows: Iterable[msgspec.Struct]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in row.__struct_fields__} for row in rows]


class Rows(forms.BaseFormSet):  # type: ignore[type-arg]  # Django does not let it be subscripted at run time
    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": _(
            "Part of the form did not arrive. Nothing was saved. Go back one page and send it again."
        ),
    }


def _formset(form: type[Row], blank: int) -> Any:
    return forms.formset_factory(
        form, formset=Rows, extra=blank, can_delete=True, max_num=60, absolute_max=80
    )


StepFormSet = _formset(StepForm, 2)
StatementFormSet = _formset(StatementForm, 1)
DenialFormSet = _formset(DenialForm, 1)
OfficerFormSet = _formset(OfficerForm, 1)


def steps_of(formset: Any) -> list[Step]:
    return rows_of(formset, Step, "kind")


def statements_of(formset: Any) -> list[Statement]:
    return rows_of(formset, Statement, "text")


def denials_of(formset: Any) -> list[ServiceDenial]:
    return rows_of(formset, ServiceDenial, "service_type")


def officers_of(formset: Any) -> list[Officer]:
    rows = [
        f.cleaned_data for f in formset.forms if any(v for k, v in f.cleaned_data.items() if k != "DELETE")
    ]
    return [
        Officer(**{k: v for k, v in row.items() if k != "DELETE"}) for row in rows if not row.get("DELETE")
    ]
