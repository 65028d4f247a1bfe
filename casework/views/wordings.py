"""The text that is read aloud before anybody is asked: coordinators write new versions, and no old one ever changes."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.sessions import SignedInRequest
from casework import vocabulary, wordings
from casework.forms.wordings import NAMES, WordingForm
from casework.views.audience import coordinators_only
from casework.vocabulary.wording import LANGUAGES, NATIVE_NAMES, RIGHT_TO_LEFT, Passage


@coordinators_only
def wording_list(request: SignedInRequest) -> HttpResponse:
    context = {"versions": wordings.versions(), "current": wordings.current()}
    return render(request, "casework/wordings/list.html", context)


@coordinators_only
def wording_version(request: SignedInRequest, number: int) -> HttpResponse:
    passages = wordings.script(str(number))
    if not passages:
        raise Http404
    context = {"number": str(number), "current": wordings.current(), "languages": _columns(passages)}
    return render(request, "casework/wordings/version.html", context)


def _columns(passages: tuple[Passage, ...]) -> list[dict[str, Any]]:
    return [
        {
            "code": language,
            "name": NAMES[language],
            "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
            "texts": [passage.text(language) for passage in passages],
        }
        for language in LANGUAGES
    ]


@coordinators_only
def wording_add(request: SignedInRequest) -> HttpResponse:
    before = wordings.current()
    data = request.POST if request.method == "POST" else None
    form = WordingForm(data, passages=wordings.script(before))
    if data is not None and form.is_valid():
        kept = _keep(request, form)
        if kept is not None:
            return kept
    groups = [{**group, "name": _passage_name(group["passage"])} for group in form.groups()]
    status = 422 if data is not None else 200
    context = {"form": form, "groups": groups, "before": before}
    return render(request, "casework/wordings/add.html", context, status=status)


def _keep(request: SignedInRequest, form: WordingForm) -> HttpResponse | None:
    try:
        number = wordings.keep(request.user, form.texts())
    except wordings.Unchanged:
        form.add_error(None, _("Nothing was kept: this is, word for word, the version that is read already."))
        return None
    except IntegrityError:
        text = _(
            "Somebody else kept a version at the same moment. Yours was not kept; look at theirs, then send yours again."
        )
        form.add_error(None, text)
        return None
    messages.success(
        request,
        _("Version %(number)s is read from now on. Earlier answers keep their own.") % {"number": number},
    )
    return redirect("wording-version", number)


def _passage_name(passage: Passage) -> str:
    known = {
        "WHO": _("Who we are"),
        "STORED": _("What is kept"),
        "READERS": _("Who can read it"),
        "RISKS": _("The risks"),
        "FREE": _("Freedom to refuse"),
        "WITHDRAW": _("How to withdraw"),
        "CANNOT_UNDO": _("What cannot be undone"),
        "EXPIRY": _("How long it lasts"),
        "LANGUAGE": _("Language and interpreter"),
        "READ_BACK": _("Reading back"),
    }
    return known.get(passage.code) or vocabulary.label("purpose", passage.code, get_language() or "fr")


def scripts(first: str = "") -> list[dict[str, Any]]:
    """The text that is read now, once in each language it is written in, the person's own or the reader's first."""
    passages, reader = wordings.script(wordings.current()), (get_language() or "fr")[:2]
    order = sorted(LANGUAGES, key=lambda language: (language != first, language != reader))
    return [
        {
            "language": language,
            "name": NATIVE_NAMES[language],
            "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
            "passages": [passage.text(language) for passage in passages],
        }
        for language in order
    ]


urlpatterns: list[URLPattern] = [
    path("wordings/", wording_list, name="wordings"),
    path("wordings/add/", wording_add, name="wording-add"),
    path("wordings/<int:number>/", wording_version, name="wording-version"),
]
