"""The questions of consent, each by itself, and the circumstances in which they were answered. They save nothing."""

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework import vocabulary, wordings
from casework.consent import GUARDIAN, NOES, PURPOSES, expiry, is_valid, months_after, needs_guardian
from casework.consent import VALID_MONTHS as VALID
from casework.forms.fields import DayInput, OneCode, Words
from casework.record import Consent, Moment, Person
from casework.vocabulary.wording import NATIVE_NAMES
from casework.withdrawing import DEFAULT_COOLING

REQUIRED_PURPOSE = "STORE"


class ConsentForm(forms.Form):
    """Every purpose is asked by itself; what was not asked is written down as not asked."""

    # How many answers stood there when the page was shown: the person may add some by receipt at any moment.
    known = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    on = forms.DateField(label=_("Date of the answers"), widget=DayInput())
    mode = OneCode("consent_mode", blank=False, label=_("How it was given"))
    language = OneCode("language", blank=False, label=_("Language of the conversation"))
    explained_by = Words(
        label=_("Who explained it"),
        max_length=80,
        help_text=_("The name used in this group, not the real one."),
    )
    expires = forms.DateField(
        label=_("Until"),
        required=False,
        widget=DayInput(),
        help_text=_("Only if the person wants less than 24 months."),
    )

    def __init__(
        self, *args: Any, person: Person | None = None, withdrawing: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["on"].initial = timezone.localdate
        self.fields["known"].initial = len(person.consents) if person else 0
        for purpose in PURPOSES:
            self.fields[purpose] = self._question(purpose, withdrawing=withdrawing)
            self.fields[f"{purpose}_conditions"] = self._conditions(purpose)

        if withdrawing:
            self.fields["cooling"] = self._cooling()

    def _cooling(self) -> forms.ChoiceField:
        return forms.ChoiceField(
            label=_("If the consent to keep the statement is withdrawn, the file is erased"),
            choices=[
                (str(DEFAULT_COOLING), _("in 7 days, unless the person changes their mind")),
                ("0", _("at once, for good")),
            ],
            widget=forms.RadioSelect,
            required=False,
            initial=str(DEFAULT_COOLING),
        )

    def _question(self, purpose: str, *, withdrawing: bool) -> forms.ChoiceField:
        before = self._before(purpose)
        states = ["GIVEN", "REFUSED", "NOT_ASKED", *(["WITHDRAWN"] if withdrawing else [])]
        language = get_language() or "fr"
        return forms.ChoiceField(
            label=vocabulary.label("purpose", purpose, language),
            choices=[(state, vocabulary.label("consent_state", state, language)) for state in states],
            widget=forms.RadioSelect,
            initial=before.state if before and before.state in states else "NOT_ASKED",
        )

    def _conditions(self, purpose: str) -> Words:
        before = self._before(purpose)
        label = _("Conditions for “%(purpose)s”") % {
            "purpose": vocabulary.label("purpose", purpose, get_language() or "fr")
        }
        return Words(label=label, required=False, initial=before.conditions if before else "")

    def _before(self, purpose: str) -> Consent | None:
        return self.person.consent_for(purpose) if self.person else None

    def may_erase(self) -> list[forms.BoundField]:
        return [self["cooling"]] if "cooling" in self.fields else []

    def cooling(self) -> int:
        return int(self.cleaned_data.get("cooling") or DEFAULT_COOLING)

    def questions(self) -> list[forms.BoundField]:
        return [self[purpose] for purpose in PURPOSES]

    def conditions(self) -> list[forms.BoundField]:
        return [self[f"{purpose}_conditions"] for purpose in PURPOSES]

    def has_conditions(self) -> bool:
        """Whether they must stand open: somebody wrote some, or wrote too much."""
        return any(field.value() or field.errors for field in self.conditions())

    def circumstances(self) -> list[forms.BoundField]:
        return [self[name] for name in ("on", "mode", "language", "explained_by", "expires")]

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(_("Consent cannot be dated in the future."), code="future")
        if not is_valid(Consent(REQUIRED_PURPOSE, "GIVEN", on)):
            raise forms.ValidationError(
                _("Consent lasts 24 months. This one has ended: ask again first."), code="ended"
            )
        return on

    def clean(self) -> None:
        super().clean()
        on, expires = self.cleaned_data.get("on"), self.cleaned_data.get("expires")
        if on and expires and not timezone.localdate() <= expires <= months_after(on, VALID):
            text = _(
                "Consent ends between today and 24 months after the answers. Leave it empty for 24 months."
            )
            self.add_error("expires", forms.ValidationError(text, code="expires"))

    def knows(self, person: Person) -> bool:
        """Where the answers stand in the case alone, its revision says the same."""
        return not person.consent_key or self.cleaned_data["known"] == len(person.consents)

    @staticmethod
    def brought_up_to(person: Person, typed: QueryDict) -> QueryDict:
        """What was typed, except where the person has withdrawn."""
        data = typed.copy()
        data["known"] = str(len(person.consents))
        for purpose in PURPOSES:
            answer = person.consent_for(purpose)
            if answer is not None and answer.state == "WITHDRAWN":
                data[purpose] = answer.state
        return data

    def fits(self, person: Person, event: Moment | None) -> bool:
        """Whether these answers can be this person's about this event; otherwise the form says why not. Asked last: both may
        stand in the same request."""
        on, mode = self.cleaned_data.get("on"), self.cleaned_data.get("mode")
        if event and on and on < event.earliest.date():
            text = _(
                "This is before the event. Nobody can agree to it before it happened: correct one of the dates."
            )
            self.add_error("on", forms.ValidationError(text, code="before"))
        self._follows(person, on)
        given = any(self.cleaned_data.get(purpose) == "GIVEN" for purpose in PURPOSES)
        if given and needs_guardian(person) and mode != GUARDIAN:
            text = _(
                "For a child under 14, or a minor whose age is not known, a parent or guardian consents. Ask them, and choose "
                "that it was given by them."
            )
            self.add_error("mode", forms.ValidationError(text, code="guardian"))
        return not self.errors

    def _follows(self, person: Person, on: dt.date | None) -> None:
        for purpose in PURPOSES:
            before = [c.on for c in person.consents if c.purpose == purpose and c.state in NOES and c.on]
            if on and self.cleaned_data.get(purpose) == "GIVEN" and on < max(before, default=on):
                text = _(
                    "The person has said no since then. Only an answer given afterwards can change that."
                )
                self.add_error(purpose, forms.ValidationError(text, code="overtaken"))

    def answers(self) -> list[Consent]:
        """What changed, in the order of the purposes; unchanged answers keep their own date and wording."""
        version = wordings.current()
        return [self._answer(purpose, version) for purpose in PURPOSES if self._is_news(purpose)]

    def _answer(self, purpose: str, version: str) -> Consent:
        data = self.cleaned_data
        return Consent(
            purpose,
            data[purpose],
            data["on"],
            data["mode"],
            data["language"],
            version,
            expires=data["expires"],
            explained_by=data["explained_by"],
            conditions=data[f"{purpose}_conditions"],
        )

    def _is_news(self, purpose: str) -> bool:
        before, state = self._before(purpose), self.cleaned_data[purpose]
        if before is None:
            return True
        if (before.state, before.conditions) != (state, self.cleaned_data[f"{purpose}_conditions"]):
            return True
        return state == "GIVEN" and self._given_again(before)

    def _given_again(self, before: Consent) -> bool:
        asked_later = before.on is not None and self.cleaned_data["on"] > before.on
        other_end = self.cleaned_data["expires"] not in (None, before.expires)
        by_guardian = self.cleaned_data["mode"] == GUARDIAN != before.mode
        return asked_later or other_end or by_guardian or expiry(before) < timezone.localdate()


class ReceiptForm(forms.Form):
    """In which of the five languages the receipt is."""

    language = forms.ChoiceField(label=_("Language of the receipt"), choices=list(NATIVE_NAMES.items()))


class SamePersonForm(forms.Form):
    reference = Words(label=_("Reference of the other case"), required=True, max_length=80)
    alias = Words(label=_("Alias of the person there"), required=True, max_length=80)


class FirstConsentForm(ConsentForm):
    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get(REQUIRED_PURPOSE) != "GIVEN":
            text = _("Without consent to keep it, the story is not written down. Nothing was kept.")
            self.add_error(REQUIRED_PURPOSE, forms.ValidationError(text, code="missing"))
