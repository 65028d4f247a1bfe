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
<<<<<<< HEAD
from casework.models.consents import ConsentKey, ConsentRecord, Notice, Wording
=======
from casework.models.consents import Wording
from casework.models.erasures import (
    ErasedCase,
    ErasureShare,
    LedgerEntry,
    LegalHold,
    Rule,
    ScheduledErasure,
)
>>>>>>> 9bf97d6
from casework.models.figures import Job, Release, Statistic
from casework.models.health import WorkerSign
from casework.models.trail import AuditEntry, AuditHead

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Case",
    "CaseCard",
    "CaseTeamKey",
    "CaseTeamPermission",
    "CaseText",
    "CaseUserKey",
    "CaseUserPermission",
<<<<<<< HEAD
    "ConsentKey",
    "ConsentRecord",
    "ErasureShare",
    "ImportedReference",
    "Job",
    "Notice",
=======
    "ErasedCase",
    "ErasureShare",
    "ImportedReference",
    "Job",
    "LedgerEntry",
    "LegalHold",
>>>>>>> 9bf97d6
    "Release",
    "Revision",
    "Rule",
    "ScheduledErasure",
    "Statistic",
    "Wording",
    "WorkerSign",
]
