"""What is counted of a case, how it is hidden among the others, and that the worker's key alone opens it."""

import datetime as dt
import hashlib
from typing import Any

import pytest

from accounts.crypto.context import statistic_context
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyfiles import statistics_path
from casework import coarse, coarsening, statistics, vocabulary
from casework.coarse import CoarseRecord, NotCoarse
from casework.consent import months_after
from casework.models import Release, Statistic
from casework.record import (
    CaseRecord,
    Consent,
    Event,
    Moment,
    Outcome,
    Step,
    new_person,
    new_record,
)
from casework.statistics import NoStatisticsRoot
from tests.cast import Cast
from tests.statistics_rows import records

TODAY = dt.date(2026, 11, 23)
ASKED = dt.date(2026, 3, 14)
# A row of version 1 without its zeros, made when there was no other.
FIRST = (
    "0088dc0016c410000102030405060708090a0b0c0d0e0faa323032382d30332d3031cd07e101a84d4f4e545245414ca65645"
    "5244554e91a45350564dae545241464649435f4d4f56494e47a091ab43414c4c5f535441545553a0a359455392ab48414e44"
    "45445f4f564552a844455441494e45449091a74c4942455254599090a0a34d414ea0a2563301"
)


def a_person(**changes: Any) -> Any:
    person = new_person("VICTIM")
    person.consents = [Consent("STORE", "GIVEN", ASKED), Consent("STATS", "GIVEN", ASKED)]
    for name, value in changes.items():
        setattr(person, name, value)
    return person


def a_case(*people: Any, verification: str = "V1", date: str = "2017-03-14", **event: Any) -> CaseRecord:
    record = new_record("2017-001", Event(date=Moment.parse(date), **event))
    record.persons, record.verification = list(people), verification
    return record


# What is counted


def test_it_counts_only_people_who_agreed_to_be_counted() -> None:
    refuses = a_person(consents=[Consent("STORE", "GIVEN", ASKED), Consent("STATS", "REFUSED", ASKED)])
    rows = coarsening.coarsen(a_case(a_person(), refuses), TODAY)
    assert len(rows) == 1


def test_it_does_not_count_without_consent_to_keep_the_story() -> None:
    person = a_person(consents=[Consent("STATS", "GIVEN", ASKED)])
    assert coarsening.coarsen(a_case(person), TODAY) == []


@pytest.mark.parametrize("verification", ["V0", "VX", ""])
def test_it_never_counts_what_was_not_reviewed_or_was_contradicted(verification: str) -> None:
    assert coarsening.coarsen(a_case(a_person(), verification=verification), TODAY) == []


@pytest.mark.parametrize("verification", ["V1", "V2", "V3", "V4"])
def test_it_counts_what_was_reviewed(verification: str) -> None:
    [(_token, counted)] = coarsening.coarsen(a_case(a_person(), verification=verification), TODAY)
    assert counted.verification == verification


def test_it_does_not_count_sources_and_officers() -> None:
    source = new_person("SOURCE")
    source.consents = [Consent("STORE", "GIVEN", ASKED), Consent("STATS", "GIVEN", ASKED)]
    assert coarsening.coarsen(a_case(source), TODAY) == []


def test_it_names_a_row_by_the_hash_of_the_token() -> None:
    person = a_person()
    [(token, _coarse)] = coarsening.coarsen(a_case(person), TODAY)
    assert token == hashlib.sha256(person.statistic_token).digest()


def test_it_refuses_a_person_without_a_token() -> None:
    with pytest.raises(ValueError, match="token"):
        coarsening.coarsen(a_case(a_person(statistic_token=b"")), TODAY)


def test_a_row_holds_no_name_no_day_and_no_text() -> None:
    person = a_person(alias="Heron", name="Marie Canari", steps=[Step("HOLD", note="gray van")])
    record = a_case(person, city="MONTREAL", place_note="rue Jarry 12")
    [(_token, counted)] = coarsening.coarsen(record, TODAY)
    row = coarse.encode(counted)
    for secret in (b"Heron", b"Canari", b"gray", b"Jarry", b"2017-03-14", b"2017-001", person.id.encode()):
        assert secret not in row
    assert (counted.year, counted.quarter) == (2017, 1)


def test_free_text_in_a_coded_field_stays_in_the_case() -> None:
    person = a_person(gender="tall, red coat", harms=["FORCE", "my own words"])
    [(_token, counted)] = coarsening.coarsen(a_case(person, pretext="looked at me"), TODAY)
    assert (counted.gender, counted.pretext, counted.harm) == ("", "", ("FORCE",))


