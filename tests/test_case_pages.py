"""The pages of a case, as a browser meets them."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.crypto.sealed import Sealed
from casework import intake, vault
from casework.consent import PURPOSES
from casework.models import Case, CaseTeamKey, IntakeDraft, Revision
from casework.record import Event, Moment, ServiceDenial, Step
from tests.cast import sign_in
from tests.intake_pages import tell
from tests.stories import person, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(cast):
    client = sign_in(Client(), "alice")
    client.cookies["django_language"] = "en"
    return client


def formset(prefix: str, *rows: dict[str, str]) -> dict[str, str]:
    sent = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


STEP = {"kind": "STOP", "began": "2017-03-14 17:20", "agency": "SPVM"} | dict.fromkeys(
    ("warrant_shown", "reasons_given", "counsel", "interpreter"), "NOT_ASKED"
)


def filled_in(cast, **changes: str) -> dict[str, str]:
    sent = {f"consent-{purpose}": "NOT_ASKED" for purpose in PURPOSES}
    sent |= {"consent-STORE": "GIVEN", "consent-STATS": "GIVEN", "consent-on": "2026-11-01"}
    sent |= {"consent-mode": "ORAL", "consent-language": "fr"}
    sent |= {f"safety-{question}": "NOT_ASKED" for question in ("detained_now", "counsel", "minors")}
    sent |= {
        "event-reference": "F-9",
        "event-date": "2017-03",
        "event-reason_given": "NO",
        "person-alias": "Fern",
    }
    sent |= formset("steps", STEP) | formset("denials")
    sent |= formset("statements", {"text": "She was stopped at a crossing.", "source": "SELF"})
    return sent | changes


def test_the_whole_way_of_a_case_from_adding_to_revoking(cast, alice):
    response = tell(alice, cast.verdun.pk, filled_in(cast))
    assert response.status_code == 302
    page = alice.get(response.url)
    assert page.status_code == 200
    for text in ("F-9", "Fern", "She was stopped at a crossing."):
        assert text in page.content.decode()
    case = Case.objects.get()
    charlie = sign_in(Client(), "charlie")
    assert charlie.get(response.url).status_code == 404
    alice.post(reverse("case-grant", args=[case.pk]), {"username": "Charlie"})
    assert charlie.get(response.url).status_code == 200
    alice.post(reverse("case-revoke", args=[case.pk]), {"grantee": str(cast.charlie.pk)})
    assert charlie.get(response.url).status_code == 404
    assert Case.objects.get().epoch == 2


def test_the_chain_is_a_list_in_the_order_of_the_steps(cast, alice, case_id):
    page = alice.get(reverse("case", args=[case_id])).content.decode()
    assert page.index("chain__step") < page.index("17:20") < page.index("18:00") < page.index("21:00")


def test_the_chain_says_who_held_the_person_what_was_not_shown_and_what_the_law_says(cast, alice):
    someone = person()
    someone.steps[1].warrant_shown = "NO"
    someone.steps.append(Step("REVIEW", began=Moment("2016-08"), result="CONTINUED"))
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-1", someone))
    page = " ".join(alice.get(reverse("case", args=[case_id])).content.decode().split())
    assert '<strong class="sharp__figure">3 h</strong>' in page and "no warrant shown" in page
    # In words, for those who see neither the colour nor the pattern of the line.
    assert page.count(">held by the CBSA</p>") == 2 and page.count(">held by police</p>") == 1
    assert "Warrant shown: <strong>No</strong>" in page
    assert "IRPA, s. 57" in page and "Detention continued" in page and "known to the month" in page
    assert "40 min later" in page


def test_a_case_without_police_reads_well_on_the_page_and_in_the_list(cast, alice):
    someone = person("Ember")
    someone.steps, someone.outcomes = [], []
    record = story("E-1", someone)
    record.event = Event(date=Moment("2024-Q2"), city="MONTREAL", borough="VILLE_MARIE")
    record.denials = [
        ServiceDenial("SHELTER", "ASKED_STATUS", Moment("2024-05"), "front desk", "Never came back.")
    ]
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    page = alice.get(reverse("case", args=[case_id])).content.decode()
    for words in (
        "Emergency shelter",
        "Asked for immigration status",
        "front desk",
        "Never came back.",
        "CM17 0106",
    ):
        assert words in page
    assert "chain__step" not in page and "glance" not in page.partition("<main")[2]
    assert "refused: Emergency shelter" in alice.get("/cases/").content.decode()


def test_the_list_says_the_day_in_words_though_the_minute_is_known(cast, alice):
    record = story("H-1")
    record.event.date = Moment("2016-08-14T17:20")
    intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    page = alice.get("/cases/").content.decode()
    assert "Aug. 14, 2016" in page and "T17:20" not in page


def test_a_review_keeps_its_result_when_the_person_is_changed(cast, alice):
    someone = person()
    someone.steps = [Step("REVIEW", result="ADJOURNED")]
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-1", someone))
    page = alice.get(reverse("person-change", args=[case_id, uuid.UUID(someone.id)])).content.decode()
    assert '<option value="ADJOURNED" selected>' in page


def test_without_consent_nothing_is_kept(cast, alice):
    response = tell(alice, cast.verdun.pk, filled_in(cast, **{"consent-STORE": "REFUSED"}))
    assert response.status_code == 422
    assert "Nothing was kept" in response.content.decode()
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"event-date": "2017-02-31"},
        {"event-date": "last summer"},
        {"event-date": "2999"},
        {"event-pretext": "NONSENSE"},
        {"consent-on": "2999-01-01"},
        {"consent-on": "2019-01-01"},
        {"event-reference": ""},
        {"event-reference": "x" * 1_000_000},
        {"statements-0-text": "x" * 200_001},
        {"steps-0-kind": ""},
        {"steps-0-ended": "2017-03-13"},
        {"safety-removal": "soon"},
        {"safety-counsel": "PERHAPS"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_bad_input_is_answered_in_words_and_keeps_nothing(cast, alice, wrong):
    response = tell(alice, cast.verdun.pk, filled_in(cast, **wrong))
    assert response.status_code == 422
    assert "error-summary" in response.content.decode() or "errorlist" in response.content.decode()
    assert not Case.objects.exists()


def test_a_form_that_arrived_in_part_is_answered_in_words(cast, alice):
    sent = {name: value for name, value in filled_in(cast).items() if not name.startswith("steps-")}
    response = tell(alice, cast.verdun.pk, sent)
    assert response.status_code == 422 and "did not arrive" in response.content.decode()
    assert not Case.objects.exists()


def test_a_case_of_another_team_cannot_be_added_to_by_forging_the_team(cast, alice):
    for team in (cast.other_team.pk, uuid.uuid4()):
        response = alice.post("/cases/add/", {"team": str(team), "language": "fr"})
        assert response.status_code == 422 and not IntakeDraft.objects.exists()


def test_words_searched_for_never_stand_in_an_address(cast, alice, case_id):
    response = alice.post("/cases/search/", {"words": "élise"})
    assert response.status_code == 200 and "H-1" in response.content.decode()
    assert alice.get("/cases/search/", {"words": "élise"}).status_code == 405


def test_filters_and_order_work_on_what_was_opened(cast, alice):
    keyring = cast.keyring_of("alice")
    intake.create_case(keyring, cast.verdun, story("A-1"))
    closed = story("B-2")
    closed.status = "CLOSED"
    intake.create_case(keyring, cast.verdun, closed)
    page = alice.get("/cases/", {"status": "CLOSED"}).content.decode()
    assert "B-2" in page and "A-1" not in page
    page = alice.get("/cases/", {"sort": "-reference"}).content.decode()
    assert page.index("B-2") < page.index("A-1")
    assert alice.get("/cases/", {"sort": "nonsense", "page": "99", "year": "abc"}).status_code == 200


def test_a_case_is_changed_as_a_new_revision(cast, alice, case_id):
    form = {"base": "1", "event-reference": "H-1b", "event-reason_given": "NO"}
    form |= {"assessment-verification": "V2"}
    form |= formset("statements", {"text": "Another telling.", "source": "WITNESS"}) | formset("denials")
    form |= formset("officers", {"badge": "4471"})
    assert alice.post(reverse("case-change", args=[case_id]), form).status_code == 302
    record = vault.open_case(cast.keyring_of("bob"), case_id).record
    assert (record.reference, record.verification, record.officers[0].badge) == ("H-1b", "V2", "4471")
    assert Revision.objects.count() == 2
    late = alice.post(reverse("case-change", args=[case_id]), form)
    assert late.status_code == 409 and Revision.objects.count() == 2


def test_a_second_person_is_asked_before_anything_of_theirs_is_kept(cast, alice, case_id):
    form = {f"consent-{purpose}": "NOT_ASKED" for purpose in PURPOSES} | {"base": "1", "person-alias": "Moss"}
    form |= {"consent-on": "2026-11-01", "consent-mode": "ORAL", "consent-language": "fr"} | formset("steps")
    address = reverse("person-add", args=[case_id])
    assert alice.post(address, form).status_code == 422
    assert alice.post(address, form | {"consent-STORE": "GIVEN"}).status_code == 302
    assert [p.alias for p in vault.open_case(cast.keyring_of("alice"), case_id).record.persons] == [
        "Heron",
        "Moss",
    ]


def test_consent_withdrawn_on_the_page_closes_the_file_and_can_be_given_again(cast, alice, case_id):
    someone = vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0]
    address = reverse("person-consent", args=[case_id, uuid.UUID(someone.id)])
    answers = dict.fromkeys(PURPOSES, "NOT_ASKED") | {"on": "2026-11-20", "mode": "ORAL", "language": "fr"}
    assert alice.post(address, answers | {"base": "1", "STORE": "WITHDRAWN"}).status_code == 302
    shut = alice.get(reverse("case", args=[case_id]))
    assert shut.status_code == 403 and "Heron" not in shut.content.decode()
    assert alice.post(address, answers | {"base": "2", "STORE": "GIVEN"}).status_code == 302
    assert alice.get(reverse("case", args=[case_id])).status_code == 200


def test_a_forged_id_tells_nothing(cast, alice, case_id):
    stranger = sign_in(Client(), "charlie")
    forged = stranger.get(reverse("case", args=[uuid.uuid4()]))
    hidden = stranger.get(reverse("case", args=[case_id]))
    assert forged.status_code == hidden.status_code == 404
    assert forged.content.count(b"\n") == hidden.content.count(b"\n")


def test_altered_bytes_are_answered_in_words(cast, alice, case_id):
    row = CaseTeamKey.objects.get()
    CaseTeamKey.objects.update(key_ciphertext=Sealed(bytes(row.key_ciphertext)[::-1]))
    page = alice.get(reverse("case", args=[case_id]))
    assert page.status_code == 409 and "altered or lost" in page.content.decode()
    assert "could not be opened" in alice.get("/cases/").content.decode()


def test_nothing_decrypted_is_cached(cast, alice, case_id):
    for address in ("/cases/", reverse("case", args=[case_id])):
        assert alice.get(address)["Cache-Control"] == "no-store"


def test_a_person_without_an_answer_to_keep_is_never_on_a_card(cast, alice):
    record = story("G-1", person("Gull"), person("Wren", "STORE"))
    intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    assert "Gull, Wren" in alice.get("/cases/").content.decode()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_case_page_is_there_in_both_languages(cast, alice, case_id, language):
    alice.cookies["django_language"] = language
    for name in ("case", "case-change", "person-add"):
        page = alice.get(reverse(name, args=[case_id]))
        assert page.status_code == 200 and f'<html lang="{language}"' in page.content.decode()
