"""Where in a case a search has found what it looked for: the sentence, as it was told, with the words marked."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from casework import matching
from casework.folding import Span, found_in, normalise, snippet, terms
from casework.record import CaseRecord
from casework.searchtext import Text, officer_text, texts
from casework.spelling import LIKE

PLACES: Final = {
    "statement": _("statement"),
    "step": _("step of the chain"),
    "safety": _("safety"),
    "task": _("task"),
    "date": _("date"),
    "interaction": _("call or visit"),
    "referral": _("referral"),
    "denial": _("service refused"),
    "place": _("place"),
    "alias": _("alias"),
    "name": _("real name"),
    "officer": _("officer"),
    "reference": _("reference"),
    "tag": _("tag"),
}
SHOWN: Final = 3


def hits(kind: str, typed: str, record: CaseRecord) -> list[dict[str, Any]]:
    """At most SHOWN; empty when the case was saved anew since it was found."""
    if kind == "names":
        return [_plain(text) for text in _like(typed, texts(record))]
    if kind == "badge":
        wanted = matching.bare(normalise(typed))
        found = (o for o in record.officers if wanted in matching.bare(normalise(o.badge)))
        return [_plain(Text("officer", officer_text(officer))) for officer in found][:SHOWN]
    return _words(terms(typed), [text for text in texts(record) if text.text]) if kind == "words" else []


def _plain(text: Text) -> dict[str, Any]:
    return {"place": PLACES[text.place], "pieces": [{"text": text.text, "hit": False}]}


def _like(typed: str, found: Iterable[Text]) -> list[Text]:
    wanted = normalise(typed)
    names = (text for text in found if text.place in ("alias", "name"))
    return [text for text in names if matching.nearest(wanted, [normalise(text.text)]) >= LIKE][:SHOWN]


def _words(wanted: list[str], found: list[Text]) -> list[dict[str, Any]]:
    """As few sentences as show every term, from the texts that hold most of them."""
    folded = [(text, normalise(text.text)) for text in found]
    shown: list[dict[str, Any]] = []
    missing = set(wanted)
    while missing and folded and len(shown) < SHOWN:
        text, plain = max(folded, key=lambda pair: sum(term in pair[1] for term in missing))
        if not any(term in plain for term in missing):
            break
        around = found_in(text.text, missing)[0]
        pieces = snippet(text.text, found_in(text.text, wanted), around)
        told = normalise("".join(piece.text for piece in pieces))
        # The hit itself may be cut from a longer phrase: whatever was looked for around it counts as shown.
        missing -= {term for term in missing if term in told or term in normalise(_at(text.text, around))}
        shown.append({"place": PLACES[text.place], "pieces": pieces})
    return shown


def _at(text: str, span: Span) -> str:
    return text[span.start : span.end]
