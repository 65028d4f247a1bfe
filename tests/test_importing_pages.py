"""The pages between a group's spreadsheet and its cases: held sealed, mapped, mended, remembered, undone."""

import csv
import datetime as dt
import io
import tempfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts import teams
from accounts.crypto.sealed import SealBroken
from casework import audit, expiry, heldfiles, intake, sharing, vault
from casework.importing import batches, memory
from casework.models import (
    Case,
    ErasureShare,
    HeldFile,
    HeldPart,
    ImportBatch,
    ImportedReference,
    ImportMapping,
    Statistic,
)
from tests.cast import in_english, sign_in
from tests.filled_forms import as_it_stands

pytestmark = pytest.mark.django_db

AGREED = (dt.date.today() - dt.timedelta(days=30)).isoformat()
CANARY = "Quillfeather walked home alone"
HEAD = ["N°", "Quand", "Motif du contrôle", "Récit", "Vérifié"]
OWN = [
    ["17", "14/03/2025", "auto", CANARY, "V1"],
    ["18", "03/04/2025", "le bus", "Another story.", "V1"],
    ["19", "31/02/2025", "auto", "A third story.", "V1"],
]


def own_file(rows=OWN, head=HEAD) -> io.BytesIO:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([head, *rows])
    file = io.BytesIO(text.getvalue().encode("cp1252"))
    file.name = "dossiers.csv"
    return file


def arrive(client: Client, cast, file=None, team=None) -> str:
    team = team or cast.verdun
    response = client.post("/import/", {"team": str(team.pk), "file": file or own_file()})
    assert response.status_code == 302, response.content.decode()
    return response.url


def filled(client: Client, address: str, **typed):
    return as_it_stands(client.get(address).content.decode()) | typed


SAME = {"same-consent_purposes": ["STORE", "STATS"], "same-consent_mode": "ORAL", "same-consent_date": AGREED}
MOTIF = {"column-3-field": "pretext"}


def explained(client: Client, address: str, **typed) -> str:
    """The columns are said, then the words, then the rows are mended."""
    client.post(address, filled(client, address) | MOTIF | SAME | {"do": "look"})
    words = filled(client, address)
    codes = [name for name in words if name.startswith("column-3-code-")]
    chosen = dict(zip(codes, ["TRAFFIC_MOVING", "FARE_CHECK"], strict=True))
    client.post(address, words | chosen | {"do": "look"} | typed)
    return address


def keep(client: Client, address: str, **typed) -> str:
    response = client.post(address, filled(client, address) | {"do": "keep"} | typed)
    assert response.streaming, response.content.decode()
    return b"".join(response.streaming_content).decode()


def imported(client: Client, cast) -> batches.Batch:
    keep(client, explained(client, arrive(client, cast)), keep_good="on")
    return batches.of_teams(cast.keyring_of("alice"))[0]


# Held


