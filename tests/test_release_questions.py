"""What a release may ask, and what the document it becomes must look like: pure, without keys or database."""

import copy
import datetime as dt
import itertools
import json
import uuid
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from casework import coarse, documents, facts, questions, refusals
from casework.coarse import CoarseRecord
from casework.counting import Layout
from casework.documents import Document, NotARelease
from casework.questions import BadSpecification, Period
from casework.tallying import Sieve, Tally, array

TODAY = dt.date(2026, 11, 23)
GOOD: dict[str, Any] = {
    "title": {"en": "Stops", "fr": "Interceptions"},
    "unit": "person",
    "period": {"from": "2015-01", "to": "2025-12"},
    "threshold": 5,
    "tables": [["pretext", "year"], ["outcome"]],
    "supersedes": None,
}


def asked(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(GOOD), **changes}


# The question


def test_the_specification_of_the_design_is_understood() -> None:
    raw = json.loads(
        '{"title": {"en": "a", "fr": "b"}, "unit": "person", "period": {"from": "2015-01", "to": "2025-12"}, "threshold": 5,'
        ' "tables": [["borough", "year"], ["pretext", "year"], ["outcome"]], "supersedes": null}'
    )
    question = questions.parse(raw, TODAY)
    assert [fact.code for fact in question.facts] == ["borough", "year", "pretext", "outcome"]
    assert question.plain() == raw


def test_every_dimension_of_the_design_is_known() -> None:
    named = (
        "city sector borough police_district police_service year quarter pretext place_type status_raised "
        "cbsa_involvement held outcome "
        "detention_place harm service_type denial_mechanism age_band gender region verification "
        "stop_to_call call_to_handover hold_length hold_to_counsel hold_to_end"
    )
    assert set(named.split()) == set(facts.FACTS)


def test_every_recorded_fact_is_a_field_of_the_coarse_record() -> None:
    fields = set(CoarseRecord.__struct_fields__)
    # A sector is read off the borough.
    assert {code for code, fact in facts.FACTS.items() if fact.recorded} - {"sector"} <= fields


def known(at: dict[str, str], value: int = 7, source: str = "Rapport annuel 2024") -> dict[str, Any]:
    return {"at": at, "value": value, "source": source}


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"titles": {}}, "spec_shape", "titles"),
        ({"threshold": "five"}, "spec_shape", "$.threshold"),
        ({"title": {"en": "a"}}, "title_languages", "title"),
        ({"title": {"en": "a", "fr": " "}}, "title_words", "title.fr"),
        ({"title": {"en": "a" * 201, "fr": "b"}}, "title_words", "title.en"),
        ({"title": {"en": "a\u202eb", "fr": "b"}}, "title_words", "title.en"),
        ({"unit": "report"}, "unknown_unit", "unit"),
        ({"period": {"from": "2015", "to": "2025-12"}}, "period_month", "period.from"),
        ({"period": {"from": "2015-01", "to": "2027-12"}}, "period_month", "period.to"),
        ({"period": {"from": "2015-13", "to": "2025-12"}}, "period_month", "period.from"),
        ({"period": {"from": "2025-01", "to": "2024-12"}}, "period_order", "period"),
        ({"period": {"from": "2015-02", "to": "2025-12"}}, "period_quarters", "period"),
        ({"threshold": 2}, "threshold_range", "threshold"),
        ({"threshold": 10**6}, "threshold_range", "threshold"),
        ({"tables": []}, "table_count", "tables"),
        ({"tables": [[]]}, "table_dimensions", "tables.1"),
        ({"tables": [["year", "pretext", "held", "gender"]]}, "table_dimensions", "tables.1"),
        ({"tables": [["year"], ["nationality"]]}, "unknown_dimension", "tables.2"),
        ({"tables": [["police_district"]]}, "not_recorded", "tables.1"),
        ({"tables": [["year", "year"]]}, "dimension_twice", "tables.1"),
        ({"tables": [["year", "pretext"], ["pretext", "year"]]}, "table_twice", "tables"),
        ({"tables": [["outcome", "harm"]]}, "two_many_valued", "tables.1"),
        ({"tables": [["year"], ["quarter"]]}, "mixed_levels", "tables"),
        ({"tables": [["city"], ["borough"]]}, "mixed_levels", "tables"),
        ({"tables": [["sector"], ["borough", "year"]]}, "mixed_levels", "tables"),
        ({"merged": {"shoe_size": ["A", "B"]}}, "merged_categories", "merged.shoe_size"),
        ({"merged": {"harm": ["JOB_LOSS", "INJURY"]}}, "merged_categories", "merged.harm"),
        ({"merged": {"pretext": ["BYLAW"]}}, "merged_categories", "merged.pretext"),
        ({"merged": {"pretext": ["BYLAW", "BYLAW"]}}, "merged_categories", "merged.pretext"),
        ({"merged": {"pretext": ["BYLAW", "NO_SUCH"]}}, "merged_categories", "merged.pretext"),
        ({"merged": {"year": ["2015", "2016"]}}, "merged_categories", "merged.year"),
        ({"tables": [["region", "borough"]]}, "region_and_place", "threshold"),
        ({"unit": "event", "tables": [["gender"]]}, "not_of_event", "tables.1"),
        ({"tables": [["borough", "year", "pretext"]]}, "too_large", "tables"),
        ({"tables": [["year"]], "known": [known({"pretext": "BYLAW"})]}, "known_place", "known.1"),
        ({"tables": [["year"]], "known": [known({}), known({"year": "1999"})]}, "known_place", "known.2"),
        ({"tables": [["year"]], "known": [known({})], "rounded": True}, "known_rounded", "known"),
        ({"tables": [["year"]], "known": [known({}, value=-1)]}, "known_figure", "known.1"),
        ({"tables": [["year"]], "known": [known({}, source=" ")]}, "known_figure", "known.1"),
        ({"tables": [["year"]], "known": [{"at": {}, "value": 3}]}, "spec_shape", "$.known[0]"),
    ],
)  # fmt: skip
def test_it_refuses_by_name(changes: dict[str, Any], code: str, where: str) -> None:
    with pytest.raises(BadSpecification) as refused:
        questions.parse(asked(**changes), TODAY)
    assert (refused.value.code, refused.value.where) == (code, where)
    assert str(refusals.explain(code).what)
    assert str(refusals.explain(code).do)


