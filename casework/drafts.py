"""What only coordinators read before a release is published: the document as it would leave, and everything that must not leave
with it (true counts, reasons, proof). Sealed to their team by the worker, opened in the request."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec

from accounts.crypto.context import release_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed
from casework import shapes, statistics
from casework.documents import Document, Place, key_of
from casework.models import Release

DRAFT_VERSION: Final = 1
PART: Final = "draft"
LEDGER: Final = "ledger"


class CellInside(msgspec.Struct, array_like=True, frozen=True):
    """A suppressed cell: what it really counts, and why it is suppressed (a code of `templatetags.display.REASONS`)."""

    at: dict[str, str]
    value: int
    reason: str


class Proposal(msgspec.Struct, frozen=True):
    """A coarser question, and how many of its non-zero cells it would still publish."""

    dimension: str
    merge: list[str]
    published: int
    cells: int


class Group(msgspec.Struct, frozen=True):
    """Everybody counted at `at` is in this one category of a sensitive fact, so the figure of the category is hidden too."""

    at: dict[str, str]
    fact: str
    category: str

    @property
    def key(self) -> str:
        return "&".join(
            f"{code}={category}" for code, category in sorted({**self.at, self.fact: self.category}.items())
        )


class Attack(msgspec.Struct, frozen=True):
    """What the attack on the finished document found: of how many suppressed cells, how many it computed, told to be small,
    or told with the knowledge of one person counted; how many groups it could say a sensitive thing of; and from how many
    people's own knowledge it tried. A draft that waits for approval has zeros here: anything else was refused."""

    cells: int = 0
    exact: int = 0
    recognisable: int = 0
    insider: int = 0
    groups: int = 0
    insiders: int = 0


class Inside(msgspec.Struct):
    """`refusal` set: there is no document, only the reason and the proposals."""

    drafted_by: UUID | None
    document: Document | None = None
    suppressed: list[CellInside] = []
    certificate: bytes = b""
    attack: Attack = Attack()
    groups: list[Group] = []
    counted: int = 0
    # The proven distance from the fewest suppressions possible, 0 to 1.
    gap: float = 0.0
    # The first of the month from which somebody counted here must not be any more.
    lapses_on: dt.date | None = None
    # The published releases this one was attacked together with.
    considered: list[UUID] = []
    refusal: str = ""
    proposals: list[Proposal] = []
    version: int = DRAFT_VERSION

    def hidden_zeros(self) -> list[dict[str, str]]:
        return [cell.at for cell in self.suppressed if cell.value == 0]

    def reasons(self) -> dict[frozenset[tuple[str, str]], str]:
        return {key_of(cell.at): cell.reason for cell in self.suppressed}


def place(release_id: UUID) -> bytes:
    return release_context(PART, release_id)


def sealed_ledger(root: Principal, release_id: UUID, inside: Inside) -> Sealed:
    """Under the worker's own key, which a database writer does not have: which suppressed cells hide a zero. Later editions
    need no more, and what the others counted is not kept: it could include somebody who withdraws."""
    zeros = msgspec.msgpack.encode(inside.hidden_zeros())
    return root.seal(pad(zeros), release_context(LEDGER, release_id))


def ledger(root: Principal, release: Release) -> frozenset[Place] | None:
    """None when there is none, or it was altered or its epoch's root is gone: then nothing can be published beside it."""
    try:
        reader = statistics.at_epoch(root, release.ledger_epoch)
        opened = unpad(reader.open(release.ledger_ciphertext or b"", release_context(LEDGER, release.pk)))
        zeros = msgspec.msgpack.decode(opened, type=list[dict[str, str]])
    except (SealBroken, msgspec.MsgspecError):
        return None
    return frozenset(key_of(at) for at in zeros)


def reseal_ledgers(root: Principal) -> int:
    """After a rotation: those under ended roots, under the newest. How many. One that does not open stays as it is."""
    old = Release.objects.filter(ledger_epoch__gt=0, ledger_epoch__lt=root.epoch)
    return sum(_reseal_ledger(root, release) for release in old)


def _reseal_ledger(root: Principal, release: Release) -> int:
    place = release_context(LEDGER, release.pk)
    try:
        opened = statistics.at_epoch(root, release.ledger_epoch).open(release.ledger_ciphertext or b"", place)
    except SealBroken:
        return 0
    return Release.objects.filter(pk=release.pk, ledger_epoch=release.ledger_epoch).update(
        ledger_ciphertext=root.seal(opened, place), ledger_epoch=root.epoch
    )


def packed(inside: Inside) -> bytes:
    """Padded: the length would tell a refusal from a table."""
    return pad(msgspec.msgpack.encode(inside))


def opened(coordinators: Principal, release_id: UUID, sealed: Sealed) -> Inside:
    """Raises SealBroken for another team, epoch or release, an altered row or an unknown version."""
    opened = unpad(coordinators.open_from(sealed, place(release_id)))
    return shapes.read_version(opened, Inside, DRAFT_VERSION)
