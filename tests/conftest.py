"""Every test may use the three databases through the fixtures below, and none reaches the keys of the machine it runs on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from django.core.cache import cache
from django.test import Client

from accounts.crypto.passphrase import KDF_FOR_TESTS_INSECURE
from casework import intake
from tests.cast import Cast, in_english, sign_in
from tests.kept_cast import KeptCast
from tests.stories import story

pytest_plugins = ["tests.plugins_services"]
# A machine that is busy with something else is no bug.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")
DATABASES = ["default", "erasure", "sessions"]
WITH_DATABASES = {"cast", "db", "transactional_db", "live_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`django_db` means all three databases unless a test says otherwise, and whoever needs the cast needs them."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        options = dict(mark.kwargs) if mark else {}
        if mark or WITH_DATABASES.intersection(getattr(item, "fixturenames", ())):
            options.setdefault("databases", DATABASES)
            item.add_marker(pytest.mark.django_db(**options), append=False)


@pytest.fixture(autouse=True)
def settings_for_tests(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.TEMOIN_KDF = KDF_FOR_TESTS_INSECURE
    settings.TEMOIN_RECEIPT_KDF = KDF_FOR_TESTS_INSECURE
    settings.TEMOIN_DEMO = False
    settings.TEMOIN_KEYS_DIR = tmp_path / "keys"
    settings.TEMOIN_EVIDENCE_DIR = tmp_path / "evidence"
    settings.TEMOIN_STATISTICS_ROOT_FILE = ""
    # As in the demonstration; the tests of the second factor turn it on.
    settings.TEMOIN_SECOND_FACTOR_REQUIRED = False
    settings.SECURE_SSL_REDIRECT = False
    # Each new client would look through every static file of every package.
    settings.WHITENOISE_USE_FINDERS = False
    settings.LANGUAGE_CODE = "en"
    # Rate limits count in the cache, and every test comes from one address.
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="session")
def kept_cast(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> KeptCast:
    with django_db_blocker.unblock():
        return KeptCast(tmp_path_factory.mktemp("cast") / "keys")


@pytest.fixture
def cast(settings_for_tests: None, kept_cast: KeptCast) -> Cast:
    """The people of every story, with real keys."""
    return kept_cast.put_back()


@pytest.fixture
def alice(cast: Cast) -> Client:
    """Signed in, in a browser that asks for English."""
    return in_english(sign_in(Client(), "alice"))


@pytest.fixture
def case_id(cast: Cast) -> UUID:
    """Of Verdun, about one person who agrees to be counted and to partners."""
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, story())


@pytest.fixture
def store(settings: Any) -> Path:
    """Where evidence lies."""
    return Path(settings.TEMOIN_EVIDENCE_DIR)
