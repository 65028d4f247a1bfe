"""A case told in a browser by somebody tired: by keyboard alone, enlarged, without script, without a connection, after the
session has ended. Nothing typed is lost, and nothing of it is ever in the browser's stores."""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import ENLARGED, Keyboard, Person, Seen
from tests.processes import Temoin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]
STORY = "L'agente a demandé les papiers de tout le monde."
STORES = "[localStorage.length, sessionStorage.length, document.cookie]"


def alice_at(browser: Browser, temoin: Temoin, seen: Seen, *, script: bool = True) -> Person:
    alice = Person(browser, temoin.address, seen, script=script).sign_in("alice")
    alice.speak_french()
    return alice


def begin(person: Person) -> None:
    person.go("/cases/add/")
    person.send("main form")
    for purpose in ("STORE", "STATS"):
        person.page.check(f"[name=consent-{purpose}][value=GIVEN]")
    onward(person)


def onward(person: Person) -> None:
    with person.page.expect_navigation():
        person.page.click("button[name=go][value=next]")


def sign_in_elsewhere(person: Person) -> None:
    """In a second window of the same browser, as the page proposes."""
    with person.context.expect_page() as opened:
        person.page.click("a[target=_blank][href$='/sign-in/']")
    other = opened.value
    other.fill("[name=login]", "alice")
    other.fill("[name=password]", "heron cedar ferry lantern")
    with other.expect_navigation():
        other.press("[name=password]", "Enter")
    assert "/sign-in/" not in other.url
    other.close()


# Keyboard


def test_a_short_case_is_told_by_keyboard_alone(temoin: Temoin, browser: Browser, seen: Seen) -> None:
    alice = alice_at(browser, temoin, seen)
    keys = Keyboard(alice)
    alice.go("/cases/add/")
    keys.to("skip", most=1)
    keys.press("Enter")
    assert alice.page.evaluate("document.activeElement.id") == "content"
    keys.to("language")
    keys.to("button")
    keys.enter()
    keys.choose("consent-STORE", "GIVEN")
    keys.choose("consent-STATS", "GIVEN")
    keys.to("go", "next")
    keys.enter()
    keys.choose("safety-detained_now", "NO")
    # The return key in a field goes on, too.
    keys.to("safety-removal")
    keys.enter()
    keys.to("statements-0-text")
    alice.page.keyboard.type(STORY)
    keys.to("event-date")
    alice.page.keyboard.type("2024-05")
    keys.enter()
    keys.to("person-alias")
    alice.page.keyboard.type("Lupin")
    keys.enter()
    keys.to("go", "next")
    keys.enter()
    keys.to("button")
    keys.enter()
    assert STORY in alice.page.locator(".narrative").inner_text()
    # A key a second leaves half a minute of three for the words; most of them walk past the menu of each page.
    assert keys.pressed < 150, keys.pressed
    seen.must_be_empty()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_every_part_fits_enlarged_to_200_per_cent(
    temoin: Temoin, browser: Browser, seen: Seen, script: bool
) -> None:
    alice = alice_at(browser, temoin, seen, script=script)
    page = alice.page
    page.set_viewport_size(ENLARGED)  # type: ignore[arg-type]
    begin(alice)
    for part, typed in (
        ("safety", None),
        ("event", ("statements-0-text", STORY)),
        ("people", ("person-alias", "Lupin")),
        ("next", ("next-agreed", "Rappeler.")),
    ):
        assert f"/{part}/" in page.url
        if typed:
            page.fill(f"[name={typed[0]}]", typed[1])
        alice._must_fit(part)
        if script:
            # What examines a page is a script itself.
            alice._examine(f"{part} enlarged")
        # The quick exit stays in sight and covers no more than a corner.
        exit_box = page.locator("[data-quick-exit]").bounding_box()
        assert exit_box and exit_box["width"] * exit_box["height"] < 640 * 450 / 6
        onward(alice)
    assert STORY in page.inner_text("main")
    alice._must_fit("summary")
    seen.must_be_empty()


# Nothing is lost


def test_what_is_typed_is_sealed_by_itself_and_is_there_on_another_day(
    temoin: Temoin, browser: Browser, seen: Seen
) -> None:
    alice = alice_at(browser, temoin, seen)
    begin(alice)
    onward(alice)
    alice.page.fill("[name=statements-0-text]", STORY)
    alice.page.locator("[data-draft-words]", has_text="Scellé et conservé").wait_for()
    assert alice.page.evaluate(STORES)[:2] == [0, 0]
    left = alice.page.url
    later = alice_at(browser, temoin, seen)
    later.go(re.sub(r"^https?://[^/]+", "", left))
    assert later.page.input_value("[name=statements-0-text]") == STORY
    seen.must_be_empty()


def test_a_dropped_connection_loses_nothing(temoin: Temoin, browser: Browser, seen: Seen) -> None:
    alice = alice_at(browser, temoin, seen)
    page = alice.page
    begin(alice)
    onward(alice)
    alice.context.set_offline(True)
    page.fill("[name=statements-0-text]", STORY)
    page.locator("[data-draft-words]", has_text="Pas de connexion").wait_for()
    here = page.url
    page.click("button[name=go][value=next]")
    page.wait_for_timeout(500)
    assert page.url == here and page.input_value("[name=statements-0-text]") == STORY
    assert page.evaluate(STORES)[:2] == [0, 0]
    alice.context.set_offline(False)
    page.locator("[data-draft-words]", has_text="Scellé et conservé").wait_for()
    onward(alice)
    assert "/people/" in page.url
    seen.must_be_empty()


def test_a_session_that_has_ended_loses_nothing(temoin: Temoin, browser: Browser, seen: Seen) -> None:
    alice = alice_at(browser, temoin, seen)
    page = alice.page
    begin(alice)
    onward(alice)
    alice.context.clear_cookies(name="sessionid")
    page.fill("[name=statements-0-text]", STORY)
    page.locator("[data-draft-out]").wait_for()
    assert page.input_value("[name=statements-0-text]") == STORY
    sign_in_elsewhere(alice)
    page.click("[data-draft-again]")
    page.locator("[data-draft-words]", has_text="Scellé et conservé").wait_for()
    assert page.locator("[data-draft-out]").is_hidden()
    onward(alice)
    assert "/people/" in page.url
    seen.must_be_empty()


def test_a_session_that_has_ended_loses_nothing_without_script_either(
    temoin: Temoin, browser: Browser, seen: Seen
) -> None:
    alice = alice_at(browser, temoin, seen, script=False)
    page = alice.page
    begin(alice)
    onward(alice)
    alice.context.clear_cookies(name="sessionid")
    page.fill("[name=statements-0-text]", STORY)
    onward(alice)
    assert "/event/" in page.url and STORY not in page.content()
    sign_in_elsewhere(alice)
    alice.send("form[action$='/sign-in/again/']")
    assert "/people/" in page.url
    page.go_back()
    alice.go("/cases/add/")
    assert page.locator(".card").count() > 0
    seen.must_be_empty()
