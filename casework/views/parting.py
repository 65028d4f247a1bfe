"""One person's part out of a file about several: what goes, what stays, then the act."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.carried import keeps_words
from accounts.days import date_format
from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_to_post
from casework import erasing, parting
from casework.forms.parting import TakeOutForm
from casework.intake import SavedMeanwhile
from casework.parting import Plan


@keeps_words
@fresh_factor_to_post
@sensitive_variables()
@sensitive_post_parameters()
def take_out(request: SignedInRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    try:
        plan = parting.look(request.keyring, case_id, person_id.hex)
        form = _form(request, plan)
        if form.is_valid():
            return _taken_out(request, plan, person_id, form)
    except parting.NobodyElse:
        messages.error(
            request, _("The file is about nobody else. It can be erased whole. Nothing was changed.")
        )
        return redirect("case-erase", case_id)
    except erasing.UnderHold as held:
        said = _("A legal hold keeps this case until %(day)s. Nothing was erased.")
        messages.error(request, said % {"day": date_format(held.until)})
        return redirect("case-consent", case_id)
    except SavedMeanwhile:
        messages.error(request, _("Somebody saved this case meanwhile. Nothing was erased: read it again."))
        return redirect("part-take-out", case_id, person_id)
    return _page(request, plan, form)


def _form(request: SignedInRequest, plan: Plan) -> TakeOutForm:
    left = parting.without(plan.opened.record, plan.leaving)
    data = request.POST if request.method == "POST" else None
    initial = {"base": plan.opened.revision}
    return TakeOutForm(data, record=left, texts=plan.texts, pieces=plan.pieces, initial=initial)


def _taken_out(request: SignedInRequest, plan: Plan, person_id: UUID, form: TakeOutForm) -> HttpResponse:
    case = parting.take_out(
        request.keyring,
        plan.opened.case.pk,
        person_id.hex,
        form.cleaned_data["base"],
        form.words(),
        form.kept(),
    )
    messages.success(request, _("The part is erased. This is the file of the others, under a new key."))
    return redirect("case", case)


def _page(request: SignedInRequest, plan: Plan, form: TakeOutForm) -> HttpResponse:
    context = {
        "case": plan.opened.case,
        "form": form,
        "leaving": [person.alias for person in plan.leaving],
        "staying": [person.alias for person in plan.staying],
        "going": plan.going,
        "to_tell": list(dict.fromkeys(one.passed.name for one in plan.to_tell)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "casework/cases/take_out.html", context, status=status)


urlpatterns: list[URLPattern] = [
    path("cases/<uuid:case_id>/people/<uuid:person_id>/take-out/", take_out, name="part-take-out"),
]
