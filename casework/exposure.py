"""What a seizure would yield today: every column of every table, by what it says to somebody who holds no key.

The table below is kept equal to the models by a test: whoever adds a field says here what it gives away."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connections, router
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

SEALED, RANDOM, HASH, KEY = "sealed", "random", "hash", "key"
ID, LINK, COUNT, STATE = "id", "link", "count", "state"
DATE, TIME, NAME, PUBLIC, CONFIGURATION, UNUSED = "date", "time", "name", "public", "configuration", "unused"

CLASSES: Final[dict[str, str | Promise]] = {
    SEALED: gettext_lazy("sealed: without its key it shows its padded length, nothing else"),
    RANDOM: gettext_lazy("random bytes: worthless without the other half"),
    HASH: gettext_lazy("hash of something random or kept secret: it can be compared, not read"),
    KEY: gettext_lazy("public key, signature or salt: made to be seen"),
    ID: gettext_lazy("opaque id: random or counted, it says that a row exists"),
    LINK: gettext_lazy("link: which row belongs to which, between opaque ids"),
    COUNT: gettext_lazy("count or number of an edition or epoch"),
    STATE: gettext_lazy("state: one of a few words of the program"),
    DATE: gettext_lazy("date, no finer than a day"),
    TIME: gettext_lazy("time, to the second"),
    NAME: gettext_lazy("name or words that a person chose"),
    PUBLIC: gettext_lazy("public already, or about to be"),
    CONFIGURATION: gettext_lazy("part of the program, alike everywhere"),
    UNUSED: gettext_lazy("never filled: the table is empty by construction"),
}
# What stands in the clear and speaks of people or of their work, rather than of the program.
SPEAKING: Final = (NAME, LINK, DATE, TIME, COUNT, STATE)


def _all(kind: str, *fields: str) -> dict[str, str]:
    return dict.fromkeys(fields, kind)


_KDF: Final = {"salt": KEY, **_all(CONFIGURATION, "iterations", "memory_kib", "lanes")}

FIELDS: Final[dict[str, dict[str, str]]] = {
    "auth.Permission": _all(CONFIGURATION, "id", "name", "content_type", "codename"),
    "auth.Group": {"id": ID, "name": ID},
    "auth.Group_permissions": _all(UNUSED, "id", "group", "permission"),
    "contenttypes.ContentType": _all(CONFIGURATION, "id", "app_label", "model"),
    "sessions.Session": {"session_key": ID, "session_data": SEALED, "expire_date": TIME},
    "guardian.UserObjectPermission": _all(UNUSED, "id", "permission", "content_type", "object_pk", "user"),
    "guardian.GroupObjectPermission": _all(UNUSED, "id", "permission", "content_type", "object_pk", "group"),
    "account.EmailAddress": _all(UNUSED, "id", "user", "email", "verified", "primary"),
    "account.EmailConfirmation": _all(UNUSED, "id", "email_address", "created", "sent", "key"),
    "mfa.Authenticator": {
        "id": ID,
        "user": LINK,
        "type": STATE,
        "data": SEALED,
        "created_at": TIME,
        "last_used_at": TIME,
    },
    "accounts.User": {
        "id": ID,
        "username": NAME,
        "password": HASH,
        **_all(STATE, "language", "is_active", "is_superuser"),
    },
    "accounts.User_groups": {"id": ID, "user": LINK, "group": LINK},
    "accounts.User_user_permissions": _all(UNUSED, "id", "user", "permission"),
    "accounts.UserKey": {"user": LINK, "epoch": COUNT, **_KDF, "root_ciphertext": SEALED, "stale": STATE},
    "accounts.RecoveryKey": {"user": LINK, "epoch": COUNT, **_KDF, "root_ciphertext": SEALED},
    "accounts.PublicKey": {
        "id": ID,
        "principal_id": LINK,
        "kind": STATE,
        "epoch": COUNT,
        "public_key": KEY,
        "signature": KEY,
    },
    "accounts.Team": {"id": ID, "group": LINK, "name": NAME, "kind": STATE, "epoch": COUNT},
    "accounts.PastRoot": {"id": ID, "team": LINK, "epoch": COUNT, "root_ciphertext": SEALED},
    "accounts.PastOwnRoot": {"id": ID, "user": LINK, "epoch": COUNT, "root_ciphertext": SEALED},
    "accounts.Seat": {
        "id": ID,
        **_all(LINK, "team", "user"),
        **_all(COUNT, "epoch", "user_epoch"),
        "steward": STATE,
        "root_ciphertext": SEALED,
    },
    "accounts.Invitation": {
        "id": ID,
        "token_hash": HASH,
        "team": LINK,
        **_all(COUNT, "team_epoch", "organisation_epoch"),
        **_all(SEALED, "team_root_ciphertext", "organisation_root_ciphertext"),
        "expires_on": DATE,
    },
    "accounts.TrusteeSet": {"id": ID, **_all(COUNT, "threshold", "count", "number")},
    "accounts.TrusteeSeal": {
        "id": ID,
        "trustee_set": LINK,
        "principal_id": LINK,
        "kind": STATE,
        "principal_epoch": COUNT,
        "root_ciphertext": SEALED,
    },
    "accounts.Rescue": {
        "id": ID,
        **_all(LINK, "user", "team", "trustee_set", "begun_by", "approved_by"),
        "token_hash": HASH,
        "public_key": KEY,
        "root_epoch": COUNT,
        "root_ciphertext": SEALED,
        "expires_on": DATE,
    },
    "accounts.RescueShare": {"id": ID, "rescue": LINK, "member": COUNT, "share_ciphertext": SEALED},
    "casework.Case": {"id": ID, "team": LINK, "epoch": COUNT, "erase_after": DATE, "rekey_due": STATE},
    "casework.CaseCard": {"case": LINK, "ciphertext": SEALED},
    "casework.CaseText": {"case": LINK, "ciphertext": SEALED},
    "casework.Revision": {"id": ID, "case": LINK, "number": COUNT, "record_ciphertext": SEALED},
    "casework.CaseUserPermission": {
        "id": ID,
        **_all(LINK, "user", "content_object"),
        "permission": STATE,
        "expires_on": DATE,
    },
    "casework.CaseTeamPermission": {
        "id": ID,
        **_all(LINK, "group", "content_object"),
        "permission": STATE,
        "expires_on": DATE,
    },
    "casework.CaseUserKey": {
        **_all(LINK, "permission", "case"),
        **_all(COUNT, "epoch", "grantee_epoch"),
        "wrapped": STATE,
        "key_ciphertext": SEALED,
    },
    "casework.CaseTeamKey": {
        **_all(LINK, "permission", "case"),
        **_all(COUNT, "epoch", "grantee_epoch"),
        "wrapped": STATE,
        "key_ciphertext": SEALED,
    },
    "casework.Contact": {"id": ID, "team": LINK, "epoch": COUNT, "contact_ciphertext": SEALED},
    "casework.ErasureShare": {"case_id": LINK, **_all(RANDOM, "share", "audit_key")},
    "casework.LedgerEntry": {
        "digest": HASH,
        **_all(STATE, "kind", "rule"),
        "number": ID,
        "erased_on": DATE,
    },
    "casework.ErasedCase": {"digest": HASH, "number": ID, "erased_on": DATE, "rule": STATE},
    "casework.ScheduledErasure": {"case": LINK, "on": DATE, "rule": STATE, "withdrawn": COUNT},
    "casework.RegisterEntry": {"id": ID, "kind": STATE, "epoch": COUNT, "entry_ciphertext": SEALED},
    "casework.LegalHold": {"case": LINK, "until": DATE, "agreed": STATE, "reason_ciphertext": SEALED},
    "casework.ImportedReference": {"digest": HASH, "case": LINK},
    "casework.IntakeDraft": {
        "id": ID,
        "user": LINK,
        "epoch": COUNT,
        "erase_after": DATE,
        "ciphertext": SEALED,
    },
    "casework.HeldFile": {
        "id": ID,
        "kind": STATE,
        "owner": LINK,
        "owner_epoch": COUNT,
        "ends_at": TIME,
        "facts_ciphertext": SEALED,
    },
    "casework.HeldPart": {"id": ID, "file": LINK, "number": COUNT, "ciphertext": SEALED},
    "casework.ImportBatch": {
        "id": ID,
        "team": LINK,
        "epoch": COUNT,
        "ends_on": DATE,
        "facts_ciphertext": SEALED,
    },
    "casework.CaseExport": {"id": ID, "case": LINK, "entry_ciphertext": SEALED},
    "casework.ImportMapping": {"team": LINK, "epoch": COUNT, "mapping_ciphertext": SEALED},
    "casework.Evidence": {"id": ID, "case": LINK, "details_ciphertext": SEALED},
    "casework.CustodyEntry": {"id": ID, "evidence": LINK, "number": COUNT, "entry_ciphertext": SEALED},
    "casework.DoomedFile": {"id": ID},
    "casework.Statistic": {
        "token_hash": HASH,
        "epoch": COUNT,
        "compacted": STATE,
        "version": COUNT,
        "coarse_ciphertext": SEALED,
    },
    "casework.Job": {
        **_all(ID, "id", "runner"),
        "subject": LINK,
        **_all(STATE, "kind", "state", "stage", "refusal"),
        **_all(COUNT, "done", "total", "attempts"),
        "heartbeat": TIME,
    },
    "casework.Release": {
        "id": ID,
        **_all(LINK, "supersedes", "drafted_by", "approved_by", "scheduled_by", "job"),
        **_all(STATE, "status", "outdated", "owes_edition", "schedule_problem"),
        "next_draft_on": DATE,
        **_all(COUNT, "edition", "draft_epoch", "editorial_epoch", "approval_epoch", "ledger_epoch"),
        "specification": NAME,
        **_all(
            SEALED, "draft_ciphertext", "editorial_ciphertext", "approval_ciphertext", "ledger_ciphertext"
        ),
        **_all(PUBLIC, "document", "published_on", "publication", "withdrawal", "withdrawn_on"),
    },
    "casework.Estimate": {
        "id": ID,
        **_all(LINK, "asked_by", "job"),
        "specification": NAME,
        "asked_at": TIME,
        "answer_epoch": COUNT,
        "answer_ciphertext": SEALED,
    },
    "casework.Story": {
        "id": ID,
        "owner": HASH,
        "status": STATE,
        **_all(COUNT, "key_epoch", "ends_epoch", "acceptance_epoch"),
        **_all(SEALED, "passage_ciphertext", "key_ciphertext", "ends_ciphertext"),
        **_all(SEALED, "acceptance_ciphertext", "reply_ciphertext"),
    },
    "casework.StoryUse": {"id": ID, **_all(LINK, "release", "story"), "place": COUNT},
    "casework.DraftStep": {
        "id": ID,
        "release": LINK,
        "name": STATE,
        "epoch": COUNT,
        "result_ciphertext": SEALED,
    },
    "casework.ConsentRecord": {"id": ID, "ciphertext": SEALED, "keep_until": DATE},
    "casework.ConsentKey": {"id": ID, "record": LINK, "key_ciphertext": SEALED},
    "casework.Notice": {"case": LINK, "closes": STATE},
    "casework.Wording": {"version": COUNT, "passages": NAME, "written_on": DATE},
    "casework.OwnNote": {
        "id": ID,
        "user": LINK,
        "kind": STATE,
        "epoch": COUNT,
        "note_ciphertext": SEALED,
    },
    "casework.WorkerSign": {"id": ID, "seen": TIME, "chores_on": DATE},
    "casework.AuditEntry": {"sequence": COUNT, "epoch": COUNT, "entry_ciphertext": SEALED, "chain": HASH},
    "casework.AuditHead": {"id": ID, "sequence": COUNT, "chain": HASH},
}


@dataclass(frozen=True)
class Table:
    """`rows` is None where this process cannot reach the database."""

    name: str
    store: str
    rows: int | None
    fields: dict[str, str]

    @property
    def speaking(self) -> list[str]:
        return [name for name, kind in self.fields.items() if kind in SPEAKING]


def models() -> list[type[Model]]:
    return sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label)


def unclassified() -> list[str]:
    """Fields about which nobody has said what they give away. Empty, or a test fails."""
    return [
        f"{model._meta.label}.{field.name}"
        for model in models()
        for field in model._meta.local_fields
        if field.name not in FIELDS.get(model._meta.label, {})
    ]


def tables() -> list[Table]:
    return [_table(model) for model in models()]


def _table(model: type[Model]) -> Table:
    store = router.db_for_read(model)
    known = FIELDS.get(model._meta.label, {})
    fields = {field.name: known.get(field.name, "") for field in model._meta.local_fields}
    return Table(model._meta.label, "main" if store == "default" else store, _rows(model, store), fields)


def _rows(model: type[Model], store: str) -> int | None:
    try:
        return model._default_manager.using(store).count()
    except DatabaseError:
        connections[store].close()
        return None


def report() -> dict[str, Any]:
    """For programs: schema temoin-exposure/1."""
    found = tables()
    return {
        "schema": "temoin-exposure/1",
        "unclassified": unclassified(),
        "classes": {code: str(words) for code, words in CLASSES.items()},
        "tables": [vars(table) for table in found],
        "fields_by_class": dict(Counter(kind for table in found for kind in table.fields.values())),
        "stores": [{"store": name, "yields": words} for name, words in stores(found)],
    }


def _counted(found: list[Table]) -> dict[str, int]:
    return {table.name: table.rows or 0 for table in found}


def stores(found: list[Table]) -> list[tuple[str, str]]:
    """Each place a seizure may reach, and in plain words what it would yield today."""
    rows = _counted(found)
    return [
        (_("Main database"), _main(rows)),
        (_("Erasure database"), _erasure(rows["casework.ErasureShare"])),
        (_("Session store"), _sessions(rows["sessions.Session"])),
        (_("Broker"), _("Ids of jobs that wait, and nothing about what they are for.")),
        (_("Files on disk"), _files()),
        (_("Evidence store"), _evidence(rows["casework.Evidence"])),
        *_around(),
        *_hosts(),
    ]


def _erasure(number: int) -> str:
    shares = ngettext(
        "%(number)s random share of a case key. Alone it opens nothing.",
        "%(number)s random shares of case keys. Alone they open nothing.",
        number,
    )
    erased = _(
        "Of erased cases a keyed hash, a random number, the day and the rule: which cases they were, nobody can tell."
    )
    return f"{shares % {'number': number}} {erased}"


def _sessions(number: int) -> str:
    said = ngettext(
        "%(number)s session: whose account it is and when it ends. What it holds opens only "
        "with the cookie in that person's browser.",
        "%(number)s sessions: whose accounts they are and when they end. What they hold "
        "opens only with the cookies in those people's browsers.",
        number,
    )
    return said % {"number": number}


def _evidence(number: int) -> str:
    said = ngettext(
        "%(number)s encrypted file under a random name: how large it is to the byte, and about when it was written.",
        "%(number)s encrypted files under random names: how large each is to the byte, and about when it was written.",
        number,
    )
    return said % {"number": number}


def _around() -> list[tuple[str, str]]:
    logs = _(
        "Which kind of thing failed, and where in the program. No name, no address, no search, no value."
    )
    backups = _(
        "What the databases held on the day of the backup. A case that was erased since "
        "opens from no backup whose erasure shares are gone; those are kept 14 days at most."
    )
    return [(_("Logs"), logs), (_("Backups"), backups)]


def _hosts() -> list[tuple[str, str]]:
    web = _(
        "The three databases, the encrypted files and the pepper: the secrets of authenticator apps lie open, and "
        "passphrases can then be guessed at, slowly, one by one. Strong passphrases stay out of reach."
    )
    worker = _(
        "The main database and the statistics root: the coarse records of people who agreed "
        "to be counted, without a way back to a case."
    )
    return [(_("Web host"), web), (_("Worker host"), worker)]


def _main(rows: dict[str, int]) -> str:
    said = _(
        "%(people)s accounts with the user names people chose, %(teams)s teams with their names, and who is on which. "
        "%(cases)s cases as random ids: which team keeps each, to whom it was granted and until when, the month after "
        "which it must be erased, on which day and by which rule it will be where that is ordered, until when a legal hold keeps "
        "it, how often it was saved. %(entries)s entries of a log that only auditors read. "
        "%(counted)s coarse records that only the worker reads. Releases asked for so far: %(releases)s, with their "
        "questions, and the figures of those that are published."
    )
    return said % {
        "people": rows["accounts.User"],
        "teams": rows["accounts.Team"],
        "cases": rows["casework.Case"],
        "entries": rows["casework.AuditEntry"],
        "counted": rows["casework.Statistic"],
        "releases": rows["casework.Release"],
    }


def _files() -> str:
    root = settings.TEMOIN_STATISTICS_ROOT_FILE or Path(settings.TEMOIN_KEYS_DIR) / "statistics.root"
    if Path(root).exists():
        return _(
            "Key files: the pepper, the ledger's key and the organisation's public key. The statistics root lies "
            "here too: on a server, move it to the worker."
        )
    return _(
        "Key files: the pepper, the ledger's key and the organisation's public key. "
        "No statistics root, no upload that can be read."
    )


def not_yielded() -> str:
    """The sentence a lawyer needs."""
    return _(
        "Nowhere: names, stories, days and addresses of events, officers, references, consents, unpublished figures, "
        "e-mail addresses, telephone numbers. All of it is sealed under keys that only the people hold to whom a case "
        "was granted. The organisation, the hosting company and whoever runs the server cannot open it, and so cannot "
        "hand it over. Of people who agreed to be counted, the worker's host alone opens a coarse record."
    )
