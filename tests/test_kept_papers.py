"""Papers of published releases are made once and kept in the process: not those with words that were withdrawn."""

import gc
import types
import uuid
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client

from casework import keptpapers, releasepaper, releases, stories
from casework.models import Release, Story
from tests.cast import Cast
from tests.release_pages import a_document, a_published, words
from tests.telling import PASSAGE, RECIT, a_case, a_told_release, an_accepted

pytestmark = pytest.mark.django_db
EVERY_FORM = ("/", ".pdf", ".png", ".zip", ".json", ".csv")


def held_by(*modules: types.ModuleType) -> set[bytes]:
    """Every run of bytes that can be reached from what these modules hold, caches of their functions included."""
    seen: dict[int, Any] = {}
    waiting: list[Any] = [value for module in modules for value in vars(module).values()]
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and not isinstance(one, (types.ModuleType, types.FunctionType, type)):
            seen[id(one)] = one
            waiting.extend(gc.get_referents(one))
    return {one for one in seen.values() if isinstance(one, bytes)}


def asked_for(release: Release, forms: Iterable[str] = EVERY_FORM, language: str = "fr") -> list[bytes]:
    addresses = (f"/published/{release.pk}{form}" for form in forms)
    return [Client().get(address, headers={"Accept-Language": language}).content for address in addresses]


@pytest.fixture
def release(cast: Cast) -> Release:
    return a_told_release(cast, an_accepted(cast, a_case(cast)))


@pytest.mark.parametrize("form", EVERY_FORM)
def test_the_papers_of_a_withdrawn_story_are_let_go_when_any_page_of_its_release_is_asked_for(
    release: Release, form: str
) -> None:
    before = {paper for language in ("fr", "en") for paper in asked_for(release, [".pdf"], language)}
    assert len(before) == 2 and before <= held_by(keptpapers, releasepaper)
    stories.remove(list(Story.objects.values_list("pk", flat=True)))
    asked_for(release, [form])
    held = held_by(keptpapers, releasepaper)
    assert not before & held
    assert not [one for one in held if PASSAGE.encode() in one or RECIT.encode() in one]


def test_what_stands_is_made_once_and_another_release_keeps_its_own(cast: Cast, release: Release) -> None:
    other = a_published(cast)
    first = asked_for(other, [".pdf", ".png"])
    stories.remove(list(Story.objects.values_list("pk", flat=True)))
    asked_for(release), asked_for(other)
    assert set(first) <= held_by(keptpapers)
    with pytest.MonkeyPatch.context() as again:
        again.setattr(releasepaper.typst, "compile", None)
        assert asked_for(other, [".pdf", ".png"]) == first


def test_of_a_release_that_was_withdrawn_no_paper_is_kept(cast: Cast, release: Release) -> None:
    made = set(asked_for(release, [".pdf"]))
    releases.withdraw(cast.dana, release.pk, words("A mistake."))
    for form in ("/", ".pdf"):
        asked_for(release, [form])
        assert not made & held_by(keptpapers)


def test_the_oldest_is_let_go_when_there_are_too_many(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keptpapers, "KEPT", 2)
    papers = [asked_for(release, [form], language)[0] for form, language in ASKED]
    held = held_by(keptpapers)
    assert [paper in held for paper in papers] == [False, True, True]


ASKED = ((".pdf", "fr"), (".pdf", "en"), (".png", "fr"))


def test_a_draft_that_the_worker_draws_is_not_kept() -> None:
    made = releasepaper.pdf(a_document(uuid.uuid4()), "fr")
    assert made.startswith(b"%PDF") and made not in held_by(keptpapers, releasepaper)
