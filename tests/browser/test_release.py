"""A coordinator's whole way in a browser: from a question in plain words to a second edition that says what changed, in French,
on real processes. Whoever approves does without JavaScript."""

import pytest
from playwright.sync_api import Browser

from casework.management.commands.demo_data import PASSPHRASE
from tests.browser.browsing import Person, Seen, english_in, sentences_of_catalogue
from tests.browser.test_story import CATALOGUE, tick_all
from tests.processes import Temoin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1800)]
# Drafting beside a published release takes minutes where other things run too.
PATIENCE = 600_000
LEAD = "Seules 3 personnes sur 10 savaient qui était appelé."


def test_from_a_question_in_plain_words_to_a_second_edition(
    temoin: Temoin, browser: Browser, seen: Seen
) -> None:
    dana = Person(browser, temoin.address, seen).sign_in("dana")
    erin = Person(browser, temoin.address, seen, script=False).sign_in("erin")
    erin.speak_french()

    begins_with_a_question(dana)
    compares(dana)
    first = drafts(dana)
    writes(dana, first)
    approves(erin, first)
    publishes(dana, first)

    second = asks_for_an_edition(dana, first)
    writes(dana, second)
    assert "édition précédente" in read_by(erin, second)
    approves(erin, second)
    publishes(dana, second)
    dana.go(f"/published/{first.split('/')[-2]}/")
    assert second.split("/")[-2] in dana.page.content()
    seen.must_be_empty()
    assert english_in(seen.words, list(sentences_of_catalogue(CATALOGUE))) == []


def begins_with_a_question(dana: Person) -> None:
    page = dana.page
    dana.go("/releases/draft/")
    dana.look("builder-begin")
    page.check("[name=audience][value=media]")
    page.check("[name=ask][value=status]")
    dana.send("main form[method=get]")
    assert page.input_value("[name=title_fr]").startswith("Comment le statut")
    assert page.is_checked("[name=tables][value=status_raised]")
    # The demonstration's release counts the same people: its period is taken.
    assert page.input_value("[name=first_year]") == "2015"
    dana.look("builder-filled")
    page.uncheck("[name=tables][value=pretext]")
    page.locator("#estimate a[href*='/estimates/']").wait_for(timeout=PATIENCE)
    dana.look("builder-estimated")


def compares(dana: Person) -> None:
    page = dana.page
    page.check("[name=tables][value=status_pretext]")
    page.uncheck("[name=tables][value=status_raised]")
    with page.expect_navigation():
        page.click("button[formaction$='/estimate/']")
    page.locator(".compare").wait_for(timeout=PATIENCE)
    assert page.locator(".compare > li").count() >= 2
    dana.look("estimate")
    # Crossed tables beside the demonstration's release are refused; each by itself is not.
    dana.send(".compare > li:has(h2:text('à part')) form")
    page.locator(".compare").wait_for(timeout=PATIENCE)


def drafts(dana: Person) -> str:
    dana.send(".compare__asked form")
    return drafted(dana)


def drafted(dana: Person) -> str:
    page = dana.page
    # Not for the progress to go: it goes before the page that follows it is there.
    page.locator("table .suppressed__why").first.wait_for(timeout=PATIENCE)
    dana.look("builder-drafted")
    return str(page.url)


def writes(dana: Person, release: str) -> None:
    page = dana.page
    dana.go(f"{release}words/")
    page.fill("[name=lead_fr]", LEAD)
    page.fill("[name=lead_en]", "Only 3 people in 10 knew who was being called.")
    tick_all(dana, "groups")
    dana.look("builder-words")
    dana.send("main form[data-guard]")
    assert page.locator(".box--warning li").count() >= 1
    dana.look("builder-written")


def read_by(erin: Person, release: str) -> str:
    erin.go(release)
    return erin.page.locator("main").inner_text()


def approves(erin: Person, release: str) -> None:
    prove(erin)
    erin.go(release)
    boxes = erin.page.locator("[name=read]")
    assert boxes.count() >= 4
    boxes.first.check()
    erin.send("form[action$='/approve/']")
    assert erin.has(".error-summary, .errorlist")
    tick_all(erin, "read")
    erin.send("form[action$='/approve/']")
    assert erin.has("form[action$='/publish/']")


def prove(person: Person) -> None:
    """Who one is, once more: drafting may have taken longer than that is believed."""
    person.go("/prove/")
    if person.has("main form [name=passphrase]"):
        person.page.fill("main form [name=passphrase]", PASSPHRASE)
        person.send("main form")


def publishes(dana: Person, release: str) -> None:
    prove(dana)
    dana.go(release)
    dana.send("form[action$='/publish/']")
    dana.go(f"/published/{release.split('/')[-2]}/")
    assert LEAD in dana.page.locator("main").inner_text()
    dana.look("builder-published")


def asks_for_an_edition(dana: Person, first: str) -> str:
    """The same tables and one more, over the same period."""
    page = dana.page
    dana.go("/releases/draft/?audience=media&ask=status")
    page.select_option("[name=supersedes]", first.split("/")[-2])
    dana.send("main form[data-guard]")
    return drafted(dana)
