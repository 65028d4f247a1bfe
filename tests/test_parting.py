"""One person's part leaves a file about several: nothing of it is found anywhere, and the others' file stands."""

import dataclasses
import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.crypto.sealed import SealBroken
from casework import (
    consent,
    erasing,
    evidencefiles,
    freetext,
    history,
    holding,
    intake,
    keychecks,
    keys,
    ledger,
    offering,
    parting,
    receipts,
    register,
    searchtext,
    sharing,
    vault,
)
from casework.agenda import DateToKeep, Interaction, Referral, Task
from casework.evidence import opening
from casework.models import (
    Case,
    ConsentKey,
    ConsentRecord,
    ErasedCase,
    Evidence,
    ImportedReference,
    LedgerEntry,
    Statistic,
    Story,
)
from casework.record import CaseRecord, Consent, Moment, Person, Saved, Statement, Step
from casework.register import Exported
from tests.cast import Cast, in_english, sign_in
from tests.evidence_desk import kept
from tests.exhibits import jpeg
from tests.stories import person, story
from tests.telling import a_case, an_offer, teller, told, typed

pytestmark = pytest.mark.django_db
CANARY = "Xanthippe"


def told_of_both() -> CaseRecord:
    heron, ember = person("Heron"), person("Ember")
    heron.name, heron.safety.reach = f"{CANARY} Heron", f"{CANARY} at her mother's"
    heron.steps[0].note = f"{CANARY} asked why"
    ember.name = "Nell Emberley"
    record = story("H-1", heron, ember)
    record.statements = [
        Statement(f"{CANARY} alone", "SELF", id="1", about=[heron.id]),
        Statement(f"Both stood there, {CANARY} wept.", "WITNESS", id="2", about=[heron.id, ember.id]),
        Statement("Ember was told to wait.", "SELF", id="3", about=[ember.id], contradicts=["1"]),
    ]
    record.event.place_note = f"Opposite {CANARY}'s shop"
    today = timezone.localdate()
    record.tasks = [Task(uuid.uuid4().hex, f"Call {CANARY}"), Task(uuid.uuid4().hex, "Call Ember")]
    record.dates = [DateToKeep(uuid.uuid4().hex, "REMOVAL", today, heron.id, note=CANARY)]
    record.interactions = [Interaction(uuid.uuid4().hex, today, "CALL", heron.id, CANARY, CANARY)]
    record.referrals = [
        Referral(uuid.uuid4().hex, heron.id, "c", f"Me {CANARY}", "LAWYER", "REFER_LEGAL", today, today)
    ]
    return record


@pytest.fixture
def case_id(cast: Cast) -> uuid.UUID:
    alice = cast.keyring_of("alice")
    made = intake.create_case(alice, cast.verdun, told_of_both())
    opened = vault.open_case(alice, made)
    opened.record.verification = "V2"
    intake.save_case(alice, made, opened.record, opened.revision)
    return made


def people(cast: Cast, case_id: uuid.UUID) -> list[Person]:
    return vault.open_consents(cast.keyring_of("alice"), case_id).record.persons


def withdraw(cast: Cast, case_id: uuid.UUID, who: int = 0) -> None:
    alice = cast.keyring_of("alice")
    opened = vault.open_consents(alice, case_id)
    opened.record.persons[who].consents.append(Consent("STORE", "WITHDRAWN", timezone.localdate()))
    intake.save_consents(alice, case_id, opened.record, opened.revision)


def without_her(plan: parting.Plan) -> list[str]:
    """As an organizer would rewrite what stays."""
    return [
        "" if text.text == f"Call {CANARY}" else text.text.replace(CANARY, "somebody") for text in plan.texts
    ]


def take_out(cast: Cast, case_id: uuid.UUID, *kept: uuid.UUID, who: int = 0) -> uuid.UUID:
    alice = cast.keyring_of("alice")
    someone = people(cast, case_id)[who].id
    plan = parting.look(alice, case_id, someone)
    named = dict.fromkeys(kept, ("photograph.jpg", "The corner"))
    return parting.take_out(alice, case_id, someone, plan.opened.revision, without_her(plan), named)


