"""Releases one after the other: what nobody can read from their differences."""

from dataclasses import replace

import numpy as np
import pytest

from casework.disclosure import (
    BadTable,
    EarlierEdition,
    LinkedTables,
    Reason,
    TableSpec,
    Unprotectable,
    audit,
    link,
    protect,
    rendered,
    verify,
)
from casework.disclosure.proposals import coarsened
from tests.disclosure_campaign import history, publish_history
from tests.disclosure_tables import flat, one_table

BEFORE = np.array([[12, 9, 31], [8, 20, 14], [25, 11, 16]])


def added(**cells: int) -> LinkedTables:
    """BEFORE with more (or fewer) people: added(ab=3) adds three to row 0, column 1."""
    grid = BEFORE.copy()
    for name, more in cells.items():
        grid["abc".index(name[0]), "abc".index(name[1])] += more
    return one_table(grid)


def published(tables: LinkedTables, *earlier: EarlierEdition) -> EarlierEdition:
    return EarlierEdition.published(tables, protect(tables, earlier=earlier).suppressed)


@pytest.mark.parametrize("seed", range(14))
def test_a_reader_of_every_edition_finds_no_small_change(seed: int) -> None:
    counts, found = publish_history(seed)
    assert found == []
    assert counts["published"]


@pytest.mark.parametrize("people", [1, 3, -2])
def test_a_small_change_is_hidden(people: int) -> None:
    first, second = added(), added(ab=people)
    ledger = [published(first)]
    alone = protect(second)
    naive = audit([rendered(first, protect(first).suppressed), rendered(second, alone.suppressed)])
    assert naive.changes
    assert bool(naive.withdrawals) == (people < 0)
    guarded = protect(second, earlier=ledger)
    assert Reason.EDITION in set(guarded.reason)
    assert verify(second, guarded.suppressed, guarded.certificate, earlier=ledger) == []
    both = [rendered(first, protect(first).suppressed), rendered(second, guarded.suppressed)]
    assert audit(both).clean


def test_nothing_changed_publishes_the_same() -> None:
    grid = np.array([[1, 9, 30], [8, 2, 14], [25, 11, 16]])
    first = protect(one_table(grid))
    again = protect(one_table(grid), earlier=[EarlierEdition.published(one_table(grid), first.suppressed)])
    assert (again.suppressed == first.suppressed).all()


def test_an_edition_in_which_everything_is_settled_by_the_one_before_needs_no_search() -> None:
    """No cell is left to be decided, and a certificate of nothing is one too."""
    tables = one_table(np.array([[120, 90], [80, 70]]))
    found = protect(tables, earlier=[published(tables)])
    assert not found.suppressed.any() and found.certificate.complete
    assert verify(tables, found.suppressed, found.certificate, 5, earlier=[published(tables)]) == []


def test_a_large_change_is_published() -> None:
    second = added(ab=40)
    assert not protect(second, earlier=[published(added())]).suppressed.any()


def test_what_was_hidden_does_not_show_through_a_second_table() -> None:
    """The same people, crossed with another fact: the margin that was hidden then must stay hidden now."""
    first = one_table(np.array([[1, 9, 30], [8, 2, 14], [25, 11, 16]]))
    edition = EarlierEdition.published(first, protect(first).suppressed)
    dimensions = [flat("a", 3), flat("b", 3)]
    narrow = link(dimensions, [TableSpec(("a",))], [first.values[first.of_table(TableSpec(("a",)))][1:]])
    second = protect(narrow, earlier=[edition])
    assert verify(narrow, second.suppressed, second.certificate, earlier=[edition]) == []


def test_the_proof_does_not_fit_another_past() -> None:
    first, second = added(), added(ab=3)
    guarded = protect(second, earlier=[published(first)])
    other = published(added(ba=30))
    assert verify(second, guarded.suppressed, guarded.certificate, earlier=[other])
    assert verify(second, guarded.suppressed, guarded.certificate, earlier=[])


def test_the_proof_is_rejected_when_a_past_count_is_shifted() -> None:
    first, second = added(), added(ab=3)
    ledger = [published(first)]
    guarded = protect(second, earlier=ledger)
    for cell in range(guarded.certificate.stand_ins.size):
        counts = guarded.certificate.stand_ins.copy()
        counts[cell] += 1
        assert verify(
            second, guarded.suppressed, replace(guarded.certificate, stand_ins=counts), earlier=ledger
        )


def test_the_past_is_read_from_the_ledger_alone() -> None:
    tables = one_table(np.array([[1, 9, 30], [8, 2, 14], [25, 11, 16]]))
    hidden = protect(tables).suppressed
    document = rendered(tables, hidden)
    cells = [(cell["at"], cell["value"]) for table in document["tables"] for cell in table["cells"]]
    read = EarlierEdition.of(tables.dimensions, tables.specs, cells)
    kept = EarlierEdition.published(tables, hidden)
    assert (read.figures == kept.figures).all()
    with pytest.raises(BadTable, match="leaves out"):
        EarlierEdition.of(tables.dimensions, tables.specs, cells[:-1])
    with pytest.raises(BadTable, match="do not"):
        EarlierEdition.of(tables.dimensions, tables.specs, [*cells, ({"a": "z"}, 3)])


def test_it_refuses_a_past_that_no_counts_agree_with() -> None:
    edition = published(added())
    figures = edition.figures.copy()
    figures[0] += 1
    with pytest.raises(BadTable, match="no table agrees"):
        protect(added(ab=9), earlier=[replace(edition, figures=figures)])


def test_what_is_offered_instead_of_a_refused_edition_can_be_published() -> None:
    """Only to leave a dimension out: merged categories beside separate ones of before would be subtracted from them."""
    ledger, documents = [], []
    for tables in history(5):
        try:
            protection = protect(tables, earlier=ledger)
        except Unprotectable as refusal:
            offers = refusal.proposals
            break
        ledger.append(EarlierEdition.published(tables, protection.suppressed))
        documents.append(rendered(tables, protection.suppressed))
    assert len(ledger) > 2
    assert {offer.dimension for offer in offers} == {"a", "b"}
    assert not any(offer.merge for offer in offers)
    for offer in offers:
        dimension = next(d for d in tables.dimensions if d.code == offer.dimension)
        coarse = coarsened(tables, dimension, ())
        guarded = protect(coarse, earlier=ledger)
        assert verify(coarse, guarded.suppressed, guarded.certificate, earlier=ledger) == []
        assert audit([*documents, rendered(coarse, guarded.suppressed)]).clean


def test_it_refuses_other_categories_than_before() -> None:
    """A merged category less those that were printed apart is a count that nobody meant to publish."""
    edition = published(added())
    with pytest.raises(BadTable, match="dimension b has other categories"):
        protect(one_table(added().values[added().inner].reshape(3, 3)[:, :2]), earlier=[edition])


def test_it_refuses_when_a_withdrawal_cannot_be_hidden() -> None:
    """Everything of a count that was printed is gone but two: no pattern hides that, so nothing is published."""
    first = one_table(np.array([[6, 30], [40, 50]]))
    second = one_table(np.array([[2, 30], [40, 50]]))
    try:
        guarded = protect(second, earlier=[published(first)])
    except Unprotectable as refusal:
        assert "published already" in str(refusal)
        return
    both = [rendered(first, protect(first).suppressed), rendered(second, guarded.suppressed)]
    assert audit(both).clean
