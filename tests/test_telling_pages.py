"""The whole way through the pages: offered, checked, chosen, approved, published, withdrawn, and the next edition without."""

import io
import re
import shutil
import subprocess
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.test import Client

from casework import consent, documents, intake, passages, releases, rendering, vault
from casework.models import Release, Story, StoryUse
from casework.record import Consent
from tests.cast import Cast, in_english, sign_in
from tests.plugins_services import absent
from tests.release_pages import a_draft, ticked
from tests.stories import NARRATIVE
from tests.telling import (
    EVERY_LINE,
    PASSAGE,
    RECIT,
    a_case,
    a_drafted,
    a_told_release,
    an_accepted,
    an_offer,
    teller,
    told,
)

pytestmark = pytest.mark.django_db


def client_of(name: str) -> Client:
    return in_english(sign_in(Client(), name))


def text_of(response: Any) -> str:
    return response.content.decode()


def form(cast: Cast, case_id: uuid.UUID, **changes: Any) -> dict[str, Any]:
    person = vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0]
    given = {
        "whom": f"{person.id}:STORY",
        "text_en": PASSAGE,
        "text_fr": RECIT,
        "changed": ["NAMES", "PLACES"],
    }
    return given | changes


def withdraw(client: Client, cast: Cast, case_id: uuid.UUID, purpose: str = "STORY") -> None:
    """On the page of the person's consent."""
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    person = opened.record.persons[0]
    answers = dict.fromkeys(consent.PURPOSES, "NOT_ASKED") | {c.purpose: c.state for c in person.consents}
    sent = answers | {
        purpose: "WITHDRAWN",
        "on": "",
        "mode": "ORAL",
        "language": "fr",
        "base": str(opened.revision),
    }
    sent["on"] = str(person.consents[0].on)
    response = client.post(f"/cases/{case_id}/people/{uuid.UUID(person.id)}/consent/", sent)
    assert response.status_code == 302, text_of(response)


def test_from_a_case_to_the_next_edition_without(cast: Cast) -> None:
    case_id = a_case(cast)
    alice, dana, erin, everybody = client_of("alice"), client_of("dana"), client_of("erin"), Client()
    # Offered
    assert f"/cases/{case_id}/stories/" in text_of(alice.get(f"/cases/{case_id}/"))
    page = text_of(alice.get(f"/cases/{case_id}/stories/offer/"))
    assert "What never leaves" in page and "Birth dates, exact dates" in page
    assert NARRATIVE[:40] not in page
    assert alice.post(f"/cases/{case_id}/stories/offer/", form(cast, case_id)).status_code == 302
    # Checked
    listed = text_of(erin.get("/stories/"))
    address = re.search(r'href="(/stories/[0-9a-f-]{36}/)"', listed)
    assert address is not None
    shown = text_of(erin.get(address[1]))
    assert PASSAGE in shown and "Who told the group" in shown
    refused = erin.post(f"{address[1]}accept/", {"lines": ["NAMES"]}, follow=True)
    assert "Not every line of the list is ticked" in text_of(refused)
    assert erin.post(f"{address[1]}accept/", {"lines": sorted(EVERY_LINE)}).url == "/stories/"
    # Chosen, approved, published
    release = a_draft(cast.dana)
    story_id = Story.objects.get().pk
    page = text_of(dana.get(f"/releases/{release.pk}/"))
    assert PASSAGE in page and f'value="{story_id.hex}"' in page
    dana.post(f"/releases/{release.pk}/stories/", {"story": story_id.hex})
    read = text_of(erin.get(f"/releases/{release.pk}/"))
    assert (
        PASSAGE in read
        and "The release tells 1 story. I have read it as somebody who was there would" in read
    )
    ticks = ticked(cast.keyring_of("erin"), release)
    dana.post(f"/releases/{release.pk}/stories/", {})
    unread = erin.post(f"/releases/{release.pk}/approve/", {"read": ticks})
    assert unread.status_code == 422 and "The release tells" not in text_of(unread)
    dana.post(f"/releases/{release.pk}/stories/", {"story": story_id.hex})
    erin.post(f"/releases/{release.pk}/approve/", {"read": ticks})
    dana.post(f"/releases/{release.pk}/publish/")
    public = text_of(everybody.get(f"/published/{release.pk}/", headers={"accept-language": "en"}))
    assert PASSAGE in public and "Names were changed or left out by the collective." in public
    assert RECIT in text_of(everybody.get(f"/published/{release.pk}/", headers={"accept-language": "fr"}))
    assert "alice" not in public and "erin" not in public and "Heron" not in public
    # Withdrawn
    withdraw(alice, cast, case_id)
    public = text_of(everybody.get(f"/published/{release.pk}/", headers={"accept-language": "en"}))
    assert PASSAGE not in public and "The person has withdrawn it" in public
    assert PASSAGE.encode() not in everybody.get(f"/published/{release.pk}.json").content
    assert "to be superseded: somebody withdrew since" in text_of(dana.get("/releases/"))
    # The next edition
    release.refresh_from_db()
    second = a_draft(cast.dana, supersedes=release)
    assert "No accepted story may be told today" in text_of(dana.get(f"/releases/{second.pk}/"))
    erin.post(f"/releases/{second.pk}/approve/", {"read": ticked(cast.keyring_of("erin"), second)})
    dana.post(f"/releases/{second.pk}/publish/")
    public = text_of(everybody.get(f"/published/{second.pk}/", headers={"accept-language": "en"}))
    assert "What people told" not in public


