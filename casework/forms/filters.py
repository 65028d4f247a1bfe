"""Filters and order of the list of cases. Coded choices only: words typed to search, and tags, never stand in an address."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from operator import attrgetter
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from casework import deadlines
from casework.coding import value_of
from casework.forms.fields import MomentField, OneCode, choices
from casework.matching import spans
from casework.record import Card, Moment

# Of a `vault.Listed`. By name where it can be: ten thousand times, a function of ours is what sorting costs.
ORDERS: Final[dict[str, Callable[[Any], Any]]] = {
    "date": attrgetter("head.date"),
    "reference": lambda listed: listed.head.reference.casefold(),
    "status": attrgetter("head.status"),
    "consent": attrgetter("head.open_until"),
    # What is due is written with its day first; what has nothing due comes after everything that has.
    "due": lambda listed: listed.head.due[0] if listed.head.due else "~",
}
ORDER_LABELS: Final = {
    "date": _("date"),
    "reference": _("reference"),
    "status": _("status"),
    "consent": _("end of consent"),
    "due": _("what is due"),
}
PRECISION: Final = _("2017, 2017-Q2, 2017-03 or 2017-03-14")
NOBODY, MINE, ELSEWHERE = "nobody", "mine", "elsewhere"
YES_NO: Final = [("", _("any")), ("YES", _("yes")), ("NO", _("no"))]
DUE: Final = [
    ("", _("any")),
    ("overdue", _("overdue")),
    ("7", _("within 7 days")),
    ("30", _("within 30 days")),
    ("none", _("nothing")),
]
CONSENT_ENDS: Final = [
    ("", _("any")),
    ("30", _("within 30 days")),
    ("90", _("within 90 days")),
    ("ended", _("has ended")),
]


class QuickSelect(forms.Select):
    """Django renders a template for every option; forty lists of twenty would take longer than opening the cases."""

    choices: Any

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        written = "".join(
            f' {key}="{conditional_escape(text)}"'
            for key, text in self.build_attrs(self.attrs, attrs).items()
        )
        options = "".join(
            f'<option value="{conditional_escape(code)}"{" selected" if str(code) == str(value or "") else ""}>'
            f"{conditional_escape(label)}</option>"
            for code, label in self.choices
        )
        return mark_safe(f'<select name="{conditional_escape(name)}"{written}>{options}</select>')  # noqa: S308 - escaped above


class AnyCode(OneCode):
    """A filter by one code of a list; `fact` is its name on the card where it is not the field's own."""

    def __init__(self, vocabulary: str, label: Any, fact: str = "") -> None:
        super().__init__(vocabulary, label=label, widget=QuickSelect)
        self.fact = fact
        self.choices = lambda: [("", str(_("any"))), *choices(vocabulary)]


class YesNo(forms.ChoiceField):
    def __init__(self, label: Any, fact: str = "") -> None:
        super().__init__(label=label, choices=YES_NO, required=False, widget=QuickSelect)
        self.fact = fact


