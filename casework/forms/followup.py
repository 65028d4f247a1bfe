"""The small forms of the follow-up: one for each act. They save nothing."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.accessperiods import BODIES, EXTENSION
from casework.agenda import Contact, DateToKeep, Interaction, Referral, Task
from casework.contacts import Kept
from casework.deadlines import REVIEWS
from casework.followup import new_id
from casework.forms.fields import DayInput, LongWords, MomentField, OneCode, Words, choices
from casework.record import CaseRecord, Step

Choice = tuple[str, str]
FIRST_YEAR: Final = dt.date(1990, 1, 1)
LAST_YEAR: Final = dt.date(2100, 12, 31)
# These are computed, or are tasks: nobody chooses them from a list.
NOT_SET_BY_HAND: Final = (*REVIEWS, "TASK", "NOTICE", "TELL", "TAKE_OUT")


class DayField(forms.DateField):
    """A day of the calendar, chosen with the device's own picker. Typing errors in the century are caught."""

    default_error_messages = {
        "future": _("This day is still to come. Write when it happened."),
        "range": _("Check the year."),
    }

    def __init__(self, *, past: bool = False, **kwargs: Any) -> None:
        self.past = past
        widget = DayInput()
        super().__init__(**{"widget": widget, "required": False, **kwargs})

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and not FIRST_YEAR <= day <= LAST_YEAR:
            raise forms.ValidationError(self.error_messages["range"], code="range")
        if day and self.past and day > timezone.localdate():
            raise forms.ValidationError(self.error_messages["future"], code="future")
        return day


class OneOf(forms.ChoiceField):
    """One of a list that is only known when the page is asked for. `blank`: what an empty choice says; none without it."""

    def __init__(self, *, blank: Any = None, **kwargs: Any) -> None:
        self.blank = blank
        super().__init__(**{"required": blank is None, **kwargs})

    def offer(self, offered: Iterable[Choice]) -> None:
        rows = list(offered)
        self.choices = rows if self.blank is None else [("", self.blank), *rows]
        if self.blank is None and len(rows) == 1:
            self.initial = rows[0][0]


def people_of(record: CaseRecord) -> list[Choice]:
    return [(person.id, person.alias or str(_("without an alias"))) for person in record.victims()]


