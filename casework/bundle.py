"""Everything of one release to take away: a CSV for each table, what the columns mean, the signed document, in one ZIP."""

import io
import zipfile

from django.utils.translation import gettext as _
from django.utils.translation import override

from casework import documents
from casework.beside import csv_blocks, csv_lines
from casework.documents import Document
from casework.rendering import csv_of

# The same release is the same bytes, whenever it is asked for.
STAMP = (1980, 1, 1, 0, 0, 0)


def bundle(document: Document, language: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "README.txt", _readme(document, language))
        for number, table in enumerate(document.tables, 1):
            _add(
                archive, f"table-{number}-{'-'.join(table.dimensions)}.csv", csv_of(document, table, language)
            )
        if document.stories:
            _add(archive, "stories.txt", _stories(document, language))
        for name, rows in csv_blocks(document, language):
            _add(archive, f"beside-{name}.csv", "\ufeff" + csv_lines(rows))
        _add(archive, f"temoin-release-{document.id}.json", documents.canonical(document).decode())
    return out.getvalue()


def _stories(document: Document, language: str) -> str:
    """In every language they were told in: whoever takes it all away takes that too. Withdrawn ones are not there any more."""
    parts = [
        part
        for story in document.stories
        for part in (
            *(story.text[told_in] for told_in in sorted(story.text)),
            story.changed.get(language, ""),
        )
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(zipfile.ZipInfo(name, STAMP), text, zipfile.ZIP_DEFLATED)


def _readme(document: Document, language: str) -> str:
    with override(language):
        parts = [
            document.title[language],
            _("Period: %(from)s to %(to)s. Edition %(edition)s. Threshold %(threshold)s.")
            % {
                "from": document.period.start,
                "to": document.period.end,
                "edition": document.edition,
                "threshold": document.threshold,
            },
            document.method[language],
            _(
                "One row for each cell, totals included: the words of its categories, their codes, the number. × means "
                "suppressed: do not put a number in its place, and do not add up what is left as if it were the whole."
            ),
            _("The JSON file is the release itself, with its signature; everything else is made from it."),
        ]
    return "\n\n".join(parts) + "\n"
