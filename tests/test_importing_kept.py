"""From a checked file to cases: by page and by command line, all of it or nothing."""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from casework import keys, vault
from casework.importing import keeping
from casework.models import Case, ErasureShare, ImportBatch, ImportedReference, ImportMapping, Statistic
from tests.cast import sign_in
from tests.filled_forms import as_it_stands
from tests.importing_files import GOOD, csv_file, xlsx_file

pytestmark = pytest.mark.django_db

AGREED = {"consent_date": (dt.date.today() - dt.timedelta(days=30)).isoformat()}
ROW = GOOD | AGREED | {"verification": "V1", "person_alias": "Heron", "narrative": "A wrong turn at dusk."}
SECOND = ROW | {"reference": "CEDAR", "person_alias": "Cedar"}


@pytest.fixture
def alice(cast):
    client = sign_in(Client(), "alice")
    client.cookies["django_language"] = "en"
    return client


def send(client: Client, cast, file: io.BytesIO, name: str = "cases.csv", **ticked: str):
    """To the page, and back from the page that follows as it stands there."""
    file.name = name
    response = client.post("/import/", {"team": str(cast.verdun.pk), "file": file})
    if response.status_code != 302:
        return response.status_code, response.content.decode()
    filled = as_it_stands(client.get(response.url).content.decode())
    response = client.post(response.url, {**filled, "do": "keep", **ticked})
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, body.decode()


def nothing_is_kept() -> bool:
    models = (Case, ErasureShare, Statistic, ImportedReference, ImportBatch, ImportMapping)
    return not any(model.objects.exists() for model in models)


@pytest.mark.parametrize(
    "build", [csv_file, lambda *rows: csv_file(*rows, delimiter=";", encoding="utf-8-sig")]
)
def test_a_page_keeps_a_good_file_and_says_how_many(cast, alice, build):
    status, page = send(alice, cast, build(ROW, SECOND))
    assert status == 200 and "2 cases were imported" in page
    assert {row.card.reference for row in vault.cards(cast.keyring_of("bob")).cases} == {"HERON", "CEDAR"}
    assert Statistic.objects.count() == 2


def test_a_page_keeps_a_spreadsheet(cast, alice):
    status, page = send(alice, cast, xlsx_file(list(ROW), list(ROW.values())), "cases.xlsx")
    assert status == 200 and "1 case was imported" in page


def test_importing_the_same_reference_again_changes_nothing_and_says_so(cast, alice):
    send(alice, cast, csv_file(ROW))
    status, page = send(alice, cast, csv_file(ROW | {"person_alias": "Another"}, SECOND))
    assert status == 200 and "1 case was imported" in page and "1 was there already" in page
    aliases = [list(row.card.aliases) for row in vault.cards(cast.keyring_of("alice")).cases]
    assert sorted(aliases) == [["Cedar"], ["Heron"]]


def test_the_same_reference_in_another_team_is_another_case(cast, alice):
    send(alice, cast, csv_file(ROW))
    charlie = sign_in(Client(), "charlie")
    charlie.cookies["django_language"] = "en"
    cast.verdun = cast.other_team
    assert "1 case was imported" in send(charlie, cast, csv_file(ROW))[1]
    assert Case.objects.count() == 2


