"""Several statements about one event: side by side when they contradict each other, and each person counted once."""

import pytest
from django.test import Client
from django.urls import reverse

from casework import intake, vault
from casework.forms.fields import LongWords, Words, plain
from casework.record import Statement, decode_record, encode, with_ids
from tests.cast import in_english, sign_in
from tests.stories import person, story

pytestmark = pytest.mark.django_db


def two_tellings():
    record = story("S-1", person("Slate"))
    someone = record.persons[0].id
    record.statements = [
        Statement("The light was red.", "SELF", source_credibility="RELIABLE", id="a1", about=[someone]),
        Statement(
            "The light was green.", "OFFICIAL", information_validity="DOUBTFUL", id="b2", about=[someone]
        ),
        Statement("They were gone for five hours.", "FAMILY", id="c3"),
    ]
    record.statements[1].contradicts = ["a1", "gone"]
    return record


def test_contradictory_statements_stand_side_by_side_rated_apart_and_the_person_is_one(cast):
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, two_tellings())
    page = in_english(sign_in(Client(), "alice")).get(reverse("case", args=[case])).content.decode()
    pair = page[page.index("contradiction__pair") : page.index("They were gone")]
    assert "The light was red." in pair and "The light was green." in pair
    assert "Reliable" in pair and "Doubtful" in pair
    assert page.count("The light was red.") == 1 and page.count("contradiction__pair") == 1
    assert "told of by 2 statements" in page
    assert vault.cards(cast.keyring_of("alice")).cases[0].card.people == 1


def test_what_stands_alone_is_no_contradiction(cast):
    record = two_tellings()
    record.statements[1].contradicts = ["b2", "gone"]
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    page = in_english(sign_in(Client(), "alice")).get(reverse("case", args=[case])).content.decode()
    assert "contradict each other" not in page


def test_a_statement_kept_before_there_were_ids_is_known_by_its_place():
    record = story()
    del record.statements[0]
    record.statements = [
        Statement("one", "SELF"),
        Statement("two", "WITNESS"),
        Statement("three", "SELF", id="x"),
    ]
    opened = with_ids(decode_record(encode(record)))
    assert [s.id for s in opened.statements] == ["1", "2", "x"]


SIGNS = "\u202eevil\u202c \u2066x\u2069 \u200fא\u061c \ufeff\x00\x08\x9f\U000e0041"


def test_what_cannot_be_seen_is_taken_out_and_all_else_stays():
    assert plain(SIGNS) == "evil x א "
    assert plain("سلام\u200cدنیا 👩\u200d⚖️\tétoile") == "سلام\u200cدنیا 👩\u200d⚖️\tétoile"
    assert LongWords().clean("a\r\nb\u2028c\rd") == "a\nb\nc\nd"
    assert Words().clean("a\r\nb") == "a b"
    assert Words().clean("\x00\u202e") == ""


def test_html_and_direction_signs_in_any_text_are_words_and_nothing_else(cast):
    record = story(
        "<b>R</b>\u202e", person("<script>alert(1)</script>"), narrative="<img src=x onerror=alert(1)>"
    )
    record.event.place_note = "<i>behind</i>"
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    page = in_english(sign_in(Client(), "alice")).get(reverse("case", args=[case])).content.decode()
    assert (
        "<script>alert" not in page
        and "<img src=x" not in page
        and "<i>behind" not in page
        and "<b>R" not in page
    )
    assert "<bdi>&lt;script&gt;" in page and "<bdi>&lt;b&gt;R" in page
    assert 'class="narrative" dir="auto"' in page


def test_who_saved_a_revision_and_when_is_sealed_with_it(cast):
    alice, bob = cast.keyring_of("alice"), cast.keyring_of("bob")
    case = intake.create_case(alice, cast.verdun, story())
    opened = vault.open_case(bob, case)
    assert opened.record.saved and opened.record.saved.by == cast.alice.pk.hex
    assert opened.record.saved.action == "case.create"
    intake.save_case(bob, case, opened.record, 1)
    assert vault.open_case(alice, case).record.saved.by == cast.bob.pk.hex
