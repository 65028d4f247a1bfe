"""Before a release is drafted: a question in plain words, what it would cost, and coarser ones side by side."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts.sessions import SignedInRequest
from casework import coarser, estimates, facts, releases
from casework.estimates import Answer, Choice, Shares
from casework.forms.asking import UNTITLED, DraftForm, PresetForm, filled_from, filled_with
from casework.models import Estimate
from casework.presets import preset, titled
from casework.questions import DEFAULT_THRESHOLD, BadSpecification, Period, Specification
from casework.refusals import explain
from casework.views.audience import coordinators_only
from casework.views.jobs import progress_of


def language() -> str:
    return (get_language() or "fr")[:2]


# The question


@coordinators_only
def draft(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return _form_page(request, *_begun(request))
    form = DraftForm(request.POST)
    if form.is_valid():
        try:
            release = releases.request_draft(request.user, form.question())
        except BadSpecification as bad:
            form.show(bad)
        else:
            return redirect("release", release_id=release.pk)
    return _form_page(request, form, status=422)


def _begun(request: SignedInRequest) -> tuple[DraftForm, Specification | None]:
    """From a question in plain words, or from one that was estimated; empty otherwise."""
    if "from" in request.GET:
        return DraftForm(initial=filled_from(_estimated(request))), None
    chosen = PresetForm(request.GET)
    if not chosen.is_valid():
        return DraftForm(), None
    audience, ask = chosen.cleaned_data["audience"], chosen.cleaned_data["ask"]
    filled = filled_with(preset(audience, ask, timezone.localdate().year, DEFAULT_THRESHOLD))
    beside = _published_beside(filled)
    if beside is not None:
        filled |= _as_in(beside)
        title = titled(ask, filled["first_year"], filled["last_year"])
        filled |= {"title_fr": title.fr, "title_en": title.en}
    return DraftForm(initial=filled), beside


def _estimated(request: SignedInRequest) -> Specification:
    try:
        estimate_id = UUID(request.GET["from"])
    except ValueError:
        estimate_id = UUID(int=0)
    return estimates.question_of(estimates.estimate_for(request.user, estimate_id))


def _published_beside(filled: dict[str, Any]) -> Specification | None:
    """The newest release that counts some of the same people: only its own period and levels can stand beside it."""
    period = Period(f"{filled['first_year']}-01", f"{filled['last_year']}-12")
    questions = map(releases.question_of, releases.known())
    return next((q for q in questions if q.unit == filled["unit"] and q.period.overlaps(period)), None)


def _as_in(question: Specification) -> dict[str, Any]:
    kept = filled_from(question)
    names = ("first_year", "first_quarter", "last_year", "last_quarter")
    used = {fact.code for fact in question.facts}
    levels = [n for n, codes in LEVEL_FIELDS.items() if used & codes]
    return {name: kept[name] for name in (*names, *levels)}


LEVEL_FIELDS = {"time_level": {"year", "quarter"}, "place_level": {"city", "sector", "borough"}}


def _form_page(
    request: SignedInRequest, form: DraftForm, beside: Specification | None = None, status: int = 200
) -> HttpResponse:
    chosen = PresetForm(request.GET if "ask" in request.GET else None)
    context = {
        "form": form,
        "preset": chosen,
        "begun": form.is_bound or bool(form.initial),
        "beside": beside and {"title": beside.title[language()], "period": beside.period},
    }
    return render(request, "casework/releases/draft.html", context, status=status)


# The estimate


@require_POST
@coordinators_only
def estimate(request: SignedInRequest) -> HttpResponse:
    """From the form, by a button or while it is being filled; a title can wait."""
    form = DraftForm(request.POST, titled=False)
    if form.is_valid():
        try:
            asked = estimates.ask(request.user, form.question())
        except BadSpecification as bad:
            form.show(bad)
        else:
            return _live(request, asked) if _is_part(request) else redirect("release-estimated", asked.pk)
    if _is_part(request):
        words = [str(word) for errors in form.errors.values() for word in errors]
        return render(request, "casework/releases/estimate_live.html", {"wrong": words})
    return _form_page(request, form, status=422)


def _is_part(request: SignedInRequest) -> bool:
    """Asked by the form itself, which shows the answer in its place."""
    return "HX-Request" in request.headers


@require_POST
@coordinators_only
def estimate_of(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    """Coarser questions beside the one of a draft."""
    release = releases.release_for(request.user, release_id)
    try:
        asked = estimates.ask(request.user, releases.question_of(release).plain())
    except BadSpecification:
        return redirect("release", release_id)
    return redirect("release-estimated", asked.pk)


@require_GET
@coordinators_only
@sensitive_variables()
def estimated(request: SignedInRequest, estimate_id: UUID) -> HttpResponse:
    asked = estimates.estimate_for(request.user, estimate_id)
    answer = estimates.open_answer(request.keyring, asked)
    question = estimates.question_of(asked)
    title = question.title[language()]
    context = {
        "asked": asked,
        "question": question,
        "title": "" if title == UNTITLED else title,
        "untitled": UNTITLED in question.title.values(),
        "progress": None if answer else _progress(asked),
        "tables_asked": [table_words(table) for table in question.tables],
        "merged": [_merged_words(fact, codes) for fact, codes in question.merged.items()],
        **_answer_shown(answer),
    }
    return render(request, "casework/releases/estimate.html", context)


def _answer_shown(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {}
    return {
        "answer": answer,
        "refusal": explain(answer.refusal) if answer.refusal else None,
        "asked_shares": _shares_shown(answer.shares),
        "choices": [_choice_shown(number, choice) for number, choice in enumerate(answer.choices)],
    }


def _shares_shown(shares: Shares) -> dict[str, Any]:
    return {"words": share_words(shares), "published": shares.published, "cells": shares.cells}


def _choice_shown(number: int, choice: Choice) -> dict[str, Any]:
    return {
        "number": number,
        "words": choice_words(choice),
        "merge": [category_words(choice.fact, code) for code in choice.into]
        if choice.kind == coarser.MERGE
        else [],
        "shares": _shares_shown(choice.shares),
    }


def _progress(asked: Estimate, name: str = "release-estimate-progress") -> dict[str, Any] | None:
    return progress_of(asked.job, reverse(name, args=[asked.pk])) if asked.job else None


@require_GET
@coordinators_only
def estimate_progress(request: SignedInRequest, estimate_id: UUID) -> HttpResponse:
    asked = estimates.estimate_for(request.user, estimate_id)
    progress = _progress(asked)
    if asked.answer_ciphertext is not None or progress is None or progress["failed"]:
        return HttpResponseClientRefresh()
    return render(request, "parts/progress.html", {"progress": progress})


@require_GET
@coordinators_only
@sensitive_variables()
def estimate_live(request: SignedInRequest, estimate_id: UUID) -> HttpResponse:
    return _live(request, estimates.estimate_for(request.user, estimate_id))


@sensitive_variables()
def _live(request: SignedInRequest, asked: Estimate) -> HttpResponse:
    """The part of the form that says what it would cost, and asks again while the worker counts."""
    answer = estimates.open_answer(request.keyring, asked)
    progress = None if answer else _progress(asked, "release-estimate-live")
    context = {"asked": asked, "progress": progress, **_answer_shown(answer)}
    return render(request, "casework/releases/estimate_live.html", context)


@require_POST
@coordinators_only
@sensitive_variables()
def choose(request: SignedInRequest, estimate_id: UUID) -> HttpResponse:
    """One of the coarser questions, as the next to look at."""
    answer = estimates.open_answer(request.keyring, estimates.estimate_for(request.user, estimate_id))
    wanted = request.POST.get("choice", "")
    offered = {str(number): choice.question for number, choice in enumerate(answer.choices if answer else [])}
    if wanted not in offered:
        return redirect("release-estimated", estimate_id)
    try:
        asked = estimates.ask(request.user, offered[wanted].plain())
    except BadSpecification:
        return redirect("release-estimated", estimate_id)
    return redirect("release-estimated", asked.pk)


@require_POST
@coordinators_only
def draft_estimated(request: SignedInRequest, estimate_id: UUID) -> HttpResponse:
    """The question as it was estimated."""
    asked = estimates.estimate_for(request.user, estimate_id)
    again = redirect(f"{reverse('release-draft')}?from={asked.pk}")
    if UNTITLED in estimates.question_of(asked).title.values():
        return again
    try:
        release = releases.request_draft(request.user, asked.specification)
    except BadSpecification:
        return again
    return redirect("release", release_id=release.pk)


# Words


def share_words(shares: Shares) -> str:
    """An estimate is said as one: nobody should take it for a figure."""
    return [
        _("Next to nothing would be suppressed"),
        _("About a tenth would be suppressed"),
        _("About a quarter would be suppressed"),
        _("About a third would be suppressed"),
        _("About half would be suppressed"),
        _("About two thirds would be suppressed"),
        _("About three quarters would be suppressed"),
        _("Nearly everything would be suppressed"),
    ][shares.step]


def choice_words(choice: Choice) -> str:
    fact = facts.FACTS[choice.fact].label.text(language())
    if choice.kind == coarser.LEVEL:
        into = facts.FACTS[choice.into[0]].label.text(language())
        return _("“%(into)s” instead of “%(fact)s”") % {"into": into, "fact": fact}
    if choice.kind == coarser.MERGE:
        return _("In “%(fact)s”, count the small categories as one") % {"fact": fact}
    return _("“%(fact)s” by itself, no longer crossed with anything") % {"fact": fact}


def table_words(table: list[str]) -> str:
    return " × ".join(facts.FACTS[code].label.text(language()) for code in table)


def category_words(fact_code: str, category: str) -> str:
    if category in (facts.TOTAL, facts.NOT_RECORDED):
        return facts.label_of(fact_code, category, {}).text(language())
    return facts.category_label(fact_code, category).text(language())


def _merged_words(fact: str, codes: list[str]) -> str:
    words = " + ".join(category_words(fact, code) for code in codes)
    return _("%(fact)s: %(categories)s") % {"fact": table_words([fact]), "categories": words}


urlpatterns: list[URLPattern] = [
    path("releases/draft/", draft, name="release-draft"),
    path("releases/estimate/", estimate, name="release-estimate"),
    path("releases/<uuid:release_id>/estimate/", estimate_of, name="release-estimate-of"),
    path("releases/estimates/<uuid:estimate_id>/", estimated, name="release-estimated"),
    path(
        "releases/estimates/<uuid:estimate_id>/progress/", estimate_progress, name="release-estimate-progress"
    ),
    path("releases/estimates/<uuid:estimate_id>/live/", estimate_live, name="release-estimate-live"),
    path("releases/estimates/<uuid:estimate_id>/choose/", choose, name="release-estimate-choose"),
    path("releases/estimates/<uuid:estimate_id>/draft/", draft_estimated, name="release-estimate-draft"),
]
