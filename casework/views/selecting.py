"""Cases chosen from the list: what to do with them, a look at it first, the doing, and the taking back."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.sessions import SignedInRequest
from accounts.sudo import requires_fresh_factor
from casework import bulk, vault
from casework.forms.fields import ids_in
from casework.forms.selecting import AssignForm, ShareForm, StatusForm, TagsForm
from casework.views.audience import organizers_only
from casework.views.finding import Question, find
from casework.views.timeline import named

REFUSALS = {
    "closed": gettext_lazy("does not open: consent has ended, or the seal is broken"),
    "forbidden": gettext_lazy("you may not do this to this case"),
    "no_way": gettext_lazy("cannot go there from its status"),
    "not_on_team": gettext_lazy("they are not on the team that keeps it"),
    "too_many_tags": gettext_lazy("it would have more than 20 tags"),
    "same": gettext_lazy("it is so already"),
    "changed": gettext_lazy("somebody has changed it since"),
}


@organizers_only
@sensitive_variables()
@sensitive_post_parameters()
def case_selection(request: SignedInRequest) -> HttpResponse:
    """POST from the list: `case` for each that was ticked, or `all` with the question the list was an answer to. POST from the
    page itself: `act`, and its form."""
    if request.method != "POST":
        return _selection_page(request, _forms(request))
    if "act" in request.POST:
        return _plan(request)
    chosen = _all_found(request) if "all" in request.POST else ids_in(request.POST.getlist("case"))
    bulk.select(request.keyring, chosen)
    return redirect("case-selection")


def _all_found(request: SignedInRequest) -> list[UUID]:
    cases = find(Question.of(request, request.POST)).cases
    return [listed.case_id for listed in cases if listed.head.open_until]


def _forms(request: SignedInRequest) -> dict[str, Any]:
    sent = request.POST.get("act", "")

    def made(kind: str, form: type[forms.Form], **more: Any) -> forms.Form:
        return form(request.POST if sent == kind else None, prefix=kind, **more)

    mates = bulk.mates(request.keyring, bulk.selection(request.keyring).cases)
    return {
        bulk.ASSIGN: made(bulk.ASSIGN, AssignForm, mates=mates),
        bulk.TAG: made(bulk.TAG, TagsForm),
        bulk.STATUS: made(bulk.STATUS, StatusForm),
        bulk.SHARE: made(bulk.SHARE, ShareForm),
    }


TITLES = {
    bulk.ASSIGN: gettext_lazy("Say who looks after them"),
    bulk.TAG: gettext_lazy("Tag"),
    bulk.STATUS: gettext_lazy("Change the status"),
    bulk.SHARE: gettext_lazy("Share"),
}


def _selection_page(request: SignedInRequest, offered: dict[str, Any], status: int = 200) -> HttpResponse:
    chosen = bulk.selection(request.keyring)
    opened = vault.newest_cases(request.keyring, chosen.cases)
    context = {
        "cases": [_named(case_id, opened.get(case_id)) for case_id in chosen.cases],
        "acts": [(kind, TITLES[kind], form) for kind, form in offered.items()],
        "most": bulk.MOST,
    }
    return render(request, "casework/cases/selection.html", context, status=status)


def _named(case_id: UUID, opened: vault.OpenRevision | None) -> dict[str, Any]:
    if opened is None:
        return {"id": case_id, "title": _("a case that does not open"), "aliases": ""}
    record = opened.record
    aliases = ", ".join(person.alias for person in record.victims() if person.alias)
    return {"id": case_id, "title": record.reference, "aliases": aliases}


def _plan(request: SignedInRequest) -> HttpResponse:
    offered = _forms(request)
    form = offered.get(request.POST["act"])
    if form is None or not form.is_valid():
        return _selection_page(request, offered, status=422)
    bulk.plan(request.keyring, form.act())
    return redirect("selection-preview")


@organizers_only
@sensitive_variables()
def selection_preview(request: SignedInRequest) -> HttpResponse:
    """GET looks at it; POST does exactly what was looked at: a case that was saved in between is refused."""
    chosen = bulk.selection(request.keyring)
    if chosen.act is None or not chosen.cases:
        return redirect("case-selection")
    if request.method == "POST":
        return _perform(request, chosen)
    planned = bulk.preview(request.keyring, chosen)
    names = _user_names(planned)
    context = {
        "what": _in_words(chosen.act),
        "rows": [_planned_shown(case, chosen.act, names) for case in planned],
        "possible": sum(not case.refusal for case in planned),
        "outside": chosen.act.kind == bulk.SHARE,
        "revisions": [(case.case_id, case.revision) for case in planned],
    }
    return render(request, "casework/cases/selection_preview.html", context)


def _perform(request: SignedInRequest, chosen: bulk.Selection) -> HttpResponse:
    if chosen.act is not None and chosen.act.kind == bulk.SHARE:
        refused = requires_fresh_factor(request)
        if refused:
            return refused
    planned = bulk.preview(request.keyring, chosen)
    for case in planned:
        if request.POST.get(f"revision-{case.case_id}", "") != str(case.revision):
            case.refusal = case.refusal or "changed"
    bulk.perform(request.keyring, chosen, planned)
    return redirect("selection-done")


@organizers_only
@sensitive_variables()
def selection_done(request: SignedInRequest) -> HttpResponse:
    last = bulk.last_act(request.keyring)
    if last is None:
        return redirect("cases")
    return _done_page(request, last)


@require_POST
@organizers_only
@sensitive_variables()
def selection_undo(request: SignedInRequest) -> HttpResponse:
    """Sharing is taken back without asking again: it only ever closes what was opened."""
    bulk.undo(request.keyring)
    return redirect("selection-done")


def _done_page(request: SignedInRequest, last: bulk.LastAct) -> HttpResponse:
    done = sum(not change.refusal for change in last.changes)
    said = (
        ngettext("Taken back in %(number)s case", "Taken back in %(number)s cases", done)
        if last.undone
        else ngettext("Done in %(number)s case", "Done in %(number)s cases", done)
    )
    context = {
        "what": _in_words(last.act),
        "said": said % {"number": done},
        "rows": [_change_shown(change) for change in last.changes],
        "refused": len(last.changes) - done,
        "may_undo": done and not last.undone,
    }
    return render(request, "casework/cases/selection_done.html", context)


def _change_shown(change: bulk.Change) -> dict[str, Any]:
    return {
        "title": change.reference or _("a case that does not open"),
        "url": reverse("case", args=[change.case_id]),
        "refusal": REFUSALS.get(change.refusal, ""),
    }


def _planned_shown(case: bulk.Planned, act: bulk.Act, names: dict[str, str]) -> dict[str, Any]:
    return {
        "title": case.reference or _("a case that does not open"),
        "before": _value_shown(case.before, act, names),
        "after": _value_shown(case.after, act, names),
        "refusal": REFUSALS.get(case.refusal, ""),
    }


def _value_shown(value: str, act: bulk.Act, names: dict[str, str]) -> str:
    if act.kind == bulk.STATUS:
        return named("case_status", value)
    if act.kind == bulk.ASSIGN:
        return names.get(value, "") or _("nobody")
    return value or "–"


def _user_names(planned: list[bulk.Planned]) -> dict[str, str]:
    wanted = {value for case in planned for value in (case.before, case.after) if len(value) == 32}
    users = User.objects.filter(pk__in=[UUID(hex=value) for value in wanted if _is_id(value)])
    return {pk.hex: name for pk, name in users.values_list("pk", "username")}


def _is_id(value: str) -> bool:
    return all(sign in "0123456789abcdef" for sign in value)


def _in_words(act: bulk.Act) -> str:
    if act.kind == bulk.STATUS:
        return _("New status: %(status)s.") % {"status": named("case_status", act.status)}
    if act.kind == bulk.TAG:
        return " ".join(filter(None, [_tags_said(act.add, add=True), _tags_said(act.remove, add=False)]))
    who = bulk.grantee_of(act) if act.who else None
    name = (who.username if isinstance(who, User) else who.name) if who else ""
    if act.kind == bulk.SHARE:
        may = _("%(name)s may read and change them.") if act.may_change else _("%(name)s may read them.")
        return may % {"name": name}
    return _("%(name)s looks after them.") % {"name": name} if who else _("Nobody looks after them any more.")


def _tags_said(tags: list[str], *, add: bool) -> str:
    if not tags:
        return ""
    said = _("Add tags: %(tags)s.") if add else _("Take tags away: %(tags)s.")
    return said % {"tags": ", ".join(tags)}
