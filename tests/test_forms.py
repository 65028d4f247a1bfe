"""What holds for every form there is, asked of the forms themselves."""

import datetime as dt
import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django import forms
from django.utils import translation

import accounts.forms
import casework.forms

for module in pkgutil.iter_modules(casework.forms.__path__):
    importlib.import_module(f"casework.forms.{module.name}")


def ours(kind: type = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for form in kind.__subclasses__():
        if form.__module__.startswith(("casework.", "accounts.")):
            yield form
        yield from ours(form)


def days() -> dict[str, forms.Field]:
    fields = {
        f"{form.__module__}.{form.__name__}.{name}": field
        for form in ours()
        for name, field in form.base_fields.items()
    }
    return {name: field for name, field in fields.items() if isinstance(field, forms.DateField)}


def test_there_are_days_to_ask_for():
    assert len(days()) > 12 and accounts.forms.__name__


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_browser_shows_the_day_that_a_form_begins_with_in_every_form(language):
    """It takes ISO only: anything else is an empty picker, and a saving then loses the day."""
    with translation.override(language):
        drawn = {name: field.widget.render("day", dt.date(2026, 3, 4)) for name, field in days().items()}
    lost = [n for n, html in drawn.items() if 'type="date"' not in html or 'value="2026-03-04"' not in html]
    assert lost == []


def test_the_day_a_picker_sends_is_read_in_both_languages():
    for language in ("fr", "en"):
        with translation.override(language):
            assert forms.DateField().clean("2026-03-04") == dt.date(2026, 3, 4)
