"""What disclosure control refuses, by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Proposal:
    """A coarser specification that could be published, and what it would keep.

    dimension: code of the dimension to change.
    merge: codes of the categories to merge into one; empty when the dimension leaves the release.
    published: non-zero cells that the coarser tables would still publish.
    cells: all non-zero cells of the coarser tables.
    """

    dimension: str
    merge: tuple[str, ...]
    published: int
    cells: int


class BadTable(ValueError):
    """The input is not a table of counts that can be protected; the message names what is wrong."""


class Unprotectable(Exception):
    """No pattern of suppressions keeps the promises, not even one that hides everything it may.

    proposals: coarser specifications, best first.
    """

    def __init__(self, message: str, proposals: tuple[Proposal, ...] = ()) -> None:
        super().__init__(message)
        self.proposals = proposals


class Impossible(Exception):
    """Inside a search: something fails even with every candidate suppressed."""


class Cancelled(Exception):
    """The caller's `cancelled` said yes; nothing was decided."""


class CertificateIncomplete(Exception):
    """A requirement has no integer witness, so the pattern must not be approved."""
