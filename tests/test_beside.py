"""What stands beside the figures of a release: series of others and the annex of requests, on page, paper and CSV."""

import csv
import datetime as dt
import html
import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from casework import annex, documents, outside, questions, releasepaper, rendering
from casework.annex import AccessRequest
from casework.bundle import bundle
from casework.documents import Document
from casework.models import Release
from casework.questions import BadSpecification
from tests.cast import Cast
from tests.release_pages import a_published
from tests.statistics_rows import fill
from tests.test_drafting import ASKED, TODAY, made
from tests.test_published_papers import text_of

ASKED_ON = "2026-03-02"
REQUEST: dict[str, Any] = {
    "body": "SPVM",
    "about": {"en": "Calls to CBSA since 2022", "fr": "Appels à l'ASFC depuis 2022"},
    "law": "QC",
    "asked_on": ASKED_ON,
}


def with_beside(document: Document) -> Document:
    request = AccessRequest("SPVM", REQUEST["about"], "QC", dt.date.fromisoformat(ASKED_ON))
    document.outside = outside.chosen(["E1", "E4", "E5"])
    document.annex = [annex.annexed(request, TODAY)]
    return document


@pytest.fixture
def release(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Release:
    from tests import release_pages

    whole = release_pages.a_document
    monkeypatch.setattr(release_pages, "a_document", lambda *a, **k: with_beside(whole(*a, **k)))
    return a_published(cast)


# The question


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"outside": ["E9"]}, "outside_unknown", "outside"),
        ({"outside": ["E1", "E1"]}, "outside_unknown", "outside"),
        ({"annex": [REQUEST | {"law": "MARS"}]}, "annex_words", "annex.1"),
        ({"annex": [REQUEST | {"body": " "}]}, "annex_words", "annex.1"),
        ({"annex": [REQUEST, REQUEST | {"about": {"en": "x"}}]}, "annex_words", "annex.2"),
        ({"annex": [REQUEST | {"answered_on": "2026-03-01"}]}, "annex_days", "annex.1"),
        ({"annex": [REQUEST | {"asked_on": "2026-12-01"}]}, "annex_days", "annex.1"),
        ({"annex": [REQUEST | {"answered_on": "2026-12-01"}]}, "annex_days", "annex.1"),
        ({"annex": [REQUEST | {"named_on": "2026-03-01"}]}, "annex_days", "annex.1"),
        ({"annex": [REQUEST] * 25}, "annex_long", "annex"),
        ({"annex": [REQUEST | {"person": "Heron"}]}, "spec_shape", "$.annex[0]"),
    ],
)
def test_what_cannot_stand_beside_figures_is_refused_by_name(
    changes: dict[str, Any], code: str, where: str
) -> None:
    with pytest.raises(BadSpecification) as refused:
        questions.parse(ASKED | changes, TODAY)
    assert (refused.value.code, refused.value.where) == (code, where)


def test_a_question_without_anything_beside_it_says_nothing_of_it() -> None:
    assert not {"outside", "annex"} & set(questions.parse(ASKED, TODAY).plain())


# The annex


@pytest.mark.parametrize(
    ("changes", "due", "state"),
    [
        ({}, "2026-03-22", "silent"),
        ({"extended": True}, "2026-04-01", "silent"),
        ({"answered_on": "2026-03-22"}, "2026-03-22", "in_time"),
        ({"answered_on": "2026-03-23"}, "2026-03-22", "late"),
        ({"law": "FEDERAL"}, "2026-04-01", "silent"),
        ({"law": "FEDERAL", "extended": True}, None, "waiting"),
        ({"law": "FEDERAL", "extended": True, "named_on": "2026-06-01"}, "2026-06-01", "silent"),
        ({"law": "BC"}, "2026-04-15", "silent"),
        ({"asked_on": "2026-11-20"}, "2026-12-10", "waiting"),
    ],
)
def test_a_request_says_by_when_the_law_wanted_an_answer_and_what_came(
    changes: dict[str, Any], due: str | None, state: str
) -> None:
    [request] = questions.parse(ASKED | {"annex": [REQUEST | changes]}, TODAY).annex
    found = annex.annexed(request, TODAY)
    assert (found.due_on.isoformat() if found.due_on else None, found.state) == (due, state)


