"""The list of cases: filtered, put in order, searched. Words typed to search come by POST and are answered on the spot: the
browser would keep an address with them in it. Filters are codes and may stand in the address."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts import teams
from accounts.models import TeamKind, User
from accounts.sessions import SignedInRequest
from casework import bulk, matching, permissions, savedviews, scanning, vault
from casework.forms.filters import (
    ELSEWHERE,
    CaseFilterForm,
    SearchForm,
    nearest_first,
    order_name,
    ordered,
    orders,
)
from casework.forms.selecting import ViewNameForm
from casework.views.duties import urgent_number
from casework.views.hits import hits
from casework.views.summaries import card_shown

PAGE: Final = 50


@dataclass
class Question:
    """What is asked of the list: filters, an order, perhaps a search."""

    request: SignedInRequest
    data: QueryDict
    filters: CaseFilterForm
    search: SearchForm
    order: str
    page: str
    # Which ten thousand of them, for whoever may open more.
    part: int

    @classmethod
    def of(cls, request: SignedInRequest, data: QueryDict) -> "Question":
        mine = teams.teams_of(request.user, TeamKind.ORGANIZERS)
        filters = CaseFilterForm(data, user=request.user, teams=mine)
        search = SearchForm(data if "words" in data else None)
        order, page = order_name(data.get("sort", "")), data.get("page", "")
        return cls(request, data, filters, search, order, page, whole_number(data.get("part", "")))

    @property
    def searched(self) -> bool:
        return self.search.is_bound

    @property
    def typed(self) -> tuple[str, str]:
        """The kind of search, and its words."""
        if not self.search.is_valid():
            return "words", ""
        return self.search.cleaned_data["kind"], self.search.cleaned_data["words"]

    def asked(self) -> dict[str, str]:
        """As a form would send it again, the page apart. A code that no longer exists stays in it, to be named."""
        names = [*self.filters.fields, "words", "kind", "sort"]
        return {name: str(self.data[name]) for name in names if self.data.get(name)}


@dataclass
class Found:
    """Every case that answers the question, in order, and those that could not be opened."""

    cases: list[vault.Listed]
    broken: list[UUID]
    part: int
    parts: int


def whole_number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def find(question: Question) -> Found:
    keyring = question.request.keyring
    if question.searched:
        kind, words = question.typed
        listing = vault.matches(keyring, matching.SEARCHES[kind](words), part=question.part)
    else:
        kind, listing = "", vault.cards(keyring, question.part)
    cases = _of_team(question, _filtered(question, listing.cases))
    cases = ordered(cases, question.order)
    cases = nearest_first(cases) if kind in ("names", "badge") else cases
    return Found(cases, listing.broken, listing.part, listing.parts)


def _filtered(question: Question, cases: list[vault.Listed]) -> list[vault.Listed]:
    for test in question.filters.tests(of_head=True):
        cases = [listed for listed in cases if test(listed.head)]
    for code in question.filters.codes():
        cases = [listed for listed in cases if listed.names(code)]
    for test in question.filters.tests(of_head=False):
        cases = [listed for listed in cases if test(listed.card)]
    return cases


def _of_team(question: Question, cases: list[vault.Listed]) -> list[vault.Listed]:
    """Which team keeps a case stands in its row, not on its card."""
    wanted = question.filters.asked().get("team")
    if not wanted or not cases:
        return cases
    mine = [team for team in question.filters.teams if wanted in (team.pk.hex, ELSEWHERE)]
    kept = scanning.ids(permissions.kept_by(mine))
    return [listed for listed in cases if (listed.case in kept) is not (wanted == ELSEWHERE)]


@sensitive_variables()
def case_list(request: SignedInRequest) -> HttpResponse:
    return list_page(Question.of(request, request.GET))


@require_POST
@sensitive_variables()
@sensitive_post_parameters()
def case_search(request: SignedInRequest) -> HttpResponse:
    asked = request.POST.copy()
    # The button that takes one of the filters away: another question, so from the first part on.
    if dropped := asked.get("drop"):
        for name in (dropped, "part"):
            asked.pop(name, None)
    return list_page(Question.of(request, asked))


@sensitive_variables()
def case_filters(request: SignedInRequest) -> HttpResponse:
    """Every filter, on a page of its own: forty of them would make the list slow, and unreadable on a phone."""
    filters = Question.of(request, request.GET).filters
    return render(
        request, "casework/cases/filters.html", {"filters": filters, "active": len(filters.active())}
    )


@vault.undisturbed()
@sensitive_variables()
def list_page(question: Question, status: int = 200, **more: Any) -> HttpResponse:
    found = find(question)
    # Over numbers: Django keeps a page's context until cycles are collected, and every open card would stay with it.
    page = Paginator(range(len(found.cases)), PAGE).get_page(question.page)
    context = {
        "cards": shown(question, [found.cases[number] for number in page]),
        "page": page,
        "sorts": orders(question.order),
        "sort": question.order,
        "filters": question.filters,
        "active": _active(question),
        "search": _search_form(question, found.parts),
        "searched": question.searched,
        "total": len(found.cases),
        "detained": sum(listed.head.detained_now for listed in found.cases),
        "urgent": urgent_number(found.cases),
        "broken": len(found.broken),
        **_parts(question, found),
        "selectable": min(len(found.cases), bulk.MOST),
        "may_add": teams.is_organizer(question.request.user),
        "asked": question.asked(),
        "views": _views(question.request),
        "view_form": ViewNameForm(prefix="view"),
        **more,
    }
    return render(question.request, "casework/cases/list.html", context, status=status)


def _search_form(question: Question, parts: int) -> SearchForm:
    form = question.search if question.searched else SearchForm()
    if parts > 1:
        form["words"].label = _("Search, one part at a time")
    return form


def _parts(question: Question, found: Found) -> dict[str, Any]:
    """Nothing to say to whoever may open ten thousand cases or fewer."""
    here, last = found.part, found.parts
    if last == 1:
        return {}
    shown = {"part": here, "last_part": last, "next_part": _address(question, here + 1)}
    return shown | {"parts": [(number, _address(question, number)) for number in range(1, last + 1)]}


def _address(question: Question, part: int) -> str:
    """Of the same list in another part; a search has none, for its words would stand in it."""
    return "" if question.searched else urlencode(question.asked() | {"part": str(part)})


def _views(request: SignedInRequest) -> list[dict[str, Any]]:
    return [
        {"id": view_id, "name": view.name if view else _("does not open")}
        for view_id, view in savedviews.all_of(request.keyring)
    ]


def _active(question: Question) -> list[dict[str, str]]:
    """Each filter that is set, with the address of the list without it."""
    return [asked | {"without": _without(question, asked["name"])} for asked in question.filters.active()]


def _without(question: Question, name: str) -> str:
    rest = QueryDict(mutable=True)
    rest.update({key: text for key, text in question.asked().items() if key not in (name, "words", "kind")})
    return f"{reverse('cases')}?{rest.urlencode()}"


def shown(question: Question, page: list[vault.Listed]) -> list[dict[str, Any]]:
    owners = _names({listed.card.owner for listed in page})
    records = _records(question, page)
    return [_shown(listed, owners, question, records.get(listed.case)) for listed in page]


def _names(owners: set[str]) -> dict[str, str]:
    wanted = [UUID(hex=owner) for owner in owners if owner]
    if not wanted:
        return {}
    return {pk.hex: name for pk, name in User.objects.filter(pk__in=wanted).values_list("pk", "username")}


def _records(question: Question, page: list[vault.Listed]) -> dict[bytes, vault.OpenRevision]:
    """Only for a search, and only those on this page: a sentence is shown as it was told, and a card has none."""
    if not question.searched or not page:
        return {}
    shown = [listed.case_id for listed in page]
    opened = vault.newest_cases(question.request.keyring, shown, with_files=True)
    return {case_id.bytes: found for case_id, found in opened.items()}


def _shown(listed: vault.Listed, owners: dict[str, str], question: Question, opened: Any) -> dict[str, Any]:
    card = card_shown(listed)
    owner = owners.get(listed.card.owner, "")
    return card | {
        "id": listed.case_id,
        "words": listed.card.tags,
        "owner": _("%(name)s looks after it") % {"name": owner} if owner else "",
        "hits": hits(*question.typed, opened.record, opened.files) if opened else [],
    }
