"""One case, a new case, a changed case."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts import sudo
from accounts.carried import keeps_words
from accounts.days import date_format
from accounts.sessions import SignedInRequest
from casework import intake, permissions, sharing, vault
from casework.forms import cases as forms
from casework.forms.sharing import GrantForm
from casework.forms.statements import StatementFormSet, statements_of
from casework.record import CaseRecord, Person
from casework.views import meanwhile
from casework.views.denials import denials_context
from casework.views.duties import followup_context
from casework.views.erasures import erasure_context
from casework.views.evidence import evidence_context
from casework.views.exporting import exports_context
from casework.views.notices import notices_context
from casework.views.statements import statements_context, told_of
from casework.views.summaries import (
    case_facts,
    case_state,
    case_summary,
    consents_shown,
    person_facts,
    urgent,
)
from casework.views.telling import telling_context
from casework.views.timeline import named, picture


@sensitive_variables()
def case_detail(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    opened = vault.open_case(request.keyring, case_id)
    record, may = opened.record, permissions.allowed(request.user, case_id)
    context = {
        **record_context(request, opened),
        "may_change": permissions.CHANGE in may,
        "may_share": permissions.SHARE in may,
        "may_export": permissions.EXPORT in may,
        "saved_on": record.saved.at if record.saved else None,
        **evidence_context(request, opened),
        **exports_context(request, opened),
        **telling_context(request, opened),
        **access_context(request, opened.case, may_share=permissions.SHARE in may),
        **erasure_context(request, opened),
        **notices_context(request, opened),
    }
    context["due"] = [*context["due_by_withdrawal"], *context["due"]]
    return render(request, "casework/cases/detail.html", context)


def record_context(request: SignedInRequest, opened: vault.OpenCase) -> dict[str, Any]:
    """What the page says of the record alone."""
    record = opened.record
    return {
        "case": opened.case,
        "record": record,
        "revision": opened.revision,
        "summary": case_summary(record),
        "state": case_state(record),
        "urgent": urgent(record),
        "facts": case_facts(record),
        "people": [_person_shown(record, person) for person in record.persons],
        **denials_context(record),
        "officers": [(named("police_service", officer.service), officer) for officer in record.officers],
        **statements_context(record),
        **followup_context(request, opened),
    }


def _person_shown(record: CaseRecord, person: Person) -> dict[str, Any]:
    return {
        "id": UUID(person.id),
        "person": person,
        "roles": ", ".join(named("role", role) for role in person.roles),
        "facts": person_facts(person),
        "picture": picture(person, record.event.city),
        "consents": consents_shown(person),
        "told_by": told_of(record, person.id),
    }


def access_context(
    request: SignedInRequest, case: Any, form: GrantForm | None = None, *, may_share: bool
) -> dict[str, Any]:
    access = [{"name": case.team.name, "team": True, "why": _("the team that keeps the case"), "you": False}]
    for granted in sharing.granted(case):
        entry = {
            "name": granted.name,
            "id": granted.id,
            "team": granted.is_team,
            "you": granted.id == request.user.pk,
            "why": _how(granted),
        }
        if may_share:
            entry["revoke_url"] = reverse("case-revoke", args=[case.pk])
        access.append(entry)
    return {"access": access, **(_granting(request, case, form) if may_share else {})}


def _granting(request: SignedInRequest, case: Any, form: GrantForm | None) -> dict[str, Any]:
    """Asked again before anything is typed: what is typed does not outlast the question."""
    if form is None and not sudo.is_fresh(request):
        return {"prove_url": sudo.prove_address(reverse("case", args=[case.pk]) + "#access")}
    return {"grant_form": form or GrantForm(), "grant_url": reverse("case-grant", args=[case.pk])}


def _how(granted: sharing.Granted) -> str:
    what = _("may read and change") if granted.may_change else _("may read")
    if granted.may_export:
        what = _("%(what)s, may make copies") % {"what": what}
    if granted.expires_on is None:
        return what
    return _("%(what)s, until %(day)s") % {"what": what, "day": date_format(granted.expires_on)}


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def case_change(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    parts = _changed_parts(request, opened.record)
    base = forms.RevisionForm(request.POST or None, initial={"base": opened.revision})
    if request.method == "POST" and forms.all_valid([base, *parts.values()]):
        return save(request, opened, _changed_record(opened.record, parts), base.cleaned_data["base"])
    context = {"case": opened.case, "base": base, **parts}
    return render(
        request, "casework/cases/change.html", context, status=422 if request.method == "POST" else 200
    )


def save(request: SignedInRequest, opened: vault.OpenCase, record: CaseRecord, base: int) -> HttpResponse:
    """`base`: the revision the person began from. Whoever comes second is shown both versions, and nothing is lost."""
    try:
        intake.save_case(request.keyring, opened.case.pk, record, base)
    except intake.SavedMeanwhile as met:
        return meanwhile.answer(request, met.theirs, record, base)
    messages.success(request, _("Saved as a new revision."))
    return redirect("case", opened.case.pk)


def _changed_parts(request: SignedInRequest, record: CaseRecord) -> dict[str, Any]:
    data = request.POST if request.method == "POST" else None
    return {
        "event": forms.EventForm(data, prefix="event", initial=forms.EventForm.initial_of(record)),
        "assessment": forms.AssessmentForm(
            data, prefix="assessment", initial={"verification": record.verification}
        ),
        "statements": StatementFormSet(
            data,
            prefix="statements",
            initial=forms.initial_rows(record.statements),
            form_kwargs={"record": record},
        ),
        "denials": forms.DenialFormSet(data, prefix="denials", initial=forms.initial_rows(record.denials)),
        "officers": forms.OfficerFormSet(
            data, prefix="officers", initial=forms.initial_rows(record.officers)
        ),
    }


def _changed_record(record: CaseRecord, parts: dict[str, Any]) -> CaseRecord:
    record.reference = parts["event"].cleaned_data["reference"]
    record.event = parts["event"].event()
    record.verification = parts["assessment"].cleaned_data["verification"]
    record.statements = statements_of(parts["statements"], record.statements)
    record.denials = forms.denials_of(parts["denials"])
    record.officers = forms.officers_of(parts["officers"])
    return record