@pytest.mark.parametrize("raw", [None, [], "text", 5, {}])
def test_it_refuses_what_is_no_specification(raw: object) -> None:
    with pytest.raises(BadSpecification) as refused:
        questions.parse(raw, TODAY)
    assert refused.value.code == "spec_shape"


def test_region_and_place_are_allowed_from_ten_on() -> None:
    assert questions.parse(asked(tables=[["region", "city"]], threshold=10), TODAY).threshold == 10


def test_a_date_known_to_the_year_counts_when_the_whole_year_is_inside() -> None:
    period = Period("2015-04", "2017-12")
    assert not period.holds(2015, 0)
    assert period.holds(2016, 0)
    assert period.holds(2015, 2)
    assert not period.holds(2015, 1)
    assert not period.holds(0, 0)


# Counting


def records(*rows: dict[str, Any]) -> list[list[CoarseRecord]]:
    return [
        [
            CoarseRecord(
                **{"event": str(n).encode(), "counted_before": dt.date(2028, 1, 1), "year": 2020, **row}
            )
            for n, row in enumerate(rows)
        ]
    ]


def table_of(
    question: questions.Specification, rows: list[list[CoarseRecord]], number: int = 0
) -> dict[Any, int]:
    layout = Layout(question)
    tally, sieve = Tally(layout), Sieve(question, TODAY)
    counts = tally.nothing()
    for chunk in rows:
        tally.add(counts, sieve.through(array(map(coarse.encode, chunk))))
    linked = tally.linked(counts, layout.tables, ())
    return {tuple(at.values()): int(linked.values[cell]) for at, cell in layout.cells(linked, number)}


def test_a_table_counts_people_with_margins() -> None:
    question = questions.parse(asked(tables=[["pretext", "year"]]), TODAY)
    found = table_of(
        question, records({"pretext": "PROTEST"}, {"pretext": "PROTEST", "year": 2021}, {"pretext": "BYLAW"})
    )
    assert found["PROTEST", "2020"] == 1
    assert found["PROTEST", "TOTAL"] == 2
    assert found["TOTAL", "2020"] == 2
    assert found["TOTAL", "TOTAL"] == 3
    assert found["WITNESS", "2015"] == 0


def test_somebody_with_two_outcomes_stands_in_two_rows_and_once_in_the_total() -> None:
    question = questions.parse(asked(tables=[["outcome", "year"]]), TODAY)
    found = table_of(question, records({"outcome": ("DETAINED", "REMOVED")}, {"outcome": ("DETAINED",)}, {}))
    assert found["DETAINED", "TOTAL"] == 2
    assert found["REMOVED", "2020"] == 1
    assert found["TOTAL", "TOTAL"] == 3


def test_none_and_unknown_are_not_rows_of_a_fact_with_several_values() -> None:
    question = questions.parse(asked(tables=[["harm"], ["status_raised"]]), TODAY)
    layout = Layout(question)
    shown = {level.code for code in ("harm", "status_raised") for level in layout.levels[code]}
    assert not shown & {"NONE", "UNK", "NOT_RAISED", "NOT_RECORDED"}


