"""From a question to a signature: who may take which step, and what stops it."""

import copy
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.utils import timezone

from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Locked
from casework import audit, comparing, documents, drafts, releases
from casework.models import Job, Release
from casework.questions import BadSpecification
from casework.releases import StepRefused
from tests.cast import Cast, in_english, sign_in
from tests.factors import let_proof_lapse
from tests.release_pages import QUESTION, a_draft, a_published, an_inside, approve, next_month, seal_draft

STRANGERS = ("alice", "charlie", "frank", "grace", "root_user")


def actions(cast: Cast) -> list[str]:
    from accounts import teams

    return [entry.action for entry in audit.entries(cast.keyring_of("frank"), teams.auditors().pk)]


# Who


@pytest.mark.parametrize("name", STRANGERS)
def test_to_anybody_but_a_coordinator_a_release_does_not_exist(cast: Cast, name: str) -> None:
    release = a_draft(cast.dana)
    stranger = cast.users[name]
    assert not releases.releases_for(stranger).exists()
    for step in (
        lambda: releases.release_for(stranger, release.pk),
        lambda: releases.request_draft(stranger, QUESTION),
        lambda: releases.draft_again(stranger, release.pk),
        lambda: releases.discard(stranger, release.pk),
        lambda: releases.approve(cast.keyring_of(name), release.pk, read=()),
        lambda: releases.publish(cast.keyring_of(name), release.pk),
    ):
        with pytest.raises(Http404):
            step()
    assert Release.objects.get().status == Release.Status.DRAFTED


@pytest.mark.parametrize("name", STRANGERS)
def test_only_coordinators_open_a_draft(cast: Cast, name: str) -> None:
    release = a_draft(cast.dana)
    with pytest.raises(Locked):
        releases.open_draft(cast.keyring_of(name), release)


def test_a_forged_id_and_a_foreign_one_look_alike(cast: Cast) -> None:
    with pytest.raises(Http404):
        releases.release_for(cast.dana, uuid.uuid4())


# Asking


