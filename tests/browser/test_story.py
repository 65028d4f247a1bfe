"""The way of a case from an organizer's form to a figure everybody can check, in a browser, in French, on real processes."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from tests.browser.browsing import (
    Person,
    Seen,
    english_in,
    sentences_of_catalogue,
)
from tests.processes import Temoin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]
CATALOGUE = Path(settings.BASE_DIR) / "config/locale/fr/LC_MESSAGES/django.po"
STATEMENT = "L'agente a regardé la plaque, puis elle a demandé les papiers de tout le monde."


class Worker:
    """Held still while the page that shows its progress is looked at."""

    def __init__(self, temoin: Temoin) -> None:
        self.pids = temoin.worker_pids()
        assert self.pids

    def _tell(self, number: signal.Signals) -> None:
        for pid in self.pids:
            os.kill(pid, number)

    def __enter__(self) -> None:
        self._tell(signal.SIGSTOP)

    def __exit__(self, *error: object) -> None:
        self._tell(signal.SIGCONT)


def add_case(person: Person, reference: str, look: Callable[[str], None] = lambda name: None) -> None:
    """Part by part, up to the page on which it is read back."""
    page = person.page
    person.go("/cases/add/")
    look("case-add")
    person.send("main form")
    for purpose in ("STORE", "STATS"):
        page.check(f"[name=consent-{purpose}][value=GIVEN]")
    onward(person, look, "intake-consent")
    onward(person, look, "intake-safety")
    page.fill("[name=statements-0-text]", STATEMENT)
    page.select_option("[name=statements-0-source]", "SELF")
    page.fill("[name=event-date]", "2024-05-02 21:40")
    page.select_option("[name=event-city]", "MONTREAL")
    page.select_option("[name=event-pretext]", "TRAFFIC_MOVING")
    page.locator("details.more:has([name=event-reference]) > summary").click()
    page.fill("[name=event-reference]", reference)
    onward(person, look, "intake-event")
    page.fill("[name=person-alias]", "Lupin")
    page.select_option("[name=steps-0-kind]", "STOP")
    page.fill("[name=steps-0-began]", "2024-05-02 21:40")
    onward(person, look, "intake-people")
    onward(person, look, "intake-next")
    look("intake-summary")


def onward(person: Person, look: Callable[[str], None] = lambda name: None, name: str = "") -> None:
    look(name)
    with person.page.expect_navigation():
        person.page.click("button[name=go][value=next]")


def keep(person: Person) -> None:
    with person.page.expect_navigation():
        person.page.click("main form button:not([name])")


def write_words(person: Person, release: str) -> None:
    """The lead in both languages, and every group decided as it was drafted."""
    person.go(f"{release}words/")
    person.page.fill("[name=lead_fr]", "Une interception peut mener loin.")
    person.page.fill("[name=lead_en]", "A stop can lead far.")
    tick_all(person, "groups")
    person.send("main form[data-guard]")


def tick_all(person: Person, name: str) -> None:
    for box in person.page.locator(f"[name={name}]").all():
        box.check()


def ask_for_release(person: Person, title: str) -> None:
    page = person.page
    person.go("/releases/draft/")
    page.fill("[name=title_fr]", title)
    page.fill("[name=title_en]", f"{title} (en)")
    page.fill("[name=first_year]", "2015")
    page.fill("[name=last_year]", "2025")
    page.check("[name=tables][value=status_raised]")


def test_the_whole_way_in_french(temoin: Temoin, browser: Browser, seen: Seen, tmp_path: Path) -> None:
    def someone(name: str = "") -> Person:
        person = Person(browser, temoin.address, seen)
        return person.sign_in(name) if name else person

    address = organizes(someone, seen)
    strangers_find_nothing(someone(), address)
    release = coordinates(someone, temoin)
    reads(someone(), temoin, release, tmp_path)
    the_rest(someone)
    seen.must_be_empty()
    pairs = list(sentences_of_catalogue(CATALOGUE))
    assert len(pairs) > 300
    assert english_in(seen.words, pairs) == []


def organizes(someone, seen: Seen) -> str:  # type: ignore[no-untyped-def]
    stranger = someone()
    stranger.go("/")
    stranger.look("sign-in")
    alice = someone("alice")
    page = alice.page
    assert page.url.endswith("/cases/")
    alice.look("cases")
    alice.follow(page.locator(".card__title a").first)
    assert page.locator(".chain__step").count() >= 3
    alice.look("case")

    add_case(alice, "LUPIN-1", alice.look)
    keep(alice)
    address = page.url
    assert STATEMENT in page.locator(".narrative").inner_text()
    assert page.locator(".chain__step").count() == 1
    alice.look("case-added")

    charlie = someone("charlie")
    charlie.go(address, expect=404)
    page.fill("[name=username]", "charlie")
    alice.send("form[action$='/grant/']")
    alice.look("case-shared")
    charlie.go(address)
    charlie.speak_french()
    assert STATEMENT in charlie.page.locator(".narrative").inner_text()
    assert not charlie.has("form[action$='/grant/']")
    alice.send("form[action$='/revoke/']")
    charlie.go(address, expect=404)
    charlie.look("not-here")
    assert not charlie.has(".narrative")

    search(alice)
    return str(address)


def search(alice: Person) -> None:
    alice.go("/cases/")
    alice.page.fill("[name=words]", "plaque papiers lupin-1")
    alice.send("form[role=search]")
    assert "lupin" not in alice.page.url
    assert alice.page.locator(".card").count() == 1
    alice.look("search")
    alice.page.fill("[name=words]", "mots qui ne sont nulle part")
    alice.send("form[role=search]")
    alice.look("search-empty")


def strangers_find_nothing(stranger: Person, address: str) -> None:
    stranger.go(address)
    assert "/sign-in/" in stranger.page.url
    assert "Lupin" not in stranger.page.content()


def coordinates(someone, temoin: Temoin) -> str:  # type: ignore[no-untyped-def]
    dana = someone("dana")
    page = dana.page
    assert page.url.endswith("/releases/")
    dana.look("releases")
    dana.go("/cases/")
    assert page.locator(".card").count() == 0
    dana.look("cases-of-nobody")

    ask_for_release(dana, "Comment le statut est apparu")
    dana.look("release-draft")
    with Worker(temoin):
        dana.send("main form[data-guard]")
        page.locator(".progress").wait_for()
        dana.look("release-progress")
    release = str(page.url)
    page.locator(".progress").wait_for(state="detached", timeout=120_000)
    assert page.locator(".suppressed__why").count() > 0
    assert not dana.has("form[action$='/approve/']")
    dana.look("release-drafted")
    write_words(dana, release)

    erin = someone("erin")
    erin.speak_french()
    erin.go(release)
    erin.look("release-to-approve")
    tick_all(erin, "read")
    erin.send("form[action$='/approve/']")
    erin.look("release-approved")
    page.reload()
    dana.send("form[action$='/publish/']")
    dana.look("release-published")
    return release


def reads(stranger: Person, temoin: Temoin, release: str, folder: Path) -> None:
    page = stranger.page
    stranger.go("/published/")
    stranger.look("published")
    stranger.follow(page.locator(f"a[href$='/published/{release.split('/')[-2]}/']"))
    assert page.locator(".table td").count() > 5
    assert page.locator(".suppressed").count() > 0
    assert page.locator("figure svg").count() > 0
    stranger.look("published-release")
    saved = {kind: download(stranger, kind, folder) for kind in ("csv", "json")}
    assert saved["csv"].read_bytes().count(b"\n") > 5
    key = page.locator("pre code").inner_text().split("--key")[1].strip()
    said = temoin.manage("verify_release", str(saved["json"]), "--key", key)
    assert key in said


def download(person: Person, kind: str, folder: Path) -> Path:
    with person.page.expect_download() as started:
        person.page.click(f"a[href$='.{kind}']")
    target = folder / f"release.{kind}"
    started.value.save_as(target)
    return target


def the_rest(someone) -> None:  # type: ignore[no-untyped-def]
    """Pages beside the way: looked at all the same."""
    alice = someone("alice")
    page = alice.page
    for name, path in {"import": "/import/", "teams": "/teams/", "passphrase": "/passphrase/"}.items():
        alice.go(path)
        alice.look(name)
    alice.go("/teams/")
    alice.follow(page.locator("main a[href^='/teams/']").last)
    alice.look("team")
    alice.send("form[action$='/invite/']")
    alice.look("invited")
    guest = someone()
    guest.go(page.input_value("#link"))
    guest.look("invitation")

    alice.go("/import/")
    page.set_input_files(
        "[name=file]", {"name": "mauvais.csv", "mimeType": "text/csv", "buffer": BAD_FILE.encode()}
    )
    alice.send("main form")
    alice.look("import-sheet")
    alice.go("/cases/add/")
    alice.send("main form")
    onward(alice)
    alice.look("intake-refused")
    alice.go("/cases/")
    alice.follow(page.locator(".card__title a").nth(1))
    alice.look("case-2")
    case = page.url
    for name, selector in {
        "case-change": "a[href$='/change/']",
        "person-change": "a[href*='/people/']:not([href$='/add/']):not([href$='/consent/'])",
        "person-add": "a[href$='/people/add/']",
        "person-consent": "a[href$='/consent/']",
    }.items():
        alice.go(case)
        alice.follow(page.locator(f"main {selector}").first)
        alice.look(name)
    frank = someone("frank")
    frank.go("/audit/")
    frank.look("audit")
    sign_out(alice)


def sign_out(person: Person) -> None:
    person.page.click("details.account summary")
    person.look("account-menu")
    person.send("details.account form")
    assert "/sign-in/" in person.page.url
    person.page.go_back()
    assert not person.has(".card")


BAD_FILE = (
    "reference,event_date,pretext,consent_purposes,consent_mode,consent_date\n"
    "R-1,2024-13,TRAFFIC_MOVING,STORE,ORAL,2026-01-01\n"
    "R-2,2024-03,ON_A_WHIM,,ORAL,2026-01-01\n"
    "R-2,2999,TRAFFIC_MOVING,STORE,ORAL,2026-01-01\n"
)


def test_the_same_way_without_javascript(temoin: Temoin, browser: Browser, seen: Seen) -> None:
    def someone(name: str) -> Person:
        return Person(browser, temoin.address, seen, script=False).sign_in(name)

    alice = someone("alice")
    alice.follow(alice.page.locator(".card__title a").first)
    assert alice.page.locator(".chain__step").count() >= 3
    add_case(alice, "LUPIN-2")
    keep(alice)
    assert STATEMENT in alice.page.locator(".narrative").inner_text()

    dana = someone("dana")
    ask_for_release(dana, "Sans script")
    with Worker(temoin):
        dana.send("main form[data-guard]")
        assert dana.has(".progress")
        dana.page.reload()
        assert dana.has(".progress")
    dana.page.locator(".progress").wait_for(state="detached", timeout=120_000)
    assert dana.page.locator(".suppressed__why").count() > 0
    seen.must_be_empty()
