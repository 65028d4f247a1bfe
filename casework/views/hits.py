"""Where in a case a search has found what it looked for: the sentence, as it was told, with the words marked."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from casework import matching
from casework.folding import Told, normalise, snippet, terms
from casework.record import CaseRecord
from casework.searchtext import FileWords, Text, officer_text, texts
from casework.spelling import LIKE, Spellings

PLACES: Final = {
    "statement": _("statement"),
    "step": _("step of the chain"),
    "safety": _("safety"),
    "task": _("task"),
    "date": _("date"),
    "interaction": _("call or visit"),
    "referral": _("referral"),
    "denial": _("service refused"),
    "file": _("evidence"),
    "place": _("place"),
    "alias": _("alias"),
    "name": _("real name"),
    "officer": _("officer"),
    "reference": _("reference"),
    "tag": _("tag"),
}
SHOWN: Final = 3


def hits(kind: str, typed: str, record: CaseRecord, files: Sequence[FileWords] = ()) -> list[dict[str, Any]]:
    """At most SHOWN; empty when the case was saved anew since it was found."""
    if kind == "names":
        return [_plain(text) for text in _like(typed, texts(record))]
    if kind == "badge":
        wanted = matching.bare(normalise(typed))
        found = (o for o in record.officers if wanted in matching.bare(normalise(o.badge)))
        return [_plain(Text("officer", officer_text(officer))) for officer in found][:SHOWN]
    return (
        _words(terms(typed), [text for text in texts(record, files) if text.text]) if kind == "words" else []
    )


def _plain(text: Text) -> dict[str, Any]:
    return {"place": PLACES[text.place], "pieces": [{"text": text.text, "hit": False}]}


def _like(typed: str, found: Iterable[Text]) -> list[Text]:
    wanted = normalise(typed)
    names = (text for text in found if text.place in ("alias", "name"))
    spellings = Spellings()
    return [text for text in names if spellings.nearness(wanted, normalise(text.text)) >= LIKE][:SHOWN]


def _words(wanted: list[str], found: list[Text]) -> list[dict[str, Any]]:
    """As few sentences as show every term, from the texts that hold most of them."""
    folded = [(text, Told(text.text)) for text in found]
    shown: list[dict[str, Any]] = []
    missing = set(wanted)
    while missing and folded and len(shown) < SHOWN:
        text, told = max(folded, key=lambda pair: sum(map(pair[1].holds, missing)))
        around = next(iter(told.spans(missing)), None)
        if around is None:
            break
        pieces = snippet(text.text, told.spans(wanted), around)
        shown.append({"place": PLACES[text.place], "pieces": pieces})
        # A hit may be longer than the sentence that is shown of it: what was looked for around it counts as shown.
        said = Told("".join(piece.text for piece in pieces)), Told(text.text[around.start : around.end])
        missing -= {term for term in missing if any(part.holds(term) for part in said)}
    return shown