def test_the_consent_s_day_becomes_a_month() -> None:
    person = a_person(
        consents=[
            Consent("STORE", "GIVEN", ASKED),
            Consent("STATS", "GIVEN", ASKED, expires=dt.date(2027, 5, 20)),
        ]
    )
    [(_token, counted)] = coarsening.coarsen(a_case(person), TODAY)
    assert counted.counted_before == dt.date(2027, 5, 1)


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({"held_hours": 3.0}, "YES"),
        ({"outcomes": [Outcome("HANDED_OVER")]}, "YES"),
        ({"steps": [Step("DETENTION")]}, "YES"),
        ({"held_hours": 0.0}, "NO"),
        ({"outcomes": [Outcome("RELEASED_SCENE")]}, "NO"),
        ({}, "UNK"),
    ],
)
def test_a_missing_number_of_hours_is_not_a_no(changes: dict[str, Any], held: str) -> None:
    [(_token, counted)] = coarsening.coarsen(a_case(a_person(**changes)), TODAY)
    assert counted.held == held


def test_six_people_of_one_event_share_its_token_and_nothing_else_does() -> None:
    one = coarsening.coarsen(a_case(*(a_person() for _ in range(6))), TODAY)
    two = coarsening.coarsen(a_case(a_person()), TODAY)
    assert len({row.event for _token, row in one}) == 1
    assert len({token for token, _coarse in one}) == 6
    assert one[0][1].event != two[0][1].event


# The row


def fullest() -> CoarseRecord:
    """Every code of every list at once, and the longest of the single ones."""

    def all_of(name: str) -> tuple[str, ...]:
        return vocabulary.codes(name)

    def longest(name: str) -> str:
        return max(vocabulary.codes(name), key=len)

    return CoarseRecord(
        event=b"e" * 16, counted_before=dt.date(2028, 12, 1), year=2025, quarter=4,
        city=longest("city"), borough=longest("borough"), police_service=all_of("police_service"),
        pretext=longest("pretext"), place_type=longest("place_type"), status_raised=all_of("status_raised"),
        cbsa_involvement=longest("cbsa_involvement"), held="UNK", outcome=all_of("outcome"),
        detention_place=all_of("detention_place"), harm=all_of("harm"), service_type=all_of("service_type"),
        denial_mechanism=all_of("denial_mechanism"), age_band=longest("age_band"), gender=longest("gender"),
        region=longest("region"), verification="V4", stop_to_call="UNDER_1H", call_to_handover="1H_TO_4H",
        hold_length="4H_TO_24H", hold_to_counsel="FROM_24H", hold_to_end="FROM_40D", version=coarse.VERSION,
    )  # fmt: skip


def test_every_row_has_the_same_size() -> None:
    least = CoarseRecord(event=b"", counted_before=TODAY)
    assert len(coarse.encode(least)) == len(coarse.encode(fullest())) == coarse.ROW_BYTES


def test_a_row_survives_the_way_there_and_back() -> None:
    assert coarse.decode(coarse.encode(fullest())) == fullest()


@pytest.mark.parametrize(
    "row", [b"", bytes(coarse.ROW_BYTES), b"\xff" * coarse.ROW_BYTES, bytes(2048), b"\xff" * 2048]
)
def test_it_refuses_a_row_it_never_made(row: bytes) -> None:
    with pytest.raises(SealBroken):
        coarse.decode(row)


def test_it_refuses_a_row_of_another_version() -> None:
    with pytest.raises(SealBroken):
        coarse.decode(b"\x03" + coarse.encode(fullest())[1:])


def test_a_row_has_room_for_every_code_of_a_list_and_more() -> None:
    for fact, places in coarse.MANY.items():
        assert len(coarse.numbers(fact)) < places


def test_no_two_codes_of_a_list_have_the_same_number_and_none_has_none() -> None:
    for fact in (*coarse.SINGLE, *coarse.MANY):
        numbers = coarse.numbers(fact).values()
        assert 0 not in numbers
        assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pretext": "looked at me"},
        {"harm": ("my own words",)},
        {"event": bytes(17)},
        {"harm": ("LIBERTY",) * 25},
        {"year": 70_000},
    ],
)
def test_what_no_list_knows_does_not_become_a_row(wrong: dict[str, Any]) -> None:
    with pytest.raises(NotCoarse):
        coarse.encode(CoarseRecord(**{"event": b"", "counted_before": TODAY} | wrong))


def a_first_row() -> bytes:
    """As version 1 wrote it, for ever."""
    return bytes.fromhex(FIRST).ljust(2048, b"\0")