def test_a_question_becomes_a_job_and_an_audit_entry(
    cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(
        "casework.jobs.current_app.send_task", lambda name, **o: sent.append(o["kwargs"]["job_id"])
    )
    with django_capture_on_commit_callbacks(execute=True):
        release = releases.request_draft(cast.dana, QUESTION)
    job = Job.objects.get()
    assert (job.kind, job.subject, release.job_id) == (Job.Kind.DRAFT_RELEASE, release.pk, job.pk)
    assert sent == [str(job.pk)]
    assert actions(cast)[0] == "release.draft"


def test_a_bad_question_leaves_nothing(cast: Cast) -> None:
    with pytest.raises(BadSpecification):
        releases.request_draft(cast.dana, QUESTION | {"threshold": 1})
    assert not Release.objects.exists()
    assert not Job.objects.exists()


def test_borough_and_police_district_never_stand_in_two_releases(cast: Cast) -> None:
    district = copy.deepcopy(QUESTION) | {"tables": [["police_district"]]}
    a_published(cast)
    Release.objects.update(specification=district)
    with pytest.raises(BadSpecification) as refused:
        releases.request_draft(cast.dana, QUESTION | {"tables": [["borough"]]})
    assert refused.value.code == "borough_or_district"


def test_only_a_published_release_can_be_superseded(cast: Cast) -> None:
    draft = a_draft(cast.dana)
    for wrong in (draft.pk, uuid.uuid4()):
        with pytest.raises(BadSpecification) as refused:
            releases.request_draft(cast.dana, QUESTION | {"supersedes": str(wrong)})
        assert refused.value.code == "supersedes_unknown"


# Drafts


def test_the_draft_says_nothing_to_whoever_reads_the_database(cast: Cast) -> None:
    drafted = a_draft(cast.dana)
    refused = a_draft(cast.dana, document=None, suppressed=[], refusal="too_few")
    for release in (drafted, refused):
        assert b"too_few" not in bytes(release.draft_ciphertext)
        assert b"primary" not in bytes(release.draft_ciphertext)
        assert release.document is None


def test_a_draft_moved_to_another_release_does_not_open(cast: Cast) -> None:
    one, two = a_draft(cast.dana), a_draft(cast.dana)
    one.draft_ciphertext = two.draft_ciphertext
    with pytest.raises(SealBroken):
        releases.open_draft(cast.keyring_of("erin"), one)


def test_a_flipped_byte_in_a_draft_is_noticed(cast: Cast) -> None:
    release = a_draft(cast.dana)
    damaged = bytearray(release.draft_ciphertext)
    damaged[-1] ^= 1
    release.draft_ciphertext = Sealed(bytes(damaged))
    with pytest.raises(SealBroken):
        releases.open_draft(cast.keyring_of("erin"), release)


def test_draft_again_throws_the_old_draft_and_the_approval_away(cast: Cast) -> None:
    release = a_draft(cast.dana)
    approve(cast.keyring_of("erin"), release)
    again = releases.draft_again(cast.erin, release.pk)
    assert (again.status, again.drafted_by, again.approved_by) == (Release.Status.DRAFTING, cast.erin, None)
    assert again.draft_ciphertext is None
    assert again.approval_ciphertext is None


def test_draft_again_while_the_worker_is_at_it_changes_nothing(cast: Cast) -> None:
    release = releases.request_draft(cast.dana, QUESTION)
    assert releases.draft_again(cast.erin, release.pk).job_id == release.job_id
    assert Job.objects.count() == 1


def test_discarding_leaves_neither_draft_nor_job(cast: Cast) -> None:
    release = releases.request_draft(cast.dana, QUESTION)
    releases.discard(cast.erin, release.pk)
    assert not Release.objects.exists()
    assert not Job.objects.exists()
    assert actions(cast)[0] == "release.discard"


# Approving


def test_two_people_one_drafts_the_other_approves(cast: Cast) -> None:
    release = a_draft(cast.dana)
    with pytest.raises(StepRefused) as refused:
        approve(cast.keyring_of("dana"), release)
    assert refused.value.code == "same_person"
    approve(cast.keyring_of("erin"), release)
    release.refresh_from_db()
    assert (release.status, release.approved_by) == (Release.Status.APPROVED, cast.erin)
    assert actions(cast)[0] == "release.approve"


def test_a_changed_name_on_the_row_does_not_make_a_second_person(cast: Cast) -> None:
    release = a_draft(cast.dana)
    Release.objects.update(drafted_by=cast.erin)
    with pytest.raises(StepRefused) as refused:
        approve(cast.keyring_of("dana"), release)
    assert refused.value.code == "same_person"


def test_it_refuses_whoever_has_not_read_the_attack_summary(cast: Cast) -> None:
    release = a_draft(cast.dana)
    with pytest.raises(StepRefused) as refused:
        releases.approve(cast.keyring_of("erin"), release.pk, read=())
    assert refused.value.code == "not_read"
    release.refresh_from_db()
    assert release.status == Release.Status.DRAFTED


def test_a_refused_draft_cannot_be_approved(cast: Cast) -> None:
    release = a_draft(cast.dana, document=None, refusal="unprotectable")
    with pytest.raises(StepRefused) as refused:
        approve(cast.keyring_of("erin"), release)
    assert refused.value.code == "not_drafted"


# Publishing


def test_a_published_release_is_signed_by_the_coordinators(cast: Cast) -> None:
    from accounts import teams

    release = a_published(cast)
    document = releases.document_of(release)
    key = cast.keyring_of("dana").team(teams.coordinators().pk).signing_public_key
    assert documents.verify(document, key) == key
    assert document.published_on == timezone.localdate()
    assert bytes(release.document) == documents.canonical(document)
    assert actions(cast)[0] == "release.publish"


def test_the_published_bytes_hold_no_reason_and_no_suppressed_number(cast: Cast) -> None:
    text = bytes(a_published(cast).document).decode()
    for secret in ("primary", "complementary", "reason", "certificate", str(cast.dana.pk), "dana", "erin"):
        assert secret not in text
    hidden = [c for t in documents.read(text.encode()).tables for c in t.cells if c.value is None]
    assert len(hidden) == 4


def test_it_publishes_nothing_that_was_not_approved(cast: Cast) -> None:
    release = a_draft(cast.dana)
    with pytest.raises(StepRefused) as refused:
        releases.publish(cast.keyring_of("erin"), release.pk)
    assert refused.value.code == "not_approved"
    Release.objects.update(status=Release.Status.APPROVED, approved_by=cast.erin)
    with pytest.raises(StepRefused) as refused:
        releases.publish(cast.keyring_of("erin"), release.pk)
    assert refused.value.code == "not_approved"


def test_a_draft_exchanged_after_the_approval_is_not_published(cast: Cast) -> None:
    release = a_draft(cast.dana)
    approve(cast.keyring_of("erin"), release)
    forged = an_inside(release)
    assert forged.document is not None
    forged.document.title = {"en": "All is well", "fr": "Tout va bien"}
    sealed = drafts.packed(forged)
    release.refresh_from_db()
    seal_draft(release, drafts.msgspec.msgpack.decode(drafts.unpad(sealed), type=drafts.Inside))
    Release.objects.update(status=Release.Status.APPROVED)
    with pytest.raises(StepRefused) as refused:
        releases.publish(cast.keyring_of("dana"), release.pk)
    assert refused.value.code == "changed"
    assert Release.objects.get().document is None


def test_an_approval_moved_to_somebody_else_s_name_is_noticed(cast: Cast) -> None:
    release = a_draft(cast.dana)
    approve(cast.keyring_of("erin"), release)
    Release.objects.update(approved_by=cast.frank)
    with pytest.raises(StepRefused) as refused:
        releases.publish(cast.keyring_of("dana"), release.pk)
    assert refused.value.code == "changed"


@pytest.mark.parametrize("step", ["approve", "publish"])
def test_a_withdrawal_stops_a_draft_on_its_way(cast: Cast, step: str) -> None:
    release, erin = a_draft(cast.dana), cast.keyring_of("erin")
    if step == "publish":
        approve(erin, release)
    Release.objects.update(outdated=True)
    with pytest.raises(StepRefused) as refused:
        approve(erin, release) if step == "approve" else releases.publish(erin, release.pk)
    assert refused.value.code == "outdated"


def test_a_draft_in_which_a_consent_has_ended_meanwhile_is_stopped(cast: Cast) -> None:
    fresh = a_draft(cast.dana, lapses_on=next_month())
    approve(cast.keyring_of("erin"), fresh)
    lapsed = a_draft(cast.dana, lapses_on=timezone.localdate())
    with pytest.raises(StepRefused) as refused:
        approve(cast.keyring_of("erin"), lapsed)
    assert refused.value.code == "outdated"


def test_two_drafts_that_never_met_are_not_published_side_by_side(cast: Cast) -> None:
    one, two, erin = a_draft(cast.dana), a_draft(cast.dana), cast.keyring_of("erin")
    for release in (one, two):
        approve(erin, release)
    releases.publish(erin, one.pk)
    with pytest.raises(StepRefused) as refused:
        releases.publish(erin, two.pk)
    assert refused.value.code == "other_published"
    assert releases.published().count() == 1


def test_what_is_published_stays(cast: Cast) -> None:
    release, erin = a_published(cast), cast.keyring_of("erin")
    before = bytes(release.document)
    for step, code in (
        (lambda: releases.discard(cast.dana, release.pk), "already_published"),
        (lambda: releases.draft_again(cast.dana, release.pk), "already_published"),
        (lambda: approve(erin, release), "not_drafted"),
        (lambda: releases.publish(erin, release.pk), "not_approved"),
    ):
        with pytest.raises(StepRefused) as refused:
            step()
        assert refused.value.code == code
    assert bytes(Release.objects.get().document) == before


def test_a_new_edition_retires_the_old_one_which_stays_readable(cast: Cast) -> None:
    first = a_published(cast)
    second = a_published(cast, supersedes=first)
    first.refresh_from_db()
    assert (first.status, second.status) == (Release.Status.SUPERSEDED, Release.Status.PUBLISHED)
    document = releases.document_of(second)
    assert (document.edition, document.supersedes) == (2, first.pk)
    assert releases.document_of(releases.published_release(first.pk)).edition == 1


def test_a_published_digit_changed_in_the_database_is_not_shown(cast: Cast) -> None:
    release = a_published(cast)
    release.document = bytes(release.document).replace(b'"threshold":5', b'"threshold":6')
    release.save()
    with pytest.raises(SealBroken):
        releases.document_of(release)


# Pages


def reading_english(client: Client, cast: Cast, name: str) -> Client:
    cast.users[name].language = "en"
    cast.users[name].save()
    return sign_in(client, name)


@pytest.fixture
def erin(client: Client, cast: Cast) -> Client:
    return reading_english(client, cast, "erin")


@pytest.fixture
def dana(client: Client, cast: Cast) -> Client:
    return reading_english(client, cast, "dana")


FORM = {
    "title_fr": "Interceptions", "title_en": "Stops", "unit": "person", "first_year": "2015", "first_quarter": "1",
    "last_year": "2025", "last_quarter": "4", "tables": ["pretext_time", "outcome"], "free_1_1": "held", "free_1_2": "gender",
    "threshold": "5", "time_level": "year", "place_level": "borough",
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGERS[:2])
def test_to_an_organizer_the_pages_do_not_exist(client: Client, cast: Cast, name: str) -> None:
    release = a_draft(cast.dana)
    sign_in(client, name)
    for page in ("", "draft/", f"{release.pk}/", f"{release.pk}/progress/"):
        assert client.get(f"/releases/{page}").status_code == 404
    for step in ("approve", "publish", "draft", "discard"):
        assert client.post(f"/releases/{release.pk}/{step}/").status_code == 404


def test_signed_out_the_pages_lead_to_the_door(client: Client, cast: Cast) -> None:
    release = a_draft(cast.dana)
    assert client.get(f"/releases/{release.pk}/").status_code == 302


def test_the_form_asks_the_question_it_shows(dana: Client) -> None:
    response = dana.post("/releases/draft/", FORM)
    release = Release.objects.get()
    assert response.headers["Location"] == f"/releases/{release.pk}/"
    assert release.specification["tables"] == [["pretext", "year"], ["outcome"], ["held", "gender"]]
    assert release.specification["period"] == {"from": "2015-01", "to": "2025-12"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tables": [], "free_1_1": "", "free_1_2": ""}, "Choose at least one question"),
        ({"free_1_1": "outcome", "free_1_2": "harm"}, "one fact with several values"),
        ({"tables": ["shoe_size"]}, "shoe_size is not one of the available choices"),
        ({"free_1_1": "shoe_size"}, "shoe_size is not one of the available choices"),
        ({"merged": ["pretext=BYLAW"]}, "two or more, and not all"),
        ({"last_year": "2010"}, "ends before it begins"),
        ({"last_year": "99999"}, "in a coming year"),
        ({"threshold": "2"}, "greater than or equal to 3"),
        ({"title_fr": ""}, "This field is required"),
        ({"unit": "event", "tables": ["outcome"], "free_1_1": ""}, "known of persons, not of events"),
    ],
)
def test_a_question_that_cannot_be_asked_is_said_beside_its_field(
    dana: Client, changes: dict[str, Any], said: str
) -> None:
    response = dana.post("/releases/draft/", FORM | changes)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Release.objects.exists()