def test_what_is_marked_stops_the_form_and_keeps_what_was_typed(cast: Cast) -> None:
    case_id, alice = a_case(cast), client_of("alice")
    address = f"/cases/{case_id}/stories/offer/"
    bad = form(cast, case_id, text_en="Heron waited at a school.", text_fr="")
    response = alice.post(address, bad)
    page = text_of(response)
    assert response.status_code == 422 and not Story.objects.exists()
    assert "<mark>Heron</mark>" in page and "<mark>school</mark>" in page
    assert "Heron waited at a school." in page
    reason = re.search(r'name="(reason-[0-9a-f]{16})"', page)
    assert reason is not None and page.count('name="reason-') == 1
    # Once the words are gone nobody needs a reason, and the browser must let the form go.
    assert not re.search(r"<(input|textarea)[^>]* required", page)
    # A reason for what may be answered does not open the door for what may not.
    answered = bad | {reason[1]: "there are hundreds"}
    assert alice.post(address, answered).status_code == 422
    assert alice.post(address, answered | {"text_en": "They waited at a school."}).status_code == 302
    assert passages.opened_all(cast.keyring_of("erin"))[0].passage.answers[0].reason == "there are hundreds"


def test_a_french_sign_stays_on_its_line_however_it_was_typed(cast: Cast) -> None:
    case_id = a_case(cast)
    sent = form(
        cast,
        case_id,
        text_en="Wait : they said.",
        text_fr="Attendre ; pourquoi ? « Plus tard » , une fois : tard !",
    )
    page = client_of("alice").post(f"/cases/{case_id}/stories/offer/", sent).content.decode()
    reasons = dict.fromkeys(re.findall(r'name="(reason-[0-9a-f]{16})"', page), "words of the police")
    assert client_of("alice").post(f"/cases/{case_id}/stories/offer/", sent | reasons).status_code == 302
    text = passages.opened_all(cast.keyring_of("erin"))[0].passage.text
    assert text["en"] == "Wait : they said."
    assert text["fr"] == "Attendre\xa0; pourquoi\xa0? «\xa0Plus tard\xa0» , une fois\xa0: tard\xa0!"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text_en": "", "text_fr": " "}, "Type the passage in one language at least"),
        ({"changed": []}, "A passage without any change says who it is about"),
        ({"whom": "somebody:STORY"}, "Select a valid choice"),
        ({"whom": ""}, "This field is required"),
        ({"instead": "not an id"}, "valid UUID"),
        ({"text_en": "a" * 3001}, "at most 3000 characters"),
    ],
)
def test_a_form_that_is_not_in_order_keeps_nothing(cast: Cast, changes: dict[str, Any], said: str) -> None:
    case_id, alice = a_case(cast), client_of("alice")
    response = alice.post(f"/cases/{case_id}/stories/offer/", form(cast, case_id, **changes))
    assert response.status_code == 422 and said in text_of(response)
    assert not Story.objects.exists()


def test_a_purpose_the_person_did_not_agree_to_cannot_be_chosen(cast: Cast) -> None:
    case_id, alice = a_case(cast, told("H-1", teller("Heron", "STORE", "STORY"))), client_of("alice")
    sent = form(cast, case_id)
    sent["whom"] = sent["whom"].replace("STORY", "QUOTE")
    assert alice.post(f"/cases/{case_id}/stories/offer/", sent).status_code == 422
    assert not Story.objects.exists()


