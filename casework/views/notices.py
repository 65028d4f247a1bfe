"""What people said by receipt, for whoever keeps their case."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.sessions import SignedInRequest
from casework import audit, permissions, vault, vocabulary
from casework.answers import Message
from casework.exporting import making
from casework.models import Notice


def notices_context(request: SignedInRequest, opened: vault.OpenCase) -> dict[str, Any]:
    """What people said by receipt about this case, newest last, and whether somebody has taken note of it."""
    said = [
        {**_said(message), "alias": person.alias}
        for person, message in vault.messages(request.keyring, opened)
    ]
    unread = Notice.objects.filter(case=opened.case).exists()
    return {"said": said, "unread": unread, "receivers": _receivers(request, opened) if said else []}


def _receivers(request: SignedInRequest, opened: vault.OpenCase) -> list[str]:
    """Who may still hold something of the case, to be told that somebody no longer agrees."""
    out = making.still_out(making.recipients_of(request.keyring, opened.case), timezone.localdate())
    copies = [entry.to or vocabulary.label("export_recipient", entry.recipient, _language()) for entry in out]
    return list(dict.fromkeys([*copies, *(one.name for one in opened.record.referrals)]))


def _language() -> str:
    return get_language() or "fr"


def _said(message: Message) -> dict[str, Any]:
    labels = [vocabulary.label("purpose", purpose, _language()) for purpose in message.purposes]
    return {"kind": message.kind, "on": message.on, "purposes": labels, "erase_on": message.erase_on}


@require_POST
def notice_read(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = permissions.case_for(request.user, case_id, permissions.CHANGE)
    with transaction.atomic():
        Notice.objects.filter(case=case, closes=False).delete()
        audit.append(request.user, "notice.read", case.pk)
    messages.success(request, _("Noted. What the person said stays on the page of the case."))
    return redirect("case", case_id)


urlpatterns: list[URLPattern] = [
    path("cases/<uuid:case_id>/consent/noted/", notice_read, name="notice-read"),
]
