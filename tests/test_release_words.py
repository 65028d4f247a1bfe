"""Around the figures: the words in both languages and the numbers they may give away, groups to be decided, and what has to
be read before anybody approves."""

import copy
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts import teams
from casework import audit, documents, drafts, editorials, reading, registers, releases, saidnumbers
from casework.drafts import Group
from casework.editorials import Editorial
from casework.models import Release
from casework.releases import StepRefused
from casework.saidnumbers import HIDDEN, SMALL, UNKNOWN
from tests.cast import Cast, in_english, sign_in
from tests.release_pages import TRUTH, a_document, a_draft, a_published, approve, words, write_words
from tests.statistics_rows import fill
from tests.test_drafting import made

LEAD = {"en": "Most people were held.", "fr": "La plupart ont été retenues."}
HELD = Group({"year": "2016"}, "held", "YES")


def flagged(text: str) -> dict[str, str]:
    document = a_document(UUID(int=1))
    return {flag.said: flag.kind for flag in saidnumbers.flags([text], document, set(TRUTH.values()))}


# Numbers in words


@pytest.mark.parametrize(
    "text",
    [
        "Between 2015 and 2016, 15 of 40 people were held.",
        "En 2015–2016, 15 personnes sur 40 ont été retenues.",
        "Since the declaration of 2017 nothing is the same.",
        "Fewer than 5 is suppressed.",
        "37.5 % were held.",
        "37,5 % ont été retenues.",
        "38 % were held.",
        "One person, une personne, a stop.",
    ],
)
def test_numbers_that_the_tables_print_and_years_are_no_matter(text: str) -> None:
    assert flagged(text) == {}


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("Only 3 people were let go.", "3", SMALL),
        ("Trois personnes sont restées libres.", "Trois", SMALL),
        ("In four cases the car was searched.", "four", SMALL),
        ("7 people were let go in 2016.", "7", HIDDEN),
        ("Sept personnes en 2016.", "Sept", HIDDEN),
        ("We met 312 people.", "312", UNKNOWN),
        ("0 people were let go.", "0", UNKNOWN),
        ("1 234 personnes", "1 234", UNKNOWN),
        ("1,234 people", "1,234", UNKNOWN),
        ("10 % were let go.", "10 %", UNKNOWN),
        ("12.3% were let go.", "12.3%", UNKNOWN),
        ("١٢ people", "١٢", UNKNOWN),
    ],
)
def test_other_numbers_are_flagged_and_why(text: str, said: str, kind: str) -> None:
    assert flagged(text) == {said: kind}


def test_a_year_is_a_number_like_others_where_so_many_are_counted() -> None:
    document = a_document(UUID(int=1))
    document.tables[0].cells[-1].value = 3000
    [flag] = saidnumbers.flags(["2024 people"], document, set())
    assert flag.kind == UNKNOWN


# Writing them


def test_words_are_sealed_until_they_are_published_and_then_signed(cast: Cast) -> None:
    release = a_draft(cast.dana)
    releases.write_words(
        cast.keyring_of("dana"), release.pk, Editorial(dict(LEAD), notes=words("Read this."))
    )
    release.refresh_from_db()
    assert b"held" not in bytes(release.editorial_ciphertext)
    assert LEAD["en"] not in str(release.specification)
    approve(cast.keyring_of("erin"), release)
    releases.publish(cast.keyring_of("dana"), release.pk)
    document = releases.document_of(Release.objects.get())
    assert document.text == {"lead": LEAD, "notes": words("Read this.")}


@pytest.mark.parametrize(
    "editorial",
    [
        Editorial(),
        Editorial({"fr": "Une phrase."}),
        Editorial({"fr": "Une phrase.", "en": " "}),
        Editorial(dict(LEAD), notes={"fr": "Une note.", "en": ""}),
    ],
)
def test_nothing_is_approved_without_the_words_in_both_languages(cast: Cast, editorial: Editorial) -> None:
    release = a_draft(cast.dana)
    releases.write_words(cast.keyring_of("dana"), release.pk, editorial)
    with pytest.raises(StepRefused, match="words_missing"):
        approve(cast.keyring_of("erin"), release)


def test_what_is_missing_is_not_said_under_the_title_of_the_release(cast: Cast) -> None:
    release = a_draft(cast.dana)
    releases.write_words(cast.keyring_of("dana"), release.pk, Editorial({"fr": "Une phrase."}))
    page = sign_in(Client(), "dana").get(f"/releases/{release.pk}/")
    assert page.context["words_missing"]
    assert f'box__title">{page.context["title"]}' not in page.content.decode()


