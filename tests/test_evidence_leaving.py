"""What leaves is clean, for a purpose that was agreed to, with a reason; what is blacked out is gone."""

import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from accounts.teams import auditors
from casework import audit, custody, intake, sharing
from casework.consent import ConsentMissing
from casework.evidence import decoding, kinds, leaving, opening
from casework.models import Evidence
from tests import exhibits
from tests.cast import sign_in
from tests.evidence_desk import a_case, acts, body, kept, key_of, page_of, pieces
from tests.exhibits import BYTES, CANARY
from tests.stories import person, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_id(cast):
    return a_case(cast)


# Handing out


def export(client, case_id, evidence_id, **form):
    given_form = {
        "what": "clean",
        "purpose": "REFER_LEGAL",
        "reason": "Maître Tremblay, for the review",
        **form,
    }
    return client.post(reverse("evidence-export", args=[case_id, evidence_id]), given_form)


def test_a_clean_copy_leaves_with_its_purpose_and_reason_written_down(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.jpeg(), name=f"{CANARY}.jpg")
    response = export(alice, case_id, evidence_id)
    sent = body(response)
    assert response.status_code == 200 and response["Content-Type"] == kinds.JPEG
    assert response["Content-Disposition"] == f'attachment; filename="temoin-{evidence_id.hex[:8]}.jpg"'
    assert BYTES not in sent and b"Exif" not in sent
    log = custody.log(key_of(cast, case_id), evidence_id)
    assert [entry.act for entry in log] == ["received", "cleaned", "exported"]
    assert log[-1].detail == {
        "purpose": "REFER_LEGAL",
        "reason": "Maître Tremblay, for the review",
        "sha256": hashlib.sha256(sent).hexdigest(),
        "what": "clean",
    }
    assert "Maître Tremblay" in page_of(alice, case_id, evidence_id).content.decode()


def test_the_reason_does_not_reach_the_auditors(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.png())
    export(alice, case_id, evidence_id)
    log = list(audit.entries(cast.keyring_of("frank"), auditors().pk))
    assert "evidence.exported" in {entry.action for entry in log}
    assert "Tremblay" not in str([entry.detail for entry in log])


def test_an_original_leaves_bit_for_bit_once_somebody_says_that_it_may(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.jpeg(), name="été.jpg")
    refused = export(alice, case_id, evidence_id, what="original")
    assert refused.status_code == 422 and "may hold place, device, author" in refused.content.decode()
    response = export(alice, case_id, evidence_id, what="original", accepted="on")
    assert body(response) == exhibits.jpeg()
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%C3%A9t%C3%A9.jpg"
    assert [act for _, act in acts(cast, case_id, evidence_id)] == ["received", "exported"]


def test_a_type_that_cannot_be_cleaned_says_so_and_offers_the_original_only(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.sound(), name="call.wav")
    page = alice.get(reverse("evidence-export", args=[case_id, evidence_id])).content.decode()
    assert "No clean copy can be made of this type" in page and 'value="clean"' not in page
    assert export(alice, case_id, evidence_id).status_code == 422
    assert body(export(alice, case_id, evidence_id, what="original", accepted="on")) == exhibits.sound()


def test_a_web_page_leaves_as_a_file_and_not_as_a_page(cast, alice, case_id):
    evidence_id = kept(cast, case_id, b"<!DOCTYPE html><script>alert(1)</script>", name="a.html")
    response = export(alice, case_id, evidence_id, what="original", accepted="on")
    assert (
        response["Content-Disposition"].startswith("attachment")
        and "sandbox" in response["Content-Security-Policy"]
    )


def test_what_a_clean_copy_still_holds_is_read_before_it_leaves(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.docx(), name="letter.docx")
    response = export(alice, case_id, evidence_id)
    assert response.status_code == 422
    assert "tracked changes, deleted words among them" in response.content.decode()
    assert "exported" not in [act for _, act in acts(cast, case_id, evidence_id)]
    assert BYTES not in body(export(alice, case_id, evidence_id, accepted="on"))


def test_no_purpose_is_chosen_for_somebody_who_chooses_none(cast, alice):
    case_id = intake.create_case(
        cast.keyring_of("alice"),
        cast.verdun,
        story("V-9", person("Heron", "STORE", "CONTACT", "REFER_LEGAL")),
    )
    evidence_id = kept(cast, case_id, exhibits.jpeg())
    assert (
        '<option value="" selected>'
        in alice.get(reverse("evidence-export", args=[case_id, evidence_id])).content.decode()
    )
    assert export(alice, case_id, evidence_id, purpose="").status_code == 422


def test_nothing_leaves_for_a_purpose_that_nobody_agreed_to(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.jpeg())
    assert export(alice, case_id, evidence_id, purpose="MEDIA").status_code == 422
    assert export(alice, case_id, evidence_id, purpose="STATS").status_code == 422
    assert export(alice, case_id, evidence_id, reason=" ").status_code == 422
    assert acts(cast, case_id, evidence_id) == [("alice", "received")]
    with pytest.raises(ConsentMissing):
        leaving.export_original(cast.keyring_of("alice"), case_id, evidence_id, "QUOTE", "x")


