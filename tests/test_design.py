"""The design system keeps its word: contrast, no inline code, no third party, fields that say what is wrong."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from casework.templatetags import display

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "casework" / "static" / "temoin"
TEMPLATES = sorted([*ROOT.glob("casework/templates/**/*.html"), *ROOT.glob("accounts/templates/**/*.html")])
TOKENS = (STATIC / "tokens.css").read_text()

CLAIM = re.compile(r"^     (\S+) +on (\S+) +(\d+\.\d\d) +(\d+\.\d\d)$", re.MULTILINE)
COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
FOR_SHAPES = {"edge", "baton"}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def colours():
    light, dark = TOKENS.split("@media (prefers-color-scheme: dark)")
    return dict(COLOUR.findall(light)), dict(COLOUR.findall(dark))


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_contrast_noted_in_the_tokens_is_true_and_enough():
    claims = CLAIM.findall(TOKENS)
    assert len(claims) > 30
    for front, ground, *noted in claims:
        for palette, ratio in zip(colours(), noted, strict=True):
            measured = contrast(palette[front], palette[ground])
            assert f"{measured:.2f}" == ratio, (front, ground, measured)
            assert measured >= (3 if front in FOR_SHAPES else 4.5), (front, ground, measured)


def test_dark_leaves_no_colour_of_light_behind():
    light, dark = colours()
    assert light.keys() == dark.keys()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_script_style_or_handler(template):
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:|hx-on|hx-vals=.js", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("path", [*TEMPLATES, *sorted(STATIC.iterdir())], ids=lambda path: path.name)
def test_nothing_names_another_host(path):
    hosts = set(re.findall(r"(?:https?:)?//([a-z0-9.-]+\.[a-z]{2,})", path.read_text()))
    assert hosts <= {"www.w3.org"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_line_begins_with_the_dot_between_two_facts(template):
    """On a narrow screen it would look like one more thing of a list. A title and what a filter joins are not broken."""
    lines = (line for line in template.read_text().splitlines() if "<title>" not in line)
    assert not [line for line in lines if re.search(r'(?<!") · ', line)]


def test_every_sign_that_is_used_is_drawn():
    drawn = set(re.findall(r'id="([a-z]+)"', (STATIC / "icons.svg").read_text()))
    used = {name for path in TEMPLATES for name in re.findall(r'{% icon "([a-z]+)" %}', path.read_text())}
    assert used
    assert used <= drawn


# Names without a look of their own: for the next reader of the template.
UNDRAWN = {"pagination__list", "sorting__list", "top__language"}
IN_MARKUP = re.compile(r'\bclass="([^"]*)"')
OF_TEMPLATES = re.compile(r"{%.*?%}|{{.*?}}")


def test_no_class_is_left_to_what_a_browser_does_by_itself():
    drawn = {
        name for sheet in STATIC.glob("*.css") for name in re.findall(r"\.([a-z][\w-]*)", sheet.read_text())
    }
    worn = {
        name
        for path in TEMPLATES
        for worn in IN_MARKUP.findall(path.read_text())
        for name in re.split(r"\s+", OF_TEMPLATES.sub(" ", worn))
        if name and not name.endswith("-")
    }
    assert worn - drawn == UNDRAWN


def test_the_script_writes_nothing_to_the_browser_and_htmx_caches_no_page():
    script = (STATIC / "temoin.js").read_text()
    assert "setItem" not in script and "indexedDB" not in script and "document.cookie" not in script
    page = (ROOT / "casework/templates/base.html").read_text()
    for setting in ('"historyCacheSize": 0', '"allowEval": false', '"includeIndicatorStyles": false'):
        assert setting in page


class IntakeForm(forms.Form):
    reference = forms.CharField(help_text="A word your team knows.")
    pretext = forms.ChoiceField(choices=[("a", "Collision"), ("b", "Fare")], widget=forms.RadioSelect)
    note = forms.CharField(required=False)
    counted = forms.BooleanField(required=False)


def test_a_field_names_its_hint_and_its_error():
    html = str(IntakeForm({}))
    assert 'aria-describedby="id_reference_helptext id_reference_error"' in html
    assert 'id="id_reference_helptext"' in html and 'id="id_reference_error"' in html
    assert 'aria-invalid="true"' in html


def test_the_summary_of_errors_leads_to_the_fields():
    html = str(IntakeForm({}))
    assert 'class="error-summary"' in html
    assert 'href="#id_reference"' in html
    # A set of radios takes no focus itself: the link goes to the first of them.
    assert 'href="#id_pretext_0"' in html and 'id="id_pretext_0"' in html
    assert "#id_note" not in html


def test_a_form_without_errors_has_no_summary_and_says_what_is_optional():
    html = str(IntakeForm())
    assert "error-summary" not in html
    assert html.count("(optional)") == 1


def test_what_was_typed_is_escaped_in_the_field_and_in_the_summary():
    html = str(IntakeForm({"pretext": "<script>alert(1)</script>", "reference": '"><b>'}))
    assert "<script>" not in html and "<b>" not in html


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 min"),
        (35, "35 min"),
        (60, "1 h"),
        (200, "3 h 20 min"),
        (1440, "1 day"),
        (3120, "2 days 4 h"),
        (3130, "2 days 4 h"),
        (13200, "9 days"),
    ],
)
def test_elapsed_time_is_said_in_two_units_at_most(minutes, words):
    assert display.elapsed(dt.timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2017", "2017"),
        ("2017-Q2", "Q2 2017"),
        ("2017-03", "March 2017"),
        ("2017-03-14", "March 14, 2017"),
        ("", ""),
    ],
)
def test_a_date_is_as_precise_as_it_came(date, words):
    assert display.date_words(date) == words


def test_a_suppressed_bar_has_no_length():
    bars = display.with_widths(
        [{"label": "a", "value": 40}, {"label": "b", "value": 10}, {"label": "c", "value": None}]
    )
    assert [bar["width"] for bar in bars] == ["100.00", "25.00", "0.00"]
    assert display.with_widths([{"label": "a", "value": None}])[0]["width"] == "0.00"


def release_table(reason):
    cells = [{"value": 1200, "reason": None}, {"value": None, "reason": reason}]
    columns = [{"label": "2017", "total": False}, {"label": "2018", "total": False}]
    rows = [{"label": "Lachine", "level": 1, "total": False, "cells": cells}]
    return {"caption": "By borough", "corner": "Borough", "columns": columns, "rows": rows}


def test_the_public_table_does_not_tell_one_reason_from_another():
    pages = {
        render_to_string("parts/release_table.html", {"table": release_table(r)}) for r in display.REASONS
    }
    assert len(pages) == 1
    page = pages.pop()
    assert ">suppressed</span>" in page and "suppressed__why" not in page and "1,200" in page


def test_a_draft_says_why_each_cell_is_suppressed():
    page = render_to_string("parts/release_table.html", {"table": release_table("edition"), "inside": True})
    assert "suppressed__why--edition" in page


def test_progress_asks_again_only_while_it_runs():
    running = {"url": "/jobs/1/", "running": True, "words": "Protecting", "done": 1200, "total": 4000}
    page = render_to_string("parts/progress.html", {"progress": running})
    assert 'hx-get="/jobs/1/"' in page and 'value="1200" max="4000"' in page
    done = render_to_string("parts/progress.html", {"progress": running | {"running": False, "done": 4000}})
    assert "hx-get" not in done


def test_a_sign_is_hidden_from_screen_readers():
    html = Template('{% load display %}{% icon "sealed" %}').render(Context())
    assert 'aria-hidden="true"' in html and "icons.svg#sealed" in html