def test_where_nobody_agreed_the_page_is_not_there_and_the_case_says_nothing_of_it(cast: Cast) -> None:
    case_id, alice = a_case(cast, told("H-1", teller("Heron", "STORE", "STATS"))), client_of("alice")
    assert alice.get(f"/cases/{case_id}/stories/offer/").status_code == 404
    assert "/stories/" not in text_of(alice.get(f"/cases/{case_id}/"))
    assert "Nobody in this case may be told of today" in text_of(alice.get(f"/cases/{case_id}/stories/"))


def test_conditions_the_person_made_stand_above_the_form(cast: Cast) -> None:
    person = teller()
    for answer in person.consents:
        if answer.purpose == "STORY":
            answer.conditions = "Nothing about the car."
    case_id, alice = a_case(cast, told("H-1", person)), client_of("alice")
    assert "Nothing about the car." in text_of(alice.get(f"/cases/{case_id}/stories/offer/"))


def test_what_was_sent_back_is_written_again_in_its_own_form(cast: Cast) -> None:
    case_id, alice, erin = a_case(cast), client_of("alice"), client_of("erin")
    story_id = an_offer(cast, case_id)
    assert text_of(erin.post(f"/stories/{story_id}/send-back/", {"why": " "})).count("Nothing was sent back")
    erin.post(f"/stories/{story_id}/send-back/", {"why": "The turn says who it was."})
    listed = text_of(alice.get(f"/cases/{case_id}/stories/"))
    assert "The turn says who it was." in listed and PASSAGE in listed
    # The passage's id stands in no address that names the case.
    assert f"{story_id}/" not in listed
    page = text_of(alice.post(f"/cases/{case_id}/stories/offer/", {"story": str(story_id)}))
    assert PASSAGE in page and f'name="instead" value="{story_id}"' in page
    sent = form(cast, case_id, text_en=PASSAGE.replace("for a turn", ""), instead=str(story_id))
    assert alice.post(f"/cases/{case_id}/stories/offer/", sent).status_code == 302
    assert Story.objects.count() == 1 and not Story.objects.filter(pk=story_id).exists()


def test_taken_back_on_the_page_of_the_case(cast: Cast) -> None:
    case_id, alice = a_case(cast), client_of("alice")
    story_id = an_accepted(cast, case_id)
    release = a_told_release(cast, story_id)
    assert "blank in the release at once" in text_of(alice.get(f"/cases/{case_id}/stories/"))
    alice.post(f"/cases/{case_id}/stories/take-back/", {"story": str(story_id)})
    release.refresh_from_db()
    assert release.owes_edition and not Story.objects.exists()
    for wrong in ({}, {"story": "x"}, {"story": str(uuid.uuid4())}):
        assert alice.post(f"/cases/{case_id}/stories/take-back/", wrong).status_code == 404


def test_whoever_offered_it_sees_that_somebody_else_checks(cast: Cast) -> None:
    from accounts import teams
    from casework import offering
    from tests.telling import typed

    case_id = a_case(cast)
    teams.add_member(cast.keyring_of("alice"), cast.verdun, cast.dana)
    story_id = offering.offer(cast.keyring_of("dana"), case_id, typed(case_id, cast))
    page = text_of(client_of("dana").get(f"/stories/{story_id}/"))
    assert "Waiting for another coordinator" in page and "/accept/" not in page


