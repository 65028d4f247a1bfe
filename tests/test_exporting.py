"""A copy leaves: for a recipient, under their consent, with a reason, encrypted, written down; and nothing of it elsewhere."""

import csv
import datetime as dt
import io
import json
import tempfile
from pathlib import Path
from uuid import UUID

import openpyxl
import pypdfium2
import pytest
import pyzipper
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts import teams
from casework import audit, contacts, heldfiles, intake, permissions, registers, sharing, vault
from casework.agenda import Contact
from casework.exporting import making
from casework.exporting.drafts import MOST_CASES
from casework.exporting.fields import FIELDS
from casework.exporting.own import LANGUAGES, headings
from casework.exporting.purposes import COVERS, EVERYTHING, PURPOSE_OF
from casework.exporting.selecting import select
from casework.models import Case, CaseExport, HeldFile, HeldPart
from casework.record import Moment, Officer, Statement
from casework.registers import Kind
from casework.spreadsheets import csv_bytes, neutral, xlsx_bytes
from tests import evidence_desk, exhibits
from tests.cast import PASSPHRASE, in_english, sign_in
from tests.filled_forms import as_it_stands
from tests.stories import given, person, story

pytestmark = pytest.mark.django_db
CANARY = "Quillfeather walked home alone in the rain"
LINK = '=HYPERLINK("http://example.org")'


@pytest.fixture
def case(cast) -> UUID:
    heron = person("Heron", "STORE", "REFER_LEGAL", "RESEARCH")
    heron.immigration_basis = ["OVERSTAY"]
    record = story("H-1", heron, narrative=CANARY)
    record.officers = [Officer("SPVM", "1234", "Agent Smith")]
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, record)


def begin(client: Client, *cases: UUID, **more: str) -> str:
    response = client.post("/exports/", {"case": [str(case) for case in cases], **more})
    assert response.status_code == 302, response.status_code
    return response.url


def asked(**changed: str) -> dict[str, str]:
    day = (timezone.localdate() + dt.timedelta(days=10)).isoformat()
    typed = {"recipient": "LAWYER", "to": "Me Tremblay", "reason": "A stay of removal", "form": "csv"}
    return typed | {"language": "en", "destroy_by": day} | changed


def make(client: Client, address: str, **changed: str) -> str:
    """Looked at first, then made. The page with the passphrase."""
    assert client.post(address, asked(**changed) | {"do": "look"}).status_code == 302
    response = client.post(address, asked(**changed) | {"do": "make"})
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def fetched(client: Client, address: str, page: str) -> dict[str, bytes]:
    passphrase = page.partition('<code class="code">')[2].partition("<")[0]
    response = client.get(f"{address}file/")
    content = b"".join(response.streaming_content)
    assert len(content) == int(response["Content-Length"]) and CANARY.encode() not in content
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(passphrase.encode())
        return {name: archive.read(name) for name in archive.namelist()}


def rows_of(files: dict[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files["cases.csv"].decode("utf-8-sig"))))


# What goes


def test_a_lawyer_is_given_the_file_of_those_who_agreed(cast, alice, case):
    address = begin(alice, case)
    files = fetched(alice, address, make(alice, address))
    (row,) = rows_of(files)
    assert (row["Reference"], row["Name"], row["Statement"]) == ("H-1", "Zebulon Quillfeather", CANARY)
    assert "1234 Agent Smith" in row["Officers"] and "Stop" in row["What happened step by step"]
    note = files["READ-ME.txt"].decode()
    assert "Me Tremblay" in note and "A stay of removal" in note and asked()["destroy_by"] in note


def test_what_was_asked_for_is_looked_at_where_it_stands(cast, alice, case):
    """Below a form as long as a telephone, nobody would see that anything had changed."""
    address = begin(alice, case)
    assert alice.post(address, asked() | {"do": "look"}).url == f"{address}#goes"
    assert 'id="goes"' in alice.get(address).content.decode()