# What goes


def test_nothing_of_it_is_left_in_the_file_its_history_the_search_or_the_lists(cast, case_id):
    alice = cast.keyring_of("alice")
    withdraw(cast, case_id)
    new = take_out(cast, case_id)
    opened = vault.open_case(alice, new)
    assert [someone.alias for someone in opened.record.persons] == ["Ember"]
    assert [statement.id for statement in opened.record.statements] == ["2", "3"]
    assert opened.record.statements[0].about == [opened.record.persons[0].id]
    assert opened.record.statements[1].contradicts == []
    assert [task.text for task in opened.record.tasks] == ["Call Ember"]
    assert opened.record.interactions == opened.record.dates == opened.record.referrals == []
    revisions = history.open_history(alice, new)
    assert len(revisions.revised) == 1
    seen = repr([msgspec.to_builtins(one.record) for one in revisions.revised])
    assert CANARY not in seen and "Heron" not in seen
    key = keys.open_key(alice, Case.objects.get())
    assert CANARY.casefold() not in searchtext.search_text(opened.record).casefold() and key
    assert vault.search(alice, CANARY).cases == [] and vault.search(alice, "Heron").cases == []
    assert [row.case_id for row in vault.search(alice, "Emberley").cases] == [new]
    assert [row.card.aliases for row in vault.cards(alice).cases] == [("Ember",)]
    assert keychecks.findings() == []


def test_the_old_case_is_erased_as_any_case_is_and_its_key_opens_nothing(cast, case_id):
    alice = cast.keyring_of("alice")
    withdraw(cast, case_id)
    old = Case.objects.get(pk=case_id)
    sealed = old.revisions.first()
    assert sealed is not None
    new = take_out(cast, case_id)
    assert [case.pk for case in Case.objects.all()] == [new]
    erased = ErasedCase.objects.get()
    assert (erased.rule, erased.erased_on) == ("withdrawn", timezone.localdate()) and ledger.agrees()
    with pytest.raises(Http404):
        vault.open_case(alice, case_id)
    with pytest.raises(SealBroken):
        keys.erasure_share(case_id)
    with pytest.raises(SealBroken):
        vault.open_revision(keys.open_key(alice, Case.objects.get()), sealed)


def test_only_the_others_are_counted_and_no_backup_brings_the_coarse_record_back(cast, case_id):
    before = {row.pk for row in Statistic.objects.all()}
    hers = ledger.Hashes()
    assert len(before) == 2
    withdraw(cast, case_id)
    take_out(cast, case_id)
    left = {row.pk for row in Statistic.objects.all()}
    assert len(left) == 1 and left < before
    gone = {hers.statistic(token) for token in before - left}
    known = set(LedgerEntry.objects.filter(kind="statistic").values_list("pk", flat=True))
    assert gone <= {bytes(pk) for pk in known} and not {hers.statistic(t) for t in left} & known


def test_the_receipt_says_that_the_part_is_erased_and_the_others_receipt_goes_on(cast, case_id):
    alice = cast.keyring_of("alice")
    hers, theirs = (receipts.give(alice, case_id, someone.id) for someone in people(cast, case_id))
    receipts.withdraw(receipts.look(hers), ["STORE"], "fr", 7)
    new = take_out(cast, case_id)
    fate = receipts.fate(receipts.look(hers).answers)
    assert (fate.left, fate.erased_on, fate.taken_out_on) == (0, None, timezone.localdate())
    page = Client().post(reverse("receipt-in", args=["en"]), {"code": hers}).content.decode()
    assert "Your part of the file was erased on" in page and "without it" in page
    assert receipts.keep_after_all(receipts.look(hers), "fr") is None
    assert ConsentKey.objects.count() == 3, "hers alone, and the others' with their case"
    receipts.withdraw(receipts.look(theirs), ["STATS"], "fr", 7)
    assert not consent.may(vault.open_case(alice, new).record.persons[0], "STATS")
    assert not Statistic.objects.exists()


