"""Releases at each stage of their way, drafted by dana; the figures are invented and small enough to be read at a glance."""

from uuid import uuid4

from django.utils import timezone

from accounts import teams
from casework import documents, drafts, releases
from casework.documents import Audit, Category, Cell, Dimension, Document, Months, Table
from casework.drafts import Inside
from casework.models import Job, Release
from tests.cast import Cast

QUESTION = {
    "title": {"en": "By year", "fr": "Par année"},
    "unit": "person",
    "period": {"from": "2016-01", "to": "2017-12"},
    "threshold": 5,
    "tables": [["year"]],
    "supersedes": None,
}
YEARS = {"2016": 12, "2017": 9, "TOTAL": 21}


def document_for(release: Release) -> Document:
    categories = [Category(year, {"en": year, "fr": year}) for year in ("2016", "2017")]
    made = Document(
        schema_name=documents.SCHEMA,
        id=release.pk,
        edition=1,
        supersedes=None,
        title=dict(QUESTION["title"]),  # type: ignore[call-overload]
        unit="person",
        published_on=None,
        period=Months("2016-01", "2017-12"),
        threshold=5,
        method={"en": "Counted.", "fr": "Compté."},
        dimensions=[Dimension("year", {"en": "Year", "fr": "Année"}, categories)],
        tables=[
            Table({"en": "Year", "fr": "Année"}, ["year"], [Cell({"year": y}, n) for y, n in YEARS.items()])
        ],
        audit=Audit(0, 0, 0),
    )
    documents.check(made)
    return made


def asked_release(cast: Cast) -> Release:
    """The worker has it in hand."""
    job = Job.objects.create(kind=Job.Kind.DRAFT_RELEASE, state=Job.State.RUNNING, stage="count")
    return Release.objects.create(specification=QUESTION, drafted_by=cast.dana, job=job)


def drafted_release(cast: Cast) -> Release:
    release = Release(id=uuid4(), specification=QUESTION, drafted_by=cast.dana, status=Release.Status.DRAFTED)
    published = list(releases.published().values_list("pk", flat=True))
    inside = Inside(cast.dana.pk, document_for(release), counted=21, considered=published)
    release.draft_ciphertext, release.draft_epoch = teams.seal_to_principal(
        teams.coordinators().pk, drafts.packed(inside), drafts.place(release.pk)
    )
    release.save(force_insert=True)
    return release


def approved_release(cast: Cast) -> Release:
    release = drafted_release(cast)
    releases.approve(cast.keyring_of("erin"), release.pk, read=True)
    release.refresh_from_db()
    return release


def published_release(cast: Cast) -> Release:
    release = approved_release(cast)
    releases.publish(cast.keyring_of("dana"), release.pk)
    release.refresh_from_db()
    assert release.published_on == timezone.localdate()
    return release
