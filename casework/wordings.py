"""The versions of the text that is read aloud. A new one is added, an old one never changes: somebody agreed to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts import teams
from accounts.models import User
from casework import audit
from casework.models import Wording
from casework.vocabulary.wording import FIRST, LANGUAGES, Passage, first_script


@dataclass(frozen=True)
class Version:
    """`written_on` is None for the one that came with the program."""

    number: str
    written_on: date | None


class Unchanged(Exception):
    """The text is the one that is read already. No version was made."""


def current() -> str:
    newest = Wording.objects.order_by("-version").values_list("version", flat=True).first()
    return str(newest) if newest else FIRST


def versions() -> list[Version]:
    """Newest first."""
    rows = Wording.objects.order_by("-version").values_list("version", "written_on")
    return [*(Version(str(number), day) for number, day in rows), Version(FIRST, None)]


def script(version: str) -> tuple[Passage, ...]:
    """The whole text in reading order. Empty for a version that does not exist."""
    if version == FIRST:
        return first_script()
    row = Wording.objects.filter(version=version).first() if version.isdecimal() else None
    if row is None:
        return ()
    return tuple(Passage(p.kind, p.code, row.passages[p.code]) for p in first_script())


def question(purpose: str, language: str, version: str) -> str:
    """The question asked for one purpose. KeyError when there is no such version or purpose."""
    asked = {p.code: p for p in script(version) if p.kind == "purpose"}
    return asked[purpose].text(language)


def keep(user: User, texts: Mapping[str, Mapping[str, str]]) -> str:
    """A new version, every passage in every language. Raises Http404 for anybody but a coordinator; Unchanged."""
    if not teams.is_coordinator(user):
        raise Http404
    passages = {p.code: {language: texts[p.code][language] for language in LANGUAGES} for p in first_script()}
    with transaction.atomic():
        before = current()
        if passages == {p.code: dict(p.texts) for p in script(before)}:
            raise Unchanged
        number = int(before) + 1
        # Two coordinators at once: the second meets the first's version and the database refuses the number.
        Wording.objects.create(version=number, passages=passages, written_on=timezone.localdate())
        audit.append(user, "wording.keep", version=number)
    return str(number)
