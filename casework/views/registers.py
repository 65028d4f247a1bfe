"""The registers, for coordinators: read, written, printed, taken along."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET

from accounts.sessions import SignedInRequest
from casework import registers, registersheets, releases
from casework.forms.registers import AnonymizationForm, CommunicationForm, IncidentForm
from casework.models import RegisterEntry
from casework.paper import pdf
from casework.registers import Anonymization
from casework.views.audience import coordinators_only

Kind = RegisterEntry.Kind


@dataclass(frozen=True)
class Writable:
    """A register in which people write lines."""

    kind: Kind
    form: Callable[..., Any]
    add: str | Promise


WRITABLE: Final = {
    "incidents": Writable(Kind.INCIDENT, IncidentForm, gettext_lazy("Write down an incident")),
    "communications": Writable(
        Kind.COMMUNICATION, CommunicationForm, gettext_lazy("Write down a communication")
    ),
}


def _language() -> str:
    return get_language() or "fr"


def _writable(name: str) -> Writable:
    if name not in WRITABLE:
        raise Http404
    return WRITABLE[name]


@coordinators_only
@require_GET
@sensitive_variables()
def register_list(request: SignedInRequest) -> HttpResponse:
    missing = [kept for kept in registers.incidents(request.keyring) if kept.line.notices_missing]
    unwritten = [row for row in registers.anonymized(request.keyring) if not row.note.purpose]
    context = {"missing": len(missing), "unwritten": len(unwritten)}
    return render(request, "casework/registers/list.html", context)


@coordinators_only
@require_GET
@sensitive_variables()
def register(request: SignedInRequest, name: str) -> HttpResponse:
    """The same sheet as the PDF, with links to change its lines."""
    if name not in registersheets.SHEETS:
        raise Http404
    sheet = registersheets.SHEETS[name](request.keyring, _language())
    context = {
        "name": name,
        "sheet": sheet,
        "sections": list(zip(sheet.sections, _links(request, name, len(sheet.sections)), strict=True)),
        "add": WRITABLE[name].add if name in WRITABLE else "",
    }
    return render(request, "casework/registers/register.html", context)


@sensitive_variables()
def _links(request: SignedInRequest, name: str, sections: int) -> list[dict[str, Any] | None]:
    """What stands beside each section, in the order of the sheet."""
    links: list[dict[str, Any] | None]
    if name == "incidents":
        rows = registers.incidents(request.keyring)
        links = [{"id": kept.id, "missing": kept.line.notices_missing} for kept in rows]
    elif name == "communications":
        links = [{"id": kept.id} for kept in registers.communications(request.keyring)]
    elif name == "anonymization":
        links = [{"id": row.release.pk} for row in registers.anonymized(request.keyring)]
    else:
        links = []
    return links + [None] * (sections - len(links))


@coordinators_only
@sensitive_variables()
@sensitive_post_parameters()
def register_add(request: SignedInRequest, name: str) -> HttpResponse:
    found = _writable(name)
    form = found.form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        registers.add(request.user, found.kind, form.line())
        messages.success(request, _("Kept in the register."))
        return redirect("register", name)
    return _form(request, name, form, str(found.add))


@coordinators_only
@sensitive_variables()
@sensitive_post_parameters()
def register_entry(request: SignedInRequest, name: str, entry_id: UUID) -> HttpResponse:
    """A line changed; of the anonymization register, the note beside a release."""
    if name == "anonymization":
        return _note(request, entry_id)
    found = _writable(name)
    kept = registers.entry(request.keyring, found.kind, entry_id)
    form = found.form(request.POST or None, initial=msgspec.structs.asdict(kept.line))
    if request.method == "POST" and form.is_valid():
        registers.change(request.keyring, request.user, found.kind, entry_id, form.line())
        messages.success(request, _("Changed. Who changed it is in the log."))
        return redirect("register", name)
    return _form(request, name, form, _("Change this line"))


@sensitive_variables()
def _note(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    releases.published_release(release_id)
    rows = registers.anonymized(request.keyring)
    note = next(row.note for row in rows if row.release.pk == release_id)
    form = AnonymizationForm(request.POST or None, initial=msgspec.structs.asdict(note))
    if request.method == "POST" and form.is_valid():
        registers.keep_note(request.keyring, request.user, Anonymization(release_id, **form.cleaned_data))
        messages.success(request, _("Kept in the register."))
        return redirect("register", "anonymization")
    return _form(request, "anonymization", form, _("How this release was anonymized"))


def _form(request: SignedInRequest, name: str, form: Form, title: str) -> HttpResponse:
    context = {"name": name, "form": form, "heading": title}
    return render(request, "casework/registers/line.html", context, status=422 if form.is_bound else 200)


@coordinators_only
@require_GET
@sensitive_variables()
def register_file(request: SignedInRequest, name: str, form: str) -> HttpResponse:
    """Made in memory and handed over; whoever takes it along answers for it."""
    if name not in registersheets.SHEETS or form not in ("pdf", "json"):
        raise Http404
    sheet = registersheets.SHEETS[name](request.keyring, _language())
    if form == "pdf":
        answer = HttpResponse(pdf(sheet), content_type="application/pdf")
    else:
        made = registersheets.exported(name, sheet, request.keyring)
        answer = HttpResponse(msgspec.json.encode(made), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


urlpatterns = [
    path("registers/", register_list, name="registers"),
    path("registers/<slug:name>/", register, name="register"),
    path("registers/<slug:name>/add/", register_add, name="register-add"),
    path("registers/<slug:name>/<uuid:entry_id>/", register_entry, name="register-entry"),
    path("registers/<slug:name>/file.<slug:form>", register_file, name="register-file"),
]
