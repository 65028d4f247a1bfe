"""A browser on a running Témoin: it asks nobody else for anything, keeps a picture of each page it looks at, and has every such
page examined for what keeps people out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_core_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Route, sync_playwright

from casework.management.commands.demo_data import PASSPHRASE

SCREENSHOTS = Path(settings.BASE_DIR) / "artefacts" / "screenshots"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
# A tablet, or half a window: where neither the rules for a telephone nor those for a table hold.
BETWEEN = {"width": 768, "height": 900}
# 1280 by 900 pixels, enlarged to 200 %.
ENLARGED = {"width": 640, "height": 450}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
AXE = Axe()
# This axe takes the content of a closed <details> for visible, and lying on top of what follows it.
SHOWN = {"exclude": [["details:not([open]) > :not(summary)"]]}
UNFOLD = "document.querySelectorAll('main details:not([open])').forEach(d => { d.open = true; d.dataset.unfolded = '' })"
FOLD = "document.querySelectorAll('details[data-unfolded]').forEach(d => { d.open = false; delete d.dataset.unfolded })"
MARKED = """() => [document.activeElement, document.activeElement.closest("label, .card")].some(element => {
    const style = element && getComputedStyle(element);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
})"""
FOCUSED = "document.activeElement.name || document.activeElement.className"
# WCAG 2.2, 2.5.8. A box or a round one is as large as the label it stands in.
TOO_SMALL = """() => [...document.querySelectorAll("button, summary, select, textarea, input:not([type=hidden]), "
        + "main p:not([class]) > a:only-child")]
    .map(element => element.closest("label") || element)
    .filter(element => element.checkVisibility({visibilityProperty: true}))
    .map(element => [element, element.getBoundingClientRect()])
    .filter(([element, box]) => box.width > 1 && (box.width < 24 || box.height < 24))
    .map(([element, box]) => `${element.outerHTML.slice(0, 80)} ${box.width}×${box.height}`)"""

# The sign that says which way a folded part opens is a square with two sides drawn; beside long words it must stay one.
SQUEEZED = """() => [...document.querySelectorAll("summary")]
    .filter(summary => summary.checkVisibility({visibilityProperty: true}))
    .map(summary => [summary, getComputedStyle(summary, "::after")])
    .filter(([summary, sign]) => sign.content !== "none" && Math.abs(parseFloat(sign.width) - parseFloat(sign.height)) > 0.5)
    .map(([summary, sign]) => `${summary.textContent.trim().slice(0, 60)} ${sign.width}×${sign.height}`)"""


@contextmanager
def chromium_browser(path: str) -> Iterator[Browser]:
    """Closed before another test begins: while it is open, Django takes this thread for an asynchronous one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS), headless=True)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Seen:
    """What all the browsers of one test met."""

    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)

    def must_be_empty(self) -> None:
        """Nobody else was asked for anything, no script complained, and nothing kept anybody out."""
        for met in (self.foreign, self.complaints, self.obstacles):
            assert not met, described(met)


