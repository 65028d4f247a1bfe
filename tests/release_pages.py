"""Releases made by hand for tests of steps and pages: a small document, sealed as the worker seals it."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import teams
from accounts.models import User
from accounts.teams import KeyHolder
from casework import documents, drafts, editorials, releases
from casework.documents import Document
from casework.drafts import Attack, CellInside, Inside
from casework.editorials import Editorial
from casework.models import Release
from tests.cast import Cast

QUESTION: dict[str, Any] = {
    "title": {"en": "Stops and what followed", "fr": "Interceptions et suites"},
    "unit": "person",
    "period": {"from": "2015-01", "to": "2016-12"},
    "threshold": 5,
    "tables": [["held", "year"]],
    "supersedes": None,
}
VALUES = {
    ("YES", "2015"): 6, ("YES", "2016"): 9, ("YES", "TOTAL"): 15,
    ("NO", "2015"): None, ("NO", "2016"): None, ("NO", "TOTAL"): 11,
    ("UNK", "2015"): None, ("UNK", "2016"): None, ("UNK", "TOTAL"): 14,
    ("TOTAL", "2015"): 19, ("TOTAL", "2016"): 21, ("TOTAL", "TOTAL"): 40,
}  # fmt: skip
TRUTH = {("NO", "2015"): 4, ("NO", "2016"): 7, ("UNK", "2015"): 9, ("UNK", "2016"): 5}


def words(text: str) -> dict[str, str]:
    return {"en": text, "fr": f"{text} (fr)"}


def a_document(release_id: UUID, *, edition: int = 1, supersedes: UUID | None = None) -> Document:
    def dimension(code: str, *codes: str) -> documents.Dimension:
        return documents.Dimension(
            code, words(code.title()), [documents.Category(c, words(f"={c}")) for c in codes]
        )

    cells = [documents.Cell({"held": held, "year": year}, value) for (held, year), value in VALUES.items()]
    return Document(
        schema_name=documents.SCHEMA,
        id=release_id,
        edition=edition,
        supersedes=supersedes,
        title=QUESTION["title"],
        unit="person",
        published_on=None,
        period=documents.Months("2015-01", "2016-12"),
        threshold=5,
        method=words("How it was counted."),
        dimensions=[dimension("held", "YES", "NO", "UNK"), dimension("year", "2015", "2016")],
        tables=[documents.Table(words("Held × Year"), ["held", "year"], cells)],
        audit=documents.Audit(12, 12, 0),
    )


def an_inside(release: Release, **changes: Any) -> Inside:
    document = a_document(release.pk, edition=release.edition, supersedes=release.supersedes_id)
    hidden = [
        CellInside({"held": held, "year": year}, value, "primary" if value < 5 else "complementary")
        for (held, year), value in TRUTH.items()
    ]
    made = Inside(
        drafted_by=release.drafted_by_id,
        document=document,
        suppressed=hidden,
        attack=Attack(cells=4),
        counted=40,
        considered=list(releases.known().values_list("pk", flat=True)),
    )
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def seal_draft(release: Release, inside: Inside) -> None:
    release.draft_ciphertext, release.draft_epoch = teams.seal_to_principal(
        teams.coordinators().pk, drafts.packed(inside), drafts.place(release.pk)
    )
    release.status = Release.Status.REFUSED if inside.refusal else Release.Status.DRAFTED
    release.save()


def a_draft(by: User, *, supersedes: Release | None = None, **changes: Any) -> Release:
    """A release a coordinator asked for and the worker drafted."""
    edition = supersedes.edition + 1 if supersedes else 1
    release = Release.objects.create(
        specification=QUESTION, drafted_by=by, supersedes=supersedes, edition=edition
    )
    editorials.sealed_into(release, Editorial(words("What the figures say."), by=by.pk))
    seal_draft(release, an_inside(release, **changes))
    return release


def approve(holder: KeyHolder, release: Release) -> None:
    """Having ticked everything there is to read."""
    release.refresh_from_db()
    releases.approve(holder, release.pk, read=ticked(holder, release))


def ticked(holder: KeyHolder, release: Release) -> list[str]:
    return list(releases.to_read(holder, release))


def write_words(holder: KeyHolder, release: Release, lead: str = "What the figures say.") -> None:
    """With every group decided as it was drafted."""
    release.refresh_from_db()
    groups = [group.key for group in releases.open_draft(holder, release).groups]
    releases.write_words(holder, release.pk, Editorial(words(lead), groups=groups))


def a_published(cast: Cast, **changes: Any) -> Release:
    """By the steps two coordinators take."""
    release = a_draft(cast.dana, **changes)
    erin = cast.keyring_of("erin")
    approve(erin, release)
    releases.publish(erin, release.pk)
    release.refresh_from_db()
    return release


def next_month() -> dt.date:
    return (timezone.localdate().replace(day=1) + dt.timedelta(days=40)).replace(day=1)
