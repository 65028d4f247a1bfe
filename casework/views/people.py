"""The people of a case: added, changed, asked for their consent."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.carried import keeps_words
from accounts.sessions import SignedInRequest
from casework import consent as consents
from casework import permissions, vault
from casework.forms import cases as forms
from casework.forms.consent import FirstConsentForm
from casework.forms.safety import NextForm, SafetyForm, initial_of, safety_of
from casework.record import CaseRecord, Person, new_person
from casework.views.cases import save


def person_of(record: CaseRecord, person_id: UUID) -> Person:
    found = next((person for person in record.persons if person.id == person_id.hex), None)
    if found is None:
        raise Http404
    return found


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def person_add(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Another person of the same event: asked for consent before anything of theirs is written down."""
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    person = new_person("VICTIM")
    data = request.POST if request.method == "POST" else None
    consent = FirstConsentForm(data, prefix="consent")
    parts = _parts(request, person)
    base = forms.RevisionForm(data, initial={"base": opened.revision})
    if data is not None and forms.all_valid([base, consent, *parts.values()]):
        _fill(person, parts)
        if consent.fits(person, opened.record.event.date):
            person.consents = consent.answers()
            opened.record.persons.append(person)
            return save(request, opened, opened.record, base.cleaned_data["base"])
    context = {"case": opened.case, "base": base, "consent": consent, **parts}
    return render(request, "casework/cases/person.html", context, status=_status(request))


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def person_change(request: SignedInRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    person = person_of(opened.record, person_id)
    parts = _parts(request, person)
    base = forms.RevisionForm(request.POST or None, initial={"base": opened.revision})
    if request.method == "POST" and forms.all_valid([base, *parts.values()]):
        _fill(person, parts)
        if _still_agrees(person, parts["person"]):
            return save(request, opened, opened.record, base.cleaned_data["base"])
    context = {"case": opened.case, "base": base, "alias": person.alias, "person_id": person_id, **parts}
    return render(request, "casework/cases/person.html", context, status=_status(request))


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def person_safety(request: SignedInRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    """What cannot wait changes with every call: a page of its own, short enough to be filled in while on the telephone."""
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    person = person_of(opened.record, person_id)
    data, before = request.POST if request.method == "POST" else None, initial_of(person.safety)
    safety = SafetyForm(data, prefix="safety", initial=before)
    following = NextForm(data, prefix="next", initial=before)
    base = forms.RevisionForm(data, initial={"base": opened.revision})
    if data is not None and forms.all_valid([base, safety, following]):
        person.safety = safety_of(safety, following)
        return save(request, opened, opened.record, base.cleaned_data["base"])
    context = {"case": opened.case, "base": base, "alias": person.alias, "safety": safety, "next": following}
    context["may_contact"] = consents.may(person, "CONTACT")
    return render(request, "casework/cases/safety.html", context, status=_status(request))


def _parts(request: SignedInRequest, person: Person) -> dict[str, Any]:
    data = request.POST if request.method == "POST" else None
    return {
        "person": forms.PersonForm(data, prefix="person", initial=forms.PersonForm.initial_of(person)),
        "steps": forms.StepFormSet(data, prefix="steps", initial=forms.initial_rows(person.steps)),
    }


def _fill(person: Person, parts: dict[str, Any]) -> None:
    parts["person"].fill(person)
    person.steps = forms.steps_of(parts["steps"])


def _still_agrees(person: Person, form: forms.PersonForm) -> bool:
    """Saving somebody as a child who consented alone would close the file, and lose what was typed."""
    if "VICTIM" in person.roles and not consents.may(person, "STORE"):
        form.add_error(
            "age_band",
            _(
                "For a child under 14, or a minor whose age is not known, a parent or guardian consents. Write their answer down "
                "first, on the page about consent. Nothing was changed."
            ),
        )
    return form.is_valid()


def _status(request: SignedInRequest) -> int:
    return 422 if request.method == "POST" else 200
