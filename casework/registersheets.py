"""The registers and the privacy-impact assessment as sheets: one shape from which page, PDF and JSON are made, so that none
of them says more than the others."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts import teams
from accounts.days import date_format
from accounts.models import TrusteeSet, User
from accounts.teams import KeyHolder
from casework import exposure, reading, registers, vocabulary
from casework.certificates import BACKUP_DAYS
from casework.models import Case, Statistic
from casework.paper import Section, Sheet
from casework.registers import BASES, LEAVES, LEVELS, WHAT, Anonymized, Communication, Incident, Kept

Facts = list[tuple[str, str]]
LEVEL, KIND, BASIS = (dict(table) for table in (LEVELS, WHAT, BASES))


def _day(day: dt.date | None) -> str:
    return date_format(day) if day else _("no")


def _filled(facts: Facts) -> Facts:
    return [(label, value) for label, value in facts if value]


def incident_facts(line: Incident) -> Facts:
    return _filled(
        [
            (_("When it happened"), line.happened),
            (_("What happened"), str(KIND.get(line.what, line.what))),
            (_("Personal information"), line.information),
            (_("People concerned"), _("not known") if line.people is None else str(line.people)),
            (_("Sensitivity"), str(LEVEL.get(line.sensitivity, ""))),
            (_("Possible consequences"), str(LEVEL.get(line.consequences, ""))),
            (_("Likelihood of harmful use"), str(LEVEL.get(line.likelihood, ""))),
            (_("Risk of serious injury"), _("yes") if line.serious else _("no")),
            (_("Reasons"), line.weighed),
            (_("Commission notified"), _day(line.commission_on)),
            (_("Persons notified"), _day(line.persons_on)),
            (_("Others told"), line.others),
            (_("Measures"), line.measures),
            (_("Kept at least until"), _day(line.kept_until)),
        ]
    )


def communication_facts(line: Communication) -> Facts:
    return _filled(
        [
            (_("To whom"), line.recipient or _("written down with the case")),
            (_("What"), str(LEAVES.get(line.what, line.what))),
            (_("What for"), _purpose(line.purpose)),
            (_("On what basis"), str(BASIS.get(line.basis, line.basis))),
            (_("Remarks"), line.remarks),
            (_("Written by"), _("the program, at the export") if line.source else ""),
        ]
    )


def _purpose(code: str) -> str:
    """A purpose that people agree to, by its name; words that somebody wrote, as they are."""
    known = code in vocabulary.codes("purpose")
    return vocabulary.label("purpose", code, get_language() or "fr") if known else code


def anonymized_facts(row: Anonymized, language: str) -> Facts:
    document = row.document
    return _filled(
        [
            (_("Published on"), _day(document.published_on)),
            (_("Edition"), str(document.edition)),
            (_("Period"), f"{document.period.start} – {document.period.end}"),
            (_("What these figures are for"), row.note.purpose or _("not written down yet")),
            (_("Supervised by"), row.note.supervisor or _("not written down yet")),
            (
                _("Techniques used"),
                _(
                    "direct identifiers never reach the figures; dates to the quarter, age in bands, place to the "
                    "borough; small numbers (threshold %(threshold)s) protected as the published method says"
                )
                % {"threshold": document.threshold},
            ),
            (
                _("Re-identification analysis"),
                _(
                    "%(certified)s of %(requirements)s requirements proved, against %(editions)s earlier editions; "
                    "the finished document was attacked"
                )
                % {
                    "certified": document.audit.certified,
                    "requirements": document.audit.requirements,
                    "editions": document.audit.editions_checked,
                },
            ),
            *_stories(row, language),
            (_("Read before approval"), "\n".join(reading.words(one) for one in row.read)),
            (_("Residual risk"), row.note.residual or _("not written down yet")),
            (_("Method, as published"), document.method.get(language, "")),
            (_("Drafted by"), row.drafted_by),
            (_("Approved by"), row.approved_by),
            (_("To be assessed again on"), _day(row.note.reassess_on) if row.note.reassess_on else ""),
        ]
    )


def _stories(row: Anonymized, language: str) -> Facts:
    """What it tells, without a word of it: the regulation asks how that was anonymized as much as the figures."""
    if not row.document.stories:
        return []
    unknown = _("not written down by the version that published it")
    return [
        (_("Stories"), "\n".join([_how_many(row), *_of_which(row, language)])),
        (_("How the stories were checked"), _how_checked(row, language) if row.stories else unknown),
        (_("Stories checked by"), ", ".join(row.checked_by)),
    ]


def _how_many(row: Anonymized) -> str:
    stories = row.document.stories
    gone = sum(story.withdrawn for story in stories)
    told = ngettext(
        "%(n)s story, told with the consent of the person, typed anew and changed as it says below it.",
        "%(n)s stories, told with the consent of the person, typed anew and changed as it says below each.",
        len(stories),
    ) % {"n": len(stories)}
    if not gone:
        return told
    blank = ngettext(
        "%(n)s is blank: its consent was withdrawn or is over.",
        "%(n)s are blank: their consent was withdrawn or is over.",
        gone,
    )
    return f"{told} {blank % {'n': gone}}"


def _of_which(row: Anonymized, language: str) -> list[str]:
    """By the consent each is told with."""
    kinds = Counter(story.kind for story in (row.stories or row.document.stories) if story.kind)
    label = vocabulary.label
    return [
        _("Consent “%(purpose)s”: %(n)s.") % {"purpose": label("purpose", kind, language), "n": number}
        for kind, number in sorted(kinds.items(), reverse=True)
    ]


def _how_checked(row: Anonymized, language: str) -> str:
    lines = len(vocabulary.codes("never_leaves"))
    how = _(
        "Marked by the program (names, places, dates, numbers of the case, words of the person); then read against each of the "
        "%(lines)s lines of what never leaves, by a coordinator who did not offer it (individualization, correlation, inference: "
        "as somebody who was there would read it); then read again by whoever approved."
    ) % {"lines": lines}
    return f"{how}\n{_left_standing(row, language)}"


def _left_standing(row: Anonymized, language: str) -> str:
    marks = Counter(flag for story in row.stories for flag in story.answered)
    if not marks:
        return _("No mark was left standing.")
    what = (f"{vocabulary.label('story_flag', code, language)} ({n})" for code, n in sorted(marks.items()))
    said = ngettext(
        "%(n)s mark was left standing, with a reason the checker read: %(what)s.",
        "%(n)s marks were left standing, each with a reason the checker read: %(what)s.",
        marks.total(),
    )
    return said % {"n": marks.total(), "what": "; ".join(what)}


def _sheet(title: str, language: str, lead: list[str], sections: list[Section]) -> Sheet:
    return Sheet(title, teams.organisation().name, language, lead, sections)


def _empty(sections: list[Section]) -> list[Section]:
    return sections or [Section(text=[_("Nothing has been written into this register.")])]


def incidents(keys: KeyHolder, language: str) -> Sheet:
    rows: list[Kept[Incident]] = registers.incidents(keys)
    lead = [
        _(
            "Every incident is written down, also one without a risk of injury, and kept for at least five years "
            "(P-39.1, ss. 3.5 to 3.8)."
        )
    ]
    sections = [Section(_day(kept.line.learned_on), facts=incident_facts(kept.line)) for kept in rows]
    return _sheet(_("Register of confidentiality incidents"), language, lead, _empty(sections))


def communications(keys: KeyHolder, language: str) -> Sheet:
    rows: list[Kept[Communication]] = registers.communications(keys)
    lead = [_("What was passed on to others, for what and on what basis.")]
    sections = [Section(_day(kept.line.on), facts=communication_facts(kept.line)) for kept in rows]
    return _sheet(_("Register of communications to third parties"), language, lead, _empty(sections))


def anonymization(keys: KeyHolder, language: str) -> Sheet:
    rows = registers.anonymized(keys)
    lead = [
        _(
            "Every published release: why, by which techniques, what the analysis showed, who answers for it (A-2.1, "
            "r. 0.1, s. 9)."
        )
    ]
    sections = [
        Section(row.document.title.get(language, ""), facts=anonymized_facts(row, language)) for row in rows
    ]
    return _sheet(_("Register of anonymization"), language, lead, _empty(sections))


# The assessment: what the system knows of itself, and lines for what only people know.


def assessment(keys: KeyHolder, language: str) -> Sheet:
    lead = _(
        "A template (P-39.1, s. 3.3). What the program knows of itself is filled in as of today; what only the "
        "group knows is left open."
    )
    sections = [
        *_who_and_why(),
        Section(_("What is kept"), facts=_kept()),
        Section(_("Who can read what"), items=_readers()),
        Section(_("What a seizure of each store would yield"), facts=exposure.stores(exposure.tables())),
        Section(_("Nowhere to be found"), text=[exposure.not_yielded()]),
        Section(_("How it is protected"), items=_protection()),
        Section(_("How long"), items=_how_long()),
        Section(_("Risks that remain"), items=_risks()),
        Section(_("What the group does about them, and what it decided"), lines=5),
        _outside_quebec(),
    ]
    return _sheet(_("Privacy-impact assessment"), language, [lead], sections)


def _who_and_why() -> list[Section]:
    answers = _(
        "Person in charge of the protection of personal information (s. 3.1), and date of this assessment:"
    )
    purpose = _(
        "Documenting handovers of people by police to the Canada Border Services Agency, following them "
        "up, and publishing figures nobody can be recognised in. Why this is necessary, and why less "
        "would not do:"
    )
    return [
        Section(_("Who answers for it"), text=[answers], lines=2),
        Section(_("What for"), text=[purpose], lines=4),
    ]


def _outside_quebec() -> Section:
    where = _(
        "Where the servers and the backups stand, and under whose law; required before anything is "
        "communicated outside Quebec (s. 17):"
    )
    return Section(_("Outside Quebec"), text=[where], lines=3)


def _kept() -> Facts:
    cases, people = Case.objects.count(), Statistic.objects.count()
    return [
        (_("Cases"), ngettext("%(n)s case, sealed", "%(n)s cases, sealed", cases) % {"n": cases}),
        (
            _("Coarse records of people who agreed to be counted"),
            ngettext("%(n)s record, for the worker alone", "%(n)s records, for the worker alone", people)
            % {"n": people},
        ),
        (
            _("In a file"),
            _(
                "what happened, the chain from the stop to the review, statements, outcomes, harms, consent per "
                "purpose; name, alias and immigration basis where the person agreed"
            ),
        ),
        (
            _("Accounts"),
            ngettext("%(n)s person", "%(n)s people", (n := User.objects.filter(is_active=True).count()))
            % {"n": n},
        ),
    ]


def _readers() -> list[str]:
    return [
        _(
            "A case: the team that keeps it, and whoever it was granted to, until revoked. Nobody else: not "
            "coordinators, not whoever runs the server."
        ),
        _(
            "Coarse records: the worker. Drafts of releases: coordinators. The log: auditors. Published figures: everybody."
        ),
    ]


def _protection() -> list[str]:
    trustees = TrusteeSet.objects.first()
    factor = settings.TEMOIN_SECOND_FACTOR_REQUIRED
    return [
        _("Every case under a key of its own that only people hold; keys sealed with a post-quantum hybrid."),
        _("A second factor is asked of everybody.")
        if factor
        else _("No second factor is asked: this is a demonstration."),
        _("%(threshold)s of %(count)s trustees together bring somebody back.")
        % {"threshold": trustees.threshold, "count": trustees.count}
        if trustees
        else _("There are no trustees."),
        _("Sessions end after %(minutes)s idle minutes.") % {"minutes": settings.TEMOIN_IDLE_SECONDS // 60},
        _("What is done is written into a chained log."),
        _("Figures leave only after two coordinators agreed and an attack on them failed."),
    ]


def _how_long() -> list[str]:
    return [
        _(
            "Each purpose until its consent ends, 24 months unless another day is agreed; then the file is erased by "
            "itself, for good, at the latest a month later."
        ),
        _("Backups of the half of the key that erasure destroys: %(days)s days.") % {"days": BACKUP_DAYS},
        _("The log and the registers: for good; nobody's name belongs into them."),
    ]


def _risks() -> list[str]:
    return [
        _("What is on the screen of a seized device, and what people remember."),
        _("A running server in other hands shows what people open meanwhile."),
        _(
            "A production order: what cannot be opened cannot be produced; what a person can open can be asked of "
            "them. No professional secrecy protects organizers."
        ),
        _("The police know their own cases: figures hide who spoke to the group, not what happened."),
    ]


SHEETS: Final[dict[str, Callable[[KeyHolder, str], Sheet]]] = {
    "incidents": incidents,
    "communications": communications,
    "anonymization": anonymization,
    "assessment": assessment,
}


def exported(name: str, sheet: Sheet, keys: KeyHolder) -> dict[str, Any]:
    """For programs, schema temoin-register/1: the lines themselves where there are any, else what the sheet says."""
    head = {"schema": "temoin-register/1", "register": name, "organisation": sheet.organisation}
    if name == "incidents":
        return head | {"lines": [kept.line for kept in registers.incidents(keys)]}
    if name == "communications":
        return head | {"lines": [kept.line for kept in registers.communications(keys)]}
    return head | {
        "sections": [
            {"heading": s.heading, "text": [*s.text, *s.items], "facts": dict(s.facts)}
            for s in sheet.sections
        ]
    }
