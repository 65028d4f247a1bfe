"""The forms of a case. They give shape to what was typed and check it; they save nothing."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from casework.forms.fields import Answer, LongWords, ManyCodes, MomentField, OneCode, Words
from casework.forms.rows import Row, formset, rows_of
from casework.record import (
    CaseRecord,
    Event,
    Officer,
    Outcome,
    Person,
    ServiceDenial,
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


class EventForm(Row):
    FIRST = ("date", "city", "borough", "police_services", "pretext")
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
    """How sure the group is. Where the case stands is moved by `followup.move`, along the ways of `workflow`."""

    verification = OneCode("verification", blank=False, label=_("Verification"))


class PersonForm(Row):
    FIRST = ("alias", "minor", "age_band", "cbsa_involvement", "outcomes")
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
    result = OneCode("review_result", label=_("Result of the detention review"))
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


def initial_rows(rows: Iterable[msgspec.Struct]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in row.__struct_fields__} for row in rows]


StepFormSet = formset(StepForm, 2)
DenialFormSet = formset(DenialForm, 1)
OfficerFormSet = formset(OfficerForm, 1)


def steps_of(formset: Any) -> list[Step]:
    return rows_of(formset, Step, "kind")


def denials_of(formset: Any) -> list[ServiceDenial]:
    return rows_of(formset, ServiceDenial, "service_type")


def officers_of(formset: Any) -> list[Officer]:
    rows = [
        f.cleaned_data for f in formset.forms if any(v for k, v in f.cleaned_data.items() if k != "DELETE")
    ]
    return [
        Officer(**{k: v for k, v in row.items() if k != "DELETE"}) for row in rows if not row.get("DELETE")
    ]