BAD = {
    "unknown code": (csv_file(ROW, SECOND | {"pretext": "SLEEPWALKING"}), "SLEEPWALKING"),
    "impossible date": (csv_file(ROW | {"event_date": "2024-02-31"}), "2024-02-31"),
    "future date": (csv_file(ROW | {"event_date": "2999"}), "2999"),
    "missing consent": (csv_file(ROW | {"consent_purposes": "STATS"}), "STORE"),
    "ended consent": (csv_file(ROW | {"consent_date": "2019-01-01", "event_date": "2018"}), "2019-01-01"),
    "duplicate": (csv_file(ROW, ROW), "HERON"),
    "empty": (io.BytesIO(b""), "empty"),
    "wrong type": (io.BytesIO(b"%PDF-1.7 nonsense"), "not a CSV or XLSX"),
    "broken spreadsheet": (io.BytesIO(b"PK\x03\x04 nonsense"), "damaged"),
    "no alphabet": (io.BytesIO(b"reference\nM\xe9tis \x81"), "UTF-8"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_for_what_it_is_and_nothing_is_kept(cast, alice, name):
    content, told = BAD[name]
    status, page = send(alice, cast, io.BytesIO(content.getvalue()))
    assert status == 422 and told in page
    assert nothing_is_kept()


def test_a_file_over_the_limit_is_refused_in_words_without_being_read_into_memory(cast, alice, settings):
    settings.TEMOIN_UPLOAD_LIMIT = 2_000_000
    status, page = send(alice, cast, io.BytesIO(b"x" * 3_000_000))
    assert status == 422 and "too large" in page and nothing_is_kept()


def test_good_rows_are_kept_beside_bad_ones_only_when_asked_for(cast, alice):
    bad = SECOND | {"pretext": "SLEEPWALKING"}
    status, page = send(alice, cast, csv_file(ROW, bad), keep_good="on")
    assert status == 200 and "1 row that is not right was left out" in page
    assert [row.card.reference for row in vault.cards(cast.keyring_of("alice")).cases] == ["HERON"]


def test_a_column_nobody_knows_is_left_out_until_somebody_says_what_it_is(cast, alice):
    status, page = send(alice, cast, csv_file(ROW | {"nonsense": "x"}))
    assert status == 200 and "1 case was imported" in page


def test_checking_again_keeps_nothing(cast, alice):
    status, _page = send(alice, cast, csv_file(ROW), do="look")
    assert status == 302 and nothing_is_kept()


def test_an_import_whose_page_is_left_half_way_keeps_nothing(cast, monkeypatch):
    monkeypatch.setattr(keeping, "BATCH", 1)
    file, team = csv_file(ROW, SECOND), cast.verdun
    run = keeping.keep(file, "cases.csv", dt.date.today(), team, keys.to_public_key(team.pk), None)
    next(run)
    run.close()
    assert nothing_is_kept()


def test_a_stranger_to_the_team_cannot_import_into_it(cast):
    charlie = sign_in(Client(), "charlie")
    file = csv_file(ROW)
    file.name = "cases.csv"
    response = charlie.post("/import/", {"team": str(cast.verdun.pk), "file": file})
    assert response.status_code == 422 and nothing_is_kept()


@pytest.mark.parametrize("name", ["dana", "frank"])
def test_the_page_is_for_organizers(cast, name):
    assert sign_in(Client(), name).get("/import/").status_code == 404


def command(path, *options: str) -> str:
    out = io.StringIO()
    call_command(
        "import_cases", str(path), "--team", "Verdun", "--language", "en", *options, stdout=out, stderr=out
    )
    return out.getvalue()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cases.csv"


def test_the_command_line_needs_no_passphrase_and_its_cases_open_for_the_team(cast, path):
    path.write_bytes(csv_file(ROW, SECOND).getvalue())
    assert "2 cases imported, 0 were there already" in command(path)
    assert "0 cases imported, 2 were there already" in command(path)
    listed = vault.cards(cast.keyring_of("alice")).cases
    opened = vault.open_case(cast.keyring_of("bob"), listed[0].case_id)
    assert opened.record.statements[0].text == "A wrong turn at dusk."
    assert vault.cards(cast.keyring_of("charlie")).cases == []


def test_the_command_line_names_line_column_value_and_what_was_expected(cast, path):
    path.write_bytes(csv_file(ROW, SECOND | {"pretext": "SLEEPWALKING"}).getvalue())
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 bad rows, 1 good ones. Nothing was imported"):
        call_command("import_cases", str(path), "--team", "Verdun", "--language", "en", stderr=out)
    assert "Line 3" in out.getvalue() and "pretext" in out.getvalue() and "SLEEPWALKING" in out.getvalue()
    assert nothing_is_kept()


def test_the_command_line_checks_without_keeping_and_keeps_the_good_on_request(cast, path):
    path.write_bytes(csv_file(ROW, SECOND | {"pretext": "SLEEPWALKING"}).getvalue())
    assert "1 good rows. Dry run" in command(path, "--keep-good", "--dry-run")
    assert nothing_is_kept()
    assert "1 cases imported" in command(path, "--keep-good")


def test_the_command_line_refuses_an_unknown_team_and_an_absent_file(cast, path):
    with pytest.raises(CommandError, match="is no team here"):
        call_command("import_cases", str(path), "--team", "Nobody")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_cases", str(path), "--team", "Verdun")


def test_nothing_in_the_database_lets_a_reference_be_guessed(cast, alice):
    send(alice, cast, csv_file(ROW))
    import hashlib

    stored = bytes(ImportedReference.objects.get().digest)
    assert stored not in (hashlib.sha256(b"HERON").digest(), b"HERON") and len(stored) == 32
