"""The receipt in a browser, in its five languages: given by an organizer, used by the person without account, script or mouse."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from casework.vocabulary.receipts import words
from tests.browser.browsing import AXE, NARROW, RULES, SCREENSHOTS, WIDE, Person, Seen
from tests.browser.conftest import running
from tests.processes import Temoin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
DIRECTIONS = {"ar": "rtl", "fr": "ltr", "en": "ltr", "es": "ltr", "ht": "ltr"}


@pytest.fixture
def temoin(tmp_path_factory: pytest.TempPathFactory, demonstration: Path) -> Iterator[Temoin]:
    """Each test has its own: a receipt answers twenty times a minute, and a withdrawal closes a case for whoever comes next."""
    yield from running(tmp_path_factory.mktemp("temoin"), demonstration)


def receipt(alice: Person, language: str) -> str:
    """Of somebody who is counted and alone in a case; the digits as they stand on the paper."""
    alice.go("/cases/?counted=YES")
    for case in [link.get_attribute("href") for link in alice.page.locator(".card__title a").all()]:
        alice.go(str(case))
        addresses = alice.page.locator("a[href*='/people/'][href$='/consent/']")
        if addresses.count() == 1:
            break
    alice.go(str(addresses.first.get_attribute("href")).replace("/consent/", "/receipt/"))
    alice.page.select_option("#id_language", language)
    with alice.page.expect_navigation():
        alice.page.click("main button.button")
    examine(alice.page, f"receipt-paper-{language}", language)
    return str(alice.page.locator(".receipt-digits").inner_text())


def examine(page: Page, name: str, language: str) -> None:
    """Both widths, both schemes, on paper; nothing runs over, nothing keeps anybody out."""
    assert page.get_attribute("html", "lang") == language
    assert page.get_attribute("html", "dir") == DIRECTIONS[language]
    page.wait_for_load_state("networkidle")
    for size in (NARROW, WIDE):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        found = AXE.run(page, options=RULES)["violations"]
        assert not found, [(name, violation["id"], violation["nodes"][0]["target"]) for violation in found]
    page.emulate_media(color_scheme="light")


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.click(button)


def type_in(page: Page, address: str, language: str, digits: str) -> None:
    page.goto(f"{address}/receipt/{language}/")
    page.fill("#code", digits)
    press(page, "main form button.button")


@pytest.mark.parametrize("language", DIRECTIONS)
def test_a_person_sees_and_withdraws_what_they_agreed_to(
    temoin: Temoin, browser: Browser, language: str
) -> None:
    spoken, seen = words(language), Seen()
    alice = Person(browser, temoin.address, seen).sign_in("alice")
    digits = receipt(alice, language)
    looked(browser.new_context(reduced_motion="reduce"), temoin.address, language, digits)
    plain = browser.new_context(java_script_enabled=False, viewport=NARROW)
    page = plain.new_page()
    arabic = digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    type_in(page, temoin.address, language, arabic if language == "ar" else digits)
    tick = page.locator("[name=purpose][value=STATS]")
    assert spoken["answers"] in page.locator("h1").inner_text() and tick.count() == 1
    tick.check()
    press(page, "[name=action][value=withdraw]")
    assert spoken["done"] in page.locator("h1").inner_text()
    assert spoken["done_stats"] in page.locator("main").inner_text()
    press(page, "[name=action][value=look]")
    press(page, "[name=action][value=withdraw-all]")
    press(page, "[name=action][value=confirm]")
    done = page.locator("main").inner_text()
    assert spoken["done_now"] in done and re.search(r"\d", done)
    plain.close()
    assert not seen.foreign and not seen.complaints


def looked(context: BrowserContext, address: str, language: str, digits: str) -> None:
    """With script: the digits of the QR code are typed by the page, and leave the address."""
    page = context.new_page()
    page.goto(f"{address}/receipt/{language}/")
    examine(page, f"receipt-start-{language}", language)
    page.goto("about:blank")
    page.goto(f"{address}/receipt/{language}/#{digits.replace(' ', '')}")
    assert "#" not in page.url and page.input_value("#code")
    press(page, "main form button.button")
    examine(page, f"receipt-answers-{language}", language)
    press(page, "[name=action][value=withdraw-all]")
    examine(page, f"receipt-confirm-{language}", language)
    press(page, "[name=action][value=look]")
    press(page, "[name=action][value=contact]")
    examine(page, f"receipt-done-{language}", language)
    context.close()


def test_whoever_has_no_mouse_withdraws_everything(temoin: Temoin, browser: Browser) -> None:
    """From the address to the confirmation, with the keys of a keyboard; the cursor is seen wherever it stands."""
    seen = Seen()
    digits = receipt(Person(browser, temoin.address, seen).sign_in("alice"), "fr")
    plain = browser.new_context(java_script_enabled=False, viewport=NARROW)
    page = plain.new_page()
    page.goto(f"{temoin.address}/receipt/fr/")
    to(page, "#code")
    page.keyboard.type(" ".join(digits.split()))
    enter(page)
    to(page, "[name=purpose][value=STORE]")
    page.keyboard.press("Space")
    to(page, "[name=action][value=withdraw]")
    enter(page)
    to(page, "[name=cooling]")
    assert page.locator("[name=cooling]:checked").get_attribute("value") == "7"
    to(page, "[name=action][value=confirm]")
    enter(page)
    done = page.locator("main").inner_text()
    assert words("fr")["done_now"] in done
    to(page, "[name=action][value=look]")
    enter(page)
    to(page, "[name=action][value=keep]")
    enter(page)
    assert words("fr")["done_kept"].partition("{day}")[2] in page.locator("main").inner_text()
    plain.close()


def to(page: Page, wanted: str) -> None:
    """With the tab key alone, and where it stops is seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.locator("*:focus")
        if here.count() and here.evaluate("(element, wanted) => element.matches(wanted)", wanted):
            line = here.evaluate(
                "e => { const own = getComputedStyle(e), label = e.closest('label'),"
                " around = label ? getComputedStyle(label) : own; return [own.outlineStyle, around.outlineStyle] }"
            )
            assert set(line) != {"none"}, wanted
            return
    raise AssertionError(f"no way to {wanted} with the tab key")


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")