def test_the_recipient_decides_the_purpose_and_without_that_consent_nothing_goes(cast, alice, case):
    address = begin(alice, case)
    page = alice.post(address, asked(recipient="PARTNER") | {"do": "look"}, follow=True).content.decode()
    assert "nothing would go" in page and CANARY not in page and 'value="make"' not in page
    response = alice.post(address, asked(recipient="PARTNER") | {"do": "make"})
    assert response.status_code == 422 and "Nobody in these cases agreed" in response.content.decode()
    assert not CaseExport.objects.exists() and not HeldPart.objects.exists()


def test_another_recipient_is_looked_at_before_it_is_made(cast, alice, case):
    address = begin(alice, case)
    assert alice.post(address, asked() | {"do": "make"}).status_code == 302
    assert not CaseExport.objects.exists()


def test_research_gets_codes_and_quarters_and_nobodys_name_words_or_reference(cast, alice, case):
    address = begin(alice, case)
    files = fetched(alice, address, make(alice, address, recipient="RESEARCH"))
    (row,) = rows_of(files)
    text = files["cases.csv"].decode()
    assert row["Date of the event"] == "2016-Q3" and "2016-Q3 Stop" in row["What happened step by step"]
    for kept_back in (CANARY, "Zebulon", "Heron", "H-1", "1234", "2016-08-14", "Villeray"):
        assert kept_back not in text


def test_a_person_who_did_not_agree_is_left_out_and_with_them_what_is_everybodys(cast, alice):
    agrees, does_not = person("Heron", "STORE", "REFER_LEGAL"), person("Cedar", "STORE")
    record = story("H-2", agrees, does_not, narrative=CANARY)
    record.officers = [Officer("SPVM", "1234")]
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    address = begin(alice, case)
    page = alice.post(address, asked() | {"do": "look"}, follow=True).content.decode()
    assert "has not agreed to this purpose" in page and "not everybody in this event has agreed" in page
    assert CANARY not in page
    (row,) = rows_of(fetched(alice, address, make(alice, address)))
    assert row["Alias"] == "Heron" and "Statement" not in row and "Officers" not in row


def test_words_go_to_the_media_only_when_exact_words_may(cast):
    silent, quoted = person("Heron", "STORE", "MEDIA"), person("Cedar", "STORE", "MEDIA", "QUOTE")
    for who, goes in ((silent, False), (quoted, True)):
        (copy,) = select(story("H-1", who, narrative=CANARY), "MEDIA", "en")
        assert (CANARY in copy.cells.values()) is goes
        assert "person_name" not in copy.cells and "person_alias" not in copy.cells


def test_what_was_told_of_somebody_else_does_not_go_with_a_person():
    heron, cedar = person("Heron", "STORE", "REFER_LEGAL"), person("Cedar", "STORE", "REFER_LEGAL")
    record = story("H-1", heron, cedar)
    record.statements = [
        Statement("Of Heron.", "SELF", about=[heron.id]),
        Statement("Of Cedar.", "SELF", about=[cedar.id]),
    ]
    told = [copy.cells["narrative"] for copy in select(record, "REFER_LEGAL", "en")]
    assert told == ["Of Heron.", "Of Cedar."]


def test_a_consent_that_has_ended_is_none_and_conditions_are_shown(cast, alice):
    ended = person("Heron", "STORE")
    ended.consents += given("REFER_LEGAL", on=timezone.localdate() - dt.timedelta(days=800))
    (copy,) = select(story("H-1", ended), "REFER_LEGAL", "en")
    assert copy.refused == "NO_CONSENT"
    tied = person("Heron", "STORE", "REFER_LEGAL")
    tied.consents[-1].conditions = "Not to the lawyer of my brother"
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-9", tied))
    page = alice.post(begin(alice, case), asked() | {"do": "look"}, follow=True).content.decode()
    assert "Not to the lawyer of my brother" in page


def test_every_purpose_says_what_it_covers_and_every_field_belongs_to_a_part():
    assert set(COVERS) == set(PURPOSE_OF.values())
    assert {field.part for field in FIELDS} <= EVERYTHING
    assert all(parts <= EVERYTHING for parts in COVERS.values())


