"""The case file in a browser: every page of it in both languages, enlarged, and the way of somebody who looks for cases, does one
thing to several of them, takes it back, and erases one; once with a mouse, once with nothing but keys."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import Keyboard, Person, Seen
from tests.processes import Temoin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
OF_A_CASE = (
    "", "change/", "history/", "alike/", "people/add/", "evidence/add/", "tasks/add/", "dates/add/", "reviews/add/",
    "log/add/", "refer/", "erase/", "hold/",
)  # fmt: skip
OF_A_PERSON = ("", "safety/", "remove/", "consent/", "receipt/", "same/")
ELSEWHERE = (
    "/cases/", "/cases/filters/", "/cases/?status=INTAKE", "/cases/selection/", "/cases/add/", "/contacts/", "/contacts/add/",
    "/due/", "/overview/", "/import/",
)  # fmt: skip


def somebody(browser: Browser, temoin: Temoin, seen: Seen, language: str = "fr") -> Person:
    alice = Person(browser, temoin.address, seen).sign_in("alice")
    alice.speak(language)
    return alice


def a_case(person: Person) -> str:
    person.go("/cases/")
    return str(person.page.locator(".card__title a").first.get_attribute("href"))


def pages(person: Person) -> Iterator[str]:
    """Every page that is looked at by its address alone."""
    case = a_case(person)
    person.go(case)
    safety = person.page.locator("main a[href*='/people/'][href$='/safety/']").first.get_attribute("href")
    someone = str(safety).removesuffix("safety/")
    yield from (case + page for page in OF_A_CASE)
    yield from (someone + page for page in OF_A_PERSON)
    yield from ELSEWHERE


def named(address: str) -> str:
    return re.sub(r"[0-9a-f-]{36}", "…", address)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_page_of_the_case_file_keeps_anybody_out(
    temoin: Temoin, browser: Browser, seen: Seen, language: str
) -> None:
    alice = somebody(browser, temoin, seen, language)
    for address in pages(alice):
        alice.go(address)
        alice.glance(named(address))
        alice.fits_enlarged(named(address))
    seen.must_be_empty()


def send_a_spreadsheet(person: Person) -> None:
    """Some of its words and columns are the group's own, and one row is not right."""
    rows = "Réf.;Quand;Motif;Accord;Humeur\nA-1;hier;Banane;oui;bonne\nA-2;2026-05;Collision;oui;triste\n"
    person.go("/import/")
    sheet = {"name": "terrain.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    person.page.set_input_files("[type=file]", sheet)
    person.send("form:has([type=file])")


def look_at_a_copy(person: Person) -> None:
    person.go(a_case(person))
    person.send("form[action='/exports/']")
    person.glance("export")
    person.page.check("[name=recipient][value=LAWYER]")
    person.page.fill("[name=to]", "Me Cordata")
    person.page.fill("[name=reason]", "Pour vendredi.")
    person.follow(person.page.locator("button[name=do][value=look]"))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_spreadsheet_is_explained_and_a_copy_is_looked_at(
    temoin: Temoin, browser: Browser, seen: Seen, language: str
) -> None:
    alice = somebody(browser, temoin, seen, language)
    send_a_spreadsheet(alice)
    alice.look(f"import-explained-{language}")
    look_at_a_copy(alice)
    assert alice.page.url.endswith("#goes") and alice.has("#goes")
    alice.look(f"export-looked-at-{language}")
    seen.must_be_empty()


def search(person: Person, words: str) -> None:
    person.page.fill("[name=words]", words)
    with person.page.expect_navigation():
        person.page.press("[name=words]", "Enter")


def test_cases_are_found_chosen_tagged_and_left_as_they_were(
    temoin: Temoin, browser: Browser, seen: Seen
) -> None:
    alice = somebody(browser, temoin, seen)
    page = alice.page
    alice.go("/cases/")
    search(alice, "papiers")
    assert page.locator("mark").count() > 1
    alice.look("cases-found")
    for number in range(2):
        page.locator(".card__tick input").nth(number).check()
    with page.expect_navigation():
        page.locator(".selecting__bar button").first.click()
    alice.look("cases-chosen")
    page.locator("details:has([value=tag]) summary").click()
    page.fill("[name=tag-add]", "à relire")
    alice.send("form:has([name=tag-add])")
    alice.look("cases-looked-at-first")
    alice.send("main form")
    assert page.locator(".plan .tag--good").count() == 2
    alice.look("cases-done")
    alice.go("/cases/")
    assert page.locator(".tag--word", has_text="à relire").count() == 2
    alice.go("/cases/selection/done/")
    alice.send("form[action$='/undo/']")
    assert page.locator(".plan .tag--good").count() == 2 and not alice.has("form[action$='/undo/']")
    alice.look("cases-taken-back")
    alice.go("/cases/")
    assert not alice.has(".tag--word")
    seen.must_be_empty()


def test_a_case_is_found_and_a_call_written_down_by_keyboard_alone(
    temoin: Temoin, browser: Browser, seen: Seen
) -> None:
    alice = somebody(browser, temoin, seen)
    keys = Keyboard(alice)
    alice.go("/cases/")
    keys.to("words")
    alice.page.keyboard.type("papiers")
    keys.enter()
    keys.to_link(alice.page.locator(".card__title a").first)
    keys.enter()
    keys.to_link(alice.page.locator("main a[href$='/log/add/']").first)
    keys.enter()
    keys.to("text")
    alice.page.keyboard.type("Elle va bien.")
    keys.to("button")
    keys.enter()
    assert alice.page.get_by_text("Elle va bien.").count()
    seen.must_be_empty()


def test_a_case_is_erased_once_its_reference_was_typed(temoin: Temoin, browser: Browser, seen: Seen) -> None:
    alice = somebody(browser, temoin, seen)
    page = alice.page
    case = a_case(alice)
    alice.go(case)
    reference = page.locator("h1").inner_text().strip()
    alice.go(f"{case}erase/")
    alice.look("case-erase")
    page.check("[name=when][value='0']")
    page.locator("[name=why]").first.check()
    page.fill("[name=reference]", "autre chose")
    alice.send("form:has([name=reference])")
    assert alice.has(".error-summary") and page.input_value("[name=reference]") == "autre chose"
    alice.look("case-erase-wrong")
    page.fill("[name=reference]", reference)
    alice.send("form:has([name=reference])")
    alice.look("case-erased")
    alice.go(case, expect=404)
    alice.go("/cases/")
    assert not page.get_by_text(reference, exact=True).count()
    seen.must_be_empty()
