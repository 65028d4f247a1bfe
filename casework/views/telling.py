"""What an organizer does with a passage: offers it out of an open case, reads why it came back, takes it back.

The id of a passage never stands in an address that names a case: a browser's history would hold the link that no disk holds.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts.carried import keeps_words
from accounts.sessions import SignedInRequest
from casework import consent, narrating, offering, permissions, vocabulary
from casework.forms.stories import OfferForm, StoryForm
from casework.models import Story
from casework.neverleaves import Flag
from casework.record import CaseRecord, Person
from casework.vault import OpenCase
from casework.views.timeline import named

TAGS = {
    Story.Status.OFFERED: "warning",
    Story.Status.ACCEPTED: "good",
    Story.Status.RETURNED: "danger",
}


@sensitive_variables()
def case_stories(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """What was offered of this case, and who may be told of."""
    opened = offering.open_for(request.keyring, case_id)
    context = {
        "case": opened.case,
        "may_be_told": bool(_whom(opened.record)),
        "offered": [_shown(story) for story in offering.offered(opened.record)],
    }
    return render(request, "casework/stories/case.html", context)


def _shown(story: offering.Offered) -> dict[str, Any]:
    status = Story.Status(story.row.status)
    return {
        "id": story.row.pk,
        "who": story.person.alias,
        "kind": named("story_kind", story.passage.kind),
        "texts": own_language_first(story.passage.text),
        "tag": {"label": str(status.label), "kind": TAGS[status]},
        "returned": status == Story.Status.RETURNED,
        "published": story.published,
        "reply": story.reply,
        "offered_on": story.passage.offered_on,
    }


def own_language_first(text: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(text.items(), key=lambda told: told[0] != (get_language() or "fr")[:2])


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def story_offer(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    opened = offering.open_for(request.keyring, case_id)
    whom = _whom(opened.record)
    if not whom:
        raise Http404
    again = _written_again(request, opened)
    form = OfferForm(
        request.POST if request.method == "POST" and again is None else None,
        whom=whom,
        known=offering.known_of(request.keyring, opened.record),
        initial=OfferForm.initial_of(again) if again else None,
    )
    if form.is_bound and form.is_valid():
        return _offered(request, opened, form)
    return _form_page(request, opened, form)


def _written_again(request: SignedInRequest, opened: OpenCase) -> offering.Offered | None:
    """What was sent back, to begin from."""
    wanted = StoryForm(request.POST).chosen() if "story" in request.POST else None
    return offering.one(opened.record, wanted) if wanted else None


def _offered(request: SignedInRequest, opened: OpenCase, form: OfferForm) -> HttpResponse:
    try:
        offering.offer(request.keyring, opened.case.pk, form.typed())
    except consent.ConsentMissing:
        form.add_error("whom", _("They do not agree to this any more. Nothing was kept."))
        return _form_page(request, opened, form)
    messages.success(
        request, _("Offered, sealed to the coordinators. One of them checks it before anything is published.")
    )
    return redirect("case-stories", opened.case.pk)


def _form_page(request: SignedInRequest, opened: OpenCase, form: OfferForm) -> HttpResponse:
    context = {
        "case": opened.case,
        "form": form,
        "never": [term.label(get_language() or "fr") for term in vocabulary.terms("never_leaves")],
        "conditions": _conditions(opened.record),
        "marked": [_marked(form, language) for language in form.flags if form.flags[language]],
    }
    return render(request, "casework/stories/offer.html", context, status=422 if form.is_bound else 200)


def _whom(record: CaseRecord) -> list[tuple[str, str, str]]:
    return [
        (person.id, kind, f"{person.alias} – {named('story_kind', kind)}")
        for person in record.victims()
        for kind in narrating.kinds(record, person)
    ]


def _conditions(record: CaseRecord) -> list[tuple[str, str]]:
    """What the people tied their answer to."""
    told = [(person, answer) for person in record.victims() for answer in _answers(record, person)]
    return [(person.alias, answer.conditions) for person, answer in told if answer.conditions]


def _answers(record: CaseRecord, person: Person) -> list[Any]:
    answers = (person.consent_for(kind) for kind in narrating.kinds(record, person))
    return [answer for answer in answers if answer]


def _marked(form: OfferForm, language: str) -> dict[str, Any]:
    """The text as it was sent, with what was flagged marked in it."""
    return {"language": language, "pieces": _pieces(form.sent(language), form.flags[language])}


def _pieces(text: str, flags: list[Flag]) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = []
    at = 0
    for flag in flags:
        if flag.start < at:
            continue
        pieces += [{"text": text[at : flag.start]}, {"text": text[flag.start : flag.end], "flag": flag}]
        at = flag.end
    return [*pieces, {"text": text[at:]}]


@require_POST
@sensitive_variables()
def story_take_back(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    permissions.case_for(request.user, case_id)
    wanted = StoryForm(request.POST).chosen()
    if wanted is None:
        raise Http404
    offering.take_back(request.keyring, case_id, wanted)
    messages.success(
        request, _("Taken back. It is in no release from now on, and gone from those published.")
    )
    return redirect("case-stories", case_id)


def telling_context(request: SignedInRequest, opened: OpenCase) -> dict[str, Any]:
    """For the case page. Asked only where somebody agreed to be told of."""
    agreed = bool(_whom(opened.record))
    return {"may_be_told": agreed and not permissions.partner_cases(request.user, opened.case.pk)}


urlpatterns: list[URLPattern] = [
    path("cases/<uuid:case_id>/stories/", case_stories, name="case-stories"),
    path("cases/<uuid:case_id>/stories/offer/", story_offer, name="story-offer"),
    path("cases/<uuid:case_id>/stories/take-back/", story_take_back, name="story-take-back"),
]