# Evidence


def test_evidence_goes_as_clean_copies_under_names_that_say_nothing(cast, alice, case):
    photo = evidence_desk.kept(cast, case, exhibits.jpeg(), name="Quillfeather.jpg")
    evidence_desk.kept(cast, case, exhibits.sound(), name="voice.wav")
    address = begin(alice, case)
    page = alice.post(address, asked(evidence="on") | {"do": "look"}, follow=True).content.decode()
    assert (
        "1 file of evidence, as a clean copy" in page and "1 file of evidence: it cannot be cleaned" in page
    )
    files = fetched(alice, address, make(alice, address, evidence="on"))
    assert set(files) == {"cases.csv", "READ-ME.txt", f"temoin-{photo.hex[:8]}.jpg"}
    assert (
        b"Exif" not in files[f"temoin-{photo.hex[:8]}.jpg"]
        and "not in this copy: 1" in files["READ-ME.txt"].decode()
    )
    (entry,) = making.recipients_of(cast.keyring_of("alice"), Case.objects.get(pk=case))
    assert entry.evidence == 1 and evidence_desk.acts(cast, case, photo)[-1] == ("alice", "cleaned")


def test_no_evidence_goes_unasked_nor_to_those_who_need_none_nor_while_somebody_disagrees(cast, alice, case):
    evidence_desk.kept(cast, case, exhibits.jpeg())
    for changed in ({}, {"recipient": "RESEARCH", "evidence": "on"}):
        address = begin(alice, case)
        assert set(fetched(alice, address, make(alice, address, **changed))) == {"cases.csv", "READ-ME.txt"}
    record = story("H-6", person("Heron", "STORE", "REFER_LEGAL"), person("Cedar", "STORE"))
    other = intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    evidence_desk.kept(cast, other, exhibits.jpeg())
    address = begin(alice, other)
    files = fetched(alice, address, make(alice, address, evidence="on"))
    assert (
        set(files) == {"cases.csv", "READ-ME.txt"} and "not in this copy: 1" in files["READ-ME.txt"].decode()
    )


# Formulas


@pytest.mark.parametrize("begin_with", ["=", "+", "-", "@", "\t", "\r", "＝", " =", "\n="])
def test_no_cell_is_run_as_a_formula(begin_with):
    text = f'{begin_with}HYPERLINK("http://example.org")'
    assert neutral(text).startswith("'")
    rows = [["title"], [text]]
    (_, (cell,)) = csv.reader(io.StringIO(csv_bytes(rows).decode("utf-8-sig"), newline=""))
    assert cell.startswith("'")
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(rows))).active
    assert sheet["A2"].data_type == "s" and sheet["A2"].value.startswith("'")


def test_letters_that_no_spreadsheet_can_hold_are_left_out_and_text_is_not_turned_around():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([["a\x00b\u202ec\ud800"], ["x" * 40_000]]))).active
    assert sheet["A1"].value == "abc" and len(sheet["A2"].value) == 32_767


