"""Filters and order of the list of cases. Coded choices only: words typed to search never stand in an address."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.fields import OneCode
from casework.record import Card

ORDERS: Final[dict[str, Callable[[Card], Any]]] = {
    "date": lambda card: card.date,
    "reference": lambda card: card.reference.casefold(),
    "status": lambda card: card.status,
}
ORDER_LABELS: Final = {"date": _("date"), "reference": _("reference"), "status": _("status")}


class CaseFilterForm(forms.Form):
    status = OneCode("case_status", label=_("Status"))
    pretext = OneCode("pretext", label=_("How it began"))
    police_service = OneCode("police_service", label=_("Service"))
    borough = OneCode("borough", label=_("Borough"))
    outcome = OneCode("outcome", label=_("Outcome"))
    verification = OneCode("verification", label=_("Verification"))
    year = forms.IntegerField(label=_("Year"), required=False, min_value=1990, max_value=2100)
    detained = forms.BooleanField(label=_("Detained now"), required=False)

    def matches(self, card: Card) -> bool:
        wanted = self.cleaned_data
        return (
            (not wanted["status"] or card.status == wanted["status"])
            and (not wanted["pretext"] or card.pretext == wanted["pretext"])
            and (not wanted["borough"] or card.borough == wanted["borough"])
            and (not wanted["verification"] or card.verification == wanted["verification"])
            and (not wanted["police_service"] or wanted["police_service"] in card.police_services)
            and (not wanted["outcome"] or wanted["outcome"] in card.outcomes)
            and (not wanted["year"] or card.date.startswith(str(wanted["year"])))
            and (not wanted["detained"] or card.detained_now)
        )

    def active(self) -> int:
        return sum(bool(value) for value in self.cleaned_data.values())


class SearchForm(forms.Form):
    words = forms.CharField(label=_("Search in all cases"), max_length=200, widget=forms.SearchInput)


def order_name(asked: str) -> str:
    return asked if asked.removeprefix("-") in ORDERS else "-date"


def orders(current: str) -> list[dict[str, Any]]:
    """The links to sort by; the one in force leads to its reverse."""
    return [_order(name, label, current) for name, label in ORDER_LABELS.items()]


def _order(name: str, label: Any, current: str) -> dict[str, Any]:
    is_current = current.removeprefix("-") == name
    reverse = "" if current.startswith("-") else "-"
    code = reverse + name if is_current else name
    return {"code": code, "label": label, "current": is_current, "descending": current.startswith("-")}


def ordered(cards: list[Any], order: str) -> list[Any]:
    """`cards` are `vault.Listed`. Detained-now cases come first whatever the order asked for."""
    key = ORDERS[order.removeprefix("-")]
    cards.sort(key=lambda listed: key(listed.card), reverse=order.startswith("-"))
    cards.sort(key=lambda listed: not listed.card.detained_now)
    return cards
