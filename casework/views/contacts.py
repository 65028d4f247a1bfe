"""The contacts of a person's teams: a list, a form, a removal."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts import teams
from accounts.carried import keeps_words
from accounts.models import TeamKind
from accounts.sessions import SignedInRequest
from casework import contacts
from casework.forms.cases import TeamForm
from casework.forms.contacts import ContactForm
from casework.forms.followup import initial_of
from casework.views.audience import organizers_only
from casework.views.summaries import listed
from casework.views.timeline import named


@organizers_only
@sensitive_variables()
def contact_list(request: SignedInRequest) -> HttpResponse:
    book = contacts.book(request.keyring)
    context = {"groups": _by_kind(book.contacts), "broken": book.broken}
    return render(request, "casework/contacts/list.html", context)


def _by_kind(found: list[contacts.Kept]) -> list[dict[str, Any]]:
    kinds = [kind for kind in contacts.PURPOSES if any(kept.contact.kind == kind for kept in found)]
    return [
        {
            "title": named("contact_kind", kind),
            "purpose": named("purpose", contacts.PURPOSES[kind]),
            "contacts": [_shown(kept) for kept in found if kept.contact.kind == kind],
        }
        for kind in kinds
    ]


def _shown(kept: contacts.Kept) -> dict[str, Any]:
    contact = kept.contact
    return {
        "contact": contact,
        "languages": listed("language", contact.languages),
        "team": kept.team.name,
        "url": reverse("contact-change", args=[kept.id]),
    }


@keeps_words
@organizers_only
@sensitive_variables()
@sensitive_post_parameters()
def contact_add(request: SignedInRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    team_form = TeamForm(data, teams=teams.teams_of(request.user, TeamKind.ORGANIZERS))
    form = ContactForm(data)
    if team_form.is_valid() and form.is_valid():
        team = teams.team_for(request.user, team_form.cleaned_data["team"])
        contacts.add(request.keyring, team, form.contact())
        messages.success(request, _("The contact is kept, encrypted."))
        return redirect("contacts")
    context = {"form": form, "team_form": team_form}
    return render(request, "casework/contacts/form.html", context, status=_status(request))


@keeps_words
@organizers_only
@sensitive_variables()
@sensitive_post_parameters()
def contact_change(request: SignedInRequest, contact_id: UUID) -> HttpResponse:
    kept = contacts.contact_for(request.keyring, contact_id)
    data = request.POST if request.method == "POST" else None
    form = ContactForm(data, initial=initial_of(kept.contact))
    if form.is_valid():
        contacts.save(request.keyring, kept.id, form.contact())
        messages.success(request, _("The contact is kept, encrypted."))
        return redirect("contacts")
    context = {"form": form, "kept": kept}
    return render(request, "casework/contacts/form.html", context, status=_status(request))


@require_POST
@organizers_only
@sensitive_variables()
def contact_remove(request: SignedInRequest, contact_id: UUID) -> HttpResponse:
    contacts.remove(request.keyring, contact_id)
    messages.success(request, _("The contact is gone. Referrals that were made keep its name."))
    return redirect("contacts")


def _status(request: SignedInRequest) -> int:
    return 422 if request.method == "POST" else 200


urlpatterns = [
    path("contacts/", contact_list, name="contacts"),
    path("contacts/add/", contact_add, name="contact-add"),
    path("contacts/<uuid:contact_id>/", contact_change, name="contact-change"),
    path("contacts/<uuid:contact_id>/remove/", contact_remove, name="contact-remove"),
]
