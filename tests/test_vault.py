"""The one door to plaintext, and everything that keeps it shut."""

import datetime as dt

import pytest
from django.http import Http404

from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Locked
from casework import audit, consent, intake, keys, sharing, vault
from casework.models import (
    AuditEntry,
    Case,
    CaseCard,
    CaseTeamKey,
    CaseText,
    CaseUserKey,
    CaseUserPermission,
    ErasureShare,
    Revision,
    Statistic,
)
from tests.stories import given, person, story

pytestmark = pytest.mark.django_db


def test_it_opens_for_its_owner_and_for_her_team(cast, case_id):
    for name in ("alice", "bob"):
        opened = vault.open_case(cast.keyring_of(name), case_id)
        assert opened.record.persons[0].name == "Zebulon Quillfeather"
        assert opened.revision == 1


@pytest.mark.parametrize("name", ["charlie", "dana", "erin", "frank", "grace", "root_user"])
def test_to_everybody_else_it_does_not_exist(cast, case_id, name):
    with pytest.raises(Http404):
        vault.open_case(cast.keyring_of(name), case_id)
    assert vault.cards(cast.keyring_of(name)).cases == []
    assert vault.search(cast.keyring_of(name), "accent").cases == []


def test_no_case_is_kept_without_consent_to_keep_it(cast):
    for people in ([person("Reed", "STATS")], []):
        with pytest.raises(consent.ConsentMissing):
            record = story("R-1")
            record.persons = people
            intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    assert not Case.objects.exists() and not ErasureShare.objects.exists() and not Statistic.objects.exists()


def test_it_closes_when_consent_to_keep_it_ends_whoever_asks(cast, case_id):
    opened = vault.open_case(cast.keyring_of("alice"), case_id)
    opened.record.persons[0].consents.append(consent.Consent("STORE", "WITHDRAWN", dt.date.today()))
    intake.save_consents(cast.keyring_of("alice"), case_id, opened.record, 1)
    for name in ("alice", "bob"):
        with pytest.raises(consent.ConsentMissing):
            vault.open_case(cast.keyring_of(name), case_id)
        card = vault.cards(cast.keyring_of(name)).cases[0].card
        assert card.reference == "H-1" and not (card.aliases or card.pretext or card.outcomes)
        assert vault.search(cast.keyring_of(name), "accent").cases == []


def test_withdrawing_from_statistics_removes_the_row_in_the_same_transaction(cast, case_id):
    assert Statistic.objects.count() == 1
    opened = vault.open_case(cast.keyring_of("alice"), case_id)
    opened.record.persons[0].consents.append(consent.Consent("STATS", "WITHDRAWN", dt.date.today()))
    intake.save_consents(cast.keyring_of("alice"), case_id, opened.record, 1)
    assert not Statistic.objects.exists()


def test_a_second_saving_from_the_same_revision_overwrites_nothing(cast, case_id):
    first = vault.open_case(cast.keyring_of("alice"), case_id)
    second = vault.open_case(cast.keyring_of("bob"), case_id)
    first.record.status, second.record.status = "VERIFY", "CLOSED"
    assert intake.save_case(cast.keyring_of("alice"), case_id, first.record, first.revision) == 2
    with pytest.raises(intake.SavedMeanwhile) as refused:
        intake.save_case(cast.keyring_of("bob"), case_id, second.record, second.revision)
    assert refused.value.theirs.record.status == "VERIFY"
    assert Revision.objects.filter(case_id=case_id).count() == 2


def test_search_ignores_accents_and_case_and_wants_every_word(cast, case_id):
    alice = cast.keyring_of("alice")
    assert [hit.case_id for hit in vault.search(alice, "ELISE telephoned").cases] == [case_id]
    assert vault.search(alice, "elise deported").cases == []
    assert vault.search(alice, "  ").cases == []


def test_a_grant_gives_permission_and_key_and_only_what_was_granted(cast, case_id):
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=False)
    opened = vault.open_case(cast.keyring_of("charlie"), case_id)
    assert opened.record.reference == "H-1"
    with pytest.raises(Http404):
        intake.save_case(cast.keyring_of("charlie"), case_id, opened.record, 1)
    with pytest.raises(Http404):
        sharing.grant(cast.keyring_of("charlie"), case_id, cast.dana, may_change=False)