def test_what_was_not_recorded_is_a_category_of_its_own() -> None:
    question = questions.parse(asked(tables=[["gender"]]), TODAY)
    found = table_of(question, records({"gender": "WOMAN"}, {}))
    assert (found["WOMAN",], found["NOT_RECORDED",], found["UNK",], found["TOTAL",]) == (1, 1, 0, 2)


def test_quarters_add_up_to_years_and_years_to_the_total() -> None:
    question = questions.parse(asked(tables=[["quarter"]]), TODAY)
    found = table_of(
        question, records({"quarter": 2}, {"quarter": 2}, {"quarter": 4}, {"quarter": 0}, {"year": 2021})
    )
    assert found["2020-Q2",] == 2
    assert found["2020-UNK",] == 1
    assert found["2020",] == 4
    assert found["TOTAL",] == 5


def test_boroughs_add_up_to_sectors_and_to_the_city() -> None:
    question = questions.parse(asked(tables=[["borough"]]), TODAY)
    found = table_of(
        question,
        records(
            {"city": "MONTREAL", "borough": "VERDUN"},
            {"city": "MONTREAL", "borough": "LASALLE"},
            {"city": "MONTREAL"},
            {"city": "TORONTO"},
            {},
        ),
    )
    assert found["SECTOR_SOUTH_WEST",] == 2
    assert found["MONTREAL",] == 3
    assert found["MONTREAL_UNK",] == 1
    assert found["OUTSIDE",] == 1
    assert found["TOTAL",] == 5


def test_events_are_counted_once_however_many_people_were_there() -> None:
    question = questions.parse(asked(unit="event", tables=[["pretext"]]), TODAY)
    six = records(*[{"event": b"one", "pretext": "JOINT_OP"}] * 6, {"event": b"two", "pretext": "JOINT_OP"})
    assert table_of(question, six)["JOINT_OP",] == 2


def test_a_consent_that_has_ended_is_not_counted_though_nobody_touched_the_case() -> None:
    question = questions.parse(asked(tables=[["year"]]), TODAY)
    rows = records({"counted_before": dt.date(2026, 11, 1)}, {"counted_before": dt.date(2026, 12, 1)})
    assert table_of(question, rows)["TOTAL",] == 1


def test_what_lies_outside_the_period_is_not_counted() -> None:
    question = questions.parse(asked(tables=[["year"]]), TODAY)
    assert (
        table_of(question, records({"year": 2014}, {"year": 2026}, {"year": 0}, {"year": 2015}))["TOTAL",]
        == 1
    )


# The document


def words(text: str) -> dict[str, str]:
    return {"en": text, "fr": text}


def a_document(values: dict[str, int | None] | None = None, *, additive: bool = True) -> Document:
    found = values or {"A": 5, "B": 7, "TOTAL": 12}
    return Document(
        schema_name=documents.SCHEMA,
        id=uuid.UUID(int=7),
        edition=1,
        supersedes=None,
        title=words("Stops"),
        unit="person",
        published_on=dt.date(2026, 11, 22),
        period=documents.Months("2015-01", "2025-12"),
        threshold=5,
        method=words("Counted."),
        dimensions=[
            documents.Dimension(
                "kind",
                words("Kind"),
                [documents.Category(c, words(c)) for c in found if c != "TOTAL"],
                additive,
            )
        ],
        tables=[
            documents.Table(
                words("Kind"), ["kind"], [documents.Cell({"kind": c}, v) for c, v in found.items()]
            )
        ],
        audit=documents.Audit(0, 0, 0),
    )


SIGNER = Principal("team", uuid.UUID(int=1), 1, bytes(32))


def test_a_document_reads_as_it_was_written() -> None:
    signed = documents.signed(a_document(), SIGNER)
    data = documents.canonical(signed)
    assert documents.read(data) == signed
    assert documents.verify(documents.read(data)) == SIGNER.signing_public_key


def test_the_canonical_bytes_are_those_of_rfc_8785() -> None:
    data = documents.canonical(a_document())
    assert data.startswith(b'{"audit":{"certified":0,')
    assert json.loads(data)["schema"] == "temoin-release/1"
    assert b" " not in data.replace(b'"Stops"', b"")
    assert list(json.loads(data)) == sorted(json.loads(data))


def test_the_document_has_exactly_the_parts_of_the_format() -> None:
    parts = set(json.loads(documents.canonical(documents.signed(a_document(), SIGNER))))
    assert parts == {
        "schema", "id", "edition", "supersedes", "title", "unit", "published_on", "period", "threshold", "method",
        "dimensions", "tables", "outside", "stories", "text", "audit", "signature",
    }  # fmt: skip


def test_the_signature_is_over_the_canonical_bytes_without_it() -> None:
    from accounts.crypto.principal import verify_signature

    signed = documents.signed(a_document(), SIGNER)
    assert signed.signature is not None
    bare = documents.canonical(a_document())
    verify_signature(bytes.fromhex(signed.signature.key), bytes.fromhex(signed.signature.value), bare)


