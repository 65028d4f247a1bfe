"""Counts to publishable counts, with proof. Pure numerics: see docs/disclosure.md for what holds and what does not."""

from casework.disclosure.attack import AuditResult, Finding, audit, intervals
from casework.disclosure.certificate import Certificate
from casework.disclosure.dimensions import NOT_RECORDED, TOTAL, Category, Dimension, with_not_recorded
from casework.disclosure.editions import EarlierEdition
from casework.disclosure.errors import BadTable, Cancelled, CertificateIncomplete, Proposal, Unprotectable
from casework.disclosure.estimate import estimate
from casework.disclosure.groups import Group, groups
from casework.disclosure.proposals import hides_too_much, propose
from casework.disclosure.protection import Protection, Reason, protect
from casework.disclosure.rendering import rendered
from casework.disclosure.rounding import Rounded, printed, round_counts
from casework.disclosure.tables import LinkedTables, TableSpec, build, count, link
from casework.disclosure.verify import verify

__all__ = [
    "NOT_RECORDED",
    "TOTAL",
    "AuditResult",
    "BadTable",
    "Cancelled",
    "Category",
    "Certificate",
    "CertificateIncomplete",
    "Dimension",
    "EarlierEdition",
    "Finding",
    "Group",
    "LinkedTables",
    "Proposal",
    "Protection",
    "Reason",
    "Rounded",
    "TableSpec",
    "Unprotectable",
    "audit",
    "build",
    "count",
    "estimate",
    "groups",
    "hides_too_much",
    "intervals",
    "link",
    "printed",
    "propose",
    "protect",
    "rendered",
    "round_counts",
    "verify",
    "with_not_recorded",
]