def test_a_formula_in_a_case_leaves_as_text(cast, alice):
    heron = person("Heron", "STORE", "REFER_LEGAL")
    heron.alias = LINK
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-1", heron, narrative=LINK))
    address = begin(alice, case)
    files = fetched(alice, address, make(alice, address, form="xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(files["cases.xlsx"])).active
    cells = [cell for row in sheet.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]
    assert len(cells) == 2 and all(cell.data_type == "s" and cell.value == "'" + LINK for cell in cells)


# Encrypted, sealed, written down


def test_nothing_that_leaves_is_ever_plaintext_on_the_server(cast, alice, case, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    written: list[Path] = []
    real = tempfile.NamedTemporaryFile
    monkeypatch.setattr(
        tempfile, "NamedTemporaryFile", lambda *a, **k: written.append(Path("x")) or real(*a, **k)
    )
    address = begin(alice, case)
    page = make(alice, address, form="xlsx")
    own = begin(alice, case, person=_person_of(cast, case))
    _make_own(alice, own, "ar")
    assert [p for p in tmp_path.rglob("*") if p.is_file() and "keys" not in p.parts] == [] and written == []
    passphrase = page.partition('<code class="code">')[2].partition("<")[0]
    assert len(passphrase.split("-")) == 8
    stored = [bytes(part.ciphertext) for part in HeldPart.objects.all()]
    stored += [bytes(row.facts_ciphertext) for row in HeldFile.objects.all()]
    stored += [bytes(row.entry_ciphertext) for row in CaseExport.objects.all()]
    with connections["sessions"].cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        stored += [str(row[0]).encode() for row in cursor.fetchall()]
    assert len(stored) >= 6
    for word in (CANARY, passphrase, "Me Tremblay", "stay of removal", "PK\x03\x04"):
        assert not any(word.encode() in row for row in stored), word


def test_the_copy_is_a_zip_with_aes_256_whose_names_say_nothing(cast, alice, case):
    address = begin(alice, case)
    make(alice, address)
    content = b"".join(alice.get(f"{address}file/").streaming_content)
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["cases.csv", "READ-ME.txt"]
        for info in archive.infolist():
            assert info.wz_aes_strength == 3 and info.wz_aes_version == 2 and info.date_time[0] == 2020
            archive.setpassword(b"wrong")
            with pytest.raises(RuntimeError):
                archive.read(info.filename)


def test_the_passphrase_is_shown_once(cast, alice, case):
    address = begin(alice, case)
    make(alice, address)
    for again in (alice.get(address), alice.post(address, asked() | {"do": "make"})):
        page = again.content.decode()
        assert "shown once and is kept nowhere" in page and '<code class="code">' not in page
    assert CaseExport.objects.count() == 1


def test_nobody_else_and_no_other_session_fetches_a_copy(cast, alice, case):
    address = begin(alice, case)
    make(alice, address)
    for name in ("bob", "charlie", "dana", "alice"):
        client = sign_in(Client(), name)
        assert client.get(address).status_code == 404 and client.get(f"{address}file/").status_code == 404


def test_a_copy_waits_for_an_hour_and_can_be_forgotten_at_once(cast, alice, case):
    first, second = begin(alice, case), begin(alice, case)
    for address in (first, second):
        make(alice, address)
    assert alice.post(f"{first}forget/").status_code == 302
    assert alice.get(f"{first}file/").status_code == 404
    HeldFile.objects.update(ends_at=timezone.now())
    assert alice.get(f"{second}file/").status_code == 404
    heldfiles.forget_ended()
    assert not HeldPart.objects.exists() and CaseExport.objects.count() == 2


def test_the_case_remembers_who_has_a_copy_and_so_after_its_key_was_changed(cast, alice, case):
    make(alice, begin(alice, case))
    keyring = cast.keyring_of("bob")
    sharing.grant(cast.keyring_of("alice"), case, cast.charlie, may_change=False)
    sharing.revoke(cast.keyring_of("alice"), case, cast.charlie)
    row = Case.objects.get(pk=case)
    assert row.epoch == 2
    (entry,) = making.recipients_of(keyring, row)
    assert (entry.to, entry.recipient, entry.purpose) == ("Me Tremblay", "LAWYER", "REFER_LEGAL")
    assert entry.reason == "A stay of removal"
    assert entry.by == cast.alice.pk and entry.destroy_by.isoformat() == asked()["destroy_by"]
    page = in_english(sign_in(Client(), "bob")).get(f"/cases/{case}/").content.decode()
    assert "Me Tremblay" in page and "A stay of removal" in page


def test_the_register_of_communications_says_what_for_and_not_to_whom(cast, alice, case):
    address = begin(alice, case)
    make(alice, address)
    (kept,) = registers.entries(cast.keyring_of("dana"), Kind.COMMUNICATION)
    assert (kept.line.what, kept.line.purpose, kept.line.source) == ("copy.case", "REFER_LEGAL", "export")
    assert "Tremblay" not in repr(kept.line)


def test_the_log_says_who_for_what_and_how_many_and_neither_to_whom_nor_why(cast, alice, case):
    address = begin(alice, case)
    fetched(alice, address, make(alice, address))
    found = list(audit.entries(cast.keyring_of("frank"), teams.auditors().pk))
    (made,) = [e for e in found if e.action == "case.export"]
    assert made.actor == cast.alice.pk and any(e.action == "export.fetch" for e in found)
    assert not any("Tremblay" in str(e) or "removal" in str(e) for e in found)


def test_a_copy_asks_who_one_is_again(cast, alice, case, settings):
    session = alice.session
    session["vault"] = {**session["vault"], "proven": 0}
    session.save()
    address = begin(alice, case)
    for asked_again in (alice.get(address), alice.post(address, asked()), alice.get(f"{address}file/")):
        assert asked_again.status_code == 302 and "/prove/" in asked_again.url
    alice.post("/prove/", {"passphrase": PASSPHRASE})
    assert alice.get(address).status_code == 200


# Who may


def test_the_team_that_keeps_it_may_and_a_grantee_only_when_it_was_granted(cast, alice, case):
    keyring, charlie = cast.keyring_of("alice"), sign_in(Client(), "charlie")
    assert permissions.EXPORT in permissions.allowed(cast.bob, case)
    for granted, status in (({"may_change": True}, 404), ({"may_change": False, "may_export": True}, 302)):
        sharing.grant(keyring, case, cast.charlie, **granted)
        assert charlie.post("/exports/", {"case": str(case)}).status_code == status, granted
    sharing.revoke(keyring, case, cast.charlie)
    assert charlie.post("/exports/", {"case": str(case)}).status_code == 404


def test_one_case_that_is_not_theirs_stops_the_whole_copy(cast, alice, case):
    other = intake.create_case(cast.keyring_of("charlie"), cast.other_team, story("C-1"))
    assert alice.post("/exports/", {"case": [str(case), str(other)]}).status_code == 404
    assert not HeldFile.objects.exists()


def test_a_case_that_was_taken_away_meanwhile_does_not_go(cast, case):
    sharing.grant(cast.keyring_of("alice"), case, cast.charlie, may_change=False, may_export=True)
    charlie = in_english(sign_in(Client(), "charlie"))
    address = begin(charlie, case)
    charlie.post(address, asked() | {"do": "look"})
    sharing.revoke(cast.keyring_of("alice"), case, cast.charlie)
    assert charlie.post(address, asked() | {"do": "make"}).status_code == 404
    assert charlie.get(address).status_code == 404 and not CaseExport.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"case": "nonsense"}, {"case": ["a", "b"], "person": "x"}])