def test_a_row_of_the_first_version_is_read_as_it_was_meant_and_says_nothing_of_what_it_did_not_know() -> (
    None
):
    record = coarse.decode(a_first_row())
    assert record == CoarseRecord(
        event=bytes(range(16)), counted_before=dt.date(2028, 3, 1), year=2017, quarter=1, city="MONTREAL",
        borough="VERDUN", police_service=("SPVM",), pretext="TRAFFIC_MOVING", status_raised=("CALL_STATUS",),
        held="YES", outcome=("HANDED_OVER", "DETAINED"), harm=("LIBERTY",), gender="MAN", verification="V3",
    )  # fmt: skip
    assert coarse.decode(coarse.renewed(a_first_row())).hold_to_end == ""


def test_compaction_gives_old_rows_the_form_of_new_ones(cast: Cast) -> None:
    token, root = b"t" * 32, statistics.worker_root()
    sealed = root.seal(a_first_row(), statistic_context(token))
    Statistic.objects.create(token_hash=token, epoch=1, compacted=True, coarse_ciphertext=sealed)
    assert [record.borough for record in records()] == ["VERDUN"]
    assert statistics.needs_compaction()
    assert statistics.compact(root) == 1
    assert [record.borough for record in records()] == ["VERDUN"]
    [row] = Statistic.objects.all()
    assert (row.version, len(row.coarse_ciphertext)) == (coarse.VERSION, coarse.ROW_BYTES + 34)
    assert not statistics.needs_compaction()


# Saving


def test_the_worker_s_root_opens_what_a_save_sealed(cast: Cast) -> None:
    assert coarsening.replace([a_case(a_person(), a_person(gender="WOMAN"))]) == 2
    assert sorted(r.gender for r in records()) == ["", "WOMAN"]


def test_a_team_s_root_does_not_open_a_row(cast: Cast) -> None:
    coarsening.replace([a_case(a_person())])
    team = cast.keyring_of("alice").team(cast.verdun.id)
    with pytest.raises(SealBroken):
        list(statistics.rows(team))


def test_saving_again_replaces_the_row_and_withdrawing_removes_it(cast: Cast) -> None:
    person = a_person()
    record = a_case(person)
    coarsening.replace([record])
    person.gender = "MAN"
    coarsening.replace([record], forget=[record])
    assert [r.gender for r in records()] == ["MAN"]
    person.consents.append(Consent("STATS", "WITHDRAWN", TODAY))
    coarsening.replace([record], forget=[record])
    assert not Statistic.objects.exists()


def test_somebody_taken_out_of_a_case_is_no_longer_counted(cast: Cast) -> None:
    stays, goes = a_person(gender="MAN"), a_person(gender="WOMAN")
    before = a_case(stays, goes)
    coarsening.replace([before])
    after = a_case(stays)
    coarsening.replace([after], forget=[before])
    assert [r.gender for r in records()] == ["MAN"]


def test_erasure_takes_the_statistic_as_well(cast: Cast) -> None:
    record = a_case(a_person(), a_person())
    coarsening.replace([record])
    assert coarsening.forget([record]) == 2
    assert not Statistic.objects.exists()


def a_waiting_draft(status: str = Release.Status.DRAFTED) -> Release:
    return Release.objects.create(specification={}, status=status)


@pytest.mark.parametrize("status", ["drafting", "drafted", "approved"])
def test_a_withdrawal_makes_a_waiting_draft_outdated(cast: Cast, status: str) -> None:
    person, release = a_person(), a_waiting_draft(status)
    record = a_case(person)
    coarsening.replace([record])
    release.refresh_from_db()
    assert not release.outdated
    coarsening.replace([record], forget=[record])
    release.refresh_from_db()
    assert not release.outdated, "saving a case again takes nobody away"
    person.consents.append(Consent("STATS", "WITHDRAWN", TODAY))
    coarsening.replace([record], forget=[record])
    release.refresh_from_db()
    assert release.outdated


def test_two_hundred_people_take_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    records = [a_case(a_person()) for _ in range(200)]
    with django_assert_max_num_queries(9):
        coarsening.replace(records, forget=records)


# The root


def test_a_missing_root_is_named(cast: Cast) -> None:
    statistics_path().unlink()
    with pytest.raises(NoStatisticsRoot):
        statistics.worker_root()


def test_a_root_nobody_vouches_for_is_named(cast: Cast) -> None:
    stranger = Principal.generate("statistics")
    statistics_path().write_text(f"temoin-statistics-root/1 {stranger.id} 1 {stranger.root.hex()}\n")
    with pytest.raises(NoStatisticsRoot):
        statistics.worker_root()


