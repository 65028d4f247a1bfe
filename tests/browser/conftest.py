"""What every test in a browser begins with: the demonstration, made once and copied for each module, and a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import SCREENSHOTS, Seen, chromium_browser
from tests.processes import Temoin


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Path:
    """Its data, as `make demo` makes them, once it is sure that there is a browser to look at them."""
    made = Temoin(tmp_path_factory.mktemp("demonstration"), TEMOIN_DEMO="1")
    made.start("--demo")
    made.stop()
    return made.data


@pytest.fixture(scope="module")
def temoin(tmp_path_factory: pytest.TempPathFactory, demonstration: Path) -> Iterator[Temoin]:
    """Of this module alone: what one changes, no other meets."""
    yield from running(tmp_path_factory.mktemp("temoin"), demonstration)


def running(folder: Path, demonstration: Path) -> Iterator[Temoin]:
    one = Temoin(folder, demonstration, TEMOIN_DEMO="1")
    one.start("--demo")
    yield one
    one.stop()


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with chromium_browser(chromium) as started:
        yield started


@pytest.fixture
def seen() -> Seen:
    return Seen()
