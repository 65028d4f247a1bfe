from casework.models.cases import (
    Case,
    CaseCard,
    CaseTeamKey,
    CaseTeamPermission,
    CaseText,
    CaseUserKey,
    CaseUserPermission,
    ErasureShare,
    ImportedReference,
    Revision,
)
from casework.models.consents import ConsentKey, ConsentRecord, Notice, Wording
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
    "ConsentKey",
    "ConsentRecord",
    "ErasureShare",
    "ImportedReference",
    "Job",
    "Notice",
    "Release",
    "Revision",
    "Statistic",
    "Wording",
    "WorkerSign",
]
