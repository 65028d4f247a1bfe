"""The receipt: what the person can do alone, and what follows from it at once, everywhere, without anybody's key."""

import datetime as dt
import uuid

import pytest
from django.http import Http404
from django.utils import timezone

from accounts.crypto import receipt_code
from accounts.crypto.sealed import SealBroken
from accounts.teams import auditors
from casework import (
    audit,
    consent,
    consentrecords,
    drafting,
    expiry,
    intake,
    jobs,
    keys,
    permissions,
    receipts,
    sharing,
    vault,
)
from casework.models import (
    AuditEntry,
    Case,
    CaseTeamKey,
    CaseUserKey,
    ConsentKey,
    ConsentRecord,
    ErasedCase,
    Job,
    Notice,
    Release,
    ScheduledErasure,
    Statistic,
)
from casework.record import Consent
from casework.tasks import WORK
from tests.cast import Cast
from tests.release_pages import QUESTION, a_draft, a_published
from tests.stories import given, person, story

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(days=7)


@pytest.fixture
def code(cast: Cast, case_id: uuid.UUID) -> str:
    return give(cast, case_id)


def give(cast: Cast, case_id: uuid.UUID, who: int = 0) -> str:
    alice = cast.keyring_of("alice")
    someone = vault.open_case(alice, case_id).record.persons[who]
    return receipts.give(alice, case_id, someone.id)


def withdraw(code: str, *purposes: str, cooling: int = 7) -> receipts.Message:
    return receipts.withdraw(receipts.look(code), list(purposes), "fr", cooling)


def listed(cast: Cast, name: str) -> dict[uuid.UUID, bool]:
    """Each case of the list, and whether it can be opened."""
    return {row.case_id: bool(row.card.open_until) for row in vault.cards(cast.keyring_of(name)).cases}


# The digits


@pytest.mark.parametrize(
    "typed",
    [
        "1234 5678 9012 3456 7890 1234",
        "123456789012345678901234",
        " 1234-5678-9012‑3456 – 7890.1234 ",
        "١٢٣٤ ٥٦٧٨ ٩٠١٢ ٣٤٥٦ ٧٨٩٠ ١٢٣٤",
        "۱۲۳۴ ۵۶۷۸ ۹۰۱۲ ۳۴۵۶ ۷۸۹۰ ۱۲۳۴",
        "\u200f١٢٣٤\u200f ٥٦٧٨ ٩٠١٢\u061c ٣٤٥٦ ٧٨٩٠ ١٢٣٤",
        "I234 5678 9O12 3456 789o l234",
        "１２３４ 5678 9012 3456 7890 1234",
    ],
)
def test_the_digits_are_read_in_any_script_with_anything_between_them(typed: str) -> None:
    assert receipt_code.read(typed) == "123456789012345678901234"


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("1234", 4), ("1" * 25, 25), ("", 0), ("1234 abcd", None), ("1" * 300, None), ("½" * 24, None)],
)
def test_what_is_no_receipt_is_told_apart_before_anything_is_hashed(typed: str, digits: int | None) -> None:
    with pytest.raises(receipt_code.Mistyped) as mistyped:
        receipt_code.read(typed)
    assert mistyped.value.digits == digits


def test_every_code_is_24_digits_and_another() -> None:
    codes = {receipt_code.new_code() for _ in range(50)}
    assert len(codes) == 50 and all(len(code) == 24 and code.isdigit() for code in codes)
    assert receipt_code.written("1" * 24) == "1111 1111 1111 1111 1111 1111"


# What the database says of it


def test_giving_one_leaves_no_digit_no_name_and_no_way_from_the_case_to_the_row(cast, case_id, code):
    for model in (ConsentRecord, ConsentKey, AuditEntry):
        for row in model.objects.values():
            said = b" ".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
            assert code.encode() not in said and b"Heron" not in said
            assert str(case_id).encode() not in said and case_id.bytes not in said
            assert str(cast.alice.pk).encode() not in said
    assert {key.pk for key in ConsentKey.objects.all()}.isdisjoint({case_id, cast.alice.pk})
    sizes = {len(key.key_ciphertext) for key in ConsentKey.objects.all()}
    assert len(sizes) == 1 and ConsentKey.objects.count() == 2


def test_only_the_digits_open_it(cast, case_id, code):
    assert receipts.look(code).given() == ["STORE", "SHARE_PARTNER", "STATS"]
    with pytest.raises(receipts.Unknown):
        receipts.look(receipt_code.new_code())


def test_another_pepper_opens_nothing(cast, case_id, code, monkeypatch):
    monkeypatch.setattr(receipts, "pepper", lambda: b"another pepper of thirty-two bytes")
    with pytest.raises(receipts.Unknown):
        receipts.look(code)