def test_the_page_of_a_draft_shows_why_each_cell_is_suppressed(erin: Client, cast: Cast) -> None:
    release = a_draft(cast.dana)
    page = erin.get(f"/releases/{release.pk}/").content.decode()
    text = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert text.count("suppressed__why--primary") == 1
    assert text.count("suppressed__why--complementary") == 3
    assert f"/releases/{release.pk}/approve/" in page
    assert "/publish/" not in page


def test_whoever_drafted_is_not_offered_to_approve(dana: Client, cast: Cast) -> None:
    release = a_draft(cast.dana)
    assert f"/releases/{release.pk}/approve/" not in dana.get(f"/releases/{release.pk}/").content.decode()


def test_approving_without_the_tick_shows_the_page_again_and_changes_nothing(
    erin: Client, cast: Cast
) -> None:
    release = a_draft(cast.dana)
    assert erin.post(f"/releases/{release.pk}/approve/").status_code == 422
    release.refresh_from_db()
    assert release.status == Release.Status.DRAFTED


def test_a_second_coordinator_approves_and_publishes_from_the_pages(erin: Client, cast: Cast) -> None:
    release = a_draft(cast.dana)
    tokens = list(releases.to_read(cast.keyring_of("erin"), release))
    erin.post(f"/releases/{release.pk}/approve/", {"read": tokens})
    assert f"/releases/{release.pk}/publish/" in erin.get(f"/releases/{release.pk}/").content.decode()
    erin.post(f"/releases/{release.pk}/publish/")
    release.refresh_from_db()
    assert release.status == Release.Status.PUBLISHED
    assert erin.get(f"/releases/{release.pk}/").status_code == 200


