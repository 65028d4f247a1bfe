"""The tables of a release document (temoin-release/1), as plain data: what everybody may read, and the audit's input."""

from __future__ import annotations

from typing import Any

from casework.disclosure.tables import LinkedTables, Mask


def rendered(tables: LinkedTables, suppressed: Mask) -> dict[str, Any]:
    """`dimensions` and `tables` of the document; a suppressed cell has the value None. Labels are the caller's."""
    dimensions = [
        {
            "code": dimension.code,
            "sensitive": dimension.sensitive,
            "categories": [{"code": c.code, "parent": c.parent} for c in dimension.categories],
        }
        for dimension in tables.dimensions
    ]
    printed = []
    for spec in tables.specs:
        cells = [
            {
                "at": tables.at(int(cell), spec),
                "value": None if suppressed[cell] else int(tables.values[cell]),
            }
            for cell in tables.of_table(spec)
        ]
        printed.append({"dimensions": list(spec.dimensions), "cells": cells})
    return {"dimensions": dimensions, "tables": printed}
