"""The page through which evidence comes in.

Django looks for the token of a form in its body, and so reads the whole body before the view is asked: two gigabytes, through
handlers that nobody has chosen yet. Here the token stands in the address of the form instead. It is the same token, checked by
the same code, before a byte of the body is read; and so are the permission and the declared size."""

import copy
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.csrf import csrf_failure
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from accounts.sessions import SignedInRequest
from casework import evidencefiles, permissions
from casework.evidence import keeping
from casework.evidence.receiving import EncryptingUploadHandler
from casework.forms.evidence import EvidenceForm
from casework.models import Case

TOKEN = "token"  # noqa: S105 - the name of a parameter
# Names, boundaries and the other fields of the form.
FORM_BYTES = 64 * 1024
Page = Callable[..., HttpResponseBase]


def token_before_body(page: Page) -> Page:
    """Instead of Django's own check, never beside none: nothing of a POST is read before the token was right."""

    @csrf_exempt
    @wraps(page)
    def checked(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not _token_is_right(request):
            return csrf_failure(_without_body(request))
        return page(request, *args, **kwargs)

    return checked


def _token_is_right(request: HttpRequest) -> bool:
    asked = _without_body(request)
    asked.META["HTTP_X_CSRFTOKEN"] = request.GET.get(TOKEN, "")

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    return CsrfViewMiddleware(page).process_view(asked, page, (), {}) is None


def _without_body(request: HttpRequest) -> HttpRequest:
    """The same request as if it had brought nothing."""
    asked = copy.copy(request)
    asked.META = {**request.META}
    asked.POST = QueryDict()
    return asked


@token_before_body
@sensitive_variables()
def evidence_add(request: SignedInRequest, case_id: UUID) -> HttpResponseBase:
    case = permissions.case_for(request.user, case_id, permissions.CHANGE)
    if request.method != "POST":
        return _shown(request, case, EvidenceForm())
    if _declared(request) > settings.TEMOIN_EVIDENCE_LIMIT + FORM_BYTES:
        return _too_large(request, case)
    evidencefiles.sweep()
    handler = EncryptingUploadHandler(case_id)
    try:
        return _received(request, case, handler)
    except BaseException:
        handler.discard()
        raise


def _declared(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _shown(request: SignedInRequest, case: Case, form: EvidenceForm, status: int = 200) -> HttpResponse:
    address = f"{reverse('evidence-add', args=[case.pk])}?{urlencode({TOKEN: get_token(request)})}"
    context = {"case": case, "form": form, "address": address, "limit": settings.TEMOIN_EVIDENCE_LIMIT}
    return render(request, "casework/evidence/add.html", context, status=status)


def _too_large(request: SignedInRequest, case: Case) -> HttpResponse:
    """Not a byte of it was read. A browser that is cut off while it sends may show its own page instead."""
    context = {"case": case, "limit": settings.TEMOIN_EVIDENCE_LIMIT}
    return render(request, "casework/evidence/too_large.html", context, status=413)


def _received(request: SignedInRequest, case: Case, handler: EncryptingUploadHandler) -> HttpResponse:
    request.upload_handlers = [handler]
    form = EvidenceForm(request.POST, request.FILES)
    if handler.no_room:
        form.add_error("sent", _("The server has no room for it. Nothing was kept: tell whoever runs it."))
    if not form.is_valid():
        handler.discard()
        return _shown(request, case, form, 422)
    keeping.keep(request.keyring, case.pk, handler.received, form.cleaned_data["description"])
    kept = len(handler.received)
    said = ngettext("%(count)s file is kept, encrypted.", "%(count)s files are kept, encrypted.", kept)
    messages.success(request, said % {"count": kept})
    return redirect(f"{reverse('case', args=[case.pk])}#evidence")
