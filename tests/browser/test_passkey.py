"""A passkey in a real browser, with an authenticator the browser plays itself: made, then asked for at the next sign-in."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import chromium_browser
from tests.processes import Temoin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
PASSPHRASE = "nine llamas knit quietly"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """By name: an address of digits cannot own a passkey."""
    running = Temoin(tmp_path_factory.mktemp("passkey"))
    running.manage("migrate_all", "--verbosity", "0")
    running.manage(
        "setup", "--organisation", "Collectif", "--username", "dana", "--language", "en", typed=PASSPHRASE
    )
    running.start()
    yield running.address.replace("127.0.0.1", "localhost")
    running.stop()


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    with chromium_browser(chromium) as browser:
        context = browser.new_context(locale="en")
        yield context.new_page()
        context.close()


def with_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def first_step(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in/")
    page.fill("#id_login", "dana")
    page.fill("#id_password", PASSPHRASE)
    page.click("main button.button")


def test_a_passkey_is_made_and_then_asked_for(address: str, page: Page) -> None:
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    with_authenticator(page)
    first_step(page, address)
    page.goto(f"{address}/second-factor/passkey/")
    page.fill("#id_name", "grey key")
    page.click("main button.button")
    page.wait_for_selector("h1:has-text('Your spare codes')")
    assert page.locator("main code").count() == 10
    page.goto(f"{address}/sign-out/")
    page.click("main button.button")
    first_step(page, address)
    page.wait_for_url("**/second-step/")
    page.click("form[data-passkey] button")
    page.wait_for_url(lambda url: "second-step" not in url)
    page.goto(f"{address}/second-factor/")
    assert "grey key" in page.inner_text("main")
    assert problems == []


def test_without_the_authenticator_the_page_says_so_and_sends_nothing(address: str, page: Page) -> None:
    page.add_init_script("navigator.credentials.get = () => Promise.reject(new Error('no'))")
    first_step(page, address)
    if "second-step" in page.url:
        page.click("form[data-passkey] button")
        page.wait_for_selector("[data-passkey-failed]:not([hidden])")
        assert "second-step" in page.url
    else:
        page.goto(f"{address}/second-factor/passkey/")
        page.fill("#id_name", "grey key")
        page.evaluate("() => { navigator.credentials.create = () => Promise.reject(new Error('no')) }")
        page.click("main button.button")
        page.wait_for_selector("[data-passkey-failed]:not([hidden])")
