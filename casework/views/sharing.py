"""Granting and revoking access to a case."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Team, User
from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_required
from casework import permissions, sharing
from casework.consent import ConsentMissing
from casework.forms.sharing import GrantForm
from casework.views.cases import access_context


@require_POST
@fresh_factor_required
def grant(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Whoever it goes to is outside the team, so it asks again; taking it back does not."""
    case = permissions.case_for(request.user, case_id, permissions.SHARE)
    form = GrantForm(request.POST)
    if form.is_valid() and form.grantee is not None:
        try:
            sharing.grant(
                request.keyring,
                case_id,
                form.grantee,
                may_change=form.cleaned_data["may_change"],
                may_export=form.cleaned_data["may_export"],
                expires_on=form.cleaned_data["expires_on"],
            )
        except sharing.HasItAlready:
            form.refuse(_("They have the case through their team already. Nothing was changed."))
        except ConsentMissing:
            form.refuse(
                _(
                    "Not everyone concerned has agreed that a partner group reads the case. Ask them, and write the answer down "
                    "first. Nothing was changed."
                )
            )
    if form.errors:
        context = {"case": case, **access_context(request, case, form, may_share=True)}
        return render(request, "casework/cases/access.html", context, status=422)
    messages.success(request, _("Access is granted: permission and key."))
    return redirect("case", case_id)


@require_POST
def revoke(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    sharing.revoke(request.keyring, case_id, _grantee(request))
    messages.success(request, _("Access is revoked, and the case is sealed anew under a new key."))
    return redirect("case", case_id)


def _grantee(request: SignedInRequest) -> User | Team:
    try:
        wanted = UUID(request.POST.get("grantee", ""))
    except ValueError:
        raise Http404 from None
    found = User.objects.filter(pk=wanted).first() or Team.objects.filter(pk=wanted).first()
    if found is None:
        raise Http404
    return found
