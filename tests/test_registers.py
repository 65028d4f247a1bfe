"""What the group writes down about itself: sealed to the coordinators, changed and never deleted, on paper as on the page."""

import datetime as dt
import json
import uuid
from html import unescape
from typing import Any

import pypdfium2
import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from msgspec.structs import replace

from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Locked
from accounts.teams import auditors
from casework import approvals, audit, registers, stories
from casework.models import RegisterEntry, Story
from casework.passages import Answer
from casework.registers import Anonymization, Communication, Incident, Kind
from casework.registersheets import SHEETS, communication_facts
from tests.cast import Cast, in_english, sign_in
from tests.release_pages import a_published
from tests.telling import PASSAGE, RECIT, a_case, a_told_release, an_accepted, teller, told

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
    RegisterEntry.objects.update(entry_ciphertext=Sealed(bytes(row.entry_ciphertext)[::-1]))
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


def facts_of_stories(cast: Cast, language: str) -> dict[str, str]:
    with override(language):
        (sheet,) = SHEETS["anonymization"](cast.keyring_of("dana"), language).sections
    return {
        label: value for label, value in sheet.facts if "stor" in label.lower() or "récit" in label.lower()
    }


def test_the_register_says_how_the_stories_of_a_release_were_checked_and_no_word_of_them(cast: Cast) -> None:
    answer = Answer("INSTITUTION", "school", "there are hundreds")
    retold = an_accepted(
        cast, a_case(cast), text={"en": f"{PASSAGE} They went to a school."}, answers=[answer]
    )
    quoted = an_accepted(cast, a_case(cast, told("H-2", teller("Wren"))), "QUOTE")
    a_told_release(cast, retold, quoted)
    said = facts_of_stories(cast, "en")
    assert (
        said["Stories"].startswith("2 stories, told with the consent of the person")
        and "blank" not in said["Stories"]
    )
    assert said["Stories"].count(": 1.") == 2
    assert "1 mark was left standing" in said["How the stories were checked"]
    assert "a workplace, a school or another institution (1)" in said["How the stories were checked"]
    assert said["Stories checked by"] == "erin"
    everything = json.dumps([said, facts_of_stories(cast, "fr")], ensure_ascii=False)
    assert not [words for words in (PASSAGE, RECIT, "hundreds", "alice", "Heron") if words in everything]


def test_the_register_still_says_so_once_a_story_was_withdrawn(cast: Cast) -> None:
    a_told_release(cast, an_accepted(cast, a_case(cast)))
    before = facts_of_stories(cast, "en")
    stories.remove(list(Story.objects.values_list("pk", flat=True)))
    said = facts_of_stories(cast, "en")
    assert "1 is blank: its consent was withdrawn or is over." in said["Stories"]
    assert before["Stories checked by"] == said["Stories checked by"] == "erin"
    assert before["How the stories were checked"] == said["How the stories were checked"]


def test_a_release_without_stories_says_nothing_of_them(cast: Cast) -> None:
    a_published(cast)
    assert facts_of_stories(cast, "en") == facts_of_stories(cast, "fr") == {}


def test_of_an_approval_of_an_earlier_version_the_register_says_what_it_does_not_know(cast: Cast) -> None:
    a_told_release(cast, an_accepted(cast, a_case(cast)))
    with pytest.MonkeyPatch.context() as earlier:
        opened = approvals.opened
        earlier.setattr(approvals, "opened", lambda *args: replace(opened(*args), stories=[]))
        said = facts_of_stories(cast, "en")
    assert said["How the stories were checked"] == "not written down by the version that published it"
    assert said["Stories"].startswith("1 story")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", sorted(SHEETS))
def test_page_pdf_and_json_say_the_same(cast: Cast, dana: Client, name: str, language: str) -> None:
    a_told_release(cast, an_accepted(cast, a_case(cast)))
    registers.add(cast.dana, Kind.INCIDENT, incident(measures="#evil[typst] $x$ \\ <b>"))
    registers.add(cast.dana, Kind.COMMUNICATION, Communication(dt.date(2026, 11, 3), "Clinique", "One file"))
    dana.cookies["django_language"] = language
    page = text_of(dana.get(reverse("register", args=[name])))
    sheet = pypdfium2.PdfDocument(dana.get(reverse("register-file", args=[name, "pdf"])).content)
    words = " ".join(p.get_textpage().get_text_bounded() for p in sheet)
    title = sheet.get_metadata_dict()["Title"]
    assert sheet.is_tagged() and title in unescape(page) and title in words
    told = json.loads(dana.get(reverse("register-file", args=[name, "json"])).content)
    assert (told["schema"], told["register"]) == ("temoin-register/1", name)
    if name == "incidents":
        assert "#evil[typst]" in words and told["lines"][0]["measures"] == "#evil[typst] $x$ \\ <b>"
        assert "&lt;b&gt;" in page
    if name == "anonymization":
        heading = "Récits vérifiés par" if language == "fr" else "Stories checked by"
        assert told["sections"][0]["facts"][heading] == "erin" and heading in page
        assert heading in words and PASSAGE[:30] not in words and PASSAGE[:30] not in page
    if name == "assessment":
        assert len(told["sections"]) >= 10 and "1" in words
        assert ("Effacé" in words or "effacé" in words) if language == "fr" else "erased" in words


@pytest.mark.parametrize("name", ["nothing", "anonymization", "assessment"])
def test_lines_are_added_to_two_registers_only(dana: Client, name: str) -> None:
    assert dana.get(reverse("register-add", args=[name])).status_code == 404
    assert dana.get(reverse("register-file", args=["incidents", "exe"])).status_code == 404
