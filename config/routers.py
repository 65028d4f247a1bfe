"""Which row lives in which database: erasure shares with the ledger
of erasures, and sessions, each in their own, everything else in the main one."""

from typing import Any

HOMES = {
    ("casework", "erasureshare"): "erasure",
    ("casework", "ledgerentry"): "erasure",
    ("sessions", "session"): "sessions",
}


class OnePurposeRouter:
    def db_for_read(self, model: Any, **hints: Any) -> str:
        return HOMES.get((model._meta.app_label, model._meta.model_name), "default")

    db_for_write = db_for_read

    def allow_relation(self, left: Any, right: Any, **hints: Any) -> bool:
        # Not their types: `request.user` is a lazy stand-in whose own type is no model.
        return self.db_for_read(left) == self.db_for_read(right)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        if model_name is None:
            return db == "default"
        return HOMES.get((app_label, model_name), "default") == db
