"""Erasing a case, taking that back while there is time, keeping one as evidence, and what remains of those that are gone."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from accounts import teams
from accounts.carried import keeps_words
from accounts.crypto.sealed import SealBroken
from accounts.days import date_format
from accounts.models import User
from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_to_post, requires_fresh_factor
from casework import certificates, erasing, erasureorders, holding, permissions, vault
from casework.forms.erasures import EraseForm, HoldForm
from casework.models import ErasedCase, Rule, ScheduledErasure
from casework.views.audience import coordinators_only, only

staff_only = only(lambda user: teams.is_organizer(user) or teams.is_coordinator(user))


# On the case


@sensitive_variables()
def erasure_context(request: SignedInRequest, opened: vault.OpenCase) -> dict[str, Any]:
    """The section of the case page: until when the file is kept, and what changes that."""
    ordered = ScheduledErasure.objects.filter(case=opened.case).first()
    return {
        "erase_after": opened.case.erase_after,
        "ordered": ordered,
        "ordered_rule": Rule(ordered.rule).label if ordered else "",
        "hold": _hold_shown(request, opened),
    }


def _hold_shown(request: SignedInRequest, opened: vault.OpenCase) -> dict[str, Any] | None:
    found = holding.standing(request.keyring, opened.case)
    if found is None:
        return None
    hold, reason = found
    people = [reason.asked_by, *([reason.agreed_by] if reason.agreed_by else [])]
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "username"))
    return {
        "until": hold.until,
        "agreed": hold.agreed,
        "words": reason.words,
        "asked_by": names.get(reason.asked_by, ""),
        "agreed_by": names.get(reason.agreed_by, "") if reason.agreed_by else "",
        "yours": reason.asked_by == request.user.pk,
    }


@fresh_factor_to_post
@sensitive_variables()
@sensitive_post_parameters()
def case_erase(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """What it means, first; then the reference typed, and who they are proved once more."""
    case = permissions.case_for(request.user, case_id, permissions.SHARE)
    expected = _reference(request, case_id)
    form = EraseForm(request.POST or None, expected=expected)
    if request.method == "POST" and form.is_valid():
        answer = _erased(request, case_id, form)
        if answer is not None:
            return answer
    context = {"case": case, "form": form, "held_until": erasing.held_until(case_id)}
    return render(request, "casework/erasures/erase.html", context, status=422 if form.is_bound else 200)


@sensitive_variables()
def _reference(request: SignedInRequest, case_id: UUID) -> str | None:
    """None for a case that no longer opens: it can be erased all the same."""
    try:
        return vault.open_consents(request.keyring, case_id, permissions.SHARE).record.reference
    except SealBroken:
        return None


def _erased(request: SignedInRequest, case_id: UUID, form: EraseForm) -> HttpResponse | None:
    """None when a hold stands in the way, which the form then says."""
    day = form.day()
    if day is not None:
        ordered = erasureorders.erase_on(request.keyring, case_id, day, form.rule())
        messages.success(
            request,
            _("The case will be erased on %(day)s. Its people are no longer counted.")
            % {"day": date_format(ordered.on)},
        )
        return redirect("case", case_id)
    try:
        erased = erasureorders.erase_now(request.keyring, case_id, form.rule())
    except erasing.UnderHold as held:
        said = _("A legal hold keeps this case until %(day)s. Nothing was erased.")
        form.add_error(None, said % {"day": date_format(held.until)})
        return None
    messages.success(request, _("The case is erased."))
    return redirect("erased-case", erased.number)


@require_POST
@sensitive_variables()
def case_keep(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The order to erase is taken back."""
    try:
        taken_back = erasureorders.take_back(request.keyring, case_id)
    except erasureorders.TheirsToTakeBack:
        messages.error(
            request,
            _(
                "The person withdrew. Ask for their consent and write it down; then this can be taken back. Nothing was changed."
            ),
        )
    else:
        said = (
            _("The case is not erased. Whoever agreed is counted again.")
            if taken_back
            else _("Nothing was ordered.")
        )
        messages.success(request, said)
    return redirect("case", case_id)


# Held


@keeps_words
@fresh_factor_to_post
@sensitive_variables()
@sensitive_post_parameters()
def case_hold(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = permissions.case_for(request.user, case_id, permissions.CHANGE)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        holding.ask(request.keyring, case_id, form.cleaned_data["words"], form.cleaned_data["until"])
        messages.success(
            request, _("Asked. It holds as soon as a second person who may change this case agrees.")
        )
        return redirect("case", case_id)
    context = {"case": case, "form": form}
    return render(request, "casework/erasures/hold.html", context, status=422 if form.is_bound else 200)


@require_POST
def case_hold_agree(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    permissions.case_for(request.user, case_id, permissions.CHANGE)
    refused = requires_fresh_factor(request)
    if refused:
        return refused
    try:
        holding.agree(request.keyring, case_id)
    except holding.SamePerson:
        messages.error(
            request, _("You asked for this hold: somebody else has to agree. Nothing was changed.")
        )
    except holding.NothingToAgree:
        messages.error(request, _("No hold waits for somebody to agree. Nothing was changed."))
    else:
        messages.success(request, _("The hold stands: nothing erases this case before it ends."))
    return redirect("case", case_id)


@require_POST
def case_hold_lift(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    permissions.case_for(request.user, case_id, permissions.CHANGE)
    refused = requires_fresh_factor(request)
    if refused:
        return refused
    gone = holding.lift(request.keyring, case_id)
    messages.success(request, _("The hold is lifted.") if gone else _("There was no hold."))
    return redirect("case", case_id)


# What remains


def _erased_case(number: str) -> ErasedCase:
    found = ErasedCase.objects.filter(number=number).first()
    if found is None:
        raise Http404
    return found


@staff_only
@require_GET
def erased_case(request: SignedInRequest, number: str) -> HttpResponse:
    erased = _erased_case(number)
    context = {
        "erased": erased,
        "facts": certificates.facts(erased),
        "went": certificates.what_went(),
        "remains": certificates.what_remains(erased),
    }
    return render(request, "casework/erasures/erased.html", context)


@staff_only
@require_GET
def erasure_certificate(request: SignedInRequest, number: str) -> HttpResponse:
    made = certificates.certificate(_erased_case(number), get_language() or "fr")
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return answer


@coordinators_only
@require_GET
def erased_cases(request: SignedInRequest) -> HttpResponse:
    erased = [
        (row.number, row.erased_on, Rule(row.rule).label)
        for row in ErasedCase.objects.order_by("-erased_on", "number")
    ]
    return render(request, "casework/erasures/list.html", {"erased": erased})


urlpatterns = [
    path("cases/<uuid:case_id>/erase/", case_erase, name="case-erase"),
    path("cases/<uuid:case_id>/keep/", case_keep, name="case-keep"),
    path("cases/<uuid:case_id>/hold/", case_hold, name="case-hold"),
    path("cases/<uuid:case_id>/hold/agree/", case_hold_agree, name="case-hold-agree"),
    path("cases/<uuid:case_id>/hold/lift/", case_hold_lift, name="case-hold-lift"),
    path("erased/", erased_cases, name="erased-cases"),
    path("erased/<str:number>/", erased_case, name="erased-case"),
    path("erased/<str:number>/certificate.pdf", erasure_certificate, name="erasure-certificate"),
]
