"""Every template's `date` filter, in place of Django's."""

from typing import Any

from django import template
from django.template.defaultfilters import date as plain_date

from accounts.days import in_french

register = template.Library()


@register.filter("date", expects_localtime=True, is_safe=False)
def date(value: Any, form: str | None = None) -> str:
    return in_french(plain_date(value, form))
