"""The checker of certificates: it accepts what was proved and rejects every change."""

from dataclasses import replace

import numpy as np
import pytest

from casework.disclosure import (
    BadTable,
    Certificate,
    LinkedTables,
    Protection,
    TableSpec,
    link,
    protect,
    verify,
)
from tests.disclosure_tables import flat, skewed


def protected() -> tuple[LinkedTables, Protection]:
    tables = skewed((6, 7), 120, 2)
    return tables, protect(tables)


def test_it_accepts_a_protected_pattern() -> None:
    tables, protection = protected()
    assert verify(tables, protection.suppressed, protection.certificate) == []


def test_a_certificate_survives_its_bytes() -> None:
    tables, protection = protected()
    read = Certificate.from_bytes(protection.certificate.to_bytes())
    assert (read.witnesses == protection.certificate.witnesses).all()
    assert verify(tables, protection.suppressed, read) == []


@pytest.mark.parametrize("cut", [0, 10, 30, -1])
def test_it_refuses_truncated_bytes(cut: int) -> None:
    _, protection = protected()
    with pytest.raises(BadTable):
        Certificate.from_bytes(protection.certificate.to_bytes()[:cut])


def test_it_refuses_flipped_and_added_bytes() -> None:
    whole = protected()[1].certificate.to_bytes()
    for changed in (whole + b"x", b"X" + whole[1:], whole[:40] + bytes([whole[40] ^ 255]) + whole[41:]):
        with pytest.raises(BadTable):
            Certificate.from_bytes(changed)


def test_it_rejects_every_single_cell_shown() -> None:
    tables, protection = protected()
    for cell in np.flatnonzero(protection.suppressed):
        shown = protection.suppressed.copy()
        shown[cell] = False
        assert verify(tables, shown, protection.certificate), tables.cells[cell]


def test_it_rejects_every_shifted_witness() -> None:
    tables, protection = protected()
    chance = np.random.default_rng(0)
    for _ in range(60):
        moved = protection.certificate.witnesses.copy()
        row, cell = chance.integers(moved.shape[0]), chance.integers(moved.shape[1])
        moved[row, cell] += chance.choice([-1, 1])
        assert verify(tables, protection.suppressed, replace(protection.certificate, witnesses=moved))


def test_it_rejects_a_shifted_total() -> None:
    tables, protection = protected()
    values = tables.values.copy()
    values[tables.total] += 1
    assert verify(replace(tables, values=values), protection.suppressed, protection.certificate)


def test_it_rejects_an_empty_certificate_and_an_incomplete_one() -> None:
    tables, protection = protected()
    nothing = replace(protection.certificate, witnesses=protection.certificate.witnesses[:0])
    assert verify(tables, protection.suppressed, nothing)
    assert verify(tables, protection.suppressed, replace(protection.certificate, complete=False))


def test_it_rejects_a_lower_threshold_s_proof() -> None:
    tables = skewed((6, 7), 120, 2)
    lower = protect(tables, 3)
    assert verify(tables, lower.suppressed, lower.certificate, 5)


def test_it_rejects_a_pattern_of_another_size() -> None:
    tables, protection = protected()
    assert verify(tables, protection.suppressed[:-1], protection.certificate)


def test_it_rejects_anything_published_below_the_threshold() -> None:
    tables = link([flat("a", 2)], [TableSpec(("a",))], [np.array([1, 2])])
    protection = protect(tables)
    assert verify(tables, protection.suppressed, protection.certificate) == []
    assert verify(tables, ~protection.suppressed, protection.certificate)


def test_it_rejects_a_group_whose_zeros_all_stand() -> None:
    dimensions = [flat("year", 2), flat("outcome", 2, sensitive=True)]
    tables = link(dimensions, [TableSpec(("year", "outcome"))], [np.array([[12, 0], [20, 30]])])
    open_group = protect(tables, group_dimensions=())
    assert verify(tables, open_group.suppressed, open_group.certificate, group_dimensions=()) == []
    assert any(
        "everybody" in problem for problem in verify(tables, open_group.suppressed, open_group.certificate)
    )