class Person:
    """Somebody in front of a browser of their own."""

    def __init__(self, browser: Browser, address: str, seen: Seen, *, script: bool = True) -> None:
        self.seen, self.address, self.language = seen, address, "fr"
        self.context: BrowserContext = browser.new_context(
            base_url=address,
            locale="fr-CA",
            viewport=WIDE,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(20_000)
        self.context.route("**/*", self._only_here)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda m: self._note(m.type, m.text))
        self.page.on("pageerror", lambda error: self._note("error", str(error)))

    def _only_here(self, route: Route, request: Request) -> None:
        if request.url.startswith((f"{self.address}/", "data:", "blob:")):
            route.continue_()
            return
        self.seen.foreign.append(request.url)
        route.abort()

    def _note(self, kind: str, text: str) -> None:
        # Chromium itself writes a line for each answer that is not a success; those are meant.
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.seen.complaints.append(f"{self.page.url}: {text}")

    def go(self, path: str, *, expect: int = 200) -> None:
        answer = self.page.goto(path)
        assert answer is not None and answer.status == expect, (path, answer and answer.status)

    def sign_in(self, name: str, passphrase: str = PASSPHRASE) -> "Person":
        self.go("/sign-in/")
        self.page.fill("[name=login]", name)
        self.page.fill("[name=password]", passphrase)
        self.send("form:has([name=login])")
        assert "/sign-in/" not in self.page.url
        return self

    def send(self, form: str) -> None:
        """Press the button of a form and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.locator(form).first.locator("button").last.click()

    def follow(self, link: Locator) -> None:
        with self.page.expect_navigation():
            link.click()

    def speak_french(self) -> None:
        self.speak("fr")

    def speak(self, language: str) -> None:
        """By the switch on the page, for those whose own language is another."""
        self.language = language
        if self.page.get_attribute("html", "lang") != language:
            with self.page.expect_navigation():
                self.page.click(f"button[name=language][value={language}]")

    def has(self, selector: str) -> bool:
        return self.page.locator(selector).count() > 0

    def look(self, name: str) -> None:
        """Narrow and wide, light and dark; examined once in each width and each scheme."""
        # Signs are drawn from a file of their own.
        self.page.wait_for_load_state("networkidle")
        self.seen.words[name] = self.page.locator("body").inner_text()
        assert self.page.get_attribute("html", "lang") == self.language, name
        for width, size in ((360, NARROW), (1440, WIDE)):
            for scheme in ("light", "dark"):
                self.page.set_viewport_size(size)
                self.page.emulate_media(color_scheme=scheme)
                self.page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=True)
                if (width, scheme) in ((360, "light"), (1440, "dark")):
                    self._examine(f"{name} {width} {scheme}")
            self._must_fit(f"{name} {width}")
        self._unfold("open")
        self._examine(f"{name} unfolded")
        self._must_fit(f"{name} unfolded")
        self._must_fit_between(name)
        self._unfold("shut")
        self.page.emulate_media(color_scheme="light")

    def glance(self, name: str) -> None:
        """For pages of which there are many: unfolded on a narrow screen, examined once, no picture taken."""
        assert self.page.get_attribute("html", "lang") == self.language, name
        self.page.set_viewport_size(NARROW)
        self._unfold("open")
        self._examine(f"{name} {self.language}")
        self._must_fit(f"{name} {self.language}")
        self._must_fit_between(name)

    def fits_enlarged(self, name: str) -> None:
        self.page.set_viewport_size(ENLARGED)
        self._must_fit(f"{name} enlarged")

    def _must_fit_between(self, name: str) -> None:
        """On a screen neither narrow nor wide; what is folded is open."""
        self.page.set_viewport_size(BETWEEN)
        self._must_fit(f"{name} {self.language} 768")

    def _examine(self, where: str) -> None:
        for violation in AXE.run(self.page, context=SHOWN, options=RULES)["violations"]:
            places = "; ".join(
                f"{' '.join(node['target'])}: {node['failureSummary']}" for node in violation["nodes"][:3]
            )
            self.seen.obstacles.append(f"{where}: {violation['id']} ({violation['help']}) at {places}")
        for small in self.page.evaluate(TOO_SMALL):
            self.seen.obstacles.append(f"{where}: smaller than 24 by 24 pixels: {small}")
        for squeezed in self.page.evaluate(SQUEEZED):
            self.seen.obstacles.append(f"{where}: a sign out of shape: {squeezed}")

    def _unfold(self, how: str) -> None:
        """What is folded is examined too, once it is open."""
        self.page.evaluate(UNFOLD if how == "open" else FOLD)

    def _must_fit(self, where: str) -> None:
        """Nothing makes the whole page scroll sideways."""
        wide, there = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if wide > there:
            self.seen.obstacles.append(f"{where}: {wide} pixels wide on a screen of {there}")


class Keyboard:
    """Nothing but keys; whoever uses them sees where they are."""

    def __init__(self, person: Person) -> None:
        self.page, self.pressed = person.page, 0

    def to(self, name: str, value: str = "", most: int = 90) -> None:
        for _step in range(most):
            self.press("Tab")
            if self.page.evaluate(FOCUSED) == name and value in (
                "",
                self.page.evaluate("document.activeElement.value"),
            ):
                assert self.page.evaluate(MARKED), name
                return
        raise AssertionError(f"{name} is not reached by the tab key")

    def to_link(self, link: Locator, most: int = 200) -> None:
        for _step in range(most):
            self.press("Tab")
            if link.evaluate("link => link === document.activeElement"):
                assert self.page.evaluate(MARKED)
                return
        raise AssertionError("the link is not reached by the tab key")

    def press(self, key: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(key)

    def choose(self, name: str, value: str) -> None:
        """Radios: one stop for the tab key, arrows among them."""
        self.to(name)
        while not self.page.is_checked(f"[name={name}][value={value}]"):
            self.press("ArrowLeft")

    def enter(self) -> None:
        with self.page.expect_navigation():
            self.press("Enter")


def sentences_of_catalogue(path: Path) -> Iterator[tuple[str, str]]:
    """The texts of more than two words that have no gaps to fill: English and French."""
    pairs = re.findall(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n)+)', path.read_text(), re.MULTILINE)
    for english, french in ((joined(a), joined(b)) for a, b in pairs):
        if len(english.split()) > 2 and "%(" not in english and "{" not in english and english != french:
            yield english, french


def joined(quoted: str) -> str:
    return "".join(line[1:-1] for line in quoted.splitlines()).replace('\\"', '"').replace("\\n", " ").strip()


def english_in(words: dict[str, str], pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """(page, sentence) for what should have been said in French."""
    flat = {name: " ".join(text.split()) for name, text in words.items()}
    return [(name, english) for name, text in flat.items() for english, _ in pairs if english in text]


def described(problems: list[Any]) -> str:
    return "\n".join(str(problem) for problem in problems)
