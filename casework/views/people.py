"""The people of a case: added, changed, asked for their consent."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.sessions import SignedInRequest
from casework import intake, permissions, vault
from casework.forms import cases as forms
from casework.record import CaseRecord, Person, new_person
from casework.views.cases import save


def person_of(record: CaseRecord, person_id: UUID) -> Person:
    found = next((person for person in record.persons if person.id == person_id.hex), None)
    if found is None:
        raise Http404
    return found


@sensitive_variables()
@sensitive_post_parameters()
def person_add(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Another person of the same event: asked for consent before anything of theirs is written down."""
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    person = new_person("VICTIM")
    data = request.POST if request.method == "POST" else None
    consent = forms.FirstConsentForm(data, prefix="consent")
    parts = _parts(request, person)
    base = forms.RevisionForm(data, initial={"base": opened.revision})
    if data is not None and forms.all_valid([base, consent, *parts.values()]):
        _fill(person, parts)
        person.consents = consent.answers()
        opened.record.persons.append(person)
        return save(request, opened, opened.record, base.cleaned_data["base"])
    context = {"case": opened.case, "base": base, "consent": consent, **parts}
    return render(request, "casework/cases/person.html", context, status=_status(request))


@sensitive_variables()
@sensitive_post_parameters()
def person_change(request: SignedInRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    person = person_of(opened.record, person_id)
    parts = _parts(request, person)
    base = forms.RevisionForm(request.POST or None, initial={"base": opened.revision})
    if request.method == "POST" and forms.all_valid([base, *parts.values()]):
        _fill(person, parts)
        return save(request, opened, opened.record, base.cleaned_data["base"])
    context = {"case": opened.case, "base": base, "alias": person.alias, **parts}
    return render(request, "casework/cases/person.html", context, status=_status(request))


def _parts(request: SignedInRequest, person: Person) -> dict[str, Any]:
    data = request.POST if request.method == "POST" else None
    return {
        "person": forms.PersonForm(data, prefix="person", initial=forms.PersonForm.initial_of(person)),
        "steps": forms.StepFormSet(data, prefix="steps", initial=forms.initial_rows(person.steps)),
    }


def _fill(person: Person, parts: dict[str, Any]) -> None:
    parts["person"].fill(person)
    person.steps = forms.steps_of(parts["steps"])


def _status(request: SignedInRequest) -> int:
    return 422 if request.method == "POST" else 200


@sensitive_variables()
@sensitive_post_parameters()
def consents(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Whom to ask, when there are several; works while consent has lapsed, and shows aliases only."""
    opened = vault.open_consents(request.keyring, case_id)
    people = opened.record.victims()
    if len(people) == 1:
        return redirect("person-consent", case_id, UUID(people[0].id))
    people_shown = [(UUID(person.id), person.alias) for person in people]
    return render(request, "casework/cases/consents.html", {"case": opened.case, "people": people_shown})


@sensitive_variables()
@sensitive_post_parameters()
def person_consent(request: SignedInRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    opened = vault.open_consents(request.keyring, case_id)
    person = person_of(opened.record, person_id)
    data = request.POST if request.method == "POST" else None
    form = forms.ConsentForm(data, person=person, withdrawing=True)
    base = forms.RevisionForm(data, initial={"base": opened.revision})
    if data is not None and forms.all_valid([form, base]):
        person.consents += form.answers()
        return _save_consents(request, opened, base.cleaned_data["base"])
    context = {"case": opened.case, "alias": person.alias, "form": form, "base": base}
    return render(request, "casework/cases/consent.html", context, status=_status(request))


def _save_consents(request: SignedInRequest, opened: vault.OpenCase, base: int) -> HttpResponse:
    try:
        intake.save_consents(request.keyring, opened.case.pk, opened.record, base)
    except intake.SavedMeanwhile:
        return render(request, "casework/cases/saved_meanwhile.html", {"case": opened.case}, status=409)
    messages.success(request, _("The answers are kept, and hold from now on."))
    return redirect("cases")