def test_whoever_wrote_the_words_cannot_approve_them(cast: Cast) -> None:
    release = a_draft(cast.dana)
    write_words(cast.keyring_of("erin"), release)
    with pytest.raises(StepRefused, match="own_words"):
        approve(cast.keyring_of("erin"), release)
    write_words(cast.keyring_of("dana"), release)
    approve(cast.keyring_of("erin"), release)


def test_words_changed_after_the_approval_are_not_published(cast: Cast) -> None:
    release = a_draft(cast.dana)
    approve(cast.keyring_of("erin"), release)
    with pytest.raises(StepRefused, match="not_drafted"):
        write_words(cast.keyring_of("dana"), release)
    # Somebody who writes into the database:
    release.refresh_from_db()
    editorials.sealed_into(release, Editorial(words("Something else."), by=cast.dana.pk))
    release.save()
    with pytest.raises(StepRefused, match="changed"):
        releases.publish(cast.keyring_of("erin"), release.pk)


def test_the_words_outlive_a_new_count(cast: Cast) -> None:
    release = a_draft(cast.dana)
    write_words(cast.keyring_of("dana"), release, "Kept")
    releases.draft_again(cast.dana, release.pk)
    release.refresh_from_db()
    assert releases.editorial_of(cast.keyring_of("erin"), release).lead["en"] == "Kept"


def test_everybody_reads_the_words_on_the_page_on_paper_and_in_the_file(client: Client, cast: Cast) -> None:
    release = a_published(cast)
    for language, said in words("What the figures say.").items():
        page = client.get(f"/published/{release.pk}/", headers={"Accept-Language": language}).content.decode()
        assert said in page
    assert "What the figures say." in client.get(f"/published/{release.pk}.json").content.decode()
    assert client.get(f"/published/{release.pk}.pdf").status_code == 200


def test_a_document_with_words_in_one_language_is_none(cast: Cast) -> None:
    document = a_document(UUID(int=1))
    document.text = {"lead": {"en": "Alone."}}
    with pytest.raises(documents.NotARelease):
        documents.check(document)


# Groups


def test_a_draft_names_the_groups_in_which_everybody_has_the_same(cast: Cast) -> None:
    fill(30, year=2016, outcome=("RELEASED_SCENE",))
    fill(9, seed=2, year=2017, outcome=("REMOVED",))
    inside = made(tables=[["outcome", "year"]])
    found = {(group.at.get("year"), group.category) for group in inside.groups}
    assert ("2017", "REMOVED") in found
    assert ("2016", "RELEASED_SCENE") in found
    assert ("2016", "REMOVED") not in found
    hidden = {documents.key_of(cell.at) for cell in inside.suppressed}
    for group in inside.groups:
        assert documents.key_of({**group.at, group.fact: group.category}) in hidden


def test_no_release_is_approved_before_somebody_decided_about_each_group(cast: Cast) -> None:
    release = a_draft(cast.dana, groups=[HELD])
    dana, erin = cast.keyring_of("dana"), cast.keyring_of("erin")
    with pytest.raises(StepRefused, match="groups_undecided"):
        approve(erin, release)
    releases.write_words(dana, release.pk, Editorial(dict(LEAD), groups=["another"]))
    with pytest.raises(StepRefused, match="groups_undecided"):
        approve(erin, release)
    releases.write_words(dana, release.pk, Editorial(dict(LEAD), groups=[HELD.key]))
    approve(erin, release)


# Reading


def said(cast: Cast, release: Release) -> list[Any]:
    return list(releases.to_read(cast.keyring_of("erin"), release).values())


def test_what_has_to_be_read_names_the_figures_of_the_draft(cast: Cast) -> None:
    found = {one.code: one.figures for one in said(cast, a_draft(cast.dana))}
    assert found["attack"] == {"cells": 4, "exact": 0, "recognisable": 0, "insider": 0, "groups": 0}
    assert found["tables"] == {"tables": 1, "cells": 12, "hidden": 4}
    assert set(found) == {"attack", "tables", "limits"}


def test_what_changed_groups_and_doubtful_numbers_are_read_too(cast: Cast) -> None:
    release = a_draft(cast.dana, supersedes=a_published(cast), groups=[HELD])
    releases.write_words(cast.keyring_of("dana"), release.pk, Editorial(words("Only 3."), groups=[HELD.key]))
    release.refresh_from_db()
    found = {one.code: one.figures for one in said(cast, release)}
    assert found["changed"] == {"same": 12, "other": 0, "hidden": 0, "shown": 0}
    assert found["groups"] == {"groups": 1}
    assert found["numbers"] == {"numbers": "3"}
    for one in said(cast, release):
        assert reading.words(one)