def test_a_refusal_says_what_and_what_to_do(erin: Client, cast: Cast) -> None:
    proposals = [
        drafts.Proposal("outcome:DETAINED", [], 3, 9),
        drafts.Proposal("year", ["2015", "2016"], 7, 8),
    ]
    release = a_draft(cast.dana, document=None, refusal="unprotectable", proposals=proposals)
    text = erin.get(f"/releases/{release.pk}/").content.decode()
    assert "3 of 9" in text
    assert "2015, 2016" in text
    assert "/approve/" not in text


def test_progress_survives_a_reload_and_asks_again_only_while_it_lasts(dana: Client, cast: Cast) -> None:
    release = releases.request_draft(cast.dana, QUESTION)
    Job.objects.update(state=Job.State.RUNNING, stage="protect", done=2, total=10)
    page = dana.get(f"/releases/{release.pk}/").content.decode()
    assert f'hx-get="/releases/{release.pk}/progress/"' in page
    assert 'http-equiv="refresh"' in page
    part = dana.get(f"/releases/{release.pk}/progress/").content.decode()
    assert 'value="2"' in part
    assert "<html" not in part
    Job.objects.update(state=Job.State.FAILED, refusal="no_statistics_root")
    assert dana.get(f"/releases/{release.pk}/progress/").headers["HX-Refresh"] == "true"
    page = dana.get(f"/releases/{release.pk}/").content.decode()
    assert "TEMOIN_STATISTICS_ROOT_FILE" in page
    assert "hx-get" not in page
    assert f"/releases/{release.pk}/draft/" in page