def test_a_grant_to_change_allows_saving_and_can_be_lowered_again(cast, case_id):
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=True)
    opened = vault.open_case(cast.keyring_of("charlie"), case_id)
    assert intake.save_case(cast.keyring_of("charlie"), case_id, opened.record, 1) == 2
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=False)
    with pytest.raises(Http404):
        intake.save_case(cast.keyring_of("charlie"), case_id, opened.record, 2)


def test_revoking_takes_permission_and_key_and_seals_everything_anew(cast, case_id):
    alice, charlie = cast.keyring_of("alice"), cast.keyring_of("charlie")
    sharing.grant(alice, case_id, cast.charlie, may_change=False)
    kept = keys.open_key(charlie, Case.objects.get(pk=case_id))
    sharing.revoke(alice, case_id, cast.charlie)
    case = Case.objects.get(pk=case_id)
    assert case.epoch == 2 and not CaseUserKey.objects.exists() and not CaseUserPermission.objects.exists()
    with pytest.raises(Http404):
        vault.open_case(charlie, case_id)
    with pytest.raises(SealBroken):
        vault.open_revision(kept, case.revisions.get())
    assert vault.open_case(cast.keyring_of("bob"), case_id).record.reference == "H-1"
    assert [hit.case_id for hit in vault.search(alice, "accent").cases] == [case_id]


def test_somebody_else_who_was_granted_keeps_the_case_through_a_revocation(cast, case_id):
    alice = cast.keyring_of("alice")
    sharing.grant(alice, case_id, cast.charlie, may_change=False)
    sharing.grant(alice, case_id, cast.dana, may_change=True)
    sharing.revoke(alice, case_id, cast.charlie)
    opened = vault.open_case(cast.keyring_of("dana"), case_id)
    assert intake.save_case(cast.keyring_of("dana"), case_id, opened.record, opened.revision) == 2


def test_a_member_of_the_team_cannot_be_granted_what_they_have(cast, case_id):
    with pytest.raises(sharing.HasItAlready):
        sharing.grant(cast.keyring_of("alice"), case_id, cast.bob, may_change=True)
    assert not CaseUserPermission.objects.exists()


def test_leaving_the_team_rewraps_every_case_key_for_those_who_stay(cast, case_id):
    from accounts.teams import remove_member

    remove_member(cast.keyring_of("alice"), cast.verdun, cast.bob, sharing.rewrap_team)
    assert vault.open_case(cast.keyring_of("alice"), case_id).record.reference == "H-1"
    with pytest.raises((Http404, Locked)):
        vault.open_case(cast.keyring_of("bob"), case_id)
    assert Case.objects.get(pk=case_id).rekey_due


FLIPPABLE = [
    (CaseTeamKey, "key_ciphertext"),
    (Revision, "record_ciphertext"),
]


@pytest.mark.parametrize(("model", "column"), FLIPPABLE)
def test_a_flipped_bit_opens_nothing(cast, case_id, model, column):
    row = model.objects.get()
    altered = bytearray(getattr(row, column))
    altered[-1] ^= 1
    model.objects.filter(pk=row.pk).update(**{column: Sealed(bytes(altered))})
    with pytest.raises(SealBroken):
        vault.open_case(cast.keyring_of("alice"), case_id)


@pytest.mark.parametrize("model", [CaseCard, CaseText])
def test_a_flipped_bit_in_a_list_is_named_and_hides_no_other_case(cast, case_id, model):
    alice = cast.keyring_of("alice")
    other = intake.create_case(alice, cast.verdun, story("H-2"))
    row = model.objects.get(pk=case_id)
    model.objects.filter(pk=case_id).update(ciphertext=Sealed(bytes(row.ciphertext)[::-1]))
    listing = vault.cards(alice) if model is CaseCard else vault.search(alice, "accent")
    assert [listed.case_id for listed in listing.cases] == [other]
    assert listing.broken == [case_id]


def test_a_row_moved_to_another_case_opens_nothing(cast, case_id):
    alice = cast.keyring_of("alice")
    other = intake.create_case(alice, cast.verdun, story("H-2"))
    CaseCard.objects.filter(pk=other).update(ciphertext=CaseCard.objects.get(pk=case_id).ciphertext)
    assert vault.cards(alice).broken == [other]


