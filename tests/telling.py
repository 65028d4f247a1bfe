"""Passages made by hand, for tests of what becomes of them."""

from uuid import UUID

from casework import intake, offering, passages, releases, vault, vocabulary
from casework.models import Release
from casework.offering import Typed
from casework.record import CaseRecord, Person
from tests.cast import Cast
from tests.release_pages import a_draft, approve
from tests.stories import person, story

# Said otherwise than `tests.stories.NARRATIVE`, and nothing in it that is flagged.
PASSAGE = "One evening an officer pulled them over for a turn. An accent was enough for a call, and a long wait followed."
RECIT = "Un soir, pour un virage, un policier les a fait ranger. Un accent a suffi pour un coup de fil, puis une longue attente."
EVERY_LINE = frozenset(vocabulary.codes("never_leaves"))


def teller(alias: str = "Heron", *purposes: str) -> Person:
    return person(alias, *(purposes or ("STORE", "STATS", "STORY", "QUOTE")))


def told(reference: str = "H-1", *people: Person) -> CaseRecord:
    """A case that may be told of: its people agree, and it was corroborated."""
    record = story(reference, *(people or (teller(),)))
    record.verification = "V2"
    return record


def a_case(cast: Cast, record: CaseRecord | None = None) -> UUID:
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, record or told())


def typed(case_id: UUID, cast: Cast, kind: str = "STORY", **changes: object) -> Typed:
    someone = vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0]
    given = {"text": {"en": PASSAGE, "fr": RECIT}, "changed": ["NAMES", "DATES"]} | changes
    return Typed(someone.id, kind, **given)  # type: ignore[arg-type]


def an_offer(cast: Cast, case_id: UUID, kind: str = "STORY", **changes: object) -> UUID:
    return offering.offer(cast.keyring_of("alice"), case_id, typed(case_id, cast, kind, **changes))


def an_accepted(cast: Cast, case_id: UUID, kind: str = "STORY", **changes: object) -> UUID:
    story_id = an_offer(cast, case_id, kind, **changes)
    passages.accept(cast.keyring_of("erin"), story_id, EVERY_LINE)
    return story_id


def a_drafted(cast: Cast, *story_ids: UUID, supersedes: Release | None = None) -> Release:
    """dana drafts and chooses."""
    release = a_draft(cast.dana, supersedes=supersedes)
    releases.choose_stories(cast.keyring_of("dana"), release.pk, story_ids)
    return release


def an_approved(cast: Cast, *story_ids: UUID, supersedes: Release | None = None) -> Release:
    release = a_drafted(cast, *story_ids, supersedes=supersedes)
    approve(cast.keyring_of("erin"), release)
    release.refresh_from_db()
    return release


def a_told_release(cast: Cast, *story_ids: UUID, supersedes: Release | None = None) -> Release:
    release = an_approved(cast, *story_ids, supersedes=supersedes)
    releases.publish(cast.keyring_of("dana"), release.pk)
    release.refresh_from_db()
    return release
