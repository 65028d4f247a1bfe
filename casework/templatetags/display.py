"""Template tags that show things: icons, elapsed time, dates of any precision, suppressed cells, bars."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.days import date_format

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400

# Why a cell is suppressed is shown in drafts only; the public document has one sign for all of them.
REASONS = {
    "primary": (gettext_lazy("small"), gettext_lazy("fewer people than the threshold")),
    "complementary": (
        gettext_lazy("cover"),
        gettext_lazy("kept back because it would give another number away"),
    ),
    "insider": (gettext_lazy("insider"), gettext_lazy("somebody counted beside it could work it out")),
    "group": (gettext_lazy("group"), gettext_lazy("it would say something of everybody in a group")),
    "edition": (
        gettext_lazy("edition"),
        gettext_lazy("an earlier edition beside it would give a change away"),
    ),
}

PARTIAL_DATE = re.compile(r"(?P<year>\d{4})(?:-Q(?P<quarter>[1-4])|-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?")


@register.simple_tag
def icon_address(name: str) -> str:
    return f"{static('temoin/icons.svg')}#{name}"


@register.simple_tag
def icon(name: str) -> SafeString:
    """A sign beside words: hidden from screen readers, because the words say it."""
    markup = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="{}"></use></svg>'
    return format_html(markup, icon_address(name))


@register.simple_tag
def quick_exit_destination() -> str:
    """A tag, not a context variable: error 500 is rendered without a context, and leaves as quickly as any other."""
    return str(settings.TEMOIN_QUICK_EXIT_URL)


@register.inclusion_tag("parts/suppressed.html")
def suppressed(reason: str = "") -> dict[str, Any]:
    """`reason` is a key of REASONS, or empty wherever the public may read."""
    return {"reason": reason, "words": REASONS[reason][0] if reason else ""}


@register.simple_tag
def suppression_reasons() -> list[dict[str, Any]]:
    return [{"code": code, "word": word, "meaning": meaning} for code, (word, meaning) in REASONS.items()]


@register.filter
def elapsed(duration: dt.timedelta | str) -> str:
    """Two units at most: "3 h 20 min", "2 days 4 h", "9 days". Words that are already text pass through."""
    if isinstance(duration, str):
        return duration
    seconds = max(0, int(duration.total_seconds()))
    if seconds < DAY:
        return _hours(seconds)
    days, rest = divmod(seconds, DAY)
    words = ngettext("%(number)s day", "%(number)s days", days) % {"number": number_format(days)}
    # Past a few days the hours say more than anybody remembers.
    return f"{words} {_hours(rest - rest % HOUR)}" if days < 3 and rest >= HOUR else words


def _hours(seconds: int) -> str:
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    parts = [gettext("%(number)s h") % {"number": hours}] if hours else []
    if minutes or not hours:
        parts.append(gettext("%(number)s min") % {"number": minutes})
    return " ".join(parts)


@register.filter
def date_words(value: str) -> str:
    """`2017`, `2017-Q2`, `2017-03` or `2017-03-14` in words, as precise as it came and no more."""
    match = PARTIAL_DATE.fullmatch(value)
    if match is None:
        return value
    year, quarter, month, day = (int(part) if part else None for part in match.groups())
    if quarter:
        return gettext("Q%(quarter)s %(year)s") % {"quarter": quarter, "year": year}
    if year is None or month is None:
        return str(value)
    return date_format(dt.date(year, month, day or 1), "DATE_FORMAT" if day else "YEAR_MONTH_FORMAT")


@register.filter
def with_widths(bars: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each bar with its width in per cent of the largest; a suppressed one (value None) has no length to give it away."""
    rows = [dict(bar) for bar in bars]
    largest = max((row["value"] for row in rows if row["value"] is not None), default=0) or 1
    # A string with a point: a localised "41,7" would not be a length in SVG.
    return [row | {"width": f"{100 * (row['value'] or 0) / largest:.2f}"} for row in rows]


@register.filter
def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@register.filter
def first_input(field: BoundField) -> str:
    """The id an error leads to: for a set of choices its first one, because the set itself takes no focus."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