# The document


def test_a_draft_carries_what_was_chosen_and_the_attack_does_not_mind(cast: Cast) -> None:
    fill(60)
    document = made(tables=[["held"]], outside=["E5", "E7"], annex=[REQUEST]).document
    assert document is not None
    again = documents.read(documents.canonical(document))
    assert [one.code for one in again.outside] == ["E5", "E7"]
    assert again.annex[0].state == "silent"
    assert "annex" not in documents.canonical(made(tables=[["held"]]).document).decode()  # type: ignore[arg-type]


def test_the_rendering_is_read_back_as_if_nothing_stood_beside_it(cast: Cast) -> None:
    fill(60)
    document = with_beside(made(tables=[["held"]]).document)  # type: ignore[arg-type]
    rendering.check_rendering(document)
    assert len(rendering.read_csv(rendering.csv_text(document, "fr"))) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_shows_them_apart_and_warns_where_a_source_contradicts_itself(
    client: Client, release: Release, language: str
) -> None:
    page = client.get(f"/published/{release.pk}/", headers={"Accept-Language": language}).content.decode()
    for said in (
        "192",
        "183",
        "4,770" if language == "en" else "4\u00a0770",
        "SPVM",
        REQUEST["about"][language],
    ):
        assert said in html.unescape(page)
    assert "polyline" not in page, "nothing is joined by a line"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_paper_and_csv_say_the_same(release: Release, language: str) -> None:
    document = documents.read(bytes(release.document or b""))
    text = " ".join(text_of(releasepaper.pdf(document, language)).split())
    with zipfile.ZipFile(io.BytesIO(bundle(document, language))) as archive:
        e5 = archive.read("beside-E5.csv").decode("utf-8-sig")
        requests = list(csv.reader(io.StringIO(archive.read("beside-annex.csv").decode("utf-8-sig"))))
    warning = document.outside[2].warnings[0][language]
    assert warning in text and warning in e5 and warning in rendering.csv_text(document, language)
    assert [row[-1] for row in csv.reader(io.StringIO(e5))][-4:] == ["183", "159", "32", "1"]
    assert REQUEST["about"][language] in text
    assert requests[1][:2] == ["SPVM", REQUEST["about"][language]]


def test_a_name_in_the_annex_is_no_formula(cast: Cast) -> None:
    fill(60)
    document = made(tables=[["held"]], annex=[REQUEST | {"body": "=HYPERLINK(1)"}]).document
    assert document is not None
    assert "\n'=HYPERLINK(1)" in rendering.csv_text(document, "en")


# The form


@pytest.mark.django_db
def test_a_coordinator_chooses_what_stands_beside_and_a_line_is_whole_or_empty(cast: Cast) -> None:
    from casework.forms.asking import DraftForm, filled_from

    first = {"title_fr": "a", "title_en": "b", "unit": "person", "first_year": "2015", "first_quarter": "1",
             "last_year": "2025", "last_quarter": "4", "threshold": "5", "time_level": "year",
             "place_level": "borough", "tables": ["pretext"]}  # fmt: skip
    line = {"annex_1_body": "SPVM", "annex_1_law": "QC", "annex_1_about_fr": "x", "annex_1_about_en": "y",
            "annex_1_asked_on": ASKED_ON}  # fmt: skip
    form = DraftForm(first | line | {"outside": ["E1", "E5"]})
    assert form.is_valid(), form.errors
    question = questions.parse(form.question(), TODAY)
    assert (question.outside, [r.body for r in question.annex]) == (["E1", "E5"], ["SPVM"])
    again = filled_from(question)
    assert (again["outside"], again["annex_1_body"], again["annex_1_asked_on"]) == (
        ["E1", "E5"],
        "SPVM",
        dt.date.fromisoformat(ASKED_ON),
    )
    half = DraftForm(first | {"annex_2_body": "SPVM"})
    assert not half.is_valid() and list(half.errors) == ["annex_2_law"]
    plain = DraftForm(first)
    assert plain.is_valid() and not {"outside", "annex"} & set(
        questions.parse(plain.question(), TODAY).plain()
    )
