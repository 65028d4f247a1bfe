"""The decrypted shape of a case."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.sealed import SealBroken
from casework.record import (
    OLDER,
    Card,
    CardHead,
    CaseRecord,
    Moment,
    Outcome,
    Person,
    card_of,
    decode_card,
    decode_head,
    decode_record,
    encode,
    is_detained_now,
)
from tests.stories import story


@pytest.mark.parametrize(
    ("text", "precision", "earliest", "latest"),
    [
        ("2017", "year", "2017-01-01 00:00", "2017-12-31 23:59"),
        ("2017-Q2", "quarter", "2017-04-01 00:00", "2017-06-30 23:59"),
        ("2017-T2", "quarter", "2017-04-01 00:00", "2017-06-30 23:59"),
        ("2016-02", "month", "2016-02-01 00:00", "2016-02-29 23:59"),
        ("2017-03-14", "day", "2017-03-14 00:00", "2017-03-14 23:59"),
        ("2017-03-14T22:10", "minute", "2017-03-14 22:10", "2017-03-14 22:10"),
    ],
)
def test_a_moment_is_as_precise_as_the_person_was(text, precision, earliest, latest):
    moment = Moment.parse(text)
    assert moment.precision == precision
    assert (f"{moment.earliest:%Y-%m-%d %H:%M}", f"{moment.latest:%Y-%m-%d %H:%M}") == (earliest, latest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17",
        "2017-13",
        "2017-00",
        "2017-Q5",
        "2017-02-30",
        "2017-03-00",
        "2017-03-14T25:00",
        "mars 2017",
        "1066",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        Moment.parse(text)


@given(st.text())
def test_no_text_makes_a_moment_fail_otherwise_than_by_value_error(text):
    try:
        moment = Moment.parse(text)
    except ValueError:
        return
    assert moment.earliest <= moment.latest and moment.year == moment.earliest.year


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2999, 12, 31)))
def test_the_quarter_is_that_of_the_month(day):
    assert Moment.parse(f"{day:%Y-%m}").quarter == (day.month + 2) // 3


def test_a_record_comes_back_as_it_was_kept():
    record = story()
    assert decode_record(encode(record)) == record


def test_a_record_of_an_unknown_version_is_not_half_read():
    record = story()
    record.version = 2
    with pytest.raises(SealBroken):
        decode_record(encode(record))


def test_a_card_tells_no_name_and_no_narrative():
    card = encode(card_of(story(), counted=True, open_until="2027-01-01"))
    assert b"Quillfeather" not in card and b"accent" not in card
    assert decode_card(card).aliases == ("Heron",)


def test_the_head_of_a_card_says_what_the_card_says():
    card = card_of(story(), counted=True, open_until="2027-01-01", due=("2026-12-01 REVIEW",))
    head = decode_head(encode(card))
    assert {name: getattr(card, name) for name in CardHead.__struct_fields__} == msgspec.structs.asdict(head)


def test_a_card_whose_head_did_not_come_first_yet_is_read_whole():
    card = card_of(story(), counted=True, open_until="2027-01-01", due=("2026-12-01 REVIEW",), facts=" a=B ")
    older = msgspec.msgpack.encode([getattr(card, name) for name in OLDER])
    assert set(OLDER) == set(Card.__struct_fields__)
    assert decode_card(older) == decode_head(older) == card


@pytest.mark.parametrize("shape", [[], ["H-1", "", "", 7], [1, 2], {"reference": "H-1"}, b"H-1"])
def test_a_card_of_another_shape_is_not_half_read(shape):
    for decode in (decode_card, decode_head):
        with pytest.raises(SealBroken):
            decode(msgspec.msgpack.encode(shape))


@pytest.mark.parametrize(
    ("codes", "detained"),
    [([], False), (["DETAINED"], True), (["DETAINED", "ATD"], False), (["REMOVED"], False)],
)
def test_the_last_known_outcome_says_whether_somebody_is_detained_now(codes, detained):
    assert is_detained_now(Person("1", outcomes=[Outcome(code) for code in codes])) is detained


def test_the_latest_answer_to_a_purpose_is_the_one_that_counts():
    from casework.record import Consent

    person = Person("1", consents=[Consent("STATS", "GIVEN"), Consent("STATS", "WITHDRAWN")])
    latest = person.consent_for("STATS")
    assert latest is not None and latest.state == "WITHDRAWN"
    assert person.consent_for("STORY") is None


def test_only_victims_are_the_people_a_case_is_about():
    record = CaseRecord(
        "R", story().event, persons=[Person("1", roles=["SOURCE"]), Person("2", roles=["VICTIM"])]
    )
    assert [person.id for person in record.victims()] == ["2"]
