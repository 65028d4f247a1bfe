"""Saved views: a name of one's own for a question asked of the list again and again."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from accounts.sessions import SignedInRequest
from casework import notes, savedviews
from casework.forms.selecting import ViewNameForm
from casework.savedviews import SavedView
from casework.views.audience import organizers_only
from casework.views.finding import Question, list_page


@require_POST
@organizers_only
@sensitive_variables()
@sensitive_post_parameters()
def view_add(request: SignedInRequest) -> HttpResponse:
    question, form = Question.of(request, request.POST), ViewNameForm(request.POST, prefix="view")
    if not form.is_valid():
        return list_page(question, status=422, view_form=form)
    try:
        view_id = savedviews.keep(request.keyring, SavedView(form.cleaned_data["name"], question.asked()))
    except notes.TooMany:
        form.add_error("name", _("You have 50 saved views already. Remove one first. Nothing was kept."))
        return list_page(question, status=422, view_form=form)
    messages.success(request, _("The view is kept, sealed to you alone."))
    return redirect("saved-view", view_id)


@require_GET
@organizers_only
@sensitive_variables()
def saved_view(request: SignedInRequest, view_id: UUID) -> HttpResponse:
    """Its words do not stand in the address either; a page and an order may."""
    view = savedviews.one(request.keyring, view_id)
    if view is None:
        raise Http404
    asked = QueryDict(mutable=True)
    asked.update(view.asked)
    for name in ("page", "sort"):
        if name in request.GET:
            asked[name] = request.GET[name]
    return list_page(Question.of(request, asked), view={"id": view_id, "name": view.name})


@require_POST
@organizers_only
def view_remove(request: SignedInRequest, view_id: UUID) -> HttpResponse:
    if not savedviews.forget(request.keyring, view_id):
        raise Http404
    messages.success(request, _("The view is removed."))
    return redirect("cases")