def test_answers_nobody_can_open_any_more_go_at_once(cast, case_id):
    """She is in two cases, without a receipt: one of them is left."""
    from casework import sameperson

    alice = cast.keyring_of("alice")
    other = intake.create_case(alice, cast.verdun, story("H-2"))
    hers = people(cast, case_id)[0].id
    sameperson.join(alice, (case_id, hers), (other, people(cast, other)[0].id))
    new = take_out(cast, case_id)
    assert consent.may(vault.open_case(alice, other).record.persons[0], "STORE")
    assert ConsentRecord.objects.count() == ConsentKey.objects.count() == 1
    assert vault.open_case(alice, new).record.persons[0].consent_key == ""


# What stays


def test_evidence_that_stays_opens_and_keeps_its_log_and_what_goes_is_deleted(cast, case_id):
    alice = cast.keyring_of("alice")
    hers, theirs = (
        kept(cast, case_id, jpeg(), f"{CANARY}.jpg", CANARY),
        kept(cast, case_id, jpeg(), "ember.jpg", ""),
    )
    opening.view(alice, case_id, theirs)
    withdraw(cast, case_id)
    new = take_out(cast, case_id, theirs)
    assert [row.pk for row in Evidence.objects.all()] == [theirs] and hers != theirs
    evidencefiles.sweep_doomed()
    assert not evidencefiles.is_there(hers) and evidencefiles.is_there(theirs)
    assert opening.read(alice, new, theirs).details.name == "photograph.jpg"
    viewed = opening.view(alice, new, theirs)
    assert b"".join(opening.plaintext(viewed.piece)) == jpeg()
    assert [entry.act for entry in viewed.log] == ["received", "viewed", "moved", "viewed"]
    with pytest.raises(Http404):
        opening.view(alice, new, hers)
    sharing.grant(alice, new, cast.charlie, may_change=False)
    sharing.revoke(alice, new, cast.charlie)
    assert b"".join(opening.plaintext(opening.read(alice, new, theirs))) == jpeg()


def test_the_register_of_copies_goes_on_without_her(cast, case_id):
    alice = cast.keyring_of("alice")
    heron, ember = people(cast, case_id)
    key, day = keys.open_key(alice, Case.objects.get()), timezone.localdate() + dt.timedelta(days=9)
    for to, whose in (("Me Both", [heron.id, ember.id]), (f"Me {CANARY}", [heron.id])):
        entry = Exported(timezone.now(), cast.alice.pk, "LAWYER", to, "REFER_LEGAL", "", "csv", whose, day)
        register.enter(key, entry)
    withdraw(cast, case_id)
    plan = parting.look(alice, case_id, heron.id)
    assert {one.passed.name for one in plan.to_tell} == {"Me Both", f"Me {CANARY}"} | {f"Me {CANARY}"}
    take_out(cast, case_id)
    left = register.entries(keys.open_key(alice, Case.objects.get()))
    assert [(entry.to, entry.people) for entry in left] == [("Me Both", [ember.id])]


def test_the_others_file_opens_again_and_an_import_of_the_same_row_is_still_recognised(cast, case_id):
    ImportedReference.objects.create(digest=b"d" * 32, case_id=case_id)
    withdraw(cast, case_id)
    alice = cast.keyring_of("alice")
    with pytest.raises(consent.ConsentMissing):
        vault.open_case(alice, case_id)
    new = take_out(cast, case_id)
    assert vault.open_case(alice, new).record.status != "WITHDRAWN"
    assert [bool(row.card.open_until) for row in vault.cards(cast.keyring_of("bob")).cases] == [True]
    assert erasing.due() == [] and not erasing.cancel(new)
    assert ImportedReference.objects.get().case_id == new


def test_whoever_was_granted_it_by_name_is_granted_it_anew_or_has_it_no_more(cast, case_id):
    alice = cast.keyring_of("alice")
    sharing.grant(alice, case_id, cast.charlie, may_change=True)
    new = take_out(cast, case_id)
    with pytest.raises(Http404):
        vault.open_case(cast.keyring_of("charlie"), new)
    assert ErasedCase.objects.get().rule == "asked"


