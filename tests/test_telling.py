"""A passage on its way: offered out of a case, checked by somebody else, in a release, and gone when the person says so."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.http import Http404
from django.utils import timezone

from accounts import teams
from accounts.crypto.sealed import SealBroken
from accounts.keyfiles import statistics_principal
from accounts.keyring import Locked
from casework import (
    audit,
    consent,
    documents,
    erasing,
    erasureorders,
    intake,
    ledger,
    offering,
    passages,
    reading,
    receipts,
    releases,
    sharing,
    stories,
    vault,
)
from casework.models import Release, Statistic, Story, StoryUse
from casework.passages import Answer, NotToBeTold
from casework.record import Consent
from casework.releases import StepRefused
from tests.cast import Cast
from tests.release_pages import approve, ticked
from tests.stories import given
from tests.telling import (
    EVERY_LINE,
    PASSAGE,
    RECIT,
    a_case,
    a_drafted,
    a_told_release,
    an_accepted,
    an_approved,
    an_offer,
    teller,
    told,
    typed,
)

pytestmark = pytest.mark.django_db


def answered(cast: Cast, case_id: UUID, purpose: str, state: str, **more: Any) -> None:
    """As an organizer writes an answer down."""
    alice = cast.keyring_of("alice")
    opened = vault.open_consents(alice, case_id)
    day = timezone.localdate()
    opened.record.persons[0].consents.append(Consent(purpose, state, day, "ORAL", "fr", **more))
    intake.save_consents(alice, case_id, opened.record, opened.revision)


@contextmanager
def on(day: dt.date) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("django.utils.timezone.localdate", lambda *args: day)
        yield


def actions(cast: Cast) -> list[str]:
    return [entry.action for entry in audit.entries(cast.keyring_of("frank"), teams.auditors().pk)]


# Offering


def test_a_passage_is_offered_and_read_by_coordinators_only(cast: Cast) -> None:
    story_id = an_offer(cast, a_case(cast))
    read = passages.opened_for(cast.keyring_of("erin"), story_id)
    assert read.passage.text == {"en": PASSAGE, "fr": RECIT}
    assert read.passage.author == cast.alice.pk and not read.accepted
    for name in ("alice", "bob", "charlie", "frank", "grace", "root_user"):
        with pytest.raises(Http404):
            passages.opened_for(cast.keyring_of(name), story_id)
        with pytest.raises(Locked):
            passages.opened(cast.keyring_of(name), Story.objects.get())
        assert passages.opened_all(cast.keyring_of(name)) == []
    assert actions(cast)[0] == "story.offer"


@pytest.mark.parametrize(
    ("purposes", "kind"),
    [
        (("STORE", "STATS"), "STORY"),
        (("STORE", "STORY"), "QUOTE"),
        (("STORE", "QUOTE"), "STORY"),
        (("STORE", "MEDIA", "SHARE_PARTNER"), "STORY"),
    ],
)
def test_nobody_is_told_of_who_did_not_agree_to_exactly_that(
    cast: Cast, purposes: tuple[str, ...], kind: str
) -> None:
    case_id = a_case(cast, told("H-1", teller("Heron", *purposes)))
    with pytest.raises(consent.ConsentMissing):
        an_offer(cast, case_id, kind)
    assert not Story.objects.exists()


@pytest.mark.parametrize("verification", ["V0", "V1", "VX"])
def test_what_is_not_corroborated_is_not_told(cast: Cast, verification: str) -> None:
    record = told()
    record.verification = verification
    with pytest.raises(consent.ConsentMissing):
        an_offer(cast, a_case(cast, record))


def test_a_consent_that_ends_this_month_is_not_used_any_more(cast: Cast) -> None:
    person = teller()
    for answer in person.consents:
        answer.expires = timezone.localdate()
    with pytest.raises(consent.ConsentMissing):
        an_offer(cast, a_case(cast, told("H-1", person)))


def test_a_witness_is_not_told_of(cast: Cast) -> None:
    witness = teller("Wren")
    witness.roles = ["SOURCE"]
    case_id = a_case(cast, told("H-1", teller(), witness))
    with pytest.raises(consent.ConsentMissing):
        offering.offer(
            cast.keyring_of("alice"),
            case_id,
            offering.Typed(witness.id, "STORY", {"en": PASSAGE}, []),
        )


@pytest.mark.parametrize("name", ["charlie", "dana", "frank", "grace", "root_user"])
def test_a_stranger_to_the_case_offers_nothing_of_it(cast: Cast, name: str) -> None:
    case_id = a_case(cast)
    wanted = typed(case_id, cast)
    with pytest.raises(Http404):
        offering.offer(cast.keyring_of(name), case_id, wanted)
    assert not Story.objects.exists()


def test_a_partner_group_reads_the_case_and_publishes_nothing_of_it(cast: Cast) -> None:
    case_id = a_case(cast, told("H-1", teller("Heron", "STORE", "STORY", "SHARE_PARTNER")))
    sharing.grant(cast.keyring_of("alice"), case_id, cast.other_team, may_change=True)
    charlie = cast.keyring_of("charlie")
    assert vault.open_case(charlie, case_id).record.reference == "H-1"
    with pytest.raises(Http404):
        offering.offer(charlie, case_id, typed(case_id, cast))


def test_whoever_was_granted_the_case_by_name_may_offer_from_reading_it(cast: Cast) -> None:
    case_id = a_case(cast)
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=False)
    offering.offer(cast.keyring_of("charlie"), case_id, typed(case_id, cast))
    assert Story.objects.count() == 1


def test_what_must_not_leave_is_refused_however_it_comes(cast: Cast) -> None:
    case_id = a_case(cast)
    for text in (
        "Heron was stopped.",
        "They waited until 22:10.",
        "The officer heard an accent and telephoned, so they waited.",
        "They went to a school.",
    ):
        with pytest.raises(offering.Flagged):
            an_offer(cast, case_id, text={"en": text})
    assert not Story.objects.exists()


def test_a_reason_lets_pass_what_may_be_answered_and_the_checker_reads_it(cast: Cast) -> None:
    case_id, text = a_case(cast), {"en": "They went to a school."}
    with pytest.raises(offering.Flagged):
        an_offer(cast, case_id, text=text, answers=[Answer("INSTITUTION", "school", "  ")])
    with pytest.raises(offering.Flagged):
        an_offer(cast, case_id, text=text, answers=[Answer("NAME_LIKE", "school", "there are hundreds")])
    answer = Answer("INSTITUTION", "School", "there are hundreds")
    story_id = an_offer(cast, case_id, text=text, answers=[answer])
    assert passages.opened_for(cast.keyring_of("erin"), story_id).passage.answers == [answer]


def test_no_reason_lets_a_name_pass(cast: Cast) -> None:
    answers = [Answer("KNOWN_NAME", "Heron", "everybody knows it")]
    with pytest.raises(offering.Flagged):
        an_offer(cast, a_case(cast), text={"en": "Heron was stopped."}, answers=answers)


def test_their_own_words_pass_as_a_quote_and_not_as_a_story(cast: Cast) -> None:
    case_id, words = a_case(cast), {"en": "The officer heard an accent and telephoned."}
    an_offer(cast, case_id, "QUOTE", text=words)
    with pytest.raises(offering.Flagged):
        an_offer(cast, case_id, "STORY", text=words)


def test_the_names_of_organizers_are_flagged_as_those_of_the_case_are(cast: Cast) -> None:
    with pytest.raises(offering.Flagged):
        an_offer(cast, a_case(cast), text={"en": "They told alice all of it."})


# What the disk says


def test_nothing_in_the_row_leads_to_the_case_to_the_person_or_to_the_statistics(cast: Cast) -> None:
    case_id = a_case(cast)
    story_id = an_offer(cast, case_id)
    row = Story.objects.get()
    person = vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0]
    stored = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for value in (getattr(row, field.attname) for field in Story._meta.concrete_fields)
        if value is not None
    )
    for secret in (PASSAGE.encode(), RECIT.encode(), case_id.bytes, case_id.hex.encode(), person.id.encode()):
        assert secret not in stored
    assert cast.alice.pk.bytes not in stored and b"STORY" not in stored
    # The name of the coarse record does not lead here: whoever has it finds nothing.
    token_hash = bytes(Statistic.objects.get().pk)
    assert stories.found([token_hash]) == []
    assert stories.found([stories.owner_secret(person.statistic_token)]) == [story_id]


def test_two_passages_of_one_person_do_not_look_related(cast: Cast) -> None:
    case_id = a_case(cast)
    an_offer(cast, case_id), an_offer(cast, case_id)
    one, two = Story.objects.all()
    assert bytes(one.owner) != bytes(two.owner)


def test_a_long_passage_and_a_short_one_of_the_same_padded_size_look_alike(cast: Cast) -> None:
    case_id = a_case(cast)
    an_offer(cast, case_id, text={"en": PASSAGE}), an_offer(cast, case_id, text={"en": PASSAGE[:-3]})
    one, two = Story.objects.all()
    assert len(one.passage_ciphertext) == len(two.passage_ciphertext)


def test_a_passage_moved_to_another_row_does_not_open(cast: Cast) -> None:
    case_id = a_case(cast)
    first, second = an_offer(cast, case_id), an_offer(cast, case_id)
    one, two = Story.objects.get(pk=first), Story.objects.get(pk=second)
    Story.objects.filter(pk=first).update(
        passage_ciphertext=two.passage_ciphertext, key_ciphertext=two.key_ciphertext
    )
    with pytest.raises(SealBroken):
        passages.opened_for(cast.keyring_of("erin"), first)
    Story.objects.filter(pk=first).update(
        passage_ciphertext=two.passage_ciphertext, key_ciphertext=one.key_ciphertext
    )
    with pytest.raises(SealBroken):
        passages.opened_for(cast.keyring_of("erin"), first)
    assert [one.row.pk for one in passages.opened_all(cast.keyring_of("erin"))] == [second]


# Checking


def test_somebody_else_accepts_it_with_every_line_ticked(cast: Cast) -> None:
    story_id, erin = an_offer(cast, a_case(cast)), cast.keyring_of("erin")
    with pytest.raises(NotToBeTold) as refused:
        passages.accept(erin, story_id, EVERY_LINE - {"WORK"})
    assert refused.value.code == "story_unticked"
    passages.accept(erin, story_id, EVERY_LINE)
    assert passages.opened_for(erin, story_id).checker == cast.erin.pk
    with pytest.raises(NotToBeTold) as refused:
        passages.accept(cast.keyring_of("dana"), story_id, EVERY_LINE)
    assert refused.value.code == "story_checked"
    assert actions(cast)[0] == "story.accept"


def test_whoever_offered_it_does_not_check_it(cast: Cast) -> None:
    """A coordinator who has a seat in the team, too."""
    case_id = a_case(cast)
    teams.add_member(cast.keyring_of("alice"), cast.verdun, cast.dana)
    dana = cast.keyring_of("dana")
    story_id = offering.offer(dana, case_id, typed(case_id, cast))
    for step in (
        lambda: passages.accept(dana, story_id, EVERY_LINE),
        lambda: passages.send_back(dana, story_id, "No."),
    ):
        with pytest.raises(NotToBeTold) as refused:
            step()
        assert refused.value.code == "story_own"
    passages.accept(cast.keyring_of("erin"), story_id, EVERY_LINE)


def test_a_database_writer_accepts_nothing(cast: Cast) -> None:
    case_id, erin = a_case(cast), cast.keyring_of("erin")
    offered, accepted = an_offer(cast, case_id), an_accepted(cast, case_id)
    other = Story.objects.get(pk=accepted)
    Story.objects.filter(pk=offered).update(status=Story.Status.ACCEPTED)
    assert not passages.opened_for(erin, offered).accepted
    Story.objects.filter(pk=offered).update(
        acceptance_ciphertext=other.acceptance_ciphertext, acceptance_epoch=other.acceptance_epoch
    )
    assert not passages.opened_for(erin, offered).accepted
    release = a_drafted(cast, offered)
    assert not StoryUse.objects.filter(release=release).exists()


def test_what_is_sent_back_is_found_and_written_again_by_whoever_has_the_case_open(cast: Cast) -> None:
    case_id, alice = a_case(cast), cast.keyring_of("alice")
    story_id = an_offer(cast, case_id)
    passages.send_back(cast.keyring_of("erin"), story_id, "The turn says who it was.")
    with pytest.raises(NotToBeTold):
        passages.accept(cast.keyring_of("dana"), story_id, EVERY_LINE)
    shown = offering.one(vault.open_case(alice, case_id).record, story_id)
    assert (shown.reply, shown.passage.text["en"]) == ("The turn says who it was.", PASSAGE)
    again = an_offer(cast, case_id, text={"en": PASSAGE.replace("for a turn", "")}, instead=story_id)
    assert list(Story.objects.values_list("pk", flat=True)) == [again]


def test_another_case_does_not_find_it(cast: Cast) -> None:
    story_id, other = an_offer(cast, a_case(cast)), a_case(cast, told("H-2", teller("Wren")))
    alice = cast.keyring_of("alice")
    assert offering.offered(vault.open_case(alice, other).record) == []
    for step in (
        lambda: offering.take_back(alice, other, story_id),
        lambda: an_offer(cast, other, instead=story_id),
        lambda: offering.take_back(alice, other, uuid.uuid4()),
    ):
        with pytest.raises(Http404):
            step()
    assert Story.objects.filter(pk=story_id).exists()


# In a release


def test_a_story_goes_the_whole_way(cast: Cast) -> None:
    release = a_told_release(cast, an_accepted(cast, a_case(cast)))
    document = releases.document_of(release)
    (shown,) = document.stories
    assert (shown.kind, shown.text) == ("STORY", {"en": PASSAGE, "fr": RECIT})
    assert "Names were changed" in shown.changed["en"] and "noms" in shown.changed["fr"]
    raw = json.loads(bytes(release.document))
    assert raw["stories"][0]["text"]["en"] == PASSAGE
    assert "STORY" in json.dumps(raw["stories"]) and str(cast.alice.pk) not in json.dumps(raw)


def test_what_nobody_accepted_is_not_chosen(cast: Cast) -> None:
    case_id = a_case(cast)
    offered, returned = an_offer(cast, case_id), an_offer(cast, case_id)
    passages.send_back(cast.keyring_of("erin"), returned, "No.")
    release = a_drafted(cast, offered, returned, uuid.uuid4())
    assert not StoryUse.objects.exists()
    approve(cast.keyring_of("erin"), release)


def test_whoever_drafted_it_chooses_and_nobody_else(cast: Cast) -> None:
    story_id = an_accepted(cast, a_case(cast))
    release = a_drafted(cast)
    with pytest.raises(StepRefused) as refused:
        releases.choose_stories(cast.keyring_of("erin"), release.pk, [story_id])
    assert refused.value.code == "stories_drafter"
    with pytest.raises(Http404):
        releases.choose_stories(cast.keyring_of("alice"), release.pk, [story_id])
    approved = an_approved(cast)
    with pytest.raises(StepRefused) as refused:
        releases.choose_stories(cast.keyring_of("dana"), approved.pk, [story_id])
    assert refused.value.code == "not_drafted"


def test_what_was_ticked_beside_other_stories_counts_for_nothing(cast: Cast) -> None:
    case_id = a_case(cast)
    one, two = an_accepted(cast, case_id), an_accepted(cast, case_id, text={"en": PASSAGE})
    release, erin = a_drafted(cast), cast.keyring_of("erin")
    for chosen in ([one], [two], [one, two], []):
        read = ticked(erin, release)
        releases.choose_stories(cast.keyring_of("dana"), release.pk, chosen)
        release.refresh_from_db()
        with pytest.raises(StepRefused) as refused:
            releases.approve(erin, release.pk, read=read)
        assert refused.value.code == "not_read" and len(chosen) == StoryUse.objects.count()
    releases.choose_stories(cast.keyring_of("dana"), release.pk, [one, two])
    approve(erin, release)


def test_whoever_approves_ticks_that_the_stories_were_read_where_there_are_any(cast: Cast) -> None:
    erin, story_id = cast.keyring_of("erin"), an_accepted(cast, a_case(cast))
    without = releases.to_read(erin, a_drafted(cast)).values()
    assert "stories" not in {one.code for one in without}
    with_one = releases.to_read(erin, a_drafted(cast, story_id)).values()
    (said,) = (one for one in with_one if one.code == "stories")
    assert said.figures == {"stories": 1} and PASSAGE not in reading.words(said)


def test_a_story_put_in_after_the_approval_is_not_published(cast: Cast) -> None:
    case_id = a_case(cast)
    one, two = an_accepted(cast, case_id), an_accepted(cast, case_id)
    release = an_approved(cast, one)
    StoryUse.objects.create(release=release, story_id=two)
    with pytest.raises(StepRefused) as refused:
        releases.publish(cast.keyring_of("dana"), release.pk)
    assert refused.value.code == "changed"
    release.refresh_from_db()
    assert release.document is None


# Withdrawn


def nothing(cast: Cast, case_id: UUID) -> None:
    answered(cast, case_id, "MEDIA", "REFUSED")


WAYS: dict[str, Callable[[Cast, UUID], None]] = {
    "withdrawn": lambda cast, case: answered(cast, case, "STORY", "WITHDRAWN"),
    "refused later": lambda cast, case: answered(cast, case, "STORY", "REFUSED"),
    "nothing kept any more": lambda cast, case: answered(cast, case, "STORE", "WITHDRAWN"),
    "for a shorter time": lambda cast, case: answered(
        cast, case, "STORY", "GIVEN", expires=timezone.localdate() + dt.timedelta(days=40)
    ),
    "not corroborated any more": lambda cast, case: contradicted(cast, case),
    "taken out of the case": lambda cast, case: taken_out(cast, case),
    "erased": lambda cast, case: erase(cast, case),
    "to be erased": lambda cast, case: erase_later(cast, case),
    "taken back": lambda cast, case: offering.take_back(
        cast.keyring_of("alice"), case, Story.objects.get().pk
    ),
}  # fmt: skip


def contradicted(cast: Cast, case_id: UUID) -> None:
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    opened.record.verification = "VX"
    intake.save_case(alice, case_id, opened.record, opened.revision)


def taken_out(cast: Cast, case_id: UUID) -> None:
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    opened.record.persons = [teller("Wren")]
    intake.save_case(alice, case_id, opened.record, opened.revision)


def erase(cast: Cast, case_id: UUID) -> None:
    erasureorders.erase_now(cast.keyring_of("alice"), case_id)


def erase_later(cast: Cast, case_id: UUID) -> None:
    erasureorders.erase_on(cast.keyring_of("alice"), case_id, timezone.localdate() + dt.timedelta(days=9))


@pytest.mark.parametrize("way", sorted(WAYS))
def test_what_waits_is_gone_at_once(cast: Cast, way: str) -> None:
    case_id = a_case(cast)
    an_offer(cast, case_id)
    WAYS[way](cast, case_id)
    assert not Story.objects.exists()


@pytest.mark.parametrize("way", sorted(WAYS))
def test_what_is_approved_is_not_published_and_what_is_published_is_blank_and_owes_an_edition(
    cast: Cast, way: str
) -> None:
    case_id = a_case(cast)
    story_id = an_accepted(cast, case_id)
    published, approved = a_told_release(cast, story_id), an_approved(cast, story_id)
    WAYS[way](cast, case_id)
    approved.refresh_from_db(), published.refresh_from_db()
    assert approved.approved_by is None and approved.approval_ciphertext is None
    with pytest.raises(StepRefused):
        releases.publish(cast.keyring_of("dana"), approved.pk)
    assert published.owes_edition
    # The signature still holds, and nothing is left of the words.
    (blank,) = releases.document_of(published).stories
    assert blank.withdrawn and blank.text == {}
    assert PASSAGE.encode() not in bytes(published.document)
    assert "release.story_gone" in actions(cast)


@pytest.mark.parametrize("purpose", ["MEDIA", "QUOTE", "STATS"])
def test_another_answer_leaves_it_where_it_is(cast: Cast, purpose: str) -> None:
    case_id = a_case(cast)
    an_offer(cast, case_id)
    answered(cast, case_id, purpose, "REFUSED" if purpose == "MEDIA" else "WITHDRAWN")
    assert Story.objects.count() == 1


def test_the_next_edition_is_without_it(cast: Cast) -> None:
    case_id = a_case(cast)
    gone, stays = an_accepted(cast, case_id), an_accepted(cast, a_case(cast, told("H-2", teller("Wren"))))
    first = a_told_release(cast, gone, stays)
    answered(cast, case_id, "STORY", "WITHDRAWN")
    first.refresh_from_db()
    second = a_told_release(cast, gone, stays, supersedes=first)
    assert len(releases.document_of(first).stories) == 2
    assert len(releases.document_of(second).stories) == 1
    assert not second.owes_edition


def test_the_person_alone_withdraws_it_with_the_receipt(cast: Cast) -> None:
    case_id, alice = a_case(cast), cast.keyring_of("alice")
    person = vault.open_case(alice, case_id).record.persons[0]
    code = receipts.give(alice, case_id, person.id)
    release = a_told_release(cast, an_accepted(cast, case_id))
    receipts.withdraw(receipts.look(code), ["QUOTE"], "fr", 7)
    assert Story.objects.count() == 1
    receipts.withdraw(receipts.look(code), ["STORY"], "fr", 7)
    release.refresh_from_db()
    assert not Story.objects.exists() and release.owes_edition


def test_a_receipt_of_an_earlier_version_learns_what_to_find_it_by_when_something_is_offered(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, alice = a_case(cast), cast.keyring_of("alice")
    with monkeypatch.context() as earlier:
        earlier.setattr("casework.narrating.secret", lambda person: b"")
        code = receipts.give(alice, case_id, vault.open_case(alice, case_id).record.persons[0].id)
    assert receipts.look(code).answers.cases()[0].story_secret == b""
    an_offer(cast, case_id)
    receipts.withdraw(receipts.look(code), ["STORY"], "fr", 7)
    assert not Story.objects.exists()


def test_a_receipt_does_not_lead_to_the_words(cast: Cast) -> None:
    """Whoever finds the paper and has the database reads which passages there are, and not one word."""
    case_id, alice = a_case(cast), cast.keyring_of("alice")
    code = receipts.give(alice, case_id, vault.open_case(alice, case_id).record.persons[0].id)
    an_offer(cast, case_id)
    holder = receipts.look(code).answers.cases()[0]
    for key in (holder.story_secret, holder.token_hash):
        with pytest.raises(SealBroken):
            passages.passage_of(key, Story.objects.get())


def test_what_a_drafter_sees_and_what_waits_for_a_second_person_is_without_it(cast: Cast) -> None:
    case_id = a_case(cast)
    release = a_drafted(cast, an_accepted(cast, case_id))
    answered(cast, case_id, "STORY", "WITHDRAWN")
    assert passages.chosen(cast.keyring_of("erin"), release) == []
    approve(cast.keyring_of("erin"), release)
    assert releases.publish(cast.keyring_of("dana"), release.pk).stories == []


# Ended


def next_month(of: dt.date) -> dt.date:
    return consent.months_after(of.replace(day=1), 1)


def test_the_worker_takes_away_what_has_ended_and_blanks_what_is_published(cast: Cast) -> None:
    person = teller()
    for answer in person.consents:
        answer.expires = consent.months_after(timezone.localdate(), 3)
    release = a_told_release(cast, an_accepted(cast, a_case(cast, told("H-1", person))))
    ends = consent.months_after(timezone.localdate(), 3).replace(day=1)
    root = statistics_principal()
    assert stories.drop_ended(root, ends - dt.timedelta(days=1)) == 0
    assert stories.drop_ended(root, ends) == 1
    release.refresh_from_db()
    assert release.owes_edition and releases.document_of(release).stories[0].withdrawn


def test_consent_is_asked_again_at_choosing_approving_and_publishing(cast: Cast) -> None:
    """The worker was not there."""
    story_id = an_accepted(cast, a_case(cast))
    drafted, approved = a_drafted(cast, story_id), an_approved(cast, story_id)
    ends = passages.opened_for(cast.keyring_of("erin"), story_id).passage.ends
    with on(ends):
        with pytest.raises(StepRefused) as refused:
            approve(cast.keyring_of("erin"), drafted)
        assert refused.value.code == "story_ended"
        with pytest.raises(StepRefused) as refused:
            releases.publish(cast.keyring_of("dana"), approved.pk)
        assert refused.value.code == "story_ended"
        assert not StoryUse.objects.filter(release=a_drafted(cast, story_id)).exists()


def test_a_passage_that_ended_is_not_accepted(cast: Cast) -> None:
    story_id = an_offer(cast, a_case(cast))
    ends = passages.opened_for(cast.keyring_of("erin"), story_id).passage.ends
    with on(ends), pytest.raises(NotToBeTold) as refused:
        passages.accept(cast.keyring_of("erin"), story_id, EVERY_LINE)
    assert refused.value.code == "story_ended"


# Back from a backup


def test_a_backup_does_not_bring_it_back(cast: Cast) -> None:
    case_id = a_case(cast)
    an_offer(cast, case_id)
    row = Story.objects.get()
    answered(cast, case_id, "STORY", "WITHDRAWN")
    row.save(force_insert=True)
    erasing.replay()
    assert not Story.objects.exists()
    assert ledger.agrees()


# The document


def a_signed(cast: Cast) -> documents.Document:
    return releases.document_of(a_told_release(cast, an_accepted(cast, a_case(cast))))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["stories"][0]["text"].update(en="Something else."),
        lambda d: d["stories"][0].update(kind="QUOTE"),
        lambda d: d["stories"][0].update(sha256="0" * 64),
        lambda d: d["stories"][0].pop("changed"),
        lambda d: d["stories"].clear(),
        lambda d: d["stories"].append(dict(d["stories"][0])),
        lambda d: d["stories"][0].update(extra=1),
    ],
)
def test_an_altered_story_is_found_out(cast: Cast, change: Callable[[Any], None]) -> None:
    raw = json.loads(documents.canonical(a_signed(cast)))
    change(raw)
    with pytest.raises((documents.NotARelease, SealBroken)):
        documents.verify(documents.read(json.dumps(raw).encode()))


def test_a_blank_story_is_signed_by_the_same_signature(cast: Cast) -> None:
    document = a_signed(cast)
    blank = documents.without(document, {0})
    assert documents.read(documents.canonical(blank)) == blank
    assert documents.verify(blank) == documents.verify(document)


@pytest.mark.parametrize("text", ["There were 7 of them.", "On day 2017-03.", "٣ people"])
def test_a_story_that_states_a_number_is_no_release(cast: Cast, text: str) -> None:
    document = a_signed(cast)
    numbered = documents.story("STORY", {"en": text}, {"en": "x", "fr": "x"})
    with pytest.raises(documents.NotARelease) as wrong:
        documents.check(msgspec.structs.replace(document, stories=[numbered]))
    assert wrong.value.code == "story_counts"


def test_a_year_is_no_count(cast: Cast) -> None:
    told_of = documents.story("STORY", {"en": "It was in 2017."}, {"en": "x", "fr": "x"})
    documents.check(msgspec.structs.replace(a_signed(cast), stories=[told_of]))


def test_a_document_without_stories_is_signed_as_it_always_was(cast: Cast) -> None:
    signer = cast.keyring_of("dana").team(teams.coordinators().pk)
    document = documents.signed(msgspec.structs.replace(a_signed(cast), stories=[]), signer)
    plain = json.loads(documents.canonical(document))
    signature = plain.pop("signature")
    import rfc8785

    assert signer.sign(rfc8785.dumps(plain)).hex() == signature["value"]


def test_given_again_it_is_offered_again(cast: Cast) -> None:
    case_id, alice = a_case(cast), cast.keyring_of("alice")
    an_offer(cast, case_id)
    answered(cast, case_id, "STORY", "WITHDRAWN")
    opened = vault.open_consents(alice, case_id)
    with on(timezone.localdate() + dt.timedelta(days=1)):
        opened.record.persons[0].consents += given("STORY")
        intake.save_consents(alice, case_id, opened.record, opened.revision)
        assert not Story.objects.exists()
        an_offer(cast, case_id)
    assert Release.objects.count() == 0
