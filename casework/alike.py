"""Cases like this one: to keep nobody's story twice, and to say of two cases that they tell of one event.

Looked for among what the person may open and nowhere else: neither a suggestion, nor their number, nor the time it takes says
anything about a case they may not see."""

import secrets
from collections.abc import Iterator
from heapq import nsmallest
from typing import Final
from uuid import UUID

from accounts.keyring import Keyring
from casework import audit, intake, matching, permissions, vault
from casework.record import CaseRecord, card_of

SHOWN: Final = 5


def alike(keyring: Keyring, record: CaseRecord, but: UUID | None = None) -> list[vault.Listed]:
    """The nearest first. `but`: the case itself, when it is kept already; before that, whoever writes it down asks with the
    record as it stands."""
    mine = card_of(record, counted=False, open_until="")
    known = but.bytes if but else b""

    def nearest(found: Iterator[vault.Listed]) -> list[vault.Listed]:
        return nsmallest(SHOWN, (listed for listed in found if listed.case != known), key=_distance)

    return vault.every_match(keyring, matching.like(record, mine), nearest, "case.compare")[0]


def _distance(listed: vault.Listed) -> float:
    return -listed.match.score if listed.match else 0


def link(keyring: Keyring, case_id: UUID, other_id: UUID) -> None:
    """The case tells of the event of the other one, and in figures about events both count once. Raises Http404."""
    other = vault.open_case(keyring, other_id)
    _tell_of(keyring, case_id, other.record.event_token)
    audit.append(keyring.user, "case.link", case_id)


def unlink(keyring: Keyring, case_id: UUID) -> None:
    """It tells of an event of its own again."""
    _tell_of(keyring, case_id, secrets.token_bytes(16))
    audit.append(keyring.user, "case.link", case_id)


def _tell_of(keyring: Keyring, case_id: UUID, event: bytes) -> None:
    opened = vault.open_case(keyring, case_id, permissions.CHANGE)
    opened.record.event_token = event
    intake.save_case(keyring, case_id, opened.record, opened.revision)
