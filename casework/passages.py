"""What a passage says: sealed by whoever offers it, read and checked by a coordinator who did not, laid into a release.

The text is under a content key, which is sealed to the coordinators (docs/decisions/0017). Nothing here can open a case, and the
worker, which imports this by way of `casework.releases`, has neither of the two keys.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts import teams
from accounts.crypto.context import story_context
from accounts.crypto.envelope import open_sealed, seal
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.models import TeamKind, User
from accounts.publickeys import governing_recipient
from accounts.teams import KeyHolder
from casework import audit, documents, shapes, stories, vocabulary
from casework.documents import Document
from casework.models import Release, Story, StoryUse

PASSAGE_VERSION: Final = 1
PASSAGE, KEY, ACCEPTANCE, REPLY = "passage", "key", "acceptance", "reply"
# A content key seals one passage and one reply; it needs no epochs.
EPOCH: Final = 1
Status = Story.Status


class NotToBeTold(Exception):  # noqa: N818 - the house names it by what happened
    """The step cannot be taken, and nothing was changed. `code` is one of `casework.refusals`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """A flag that stands, and why: the code, the words it was raised for, the reason."""

    flag: str
    words: str
    reason: str


class Passage(msgspec.Struct):
    """As somebody with access typed it anew. `changed`: codes of what was altered. From `ends` on nobody may tell it."""

    kind: str
    text: dict[str, str]
    changed: list[str]
    author: UUID
    offered_on: dt.date
    ends: dt.date
    answers: list[Answer] = []
    version: int = PASSAGE_VERSION


@dataclass(frozen=True)
class Opened:
    row: Story
    passage: Passage
    # Who accepted it; None before, and for an acceptance that is not the coordinators'.
    checker: UUID | None = None

    @property
    def accepted(self) -> bool:
        return self.checker not in (None, self.passage.author)

    @property
    def ended(self) -> bool:
        return self.passage.ends <= timezone.localdate()

    @property
    def checked(self) -> "Checked":
        assert self.checker
        return Checked(self.passage.kind, [answer.flag for answer in self.passage.answers], self.checker)


class Checked(msgspec.Struct, array_like=True, frozen=True):
    """How one was checked, without a word of it: what outlives the passage. `answered`: codes of the flags that stayed, each with
    a reason; who offered it is not said, because their name leads to the few cases they open."""

    kind: str
    answered: list[str]
    by: UUID


# Sealed and opened with the content key


def sealed_row(content_key: bytes, story_id: UUID, owner: bytes, passage: Passage) -> Story:
    """Unsaved. Raises SealBroken when nobody vouches for the coordinators' key or the worker's."""
    coordinators = governing_recipient(TeamKind.COORDINATORS)
    ends, epoch = stories.sealed_end(story_id, passage.ends)
    return Story(
        id=story_id,
        owner=owner,
        passage_ciphertext=_sealed(content_key, story_id, PASSAGE, msgspec.msgpack.encode(passage)),
        key_ciphertext=coordinators.seal(content_key, story_context(KEY, story_id)),
        key_epoch=coordinators.epoch,
        ends_ciphertext=ends,
        ends_epoch=epoch,
    )


def _sealed(content_key: bytes, story_id: UUID, part: str, plain: bytes) -> Sealed:
    return seal(content_key, EPOCH, pad(plain), story_context(part, story_id))


def passage_of(content_key: bytes, row: Story) -> Passage:
    """Raises SealBroken for another row or key, altered bytes or an unknown version."""
    opened = open_sealed(content_key, EPOCH, row.passage_ciphertext, story_context(PASSAGE, row.pk))
    return shapes.read_version(unpad(opened), Passage, PASSAGE_VERSION)


def reply_of(content_key: bytes, row: Story) -> str:
    """Why it was sent back. Raises SealBroken."""
    if row.reply_ciphertext is None:
        return ""
    opened = open_sealed(content_key, EPOCH, row.reply_ciphertext, story_context(REPLY, row.pk))
    return unpad(opened).decode()


# Read by a coordinator


def rows_for(user: User) -> list[Story]:
    """All of them for a coordinator, none for anybody else."""
    return list(Story.objects.order_by("pk")) if teams.is_coordinator(user) else []


def opened_all(holder: KeyHolder) -> list[Opened]:
    """One that was altered is left out: it can be neither read nor told."""
    rows = rows_for(holder.user)
    team = teams.coordinators().pk if rows else None
    found = []
    for row in rows:
        with suppress(SealBroken):
            found.append(opened(holder, row, team))
    return found


def opened_for(holder: KeyHolder, story_id: UUID, *, lock: bool = False) -> Opened:
    """Fetch and check in one. Raises Http404 to anybody but a coordinator, SealBroken."""
    rows = Story.objects.select_for_update() if lock else Story.objects
    row = rows.filter(pk=story_id).first() if teams.is_coordinator(holder.user) else None
    if row is None:
        raise Http404
    return opened(holder, row)


