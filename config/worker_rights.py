"""What the worker's role may do in the erasure database: destroy a share without seeing it, read the audit key that veils what
the log says, keep the ledger. Said after every migration, because a backup that was restored brings tables and no such rights."""

from typing import Final

from django.conf import settings
from django.db import connections

SHARES: Final = "casework_erasureshare"
LEDGER: Final = "casework_ledgerentry"
# Columns, not tables: who may read the share of a case and its key in the main database opens the case.
STATEMENTS: Final = (
    f'REVOKE ALL ON {SHARES}, {LEDGER} FROM "{{role}}"',
    f'GRANT SELECT (case_id, audit_key), DELETE ON {SHARES} TO "{{role}}"',
    f'GRANT SELECT, INSERT, UPDATE, DELETE ON {LEDGER} TO "{{role}}"',
)


def grant() -> bool:
    """False where there is no such role: SQLite knows none, and a developer's server has one for everything."""
    connection = connections["erasure"]
    if connection.vendor != "postgresql":
        return False
    role = settings.TEMOIN_WORKER_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
        if cursor.fetchone() is None:
            return False
        for statement in STATEMENTS:
            cursor.execute(statement.format(role=role.replace('"', '""')))
    return True