def test_without_any_purpose_agreed_to_there_is_no_form_but_the_way_to_ask(cast, alice):
    kept_only = story("H-2", person("Heron", "STORE", "STATS"))
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, kept_only)
    evidence_id = kept(cast, case_id, exhibits.jpeg())
    page = alice.get(reverse("evidence-export", args=[case_id, evidence_id])).content.decode()
    assert "It may not leave" in page and 'name="purpose"' not in page
    assert export(alice, case_id, evidence_id).status_code == 422
    assert acts(cast, case_id, evidence_id) == [("alice", "received")]


def test_whoever_was_only_granted_the_case_hands_nothing_out(cast, case_id):
    evidence_id = kept(cast, case_id, exhibits.jpeg())
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=True)
    charlie = sign_in(Client(), "charlie")
    assert export(charlie, case_id, evidence_id).status_code == 404
    assert "/export/" not in page_of(charlie, case_id, evidence_id).content.decode()


def test_handing_out_asks_for_a_fresh_proof(cast, alice, case_id, monkeypatch):
    evidence_id = kept(cast, case_id, exhibits.jpeg())
    monkeypatch.setattr("accounts.sudo.FRESH_SECONDS", -2)
    response = alice.get(reverse("evidence-export", args=[case_id, evidence_id]))
    assert response.status_code == 302 and response["Location"].startswith(reverse("prove"))
    assert export(alice, case_id, evidence_id).status_code == 302
    assert acts(cast, case_id, evidence_id) == [("alice", "received")]


def test_a_clean_copy_for_an_export_is_given_as_bytes_and_noted(cast, case_id):
    evidence_id = kept(cast, case_id, exhibits.png())
    made = leaving.clean_copy(cast.keyring_of("bob"), case_id, evidence_id)
    assert made.kind == kinds.PNG and BYTES not in made.content and made.left == ()
    assert acts(cast, case_id, evidence_id)[-1] == ("bob", "cleaned")
    sound = kept(cast, case_id, exhibits.sound())
    with pytest.raises(decoding.CannotDecode, match="uncleaned"):
        leaving.clean_copy(cast.keyring_of("bob"), case_id, sound)


# Blacking out


def areas(*rows, **more):
    sent = {"areas-TOTAL_FORMS": str(len(rows)), "areas-INITIAL_FORMS": "0", **more}
    names = ("page", "left", "top", "width", "height")
    return sent | {
        f"areas-{n}-{name}": value
        for n, row in enumerate(rows)
        for name, value in zip(names, row, strict=True)
    }


def redact(client, case_id, evidence_id, *rows, **more):
    return client.post(reverse("evidence-redact", args=[case_id, evidence_id]), areas(*rows, **more))


def test_a_redacted_copy_is_evidence_of_its_own_beside_its_original(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.pdf(2), name="letter.pdf", description="The letter")
    response = redact(alice, case_id, evidence_id, ("1", "5", "5,0", "90", "20.5"), make="1")
    assert response.status_code == 302
    original, copy = pieces(cast, case_id)
    assert response["Location"] == reverse("evidence", args=[case_id, copy.id])
    assert (copy.details.made_from, copy.details.description) == (evidence_id, "The letter")
    assert exhibits.pdf_text(b"".join(opening.plaintext(copy))).strip() == ""
    assert b"".join(opening.plaintext(original)) == exhibits.pdf(2) or "telephoned" in exhibits.pdf_text(
        b"".join(opening.plaintext(original))
    )
    assert acts(cast, case_id, evidence_id)[-1] == ("alice", "redacted")
    assert acts(cast, case_id, copy.id) == [("alice", "received")]
    assert "This is a redacted copy" in alice.get(response["Location"]).content.decode()


def test_areas_are_looked_at_before_the_copy_is_made_without_a_script(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.pdf(2))
    response = redact(alice, case_id, evidence_id, ("2", "5", "10", "30", "20"), page="2", look="1")
    page = response.content.decode()
    assert response.status_code == 200
    assert '<rect class="ruled__area" x="5%" y="10%" width="30%" height="20%"/>' in page
    assert 'name="areas-0-left" value="5"' in page and "Page 2 of 2" in page
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("1", "5", "", "30", "20"), "This field is required"),
        (("1", "5", "5", "0", "20"), "greater than or equal to 0.1"),
        (("1", "5", "5", "130", "20"), "less than or equal to 100"),
        (("", "", "", "", ""), "No area is marked"),
    ],
)
def test_an_area_that_is_none_makes_nothing_and_keeps_what_was_typed(cast, alice, case_id, row, words):
    evidence_id = kept(cast, case_id, exhibits.png())
    response = redact(alice, case_id, evidence_id, row, make="1")
    assert response.status_code == 422 and words in response.content.decode()
    assert Evidence.objects.count() == 1


def test_a_redaction_that_cannot_be_made_keeps_nothing(cast, alice, case_id, store, monkeypatch):
    evidence_id = kept(cast, case_id, exhibits.jpeg()[:900])
    response = redact(alice, case_id, evidence_id, ("1", "5", "5", "10", "10"), make="1")
    assert response.status_code == 422 and "could not be decoded" in response.content.decode()
    assert [file.name for file in store.iterdir()] == [evidence_id.hex]


def test_sound_is_not_redacted_here(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.sound())
    assert alice.get(reverse("evidence-redact", args=[case_id, evidence_id])).status_code == 404