def test_two_who_withdrew_leave_together(cast):
    alice = cast.keyring_of("alice")
    three = story("H-3", person("Heron"), person("Ember"), person("Wren"))
    case_id = intake.create_case(alice, cast.verdun, three)
    withdraw(cast, case_id, 0)
    withdraw(cast, case_id, 1)
    new = take_out(cast, case_id, who=1)
    assert [someone.alias for someone in vault.open_case(alice, new).record.persons] == ["Wren"]


# Whether


def test_only_the_team_that_keeps_it_may_and_only_while_the_others_agree(cast, case_id):
    someone, other = (one.id for one in people(cast, case_id))
    for name in ("charlie", "dana", "frank", "root_user"):
        with pytest.raises(Http404):
            parting.look(cast.keyring_of(name), case_id, someone)
        with pytest.raises(Http404):
            parting.take_out(cast.keyring_of(name), case_id, someone, 2, [], {})
    alice = cast.keyring_of("alice")
    with pytest.raises(Http404):
        parting.look(alice, case_id, uuid.uuid4().hex)
    opened = vault.open_case(alice, case_id)
    opened.record.persons[1].consents = [
        Consent("STORE", "GIVEN", timezone.localdate() - dt.timedelta(days=1), expires=timezone.localdate())
    ]
    intake.save_consents(alice, case_id, opened.record, opened.revision)
    assert parting.look(alice, case_id, someone)
    opened = vault.open_case(alice, case_id)
    opened.record.persons[1].consents[0].expires = timezone.localdate() - dt.timedelta(days=1)
    intake.save_consents(alice, case_id, opened.record, opened.revision)
    with pytest.raises(consent.ConsentMissing):
        parting.look(alice, case_id, someone)
    assert parting.look(alice, case_id, other).leaving[0].id == other
    assert Case.objects.count() == 1


def test_the_last_one_s_file_is_not_taken_apart_and_one_under_a_hold_neither(cast, case_id):
    alice, today = cast.keyring_of("alice"), timezone.localdate()
    single = intake.create_case(alice, cast.verdun, story("H-4"))
    with pytest.raises(parting.NobodyElse):
        parting.look(alice, single, people(cast, single)[0].id)
    holding.ask(alice, case_id, "A lawsuit", today + dt.timedelta(days=9))
    holding.agree(cast.keyring_of("bob"), case_id)
    with pytest.raises(erasing.UnderHold):
        take_out(cast, case_id)
    assert Case.objects.count() == 2


def test_a_file_that_somebody_saved_since_it_was_read_is_read_again(cast, case_id):
    alice = cast.keyring_of("alice")
    someone = people(cast, case_id)[0].id
    plan = parting.look(alice, case_id, someone)
    opened = vault.open_case(alice, case_id)
    opened.record.statements.append(Statement(f"New, of {CANARY}", "SELF"))
    intake.save_case(alice, case_id, opened.record, opened.revision)
    with pytest.raises(intake.SavedMeanwhile):
        parting.take_out(alice, case_id, someone, plan.opened.revision, without_her(plan), {})
    assert [case.pk for case in Case.objects.all()] == [case_id] and not ErasedCase.objects.exists()


def test_stopped_in_between_the_others_file_is_there_and_the_worker_erases_the_old_one(
    cast, case_id, monkeypatch
):
    withdraw(cast, case_id)

    def killed(*given: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "erase", killed)
        with pytest.raises(KeyboardInterrupt):
            take_out(cast, case_id)
    assert Case.objects.count() == 2
    later = timezone.now() + dt.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert erasing.erase_due() == 1
    assert not Case.objects.filter(pk=case_id).exists() and Case.objects.count() == 1
    assert Statistic.objects.count() == 1


# No text is forgotten

