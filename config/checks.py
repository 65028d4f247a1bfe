"""What must be right before anything starts. Each check has a number that a search finds, says what to do, and never a value.

Keys are absent until set-up, so nothing here minds their absence while there is no organisation. The worker is recognised by
the name of the statistics root in its environment: it serves no pages and needs neither the signing key nor the pepper.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.db import DatabaseError

from accounts import keyfiles
from accounts.crypto.passphrase import KdfParameters
from accounts.models import Team, TeamKind

SECRET_KEY_LENGTH: Final = 50
EXAMPLES: Final = (
    "unset",
    "changeme",
    "change-me",
    "example",
    "secret",
    "django-insecure",
    "placeholder",
    "xxx",
)
THIS_MACHINE: Final = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})


def is_worker() -> bool:
    return bool(settings.TEMOIN_STATISTICS_ROOT_FILE)


@register()
def signing_key(**options: Any) -> list[CheckMessage]:
    key = settings.SECRET_KEY
    is_example = any(word in key.lower() for word in EXAMPLES) or len(set(key)) < 10
    if is_worker() or (len(key) >= SECRET_KEY_LENGTH and not is_example):
        return []
    return [
        Error(
            "TEMOIN_SECRET_KEY is missing, shorter than 50 characters or an example.",
            hint="python3 -c 'import secrets; print(secrets.token_urlsafe(64))' prints a good one.",
            id="temoin.E001",
        )
    ]


@register(Tags.database)
def keys_of_the_organisation(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Only asked where the database may be asked: it knows whether there ought to be keys."""
    if "default" not in (databases or ()) or not has_organisation():
        return []
    return [*_pepper(), *_organisation_key(), *_ledger_key()]


def _pepper() -> list[CheckMessage]:
    if is_worker() or _is_readable(keyfiles.pepper):
        return []
    return [
        Error(
            "There is an organisation, but its pepper is missing or damaged: nobody can sign in.",
            hint="Put the file “pepper” back into TEMOIN_KEYS_DIR. Never make a new one.",
            id="temoin.E002",
        )
    ]


def _organisation_key() -> list[CheckMessage]:
    if _is_readable(keyfiles.organisation_key):
        return []
    return [
        Error(
            "There is an organisation, but its public key is not pinned: no key can be checked.",
            hint="Put the file “organisation.pub” back into TEMOIN_KEYS_DIR.",
            id="temoin.E003",
        )
    ]


def _ledger_key() -> list[CheckMessage]:
    """Web and worker alike: either may erase, and both must recognise what was."""
    if _is_readable(keyfiles.ledger_key):
        return []
    return [
        Error(
            "There is an organisation, but the key of its ledger of erasures is missing or damaged: nothing can be erased.",
            hint="Put the file “ledger.key” back into TEMOIN_KEYS_DIR of web and worker. Before anything was ever erased, "
            "a new one will do: openssl rand -hex 32.",
            id="temoin.E010",
        )
    ]


@register()
def cost_of_a_passphrase(**options: Any) -> list[CheckMessage]:
    cost, least = settings.TEMOIN_KDF, KdfParameters()
    weak = cost.iterations < least.iterations or cost.memory_kib < least.memory_kib
    if settings.TEMOIN_INSECURE_LOCAL or not weak:
        return []
    return [
        Error(
            "Passphrases are stretched too little; a stolen database could be guessed at.",
            hint="Unset TEMOIN_INSECURE_KDF. It is for tests.",
            id="temoin.E004",
        )
    ]


@register()
def only_on_this_machine(**options: Any) -> list[CheckMessage]:
    if not settings.TEMOIN_INSECURE_LOCAL or THIS_MACHINE.issuperset(settings.ALLOWED_HOSTS):
        return []
    return [_insecure("other machines can reach this server")]


@register(deploy=True)
def not_in_production(**options: Any) -> list[CheckMessage]:
    return [_insecure("this is a deployment")] if settings.TEMOIN_INSECURE_LOCAL else []


def _insecure(why: str) -> CheckMessage:
    return Error(
        f"TEMOIN_INSECURE_LOCAL sends cookies over plain http, and {why}.",
        hint="Unset TEMOIN_INSECURE_LOCAL. It is for the demonstration and for tests on one machine.",
        id="temoin.E005",
    )


@register()
def passphrases_alone(**options: Any) -> list[CheckMessage]:
    if settings.TEMOIN_SECOND_FACTOR_REQUIRED or THIS_MACHINE.issuperset(settings.ALLOWED_HOSTS):
        return []
    return [_no_second_factor()] if not settings.TEMOIN_INSECURE_LOCAL else []


@register(deploy=True)
def second_factor_in_production(**options: Any) -> list[CheckMessage]:
    off = not settings.TEMOIN_SECOND_FACTOR_REQUIRED and not settings.TEMOIN_INSECURE_LOCAL
    on_this_machine = THIS_MACHINE.issuperset(settings.ALLOWED_HOSTS)
    return [_no_second_factor()] if off and on_this_machine else []


def _no_second_factor() -> CheckMessage:
    return Error(
        "People can sign in with a passphrase alone.",
        hint="Unset TEMOIN_DEMO. It is for the demonstration on one machine.",
        id="temoin.E008",
    )


@register(deploy=True)
def keys_kept_apart(**options: Any) -> list[CheckMessage]:
    """A process that can count and open is worth seizing twice."""
    if is_worker() and os.access(keyfiles.path_of(keyfiles.PEPPER), os.R_OK):
        return [
            Error(
                "The worker can read the pepper.",
                hint="Give the worker a TEMOIN_KEYS_DIR with organisation.pub and ledger.key only.",
                id="temoin.E006",
            )
        ]
    if not is_worker() and keyfiles.has_statistics_root():
        return [
            Error(
                "The web process can read the statistics root.",
                hint="Move statistics.root out of TEMOIN_KEYS_DIR, to where TEMOIN_STATISTICS_ROOT_FILE of the worker says.",
                id="temoin.E007",
            )
        ]
    return []


def refuse_a_bad_start() -> None:
    """gunicorn runs no checks by itself. Ends the process when one of ours fails."""
    found = [problem for problem in run_checks(databases=["default"]) if problem.level >= 40]
    for problem in found:
        sys.stderr.write(f"{problem.id} {problem.msg} {problem.hint or ''}\n")
    if found:
        raise SystemExit(1)


def has_organisation() -> bool:
    """False as well when the database cannot say."""
    try:
        return Team.objects.filter(kind=TeamKind.ORGANISATION).exists()
    except DatabaseError:
        # Not migrated yet, or not up yet: other checks and `healthz` say so.
        return False


def _is_readable(read: Any) -> bool:
    try:
        read()
    except keyfiles.KeysMissing:
        return False
    return True