def test_nothing_ticked_says_what_to_do(cast, alice, sent):
    response = alice.post("/exports/", sent, follow=True)
    assert "Tick at least one case first" in response.content.decode() and not HeldFile.objects.exists()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_day_to_destroy_it_by_is_proposed_as_browsers_read_days(cast, alice, case, language):
    alice.cookies["django_language"] = language
    proposed = as_it_stands(alice.get(begin(alice, case)).content.decode())["destroy_by"]
    assert proposed == (timezone.localdate() + dt.timedelta(days=30)).isoformat()


def test_too_many_cases_are_refused_before_any_is_opened(cast, alice):
    from uuid import uuid4

    response = alice.post("/exports/", {"case": [str(uuid4()) for _ in range(MOST_CASES + 1)]}, follow=True)
    assert f"{MOST_CASES} cases at most" in response.content.decode() and not HeldFile.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"destroy_by": "2001-01-01"},
        {"destroy_by": "2999-01-01"},
        {"reason": ""},
        {"to": ""},
        {"recipient": "PERSON"},
        {"form": "exe"},
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(cast, alice, case, wrong):
    address = begin(alice, case)
    response = alice.post(address, asked(**wrong) | {"do": "make"})
    assert response.status_code == 422 and not CaseExport.objects.exists()
    filled = as_it_stands(response.content.decode())
    assert filled["destroy_by"] == asked(**wrong)["destroy_by"] and filled["to"] == asked(**wrong)["to"]


