"""A new case, told in the order of a conversation: consent, safety, what happened, the person, what comes next. Every step is
sealed as it is typed; each part can be left and taken up again; nothing is a case until it is kept."""

import secrets
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts import teams
from accounts.carried import BY_SCRIPT, keeps_words
from accounts.models import TeamKind
from accounts.sessions import SignedInRequest
from casework import intake, intakedrafts
from casework.forms.cases import TeamForm, all_valid
from casework.forms.intake import (
    BY_NAME,
    PARTS,
    BeginForm,
    Forms,
    Part,
    agreed,
    checked,
    record_of,
    shown,
    typed_in,
)
from casework.intakedrafts import Draft
from casework.record import CaseRecord
from casework.views.alike import alike_shown
from casework.views.audience import organizers_only
from casework.views.summaries import case_facts, consents_shown, person_facts
from casework.views.timeline import named, picture
from casework.views.wordings import scripts

SUMMARY = "summary"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@organizers_only
@sensitive_variables()
def case_add(request: SignedInRequest) -> HttpResponse:
    """Where to go on, or a new one."""
    data = request.POST if request.method == "POST" else None
    team = TeamForm(data, teams=teams.teams_of(request.user, TeamKind.ORGANIZERS))
    form = BeginForm(data, initial={"language": (get_language() or "fr")[:2]})
    if data is not None and all_valid([team, form]):
        keeper = teams.team_for(request.user, team.cleaned_data["team"])
        language = form.cleaned_data["language"]
        draft_id = intakedrafts.begin(request.keyring, keeper.pk, language, _reference())
        return redirect("intake-part", draft_id, PARTS[0].name)
    begun = [_begun_shown(found) for found in intakedrafts.mine(request.keyring)]
    context = {"team": team, "form": form, "begun": begun}
    return render(request, "casework/intake/begin.html", context, status=422 if data is not None else 200)


def _reference() -> str:
    """Offered, so that nobody has to think of one while somebody is crying: the month, and letters that are hard to mistake."""
    return f"{timezone.localdate():%Y-%m}-{''.join(secrets.choice(LETTERS) for _letter in range(4))}"


def _begun_shown(found: intakedrafts.Begun) -> dict[str, Any]:
    if found.draft is None:
        return {"id": found.id, "broken": True}
    typed = found.draft.parts.get("people", {}).get("person-alias", [""])
    next_part = next((part for part in PARTS if part.name not in found.draft.parts), None)
    return {
        "id": found.id,
        "title": typed[0] or found.draft.reference,
        "begun": found.draft.begun,
        "language": named("language", found.draft.language),
        "part": next_part.name if next_part else SUMMARY,
        "left_at": next_part.title if next_part else _("Read back and keep"),
    }


@keeps_words
@organizers_only
@sensitive_variables()
@sensitive_post_parameters()
def intake_part(request: SignedInRequest, draft_id: UUID, name: str) -> HttpResponse:
    part = _part(name)
    draft = intakedrafts.open_draft(request.keyring, draft_id)
    if part is not PARTS[0] and not agreed(draft):
        return redirect("intake-part", draft_id, PARTS[0].name)
    if request.method == "POST":
        draft = intakedrafts.keep_part(request.keyring, draft_id, name, typed_in(part, request.POST))
        return _go(request, draft_id, draft, part)
    return _page(request, draft_id, draft, part, shown(part, draft))


def _part(name: str) -> Part:
    if name not in BY_NAME:
        raise Http404
    return BY_NAME[name]


def _go(request: SignedInRequest, draft_id: UUID, draft: Draft, part: Part) -> HttpResponse:
    """What was typed is sealed by now, right or wrong. Only going on asks whether it is right."""
    if BY_SCRIPT in request.headers:
        return HttpResponse(status=204)
    where = request.POST.get("go", "next")
    if where == "later":
        messages.success(request, _("Kept as a draft, sealed to you alone. It is under “Add a case”."))
        return redirect("cases")
    if where == "next":
        made = checked(part, draft)
        if not all_valid(made.values()):
            return _page(request, draft_id, draft, part, made, status=422)
        where = _after(part)
    return redirect(_address(draft_id, where))


def _after(part: Part) -> str:
    place = PARTS.index(part) + 1
    return PARTS[place].name if place < len(PARTS) else SUMMARY


def _address(draft_id: UUID, where: str) -> str:
    if where == SUMMARY:
        return reverse("intake-summary", args=[draft_id])
    return reverse("intake-part", args=[draft_id, _part(where).name])