def test_a_second_receipt_ends_the_first(cast, case_id, code):
    newer = give(cast, case_id)
    with pytest.raises(receipts.Unknown):
        receipts.look(code)
    assert receipts.look(newer).given()
    assert ConsentKey.objects.count() == 2 and ConsentRecord.objects.count() == 1


def test_nobody_gives_one_for_a_case_they_may_not_change(cast, case_id):
    someone = vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0]
    for name in ("charlie", "dana", "frank", "root_user"):
        with pytest.raises(Http404):
            receipts.give(cast.keyring_of(name), case_id, someone.id)
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=False)
    with pytest.raises(Http404):
        receipts.give(cast.keyring_of("charlie"), case_id, someone.id)
    assert not ConsentRecord.objects.exists()


def test_it_costs_one_query_more_to_open_a_case_whose_person_has_a_receipt(
    cast, case_id, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    alice = cast.keyring_of("alice")
    with CaptureQueriesContext(
        connection,
    ) as before:
        vault.open_case(alice, case_id)
    give(cast, case_id)
    with CaptureQueriesContext(connection) as after:
        vault.open_case(alice, case_id)
    assert len(after) <= len(before) + 2


# Withdrawing


def test_a_withdrawal_holds_at_once_in_the_case_and_in_the_figures(cast, case_id, code):
    assert Statistic.objects.count() == 1
    said = withdraw(code, "STATS")
    assert said.purposes == ["STATS"] and said.erase_on is None
    assert not Statistic.objects.exists()
    record = vault.open_case(cast.keyring_of("alice"), case_id).record
    assert not consent.may(record.persons[0], "STATS") and consent.may(record.persons[0], "STORE")
    assert Notice.objects.get().closes is False
    assert listed(cast, "alice") == {case_id: True}


def test_what_an_organizer_typed_meanwhile_does_not_undo_it(cast, case_id, code):
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    withdraw(code, "STATS")
    opened.record.persons[0].consents += given("STORY")
    for saved in (intake.save_case, intake.save_consents):
        with pytest.raises(intake.SavedMeanwhile):
            saved(alice, case_id, opened.record, opened.revision)
    fresh = vault.open_case(alice, case_id)
    fresh.record.persons[0].consents += given("STORY")
    intake.save_consents(alice, case_id, fresh.record, fresh.revision)
    answers = receipts.look(code)
    assert answers.may("STORY") and not answers.may("STATS") and not Statistic.objects.exists()


def test_an_organizer_s_answers_are_seen_with_the_receipt(cast, case_id, code):
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    opened.record.persons[0].consents.append(Consent("STATS", "WITHDRAWN", timezone.localdate()))
    intake.save_consents(alice, case_id, opened.record, opened.revision)
    assert not receipts.look(code).may("STATS")


def test_without_consent_to_keep_it_nobody_opens_lists_or_finds_it_and_it_is_erased_in_a_week(
    cast, case_id, code
):
    alice = cast.keyring_of("alice")
    said = withdraw(code, "STORE")
    assert said.purposes == ["STORE", "SHARE_PARTNER", "STATS"]
    assert said.erase_on == timezone.localdate() + WEEK == ScheduledErasure.objects.get().on
    with pytest.raises(consent.ConsentMissing):
        vault.open_case(alice, case_id)
    assert listed(cast, "alice") == {case_id: False}
    assert vault.search(alice, "accent").cases == []
    assert not Statistic.objects.exists()


def test_at_once_means_at_once(cast, case_id, code):
    said = withdraw(code, "STORE", cooling=0)
    assert said.erase_on == timezone.localdate()
    assert not Case.objects.exists() and ErasedCase.objects.count() == 1
    fate = receipts.fate(receipts.look(code).answers)
    assert (fate.left, fate.erased_on) == (0, timezone.localdate())


def test_within_the_week_the_person_may_keep_it_after_all(cast, case_id, code):
    before = consent.expiry(vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0].consents[0])
    withdraw(code, "STORE")
    said = receipts.keep_after_all(receipts.look(code), "fr")
    assert said is not None and not ScheduledErasure.objects.exists()
    record = vault.open_case(cast.keyring_of("alice"), case_id).record
    assert consent.until(record.persons[0], "STORE") == before
    assert not consent.may(record.persons[0], "STATS")
    assert listed(cast, "alice") == {case_id: True}
    assert receipts.keep_after_all(receipts.look(code), "fr") is None


def test_after_the_erasure_it_is_too_late(cast, case_id, code):
    withdraw(code, "STORE", cooling=0)
    assert receipts.keep_after_all(receipts.look(code), "fr") is None
    assert receipts.ask(receipts.look(code), "CONTACT").kind == "CONTACT"
    assert not Notice.objects.exists()