def test_a_file_whose_consent_has_ended_is_shown_closed_and_does_not_go(cast, alice, case):
    opened = vault.open_case(cast.keyring_of("alice"), case)
    opened.record.persons[0].consents.append(given("STORE")[0])
    opened.record.persons[0].consents[-1].state = "WITHDRAWN"
    intake.save_consents(cast.keyring_of("alice"), case, opened.record, opened.revision)
    page = alice.post(begin(alice, case), asked() | {"do": "look"}, follow=True).content.decode()
    assert "consent to keep it has ended" in page and CANARY not in page


def test_looking_at_two_cases_asks_no_more_for_each_than_for_one(
    cast, alice, case, django_assert_max_num_queries
):
    """Each case is opened and its reading written down; the pages around it ask the same for one as for many."""
    keyring = cast.keyring_of("alice")
    other = intake.create_case(keyring, cast.verdun, story("H-3", person("Wren", "STORE", "REFER_LEGAL")))
    with django_assert_max_num_queries(60):
        making.preview(keyring, making.Facts(cases=[case, other], recipient="LAWYER"))


# Their own file


def _person_of(cast, case: UUID) -> str:
    return vault.open_case(cast.keyring_of("alice"), case).record.persons[0].id


def _make_own(client: Client, address: str, language: str) -> str:
    day = (timezone.localdate() + dt.timedelta(days=10)).isoformat()
    typed = {"language": language, "reason": "She asked for it", "destroy_by": day}
    assert client.post(address, typed | {"do": "look"}).status_code == 302
    response = client.post(address, typed | {"do": "make"})
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_is_given_their_own_file_in_their_language(cast, alice, case, language):
    address = begin(alice, case, person=_person_of(cast, case))
    files = fetched(alice, address, _make_own(alice, address, language))
    assert set(files) == {"dossier.pdf", "dossier.json"}
    told = json.loads(files["dossier.json"])
    assert told["document"]["title"] == headings(language)["title"]
    assert told["document"]["right_to_left"] is (language == "ar")
    assert told["coded"]["name"] == "Zebulon Quillfeather" and "statistic_token" not in told["coded"]
    pdf = pypdfium2.PdfDocument(files["dossier.pdf"])
    assert pdf.is_tagged() and b"/Lang" in files["dossier.pdf"]
    text = pdf[0].get_textpage().get_text_bounded()
    assert all(word in text for word in (headings(language)["title"], "Zebulon", "Quillfeather", "walked"))


def test_their_own_file_names_who_received_a_copy(cast, alice, case):
    make(alice, begin(alice, case))
    address = begin(alice, case, person=_person_of(cast, case))
    files = fetched(alice, address, _make_own(alice, address, "en"))
    assert "Me Tremblay" in files["dossier.json"].decode()


def test_their_own_file_holds_nothing_of_the_others_and_nothing_others_confided(cast, alice):
    heron, cedar = person("Heron", "STORE"), person("Cedar", "STORE")
    cedar.name = "Cornelius Otherperson"
    record = story("H-4", heron, cedar)
    record.statements = [
        Statement("I was stopped.", "SELF", about=[heron.id]),
        Statement("I saw Heron being stopped.", "WITNESS", about=[heron.id]),
        Statement("I am Cedar.", "SELF", about=[cedar.id]),
    ]
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    address = begin(alice, case, person=heron.id)
    text = fetched(alice, address, _make_own(alice, address, "en"))["dossier.json"].decode()
    assert "I was stopped." in text and "Statements by other people" in text
    for others in ("Cornelius", "I saw Heron", "I am Cedar", "Cedar"):
        assert others not in text


def test_a_word_of_a_story_is_never_read_as_an_instruction_of_the_paper(cast, alice):
    heron = person('#panic("x")', "STORE")
    heron.name = '*not bold* $x$ #read("/etc/passwd") \\u{0041} <script>'
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-5", heron))
    address = begin(alice, case, person=heron.id)
    files = fetched(alice, address, _make_own(alice, address, "fr"))
    text = pypdfium2.PdfDocument(files["dossier.pdf"])[0].get_textpage().get_text_bounded()
    assert '*not bold* $x$ #read("/etc/passwd")' in text and "root:" not in text


