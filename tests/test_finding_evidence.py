"""Evidence is found by the name it came with, by what it is, and by the words somebody wrote beside it; and only by those who may
open its case."""

import pytest
from django.test import Client

from casework import custody, intake, keys, permissions, rekeying, vault
from casework.models import Case, Evidence
from tests import exhibits
from tests.cast import in_english, sign_in
from tests.evidence_desk import kept
from tests.stories import story
from tests.test_costs import queries
from tests.test_finding import keep, searched

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_id(cast):
    found = keep(cast, story("THIS"))
    keep(cast, story("OTHER"))
    kept(cast, found, exhibits.jpeg(), "reçu_hôtel.jpg", "The ticket, with the badge of the Wryneck patrol")
    return found


@pytest.mark.parametrize("words", ["recu hotel", "wryneck", "photo", "JPEG", "recu wryneck telephoned"])
def test_evidence_is_found_by_name_kind_and_description(cast, alice, case_id, words):
    page = searched(alice, words)
    assert "THIS" in page and "OTHER" not in page


@pytest.mark.parametrize("words", ["wryneck egret", "video", "octet"])
def test_what_no_file_says_is_not_found(cast, alice, case_id, words):
    assert "THIS" not in searched(alice, words)


def test_the_hit_is_shown_in_the_words_of_the_file(cast, alice, case_id):
    page = searched(alice, "wryneck")
    assert "evidence" in page and "<mark>Wryneck</mark> patrol" in page
    assert "<mark>reçu</mark>_<mark>hôtel</mark>.jpg" in searched(alice, "hotel recu")


def test_it_is_still_found_after_the_case_was_saved_or_sealed_anew(cast, alice, case_id):
    keyring = cast.keyring_of("alice")
    opened = vault.open_case(keyring, case_id)
    intake.save_case(keyring, case_id, opened.record, opened.revision)
    assert "THIS" in searched(alice, "wryneck")
    case = permissions.case_to_change(keyring.user, case_id)
    rekeying.rekey(keyring, case, keys.open_key(keyring, case))
    assert "THIS" in searched(alice, "wryneck")


def test_a_row_that_was_altered_is_found_by_nothing_and_keeps_nobody_from_saving(cast, alice, case_id):
    row = Evidence.objects.get(case_id=case_id)
    key = keys.open_key(cast.keyring_of("alice"), Case.objects.get(pk=case_id))
    stranger = keys.mint(case_id, 1, b"\0" * 32)
    row.details_ciphertext = custody.seal_details(stranger, row.pk, custody.open_details(key, row))
    row.save()
    keyring = cast.keyring_of("alice")
    opened = vault.open_case(keyring, case_id)
    intake.save_case(keyring, case_id, opened.record, opened.revision)
    assert "THIS" not in searched(alice, "wryneck") and "THIS" in searched(alice, "telephoned")


def test_a_stranger_does_not_find_it(cast, case_id):
    charlie = in_english(sign_in(Client(), "charlie"))
    page = searched(charlie, "wryneck")
    assert "0 cases" in page and "THIS" not in page and "<mark>" not in page


def test_ten_files_in_ten_cases_cost_as_many_queries_as_one(cast, alice, case_id):
    one = queries(lambda: searched(alice, "heron"))
    for number in range(5):
        other = keep(cast, story(f"B-{number}"))
        kept(cast, other, exhibits.jpeg(), "heron.jpg")
        kept(cast, other, exhibits.jpeg(), "second heron.jpg")
    assert queries(lambda: searched(alice, "heron")) == one