def test_a_file_about_others_too_waits_a_week_whatever_was_chosen(cast):
    both = story("H-2", person("Heron"), person("Ember"))
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, both)
    said = withdraw(give(cast, case_id), "STORE", cooling=0)
    assert said.erase_on == timezone.localdate() + WEEK and Case.objects.filter(pk=case_id).exists()
    assert listed(cast, "alice") == {case_id: False}


def test_an_organizer_who_writes_it_down_brings_about_the_same(cast, case_id):
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    opened.record.persons[0].consents.append(Consent("STORE", "WITHDRAWN", timezone.localdate()))
    intake.save_consents(alice, case_id, opened.record, opened.revision)
    assert ScheduledErasure.objects.get().on == timezone.localdate() + WEEK
    assert not Statistic.objects.exists() and not Notice.objects.exists()
    again = vault.open_consents(alice, case_id)
    again.record.persons[0].consents += given("STORE")
    intake.save_consents(alice, case_id, again.record, again.revision)
    assert not ScheduledErasure.objects.exists() and listed(cast, "alice") == {case_id: True}


def test_partners_and_people_with_a_last_day_lose_permission_and_key(cast, case_id, code):
    alice = cast.keyring_of("alice")
    sharing.grant(alice, case_id, cast.other_team, may_change=True)
    sharing.grant(alice, case_id, cast.dana, may_change=False, expires_on=timezone.localdate() + WEEK)
    sharing.grant(alice, case_id, cast.erin, may_change=False)
    withdraw(code, "SHARE_PARTNER")
    assert not permissions.cases_for(cast.charlie).exists() and not permissions.cases_for(cast.dana).exists()
    assert set(CaseUserKey.objects.values_list("permission__user", flat=True)) == {cast.erin.pk}
    assert set(CaseTeamKey.objects.values_list("permission__group__team", flat=True)) == {cast.verdun.pk}
    assert Case.objects.get().rekey_due
    withdraw(code, "STORE")
    assert not CaseUserKey.objects.exists() and permissions.cases_for(cast.bob).exists()


def test_a_partner_reads_only_while_the_consent_lasts(cast, case_id, monkeypatch):
    sharing.grant(cast.keyring_of("alice"), case_id, cast.other_team, may_change=True)
    charlie = cast.keyring_of("charlie")
    assert vault.open_case(charlie, case_id) and listed(cast, "charlie") == {case_id: True}
    later = timezone.localdate() + dt.timedelta(days=800)
    record = vault.reopen(charlie, Case.objects.get()).record
    assert not consent.may(record.persons[0], "SHARE_PARTNER", later)
    monkeypatch.setattr(timezone, "localdate", lambda *a: later)
    for opens in (vault.open_case, vault.open_consents):
        with pytest.raises(consent.ConsentMissing):
            opens(charlie, case_id)
    assert listed(cast, "charlie") == {} and listed(cast, "alice") == {case_id: False}


def test_no_team_is_granted_a_case_without_everyone_s_consent_to_partners(cast):
    case_id = intake.create_case(
        cast.keyring_of("alice"), cast.verdun, story("H-3", person("Heron", "STORE"))
    )
    with pytest.raises(consent.ConsentMissing):
        sharing.grant(cast.keyring_of("alice"), case_id, cast.other_team, may_change=False)
    assert not permissions.cases_for(cast.charlie).exists()


def test_drafts_are_counted_again_and_what_is_published_owes_an_edition(cast, case_id, code, monkeypatch):
    published, drafted = a_published(cast), a_draft(cast.dana)
    told: list[str] = []
    monkeypatch.setattr("casework.jobs.current_app.send_task", lambda name, **rest: told.append(name))
    withdraw(code, "STATS")
    drafted.refresh_from_db()
    published.refresh_from_db()
    assert drafted.status == Release.Status.DRAFTING and drafted.draft_ciphertext is None
    assert drafted.job is not None and drafted.job.state == "queued"
    assert published.owes_edition and published.status == Release.Status.PUBLISHED


def test_what_was_published_before_the_person_agreed_owes_them_nothing(cast, case_id, code):
    published = a_published(cast)
    Release.objects.filter(pk=published.pk).update(published_on=timezone.localdate() - WEEK)
    withdraw(code, "STATS")
    assert not Release.objects.get(pk=published.pk).owes_edition


def test_the_auditors_read_that_it_happened_and_not_who_gave_the_receipt(cast, case_id, code):
    withdraw(code, "STATS")
    receipts.ask(receipts.look(code), "COPY")
    entries = list(audit.entries(cast.keyring_of("frank"), auditors().pk))
    acts = {entry.action: entry for entry in entries}
    assert acts["consent.withdraw"].actor is None and acts["receipt.ask"].actor is None
    assert acts["consent.withdraw"].detail == {"purposes": "STATS"}
    assert all(code not in str(entry) and "Heron" not in str(entry) for entry in entries)