def test_a_file_on_its_way_is_plaintext_nowhere(cast, alice, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    arrive(alice, cast)
    files = [p for p in tmp_path.rglob("*") if p.is_file() and "keys" not in p.parts]
    assert files == []
    rows = [bytes(part.ciphertext) for part in HeldPart.objects.all()]
    rows += [bytes(held.facts_ciphertext) for held in HeldFile.objects.all()]
    with connections["sessions"].cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        rows += [str(row[0]).encode() for row in cursor.fetchall()]
    assert len(rows) >= 3
    assert not any(word in row for row in rows for word in (b"Quillfeather", b"dossiers", b"auto"))


def test_nobody_else_and_no_other_session_opens_a_file_on_its_way(cast, alice):
    address = arrive(alice, cast)
    for name in ("bob", "charlie", "alice"):
        assert sign_in(Client(), name).get(address).status_code == 404
    assert alice.get(address).status_code == 200


def test_a_file_on_its_way_ends_by_itself_and_the_worker_needs_no_key_for_it(cast, alice):
    address = arrive(alice, cast)
    heldfiles.forget_ended()
    assert HeldFile.objects.count() == 1
    HeldFile.objects.update(ends_at=timezone.now() - dt.timedelta(seconds=1))
    assert alice.get(address).status_code == 404
    heldfiles.forget_ended()
    assert not HeldFile.objects.exists() and not HeldPart.objects.exists()


def test_a_file_can_be_forgotten_at_once(cast, alice):
    address = arrive(alice, cast)
    assert alice.post(f"{address}forget/").status_code == 302
    assert not HeldFile.objects.exists() and alice.get(address).status_code == 404


def test_a_large_file_is_read_back_a_part_at_a_time_byte_for_byte(cast):
    content = bytes(range(256)) * 12_000
    alice = cast.keyring_of("alice").principal
    held = heldfiles.hold(alice, HeldFile.Kind.IMPORT, b"facts", [content[:5], content[5:]], 5)
    file = held.open()
    assert held.row.parts.count() == 3 and held.size() == len(content)
    assert file.read() == content
    file.seek(heldfiles.PART - 3)
    assert file.read(6) == content[heldfiles.PART - 3 : heldfiles.PART + 3]
    assert b"".join(held.pieces()) == content


def test_a_held_file_with_a_part_exchanged_or_missing_does_not_open(cast):
    alice = cast.keyring_of("alice").principal
    held = heldfiles.hold(alice, HeldFile.Kind.IMPORT, b"facts", [b"x" * (2 * heldfiles.PART + 1)], 5)
    first, second = HeldPart.objects.filter(number__lt=3).order_by("number")
    HeldPart.objects.filter(pk=first.pk).update(ciphertext=second.ciphertext)
    with pytest.raises(SealBroken):
        held.open().read()


# Mapped


def test_the_page_shows_what_stands_in_each_column_and_keeps_nothing(cast, alice):
    page = alice.get(arrive(alice, cast)).content.decode()
    for shown in ("Motif du contrôle", "le bus", "No column is “How consent was given”", "dossiers.csv"):
        assert shown in page
    assert not Case.objects.exists() and not ImportMapping.objects.exists()


def test_columns_and_words_are_explained_and_every_problem_stands_in_its_row(cast, alice):
    address = explained(alice, arrive(alice, cast))
    page = alice.get(address).content.decode()
    assert "2 rows are right, 1 row is not right" in page
    assert 'name="mend-4-event_date" value="31/02/2025"' in page and "mend-3-" not in page
    kept = keep(alice, address, keep_good="on")
    assert "2 cases were imported" in kept and "1 row that is not right was left out" in kept
    cards = {row.card.reference: row.card for row in vault.cards(cast.keyring_of("bob")).cases}
    assert {name: (card.date, card.pretext) for name, card in cards.items()} == {
        "17": ("2025-03-14", "TRAFFIC_MOVING"),
        "18": ("2025-04-03", "FARE_CHECK"),
    }
    assert not HeldFile.objects.exists()


def test_a_row_is_mended_on_the_page_and_what_was_not_changed_keeps_coming_from_the_file(cast, alice):
    address = explained(alice, arrive(alice, cast))
    response = alice.post(address, filled(alice, address) | {"do": "look", "mend-4-event_date": "2025-02-28"})
    assert response.status_code == 302
    assert "3 rows are right" in alice.get(address).content.decode()
    assert "3 cases were imported" in keep(alice, address)


def test_a_row_can_be_left_out(cast, alice):
    address = explained(alice, arrive(alice, cast), **{"without-4": "on"})
    assert "2 cases were imported" in keep(alice, address)


def test_nothing_is_kept_while_a_row_is_not_right_and_what_was_typed_stays(cast, alice):
    address = explained(alice, arrive(alice, cast))
    response = alice.post(address, filled(alice, address) | {"do": "keep", "same-city": "TORONTO"})
    assert response.status_code == 422 and not Case.objects.exists()
    assert as_it_stands(response.content.decode())["same-city"] == "TORONTO"


def test_a_day_still_to_come_is_refused_and_kept_on_the_page(cast, alice):
    address = arrive(alice, cast)
    response = alice.post(address, filled(alice, address) | {"same-consent_date": "2999-01-01"})
    assert response.status_code == 422 and "2999-01-01" in response.content.decode()


def test_titles_on_another_line_are_read_again(cast, alice):
    address = arrive(alice, cast)
    alice.post(address, filled(alice, address) | {"header_line": "2"})
    assert "auto" in alice.get(address).content.decode().partition("What the columns are")[2]
    assert as_it_stands(alice.get(address).content.decode())["header_line"] == "2"


@pytest.mark.parametrize("line", ["0", "99", "x", ""])
def test_a_line_that_is_none_of_the_file_is_refused(cast, alice, line):
    address = arrive(alice, cast)
    assert alice.post(address, filled(alice, address) | {"header_line": line}).status_code == 422


def test_all_rows_that_are_not_right_can_be_worked_through_page_by_page(cast, alice):
    rows = [[str(n), "31/02/2025", "auto", "x", "V1"] for n in range(120)]
    address = explained(alice, arrive(alice, cast, own_file([*rows, OWN[1]])))
    page = alice.get(address).content.decode()
    assert "mend-51-event_date" in page and "mend-52-event_date" not in page and "Page 1 of 3" in page
    assert "mend-52-event_date" in alice.get(f"{address}?page=2").content.decode()
    last = alice.get(f"{address}?page=3").content.decode()
    assert "mend-121-event_date" in last and "mend-101-event_date" not in last
    assert "Page 1 of 3" in alice.get(f"{address}?page=77").content.decode()


# Remembered


def test_the_next_file_of_the_team_needs_no_explaining_but_consent_is_asked_anew(cast, alice):
    keep(alice, explained(alice, arrive(alice, cast)), keep_good="on")
    bob = in_english(sign_in(Client(), "bob"))
    page = filled(bob, arrive(bob, cast, own_file([["20", "05/06/2025", "le bus", "Again.", "V1"]])))
    assert page["column-3-field"] == "pretext" and page["dates"] == "DMY"
    assert page["same-consent_date"] == "" and "same-consent_purposes" not in page
    explained_word = [value for name, value in page.items() if name.startswith("column-3-code-")]
    assert explained_word == ["FARE_CHECK"]


def test_what_is_remembered_is_the_teams_and_sealed_to_it(cast, alice):
    keep(alice, explained(alice, arrive(alice, cast)), keep_good="on")
    stored = bytes(ImportMapping.objects.get().mapping_ciphertext)
    assert b"motif" not in stored and b"auto" not in stored
    charlie = in_english(sign_in(Client(), "charlie"))
    page = filled(charlie, arrive(charlie, cast, team=cast.other_team))
    assert page["column-3-field"] == "-"


def test_what_is_remembered_survives_a_new_key_of_the_team_and_an_altered_row_is_forgotten(cast, alice):
    keep(alice, explained(alice, arrive(alice, cast)), keep_good="on")
    teams.rotate(cast.keyring_of("alice"), cast.verdun, sharing.rewrap_team)
    assert memory.recall(cast.keyring_of("bob"), cast.verdun).fields["motif du controle"] == "pretext"
    row = ImportMapping.objects.get()
    row.mapping_ciphertext = type(row.mapping_ciphertext)(bytes(row.mapping_ciphertext)[::-1])
    row.save()
    assert memory.recall(cast.keyring_of("bob"), cast.verdun) == memory.Memory()


# Undone


def test_an_import_is_undone_as_a_whole(cast, alice):
    batch = imported(alice, cast)
    page = alice.get(f"/import/{batch.row.pk}/undo/").content.decode()
    assert "2 cases will be removed for good" in page and Case.objects.count() == 2
    told = alice.post(f"/import/{batch.row.pk}/undo/")
    assert "2 cases were removed" in b"".join(told.streaming_content).decode()
    for model in (Case, ErasureShare, Statistic, ImportedReference, ImportBatch):
        assert not model.objects.exists(), model
    again = keep(alice, explained(alice, arrive(alice, cast)), keep_good="on")
    assert "2 cases were imported" in again


def test_undoing_leaves_what_somebody_worked_on_and_names_it(cast, alice):
    batch = imported(alice, cast)
    bob = cast.keyring_of("bob")
    case = next(row.case_id for row in vault.cards(bob).cases if row.card.reference == "18")
    opened = vault.open_case(bob, case)
    intake.save_case(bob, case, opened.record, opened.revision)
    page = alice.get(f"/import/{batch.row.pk}/undo/").content.decode()
    assert "1 case will be removed" in page and "1 case stays" in page and f"/cases/{case}/" in page
    b"".join(alice.post(f"/import/{batch.row.pk}/undo/").streaming_content)
    assert list(Case.objects.values_list("pk", flat=True)) == [case]
    assert Statistic.objects.count() == 1


def test_a_case_that_was_shared_since_stays(cast, alice):
    batch = imported(alice, cast)
    case = batch.facts.ids()[0]
    sharing.grant(cast.keyring_of("alice"), case, cast.charlie, may_change=False)
    b"".join(alice.post(f"/import/{batch.row.pk}/undo/").streaming_content)
    assert list(Case.objects.values_list("pk", flat=True)) == [case]


def test_a_case_erased_meanwhile_and_one_that_no_longer_opens_are_no_obstacle(cast, alice):
    batch = imported(alice, cast)
    first, second = batch.facts.ids()
    Case.objects.filter(pk=first).delete()
    ErasureShare.objects.filter(pk=second).delete()
    assert "1 is gone already" in alice.get(f"/import/{batch.row.pk}/undo/").content.decode()
    b"".join(alice.post(f"/import/{batch.row.pk}/undo/").streaming_content)
    assert not Case.objects.exists()


def test_undoing_is_written_into_the_log(cast, alice):
    batch = imported(alice, cast)
    b"".join(alice.post(f"/import/{batch.row.pk}/undo/").streaming_content)
    found = audit.entries(cast.keyring_of("frank"), teams.auditors().pk)
    (entry,) = [e for e in found if e.action == "import.undo"]
    assert (entry.subject, entry.detail) == (cast.verdun.pk, {"removed": 2, "kept": 0})


def test_nobody_outside_the_team_learns_of_an_import_or_undoes_it(cast, alice):
    batch = imported(alice, cast)
    for name in ("charlie", "dana", "frank"):
        client = sign_in(Client(), name)
        assert client.get(f"/import/{batch.row.pk}/undo/").status_code == 404
        assert client.post(f"/import/{batch.row.pk}/undo/").status_code == 404
    assert batches.of_teams(cast.keyring_of("charlie")) == []
    assert Case.objects.count() == 2


def test_which_cases_came_together_stands_nowhere_in_the_clear_and_is_gone_after_a_month(cast, alice):
    batch = imported(alice, cast)
    ids = batch.facts.ids()
    stored = bytes(ImportBatch.objects.get().facts_ciphertext)
    assert not any(i.bytes in stored for i in ids)
    ImportBatch.objects.update(ends_on=timezone.localdate() - dt.timedelta(days=1))
    assert alice.get(f"/import/{batch.row.pk}/undo/").status_code == 404
    expiry.forget_batches()
    assert not ImportBatch.objects.exists() and Case.objects.count() == 2


def test_an_import_from_the_command_line_can_be_undone_as_well(cast, alice, tmp_path: Path):
    path = tmp_path / "cases.csv"
    path.write_text(
        f"reference,event_date,consent_purposes,consent_mode,consent_date\nA,2024,STORE,ORAL,{AGREED}\n"
    )
    call_command("import_cases", str(path), "--team", "Verdun", stdout=io.StringIO())
    page = alice.get("/import/").content.decode()
    assert "the command line" in page and "1 case" in page
    (batch,) = batches.of_teams(cast.keyring_of("bob"))
    b"".join(alice.post(f"/import/{batch.row.pk}/undo/").streaming_content)
    assert not Case.objects.exists()


def test_the_list_of_imports_asks_the_same_questions_for_one_as_for_five(
    cast, alice, django_assert_max_num_queries
):
    for number in range(5):
        batches.enter(cast.verdun, cast.alice, f"{number}.csv", [cast.verdun.pk])
    with django_assert_max_num_queries(5):
        assert len(batches.of_teams(cast.keyring_of("alice"))) == 5


def test_a_spreadsheet_is_no_longer_for_somebody_who_left_the_team(cast, alice):
    address = arrive(alice, cast)
    teams.remove_member(cast.keyring_of("bob"), cast.verdun, cast.alice, sharing.rewrap_team)
    assert alice.get(address).status_code == 404