def test_somebody_who_is_not_in_the_case_has_no_file_in_it(cast, alice, case):
    for nobody in ("x", "0" * 32):
        assert alice.get(begin(alice, case, person=nobody)).status_code == 404


def test_every_heading_is_said_in_every_language():
    for language in LANGUAGES:
        said = headings(language)
        assert said.keys() == headings("fr").keys()
        empty = {code for code, words in said.items() if not words}
        assert empty == ({"lists"} if language in ("fr", "en") else set()), language


def test_a_moment_is_no_finer_than_its_purpose_allows():
    from casework.exporting.fields import Manner

    told = [Manner("en", exact=exact).moment(Moment("2016-08-14T17:20")) for exact in (True, False)]
    assert told == ["2016-08-14 17:20", "2016-Q3"]


# Contacts as recipients


@pytest.fixture
def known(cast) -> dict[str, str]:
    """Names of contacts, with what a page sends for them."""
    kinds = {"Me Okonkwo": "LAWYER", "Clinique Tilia": "HEALTH"}
    return {
        name: contacts.add(cast.keyring_of("bob"), cast.verdun, Contact(name, kind)).hex
        for name, kind in kinds.items()
    }


def test_a_recipient_is_chosen_among_the_contacts_or_typed(cast, alice, case, known):
    address = begin(alice, case)
    page = alice.get(address).content.decode()
    assert all(name in page for name in known) and "Clinic, hospital, mental health" in page
    chosen = asked(to="", contact=known["Me Okonkwo"])
    assert alice.post(address, chosen | {"do": "look"}).status_code == 302
    shown = as_it_stands(alice.get(address).content.decode())
    assert shown["to"] == "Me Okonkwo"
    assert (
        "Me Okonkwo" in fetched(alice, address, make(alice, address, to="Me Okonkwo"))["READ-ME.txt"].decode()
    )
    assert making.recipients_of(cast.keyring_of("alice"), Case.objects.get(pk=case))[0].to == "Me Okonkwo"


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize(
    ("name", "recipient", "taken"),
    [
        ("Me Okonkwo", "LAWYER", True),
        ("Me Okonkwo", "COMPLAINT", True),
        ("Me Okonkwo", "MEDIA", False),
        ("Clinique Tilia", "SERVICE", True),
        ("Clinique Tilia", "LAWYER", False),
    ],
)
def test_a_contact_gets_what_was_agreed_for_their_kind_and_nothing_else(
    alice, case, known, name, recipient, taken, typed
):
    who = {"to": name.upper()} if typed else {"to": "somebody", "contact": known[name]}
    response = alice.post(begin(alice, case), asked(recipient=recipient, **who) | {"do": "look"})
    assert response.status_code == (302 if taken else 422)
    assert ("among your contacts as something else" in response.content.decode()) is not taken


def test_nobody_sees_or_names_a_contact_of_another_team(cast, alice, case, known):
    elsewhere = contacts.add(cast.keyring_of("charlie"), cast.other_team, Contact("Corvus", "LAWYER")).hex
    address = begin(alice, case)
    assert "Corvus" not in alice.get(address).content.decode()
    assert alice.post(address, asked(to="", contact=elsewhere) | {"do": "look"}).status_code == 422


def test_without_contacts_nothing_is_offered_and_somebody_has_to_be_named(alice, case):
    address = begin(alice, case)
    assert 'name="contact"' not in alice.get(address).content.decode()
    response = alice.post(address, asked(to=" ") | {"do": "look"})
    assert response.status_code == 422 and "Choose a contact, or write" in response.content.decode()


def test_the_persons_own_file_offers_no_recipient(cast, alice, case, known):
    someone = vault.open_case(cast.keyring_of("alice"), case).record.persons[0].id
    page = alice.get(begin(alice, case, person=someone)).content.decode()
    assert "Me Okonkwo" not in page and 'name="contact"' not in page