# Compaction


def many(number: int) -> None:
    for start in range(0, number, 10):
        coarsening.replace([a_case(a_person(), date=str(2000 + start // 10)) for _ in range(10)])


def rows_in_place() -> list[bytes]:
    """In the order the database keeps them, which is what a seized disk shows."""
    from django.db import connection

    place = "rowid" if connection.vendor == "sqlite" else "ctid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT token_hash FROM casework_statistic ORDER BY {place}")
        return [bytes(row[0]) for row in cursor.fetchall()]


def test_compaction_keeps_every_record_and_changes_every_ciphertext(cast: Cast) -> None:
    many(40)
    root = statistics.worker_root()
    before = {bytes(r.pk): bytes(r.coarse_ciphertext) for r in Statistic.objects.all()}
    figures = sorted(r.year for r in records())
    assert statistics.compact(root) == 40
    assert sorted(r.year for r in records()) == figures
    for row in Statistic.objects.all():
        assert row.compacted
        assert bytes(row.coarse_ciphertext) != before[bytes(row.pk)]
    assert len({len(row.coarse_ciphertext) for row in Statistic.objects.all()}) == 1
    assert not statistics.needs_compaction()


def test_after_compaction_the_order_on_disk_says_nothing_of_the_order_of_saving(cast: Cast) -> None:
    many(40)
    statistics.compact(statistics.worker_root())
    old = rows_in_place()
    many(10)
    new = [token for token in rows_in_place() if token not in old]
    assert rows_in_place()[-10:] == new, "before compaction the last rows are the last saved"
    statistics.compact(statistics.worker_root())
    after = rows_in_place()
    # Forty old and ten new rows in random order: that the new ones end up last again has a chance of one in ten thousand million.
    assert sorted(after) == sorted(old + new)
    assert after[-10:] != new
    assert [token for token in after if token in old] != old


def test_above_the_limit_new_rows_are_hidden_among_a_part_of_the_old(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(40)
    root = statistics.worker_root()
    statistics.compact(root)
    monkeypatch.setattr(statistics, "SHUFFLED_AT_ONCE", 12)
    before = {bytes(r.pk): bytes(r.coarse_ciphertext) for r in Statistic.objects.all()}
    coarsening.replace([a_case(a_person())])
    assert statistics.compact(root) == 1
    moved = [
        pk for pk, sealed in before.items() if bytes(Statistic.objects.get(pk=pk).coarse_ciphertext) != sealed
    ]
    assert len(moved) == 12
    assert len(records()) == 41


def test_compacting_twice_does_nothing_the_second_time(cast: Cast) -> None:
    many(10)
    root = statistics.worker_root()
    statistics.compact(root)
    before = rows_in_place()
    assert statistics.compact(root) == 0
    assert rows_in_place() == before


def test_compaction_stopped_in_the_middle_is_finished_by_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(40)
    monkeypatch.setattr(statistics, "CHUNK", 10)
    root = statistics.worker_root()

    class Killed(Exception): ...

    def progress(done: int, total: int) -> None:
        if done == 20:
            raise Killed

    with pytest.raises(Killed):
        statistics.compact(root, progress)
    assert Statistic.objects.filter(compacted=True).count() == 20
    assert len(records()) == 40
    statistics.compact(root)
    assert Statistic.objects.filter(compacted=True).count() == 40
    assert len(records()) == 40


def test_a_flipped_byte_is_noticed_and_nothing_is_lost(cast: Cast) -> None:
    many(10)
    row = Statistic.objects.first()
    assert row is not None
    damaged = bytearray(row.coarse_ciphertext)
    damaged[-1] ^= 1
    Statistic.objects.filter(pk=row.pk).update(coarse_ciphertext=Sealed(bytes(damaged)))
    with pytest.raises(SealBroken):
        statistics.compact(statistics.worker_root())
    assert Statistic.objects.count() == 10


def test_a_row_moved_to_another_name_does_not_open(cast: Cast) -> None:
    many(10)
    one, two = Statistic.objects.all()[:2]
    Statistic.objects.filter(pk=one.pk).update(coarse_ciphertext=two.coarse_ciphertext)
    with pytest.raises(SealBroken):
        records()


def test_months_after_is_what_the_coarse_month_rests_on() -> None:
    [(_token, counted)] = coarsening.coarsen(a_case(a_person()), TODAY)
    assert counted.counted_before == months_after(ASKED, 24).replace(day=1)