def test_without_the_erasure_share_every_key_in_the_world_opens_nothing(cast, case_id):
    ErasureShare.objects.all().delete()
    for name in ("alice", "bob"):
        with pytest.raises(SealBroken):
            vault.open_case(cast.keyring_of(name), case_id)
        assert vault.cards(cast.keyring_of(name)).broken == [case_id]


def test_the_superuser_sees_rows_and_holds_no_key(cast, case_id):
    root = cast.keyring_of("root_user")
    assert vault.cards(root).cases == [] and Case.objects.count() == 1


def test_what_is_stored_of_a_case_is_sealed_padded_and_says_nothing(cast, case_id):
    short = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-2", narrative="x"))
    longer = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-3", narrative="xy"))
    sizes = {i: len(CaseText.objects.get(pk=i).ciphertext) for i in (short, longer)}
    assert sizes[short] == sizes[longer]
    stored = b"".join(bytes(row.record_ciphertext) for row in Revision.objects.all())
    assert b"Zebulon" not in stored and b"SPVM" not in stored
    assert {case.erase_after.day for case in Case.objects.all()} == {1}


def test_every_opening_listing_and_search_leaves_an_entry_and_a_whole_chain(cast, case_id):
    alice = cast.keyring_of("alice")
    vault.open_case(alice, case_id)
    vault.cards(alice)
    vault.search(alice, "accent")
    frank = cast.keyring_of("frank")
    from accounts.teams import auditors

    actions = [entry.action for entry in audit.entries(frank, auditors().pk)]
    assert actions == ["case.search", "case.list", "case.open", "case.create"]
    assert audit.verify() is None
    assert all(b"accent" not in bytes(row.entry_ciphertext) for row in AuditEntry.objects.all())


def test_an_entry_taken_out_of_the_chain_is_named(cast, case_id):
    alice = cast.keyring_of("alice")
    for _ in range(3):
        vault.open_case(alice, case_id)
    AuditEntry.objects.filter(sequence=2).delete()
    assert audit.verify() == audit.Broken(2)


def test_an_entry_cut_off_the_end_of_the_chain_is_named(cast, case_id):
    vault.open_case(cast.keyring_of("alice"), case_id)
    AuditEntry.objects.filter(sequence=2).delete()
    assert audit.verify() == audit.Broken(2)


def test_a_list_costs_the_same_number_of_queries_for_one_case_and_for_many(
    cast, case_id, django_assert_max_num_queries
):
    alice = cast.keyring_of("alice")
    for number in range(12):
        intake.create_case(alice, cast.verdun, story(f"N-{number}"))
    with django_assert_max_num_queries(14):
        assert len(vault.cards(alice).cases) == 13


def test_a_key_sealed_to_the_team_from_outside_is_rewrapped_at_its_first_opening(cast):
    intake.keep_batch([story()], cast.verdun, keys.to_public_key(cast.verdun.pk))
    assert not CaseTeamKey.objects.get().wrapped
    assert len(vault.cards(cast.keyring_of("bob")).cases) == 1
    assert CaseTeamKey.objects.get().wrapped
    assert len(vault.cards(cast.keyring_of("alice")).cases) == 1


def test_consent_given_for_one_purpose_holds_for_no_other(cast):
    someone = person("Reed", "STORE")
    assert consent.may(someone, "STORE")
    assert not any(consent.may(someone, purpose) for purpose in consent.PURPOSES if purpose != "STORE")


def test_consent_ends_after_two_years():
    someone = person()
    someone.consents = given("STORE", "STATS", on=dt.date(2024, 2, 29))
    assert consent.may(someone, "STATS", dt.date(2026, 2, 28))
    assert not consent.may(someone, "STATS", dt.date(2026, 3, 1))
    assert not consent.may(someone, "STATS", dt.date(2024, 2, 28))


def test_a_reading_that_a_revocation_tears_apart_is_read_again(cast, case_id):
    alice, bob = cast.keyring_of("alice"), cast.keyring_of("bob")
    sharing.grant(alice, case_id, cast.charlie, may_change=False)
    stale = Case.objects.get(pk=case_id)
    sharing.revoke(alice, case_id, cast.charlie)
    assert vault.reopen(bob, stale).record.reference == "H-1"
