"""Evidence in words: its type, what to beware of, what was done with it."""

from collections.abc import Iterable
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.days import date_format
from casework import custody, evidencefiles
from casework.custody import Entry, Piece
from casework.evidence import kinds
from casework.views.timeline import named

Words = str | Promise

KINDS: Final[dict[str, Words]] = {
    kinds.JPEG: gettext_lazy("photograph (JPEG)"),
    kinds.PNG: gettext_lazy("picture (PNG)"),
    kinds.WEBP: gettext_lazy("picture (WebP)"),
    kinds.HEIC: gettext_lazy("photograph (HEIC)"),
    kinds.GIF: gettext_lazy("picture (GIF)"),
    kinds.BMP: gettext_lazy("picture (BMP)"),
    kinds.TIFF: gettext_lazy("picture (TIFF)"),
    kinds.PDF: gettext_lazy("document (PDF)"),
    kinds.DOCX: gettext_lazy("document (Word)"),
    kinds.XLSX: gettext_lazy("spreadsheet (Excel)"),
    kinds.PPTX: gettext_lazy("presentation (PowerPoint)"),
    kinds.ZIP: gettext_lazy("archive (ZIP)"),
    kinds.HTML: gettext_lazy("web page (HTML)"),
    kinds.SVG: gettext_lazy("drawing (SVG)"),
    kinds.TEXT: gettext_lazy("plain text"),
}
ACTS: Final[dict[str, Words]] = {
    custody.RECEIVED: gettext_lazy("received"),
    custody.VIEWED: gettext_lazy("viewed"),
    custody.CLEANED: gettext_lazy("clean copy made"),
    custody.EXPORTED: gettext_lazy("handed out"),
    custody.MOVED: gettext_lazy("kept in the file of the others, when one person's part was taken out"),
    custody.REDACTED: gettext_lazy("redacted copy made"),
}
WHY_NOT: Final[dict[str, Words]] = {
    "large": gettext_lazy(
        "It is too large to be decoded here. It is kept whole, and can be handed out as it is."
    ),
    "unreadable": gettext_lazy(
        "It could not be decoded: it is damaged, or made to look like what it is not. It is kept as it came."
    ),
    "crashed": gettext_lazy(
        "It could not be decoded: it took too much time or memory, as files made to do harm do. It is kept as it came."
    ),
    "locked": gettext_lazy("It is locked with a password. Unlock it, and add it again."),
    "moving": gettext_lazy("It has several pictures in one file, and no clean copy can be made of those."),
    "pages": gettext_lazy("It does not have this page, or more than can be redacted at once."),
    "uncleaned": gettext_lazy("No clean copy can be made of this type."),
}
LEFT: Final[dict[str, Words]] = {
    "comments": gettext_lazy("comments, without the names of who wrote them"),
    "changes": gettext_lazy("tracked changes, deleted words among them, without the names of who made them"),
    "embedded": gettext_lazy("other files put into the document, as they were"),
    "macros": gettext_lazy("programs (macros)"),
    "pictures": gettext_lazy("pictures of a kind that could not be cleaned"),
}


def why_not(reason: str) -> Words:
    return WHY_NOT.get(reason, WHY_NOT["unreadable"])


def left_shown(left: Iterable[str]) -> list[Words]:
    return [LEFT.get(code, code) for code in left]


def kind_shown(kind: str) -> str:
    if kind in kinds.AUDIO:
        return _("sound")
    if kind in kinds.VIDEO:
        return _("film")
    return str(KINDS.get(kind, _("unknown kind of file")))


def piece_shown(piece: Piece) -> dict[str, Any]:
    details = piece.details
    return {
        "id": piece.id,
        "name": details.name or _("without a name"),
        "description": details.description,
        "kind": kind_shown(details.kind),
        "size": filesizeformat(details.size),
        "received": timezone.localtime(details.received),
        "redacted": details.made_from is not None,
        "made_from": details.made_from,
        "audio": details.kind in kinds.AUDIO,
        "video": details.kind in kinds.VIDEO,
        "picture": details.kind in kinds.PICTURES,
        "can_be_redacted": details.kind in kinds.REDACTED,
        "can_be_cleaned": details.kind in kinds.CLEANED,
        "suspect": bool(details.also),
    }


def piece_facts(piece: Piece) -> list[tuple[str, Any]]:
    details = piece.details
    return [
        (_("Kind, by its content"), f"{kind_shown(details.kind)} · {details.kind}"),
        (_("Size"), filesizeformat(details.size)),
        (_("Received"), date_format(timezone.localtime(details.received), "DATETIME_FORMAT")),
        (_("SHA-256 of the original"), format_html('<code class="digest">{}</code>', details.sha256.hex())),
    ]


def warnings(piece: Piece) -> list[Words]:
    details, found = piece.details, list[Words]()
    if not evidencefiles.is_there(piece.id):
        found.append(
            _(
                "The file is not in the store: it was not restored with the database. Tell whoever runs the server."
            )
        )
    if details.also:
        others = ", ".join(kind_shown(kind) for kind in details.also)
        found.append(
            _(
                "This file can be read as something else as well: %(others)s. Open it on no computer that matters."
            )
            % {"others": others}
        )
    if kinds.disagree(details.name, details.kind):
        found.append(_("Its name says another kind than its content. The content is what counts here."))
    return found


def custody_shown(log: list[Entry]) -> list[dict[str, Any]]:
    """Newest first."""
    return [
        {
            "act": ACTS.get(entry.act, entry.act),
            "who": entry.name,
            "at": timezone.localtime(entry.at),
            "what": _what_left(entry),
            "reason": entry.detail.get("reason", ""),
            "sha256": entry.detail.get("sha256", ""),
        }
        for entry in reversed(log)
    ]


def _what_left(entry: Entry) -> str:
    if entry.act != custody.EXPORTED:
        return ""
    what = _("the original") if entry.detail.get("what") == "original" else _("a clean copy")
    return f"{what} – {named('purpose', entry.detail.get('purpose', ''))}"