def _page(
    request: SignedInRequest, draft_id: UUID, draft: Draft, part: Part, made: Forms, status: int = 200
) -> HttpResponse:
    place = PARTS.index(part)
    refused = draft.parts.get("consent", {}).get("consent-STORE") == ["REFUSED"]
    context = {
        "draft_id": draft_id,
        "part": part,
        "number": place + 1,
        "parts": _parts_shown(draft, part),
        "count": len(PARTS),
        "before": PARTS[place - 1] if place else None,
        "after": PARTS[place + 1].title if place + 1 < len(PARTS) else _("Read back"),
        "refused": refused and status == 422,
        "template": f"casework/intake/{part.name}.html",
        "scripts": scripts(draft.language) if part.name == "consent" else [],
        "may_contact": draft.parts.get("consent", {}).get("consent-CONTACT") == ["GIVEN"],
        **made,
    }
    return render(request, "casework/intake/part.html", context, status=status)


def _parts_shown(draft: Draft, here: Part) -> list[dict[str, Any]]:
    return [
        {"name": part.name, "title": part.title, "here": part is here, "typed": part.name in draft.parts}
        for part in PARTS
    ]


@organizers_only
@sensitive_variables()
def intake_summary(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """Read back to the person before it is kept."""
    draft = intakedrafts.open_draft(request.keyring, draft_id)
    if not agreed(draft):
        return redirect("intake-part", draft_id, PARTS[0].name)
    made: Forms = {}
    wrong = [part for part in PARTS if not _is_right(part, draft, made)]
    record = None if wrong else record_of(made)
    if record and not made["consent"].fits(record.persons[0], record.event.date):
        wrong, record = [PARTS[0]], None
    if record and request.method == "POST":
        return _keep(request, draft_id, draft, record)
    status = 422 if request.method == "POST" else 200
    context = {
        "draft_id": draft_id,
        "parts": _parts_shown(draft, PARTS[0]),
        "wrong": [_wrong_shown(part, made) for part in wrong],
        **(_record_shown(record) if record else {}),
        # Has somebody else told of it already? Only among what this person may open.
        "alike": alike_shown(request.keyring, record) if record else [],
    }
    return render(request, "casework/intake/summary.html", context, status=status)


def _is_right(part: Part, draft: Draft, made: Forms) -> bool:
    these = checked(part, draft)
    made.update(these)
    return all_valid(these.values())


def _wrong_shown(part: Part, made: Forms) -> dict[str, Any]:
    """What each field says, so that nobody has to look for it."""
    found = [form for name, form in made.items() if f"{name}-" in part.prefixes]
    fields = [row for form in found for row in (form.forms if hasattr(form, "forms") else [form])]
    return {
        "name": part.name,
        "title": part.title,
        "errors": [f"{field.label} – {error}" for form in fields for field in form for error in field.errors],
    }


def _record_shown(record: CaseRecord) -> dict[str, Any]:
    person = record.persons[0]
    answers = consents_shown(person)
    asked = [answer for answer in answers if answer["answer"] and answer["answer"].state != "NOT_ASKED"]
    return {
        "record": record,
        "person": person,
        "facts": case_facts(record),
        "person_facts": person_facts(person),
        "picture": picture(person, record.event.city),
        "consents": asked,
        "not_asked": len(answers) - len(asked),
        "denials": [(named("service_type", d.service_type), d.note) for d in record.denials],
    }


def _keep(request: SignedInRequest, draft_id: UUID, draft: Draft, record: CaseRecord) -> HttpResponse:
    team = teams.team_for(request.user, draft.team)
    case_id = intake.create_case(request.keyring, team, record, draft=draft_id)
    messages.success(request, _("The case is kept, encrypted."))
    if request.POST.get("go") == "another":
        return redirect("person-add", case_id)
    return redirect("case", case_id)


@require_POST
@organizers_only
def intake_discard(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    intakedrafts.discard(request.keyring, draft_id)
    messages.success(request, _("The draft is gone. Nothing of it was kept."))
    return redirect("case-add")


urlpatterns: list[URLPattern] = [
    path("cases/add/", case_add, name="case-add"),
    path("cases/add/<uuid:draft_id>/", intake_summary, name="intake-summary"),
    path("cases/add/<uuid:draft_id>/discard/", intake_discard, name="intake-discard"),
    path("cases/add/<uuid:draft_id>/<slug:name>/", intake_part, name="intake-part"),
]