def test_the_list_of_fifty_releases_takes_few_queries(
    dana: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        a_draft(cast.dana)
    with django_assert_max_num_queries(14) as few:
        dana.get("/releases/")
    for _ in range(40):
        a_draft(cast.dana)
    with django_assert_max_num_queries(len(few.captured_queries)):
        dana.get("/releases/")


# Taken back


WHY = {"fr": "Un arrondissement était mal compté.", "en": "A borough was counted wrongly."}


def test_a_withdrawn_release_shows_why_and_no_figure(cast: Cast, client: Client) -> None:
    release = a_published(cast)
    figure = "19"
    assert figure in client.get(f"/published/{release.pk}/").content.decode()
    releases.withdraw(cast.dana, release.pk, WHY)
    page = client.get(f"/published/{release.pk}/", headers={"Accept-Language": "en"})
    assert page.status_code == 410
    assert WHY["en"] in page.content.decode()
    assert "<td" not in page.content.decode()
    for ending in ("json", "csv", "pdf", "zip", "png"):
        assert client.get(f"/published/{release.pk}.{ending}").status_code == 404
    assert "Withdrawn" in client.get("/published/", headers={"Accept-Language": "en"}).content.decode()


def test_only_what_is_published_can_be_withdrawn_and_only_by_coordinators(cast: Cast) -> None:
    draft = a_draft(cast.dana)
    with pytest.raises(releases.StepRefused, match="not_published"):
        releases.withdraw(cast.dana, draft.pk, WHY)
    published = a_published(cast)
    with pytest.raises(Http404):
        releases.withdraw(cast.alice, published.pk, WHY)
    published.refresh_from_db()
    assert published.withdrawal is None


def test_later_releases_are_still_protected_beside_a_withdrawn_one(cast: Cast) -> None:
    release = a_published(cast)
    releases.withdraw(cast.dana, release.pk, WHY)
    assert [known.pk for known in releases.known()] == [release.pk]
    assert not releases.published().exists()


def test_whoever_approves_an_edition_sees_what_changed(cast: Cast) -> None:
    first = a_published(cast)
    second = a_draft(cast.dana, supersedes=first)
    document = releases.open_draft(cast.keyring_of("erin"), second).document
    assert document is not None
    found = comparing.compare(releases.document_of(first), document)
    assert (found.other, found.hidden, found.shown) == ([], [], [])
    assert found.same == 12
    cells = document.tables[0].cells
    cells[0].value, cells[1].value, cells[3].value = 7, None, 4
    found = comparing.compare(releases.document_of(first), document)
    assert [(c.before, c.now) for c in found.other] == [(6, 7)]
    assert [(c.before, c.now) for c in found.hidden] == [(9, None)]
    assert [(c.before, c.now) for c in found.shown] == [(None, 4)]


def test_the_page_of_an_edition_shows_what_changed(cast: Cast, client: Client) -> None:
    second = a_draft(cast.dana, supersedes=a_published(cast))
    page = in_english(sign_in(client, "erin")).get(f"/releases/{second.pk}/").content.decode()
    assert "What changed since the edition before" in page


def test_approving_asks_again_who_one_is(cast: Cast, client: Client) -> None:
    draft = a_draft(cast.dana)
    let_proof_lapse(sign_in(client, "erin"))
    tokens = list(releases.to_read(cast.keyring_of("erin"), draft))
    answer = client.post(f"/releases/{draft.pk}/approve/", {"read": tokens})
    assert answer.status_code == 302 and answer["Location"].startswith("/prove/")
    draft.refresh_from_db()
    assert draft.status == Release.Status.DRAFTED
