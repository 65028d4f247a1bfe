"""The text that is read aloud has versions; whoever agreed to one keeps it, word for word."""

from uuid import UUID

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from casework import intake, intakedrafts, vault, wordings
from casework.models import Wording
from casework.vocabulary.wording import LANGUAGES, first_script
from tests.cast import in_english, sign_in
from tests.stories import story
from tests.test_consent import asked

pytestmark = pytest.mark.django_db
NEW = "May we keep your statement in a sealed drawer?"


def texts(**changes: str) -> dict[str, dict[str, str]]:
    found = {passage.code: dict(passage.texts) for passage in first_script()}
    found["STORE"] |= changes
    return found


def typed(**changes: str) -> dict[str, str]:
    sent = {f"{code}-{lang}": text for code, all_of in texts().items() for lang, text in all_of.items()}
    return sent | {"same": "on"} | changes


def test_a_change_makes_a_new_version_and_leaves_the_old_one_alone(cast):
    assert wordings.current() == "1"
    assert wordings.keep(cast.dana, texts(en=NEW)) == wordings.current() == "2"
    assert wordings.question("STORE", "en", "2") == NEW
    assert "encrypted" in wordings.question("STORE", "en", "1")
    assert [version.number for version in wordings.versions()] == ["2", "1"]


def test_nobody_but_a_coordinator_writes_one(cast):
    for name in ("alice", "frank", "root_user"):
        with pytest.raises(Http404):
            wordings.keep(cast.users[name], texts(en=NEW))
    assert not Wording.objects.exists()


def test_the_same_words_are_no_new_version(cast):
    with pytest.raises(wordings.Unchanged):
        wordings.keep(cast.dana, texts())
    page = in_english(sign_in(Client(), "dana")).post(reverse("wording-add"), typed())
    assert page.status_code == 422 and "word for word" in page.content.decode()
    assert not Wording.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"same": ""}, "each language read by somebody"),
        ({"STORE-ar": " "}, "required"),
        ({"WHO-fr": "x" * 2001}, "2000"),
    ],
)
def test_a_version_that_is_not_whole_is_not_kept_and_what_was_typed_is(cast, sent, words):
    page = in_english(sign_in(Client(), "dana")).post(
        reverse("wording-add"), typed(**{"STORE-en": NEW}, **sent)
    )
    assert page.status_code == 422
    assert words in page.content.decode() and NEW in page.content.decode()
    assert not Wording.objects.exists()


def test_an_answer_is_shown_beside_the_words_it_was_given_to(cast):
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, story())
    person = vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0]
    client = in_english(sign_in(Client(), "dana"))
    assert client.post(reverse("wording-add"), typed(**{"STORE-fr": "Un tiroir scellé?"})).status_code == 302
    alice = in_english(sign_in(Client(), "alice"))
    address = reverse("person-consent", args=[case_id, UUID(person.id)])
    old = wordings.question("STORE", "fr", "1")
    page = alice.get(address).content.decode()
    assert f'<q lang="fr" dir="ltr">{old.replace(chr(39), "&#x27;")}</q>' in page
    assert "Un tiroir scellé?" in page.partition("Read aloud")[2]
    assert alice.post(address, asked(base="1", STORY="GIVEN")).status_code == 302
    consents = vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0].consents
    assert {c.purpose: c.wording for c in consents}["STORY"] == "2"
    assert {c.purpose: c.wording for c in consents if c.state == "GIVEN"}["STATS"] == "1"


def test_the_script_stands_ready_in_five_languages_the_person_s_own_first(cast):
    draft = intakedrafts.begin(cast.keyring_of("alice"), cast.verdun.pk, "ht", "W-1")
    alice = in_english(sign_in(Client(), "alice"))
    page = alice.get(reverse("intake-part", args=[draft, "consent"])).content.decode()
    page = page[page.index("<main") :]
    places = {language: page.index(f'lang="{language}" dir=') for language in LANGUAGES}
    assert min(places, key=places.__getitem__) == "ht"
    assert 'lang="ar" dir="rtl"' in page


def test_a_version_nobody_wrote_does_not_exist(cast):
    client = in_english(sign_in(Client(), "dana"))
    assert client.get(reverse("wording-version", args=["7"])).status_code == 404
    assert wordings.script("0") == ()
