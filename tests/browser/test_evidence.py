"""Evidence in a real browser: sent with a connection that breaks once, played, blacked out by dragging, handed out clean."""

import base64
import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests import catalogue, exhibits
from tests.browser.browsing import Person, Seen
from tests.processes import Temoin
from tests.seizure_story import PASSPHRASES, Story, sqlite_store

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, migrated: object) -> Iterator[Story]:
    catalogue.compile_if_stale()
    temoin = Temoin(tmp_path_factory.mktemp("evidence"), migrated)
    temoin.start()
    told = Story(temoin, sqlite_store(temoin))
    told.gather()
    told.keep_cases()
    yield told
    temoin.stop()


def test_evidence_from_sending_to_handing_out(story: Story, browser: Browser, seen: Seen) -> None:
    alice = Person(browser, story.temoin.address, seen).sign_in("alice", PASSPHRASES["alice"])
    alice.speak_french()
    send_with_a_broken_line(alice, story.case_address)
    play(alice, story.case_address)
    look_and_black_out(alice, story.case_address)
    hand_out(alice, story.case_address)
    in_english(alice, story.case_address)
    seen.must_be_empty()


def in_english(alice: Person, case: str) -> None:
    alice.go(case)
    alice.speak("en")
    alice.go(f"{case}evidence/add/")
    alice.glance("evidence-add")
    for number, name in enumerate(("photograph", "sound", "redacted")):
        open_piece(alice, case, number)
        alice.glance(f"evidence-{name}")
        here = str(alice.page.url).partition("?")[0]
        alice.go(f"{here}export/")
        alice.glance(f"evidence-export-{name}")
    open_piece(alice, case, 0)
    alice.follow(alice.page.locator("a[href*='/redact/']"))
    alice.glance("evidence-redact")


def files() -> list[dict[str, object]]:
    photograph = exhibits.jpeg(width=800, height=600)
    return [
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photograph + bytes(3_000_000)},
        {"name": "appel.wav", "mimeType": "audio/wav", "buffer": exhibits.sound(30)},
    ]


def send_with_a_broken_line(alice: Person, case: str) -> None:
    alice.go(f"{case}evidence/add/")
    alice.look("evidence-add")
    alice.page.set_input_files("input[type=file]", files())
    alice.context.set_offline(True)
    alice.page.click("form[data-sending] button")
    said = alice.page.locator("[data-words]")
    said.filter(has_text="La connexion a été coupée").wait_for()
    alice.context.set_offline(False)
    assert alice.page.eval_on_selector("input[type=file]", "input => input.files.length") == 2
    with alice.page.expect_navigation(url="**#evidence"):
        alice.page.click("form[data-sending] button")
    assert alice.page.locator(".exhibit").count() == 2
    alice.look("evidence-list")


def open_piece(alice: Person, case: str, number: int) -> None:
    alice.go(case)
    alice.follow(alice.page.locator(".exhibit__name").nth(number))


def play(alice: Person, case: str) -> None:
    """To near the end, so that the browser has to ask for a range in the middle of the file."""
    open_piece(alice, case, 1)
    alice.look("evidence-sound")
    at = alice.page.eval_on_selector(
        "audio",
        """audio => new Promise((resolve, reject) => {
            audio.onerror = () => reject(new Error("cannot be played"));
            audio.onseeked = () => resolve([audio.duration, audio.currentTime]);
            const seek = () => { audio.currentTime = 27; };
            if (audio.readyState) seek(); else audio.onloadedmetadata = seek;
        })""",
    )
    assert at == [30, 27]


def shown(page: Page) -> Image.Image:
    source = page.get_attribute("main img", "src") or ""
    return Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).convert("RGB")


def look_and_black_out(alice: Person, case: str) -> None:
    page = alice.page
    open_piece(alice, case, 0)
    alice.look("evidence-photograph")
    assert shown(page).getpixel((100, 300))[0] > 150
    alice.follow(page.locator("a[href*='/redact/']"))
    alice.look("evidence-redact")
    page.locator("[data-ruled]").scroll_into_view_if_needed()
    drag(page, 0.05, 0.3, 0.4, 0.6)
    drag(page, 0.6, 0.1, 0.7, 0.2)
    assert page.locator("[data-area]").count() == 2
    assert page.locator("rect.ruled__area").count() == 2
    with page.expect_navigation():
        page.click("button[name=make]")
    copy = shown(page)
    inside = copy.crop((int(0.06 * 800), int(0.31 * 600), int(0.39 * 800), int(0.59 * 600)))
    assert max(high for _low, high in inside.getextrema()) < 8
    assert max(copy.getpixel((int(0.65 * 800), 90))) < 8 and copy.getpixel((20, 20))[0] > 150
    assert page.get_by_text("Ceci est une copie caviardée").count() == 1


def drag(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    box = page.locator("[data-ruled]").bounding_box()
    assert box
    page.mouse.move(box["x"] + left * box["width"], box["y"] + top * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + right * box["width"], box["y"] + bottom * box["height"], steps=5)
    page.mouse.up()


def hand_out(alice: Person, case: str) -> None:
    open_piece(alice, case, 0)
    alice.follow(alice.page.locator("a[href$='/export/']"))
    alice.look("evidence-export")
    alice.page.check("input[name=what][value=clean]")
    alice.page.select_option("[name=purpose]", "REFER_LEGAL")
    alice.page.fill("input[name=reason]", "Pour l'avocate")
    with alice.page.expect_download() as waited:
        alice.page.click("main form button.button")
    saved = waited.value
    content = saved.path().read_bytes()
    assert saved.suggested_filename.endswith(".jpg") and exhibits.BYTES not in content
    assert Image.open(io.BytesIO(content)).size == (800, 600)
