"""What the group writes down about itself: sealed to the coordinators, changed and never deleted, on paper as on the page."""

import datetime as dt
import json
import uuid
from typing import Any

import pypdfium2
import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Locked
from accounts.teams import auditors
from casework import audit, registers
from casework.models import RegisterEntry
from casework.registers import Anonymization, Communication, Incident, Kind
from casework.registersheets import SHEETS, communication_facts
from tests.cast import Cast, in_english, sign_in
from tests.release_pages import a_published

pytestmark = pytest.mark.django_db
INCIDENT = {
    "learned_on": "2026-11-02",
    "happened": "End of October",
    "what": "loss",
    "information": "A notebook with four first names",
    "people": "4",
    "sensitivity": "high",
    "consequences": "high",
    "likelihood": "low",
    "measures": "Notebooks stay in the safe",
}
COMMUNICATION = {
    "on": "2026-11-03",
    "recipient": "Clinique juridique",
    "what": "One file",
    "purpose": "Detention review",
    "basis": "consent",
}


@pytest.fixture
def dana(cast: Cast) -> Client:
    return in_english(sign_in(Client(), "dana"))


def incident(**more: Any) -> Incident:
    return Incident(dt.date(2026, 11, 2), "October", "loss", "A notebook", **more)


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_an_incident_written_on_the_page_stands_in_the_register(cast: Cast, dana: Client) -> None:
    answer = dana.post(reverse("register-add", args=["incidents"]), INCIDENT, follow=True)
    assert answer.status_code == 200 and "A notebook with four first names" in text_of(answer)
    kept = registers.incidents(cast.keyring_of("erin"))[0].line
    assert (kept.people, kept.sensitivity, kept.written_by) == (4, "high", cast.dana.pk)
    assert kept.kept_until == dt.date(2031, 11, 2)


def test_a_line_is_sealed_to_the_coordinators_alone(cast: Cast) -> None:
    registers.add(cast.dana, Kind.INCIDENT, incident())
    assert b"notebook" not in bytes(RegisterEntry.objects.get().entry_ciphertext)
    for name in ("alice", "frank", "root_user"):
        with pytest.raises((Locked, SealBroken)):
            registers.incidents(cast.keyring_of(name))


def test_a_line_moved_to_another_register_or_row_does_not_open(cast: Cast) -> None:
    registers.add(cast.dana, Kind.INCIDENT, incident())
    RegisterEntry.objects.update(kind=Kind.COMMUNICATION)
    with pytest.raises(SealBroken):
        registers.communications(cast.keyring_of("dana"))
    RegisterEntry.objects.update(kind=Kind.INCIDENT, id=uuid.uuid4())
    with pytest.raises(SealBroken):
        registers.incidents(cast.keyring_of("dana"))


def test_an_altered_line_is_not_passed_over(cast: Cast) -> None:
    registers.add(cast.dana, Kind.INCIDENT, incident())
    row = RegisterEntry.objects.get()
    RegisterEntry.objects.update(entry_ciphertext=Sealed(bytes(row.entry_ciphertext)[:-1] + b"\0"))
    with pytest.raises(SealBroken):
        registers.incidents(cast.keyring_of("dana"))


def test_changing_a_line_keeps_who_wrote_it_and_tells_the_log_who_changed_it(cast: Cast) -> None:
    made = registers.add(cast.dana, Kind.INCIDENT, incident())
    erin = cast.keyring_of("erin")
    registers.change(erin, cast.erin, Kind.INCIDENT, made, incident(serious=True))
    kept = registers.incidents(erin)[0].line
    assert kept.serious and kept.notices_missing and kept.written_by == cast.dana.pk
    entry = next(audit.entries(cast.keyring_of("frank"), auditors().pk))
    assert (entry.actor, entry.action, entry.subject) == (cast.erin.pk, "register.change", made)
    assert "notebook" not in repr(entry)
    with pytest.raises(Http404):
        registers.change(erin, cast.erin, Kind.INCIDENT, uuid.uuid4(), incident())


def test_a_serious_incident_without_its_notices_is_said_on_the_first_page(cast: Cast, dana: Client) -> None:
    registers.add(cast.dana, Kind.INCIDENT, incident())
    assert "a notice is missing" not in text_of(dana.get(reverse("registers")))
    registers.add(cast.dana, Kind.INCIDENT, incident(serious=True, commission_on=dt.date(2026, 11, 3)))
    assert "In 1 incident a notice is missing" in text_of(dana.get(reverse("registers")))
    assert text_of(dana.get(reverse("register", args=["incidents"]))).count("A notice is missing") == 1


