"""What must be right before anything starts."""

from typing import Any

import pytest
from django.core.checks import run_checks

from accounts import keyfiles
from accounts.crypto.passphrase import KdfParameters
from config import checks
from tests.cast import Cast


@pytest.fixture
def production(settings: Any) -> Any:
    settings.SECRET_KEY = "Zq7" + "abcdefghijklmnopqrstuvwxyz0123456789-ABCDEFGHIJKLM"
    settings.TEMOIN_KDF = KdfParameters()
    settings.TEMOIN_INSECURE_LOCAL = False
    settings.TEMOIN_SECOND_FACTOR_REQUIRED = True
    settings.ALLOWED_HOSTS = ["temoin.test"]
    return settings


def found(*, deploy: bool = True) -> set[str]:
    messages = run_checks(include_deployment_checks=deploy, databases=["default"])
    return {str(message.id) for message in messages if str(message.id).startswith("temoin.")}


def test_a_production_server_before_set_up_is_clean(db: None, production: Any) -> None:
    assert found() == set()


def test_a_production_server_after_set_up_is_clean(cast: Cast, production: Any) -> None:
    keyfiles.path_of(keyfiles.STATISTICS).unlink()
    assert found() == set()


@pytest.mark.parametrize("key", ["short", "unset-refused-by-temoin.E001", "x" * 80, "changeme" * 10])
def test_e001_a_signing_key_missing_short_or_an_example(db: None, production: Any, key: str) -> None:
    production.SECRET_KEY = key
    assert "temoin.E001" in found(deploy=False)


def test_e001_the_worker_signs_nothing(db: None, production: Any, tmp_path: Any) -> None:
    production.SECRET_KEY = "unset"
    production.TEMOIN_STATISTICS_ROOT_FILE = str(tmp_path / "statistics.root")
    assert found() == set()


@pytest.mark.parametrize("damage", ["", "not hexadecimal", "abcd"])
def test_e002_and_e003_keys_lost_after_set_up(cast: Cast, production: Any, damage: str) -> None:
    for name in (keyfiles.PEPPER, keyfiles.ORGANISATION):
        keyfiles.path_of(name).write_text(damage)
    assert {"temoin.E002", "temoin.E003"} <= found(deploy=False)


def test_e003_is_all_the_worker_needs(cast: Cast, production: Any) -> None:
    production.TEMOIN_STATISTICS_ROOT_FILE = str(keyfiles.path_of(keyfiles.STATISTICS))
    keyfiles.path_of(keyfiles.PEPPER).unlink()
    assert found() == set()
    keyfiles.path_of(keyfiles.ORGANISATION).unlink()
    assert found() == {"temoin.E003"}


def test_missing_tables_are_no_missing_keys(db: None, production: Any, monkeypatch: Any) -> None:
    from django.db import OperationalError

    def no_table(*_: Any, **__: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(checks.Team.objects, "filter", no_table)
    assert found() == set()


def test_e004_a_passphrase_stretched_too_little(db: None, production: Any) -> None:
    production.TEMOIN_KDF = KdfParameters(1, 64, 1)
    assert found(deploy=False) == {"temoin.E004"}


def test_e005_plain_http_for_other_machines(db: None, production: Any) -> None:
    production.TEMOIN_INSECURE_LOCAL = True
    assert found(deploy=False) == {"temoin.E005"}
    production.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    assert found(deploy=False) == set()
    assert found() == {"temoin.E005"}


def test_e006_a_worker_with_the_pepper(cast: Cast, production: Any) -> None:
    production.TEMOIN_STATISTICS_ROOT_FILE = str(keyfiles.path_of(keyfiles.STATISTICS))
    assert found() == {"temoin.E006"}


def test_e007_a_web_process_with_the_statistics_root(cast: Cast, production: Any) -> None:
    assert found() == {"temoin.E007"}


def test_e008_a_second_factor_that_is_off(db: None, production: Any) -> None:
    production.TEMOIN_SECOND_FACTOR_REQUIRED = False
    assert found(deploy=False) == {"temoin.E008"}
    production.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    assert found(deploy=False) == set()
    assert found() == {"temoin.E008"}


def test_a_bad_start_is_refused_and_says_why_without_the_value(
    db: None, production: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    production.SECRET_KEY = "changeme-and-more"
    with pytest.raises(SystemExit):
        checks.refuse_a_bad_start()
    said = capsys.readouterr().err
    assert "temoin.E001" in said
    assert "changeme-and-more" not in said


def test_a_good_start_is_silent(db: None, production: Any, capsys: pytest.CaptureFixture[str]) -> None:
    checks.refuse_a_bad_start()
    assert capsys.readouterr().err == ""
