"""A form from before somebody signed in again carries a token of before. Its words come back sealed and are sent by one button,
with or without script; and a stranger's page gets nothing sent by it."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from casework import intakedrafts
from casework.models import Case, IntakeDraft
from tests.cast import PASSPHRASE, in_english
from tests.intake_pages import address, tell
from tests.test_case_pages import filled_in, formset
from tests.test_intake import CONSENT, STORY, TOLD, hidden, kept

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def token_on(client: Client, path: str) -> str:
    return TOKEN.search(client.get(path).content.decode())[1]


def signed_in(client: Client) -> Client:
    form = {"login": "alice", "password": PASSPHRASE, "csrfmiddlewaretoken": token_on(client, "/sign-in/")}
    assert client.post("/sign-in/", form).status_code == 302
    return client


@pytest.fixture
def browser(cast) -> Client:
    """With the check that Django's own test client leaves out."""
    return in_english(signed_in(Client(enforce_csrf_checks=True)))


@pytest.fixture
def draft(cast, browser):
    here = reverse("case-add")
    form = {"team": str(cast.verdun.pk), "language": "fr", "csrfmiddlewaretoken": token_on(browser, here)}
    assert browser.post(here, form).status_code == 302
    draft_id = IntakeDraft.objects.get().pk
    consent = CONSENT | {"csrfmiddlewaretoken": token_on(browser, here)}
    assert browser.post(address(draft_id, "consent"), consent).status_code == 302
    return draft_id


def again(browser: Client) -> None:
    """Signed out and in, in a second window of the same browser."""
    del browser.cookies["sessionid"]
    in_english(signed_in(browser))


def sent_too_late(browser: Client, path: str, form: dict[str, str], **more):
    old = token_on(browser, path)
    again(browser)
    return browser.post(path, form | {"csrfmiddlewaretoken": old}, **more)


def test_words_sent_with_a_token_of_before_come_back_sealed_and_are_sent_again(cast, browser, draft):
    answer = sent_too_late(browser, address(draft, "event"), TOLD)
    page = answer.content.decode()
    assert answer.status_code == 403 and answer["Cache-Control"] == "no-store"
    assert "nothing is lost" in page and "signed in as alice" in page and "Sign in, in a" not in page
    assert STORY not in page and "F-9" not in page
    assert "event" not in intakedrafts.open_draft(cast.keyring_of("alice"), draft).parts
    sent = browser.post(reverse("send-again"), hidden(page))
    assert (sent.status_code, sent["Location"]) == (302, address(draft, "people"))
    assert STORY in browser.get(address(draft, "event")).content.decode()


def test_the_script_gets_a_number_and_asks_for_a_new_token_itself(cast, browser, draft):
    answer = sent_too_late(browser, address(draft, "event"), TOLD, headers={"X-Draft": "1"})
    assert answer.status_code == 403 and not hidden(answer.content.decode())
    assert not any(name.startswith("carried-") for name in browser.cookies)


@pytest.mark.parametrize("more", [{"origin": "https://elsewhere.example"}, {"origin": "null"}])
def test_a_page_of_somebody_else_gets_nothing_to_send_again(cast, browser, draft, more):
    answer = sent_too_late(browser, address(draft, "event"), TOLD, headers=more)
    assert answer.status_code == 403 and not hidden(answer.content.decode())
    assert not any(name.startswith("carried-") for name in browser.cookies)


def test_a_form_without_any_token_is_not_ours_to_hand_back(cast, browser, draft):
    answer = browser.post(address(draft, "event"), TOLD)
    assert answer.status_code == 403 and not hidden(answer.content.decode())


def test_a_form_that_holds_no_words_is_refused_as_ever(cast, browser, draft):
    old = token_on(browser, address(draft, "event"))
    again(browser)
    answer = browser.post(reverse("intake-discard", args=[draft]), {"csrfmiddlewaretoken": old})
    assert answer.status_code == 403 and not hidden(answer.content.decode())
    assert IntakeDraft.objects.filter(pk=draft).exists()


WHAT_WAS_SAID = "She called from the holding centre, and asked for her inhaler."


@pytest.fixture
def case_id(cast, browser):
    browser.handler.enforce_csrf_checks = False
    tell(browser, cast.verdun.pk, filled_in(cast))
    browser.handler.enforce_csrf_checks = True
    return Case.objects.get().pk


def test_a_conversation_is_kept_after_it_was_sent_again(cast, browser, case_id):
    here = reverse("log-add", args=[case_id])
    form = {"on": "2026-01-05", "kind": "CALL", "text": WHAT_WAS_SAID}
    page = sent_too_late(browser, here, form).content.decode()
    assert WHAT_WAS_SAID not in page
    assert browser.post(reverse("send-again"), hidden(page)).status_code == 302
    assert [talk.text for talk in kept(cast).interactions] == [WHAT_WAS_SAID]


@pytest.mark.parametrize("name", ["case-change", "task-add", "date-add", "log-add", "refer", "person-add"])
def test_every_form_of_a_case_that_holds_words_comes_back(cast, browser, case_id, name):
    form = {"text": STORY, "event-reference": STORY, **formset("officers")}
    page = sent_too_late(browser, reverse(name, args=[case_id]), form).content.decode()
    assert set(hidden(page)) == {"name", "sealed"} and STORY not in page
