"""What is to be done for people, as pages show it: on the page of a case and on the board of all cases."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.days import date_format
from accounts.models import User
from accounts.sessions import SignedInRequest
from casework import consent, deadlines, followup, vault, workflow
from casework.agenda import DateToKeep, Interaction, Referral, Task
from casework.deadlines import CardDue, Due
from casework.record import CaseRecord
from casework.views.timeline import named

Shown = dict[str, Any]
# A colour only repeats the words beside it.
KINDS: Final = {
    "overdue": "danger",
    "now": "danger",
    "soon": "warning",
    "stale": "",
    "later": "",
    "undated": "",
}
SHOWN_AT_ONCE: Final = 5


def urgency_words(urgency: str) -> str:
    return {
        "overdue": _("overdue"),
        "now": _("now"),
        "soon": _("within 7 days"),
        "stale": _("long past"),
        "later": "",
        "undated": _("no date"),
    }[urgency]


def window_words(earliest: dt.date, latest: dt.date) -> str:
    """One day, or from when to when: a date known to the month is not told as a day."""
    if earliest == latest:
        return date_format(earliest)
    return _("between %(first)s and %(last)s") % {"first": date_format(earliest), "last": date_format(latest)}


def urgent_number(cases: Iterable[vault.Listed]) -> int:
    """Overdue or due now: the reminder on top of every list, from cards that are open anyway."""
    horizon = deadlines.Horizon(timezone.localdate())
    due = (
        written for listed in cases if listed.head.due or listed.news for written in due_in(listed, horizon)
    )
    return sum(horizon.urgency(written) in ("overdue", "now") for written in due)


def due_in(listed: vault.Listed, horizon: deadlines.Horizon) -> tuple[str, ...]:
    """What its card says, and that somebody in it has said something, which no card could be told."""
    return (*listed.head.due, f"{horizon.today} NOTICE") if listed.news else listed.head.due


def names(ids: set[str]) -> dict[str, str]:
    """Of accounts, by the hex digits of their ids: one question, however many there are."""
    people = User.objects.filter(pk__in=[UUID(hex=user_id) for user_id in ids if user_id])
    return {user_id.hex: name for user_id, name in people.values_list("pk", "username")}


def followup_context(request: SignedInRequest, opened: vault.OpenCase) -> Shown:
    """What `sections/followup.html` needs."""
    record = opened.record
    called = names(_accounts(record))
    aliases = {person.id: person.alias for person in record.persons}
    today = timezone.localdate()
    talks = [_talk_shown(talk, called, aliases) for talk in record.interactions]
    return {
        "due": [_due_shown(due, opened, aliases, called, today) for due in deadlines.all_due(record)],
        "done": [_done_shown(task, opened, called) for task in record.tasks if task.done_on],
        "kept": [_kept_shown(date, opened) for date in record.dates if date.kept_on],
        "referrals": [_referral_shown(referral, opened, aliases) for referral in record.referrals],
        "talks": talks[:SHOWN_AT_ONCE],
        "older_talks": talks[SHOWN_AT_ONCE:],
        "told": [_told_shown(record, person.id, person.alias) for person in record.victims()],
        "done_number": sum(bool(t.done_on) for t in record.tasks)
        + sum(bool(d.kept_on) for d in record.dates),
        "status_now": named("case_status", record.status),
        "moves": _moves(record),
        "not_to_contact": [p.alias for p in record.victims() if not consent.may(p, "CONTACT")],
    }


def _accounts(record: CaseRecord) -> set[str]:
    owners = {name for task in record.tasks for name in (task.owner, task.done_by)}
    return owners | {talk.by for talk in record.interactions}


def _due_shown(
    due: Due, opened: vault.OpenCase, aliases: dict[str, str], called: dict[str, str], today: dt.date
) -> Shown:
    written = deadlines.written(due)
    card, urgency = deadlines.read(written), deadlines.Horizon(today).urgency(written)
    return {
        "title": _title(due, opened.record),
        "is_task": due.kind == "TASK",
        "when": when_words(card, due),
        "urgency": urgency_words(urgency),
        "kind": KINDS[urgency],
        "who": aliases.get(due.person, ""),
        "owner": called.get(due.owner, ""),
        "next": _next(card, today),
        "note": _note(due, opened.record),
        **_ways(due, opened),
    }


def due_line(kind: str, day: dt.date, way: str) -> Shown:
    """What is due in a case because of what a person said: it is seen to where `way` leads."""
    urgency = deadlines.Horizon(timezone.localdate()).urgency(day.isoformat())
    shown = {"title": named("deadline_kind", kind), "is_task": True, "way": way}
    return {**shown, "when": date_format(day), "urgency": urgency_words(urgency), "kind": KINDS[urgency]}


def when_words(card: CardDue, due: Due | None = None) -> str:
    if not card.dated:
        return ""
    if due is not None and due.exact:
        return f"{date_format(due.latest)} {due.latest:%H:%M}"
    return window_words(card.earliest, card.latest)


def _title(due: Due, record: CaseRecord) -> str:
    task = next((task for task in record.tasks if task.id == due.id), None)
    return task.text if task else named("deadline_kind", due.kind)


def _note(due: Due, record: CaseRecord) -> str:
    return next((date.note for date in record.dates if date.id == due.id), "")


def _next(card: CardDue, today: dt.date) -> str:
    """A review that has passed without anybody writing it down: the series goes on."""
    if card.kind not in deadlines.REVIEWS or card.latest >= today:
        return ""
    day = date_format(deadlines.rolled(card.latest, today))
    return _("No result is written down. If the person is still held, the next one is due by %(day)s.") % {
        "day": day
    }


def _ways(due: Due, opened: vault.OpenCase) -> Shown:
    """Where it is ticked off and where it is changed; a computed review is seen to by writing it down."""
    case = opened.case.pk
    is_review = due.kind in (*deadlines.REVIEWS, "REVIEW")
    ways = {"result_url": reverse("review-add", args=[case])} if is_review else {}
    if not due.id:
        return ways
    name = "task" if due.kind == "TASK" else "date"
    done = "task-tick" if name == "task" else "date-keep"
    item = [case, UUID(hex=due.id)]
    return ways | {"done_url": reverse(done, args=item), "change_url": reverse(f"{name}-change", args=item)}


def _done_shown(task: Task, opened: vault.OpenCase, called: dict[str, str]) -> Shown:
    return {
        "text": task.text,
        "on": task.done_on,
        "by": called.get(task.done_by, ""),
        "undo_url": reverse("task-tick", args=[opened.case.pk, UUID(hex=task.id)]),
    }


def _kept_shown(date: DateToKeep, opened: vault.OpenCase) -> Shown:
    return {
        "text": named("deadline_kind", date.kind),
        "day": deadlines.day_of(date),
        "on": date.kept_on,
        "undo_url": reverse("date-keep", args=[opened.case.pk, UUID(hex=date.id)]),
    }


def _referral_shown(referral: Referral, opened: vault.OpenCase, aliases: dict[str, str]) -> Shown:
    return {
        "name": referral.name,
        "kind": named("contact_kind", referral.kind),
        "who": aliases.get(referral.person, ""),
        "on": referral.on,
        "what": referral.what,
        "state": named("referral_state", referral.state),
        "answered_on": referral.answered_on,
        "note": referral.note,
        "call_back": referral in followup.to_call_back(opened.record),
        "url": reverse("referral-change", args=[opened.case.pk, UUID(hex=referral.id)]),
    }


def _talk_shown(talk: Interaction, called: dict[str, str], aliases: dict[str, str]) -> Shown:
    return {
        "on": talk.on,
        "kind": named("interaction_kind", talk.kind),
        "who": aliases.get(talk.person, ""),
        "whom": talk.whom,
        "text": talk.text,
        "by": called.get(talk.by, ""),
        "told": talk.told_outcome,
    }


def _told_shown(record: CaseRecord, person_id: str, alias: str) -> Shown:
    """Owed to whoever gave their story: to hear what became of it."""
    told = next((t for t in record.interactions if t.told_outcome and t.person == person_id), None)
    return {"alias": alias, "on": told.on if told else None}


def _moves(record: CaseRecord) -> list[Shown]:
    ways = workflow.allowed(record.status, detained=followup.is_detained(record))
    return [{"code": code, "label": named("case_status", code), "usual": code == ways[0]} for code in ways]