@pytest.mark.parametrize(
    ("name", "form", "slip"),
    [
        ("incidents", INCIDENT, {"learned_on": "2999-01-01"}),
        ("incidents", INCIDENT, {"persons_on": "2999-01-01"}),
        ("incidents", INCIDENT, {"information": ""}),
        ("incidents", INCIDENT, {"people": "-1"}),
        ("incidents", INCIDENT, {"sensitivity": "enormous"}),
        ("communications", COMMUNICATION, {"on": "2999-01-01"}),
        ("communications", COMMUNICATION, {"recipient": " "}),
        ("communications", COMMUNICATION, {"basis": "curiosity"}),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_kept(
    dana: Client, name: str, form: dict[str, str], slip: dict[str, str]
) -> None:
    answer = dana.post(reverse("register-add", args=[name]), form | slip)
    assert answer.status_code == 422 and not RegisterEntry.objects.exists()
    kept = "Notebooks stay in the safe" if name == "incidents" else "Detention review"
    assert kept in text_of(answer)


def test_an_export_writes_its_own_line(cast: Cast) -> None:
    registers.note_communication(cast.alice, "evidence.original", "REFER_LEGAL", "evidence")
    line: Communication = registers.communications(cast.keyring_of("dana"))[0].line
    assert (line.on, line.source, line.written_by) == (timezone.localdate(), "evidence", cast.alice.pk)
    with override("en"):
        said = dict(communication_facts(line))
    assert said["What"] == "the original of one attached file" and "named lawyer" in said["What for"]
    assert said["To whom"] == "written down with the case"


def test_the_register_of_anonymization_is_filled_from_the_signed_release_and_a_note(
    cast: Cast, dana: Client
) -> None:
    release = a_published(cast)
    address = reverse("register", args=["anonymization"])
    page = text_of(dana.get(address))
    assert "not written down yet" in page and "requirements proved" in page
    for name in ("dana", "erin"):
        assert name in page
    assert "1 published release nobody" in text_of(dana.get(reverse("registers")))
    note = {
        "purpose": "For the council",
        "supervisor": "Erin",
        "residual": "Low",
        "reassess_on": "2027-11-01",
    }
    dana.post(reverse("register-entry", args=["anonymization", release.pk]), note)
    dana.post(reverse("register-entry", args=["anonymization", release.pk]), note | {"residual": "Very low"})
    page = text_of(dana.get(address))
    assert "For the council" in page and "Very low" in page and RegisterEntry.objects.count() == 1
    with pytest.raises(Http404):
        registers.keep_note(cast.keyring_of("dana"), cast.dana, Anonymization(uuid.uuid4()))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", sorted(SHEETS))
def test_page_pdf_and_json_say_the_same(cast: Cast, dana: Client, name: str, language: str) -> None:
    a_published(cast)
    registers.add(cast.dana, Kind.INCIDENT, incident(measures="#evil[typst] $x$ \\ <b>"))
    registers.add(cast.dana, Kind.COMMUNICATION, Communication(dt.date(2026, 11, 3), "Clinique", "One file"))
    dana.cookies["django_language"] = language
    page = text_of(dana.get(reverse("register", args=[name])))
    sheet = pypdfium2.PdfDocument(dana.get(reverse("register-file", args=[name, "pdf"])).content)
    words = " ".join(p.get_textpage().get_text_bounded() for p in sheet)
    title = sheet.get_metadata_dict()["Title"]
    assert sheet.is_tagged() and title in page and title in words
    told = json.loads(dana.get(reverse("register-file", args=[name, "json"])).content)
    assert (told["schema"], told["register"]) == ("temoin-register/1", name)
    if name == "incidents":
        assert "#evil[typst]" in words and told["lines"][0]["measures"] == "#evil[typst] $x$ \\ <b>"
        assert "&lt;b&gt;" in page
    if name == "assessment":
        assert len(told["sections"]) >= 10 and "1" in words
        assert ("Effacé" in words or "effacé" in words) if language == "fr" else "erased" in words


@pytest.mark.parametrize("name", ["nothing", "anonymization", "assessment"])
def test_lines_are_added_to_two_registers_only(dana: Client, name: str) -> None:
    assert dana.get(reverse("register-add", args=[name])).status_code == 404
    assert dana.get(reverse("register-file", args=["incidents", "exe"])).status_code == 404