def test_a_changed_digit_breaks_the_signature() -> None:
    data = documents.canonical(documents.signed(a_document(), SIGNER))
    forged = documents.read(data.replace(b'"value":5', b'"value":6').replace(b'"value":12', b'"value":13'))
    with pytest.raises(SealBroken):
        documents.verify(forged)


def test_another_s_key_is_not_the_group_s() -> None:
    stranger = Principal.generate("team")
    signed = documents.signed(a_document(), stranger)
    assert documents.verify(signed) == stranger.signing_public_key
    with pytest.raises(SealBroken):
        documents.verify(signed, SIGNER.signing_public_key)


@pytest.mark.parametrize("signature", [None, documents.Signature("zz", "zz"), documents.Signature("", "")])
def test_a_missing_or_malformed_signature_is_refused(signature: documents.Signature | None) -> None:
    with pytest.raises(SealBroken):
        documents.verify(msgspec.structs.replace(a_document(), signature=signature))


def without_total(document: Document) -> None:
    document.tables[0].cells.pop()


def twice(document: Document) -> None:
    document.tables[0].cells.append(document.tables[0].cells[0])


def negative(document: Document) -> None:
    document.tables[0].cells[0].value = -1


def one_language(document: Document) -> None:
    del document.title["fr"]


def own_parent(document: Document) -> None:
    document.dimensions[0].categories[0].parent = "A"


def unknown_dimension(document: Document) -> None:
    document.tables[0].dimensions = ["other"]


def other_schema(document: Document) -> None:
    document.schema_name = "temoin-release/2"


def another_table_disagrees(document: Document) -> None:
    other = copy.deepcopy(document.tables[0])
    other.cells[0].value, other.cells[1].value = 6, 6
    document.tables.append(other)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (without_total, "cells_missing"),
        (twice, "cells_wrong"),
        (negative, "cells_wrong"),
        (one_language, "title_languages"),
        (own_parent, "category_tree"),
        (unknown_dimension, "unknown_dimension"),
        (other_schema, "other_schema"),
        (another_table_disagrees, "cell_differs"),
    ],
)
def test_a_spoiled_document_is_refused_by_name(spoil: Any, code: str) -> None:
    document = a_document()
    spoil(document)
    with pytest.raises(NotARelease) as refused:
        documents.read(documents.canonical(document))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"A": 5, "B": 7, "TOTAL": 13}, "does_not_add_up"),
        ({"A": None, "B": 7, "TOTAL": 12}, "computable"),
        ({"A": 5, "B": 7, "TOTAL": None}, "computable"),
    ],
)
def test_what_does_not_add_up_or_can_be_computed_is_refused(values: dict[str, int | None], code: str) -> None:
    with pytest.raises(NotARelease) as refused:
        documents.check(a_document(values))
    assert refused.value.code == code


def test_two_suppressed_cells_in_a_line_are_allowed() -> None:
    documents.check(a_document({"A": None, "B": None, "C": 7, "TOTAL": 12}))


def test_rows_that_do_not_add_up_by_nature_are_allowed_and_bounded() -> None:
    documents.check(a_document({"A": 9, "B": 8, "TOTAL": 12}, additive=False))
    documents.check(a_document({"A": None, "B": 8, "TOTAL": 12}, additive=False))
    with pytest.raises(NotARelease):
        documents.check(a_document({"A": 13, "B": 8, "TOTAL": 12}, additive=False))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"schema":' + b"[" * 5000, b"PK\x03\x04"]
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(NotARelease) as refused:
        documents.read(data)
    assert refused.value.code == "not_json"


@given(st.binary(max_size=200))
def test_nothing_but_a_named_refusal_comes_out_of_any_bytes(data: bytes) -> None:
    with pytest.raises(NotARelease):
        documents.read(data)


def test_every_code_a_refusal_can_have_has_words() -> None:
    import re
    from pathlib import Path

    found: set[str] = set()
    names = ("questions", "documents", "releases", "drafting", "protection", "estimating", "scheduling")
    for name in (*names, "passages"):
        text = (Path(questions.__file__).parent / f"{name}.py").read_text()
        raised = re.findall(
            r'(?:BadSpecification|NotARelease|StepRefused|ReleaseRefused|NotToBeTold)\(\s*"(\w+)"', text
        )
        required = re.findall(r'_require_status\([^"]*"(\w+)"\)', text)
        returned = re.findall(r'return "(\w+)"', text) if name == "scheduling" else []
        found |= set(itertools.chain(raised, required, returned))
    assert found
    assert found <= set(refusals.REFUSALS)
    assert set(refusals.REFUSALS) - found <= {"signature", "other_key"}, "words for a refusal nobody makes"
