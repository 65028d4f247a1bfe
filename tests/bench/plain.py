"""The same work with encryption off, as an ordinary program would do it: readable columns, the database filters, sorts and
searches, and keys, shares and sealed audit entries do not exist. It stands here only to be compared with."""

import uuid
from collections.abc import Iterable
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Team, User
from casework import coarsening
from casework.coding import facts_of
from casework.folding import normalise
from casework.forms.cases import all_valid
from casework.forms.filters import CaseFilterForm, SearchForm, order_name, orders
from casework.importing import keeping
from casework.importing.rows import read_cases
from casework.record import Card, CaseRecord, card_of, decode_record, encode
from casework.searchtext import search_text
from casework.vault import OpenCase, open_until
from casework.views import cases
from casework.views.finding import PAGE
from casework.views.summaries import card_shown
from config.urls import urlpatterns as addresses


class PlainCase(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=200)
    date = models.CharField(max_length=20)
    city = models.CharField(max_length=60)
    borough = models.CharField(max_length=60)
    pretext = models.CharField(max_length=60)
    status = models.CharField(max_length=60)
    verification = models.CharField(max_length=10)
    open_until = models.CharField(max_length=10)
    police_services = models.JSONField()
    aliases = models.JSONField()
    facts = models.TextField()
    detained_now = models.BooleanField()
    counted = models.BooleanField()
    text = models.TextField()
    record = models.BinaryField()

    class Meta:
        app_label = "bench"
        indexes: ClassVar = [models.Index(fields=["team", "-detained_now", "-date"], name="plain_order")]

    # What `vault.Listed` says beside the card; nothing here is sealed, so nothing of it is news.
    news = ()

    @property
    def case_id(self) -> uuid.UUID:
        return self.id

    @property
    def card(self) -> Card:
        shown = {name: getattr(self, name) for name in CARD_COLUMNS}
        return Card(**shown, police_services=tuple(self.police_services), aliases=tuple(self.aliases))


class PlainRevision(models.Model):
    case = models.ForeignKey(PlainCase, models.CASCADE)
    number = models.IntegerField()
    record = models.BinaryField()

    class Meta:
        app_label = "bench"


class PlainEntry(models.Model):
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, models.CASCADE, related_name="+")
    action = models.CharField(max_length=40)
    subject = models.UUIDField(null=True)

    class Meta:
        app_label = "bench"


class PlainStatistic(models.Model):
    token_hash = models.BinaryField(primary_key=True, max_length=32)
    record = models.JSONField()

    class Meta:
        app_label = "bench"


CARD_COLUMNS = [
    "reference",
    "date",
    "city",
    "borough",
    "pretext",
    "status",
    "verification",
    "open_until",
    "detained_now",
    "counted",
]


def make_tables() -> None:
    with connection.schema_editor() as editor:
        for model in (PlainCase, PlainRevision, PlainEntry, PlainStatistic):
            editor.create_model(model)


def columns(record: CaseRecord) -> dict[str, Any]:
    counted, facts = coarsening.is_counted(record), facts_of(record)
    card = card_of(record, counted=counted, open_until=open_until(record), facts=facts)
    shown = {name: getattr(card, name) for name in (*CARD_COLUMNS, "police_services", "aliases", "facts")}
    return shown | {"text": search_text(record), "record": encode(record)}


def import_file(file: Path, team: Team, today: date) -> None:
    with file.open("rb") as opened, transaction.atomic():
        records = read_cases(opened, file.name, today)
        while batch := list(islice(records, keeping.BATCH)):
            keep(batch, team)


def keep(batch: Iterable[CaseRecord], team: Team) -> None:
    cases = PlainCase.objects.bulk_create(PlainCase(team=team, **columns(record)) for record in batch)
    PlainRevision.objects.bulk_create(PlainRevision(case=c, number=1, record=c.record) for c in cases)
    counted = (row for record in batch for row in coarsening.coarsen(record))
    PlainStatistic.objects.bulk_create(
        PlainStatistic(token_hash=t, record=[r.year, r.city]) for t, r in counted
    )


