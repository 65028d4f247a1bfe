"""The pages of the receipt, as somebody meets them who has no account, no script and perhaps no French."""

import datetime as dt
import re
import uuid
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.crypto import receipt_code
from casework import consent, intake, receipts, vault
from casework.models import Case, Notice
from casework.vocabulary.receipts import date_in, say, words
from casework.vocabulary.wording import LANGUAGES
from tests.cast import Cast, in_english, sign_in
from tests.stories import person, story
from tests.test_consent import asked
from tests.test_receipts import give

pytestmark = pytest.mark.django_db
NEVER = ("Heron", "Zebulon", "H-1", "alice", "Verdun", "accent")


@pytest.fixture
def code(cast: Cast, case_id: uuid.UUID) -> str:
    return give(cast, case_id)


def page(code: str, language: str = "en", expect: int = 200, **form: object) -> str:
    answer = Client().post(reverse("receipt-in", args=[language]), {"code": code, **form})
    assert answer.status_code == expect, answer.content.decode()
    return unescape(answer.content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_in_its_language(case_id, code, language):
    spoken = words(language)
    shown = page(code, language)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}"' in shown
    day = date_in(language, timezone.localdate())
    until = date_in(language, consent.months_after(timezone.localdate(), 24))
    assert say(language, "given", day=day, until=until) in shown
    assert spoken["not_asked_title"] in shown and spoken["no_name"] in shown
    others = [
        text
        for other in LANGUAGES
        if other != language
        for text in (words(other)["answers"], words(other)["tick"])
    ]
    assert not [text for text in others if text in shown]
    for step in (page(code, language, action="withdraw-all"), page(code, language, action="contact")):
        assert not [word for word in NEVER if word in step]
    assert not [word for word in NEVER if word in shown]


def test_every_text_stands_in_every_language_with_its_places():
    for name, text in words("en").items():
        for language in LANGUAGES:
            there = words(language)[name]
            assert there.strip() and sorted(re.findall(r"\{\w+\}", there)) == sorted(
                re.findall(r"\{\w+\}", text)
            )
            if name not in ("date", "no", "yes", "copy", "title"):
                assert language == "en" or there != text, (name, language)
    assert all(len(words(language)["months"].split("/")) == 12 for language in LANGUAGES)
    assert date_in("fr", dt.date(2026, 3, 1)) == "1er mars 2026"
    assert date_in("ht", dt.date(2026, 8, 2)) == "2 out 2026"


def test_the_language_is_the_browser_s_until_another_is_chosen():
    client = Client(headers={"Accept-Language": "ar-MA,ar;q=0.9,fr;q=0.5"})
    assert 'lang="ar" dir="rtl"' in client.get("/receipt/").content.decode()
    assert 'lang="fr"' in Client(headers={"Accept-Language": "de"}).get("/receipt/").content.decode()
    assert 'lang="ht"' in client.get("/receipt/ht/").content.decode()
    assert client.get("/receipt/de/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "code", "values"),
    [
        ("1234 5678", "digits", {"digits": 8}),
        ("my receipt", "mistyped", {}),
        ("1" * 24, "unknown", {}),
        ("", "digits", {"digits": 0}),
    ],
)
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(cast, typed, code, values, language):
    """24 digits as they stand on the paper, which they have to be held against."""
    shown = page(typed, language, expect=422)
    assert say(language, code, **values) in shown
    kept = receipt_code.written(typed) if len(typed) == receipt_code.DIGITS else typed
    assert f'value="{kept}"' in shown and "aria-invalid" in shown


def test_arabic_digits_and_letters_read_for_digits_open_it(case_id, code):
    for typed in (
        receipt_code.written(code).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")),
        code.replace("0", "O").replace("1", "l"),
    ):
        assert words("ar")["answers"] in page(typed, "ar")


def test_after_twenty_tries_in_a_minute_nothing_is_hashed(cast, monkeypatch):
    runs: list[str] = []

    def counted(code: str) -> None:
        runs.append(code)
        raise receipts.Unknown

    monkeypatch.setattr(receipts, "look", counted)
    for _ in range(20):
        page("2" * 24, expect=422)
    assert words("en")["too_many"] in page("2" * 24, expect=422)
    assert len(runs) == 20
    page("1234", expect=422)
    assert len(runs) == 20


def test_nothing_is_kept_by_the_browser_and_no_address_holds_the_digits(case_id, code):
    answer = Client().post("/receipt/en/", {"code": code})
    assert "no-store" in answer["Cache-Control"]
    shown = answer.content.decode()
    assert not re.search(rf'(href|action|src)="[^"]*{code}', shown)
    assert "<title>Receipt · Témoin</title>" in shown


def test_one_purpose_is_withdrawn_and_confirmed_in_writing(cast, case_id, code):
    shown = page(code, action="withdraw", purpose=["STATS"])
    day = date_in("en", timezone.localdate())
    for line in (
        say("en", "done_withdrawn", day=day),
        words("en")["done_stats"],
        words("en")["purpose_STATS"],
    ):
        assert line in shown
    assert words("en")["done_shares"] not in shown and words("en")["purpose_STORE"] not in shown
    assert say("en", "withdrawn", day=day) in page(code)
    assert not consent.may(vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0], "STATS")


def test_nothing_ticked_changes_nothing(case_id, code):
    assert words("en")["none_ticked"] in page(code, expect=422, action="withdraw")
    assert words("en")["none_ticked"] in page(code, expect=422, action="withdraw", purpose=["RESEARCH", "XX"])
    assert not Notice.objects.exists()


