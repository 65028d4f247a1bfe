from casework.models.cases import (
    Case,
    CaseCard,
    CaseTeamKey,
    CaseTeamPermission,
    CaseText,
    CaseUserKey,
    CaseUserPermission,
    ImportedReference,
    Revision,
)
from casework.models.consents import ConsentKey, ConsentRecord, Notice, Wording
from casework.models.contacts import Contact
from casework.models.drafts import IntakeDraft
from casework.models.erasures import (
    ErasedCase,
    ErasureShare,
    LedgerEntry,
    LegalHold,
    Rule,
    ScheduledErasure,
)
from casework.models.evidence import CustodyEntry, DoomedFile, Evidence
from casework.models.exchange import CaseExport, HeldFile, HeldPart, ImportBatch, ImportMapping
from casework.models.figures import DraftStep, Estimate, Job, Release, Statistic
from casework.models.health import WorkerSign
from casework.models.notes import OwnNote
from casework.models.registers import RegisterEntry
from casework.models.stories import Story, StoryUse
from casework.models.trail import AuditEntry, AuditHead

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Case",
    "CaseCard",
    "CaseExport",
    "CaseTeamKey",
    "CaseTeamPermission",
    "CaseText",
    "CaseUserKey",
    "CaseUserPermission",
    "ConsentKey",
    "ConsentRecord",
    "Contact",
    "CustodyEntry",
    "DoomedFile",
    "DraftStep",
    "Estimate",
    "ErasedCase",
    "ErasureShare",
    "HeldFile",
    "HeldPart",
    "ImportBatch",
    "ImportMapping",
    "Evidence",
    "ImportedReference",
    "IntakeDraft",
    "Job",
    "LedgerEntry",
    "LegalHold",
    "Notice",
    "OwnNote",
    "RegisterEntry",
    "Release",
    "Revision",
    "Rule",
    "ScheduledErasure",
    "Statistic",
    "Story",
    "StoryUse",
    "Wording",
    "WorkerSign",
]
