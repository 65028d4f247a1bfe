"""The first start, on the page and on the command line."""

import io
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import keyfiles, setup
from accounts.models import PublicKey, Seat, Team, TeamKind, User, UserKey
from accounts.publickeys import recipient, statistics_recipient
from accounts.setup import AlreadySetUp, set_up_organisation, setup_code
from accounts.teams import auditors, coordinators, is_coordinator, organisation, teams_of
from tests.cast import PASSPHRASE, Cast, sign_in

DANA = {
    "organisation": "Collectif Témoin",
    "username": "dana",
    "language": "fr",
    "password1": PASSPHRASE,
    "password2": PASSPHRASE,
}


@pytest.fixture(autouse=True)
def pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.account_pages"


@pytest.fixture
def empty(db: None, settings: Any) -> Path:
    return Path(settings.TEMOIN_KEYS_DIR)


def test_the_sign_in_page_leads_to_the_set_up_page_on_first_start(empty: Path, client: Client) -> None:
    assert client.get("/sign-in/")["Location"] == "/setup/"
    assert client.get("/setup/").status_code == 200


def test_the_page_sets_up_for_whoever_has_the_code(empty: Path, client: Client) -> None:
    response = client.post("/setup/", DANA | {"code": setup_code()})
    assert (response.status_code, response["Location"]) == (302, "/sign-in/")
    sign_in(client, "dana")
    assert is_coordinator(User.objects.get(username="dana"))
    assert client.get("/setup/").status_code == client.post("/setup/", DANA).status_code == 404


@pytest.mark.parametrize("code", ["", " ", "000000-000000-000000-000000-000000", "x" * 5000])
def test_a_stranger_who_comes_first_takes_nothing(empty: Path, client: Client, code: str) -> None:
    assert client.post("/setup/", DANA | {"code": code}).status_code == 200
    assert not Team.objects.exists()
    assert not User.objects.exists()
    assert not keyfiles.organisation_is_pinned()


def test_a_half_written_code_file_lets_nobody_in(empty: Path, client: Client) -> None:
    keyfiles.write_once(keyfiles.path_of(keyfiles.SETUP_CODE), "")
    assert not setup.is_setup_code("")
    assert client.post("/setup/", DANA | {"code": "\u00a0"}).status_code == 200
    assert not Team.objects.exists()


def test_the_code_stays_the_same_until_it_is_used(empty: Path) -> None:
    code = setup_code()
    assert setup_code() == code
    set_up_organisation("Collectif", "dana", PASSPHRASE, "fr")
    assert not keyfiles.path_of(keyfiles.SETUP_CODE).exists()


def test_set_up_makes_three_teams_one_person_and_the_keys(empty: Path) -> None:
    dana = set_up_organisation("Collectif", "Dana", PASSPHRASE, "fr")
    assert dana.username == "dana"
    assert set(teams_of(dana)) == {organisation(), coordinators(), auditors()}
    assert recipient(dana.id).kind == "user"
    assert statistics_recipient().public_key == keyfiles.statistics_principal().public_key
    assert PublicKey.objects.count() == 5


def test_key_files_are_readable_by_their_owner_only(empty: Path) -> None:
    set_up_organisation("Collectif", "dana", PASSPHRASE, "fr")
    assert {path.name for path in empty.iterdir()} == {
        "pepper",
        "organisation.pub",
        "statistics.root",
        "ledger.key",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in empty.iterdir()} == {0o600}
    assert stat.S_IMODE(empty.stat().st_mode) == 0o700


def test_a_pepper_handed_in_beforehand_is_used(empty: Path) -> None:
    keyfiles.write_once(keyfiles.path_of(keyfiles.PEPPER), "ab" * 32)
    set_up_organisation("Collectif", "dana", PASSPHRASE, "fr")
    assert keyfiles.pepper() == bytes.fromhex("ab" * 32)


def test_a_damaged_pepper_stops_set_up(empty: Path) -> None:
    keyfiles.write_once(keyfiles.path_of(keyfiles.PEPPER), "ab")
    with pytest.raises(keyfiles.KeysMissing):
        set_up_organisation("Collectif", "dana", PASSPHRASE, "fr")
    assert not Team.objects.exists()


def test_the_statistics_root_goes_where_the_worker_will_look(
    empty: Path, settings: Any, tmp_path: Path
) -> None:
    settings.TEMOIN_STATISTICS_ROOT_FILE = str(tmp_path / "worker" / "statistics.root")
    set_up_organisation("Collectif", "dana", PASSPHRASE, "fr")
    assert (tmp_path / "worker" / "statistics.root").exists()
    assert not (empty / "statistics.root").exists()
    assert keyfiles.statistics_principal().kind == "statistics"


def test_nothing_is_set_up_twice(cast: Cast) -> None:
    before = keyfiles.organisation_key()
    with pytest.raises(AlreadySetUp):
        set_up_organisation("Another", "mallory", PASSPHRASE, "fr")
    assert keyfiles.organisation_key() == before
    assert not User.objects.filter(username="mallory").exists()


def test_a_wiped_database_is_not_taken_over_under_the_old_keys(cast: Cast, client: Client) -> None:
    Seat.objects.all().delete()
    Team.objects.all().delete()
    assert client.get("/setup/").status_code == 404


def test_set_up_that_fails_leaves_nothing_half_done(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(setup, "_governing_teams", fail)
    with pytest.raises(RuntimeError):
        set_up_organisation("Collectif", "dana", PASSPHRASE, "fr")
    assert list(empty.iterdir()) == []
    assert not (Team.objects.exists() or User.objects.exists() or UserKey.objects.exists())
    monkeypatch.undo()
    set_up_organisation("Collectif", "dana", PASSPHRASE, "fr")


def run_setup(monkeypatch: pytest.MonkeyPatch, typed: str, **options: Any) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    out = io.StringIO()
    call_command("setup", stdout=out, **options)
    return out.getvalue()


def test_the_command_reads_the_passphrase_from_standard_input(
    empty: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run_setup(monkeypatch, PASSPHRASE + "\n", organisation="Collectif", username="dana")
    assert PASSPHRASE not in said
    sign_in(client, "dana")


def test_the_command_takes_no_passphrase_as_an_argument(empty: Path) -> None:
    with pytest.raises((CommandError, TypeError)):
        call_command("setup", "--passphrase", PASSPHRASE)


@pytest.mark.parametrize(
    ("typed", "options", "said"),
    [
        ("short\n", {"organisation": "C", "username": "dana"}, "too short"),
        ("", {"organisation": "C", "username": "dana"}, "required"),
        (PASSPHRASE, {"organisation": "C", "username": "a@b.c"}, "Use letters"),
        (PASSPHRASE, {"organisation": "C", "username": "dana", "language": "tlh"}, "valid choice"),
        (PASSPHRASE, {"organisation": "C" * 81, "username": "dana"}, "at most 80"),
        (PASSPHRASE, {"username": "dana"}, "--organisation"),
    ],
)
def test_the_command_refuses_what_the_page_refuses(
    empty: Path, monkeypatch: pytest.MonkeyPatch, typed: str, options: dict[str, str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        run_setup(monkeypatch, typed, **options)
    assert not Team.objects.filter(kind=TeamKind.ORGANISATION).exists()
    assert not keyfiles.organisation_is_pinned()


def test_the_command_prints_the_code(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_setup(monkeypatch, "", code=True).strip() == setup_code()


def test_the_command_changes_nothing_once_set_up(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="organisation already"):
        run_setup(monkeypatch, PASSPHRASE, organisation="C", username="mallory")