class CaseFilterForm(forms.Form):
    status = AnyCode("case_status", _("Status"))
    pretext = AnyCode("pretext", _("How it began"))
    police_service = AnyCode("police_service", _("Service"))
    borough = AnyCode("borough", _("Borough"))
    outcome = AnyCode("outcome", _("Outcome"))
    verification = AnyCode("verification", _("Verification"))
    since = MomentField(label=_("Happened since"), may_be_ahead=True, help_text=PRECISION)
    until = MomentField(label=_("Happened until"), may_be_ahead=True, help_text=PRECISION)
    detained = forms.BooleanField(label=_("Detained now"), required=False)

    team = forms.ChoiceField(label=_("Team that keeps it"), required=False, widget=QuickSelect)
    owner = forms.ChoiceField(label=_("Who looks after it"), required=False, widget=QuickSelect)
    counted = YesNo(_("Counted in figures"))
    due = forms.ChoiceField(label=_("Something is due"), choices=DUE, required=False, widget=QuickSelect)

    age_band = AnyCode("age_band", _("Age"), "age_band")
    minor = YesNo(_("Under 18"), "minor")
    minors = AnyCode("answer", _("Minors concerned"), "minors")
    lawyer = AnyCode("answer", _("Has a lawyer"), "lawyer")
    gender = AnyCode("gender", _("Gender"), "gender")
    region = AnyCode("region", _("Region of origin"), "region")
    language = AnyCode("language", _("Language"), "language")
    immigration_basis = AnyCode("immigration_basis", _("Immigration basis"), "immigration_basis")
    status_raised = AnyCode("status_raised", _("How status came up"), "status_raised")
    suspicion_cue = AnyCode("suspicion_cue", _("What raised suspicion"), "suspicion_cue")
    cbsa_involvement = AnyCode("cbsa_involvement", _("What the CBSA did"))
    harm = AnyCode("harm", _("Harm done"), "harm")

    city = AnyCode("city", _("City"))
    place_type = AnyCode("place_type", _("Kind of place"), "place_type")
    step_kind = AnyCode("step_kind", _("Step"), "step_kind")
    agency = AnyCode("police_service", _("Who acted in a step"), "agency")
    detention_place = AnyCode("detention_place", _("Place of detention"), "detention_place")
    legal_basis = AnyCode("legal_basis", _("Legal basis stated"), "legal_basis")
    reason_given = AnyCode("answer", _("Reason given"), "reason_given")
    warrant_shown = AnyCode("answer", _("Was a warrant shown?"), "warrant_shown")
    reasons_given = AnyCode("answer", _("Were reasons given?"), "reasons_given")
    counsel = AnyCode("answer", _("Could they speak to a lawyer?"), "counsel")
    interpreter = AnyCode("answer", _("Was there an interpreter?"), "interpreter")

    service_type = AnyCode("service_type", _("Service refused"))
    denial_mechanism = AnyCode("denial_mechanism", _("How it was refused"), "denial_mechanism")

    report_source = AnyCode("report_source", _("Who tells it"), "report_source")
    told_in = AnyCode("language", _("Language of the statement"), "told_in")
    credibility = AnyCode("credibility", _("Credibility of the source"), "credibility")
    validity = AnyCode("validity", _("Validity of the information"), "validity")

    consent = AnyCode("purpose", _("Everybody agrees to"))
    refused = AnyCode("purpose", _("Not everybody agrees to"))
    consent_ends = forms.ChoiceField(
        label=_("Consent to keep the file"), choices=CONSENT_ENDS, required=False, widget=QuickSelect
    )

    # What stands on the list itself; everything else is one page away.
    CORE = (
        "status", "pretext", "police_service", "borough", "outcome", "verification", "since", "until", "detained",
    )  # fmt: skip
    GROUPS: Final[tuple[tuple[str | Promise, tuple[str, ...]], ...]] = (
        (_("The work"), (*CORE[:1], "verification", "team", "owner", "due", "counted", "detained")),
        (_("Consent"), ("consent", "refused", "consent_ends")),
        (_("When and where"), ("since", "until", "borough", "city", "place_type", "pretext", "reason_given")),
        (_("The chain"), (
            "police_service", "agency", "step_kind", "legal_basis", "detention_place", "outcome", "cbsa_involvement",
            "warrant_shown", "reasons_given", "counsel", "interpreter",
        )),
        (_("The person"), (
            "age_band", "minor", "minors", "lawyer", "gender", "region", "language", "immigration_basis", "status_raised",
            "suspicion_cue", "harm",
        )),
        (_("Services refused"), ("service_type", "denial_mechanism")),
        (_("Statements"), ("report_source", "told_in", "credibility", "validity")),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, user: User, teams: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.user, self.teams = user, list(teams)
        self._choose("team", [(team.pk.hex, team.name) for team in self.teams], ELSEWHERE, _("another team"))
        mates = User.objects.filter(seats__team__in=self.teams).exclude(pk=user.pk).distinct()
        named = [(pk.hex, name) for pk, name in mates.order_by("username").values_list("pk", "username")]
        self._choose("owner", [(MINE, _("I do")), *named], NOBODY, _("nobody"))

    def _choose(self, field: str, known: list[tuple[str, Any]], other: str, other_label: Any) -> None:
        offered = [("", _("any")), *known, (other, other_label)]
        self.fields[field].choices = offered  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What is wanted. A code that no longer exists is named among the errors, and the rest holds without it."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def active(self) -> list[dict[str, str]]:
        """Each filter that is set, in words; `data` is how it came, to be sent again."""
        return [
            {
                "name": name,
                "data": str(self.data[name]),
                "label": str(self.fields[name].label),
                "value": self._in_words(name, value),
            }
            for name, value in self.asked().items()
        ]

    def _in_words(self, name: str, value: Any) -> str:
        if value is True:
            return _now("yes")
        words = dict(getattr(self.fields[name], "choices", ()))
        return str(words.get(value) or getattr(value, "text", value))

    def tests(self, *, of_head: bool) -> list[Callable[[Any], bool]]:
        """One for each filter that is set: those that the head of a card answers, or those for which it is read in full. The team
        is none of them: no card says it."""
        return [
            _test(name, self.fields[name], value, self.user)
            for name, value in self.asked().items()
            if name != "team" and (name in OF_HEAD) is of_head
        ]

    def codes(self) -> list[bytes]:
        """What stands on every card that answers: looked for before a card is read in full."""
        return [
            str(value).encode()
            for name, value in self.asked().items()
            if name not in OF_HEAD and _is_coded(name, self.fields[name])
        ]

    def grouped(self) -> list[tuple[Any, list[forms.BoundField], int]]:
        """Title, fields and number of those set, of every group."""
        asked = self.asked()
        return [
            (title, [self[name] for name in names], sum(name in asked for name in names))
            for title, names in self.GROUPS
        ]

    def core(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CORE]

    def kept(self) -> list[tuple[str, str]]:
        """What is asked beside the core, as it came: to stand in hidden fields."""
        return [(name, str(self.data[name])) for name in self.asked() if name not in self.CORE]


def _is_coded(name: str, field: forms.Field) -> bool:
    return name in CODED or bool(getattr(field, "fact", ""))


def _test(name: str, field: forms.Field, value: Any, user: User) -> Callable[[Card], bool]:
    fact = getattr(field, "fact", "")
    if fact:
        wanted = f" {fact}={value} "
        return lambda card: wanted in card.facts
    return TESTS[name](value, user)


def _in(column: str) -> Callable[[Any, User], Callable[[Card], bool]]:
    return lambda code, _user: lambda card: code in getattr(card, column)


def _is(column: str) -> Callable[[Any, User], Callable[[Card], bool]]:
    return lambda code, _user: lambda card: code == getattr(card, column)


def _owner(wanted: str, user: User) -> Callable[[Card], bool]:
    owner = {NOBODY: "", MINE: user.pk.hex}.get(wanted, wanted)
    return lambda card: card.owner == owner and bool(card.open_until)


def _agreed(purpose: str) -> Callable[[Card], bool]:
    today, name = timezone.localdate().isoformat(), f"may:{purpose}"
    return lambda card: value_of(card.facts, name) >= today


def _refused(purpose: str) -> Callable[[Card], bool]:
    agreed = _agreed(purpose)
    return lambda card: not agreed(card)


def _since(moment: Moment) -> Callable[[Card], bool]:
    days, first = spans(), moment.earliest.date()
    return lambda card: bool(card.date) and days(card.date)[1] >= first


def _until(moment: Moment) -> Callable[[Card], bool]:
    days, last = spans(), moment.latest.date()
    return lambda card: bool(card.date) and days(card.date)[0] <= last


def _due(when: str) -> Callable[[Card], bool]:
    if when == "none":
        return lambda card: not card.due and bool(card.open_until)
    today = timezone.localdate()
    last = today if when == "overdue" else today + timedelta(days=int(when))

    def is_due(due: deadlines.CardDue) -> bool:
        return due.latest < last if when == "overdue" else due.earliest <= last

    return lambda card: any(is_due(deadlines.read(written)) for written in card.due)


def _consent_ends(when: str) -> Callable[[Card], bool]:
    if when == "ended":
        return lambda card: not card.open_until
    last = (timezone.localdate() + timedelta(days=int(when))).isoformat()
    return lambda card: "" < card.open_until <= last


CODED: Final = {
    **{name: _is(name) for name in ("status", "pretext", "borough", "city", "verification")},
    "police_service": _in("police_services"),
    "outcome": _in("outcomes"),
    "cbsa_involvement": _in("cbsa_involvement"),
    "service_type": _in("service_types"),
}
TESTS: Final[dict[str, Callable[[Any, User], Callable[[Card], bool]]]] = {
    **CODED,
    # An imprecise date is within a period that it may lie in.
    "since": lambda moment, _user: _since(moment),
    "until": lambda moment, _user: _until(moment),
    "detained": lambda _wanted, _user: lambda card: card.detained_now,
    "counted": lambda answer, _user: lambda card: card.counted is (answer == "YES") and bool(card.open_until),
    "owner": _owner,
    "due": lambda when, _user: _due(when),
    "consent": lambda purpose, _user: _agreed(purpose),
    "refused": lambda purpose, _user: _refused(purpose),
    "consent_ends": lambda when, _user: _consent_ends(when),
}


# Answered by the head of a card: ten thousand of them need not be read in full.
OF_HEAD: Final = frozenset({"status", "since", "until", "detained", "due", "consent_ends"})


class SearchForm(forms.Form):
    words = forms.CharField(label=_("Search in all cases"), max_length=200, widget=forms.SearchInput)
    kind = forms.ChoiceField(
        label=_("Where to look"),
        required=False,
        choices=[
            ("words", _("everywhere")),
            ("names", _("names, also spelled otherwise")),
            ("badge", _("badge numbers")),
            ("tag", _("tags")),
        ],
        widget=QuickSelect,
    )

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or "words"


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


def ordered(found: list[Any], order: str) -> list[Any]:
    """`found` are `vault.Listed`. Detained-now cases come first whatever the order asked for."""
    found.sort(key=ORDERS[order.removeprefix("-")], reverse=order.startswith("-"))
    detained = [listed for listed in found if listed.head.detained_now]
    return detained + [listed for listed in found if not listed.head.detained_now] if detained else found


def nearest_first(found: list[Any]) -> list[Any]:
    """For a search that ranks what it finds: within the detained, and within the others."""
    return sorted(found, key=lambda listed: (not listed.head.detained_now, -listed.match.score))
