"""Where a person may go, as the header shows it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import teams
from accounts.models import TeamKind


def navigation(request: HttpRequest) -> dict[str, Any]:
    here = request.resolver_match.view_name if request.resolver_match else ""
    entries = [
        {"label": label, "url": reverse(name), "current": here == name} for name, label in _entries(request)
    ]
    return {
        "navigation": entries,
        "demo_mode": settings.TEMOIN_DEMO,
        "second_factor_off": not settings.TEMOIN_SECOND_FACTOR_REQUIRED,
    }


def _entries(request: HttpRequest) -> list[tuple[str, str]]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return [("published", _("Published figures"))]
    entries, kinds = [], teams.kinds_of(user)
    if TeamKind.ORGANIZERS in kinds:
        entries += [("cases", _("Cases")), ("due", _("Due")), ("contacts", _("Contacts"))]
        entries += [("overview", _("Overview")), ("retention", _("Retention")), ("import", _("Import"))]
    if TeamKind.COORDINATORS in kinds:
        entries += [("releases", _("Releases")), ("people", _("People")), ("wordings", _("Wordings"))]
    if TeamKind.AUDITORS in kinds:
        entries.append(("audit", _("Audit")))
    if TeamKind.COORDINATORS in kinds:
        entries += [("registers", _("Registers")), ("exposure", _("Exposure"))]
    return [*entries, ("teams", _("Teams")), ("published", _("Published figures"))]
