"""A person who was written into a case by mistake is taken out of it: everything that names them is shown first."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.sessions import SignedInRequest
from casework import consentrecords, mistakes, permissions, vault
from casework.forms.cases import RevisionForm, all_valid
from casework.forms.mistakes import TakeOutForm
from casework.record import CaseRecord
from casework.views.cases import save
from casework.views.differences import State, called_in, shown
from casework.views.people import person_of
from casework.views.summaries import consents_shown, person_facts
from casework.views.timeline import named, picture

FOLLOW_UP = ("dates", "interactions", "referrals")


@sensitive_variables()
@sensitive_post_parameters()
def person_remove(request: SignedInRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    person = person_of(opened.record, person_id)
    data = request.POST if request.method == "POST" else None
    base = RevisionForm(data, initial={"base": opened.revision})
    form = TakeOutForm(data, record=opened.record, person=person)
    context = {"case": opened.case, "base": base, "form": form, **_told(opened.record, person.id)}
    if form.others and data is not None and all_valid([base, form]):
        try:
            return _taken_out(request, opened, person.id, form, base)
        except consentrecords.HasReceipt:
            form.add_error(None, _has_receipt())
    return render(request, "casework/cases/person_remove.html", context, status=422 if data else 200)


def _taken_out(
    request: SignedInRequest, opened: vault.OpenCase, person_id: str, form: TakeOutForm, base: RevisionForm
) -> HttpResponse:
    mistakes.take_out(opened.record, person_id, form.cleaned_data["heir"])
    return save(request, opened, opened.record, base.cleaned_data["base"])


def _has_receipt() -> str:
    return _(
        "They were given a receipt, and what they say with it has to reach this case. Nothing was changed. "
        "If they no longer agree, write down that they withdraw."
    )


def _told(record: CaseRecord, person_id: str) -> dict[str, Any]:
    """In words, before anything goes."""
    found, person = mistakes.naming(record, person_id), record.person(person_id)
    assert person is not None
    state = State(record, called_in(record))
    return {
        "alias": person.alias or _("this person"),
        "facts": person_facts(person),
        "picture": picture(person, record.event.city),
        "consents": consents_shown(person),
        "alone": [(named("report_source", told.source), told) for told in found.alone],
        "shared": [(named("report_source", told.source), told) for told in found.shared],
        "follow_up": [shown(kind, item, state, kind) for kind in FOLLOW_UP for item in getattr(found, kind)],
    }