class TaskForm(forms.Form):
    text = LongWords(label=_("What is to be done"), required=True, rows=2, max_length=1_000)
    owner = OneOf(label=_("Who does it"), blank=_("nobody yet"))
    due = DayField(label=_("Until when"))

    def __init__(self, *args: Any, owners: Iterable[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].offer(owners)  # type: ignore[attr-defined]

    def task(self, before: Task | None = None) -> Task:
        data = self.cleaned_data
        if before is None:
            return Task(new_id(), data["text"], data["owner"], data["due"])
        return Task(before.id, data["text"], data["owner"], data["due"], before.done_on, before.done_by)


class DateForm(forms.Form):
    kind = forms.ChoiceField(label=_("Which date"), choices=lambda: _kinds())
    on = DayField(label=_("Day"), help_text=_("As it stands in the letter, or as it was told."))
    person = OneOf(label=_("Whom it concerns"), blank=_("everybody, or the case itself"))
    body = OneCode("access_body", label=_("Access request: to which body"))
    received_on = DayField(label=_("Access request: received by the body on"), past=True)
    extended = forms.BooleanField(label=_("The body has given itself more time"), required=False)
    note = LongWords(label=_("Notes"), rows=2, max_length=2_000)

    def __init__(self, *args: Any, people: Iterable[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].offer(people)  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("kind") == "ACCESS":
            self._check_access(data)
        elif not data.get("on") and "on" not in self.errors:
            self.add_error("on", _("Say which day."))

    def _check_access(self, data: dict[str, Any]) -> None:
        """Either the body named a day, or the day is counted from when it received the request."""
        if data.get("on"):
            return
        if data.get("body") not in BODIES:
            self.add_error("body", _("Say which body, so that the days can be counted."))
        if not data.get("received_on") and "received_on" not in self.errors:
            self.add_error(
                "received_on", _("Say when the body received it, so that the days can be counted.")
            )
        if data.get("extended") and data.get("body") in set(BODIES) - set(EXTENSION):
            self.add_error("on", _("Here the law leaves the length to the body: write the day it named."))

    def date(self, before: DateToKeep | None = None) -> DateToKeep:
        kept = before.kept_on if before else None
        return DateToKeep(id=before.id if before else new_id(), kept_on=kept, **self._said())

    def _said(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if data["kind"] != "ACCESS":
            data |= {"body": "", "received_on": None, "extended": False}
        return data


def _kinds() -> list[Choice]:
    return [(code, label) for code, label in choices("deadline_kind") if code not in NOT_SET_BY_HAND]


class LogForm(forms.Form):
    on = DayField(label=_("When"), required=True, past=True)
    kind = OneCode("interaction_kind", blank=False, label=_("What it was"))
    person = OneOf(label=_("Which person it concerns"), blank=_("none in particular"))
    whom = Words(label=_("With whom"), max_length=120)
    text = LongWords(label=_("What was said"), rows=4, max_length=20_000)
    told_outcome = forms.BooleanField(
        label=_("The person was told what became of their case"), required=False
    )

    def __init__(self, *args: Any, people: list[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate
        self.fields["person"].offer(people)  # type: ignore[attr-defined]
        if len(people) == 1:
            self.fields["person"].initial = people[0][0]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("told_outcome") and not self.cleaned_data.get("person"):
            self.add_error("person", _("Say who was told."))

    def interaction(self, by: UUID) -> Interaction:
        return Interaction(id=new_id(), by=by.hex, **self.cleaned_data)


class ReviewForm(forms.Form):
    person = OneOf(label=_("Whose detention"))
    began = MomentField(label=_("When the review took place"), required=True)
    result = OneCode("review_result", blank=False, label=_("Result"))
    next_on = DayField(label=_("Day of the next one, if it was named"))
    note = LongWords(label=_("Notes"), rows=2, max_length=5_000)

    def __init__(self, *args: Any, people: Iterable[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].offer(people)  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("result") == "RELEASED" and data.get("next_on"):
            self.add_error("next_on", _("After a release there is no next review."))

    def step(self) -> Step:
        data = self.cleaned_data
        return Step("REVIEW", began=data["began"], result=data["result"], note=data["note"])


class ReferForm(forms.Form):
    person = OneOf(label=_("Who is referred"))
    contact = OneOf(label=_("To whom"))
    agreed = forms.BooleanField(
        label=_("The person was told this name, and agreed that we pass things on to them"),
        error_messages={
            "required": _("Tell the person the name first. Without their agreement nothing is passed on.")
        },
    )
    agreed_on = DayField(label=_("When they agreed"), required=True, past=True)
    what = LongWords(
        label=_("What is passed on"),
        rows=3,
        max_length=2_000,
        required=True,
        help_text=_("No more than this contact needs."),
    )

    def __init__(self, *args: Any, people: Iterable[Choice], contacts: Iterable[Kept], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreed_on"].initial = timezone.localdate
        self.fields["person"].offer(people)  # type: ignore[attr-defined]
        labels = dict(choices("contact_kind"))
        rows = [
            (k.id.hex, f"{k.contact.name} – {labels.get(k.contact.kind, k.contact.kind)}") for k in contacts
        ]
        self.fields["contact"].offer(rows)  # type: ignore[attr-defined]


class ReferralForm(forms.Form):
    """What became of it."""

    state = OneCode("referral_state", blank=False, label=_("Answer"))
    answered_on = DayField(label=_("When"), past=True)
    note = LongWords(label=_("Notes"), rows=3, max_length=5_000)

    def fill(self, referral: Referral) -> None:
        for name, value in self.cleaned_data.items():
            setattr(referral, name, value)


class MoveForm(forms.Form):
    status = OneCode("case_status", blank=False)


def initial_of(item: Task | DateToKeep | Referral | Contact) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__struct_fields__}