def opened(holder: KeyHolder, row: Story, team: UUID | None = None) -> Opened:
    """Raises Locked without a seat among the coordinators, SealBroken. `team`: theirs, found once for many."""
    team = team or teams.coordinators().pk
    passage = passage_of(_content_key(holder, team, row), row)
    return Opened(row, passage, _checker(holder, team, row, passage))


def _content_key(holder: KeyHolder, team: UUID, row: Story) -> bytes:
    return holder.team(team, row.key_epoch).open_from(row.key_ciphertext, story_context(KEY, row.pk))


def _checker(holder: KeyHolder, team: UUID, row: Story, passage: Passage) -> UUID | None:
    if row.status != Status.ACCEPTED or row.acceptance_ciphertext is None:
        return None
    try:
        key = holder.team(team, row.acceptance_epoch)
        accepted = key.open(row.acceptance_ciphertext, story_context(ACCEPTANCE, row.pk))
    except SealBroken:
        return None
    digest, checker = accepted[:32], UUID(bytes=accepted[32:])
    return checker if digest == _digest(passage) else None


def _digest(passage: Passage) -> bytes:
    return hashlib.sha256(msgspec.msgpack.encode(passage)).digest()


# Checked


def accept(holder: KeyHolder, story_id: UUID, ticked: Collection[str]) -> None:
    """By somebody who did not offer it, with every line of the list ticked. Raises NotToBeTold, Http404."""
    with transaction.atomic():
        one = _to_check(holder, story_id)
        if not set(vocabulary.codes("never_leaves")) <= set(ticked):
            raise NotToBeTold("story_unticked")
        key = holder.team(teams.coordinators().pk)
        accepted = _digest(one.passage) + holder.user.pk.bytes
        one.row.acceptance_ciphertext = key.seal(accepted, story_context(ACCEPTANCE, story_id))
        one.row.acceptance_epoch, one.row.status = key.epoch, Status.ACCEPTED
        one.row.save()
        audit.append(holder.user, "story.accept", story_id)


def send_back(holder: KeyHolder, story_id: UUID, why: str) -> None:
    """Whoever has the case open reads why. Raises NotToBeTold, Http404."""
    with transaction.atomic():
        one = _to_check(holder, story_id)
        key = _content_key(holder, teams.coordinators().pk, one.row)
        one.row.reply_ciphertext = _sealed(key, story_id, REPLY, why.encode())
        one.row.status = Status.RETURNED
        one.row.save()
        audit.append(holder.user, "story.send_back", story_id)


def _to_check(holder: KeyHolder, story_id: UUID) -> Opened:
    one = opened_for(holder, story_id, lock=True)
    if one.passage.author == holder.user.pk:
        raise NotToBeTold("story_own")
    if one.row.status != Status.OFFERED:
        raise NotToBeTold("story_checked")
    if one.ended:
        raise NotToBeTold("story_ended")
    return one


# In a release


def choose(holder: KeyHolder, release: Release, story_ids: Iterable[UUID]) -> None:
    """In the caller's transaction, with the release locked. Only what was accepted and may be told today; a passage that went
    meanwhile is simply not chosen."""
    wanted = list(story_ids)
    rows, team = (
        Story.objects.select_for_update().filter(pk__in=wanted).order_by("pk"),
        teams.coordinators().pk,
    )
    read = (opened(holder, row, team) for row in rows)
    chosen = [one.row for one in read if one.accepted and not one.ended]
    StoryUse.objects.filter(release=release).delete()
    StoryUse.objects.bulk_create(StoryUse(release=release, story=row) for row in chosen)


def chosen(holder: KeyHolder, release: Release) -> list[Opened]:
    """In the order of their random ids: that in which they were offered says who offered them together. Raises SealBroken."""
    uses = StoryUse.objects.filter(release=release).select_related("story").order_by("story_id")
    team = teams.coordinators().pk if uses else None
    return [opened(holder, use.story, team) for use in uses]


def laid_in(document: Document, told: Iterable[Opened]) -> Document:
    """What is approved and published. Consent is asked again here: one that ended stops it, and one that was withdrawn is no
    longer among them. Raises NotToBeTold."""
    for one in told:
        if one.ended:
            raise NotToBeTold("story_ended")
        if not one.accepted:
            raise NotToBeTold("story_unchecked")
    return telling(document, told)


def telling(document: Document, told: Iterable[Opened]) -> Document:
    """As it would be published, whether or not it may be."""
    return msgspec.structs.replace(document, stories=[as_published(one.passage) for one in told])


def as_published(passage: Passage) -> documents.Story:
    changed = {language: changed_words(passage.changed, language) for language in documents.LANGUAGES}
    return documents.story(passage.kind, passage.text, changed)


def changed_words(codes: Iterable[str], language: str) -> str:
    """What was altered, in whole sentences."""
    return " ".join(vocabulary.label("story_change", code, language) for code in codes)


def keep_places(release: Release) -> None:
    """Where each stands in the document, so that a withdrawal finds its words there without a key."""
    uses = list(StoryUse.objects.filter(release=release).order_by("story_id"))
    for place, use in enumerate(uses):
        use.place = place
    StoryUse.objects.bulk_update(uses, ["place"])