def test_before_a_file_is_erased_the_person_is_asked_when(cast, case_id, code):
    asked = page(code, action="withdraw", purpose=["STORE"])
    assert words("en")["confirm_title"] in asked and Case.objects.exists()
    assert vault.open_case(cast.keyring_of("alice"), case_id)
    shown = page(code, action="confirm", cooling="7")
    in_a_week = date_in("en", timezone.localdate() + dt.timedelta(days=7))
    assert say("en", "done_erase", day=in_a_week) in shown
    assert say("en", "pending", day=in_a_week) in (again := page(code)) and words("en")["keep"] in again
    assert "You decided" in page(code, action="keep") or say(
        "en", "done_kept", day=date_in("en", timezone.localdate())
    )
    assert words("en")["keep"] not in page(code)


def test_a_file_erased_at_once_is_said_to_be_erased_and_when(case_id, code):
    assert words("en")["done_erased"] in page(code, action="confirm", cooling="0")
    later = page(code, "ar")
    assert say("ar", "erased", day=date_in("ar", timezone.localdate())) in later
    assert words("ar")["tick"] not in later and words("ar")["contact"] not in later
    assert words("en")["too_late"] in page(code, action="keep")
    assert words("en")["too_late"] in page(code, expect=422, action="confirm", cooling="0")


def test_a_cooling_off_nobody_offered_is_a_week(case_id, code):
    page(code, action="confirm", cooling="-1")
    assert Case.objects.exists()


def test_of_a_file_about_others_the_page_says_so(cast):
    both = story("H-2", person("Heron"), person("Ember"))
    kept = intake.create_case(cast.keyring_of("alice"), cast.verdun, both)
    asked = page(give(cast, kept), action="withdraw-all")
    assert words("en")["erase_others"] in asked and 'name="cooling"' not in asked


def test_an_answer_that_ran_out_while_the_page_was_open_is_not_shown_as_a_yes(case_id, code, monkeypatch):
    assert words("en")["yes"] in page(code)
    later = timezone.localdate() + dt.timedelta(days=800)
    monkeypatch.setattr(timezone, "localdate", lambda *a: later)
    shown = page(code)
    assert f'<span class="tag tag--good">{words("en")["yes"]}' not in shown
    assert "nobody may use it any more" in shown


# Giving it


def test_the_paper_is_in_the_person_s_language_and_shown_once(cast: Cast, case_id: uuid.UUID) -> None:
    client = in_english(sign_in(Client(), "alice"))
    someone = uuid.UUID(vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0].id)
    address = reverse("receipt-give", args=[case_id, someone])
    assert "24 digits" in client.get(address).content.decode()
    paper = client.post(address, {"language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl"' in paper and words("ar")["give_once"] in paper
    digits = "".join(re.findall(r"<span>(\d{4})</span>", paper))
    assert receipts.look(digits).given() and "Heron" not in paper
    assert digits not in client.get(address).content.decode()
    wrong = client.post(address, {"language": "xx"})
    assert wrong.status_code == 422 and receipts.look(digits)


def test_whoever_keeps_the_case_reads_what_was_said_and_takes_note(cast, case_id, code):
    page(code, action="copy")
    page(code, action="withdraw", purpose=["STATS"])
    client = in_english(sign_in(Client(), "alice"))
    assert "said something by receipt" in client.get(reverse("cases")).content.decode()
    shown = client.get(reverse("case", args=[case_id])).content.decode()
    assert "Asks for a copy of the file." in shown and "Count me in aggregate statistics" in shown
    assert client.post(reverse("notice-read", args=[case_id])).status_code == 302
    assert "said something by receipt" not in client.get(reverse("cases")).content.decode()
    assert "Asks for a copy" in client.get(reverse("case", args=[case_id])).content.decode()


def test_a_case_that_was_closed_by_receipt_is_not_opened_by_taking_note(cast, case_id, code):
    client = in_english(sign_in(Client(), "alice"))
    opened = client.get(reverse("case-change", args=[case_id]))
    assert opened.status_code == 200
    page(code, action="confirm", cooling="7")
    client.post(reverse("notice-read", args=[case_id]))
    assert Notice.objects.get().closes
    assert client.get(reverse("case", args=[case_id])).status_code == 403
    assert "closed: consent" in client.get(reverse("cases")).content.decode()
    asking = client.get(reverse("case-consent", args=[case_id]), follow=True).content.decode()
    assert "No longer agrees to" in asking and "accent" not in asking


def test_answers_written_down_while_the_person_withdraws_are_asked_again(cast, case_id, code):
    client = in_english(sign_in(Client(), "alice"))
    opened = vault.open_case(cast.keyring_of("alice"), case_id)
    address = reverse("person-consent", args=[case_id, uuid.UUID(opened.record.persons[0].id)])
    hidden = dict(
        re.findall(r'type="hidden" name="(base|known)" value="(\d+)"', client.get(address).content.decode())
    )
    assert set(hidden) == {"base", "known"}
    page(code, action="withdraw", purpose=["STATS"])
    met = client.post(address, asked(**hidden, STATS="GIVEN", STORY="GIVEN", explained_by="Wren"))
    shown = met.content.decode()
    assert met.status_code == 409 and "while you were writing" in shown and 'value="Wren"' in shown
    assert re.search(r'name="STATS" value="WITHDRAWN"[^>]*checked', shown)
    assert not receipts.look(code).may("STATS") and not receipts.look(code).may("STORY")
    hidden = dict(re.findall(r'type="hidden" name="(base|known)" value="(\d+)"', shown))
    assert client.post(address, asked(**hidden, STATS="WITHDRAWN", STORY="GIVEN")).status_code == 302
    assert receipts.look(code).may("STORY") and not receipts.look(code).may("STATS")
    unsaid = client.post(address, asked(base=str(opened.revision + 1), STATS="GIVEN"))
    assert unsaid.status_code == 409 and not receipts.look(code).may("STATS")
