"""The registers that Quebec's act on private-sector privacy (P-39.1) and its anonymization regulation ask for: incidents, what
was communicated to third parties, and how each release was anonymized. Anybody's act may add a line, since sealing needs no root;
only coordinators read them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import msgspec
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import teams
from accounts.crypto.context import register_context
from accounts.crypto.padding import pad, unpad
from accounts.models import TeamKind, User
from accounts.publickeys import governing_recipient
from accounts.teams import KeyHolder
from casework import audit, documents, releases, shapes
from casework.models import RegisterEntry, Release
from casework.passages import Checked
from casework.reading import Statement

Kind = RegisterEntry.Kind
# Incidents: five years from the day the group learned of it (Regulation respecting confidentiality incidents). None is ever
# deleted here, so the day only says until when nobody may.
INCIDENT_YEARS: Final = 5
LEVELS: Final = (("low", _("low")), ("medium", _("medium")), ("high", _("high")))
WHAT: Final = (
    ("access", _("somebody saw what they were not allowed to see")),
    ("use", _("it was used for something nobody agreed to")),
    ("communication", _("it was passed on to somebody it was not for")),
    ("loss", _("it was lost or stolen: a device, paper, a backup")),
    ("seizure", _("it was seized")),
    ("other", _("another breach of its protection")),
)
# What the program itself writes down.
LEAVES: Final = {
    "evidence.clean": _("a copy of one attached file, without what files tell by themselves"),
    "evidence.original": _("the original of one attached file"),
    "copy.case": _("a copy of a case, as far as its people agreed"),
    "copy.referral": _("what a person agreed to have passed on when they were referred"),
}
BASES: Final = (
    ("consent", _("the person's consent")),
    ("law", _("the law, or an order of a court")),
    ("emergency", _("danger to life, health or safety")),
)


class Incident(msgspec.Struct):
    """Section 3.5 to 3.8 of the act. `sensitivity`, `consequences` and `likelihood` are what section 3.7 has weighed."""

    learned_on: dt.date
    happened: str
    what: str
    information: str
    people: int | None = None
    sensitivity: str = ""
    consequences: str = ""
    likelihood: str = ""
    serious: bool = False
    weighed: str = ""
    commission_on: dt.date | None = None
    persons_on: dt.date | None = None
    others: str = ""
    measures: str = ""
    written_by: UUID | None = None

    @property
    def kept_until(self) -> dt.date:
        day = self.learned_on
        return dt.date(day.year + INCIDENT_YEARS, day.month, min(day.day, 28))

    @property
    def notices_missing(self) -> bool:
        """A risk of serious injury is notified to the Commission and to the persons."""
        return self.serious and not (self.commission_on and self.persons_on)


class Communication(msgspec.Struct):
    """What left, to whom, for which purpose and on what basis. `source` tells a line that the program wrote."""

    on: dt.date
    recipient: str
    what: str
    purpose: str = ""
    basis: str = "consent"
    remarks: str = ""
    written_by: UUID | None = None
    source: str = ""


class Anonymization(msgspec.Struct):
    """What people add to what the release itself says: sections 3 to 9 of the regulation."""

    release: UUID
    purpose: str = ""
    supervisor: str = ""
    residual: str = ""
    reassess_on: dt.date | None = None
    written_by: UUID | None = None


Line = TypeVar("Line", Incident, Communication, Anonymization)
SHAPES: Final[dict[str, type[Any]]] = {
    Kind.INCIDENT: Incident,
    Kind.COMMUNICATION: Communication,
    Kind.ANONYMIZATION: Anonymization,
}


@dataclass(frozen=True)
class Kept(Generic[Line]):
    id: UUID
    line: Line


# Writing: whoever acts


def add(by: User, kind: Kind, line: Incident | Communication | Anonymization) -> UUID:
    """In the caller's transaction: an export that is not in the register did not happen."""
    line.written_by = by.pk
    with transaction.atomic():
        row = RegisterEntry(kind=kind)
        _seal(row, line)
        row.save(force_insert=True)
        audit.append(by, "register.add", row.pk, kind=kind.value)
    return row.pk


def note_communication(by: User, what: str, purpose: str, source: str, recipient: str = "") -> UUID:
    """For exports and referrals, whose consent was checked where the data was read. `what` is one of LEAVES, `purpose` one of
    those that people agree to."""
    line = Communication(timezone.localdate(), recipient, what, purpose=purpose, source=source)
    return add(by, Kind.COMMUNICATION, line)


