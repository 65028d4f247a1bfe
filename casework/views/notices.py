"""What people said by receipt, and what a withdrawal leaves to be done: for whoever keeps their case, closed or not."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts.days import date_format
from accounts.sessions import SignedInRequest
from casework import consent, keys, notices, owed, vault, vocabulary
from casework.agenda import Told
from casework.answers import Message
from casework.intake import SavedMeanwhile
from casework.models import Notice
from casework.owed import Owed
from casework.record import CaseRecord
from casework.views.duties import due_line, names
from casework.views.timeline import named

Shown = dict[str, Any]


@sensitive_variables()
def notices_context(request: SignedInRequest, opened: vault.OpenCase) -> Shown:
    """What was said, newest last; whether somebody has taken note of it; who is to be told, and who was."""
    record, case = opened.record, opened.case
    notice = Notice.objects.filter(case=case).first()
    left = _left(request, opened)
    called, aliases = names({told.by for told in record.told}), {p.id: p.alias for p in record.persons}
    return {
        "said": [
            {**_said(message), "alias": person.alias}
            for person, message in vault.messages(request.keyring, opened)
        ],
        "unread": notice is not None,
        "to_tell": [_owed_shown(one, case.pk) for one in left],
        "were_told": [_told_shown(told, called, aliases, case.pk) for told in record.told],
        "to_take_out": [date_format(due.earliest.date()) for due in owed.to_take_out(record)],
        "leaving": _leaving(record),
        "due_by_withdrawal": _due_shown(record, left, notice is not None),
    }


def _left(request: SignedInRequest, opened: vault.OpenCase) -> list[Owed]:
    """In most cases nobody has withdrawn anything, and then no key has to be opened."""
    if not any(consent.has_withdrawn(person) for person in opened.record.persons):
        return []
    return owed.to_tell(keys.open_key(request.keyring, opened.case), opened.record)


def _due_shown(record: CaseRecord, left: list[Owed], unread: bool) -> list[Shown]:  # noqa: FBT001
    """The same among the tasks of the case, in one line each."""
    found = owed.to_take_out(record)
    today = timezone.localdate()
    lines = [
        ("NOTICE", today if unread else None),
        (owed.TELL, min((one.since for one in left), default=None)),
        (owed.TAKE_OUT, found[0].earliest.date() if found else None),
    ]
    return [due_line(kind, day, "#said") for kind, day in lines if day]


def _leaving(record: CaseRecord) -> Shown | None:
    """Whose part is to be taken out first."""
    gone = next((p for p in record.victims() if consent.withdrawn_on(p, "STORE")), None)
    return {"id": UUID(gone.id), "alias": gone.alias} if gone else None


def _language() -> str:
    return get_language() or "fr"


def _said(message: Message) -> Shown:
    labels = [vocabulary.label("purpose", purpose, _language()) for purpose in message.purposes]
    return {"kind": message.kind, "on": message.on, "purposes": labels, "erase_on": message.erase_on}


def _owed_shown(one: Owed, case_id: UUID) -> Shown:
    passed = one.passed
    return {
        "name": passed.name or named("export_recipient", passed.recipient),
        "what": _("a copy") if passed.recipient else _("a referral"),
        "who": one.person.alias,
        "since": one.since,
        "purpose": named("purpose", passed.purpose),
        "done_url": reverse("told", args=[case_id, UUID(passed.item), UUID(one.person.id)]),
    }


def _told_shown(told: Told, called: dict[str, str], aliases: dict[str, str], case_id: UUID) -> Shown:
    return {
        "name": told.name,
        "who": aliases.get(told.person, ""),
        "on": told.on,
        "by": called.get(told.by, ""),
        "undo_url": reverse("told-undo", args=[case_id, UUID(told.id)]),
    }


# Done


def _back(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """To where it was pressed: a closed case has no page but that of its consents."""
    try:
        vault.open_case(request.keyring, case_id)
    except consent.ConsentMissing:
        return redirect("case-consent", case_id)
    return redirect(reverse("case", args=[case_id]) + "#said")


@require_POST
@sensitive_variables()
def notice_read(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    try:
        notices.take_note(request.keyring, case_id)
    except SavedMeanwhile:
        return _again(request, case_id)
    messages.success(request, _("Noted. What the person said stays on the page of the case."))
    return _back(request, case_id)


@require_POST
@sensitive_variables()
def told(request: SignedInRequest, case_id: UUID, item: UUID, person_id: UUID) -> HttpResponse:
    try:
        notices.tell(request.keyring, case_id, item, person_id)
    except SavedMeanwhile:
        return _again(request, case_id)
    messages.success(request, _("Written down: they were told today."))
    return _back(request, case_id)


@require_POST
@sensitive_variables()
def told_undo(request: SignedInRequest, case_id: UUID, told_id: UUID) -> HttpResponse:
    try:
        notices.taken_back(request.keyring, case_id, told_id)
    except SavedMeanwhile:
        return _again(request, case_id)
    messages.success(request, _("Still to be told."))
    return _back(request, case_id)


def _again(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    messages.error(
        request,
        _("Somebody else saved this case at the same moment. Nothing was changed: look, and press again."),
    )
    return _back(request, case_id)


CASE = "cases/<uuid:case_id>/"
urlpatterns: list[URLPattern] = [
    path(CASE + "consent/noted/", notice_read, name="notice-read"),
    path(CASE + "told/<uuid:item>/<uuid:person_id>/", told, name="told"),
    path(CASE + "told/<uuid:told_id>/undo/", told_undo, name="told-undo"),
]