CODED = {
    "id", "purpose", "state", "mode", "language", "wording", "explained_by", "conditions", "kind", "agency",
    "detention_place", "warrant_shown", "reasons_given", "counsel", "interpreter", "legal_basis", "result", "code", "service",
    "detained_now", "detained_where", "minors", "age_band", "gender", "region", "cbsa_involvement", "consent_key", "source",
    "source_credibility", "information_validity", "service_type", "mechanism", "city", "borough", "pretext", "place_type",
    "reason_given", "by", "action", "status", "verification", "owner", "done_by", "person", "body", "item", "contact",
}  # fmt: skip
# Of a person who leaves, or of a recipient who is told by name.
OWN = {("Told", "name"), ("Referral", "name"), ("Step", "place")}


def test_every_text_of_a_record_is_shown_before_it_stays():
    left, seen = [CaseRecord], set()
    while left:
        struct = left.pop()
        seen.add(struct)
        for field in msgspec.structs.fields(struct):
            for kind in (field.type, *getattr(field.type, "__args__", ())):
                if (
                    isinstance(kind, type)
                    and issubclass(kind, msgspec.Struct)
                    and kind not in (*seen, Moment, Saved)
                ):
                    left.append(kind)
            if field.type is str and field.name not in freetext.WORDS.get(struct, ()):
                assert field.name in CODED or (struct.__name__, field.name) in OWN, (struct, field.name)
    assert {Person, Step, Statement, Task} <= seen


def test_a_rewritten_text_stands_where_it_stood_and_an_emptied_one_goes():
    record = told_of_both()
    texts = freetext.texts(record)
    freetext.rewrite(record, {text.way: text.text.replace(CANARY, "") for text in texts})
    assert CANARY not in repr(msgspec.to_builtins(record)).replace(f"Me {CANARY}", "")
    assert len(record.statements) == 3
    freetext.rewrite(record, {("statements", 1, "text"): "  "})
    assert [statement.id for statement in record.statements] == ["1", "3"]


# The page


def test_the_page_shows_what_stays_and_nothing_of_hers_and_takes_it_out(cast, case_id):
    piece = kept(cast, case_id, jpeg(), f"{CANARY}.jpg", f"{CANARY} at the corner")
    client = in_english(sign_in(Client(), "alice"))
    hers = uuid.UUID(people(cast, case_id)[0].id)
    address = reverse("part-take-out", args=[case_id, hers])
    assert address in client.get(reverse("person-consent", args=[case_id, hers])).content.decode()
    withdraw(cast, case_id)
    assert address in client.get(reverse("case-consent", args=[case_id])).content.decode()
    page = client.get(address).content.decode()
    assert "Both stood there" in page and f"{CANARY} alone" not in page and f"{CANARY} asked why" not in page
    assert "1 statement that tells of nobody else" in page and f"{CANARY} at the corner" in page
    plan = parting.look(cast.keyring_of("alice"), case_id, hers.hex)
    sent = {"base": plan.opened.revision} | {
        f"text-{number}": text for number, text in enumerate(without_her(plan))
    }
    sent |= {f"name-{piece.hex}": "street.jpg", f"words-{piece.hex}": ""}
    for missing in ({"sure": "on"}, {piece.hex: "stays"}, {"sure": "on", piece.hex: "perhaps"}):
        assert client.post(address, sent | missing).status_code == 422
    assert Case.objects.get().pk == case_id
    answer = client.post(address, sent | {"sure": "on", piece.hex: "stays"}, follow=True)
    said = answer.content.decode()
    assert answer.status_code == 200 and "The part is erased." in said
    assert CANARY not in said and "Heron" not in said and "street.jpg" in said
    assert Case.objects.get().pk != case_id


def test_what_is_told_of_her_goes_and_what_is_told_of_the_others_stays(cast):
    alice = cast.keyring_of("alice")
    case_id = a_case(cast, told("H-6", teller("Heron"), teller("Ember")))
    hers, ember = an_offer(cast, case_id), people(cast, case_id)[1].id
    of_ember = dataclasses.replace(typed(case_id, cast), person=ember)
    theirs = offering.offer(alice, case_id, of_ember)
    new = take_out(cast, case_id)
    assert [story.pk for story in Story.objects.all()] == [theirs] and hers != theirs
    assert LedgerEntry.objects.filter(kind="story").count() == 1
    assert vault.open_case(alice, new).record.persons[0].alias == "Ember"
