"""Following somebody up, in a browser, in French: the chain, the page of each act, the board, the contacts, the overview."""

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import Person, Seen
from tests.processes import Temoin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


def a_case(person: Person) -> str:
    """The first of the list: somebody of whom the chain is known."""
    person.go("/cases/?q=")
    person.follow(person.page.locator(".card__title a").first)
    return person.page.url.partition("#")[0].removeprefix(person.address)


def add_contact(person: Person) -> None:
    person.go("/contacts/add/")
    person.page.fill("[name=name]", "Clinique du Faubourg")
    person.page.select_option("[name=kind]", "LEGAL_CLINIC")
    person.look("contact-add")
    person.send("form:has([name=kind])")
    person.look("contacts")


def follow_up(person: Person, case: str) -> None:
    page = person.page
    person.go(f"{case}tasks/add/")
    page.fill("[name=text]", "Appeler sa sœur")
    person.look("task-add")
    person.send("form:has([name=text])")
    person.go(f"{case}dates/add/")
    page.select_option("[name=kind]", "REMOVAL")
    # Without its day: what was typed is still there, and the words say what to do.
    page.fill("[name=note]", "Lettre du 3")
    person.send("form:has([name=note])")
    assert page.input_value("[name=note]") == "Lettre du 3" and person.has(".error-summary")
    person.look("date-add-wrong")
    page.fill("[name=on]", "2030-01-15")
    person.send("form:has([name=note])")
    person.go(f"{case}log/add/")
    page.fill("[name=text]", "Elle demande des nouvelles de sa fille.")
    person.send("form:has([name=text])")
    person.go(f"{case}refer/")
    person.look("refer")
    person.go(case)
    for words in ("Appeler sa sœur", "Elle demande des nouvelles de sa fille."):
        assert page.get_by_text(words).count()
    person.look("case-followed-up")
    with page.expect_navigation():
        page.locator(".tick").first.click()
    assert page.get_by_text("1 chose faite").count()


def test_somebody_is_followed_up_in_french(temoin: Temoin, browser: Browser, seen: Seen) -> None:
    person = Person(browser, temoin.address, seen).sign_in("alice")
    add_contact(person)
    follow_up(person, a_case(person))
    for path in ("/due/", "/overview/"):
        person.go(path)
        person.look(path.strip("/"))
    seen.must_be_empty()


def test_every_act_works_without_script(temoin: Temoin, browser: Browser) -> None:
    person = Person(browser, temoin.address, Seen(), script=False).sign_in("bob")
    case = a_case(person)
    person.go(f"{case}tasks/add/")
    person.page.fill("[name=text]", "Sans script")
    person.send("form:has([name=text])")
    assert person.page.get_by_text("Sans script").count()
