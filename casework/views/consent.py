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
    event = opened.record.event.date
    if data is not None and all_valid([form, base]) and form.fits(person, event):
        person.consents += form.answers()
        return _save_consents(request, opened, base.cleaned_data["base"])
    context = {"case": opened.case, "alias": person.alias, "form": form, "base": base}
    context |= {"person_id": person_id, "scripts": scripts(person.language), "answers": answers_shown(person)}
    return render(request, "casework/cases/consent.html", context, status=422 if data is not None else 200)


def _save_consents(request: SignedInRequest, opened: vault.OpenCase, base: int) -> HttpResponse:
    try:
        intake.save_consents(request.keyring, opened.case.pk, opened.record, base)
    except intake.SavedMeanwhile:
        return render(request, "casework/cases/saved_meanwhile.html", {"case": opened.case}, status=409)
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