def test_an_offer_that_came_after_the_withdrawal_is_refused_in_words(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was open when the person said no."""
    case_id, alice = a_case(cast), client_of("alice")
    sent = form(cast, case_id)
    monkeypatch.setattr("casework.offering.narrating.ends", lambda person, kind: None)
    monkeypatch.setattr("casework.views.telling.narrating.kinds", lambda record, person: ["STORY"])
    response = alice.post(f"/cases/{case_id}/stories/offer/", sent)
    assert response.status_code == 422 and "They do not agree to this any more" in text_of(response)
    assert not Story.objects.exists()


def test_numbers_of_a_story_do_not_confuse_the_attack_on_the_rendering(cast: Cast) -> None:
    text = {"en": "It was in 2017 and in 2018, × and “<td>15</td>”.", "fr": "En 2017."}
    story = documents.story("QUOTE", text, {"en": "x", "fr": "x"})
    with pytest.raises(documents.NotARelease):
        documents.check(_with(cast, story))
    story = documents.story(
        "QUOTE", {"en": "It was in 2017: <td>2016</td> ×.", "fr": "En 2017."}, story.changed
    )
    document = _with(cast, story)
    documents.check(document)
    rendering.check_rendering(document)


def _with(cast: Cast, story: documents.Story) -> documents.Document:
    import msgspec

    inside = releases.open_draft(cast.keyring_of("dana"), a_draft(cast.dana))
    assert inside.document is not None
    return msgspec.structs.replace(inside.document, stories=[story])


# What people take away


def pdf_text(client: Client, release: Release, language: str) -> str:
    content = client.get(f"/published/{release.pk}.pdf", headers={"accept-language": language}).content
    pages = pypdfium2.PdfDocument(content)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())


def test_paper_and_zip_tell_it_and_no_longer_once_it_is_withdrawn(cast: Cast, client: Client) -> None:
    case_id = a_case(cast)
    release = a_told_release(cast, an_accepted(cast, case_id, text={"fr": RECIT}))
    for language, heading in (("fr", "Ce que des gens ont raconté"), ("en", "What people told")):
        text = pdf_text(client, release, language)
        assert heading in text and RECIT in text
    assert RECIT in zipped(client, release)["stories.txt"]
    withdraw(client_of("alice"), cast, case_id)
    assert RECIT not in pdf_text(client, release, "fr")
    taken = zipped(client, release)
    assert not any(RECIT in text for text in taken.values())


def zipped(client: Client, release: Release) -> dict[str, str]:
    content = client.get(f"/published/{release.pk}.zip", headers={"accept-language": "fr"}).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.services
@pytest.mark.parametrize("withdrawn", [False, True])
def test_the_commands_on_the_page_verify_whole_and_blank(cast: Cast, tmp_path: Path, withdrawn: bool) -> None:
    for command in ("jq", "xxd", "openssl", "sha256sum"):
        if not shutil.which(command):
            absent(command, "it is not installed")
    case_id = a_case(cast)
    release = a_told_release(cast, an_accepted(cast, case_id))
    if withdrawn:
        withdraw(client_of("alice"), cast, case_id)
    release.refresh_from_db()
    document = releases.document_of(release)
    assert document.signature is not None and document.stories[0].withdrawn == withdrawn
    (tmp_path / "release.json").write_bytes(bytes(release.document))
    commands = [
        "jq -cjS 'del(.signature) | .stories |= map({sha256})' release.json > signed.bytes",
        "jq -r .signature.value release.json | xxd -r -p > signature.bytes",
        f"printf '302a300506032b6570032100%s' {document.signature.key} | xxd -r -p > key.der",
        "openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin -in signed.bytes -sigfile signature.bytes",
        "jq -cjS '.stories[0] | del(.sha256)' release.json | sha256sum",
    ]
    said = [
        subprocess.run(["sh", "-c", c], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for c in commands
    ]
    assert "Signature Verified Successfully" in said[3]
    assert (document.stories[0].sha256 in said[4]) != withdrawn


# Costs


def test_ten_passages_cost_a_page_as_many_questions_as_one(
    cast: Cast, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    case_id = a_case(cast)
    first = an_accepted(cast, case_id)
    release = a_drafted(cast, first)
    dana, alice = client_of("dana"), client_of("alice")
    pages = [(dana, "/stories/"), (dana, f"/releases/{release.pk}/"), (alice, f"/cases/{case_id}/stories/")]
    counts = []
    for client, address in pages:
        with django_assert_max_num_queries(200) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    more = [an_accepted(cast, case_id) for _ in range(4)]
    releases.choose_stories(cast.keyring_of("dana"), release.pk, [first, *more])
    assert StoryUse.objects.count() == 5
    for (client, address), count in zip(pages, counts, strict=True):
        with django_assert_num_queries(count):
            client.get(address)


def test_a_case_whose_people_never_agreed_to_be_told_of_costs_nothing_more(cast: Cast) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    alice = cast.keyring_of("alice")
    case_id = a_case(cast, told("H-1", teller("Heron", "STORE", "STATS")))
    opened = vault.open_case(alice, case_id)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        opened.record.persons[0].consents.append(
            Consent("MEDIA", "REFUSED", opened.record.persons[0].consents[0].on)
        )
        intake.save_consents(alice, case_id, opened.record, opened.revision)
    assert not any("casework_story" in query["sql"] for query in captured)
