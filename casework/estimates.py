"""Roughly how much of a question would be suppressed, for whoever is still choosing: asked here, counted by the worker, read by
the coordinator who asked. Only ever inside: an estimate is made without any proof."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts import teams
from accounts.crypto.context import release_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import Sealed
from accounts.models import User
from accounts.teams import KeyHolder
from casework import jobs, questions, releases, shapes
from casework.models import Estimate, Job
from casework.questions import Specification

ANSWER_VERSION: Final = 1
PART: Final = "estimate"
KEPT: Final = dt.timedelta(hours=1)
# Words, not figures: more precision than an estimate has would be taken for a promise.
SHARES: Final = (0.03, 0.18, 0.29, 0.42, 0.58, 0.71, 0.85)


class Shares(msgspec.Struct, frozen=True):
    """Of the cells in which somebody is counted, how many would be hidden."""

    hidden: int
    cells: int

    @property
    def published(self) -> int:
        return self.cells - self.hidden

    @property
    def share(self) -> float:
        return self.hidden / self.cells if self.cells else 0.0

    @property
    def step(self) -> int:
        """0 for next to nothing, up to 7 for nearly everything."""
        return sum(self.share >= bound for bound in SHARES)


class Choice(msgspec.Struct, frozen=True):
    """A coarser question and what it would keep."""

    kind: str
    fact: str
    into: list[str]
    question: Specification
    shares: Shares


class Answer(msgspec.Struct, frozen=True):
    """`refusal`: a draft of this question would be refused for it. `beside`: how many published releases count some of the same
    people; what they cost is not estimated."""

    refusal: str = ""
    shares: Shares = Shares(0, 0)
    choices: list[Choice] = []
    beside: int = 0
    version: int = ANSWER_VERSION


# Asking and reading: a coordinator


def ask(user: User, raw: object) -> Estimate:
    """The one that is there, if the same person has asked the same within the hour. Raises BadSpecification."""
    question = questions.parse(raw, timezone.localdate())
    with transaction.atomic():
        if not teams.is_coordinator(user):
            raise Http404
        releases.check_question(question)
        known = _recent(user).filter(specification=question.plain()).order_by("-asked_at").first()
        if known is not None and not _failed(known):
            return known
        estimate = Estimate(specification=question.plain(), asked_by=user)
        estimate.job = jobs.enqueue(Job.Kind.ESTIMATE, estimate.pk)
        estimate.save(force_insert=True)
    return estimate


def _recent(user: User) -> QuerySet[Estimate]:
    """Their own only: what others are thinking of asking is not yet anybody's business."""
    return Estimate.objects.filter(asked_by=user, asked_at__gt=timezone.now() - KEPT).select_related("job")


def _failed(estimate: Estimate) -> bool:
    return estimate.answer_ciphertext is None and (estimate.job is None or not jobs.is_alive(estimate.job))


def estimate_for(user: User, estimate_id: UUID) -> Estimate:
    found = _recent(user).filter(pk=estimate_id).first() if teams.is_coordinator(user) else None
    if found is None:
        raise Http404
    return found


def question_of(estimate: Estimate) -> Specification:
    return msgspec.convert(estimate.specification, Specification)


def open_answer(holder: KeyHolder, estimate: Estimate) -> Answer | None:
    """None while the worker has not answered. Raises Locked, SealBroken."""
    if estimate.answer_ciphertext is None:
        return None
    coordinators = holder.team(teams.coordinators().pk, estimate.answer_epoch)
    opened = unpad(coordinators.open_from(estimate.answer_ciphertext, place(estimate.pk)))
    return shapes.read_version(opened, Answer, ANSWER_VERSION)


# Answering: the worker


def sealed(estimate_id: UUID, answer: Answer) -> tuple[Sealed, int]:
    return teams.seal_to_principal(
        teams.coordinators().pk, pad(msgspec.msgpack.encode(answer)), place(estimate_id)
    )


def place(estimate_id: UUID) -> bytes:
    return release_context(PART, estimate_id)


def forget_old() -> int:
    """An estimate that nobody may read any more. Its job says less than any other and goes with the rest of them."""
    return Estimate.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()[0]
