"""A copy that leaves: chosen on a case or in the list, looked at as it would go, made after the person has proved who they are
again, fetched within the hour."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_required
from casework import audit, consent, contacts, permissions, register, vault
from casework.exporting import drafts, making
from casework.exporting.drafts import Draft, Facts
from casework.exporting.fields import FIELDS
from casework.exporting.purposes import OWN, purpose_of
from casework.forms.exporting import form_of
from casework.forms.fields import ids_in
from casework.views import held
from casework.views.timeline import named

ENDED = gettext_lazy("Consent to keep the file has ended: nothing of it may leave. Nothing was made.")
NOTHING = gettext_lazy("Nobody in these cases agreed to this purpose. Nothing was made.")


@require_POST
@sensitive_variables()
def export_begin(request: SignedInRequest) -> HttpResponse:
    """From a case or from the ticked boxes of the list; `person` for somebody's own file."""
    cases = ids_in(request.POST.getlist("case"))
    person = request.POST.get("person", "")
    language = (translation.get_language() or "fr")[:2]
    if not cases or (person and len(cases) != 1):
        messages.error(request, _("Tick at least one case first."))
        return redirect("cases")
    try:
        draft = drafts.begin(request.keyring, cases, person=person, language=language)
    except drafts.TooMany:
        text = _("A copy holds %(most)s cases at most. Make several, or tick fewer. Nothing was made.")
        messages.error(request, text % {"most": drafts.MOST_CASES})
        return redirect("cases")
    held.remember(request, draft.held)
    return redirect("export", draft.held.id)


@fresh_factor_required
@sensitive_variables()
@sensitive_post_parameters()
def export(request: SignedInRequest, held_id: UUID) -> HttpResponseBase:
    draft = drafts.draft_for(request.keyring, held_id, held.share_of(request, held_id))
    if draft.facts.made:
        return render(request, "casework/exports/made.html", _made(draft))
    known = [] if draft.facts.person else contacts.book(request.keyring).contacts
    form = form_of(draft.facts, request.POST if request.method == "POST" else None, known)
    if request.method != "POST":
        return _shown(request, draft, form)
    if not form.is_valid():
        return _shown(request, draft, form, 422)
    return _answered(request, draft, form)


def _answered(request: SignedInRequest, draft: Draft, form: Any) -> HttpResponse:
    """A copy is made only of what was shown: another recipient is another consent, and is looked at first."""
    before = draft.facts
    draft = draft.keep(msgspec.structs.replace(before, **form.cleaned_data))
    looked_at = _shown_by(before) == _shown_by(draft.facts)
    if request.POST.get("do") != "make" or not looked_at:
        return redirect(f"{reverse('export', args=[draft.held.id])}#goes")
    try:
        passphrase = making.make(request.keyring, draft)
    except making.NothingGoes:
        form.add_error(None, NOTHING)
    except consent.ConsentMissing:
        form.add_error(None, ENDED)
    else:
        return render(request, "casework/exports/made.html", {**_made(draft), "passphrase": passphrase})
    return _shown(request, draft, form, 422)


def _shown_by(facts: Facts) -> tuple[str, str, bool]:
    return facts.recipient, facts.language, facts.evidence


def _made(draft: Draft) -> dict[str, Any]:
    return {"held": draft.held.id, "facts": draft.facts, "until": draft.held.row.ends_at}


def _shown(request: SignedInRequest, draft: Draft, form: Any, status: int = 200) -> HttpResponse:
    facts = draft.facts
    looked = _own_look(request, facts) if facts.person else _look(request, facts)
    context = {"held": draft.held.id, "facts": facts, "form": form, "number": len(facts.cases), **looked}
    return render(request, "casework/exports/prepare.html", context, status=status)


def _look(request: SignedInRequest, facts: Facts) -> dict[str, Any]:
    if not facts.recipient:
        drafts.may_export(request.keyring, facts.cases)
        return {}
    copies = making.preview(request.keyring, facts)
    going = sum(len(copy.going) for copy in copies)
    return {
        "looked": True,
        "going": going,
        "purpose": named("purpose", purpose_of(facts.recipient)),
        "copies": [_case_shown(copy) for copy in copies],
    }


def _case_shown(copy: making.CaseCopy) -> dict[str, Any]:
    return {
        "reference": copy.reference or str(copy.case_id)[:8],
        "refused": named("export_withheld", copy.refused),
        "people": [_person_shown(person) for person in copy.people],
        "evidence": copy.evidence[0],
        "kept_back": copy.evidence[1],
    }


def _person_shown(copy: Any) -> dict[str, Any]:
    """What goes, as it goes; what does not, and why: the same why said once."""
    why: dict[str, list[str]] = {}
    for code, reason in copy.withheld.items():
        why.setdefault(named("export_withheld", reason), []).append(named("export_field", code))
    return {
        "name": copy.person.alias or copy.person.name,
        "refused": named("export_withheld", copy.refused),
        "conditions": copy.conditions,
        "facts": [
            (named("export_field", f.code), copy.cells[f.code]) for f in FIELDS if f.code in copy.cells
        ],
        "withheld": [(reason, ", ".join(fields)) for reason, fields in why.items()],
    }


def _own_look(request: SignedInRequest, facts: Facts) -> dict[str, Any]:
    try:
        record, person, copies = making.open_person(request.keyring, facts)
    except consent.ConsentMissing:
        return {"looked": True, "going": 0, "closed": ENDED}
    made = making.own_document(request.keyring, facts, record, person, copies)
    direction = "rtl" if made.right_to_left else "ltr"
    may = consent.may(person, OWN)
    return {"looked": True, "going": int(may), "document": made, "direction": direction}


@require_GET
@fresh_factor_required
@sensitive_variables()
def export_file(request: SignedInRequest, held_id: UUID) -> HttpResponseBase:
    draft = drafts.draft_for(request.keyring, held_id, held.share_of(request, held_id))
    if not draft.facts.made:
        return redirect("export", held_id)
    try:
        making.still_goes(request.keyring, draft.facts)
    except (consent.ConsentMissing, permissions.Denied):
        held.forget(request, draft.held)
        return render(request, "casework/exports/withdrawn.html", status=403)
    audit.append(request.user, "export.fetch", held_id)
    response = StreamingHttpResponse(draft.held.pieces(), content_type="application/zip")
    response["Content-Length"] = str(draft.held.size())
    # A neutral name: it stays in the browser's list of downloads.
    response["Content-Disposition"] = 'attachment; filename="copie.zip"'
    return response


@require_POST
@sensitive_variables()
def export_forget(request: SignedInRequest, held_id: UUID) -> HttpResponse:
    draft = drafts.draft_for(request.keyring, held_id, held.share_of(request, held_id))
    held.forget(request, draft.held)
    messages.success(
        request, _("The copy is gone from here. Copies that were fetched are where you took them.")
    )
    return redirect("cases")


def exports_context(request: SignedInRequest, opened: vault.OpenCase) -> dict[str, Any]:
    """For the section of the case page: who has a copy."""
    entries = making.recipients_of(request.keyring, opened.case)
    names = dict(User.objects.filter(pk__in={e.by for e in entries}).values_list("pk", "username"))
    return {
        "exports": [_entry_shown(entry, names) for entry in entries],
    }


def _entry_shown(entry: register.Exported, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "to": entry.to or named("export_recipient", entry.recipient),
        "recipient": named("export_recipient", entry.recipient),
        "at": entry.at,
        "by": names.get(entry.by, ""),
        "reason": entry.reason,
        "destroy_by": entry.destroy_by,
        "overdue": entry.destroy_by < timezone.localdate(),
    }