def test_asking_to_be_contacted_or_for_a_copy_reaches_whoever_keeps_the_case(cast, case_id, code):
    alice = cast.keyring_of("alice")
    receipts.ask(receipts.look(code), "CONTACT")
    receipts.ask(receipts.look(code), "COPY")
    assert [row.news for row in vault.cards(alice).cases] == [True]
    said = vault.messages(alice, vault.open_case(alice, case_id))
    assert [(who.alias, message.kind) for who, message in said] == [("Heron", "CONTACT"), ("Heron", "COPY")]


# Keys


def test_a_new_key_of_the_case_is_a_new_key_of_the_answers(cast, case_id, code):
    alice = cast.keyring_of("alice")
    sharing.grant(alice, case_id, cast.charlie, may_change=True)
    kept = keys.open_key(cast.keyring_of("charlie"), Case.objects.get())
    someone = vault.open_case(alice, case_id).record.persons[0]
    before = consentrecords.of(kept, someone)
    assert before is not None
    sharing.revoke(alice, case_id, cast.charlie)
    with pytest.raises(SealBroken):
        consentrecords.of(kept, someone)
    now = consentrecords.of(keys.open_key(alice, Case.objects.get()), someone)
    assert now is not None and now.key != before.key
    assert receipts.look(code).given() == ["STORE", "SHARE_PARTNER", "STATS"]
    withdraw(code, "STATS")
    assert not consent.may(vault.open_case(alice, case_id).record.persons[0], "STATS")


def test_after_a_rekey_the_list_says_what_the_receipt_said(cast, case_id, code):
    withdraw(code, "STATS")
    Case.objects.update(rekey_due=True)
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    intake.save_case(alice, case_id, opened.record, opened.revision)
    assert [row.card.counted for row in vault.cards(alice).cases] == [False]
    assert receipts.look(code).given() == ["STORE", "SHARE_PARTNER"]


def test_an_earlier_revision_brings_no_consent_back(cast, case_id, code):
    alice = cast.keyring_of("alice")
    withdraw(code, "STATS")
    opened = vault.open_case(alice, case_id)
    intake.save_case(alice, case_id, opened.record, opened.revision)
    intake.restore(alice, case_id, 1, opened.revision + 1)
    assert not consent.may(vault.open_case(alice, case_id).record.persons[0], "STATS")
    assert not receipts.look(code).may("STATS") and not Statistic.objects.exists()


def test_a_record_that_is_past_its_time_goes_and_leaves_no_answer_standing(cast, case_id, code, monkeypatch):
    assert expiry.forget_consent_records() == 0
    ConsentRecord.objects.update(keep_until=timezone.localdate())
    assert expiry.forget_consent_records() == 1
    assert not ConsentKey.objects.exists()
    with pytest.raises(receipts.Unknown):
        receipts.look(code)
    with pytest.raises(consent.ConsentMissing):
        vault.open_case(cast.keyring_of("alice"), case_id)


# While a draft is made


@pytest.fixture
def drafting_job(cast: Cast) -> Release:
    job = Job.objects.create(kind=Job.Kind.DRAFT_RELEASE)
    release = Release.objects.create(specification=QUESTION, drafted_by=cast.dana, job=job)
    Job.objects.filter(pk=job.pk).update(subject=release.pk)
    return release


def counts(monkeypatch: pytest.MonkeyPatch, meanwhile: list[str]) -> list[int]:
    """How many people each count began with; whoever is in `meanwhile` withdraws when it is nearly over."""
    began: list[int] = []
    made = drafting.make

    def make(*given: object) -> object:
        began.append(Statistic.objects.count())
        inside = made(*given)
        if meanwhile:
            withdraw(meanwhile.pop(0), "STATS")
        return inside

    monkeypatch.setattr(drafting, "make", make)
    return began


def test_whoever_withdraws_while_a_draft_is_made_is_not_in_it(cast, case_id, code, drafting_job, monkeypatch):
    intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-9"))
    began = counts(monkeypatch, [code])
    jobs.run(drafting_job.job.pk, WORK)
    drafting_job.refresh_from_db()
    assert began == [2, 1] and not drafting_job.outdated
    assert drafting_job.status in (Release.Status.DRAFTED, Release.Status.REFUSED)


def test_a_draft_that_somebody_leaves_each_time_is_not_kept(cast, drafting_job, monkeypatch):
    codes = []
    for number in range(drafting.MOST_COUNTS):
        kept = intake.create_case(cast.keyring_of("alice"), cast.verdun, story(f"M-{number}"))
        codes.append(give(cast, kept))
    counts(monkeypatch, codes)
    jobs.run(drafting_job.job.pk, WORK)
    drafting_job.refresh_from_db()
    assert drafting_job.draft_ciphertext is None and drafting_job.status == Release.Status.DRAFTING
    assert drafting_job.job.refusal == "withdrawn_meanwhile"