@pytest.mark.parametrize("missing", range(3))
def test_every_statement_has_to_be_ticked(cast: Cast, missing: int) -> None:
    release = a_draft(cast.dana)
    tokens = list(releases.to_read(cast.keyring_of("erin"), release))
    with pytest.raises(StepRefused, match="not_read"):
        releases.approve(cast.keyring_of("erin"), release.pk, read=tokens[:missing] + tokens[missing + 1 :])


def test_what_was_ticked_for_other_figures_or_other_words_counts_for_nothing(cast: Cast) -> None:
    release, other = a_draft(cast.dana), a_draft(cast.dana)
    erin = cast.keyring_of("erin")
    before = list(releases.to_read(erin, release))
    with pytest.raises(StepRefused, match="not_read"):
        releases.approve(erin, other.pk, read=before)
    write_words(cast.keyring_of("dana"), release, "Other words")
    with pytest.raises(StepRefused, match="not_read"):
        releases.approve(erin, release.pk, read=before)


def test_what_was_read_is_in_the_log_and_in_the_register(cast: Cast) -> None:
    a_published(cast)
    frank = cast.keyring_of("frank")
    [entry] = [e for e in audit.entries(frank, teams.auditors().pk) if e.action == "release.approve"]
    assert entry.detail["statements"] == 3
    [row] = registers.anonymized(cast.keyring_of("dana"))
    assert [one.code for one in row.read] == ["attack", "tables", "limits"]


def test_the_register_says_in_words_what_was_read(cast: Cast, client: Client) -> None:
    a_published(cast)
    page = in_english(sign_in(client, "dana")).get("/registers/anonymization/").content.decode()
    assert "Of 4 suppressed cells the attack computed 0" in page


# Pages


@pytest.fixture
def erin(client: Client, cast: Cast) -> Client:
    return in_english(sign_in(client, "erin"))


@pytest.fixture
def dana(client: Client, cast: Cast) -> Client:
    return in_english(sign_in(client, "dana"))


def test_the_drafter_writes_decides_and_sees_what_is_doubtful(dana: Client, cast: Cast) -> None:
    release = a_draft(cast.dana, groups=[HELD])
    page = dana.get(f"/releases/{release.pk}/").content.decode()
    assert "to be decided" in page
    form = dana.get(f"/releases/{release.pk}/words/").content.decode()
    assert HELD.key.replace("&", "&amp;") in form
    sent = {"lead_fr": "Seulement 3 personnes.", "lead_en": "Only 3 people.", "groups": [HELD.key]}
    assert dana.post(f"/releases/{release.pk}/words/", sent).status_code == 302
    page = dana.get(f"/releases/{release.pk}/").content.decode()
    assert "to be decided" not in page
    assert "Numbers that no table prints" in page
    assert "below the threshold" in page


@pytest.mark.parametrize("missing", ["lead_fr", "lead_en"])
def test_a_lead_in_one_language_is_not_kept(dana: Client, cast: Cast, missing: str) -> None:
    release = a_draft(cast.dana)
    sent = {"lead_fr": "Une phrase.", "lead_en": "A sentence.", missing: ""}
    assert dana.post(f"/releases/{release.pk}/words/", sent).status_code == 422
    sent = {"lead_fr": "Une phrase.", "lead_en": "A sentence.", "notes_fr": "Une note."}
    response = dana.post(f"/releases/{release.pk}/words/", sent)
    assert response.status_code == 422
    assert "in both languages, or in none" in response.content.decode()


def test_a_group_that_is_not_there_cannot_be_decided(dana: Client, cast: Cast) -> None:
    release = a_draft(cast.dana)
    sent = {"lead_fr": "a", "lead_en": "b", "groups": ["held=YES&year=2016"]}
    assert dana.post(f"/releases/{release.pk}/words/", sent).status_code == 422


def test_the_approver_sees_each_statement_with_a_box_of_its_own(erin: Client, cast: Cast) -> None:
    release = a_draft(cast.dana)
    page = erin.get(f"/releases/{release.pk}/").content.decode()
    for token in releases.to_read(cast.keyring_of("erin"), release):
        assert f'value="{token}"' in page
    answer = erin.post(f"/releases/{release.pk}/approve/", {"read": [token]})
    assert answer.status_code == 422
    assert "all of them" in answer.content.decode()


def test_drafts_sealed_before_there_were_groups_still_open(cast: Cast) -> None:
    inside = drafts.Inside(drafted_by=None)
    assert copy.copy(inside).groups == []
