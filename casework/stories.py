"""Passages that are waiting to be told, by what is known of them without a key: enough to take them away, and no more.

A withdrawal, an erasure and the worker all come here. What a passage says is for `casework.passages`; nothing here opens one.
"""

import datetime as dt
import hmac
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.crypto.context import story_context, story_owner_context, story_person_context
from accounts.crypto.derivation import derive
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.publickeys import statistics_recipient
from casework import audit, documents, ledger, statistics
from casework.models import Release, Story, StoryUse

KINDS: Final = documents.STORY_KINDS
ENDS: Final = "ends"
# Without consent to keep the file nothing of it is told.
TELLING: Final = frozenset({"STORE", *KINDS})


# Whose


def owner_secret(token: bytes) -> bytes:
    """Of the person whose statistics token this is. It leads to their passages, and to nothing else: the name of their coarse
    record does not follow from it."""
    return derive(token, story_person_context())


def owner(secret: bytes, kind: str, story_id: UUID) -> bytes:
    return hmac.digest(secret, story_owner_context(kind, story_id), "sha256")


def content_key(token: bytes, story_id: UUID) -> bytes:
    """For whoever has the case open. The owner secret does not lead to it."""
    return derive(token, story_context("content", story_id))


def found(secrets: Iterable[bytes], kinds: Iterable[str] = KINDS) -> list[UUID]:
    """The passages of these people. Every passage there is, is tried: there are tens of them."""
    wanted = [(secret, kind) for secret in secrets if secret for kind in kinds]
    rows = Story.objects.order_by("pk").values_list("pk", "owner") if wanted else []
    return [pk for pk, mark in rows if any(owner(*one, pk) == bytes(mark) for one in wanted)]


def withdraw(secrets: Iterable[bytes], purposes: Collection[str]) -> int:
    """What the people agreed to no longer. How many passages are gone."""
    kinds = [kind for kind in KINDS if {"STORE", kind} & set(purposes)]
    return remove(found(secrets, kinds))


# Gone


def remove(story_ids: Collection[UUID]) -> int:
    """In the caller's transaction, for good: from what waits, from drafts, and from the words of what is published. No backup
    brings them back."""
    if not story_ids:
        return 0
    with transaction.atomic():
        ledger.enter_stories(ledger.Hashes(), story_ids)
        wanted = StoryUse.objects.filter(story__in=story_ids).values_list("release_id", flat=True)
        statistics.hold_releases()
        told_in = Release.objects.filter(pk__in=list(wanted)).order_by("pk")
        for release in told_in:
            _take_out(release, story_ids)
        gone = Story.objects.filter(pk__in=story_ids).delete()[1]
    return gone.get("casework.Story", 0)


def _take_out(release: Release, story_ids: Collection[UUID]) -> None:
    """Locked. Whoever approved it approved other words; what is published owes an edition."""
    if release.document is not None:
        _blank(release, story_ids)
        release.owes_edition = release.owes_edition or release.status == Release.Status.PUBLISHED
    if release.status == Release.Status.APPROVED:
        release.status, release.approved_by = Release.Status.DRAFTED, None
        release.approval_ciphertext = None
    release.save()
    audit.append(None, "release.story_gone", release.pk)


def _blank(release: Release, story_ids: Collection[UUID]) -> None:
    """The words only: the hash of each stays, and with it the signature. An altered document is shown to nobody anyhow."""
    uses = StoryUse.objects.filter(release=release, story__in=story_ids)
    places = {place for place in uses.values_list("place", flat=True) if place is not None}
    with suppress(documents.NotARelease):
        document = documents.read(bytes(release.document or b""))
        release.document = documents.canonical(documents.without(document, places))


# Until when


def sealed_end(story_id: UUID, day: dt.date) -> tuple[Sealed, int]:
    """To the worker, which takes the passage away on that day. Raises SealBroken when nobody vouches for its key."""
    worker = statistics_recipient()
    return worker.seal(day.isoformat().encode(), story_context(ENDS, story_id)), worker.epoch


def drop_ended(root: Principal, today: dt.date | None = None) -> int:
    """What nobody may tell any more. One whose day does not open stays: whoever would publish it asks again, and sees it."""
    day = today or timezone.localdate()
    ended = [story.pk for story in Story.objects.order_by("pk") if _ends(root, story) <= day]
    return remove(ended)


def _ends(root: Principal, story: Story) -> dt.date:
    try:
        reader = statistics.at_epoch(root, story.ends_epoch)
        opened = reader.open_from(story.ends_ciphertext, story_context(ENDS, story.pk))
        return dt.date.fromisoformat(opened.decode())
    except (SealBroken, ValueError):
        return dt.date.max


def reseal_ends(root: Principal) -> int:
    """After a rotation: those under ended roots, under the newest. How many. One that does not open stays as it is."""
    old = Story.objects.filter(ends_epoch__lt=root.epoch).order_by("pk")
    return sum(_reseal_end(root, story) for story in old)


def _reseal_end(root: Principal, story: Story) -> int:
    day = _ends(root, story)
    if day == dt.date.max:
        return 0
    sealed, epoch = sealed_end(story.pk, day)
    return Story.objects.filter(pk=story.pk, ends_epoch=story.ends_epoch).update(
        ends_ciphertext=sealed, ends_epoch=epoch
    )
