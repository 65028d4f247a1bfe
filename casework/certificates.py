"""The certificate of an erasure: what went, when and by which rule; what remains, where, and until when. It names nobody."""

import datetime as dt
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from accounts import teams
from accounts.days import date_format
from casework.models import ErasedCase, Rule
from casework.paper import Section, Sheet, pdf

# docs/operations.md: the one rule about backups that erasure rests on.
BACKUP_DAYS: Final = 14


def backups_until(erased: ErasedCase) -> dt.date:
    return erased.erased_on + dt.timedelta(days=BACKUP_DAYS)


def facts(erased: ErasedCase) -> list[tuple[str, str]]:
    return [
        (_("Certificate number"), erased.number),
        (_("Erased on"), date_format(erased.erased_on)),
        (_("Rule"), str(Rule(erased.rule).label)),
    ]


def what_went() -> list[str]:
    return [
        _(
            "One half of the file’s key. Without it nothing that was sealed under that key opens, in no copy, for nobody."
        ),
        _(
            "The file: names, story, dates, officers, consents, every earlier revision, its search text, its attached files."
        ),
        _("Every access to it that had been granted, and the keys that came with it."),
        _(
            "The coarse records by which its people were counted. If the file could no longer be opened to name them, they go by "
            "themselves at the latest when the consent to be counted ends."
        ),
        _("What the log said about it: that it was this file, and with whom it was shared."),
    ]


def what_remains(erased: ErasedCase) -> list[list[str]]:
    """What, where, until when."""
    day = date_format(backups_until(erased))
    return [
        [
            _("The half of the key"),
            _("backups of the erasure database"),
            _("%(day)s at the latest") % {"day": day},
        ],
        [
            _("The sealed file, which opens for nobody once that half is gone"),
            _("backups of the main database"),
            _("as long as those backups are kept"),
        ],
        [_("This number, the day and the rule"), _("the list of erased files"), _("for good")],
        [
            _("That somebody did something, without about whom"),
            _("the log, sealed to the auditors"),
            _("for good"),
        ],
        [
            _("Figures published before that day, in which nobody can be recognised"),
            _("published releases"),
            _("until the next edition, which no longer counts these people"),
        ],
        [
            _("What was read, printed or handed over with consent"),
            _("with whoever received it"),
            _("as they decide; the group tells those it still knew of"),
        ],
    ]


def sheet(erased: ErasedCase, language: str) -> Sheet:
    with translation.override(language):
        return Sheet(
            title=_("Certificate of erasure"),
            organisation=teams.organisation().name,
            language=language,
            lead=[_("A file kept by this group was erased. This sheet says so without saying whose it was.")],
            sections=[
                Section(facts=facts(erased)),
                Section(_("What was erased"), items=what_went()),
                Section(
                    _("What remains, where, and until when"),
                    head=[_("What"), _("Where"), _("How long")],
                    rows=what_remains(erased),
                ),
                Section(
                    _("For the person"),
                    text=[
                        _(
                            "Keep this number if you want to. The group cannot find your file by it, because there is none any "
                            "more; it shows that the erasure was recorded on that day."
                        )
                    ],
                ),
            ],
        )


def certificate(erased: ErasedCase, language: str) -> bytes:
    return pdf(sheet(erased, language))
