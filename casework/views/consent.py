"""Asking for consent: whose, for what, in which words."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.sessions import SignedInRequest
from casework import intake, vault, wordings
from casework.forms.cases import RevisionForm, all_valid
from casework.forms.consent import ConsentForm
from casework.record import Person
from casework.views.people import person_of
from casework.views.summaries import consents_shown
from casework.views.wordings import scripts
from casework.vocabulary.wording import LANGUAGES, RIGHT_TO_LEFT


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
    form = ConsentForm(data, person=person, withdrawing=True)
    base = RevisionForm(data, initial={"base": opened.revision})
    if data is not None and all_valid([form, base]) and form.fits(person, opened.record.event.date):
        person.consents += form.answers()
        return _save_consents(request, opened, person_id, base.cleaned_data["base"])
    return _page(request, opened, person, form, base, 422 if data is not None else 200)


def _page(
    request: SignedInRequest,
    opened: vault.OpenCase,
    person: Person,
    form: ConsentForm,
    base: RevisionForm,
    status: int,
) -> HttpResponse:
    context = {"case": opened.case, "alias": person.alias, "form": form, "base": base, "person_id": person.id}
    context |= {
        "scripts": scripts(person.language),
        "answers": answers_shown(person),
        "meanwhile": status == 409,
    }
    return render(request, "casework/cases/consent.html", context, status=status)


def _save_consents(
    request: SignedInRequest, opened: vault.OpenCase, person_id: UUID, base: int
) -> HttpResponse:
    """Over a newer saving the same answers are asked for again, beside the answers as they stand now: a yes that somebody took
    back meanwhile must not come back because it was still ticked on an older page."""
    try:
        intake.save_consents(request.keyring, opened.case.pk, opened.record, base)
    except intake.SavedMeanwhile as met:
        person, now = (
            person_of(met.theirs.record, person_id),
            RevisionForm(initial={"base": met.theirs.revision}),
        )
        form = ConsentForm(request.POST, person=person, withdrawing=True)
        return _page(request, met.theirs, person, form, now, 409)
    messages.success(request, _("The answers are kept, and hold from now on."))
    return redirect("cases")


def answers_shown(person: Person) -> list[dict[str, Any]]:
    """Each answer beside the very words it was given to, in the language of the conversation."""
    return [_with_words(shown) for shown in consents_shown(person) if shown["answer"]]


def _with_words(shown: dict[str, Any]) -> dict[str, Any]:
    answer = shown["answer"]
    language = answer.language if answer.language in LANGUAGES else (get_language() or "fr")[:2]
    try:
        asked = wordings.question(answer.purpose, language, answer.wording)
    except KeyError:
        asked = ""
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    return {**shown, "asked": asked, "language": language, "direction": direction}


urlpatterns: list[URLPattern] = [
    path("cases/<uuid:case_id>/consent/", consents, name="case-consent"),
    path("cases/<uuid:case_id>/people/<uuid:person_id>/consent/", person_consent, name="person-consent"),
]
