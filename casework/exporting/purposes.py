"""Who may be given a copy, under which consent, and how much of a case that purpose needs."""

from typing import Final

from casework.register import PERSON

# The recipient decides the purpose: nobody picks the consent that happens to have been given.
PURPOSE_OF: Final = {
    "LAWYER": "REFER_LEGAL",
    "COMPLAINT": "COMPLAINT",
    "PARTNER": "SHARE_PARTNER",
    "SERVICE": "REFER_SERVICE",
    "MEDIA": "MEDIA",
    "RESEARCH": "RESEARCH",
}
# Their own file is theirs: all it takes is that it is still kept.
OWN: Final = "STORE"

EVERYTHING: Final = frozenset(
    {
        "reference",
        "alias",
        "name",
        "event",
        "exact",
        "person",
        "basis",
        "chain",
        "aftermath",
        "story",
        "officers",
        "denials",
    }
)
COVERS: Final[dict[str, frozenset[str]]] = {
    "REFER_LEGAL": EVERYTHING,
    "COMPLAINT": EVERYTHING,
    "SHARE_PARTNER": EVERYTHING - {"name", "basis"},
    "REFER_SERVICE": frozenset({"reference", "alias", "person", "aftermath", "denials"}),
    "MEDIA": frozenset({"event", "chain", "aftermath", "denials", "story"}),
    "RESEARCH": frozenset({"event", "person", "chain", "aftermath", "denials"}),
}
# Told by or about everybody in the event: it goes only when all of them agree.
OF_EVERYBODY: Final = frozenset({"story", "officers"})
# Their exact words leave for the public only when they agreed to that as well.
WORDS_NEED: Final = {"MEDIA": "QUOTE"}


def purpose_of(recipient: str) -> str:
    return OWN if recipient == PERSON else PURPOSE_OF[recipient]