def cases_of(user: User) -> models.QuerySet[PlainCase]:
    return PlainCase.objects.filter(team__group__user=user)


def open_case(user: User, case_id: uuid.UUID) -> CaseRecord:
    case = cases_of(user).get(pk=case_id)
    PlainEntry.objects.create(actor=user, action="case.open", subject=case_id)
    return decode_record(case.record)


def save_case(user: User, case_id: uuid.UUID, record: CaseRecord) -> None:
    with transaction.atomic():
        case = cases_of(user).select_for_update(of=("self",)).get(pk=case_id)
        number = PlainRevision.objects.filter(case=case).count() + 1
        PlainRevision.objects.create(case=case, number=number, record=encode(record))
        PlainCase.objects.filter(pk=case_id).update(**columns(record))
        PlainEntry.objects.create(actor=user, action="case.save", subject=case_id)


def list_page(request: HttpRequest) -> HttpResponse:
    filters = filters_of(request)
    return _page(request, cases_of(request.user).filter(wanted(filters)), filters, "case.list")


def wanted(filters: CaseFilterForm) -> models.Q:
    found = models.Q()
    for name, value in filters.asked().items():
        is_fact = getattr(filters.fields[name], "fact", "")
        found &= models.Q(facts__contains=f" {name}={value} ") if is_fact else models.Q(**{name: value})
    return found


def filters_of(request: HttpRequest) -> CaseFilterForm:
    return CaseFilterForm(request.GET, user=request.user, teams=Team.objects.filter(seats__user=request.user))


@csrf_exempt
def search_page(request: HttpRequest) -> HttpResponse:
    wanted = models.Q()
    for word in normalise(request.POST["words"]).split():
        wanted &= models.Q(text__contains=word)
    return _page(request, cases_of(request.user).filter(wanted), filters_of(request), "case.search")


def _page(
    request: HttpRequest, found: models.QuerySet[PlainCase], filters: CaseFilterForm, action: str
) -> HttpResponse:
    """The page of `casework.views.cases`, so that both pay the same for the template."""
    PlainEntry.objects.create(actor=request.user, action=action)
    order = order_name(request.GET.get("sort", ""))
    page = Paginator(found.defer("text", "record").order_by("-detained_now", order), PAGE).get_page(1)
    context = {
        "cards": [card_shown(row) | {"id": row.id} for row in page],
        "page": page,
        "sorts": orders(order),
        "filters": filters,
        "active": filters.active(),
        "search": SearchForm(),
        "total": page.paginator.count,
        "selectable": page.paginator.count,
        "asked": {name: value for name, value in request.GET.items() if value},
        "sort": order,
        "detained": found.filter(detained_now=True).count(),
        "may_add": True,
    }
    return render(request, "casework/cases/list.html", context)


def case_page(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """The page of `casework.views.cases` about a case without evidence, copies and notices: nothing has to be opened for it."""
    record = open_case(request.user, case_id)
    opened: Any = OpenCase(PlainCase.objects.select_related("team").get(pk=case_id), record, 1)
    context = {
        **cases.record_context(request, opened),
        "may_change": True,
        "may_share": True,
        "access": [{"name": opened.case.team.name, "team": True}],
        "erase_after": timezone.localdate(),
    }
    return render(request, "casework/cases/detail.html", context)


@csrf_exempt
def case_change(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    record = decode_record(cases_of(request.user).get(pk=case_id).record)
    parts = cases._changed_parts(request, record)
    assert all_valid(list(parts.values()))
    save_case(request.user, case_id, cases._changed_record(record, parts))
    return redirect(f"/plain/{case_id}/")


urlpatterns = [
    path("plain/", list_page),
    path("plain/search/", search_page),
    path("plain/<uuid:case_id>/", case_page),
    path("plain/<uuid:case_id>/change/", case_change),
    *addresses,
]
