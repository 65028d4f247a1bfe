"""What is done for the people of a case: the section of its page, and one small page for each act."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts import teams
from accounts.carried import keeps_words
from accounts.sessions import SignedInRequest
from casework import contacts, followup, permissions, vault, vocabulary
from casework.forms import followup as forms
from casework.intake import SavedMeanwhile
from casework.models import Case
from casework.record import CaseRecord
from casework.views.summaries import consents_shown
from casework.views.timeline import named

Act = Callable[[CaseRecord], None]


def _data(request: SignedInRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _open(request: SignedInRequest, case_id: UUID) -> vault.OpenCase:
    return vault.open_case(request.keyring, case_id, permissions.CHANGE)


def owners(case: Case) -> list[tuple[str, str]]:
    """Who may be given a task: the members of the team that keeps the case."""
    return [(user.pk.hex, user.username) for user in teams.members(case.team)]


def _page(
    request: SignedInRequest, opened: vault.OpenCase, form: Any, heading: str, **more: Any
) -> HttpResponse:
    context = {"case": opened.case, "form": form, "heading": heading, **more}
    status = 422 if request.method == "POST" else 200
    return render(request, "casework/cases/act.html", context, status=status)


def _done(
    request: SignedInRequest, case_id: UUID, act: Act, said: str, entry: str = "", **detail: str
) -> HttpResponse:
    """To the section it belongs to, or, when others were faster three times in a row, a page that says that nothing was kept."""
    try:
        followup.change(request.keyring, case_id, act, entry, **detail)
    except SavedMeanwhile:
        return render(request, "casework/cases/act_again.html", {"case_id": case_id}, status=409)
    messages.success(request, said)
    return redirect(reverse("case", args=[case_id]) + "#follow-up")


# Tasks


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def task_add(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    opened = _open(request, case_id)
    form = forms.TaskForm(_data(request), owners=owners(opened.case), initial={"owner": request.user.pk.hex})
    if form.is_valid():
        task = form.task()
        return _done(request, case_id, lambda r: followup.put(r.tasks, task), _("The task is kept."))
    return _page(request, opened, form, _("Add a task"))


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def task_change(request: SignedInRequest, case_id: UUID, task_id: UUID) -> HttpResponse:
    opened = _open(request, case_id)
    task = followup.item_of(opened.record.tasks, task_id)
    if "remove" in request.POST:
        return _done(request, case_id, lambda r: followup.take_out(r.tasks, task_id), _("The task is gone."))
    form = forms.TaskForm(_data(request), owners=owners(opened.case), initial=forms.initial_of(task))
    if form.is_valid():
        return _done(request, case_id, lambda r: _replace_task(r, task_id, form), _("The task is kept."))
    return _page(request, opened, form, _("Change a task"), removable=True)


def _replace_task(record: CaseRecord, task_id: UUID, form: forms.TaskForm) -> None:
    """Whether it is done is read from the case as it is now: somebody may have ticked it meanwhile."""
    followup.put(record.tasks, form.task(followup.item_of(record.tasks, task_id)))


@require_POST
@sensitive_variables()
def task_tick(request: SignedInRequest, case_id: UUID, task_id: UUID) -> HttpResponse:
    by = request.user.pk
    return _done(request, case_id, lambda r: followup.tick(r, task_id, by), _("The task is kept."))


# Dates


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def date_add(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    opened = _open(request, case_id)
    form = forms.DateForm(_data(request), people=forms.people_of(opened.record))
    if form.is_valid():
        date = form.date()
        return _done(request, case_id, lambda r: followup.put(r.dates, date), _("The date is kept."))
    return _page(request, opened, form, _("Add a date"))


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def date_change(request: SignedInRequest, case_id: UUID, date_id: UUID) -> HttpResponse:
    opened = _open(request, case_id)
    date = followup.item_of(opened.record.dates, date_id)
    if "remove" in request.POST:
        return _done(request, case_id, lambda r: followup.take_out(r.dates, date_id), _("The date is gone."))
    people = forms.people_of(opened.record)
    form = forms.DateForm(_data(request), people=people, initial=forms.initial_of(date))
    if form.is_valid():
        return _done(request, case_id, lambda r: _replace_date(r, date_id, form), _("The date is kept."))
    return _page(request, opened, form, _("Change a date"), removable=True)


def _replace_date(record: CaseRecord, date_id: UUID, form: forms.DateForm) -> None:
    followup.put(record.dates, form.date(followup.item_of(record.dates, date_id)))


@require_POST
@sensitive_variables()
def date_keep(request: SignedInRequest, case_id: UUID, date_id: UUID) -> HttpResponse:
    return _done(request, case_id, lambda r: followup.keep_date(r, date_id), _("The date is kept."))


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def review_add(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    opened = _open(request, case_id)
    form = forms.ReviewForm(_data(request), people=forms.people_of(opened.record))
    if form.is_valid():
        person, next_on, step = form.cleaned_data["person"], form.cleaned_data["next_on"], form.step()
        return _done(
            request, case_id, lambda r: followup.review(r, person, step, next_on), _("The review is kept.")
        )
    return _page(request, opened, form, _("Write down a detention review"))


# Conversations


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def log_add(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    opened = _open(request, case_id)
    form = forms.LogForm(_data(request), people=forms.people_of(opened.record))
    if form.is_valid():
        talk = form.interaction(request.user.pk)
        return _done(request, case_id, lambda r: followup.log(r, talk), _("The conversation is kept."))
    return _page(request, opened, form, _("Log a call or a visit"), note=_reach(opened.record))


def _reach(record: CaseRecord) -> str:
    """How to reach people without putting them in danger: read before, not after."""
    told = [
        vocabulary.told(p.alias, p.safety.reach, get_language() or "fr")
        for p in record.victims()
        if p.safety.reach
    ]
    return "\n".join(told)


# Referrals


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def refer(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    opened = _open(request, case_id)
    found = contacts.book(request.keyring).contacts
    form = forms.ReferForm(_data(request), people=forms.people_of(opened.record), contacts=found)
    if form.is_valid():
        try:
            return _refer(request, case_id, form.cleaned_data)
        except followup.NotAgreed as refused:
            form.add_error("contact", _not_agreed(refused))
    more = {"contacts_missing": not found, "agreed": _agreed(opened)}
    return _page(request, opened, form, _("Refer somebody"), **more)


def _refer(request: SignedInRequest, case_id: UUID, data: dict[str, Any]) -> HttpResponse:
    to, by = contacts.contact_for(request.keyring, UUID(data["contact"])), request.user.pk

    def act(record: CaseRecord) -> None:
        followup.refer(record, data["person"], to, data["agreed_on"], data["what"], by)

    said = _("The referral is written down. Now pass on what was agreed, and nothing more.")
    passed_on = contacts.PURPOSES[to.contact.kind]
    return _done(request, case_id, act, said, "case.refer", passed_on=passed_on, contact=str(to.id))


def _not_agreed(refused: followup.NotAgreed) -> str:
    text = _(
        "%(alias)s has not agreed to “%(purpose)s”, or does no longer. Nothing was passed on. Ask first."
    )
    return text % {"alias": refused.person.alias, "purpose": named("purpose", refused.purpose)}


def _agreed(opened: vault.OpenCase) -> list[dict[str, Any]]:
    """What each person has said about being referred, before anybody fills in the form."""
    wanted = {named("purpose", purpose) for purpose in contacts.PURPOSES.values()}
    return [
        {
            "alias": person.alias,
            "ask_url": reverse("person-consent", args=[opened.case.pk, UUID(person.id)]),
            "answers": [answer for answer in consents_shown(person) if answer["purpose"] in wanted],
        }
        for person in opened.record.victims()
    ]


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def referral_change(request: SignedInRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    opened = _open(request, case_id)
    referral = followup.item_of(opened.record.referrals, referral_id)
    form = forms.ReferralForm(_data(request), initial=forms.initial_of(referral))
    if form.is_valid():
        return _done(
            request,
            case_id,
            lambda r: form.fill(followup.item_of(r.referrals, referral_id)),
            _("The referral is kept."),
        )
    return _page(request, opened, form, _("What became of the referral"))


# The way of the case


@require_POST
@sensitive_variables()
def case_move(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    form = forms.MoveForm(request.POST)
    status = form.cleaned_data["status"] if form.is_valid() else ""
    try:
        said = _("The case is now at: %(status)s.") % {"status": named("case_status", status)}
        return _done(request, case_id, lambda r: followup.move(r, status), said)
    except followup.NoSuchMove:
        messages.error(request, _("The case does not go there from where it is. Nothing was changed."))
        return redirect(reverse("case", args=[case_id]) + "#follow-up")


CASE = "cases/<uuid:case_id>/"
urlpatterns = [
    path(CASE + "tasks/add/", task_add, name="task-add"),
    path(CASE + "tasks/<uuid:task_id>/", task_change, name="task-change"),
    path(CASE + "tasks/<uuid:task_id>/tick/", task_tick, name="task-tick"),
    path(CASE + "dates/add/", date_add, name="date-add"),
    path(CASE + "dates/<uuid:date_id>/", date_change, name="date-change"),
    path(CASE + "dates/<uuid:date_id>/keep/", date_keep, name="date-keep"),
    path(CASE + "reviews/add/", review_add, name="review-add"),
    path(CASE + "log/add/", log_add, name="log-add"),
    path(CASE + "refer/", refer, name="refer"),
    path(CASE + "referrals/<uuid:referral_id>/", referral_change, name="referral-change"),
    path(CASE + "move/", case_move, name="case-move"),
]