def _seal(row: RegisterEntry, line: Incident | Communication | Anonymization) -> None:
    key = governing_recipient(TeamKind.COORDINATORS)
    sealed = key.seal(pad(msgspec.msgpack.encode(line)), register_context(row.kind, row.pk))
    row.epoch, row.entry_ciphertext = key.epoch, sealed


# Reading and changing: coordinators


def entries(keys: KeyHolder, kind: Kind) -> list[Kept[Any]]:
    """Raises SealBroken at a line that was altered: a register with a gap is none."""
    return [Kept(row.pk, _opened(keys, row)) for row in RegisterEntry.objects.filter(kind=kind)]


def entry(keys: KeyHolder, kind: Kind, entry_id: UUID) -> Kept[Any]:
    row = RegisterEntry.objects.filter(kind=kind, pk=entry_id).first()
    if row is None:
        raise Http404
    return Kept(row.pk, _opened(keys, row))


def change(
    keys: KeyHolder, by: User, kind: Kind, entry_id: UUID, line: Incident | Communication | Anonymization
) -> None:
    """What stood there is replaced; who changed a line, and when, is in the audit log."""
    with transaction.atomic():
        row = RegisterEntry.objects.select_for_update().filter(kind=kind, pk=entry_id).first()
        if row is None:
            raise Http404
        line.written_by = _opened(keys, row).written_by
        _seal(row, line)
        row.save(update_fields=["epoch", "entry_ciphertext"])
        audit.append(by, "register.change", row.pk, kind=kind.value)


def _opened(keys: KeyHolder, row: RegisterEntry) -> Any:
    coordinators = keys.team(teams.coordinators().pk, row.epoch)
    opened = unpad(coordinators.open_from(row.entry_ciphertext, register_context(row.kind, row.pk)))
    return shapes.read(opened, SHAPES[row.kind])


def incidents(keys: KeyHolder) -> list[Kept[Incident]]:
    return sorted(entries(keys, Kind.INCIDENT), key=lambda kept: kept.line.learned_on, reverse=True)


def communications(keys: KeyHolder) -> list[Kept[Communication]]:
    return sorted(entries(keys, Kind.COMMUNICATION), key=lambda kept: kept.line.on, reverse=True)


@dataclass(frozen=True)
class Anonymized:
    """One published release: what its signed document says of how it was made, and what the coordinators added."""

    release: Release
    document: documents.Document
    drafted_by: str
    approved_by: str
    note_id: UUID | None
    note: Anonymization
    read: list[Statement]
    # How its stories were checked when it was approved, also those that are blank by now; and by whom.
    stories: list[Checked]
    checked_by: list[str]


def anonymized(keys: KeyHolder) -> list[Anonymized]:
    """Newest first; of what was published before somebody wrote a note, too."""
    notes = {kept.line.release: kept for kept in entries(keys, Kind.ANONYMIZATION)}
    rows = releases.published().select_related("drafted_by", "approved_by")
    return [_anonymized(keys, release, notes.get(release.pk)) for release in rows]


def _anonymized(keys: KeyHolder, release: Release, kept: Kept[Anonymization] | None) -> Anonymized:
    approval = releases.approval_of(keys, release)
    told = approval.stories if approval else []
    checkers = User.objects.filter(pk__in={one.by for one in told}).order_by("username")
    return Anonymized(
        release,
        releases.document_of(release),
        release.drafted_by.username if release.drafted_by else "",
        release.approved_by.username if release.approved_by else "",
        kept.id if kept else None,
        kept.line if kept else Anonymization(release.pk),
        approval.read if approval else [],
        told,
        list(checkers.values_list("username", flat=True)) if told else [],
    )


def keep_note(keys: KeyHolder, by: User, note: Anonymization) -> None:
    """One note a release. Raises Http404 for a release that is not published."""
    releases.published_release(note.release)
    found: Iterable[Kept[Anonymization]] = entries(keys, Kind.ANONYMIZATION)
    known = next((kept for kept in found if kept.line.release == note.release), None)
    if known is None:
        add(by, Kind.ANONYMIZATION, note)
    else:
        change(keys, by, Kind.ANONYMIZATION, known.id, note)
