"""What organizers and coordinators see of consent, in a browser, in both languages: asking, wordings, what is to be told,
one person's part, what expires, holds, erasures, registers."""

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import Person, Seen, described
from tests.processes import Temoin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]
REGISTERS = ("incidents", "communications", "anonymization", "assessment")


@pytest.mark.parametrize(("language", "number"), [("fr", 0), ("en", 1)])
def test_nobody_is_kept_out_of_the_pages_about_consent(
    temoin: Temoin, browser: Browser, language: str, number: int
) -> None:
    seen = Seen()
    alice = Person(browser, temoin.address, seen).sign_in("alice")
    alice.speak(language)
    of_organizers(alice, language, number)
    dana = Person(browser, temoin.address, seen).sign_in("dana")
    dana.speak(language)
    of_coordinators(dana, language)
    assert not seen.obstacles, described(seen.obstacles)
    assert not seen.foreign and not seen.complaints, described(seen.complaints)


def of_organizers(alice: Person, language: str, number: int) -> None:
    case = a_case_of_several(alice, number)
    alice.go(f"{case}consent/")
    alice.look(f"consents-{language}")
    consent = str(
        alice.page.locator("main a[href*='/people/'][href$='/consent/']").first.get_attribute("href")
    )
    for name, path in {
        "consent": consent,
        "receipt-give": consent.replace("/consent/", "/receipt/"),
        "same-person": consent.replace("/consent/", "/same/"),
        "take-out": consent.replace("/consent/", "/take-out/"),
        "hold": f"{case}hold/",
        "erase": f"{case}erase/",
        "retention": "/retention/",
    }.items():
        alice.go(path)
        alice.look(f"{name}-{language}")
    withdrawn(alice, case, consent, language)


def a_case_of_several(alice: Person, number: int) -> str:
    """One of the list, to which somebody of the same event is added."""
    alice.go("/cases/")
    case = str(alice.page.locator(".card__title a").nth(number).get_attribute("href"))
    alice.go(f"{case}people/add/")
    alice.page.check("[name=consent-STORE][value=GIVEN]")
    alice.page.fill("[name=consent-explained_by]", "alice")
    alice.page.fill("[name=person-alias]", "Colibri")
    alice.send("form:has([name=person-alias])")
    assert alice.page.locator("main a[href*='/people/'][href$='/consent/']").count() == 2
    return case


def withdrawn(alice: Person, case: str, consent: str, language: str) -> None:
    """Written down by an organizer: what is left to be done, the board of it, then the part taken out."""
    page = alice.page
    alice.go(consent)
    page.check("[name=STORE][value=WITHDRAWN]")
    page.fill("[name=explained_by]", "alice")
    alice.send("form:has([name=STORE])")
    alice.go(f"{case}consent/")
    alice.look(f"consents-withdrawn-{language}")
    alice.go("/due/")
    alice.look(f"due-withdrawn-{language}")
    alice.go(f"{case}consent/")
    alice.follow(page.locator("#said a[href$='/take-out/']"))
    page.check("[name=sure]")
    alice.send("form:has([name=sure])")
    assert page.url.rstrip("/") != f"{alice.address}{case}".rstrip("/") and alice.has("#people")


def of_coordinators(dana: Person, language: str) -> None:
    for name, path in {
        "wordings": "/wordings/",
        "wording-add": "/wordings/add/",
        "wording": "/wordings/1/",
        "registers": "/registers/",
        "register-add": "/registers/incidents/add/",
        "erased": "/erased/",
    }.items():
        dana.go(path)
        dana.look(f"{name}-{language}")
    for register in REGISTERS:
        dana.go(f"/registers/{register}/")
        dana.look(f"register-{register}-{language}")
    dana.go("/erased/")
    dana.follow(dana.page.locator("main a[href^='/erased/']").first)
    dana.look(f"erased-case-{language}")
