"""The first start: an organisation, its governing teams, the first person, the statistics key pair, the pepper,
the key of the ledger of erasures."""

import contextlib
import hmac
import secrets
from pathlib import Path

from django.db import transaction
from django.utils import translation
from django.views.decorators.debug import sensitive_variables

from accounts import keyfiles
from accounts.crypto.principal import Principal
from accounts.models import Team, TeamKind, User
from accounts.people import new_person
from accounts.publickeys import admit
from accounts.teams import found_team, keep_team, seat

SETUP_CODE_LENGTH = 34


class AlreadySetUp(Exception):  # noqa: N818 - the house names it by what happened
    """There is an organisation, in the database or pinned on disk."""


def is_set_up() -> bool:
    """Either sign is enough: a database that was wiped must not let a stranger start over under the old keys."""
    return keyfiles.organisation_is_pinned() or Team.objects.filter(kind=TeamKind.ORGANISATION).exists()


@sensitive_variables()
def set_up_organisation(name: str, username: str, passphrase: str, language: str) -> User:
    """All of it or nothing: the key files are taken back when the database refuses. Raises AlreadySetUp."""
    if is_set_up():
        raise AlreadySetUp
    written: list[Path | None] = []
    try:
        with transaction.atomic():
            user = _set_up(name, username, passphrase, language, written)
    except BaseException:
        for path in filter(None, written):
            path.unlink(missing_ok=True)
        raise
    keyfiles.path_of(keyfiles.SETUP_CODE).unlink(missing_ok=True)
    return user


@sensitive_variables()
def _set_up(name: str, username: str, passphrase: str, language: str, written: list[Path | None]) -> User:
    written.append(keyfiles.make_pepper())
    written.append(keyfiles.make_ledger_key())
    team = Team(name=name, kind=TeamKind.ORGANISATION)
    organisation = Principal.generate("organisation", team.id)
    written.append(keyfiles.pin_organisation(organisation.signing_public_key))
    keep_team(team, organisation)
    admit(organisation, organisation)
    written.append(_statistics(organisation))
    user, _ = new_person(username, passphrase, language, organisation)
    seat(team, organisation, user)
    _governing_teams(organisation, user)
    return user


def _statistics(organisation: Principal) -> Path:
    principal = Principal.generate("statistics")
    admit(organisation, principal)
    return keyfiles.keep_statistics_root(principal)


def _governing_teams(organisation: Principal, first: User) -> None:
    """The first coordinator also holds the auditors' root until they have invited an auditor: it must never be in no hands."""
    for kind in (TeamKind.COORDINATORS, TeamKind.AUDITORS):
        with translation.override(first.language):
            team, principal = found_team(organisation, str(kind.label), kind)
        seat(team, principal, first)


def setup_code() -> str:
    """What a person at the server's console knows and a stranger who opens the page first does not."""
    path = keyfiles.path_of(keyfiles.SETUP_CODE)
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            keyfiles.write_once(path, "-".join(secrets.token_hex(3) for _ in range(5)))
    return path.read_text().strip()


def is_setup_code(attempt: str) -> bool:
    code = setup_code()
    # A file caught half written must not make an empty answer right.
    return len(code) == SETUP_CODE_LENGTH and hmac.compare_digest(
        attempt.strip().lower().encode(), code.encode()
    )
