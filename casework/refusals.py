"""Why a release is refused, and what to do about it, in words. Every code that a question, a count, a document or a step can
be refused with has its entry here; a test holds the list complete."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Refusal:
    what: Words
    do: Words


REFUSALS: Final[dict[str, Refusal]] = {
    # The question
    "outside_unknown": Refusal(
        _("A series of others is not known, or is named twice."),
        _("Choose from the series on the page of published figures."),
    ),
    "annex_long": Refusal(
        _("The annex holds more than twenty-four requests."), _("Leave out the oldest ones.")
    ),
    "annex_words": Refusal(
        _(
            "A line of the annex lacks the body, the law that applies to it, or what was asked in both languages, or is too long."
        ),
        _("Fill in the line, or empty it. Name nobody: the annex is public."),
    ),
    "annex_days": Refusal(
        _("The days of a request in the annex are not in order, or lie ahead."),
        _("A request is made first, answered later, and neither tomorrow."),
    ),
    "spec_shape": Refusal(
        _("The question is not in the form of a release specification."),
        _("Correct the part named. The parts of a specification are listed in docs/disclosure.md."),
    ),
    "title_languages": Refusal(
        _("Titles and labels are given in French and in English, and in nothing else."),
        _("Fill in both languages."),
    ),
    "title_words": Refusal(
        _("A title is empty, longer than 200 characters, or contains signs that cannot be seen."),
        _("Write a short title in both languages."),
    ),
    "unknown_unit": Refusal(
        _("Only persons or events are counted, never both in one release."), _("Choose “person” or “event”.")
    ),
    "period_month": Refusal(
        _("A month of the period is not written like 2015-01, or lies before 1990 or in a coming year."),
        _("Give both ends of the period as year and month."),
    ),
    "period_order": Refusal(_("The period ends before it begins."), _("Exchange its two ends.")),
    "period_quarters": Refusal(
        _("The period does not consist of whole quarters: many dates are known to the quarter only."),
        _("Begin in January, April, July or October; end in March, June, September or December."),
    ),
    "threshold_range": Refusal(
        _("The threshold lies outside 3 to 100."), _("Use 5, or more where people could be recognised.")
    ),
    "table_count": Refusal(_("A release has one to twelve tables."), _("Choose fewer tables.")),
    "table_dimensions": Refusal(_("A table has one to three dimensions."), _("Split the table.")),
    "table_twice": Refusal(_("The same table is asked for twice."), _("Leave one of them out.")),
    "dimension_twice": Refusal(
        _("A dimension stands twice in the same table."), _("Name each dimension once.")
    ),
    "unknown_dimension": Refusal(_("This dimension is not known."), _("Choose from the list of dimensions.")),
    "not_recorded": Refusal(
        _("Case files do not record this yet, so it would be unknown for everybody."),
        _("Leave this dimension out."),
    ),
    "not_of_event": Refusal(
        _("This is known of persons, not of events."), _("Count persons, or leave this dimension out.")
    ),
    "two_many_valued": Refusal(
        _("A table may hold one fact with several values per person only, such as harm or outcome."),
        _("Make a table of each."),
    ),
    "mixed_levels": Refusal(
        _(
            "Year and quarter, or city, sector and borough, are levels of one fact: side by side they give suppressed cells away."
        ),
        _(
            "Use the finer one in every table (it shows the coarser one as well), or the coarser one in every table."
        ),
    ),
    "merged_categories": Refusal(
        _(
            "Categories can be merged when they are two or more, and not all, of a plain list that a table uses."
        ),
        _(
            "Leave the merging out, or name other categories. Years, places and ages are made coarser by their level."
        ),
    ),
    "borough_or_district": Refusal(
        _(
            "Boroughs and police districts overlap: publishing both, now or ever, lets one be computed from the other."
        ),
        _("Keep to the one that is already published."),
    ),
    "region_and_place": Refusal(
        _("Region of origin crossed with a place describes few people closely."),
        _("Use a threshold of at least 10, or take one of the two out of the table."),
    ),
    "known_place": Refusal(
        _("A figure that others publish is not a cell of any of these tables."),
        _(
            "Name a category of each dimension as the tables have it, or leave the figure out: it tells nothing about them."
        ),
    ),
    "known_figure": Refusal(
        _("A figure that others publish lacks its source, or is negative."),
        _("Give the number as printed, and where it is printed."),
    ),
    "known_rounded": Refusal(
        _("Rounded tables cannot be protected beside exact figures of others."),
        _("Suppress instead of rounding, or leave the figures of others out."),
    ),
    "supersedes_unknown": Refusal(
        _("The release to be superseded is not published, or has been superseded already."),
        _("Choose a published release, or none."),
    ),
    # The count
    "too_few": Refusal(
        _("Fewer people were counted than the threshold. Nothing can be published about so few."),
        _("Choose a longer period, or wait until more people agree to be counted."),
    ),
    "too_large": Refusal(
        _("The tables have too many cells to be protected."),
        _("Leave a dimension out, or choose a shorter period."),
    ),
    "all_suppressed": Refusal(
        _(
            "Every figure would be suppressed: whatever is asked here, fewer people than the threshold gave that answer."
        ),
        _("Choose fewer or coarser dimensions, or a longer period."),
    ),
    "unprotectable": Refusal(
        _("Even with everything suppressed that may be, a reader could compute something about somebody."),
        _(
            "Merge categories, leave a dimension out, or choose a longer period. What each would keep is listed below."
        ),
    ),
    "known_differs": Refusal(
        _("A figure that others publish is not what was counted here, so it is about other people."),
        _("Leave it out of the figures that readers know, and show it beside the release instead."),
    ),
    "certificate_incomplete": Refusal(
        _(
            "It could not be proved in time that nothing suppressed can be computed. Without the proof there is no release."
        ),
        _("Merge categories, leave a dimension out, or ask for fewer tables."),
    ),
    "attack_succeeded": Refusal(
        _(
            "The attack on the finished document found something it should not have. The draft was thrown away."
        ),
        _("Leave a dimension out, and tell whoever maintains Témoin: this must not happen."),
    ),
    "rendered_wrong": Refusal(
        _("The finished document does not read as it was counted. The draft was thrown away."),
        _("Tell whoever maintains Témoin: this must not happen."),
    ),
    "earlier_editions": Refusal(
        _(
            "An earlier release counts some of the same people over another period or by another level, and the two side by side "
            "could give suppressed cells away."
        ),
        _(
            "Choose exactly the period of the earlier release, or one that no published release covers; keep to its levels: "
            "years or quarters, cities, sectors or boroughs, the same categories merged."
        ),
    ),
    "rounded_before": Refusal(
        _(
            "A release about the same people is published. Rounding beside it, or suppressing beside rounded figures, would give "
            "numbers away."
        ),
        _("Choose a period that no published release covers."),
    ),
    "changes_show": Refusal(
        _(
            "Beside an earlier release something about somebody would show, whatever is suppressed now: most often because few "
            "people have been added or have withdrawn since."
        ),
        _(
            "Wait until more has changed, leave a dimension out, or choose a period that no published release covers."
        ),
    ),
    # The steps
    "next_underway": Refusal(
        _("The next edition was not drafted on its day, because it is being prepared already."),
        _("Publish or discard the draft that waits."),
    ),
    "not_underway": Refusal(
        _("The worker is not drafting this release: it has just finished, or was stopped already."),
        _("Look at the page again."),
    ),
    "not_drafted": Refusal(_("This release is not waiting for approval."), _("Look at its state above.")),
    "not_published": Refusal(
        _("Only a published release can be withdrawn."),
        _("Look at its state above; a draft is discarded instead."),
    ),
    "not_approved": Refusal(_("This release is not approved."), _("A second coordinator approves it first.")),
    "same_person": Refusal(
        _("Whoever drafted a release cannot approve it."),
        _("Ask another coordinator to read and approve it."),
    ),
    "own_words": Refusal(
        _("Whoever wrote the words of a release cannot approve it."),
        _("Ask another coordinator, or whoever drafted it, to write them; then you can approve."),
    ),
    "not_read": Refusal(
        _("Not every statement was ticked as read, or the draft has changed since."),
        _("Read each of them as it stands now, tick it, and approve again."),
    ),
    "words_missing": Refusal(
        _(
            "The one message is missing in French or in English, or the notes are written in one of them only."
        ),
        _("Write them under “Words and decisions”."),
    ),
    "groups_undecided": Refusal(
        _(
            "There are groups in which everybody has the same outcome or harm, and nobody has decided about them."
        ),
        _("Decide under “Words and decisions”: hiding it is enough, or a coarser question."),
    ),
    "outdated": Refusal(
        _(
            "Since this draft was counted, somebody has withdrawn, or a consent has ended. Nothing was published."
        ),
        _("Draft it anew: that takes no more than a button."),
    ),
    "other_published": Refusal(
        _(
            "Since this draft was checked, another release was published. The two were never attacked together."
        ),
        _("Draft it anew: it will be checked against everything that is published now."),
    ),
    "changed": Refusal(
        _("The draft is not the one that was approved. Nothing was published."),
        _("Somebody may have altered the database. Tell the auditors, and draft it anew."),
    ),
    "already_published": Refusal(
        _("A published release cannot be changed or deleted."), _("Draft a release that supersedes it.")
    ),
    # Stories
    "stories_drafter": Refusal(
        _("Whoever drafted a release chooses its stories, so that somebody else approves them."),
        _("Ask them, or draft it anew yourself."),
    ),
    "story_ended": Refusal(
        _("The consent to one of the stories has ended. Nothing was published."),
        _("Draft it anew, and choose the stories again."),
    ),
    "story_unchecked": Refusal(
        _("One of the stories was not accepted by a second person, or was changed since."),
        _("Somebody may have altered the database. Tell the auditors, and choose the stories again."),
    ),
    "story_own": Refusal(
        _("You offered this passage, so somebody else checks it."), _("Ask another coordinator.")
    ),
    "story_checked": Refusal(_("This passage was checked already."), _("Look at its state above.")),
    "story_unticked": Refusal(
        _("Not every line of the list is ticked."),
        _("Read the passage against each line. Where one does not hold, send the passage back."),
    ),
    "story_wrong": Refusal(
        _("A story in the document is not what was signed, or not whole."),
        _("Download the document again."),
    ),
    "story_counts": Refusal(
        _("A story in the document states a number."),
        _("Do not use this document, and tell whoever published it."),
    ),
    # The document
    "not_json": Refusal(
        _(
            "The file is not a release document: it is not JSON, or a part of it is missing or of the wrong kind."
        ),
        _("Download the document again."),
    ),
    "other_schema": Refusal(
        _("The document follows another schema."), _("This version knows temoin-release/1.")
    ),
    "category_tree": Refusal(
        _("A category appears twice, or before the category it is part of."),
        _("Download the document again."),
    ),
    "cells_wrong": Refusal(
        _("A cell appears twice, has a wrong coordinate or a negative count."),
        _("Download the document again."),
    ),
    "cells_missing": Refusal(_("A table does not list every cell."), _("Download the document again.")),
    "cell_differs": Refusal(
        _("Two tables say different things about the same cell."), _("Download the document again.")
    ),
    "not_rounded": Refusal(
        _("The document says that its figures are rounded, and some are not."),
        _("Download the document again."),
    ),
    "does_not_add_up": Refusal(_("The figures do not add up."), _("Download the document again.")),
    "computable": Refusal(
        _("A suppressed cell stands alone in its row or column: it can be computed."),
        _("Do not use this document, and tell whoever published it."),
    ),
    "other_key": Refusal(
        _("The signature is whole, but by another key than the one given."),
        _(
            "It may be one the group used before a coordinator left: its page “Check a release” names those. Ask for it in "
            "another way than by that page. If nobody knows the key, the document is a forgery."
        ),
    ),
    "signature": Refusal(
        _("The signature is missing, or is not by this key over this document."),
        _("Do not use this document; download it again from the group that published it."),
    ),
}


def explain(code: str) -> Refusal:
    return REFUSALS[code]
