"""What the sample tells: one passage for the first release, one that waits to be checked. Offered and accepted by the same acts
as on the pages, marks and consent included; nobody lived it."""

from typing import Final
from uuid import UUID

from accounts.keyring import Keyring
from casework import offering, passages, vault, vocabulary
from casework.offering import Typed
from casework.passages import Answer
from casework.record import CaseRecord

TOLD: Final = "HERON-2016"
PASSAGE: Final = {
    "fr": (
        "Un soir, pour s'être trompé de chemin, quelqu'un fait un virage défendu. Une voiture de police le "
        "rattrape\N{NO-BREAK SPACE}; les papiers sont en règle, et la conversation quitte vite le virage. On veut "
        "savoir d'où vient cette façon de parler, puis on téléphone. Personne ne prononce le mot "
        "arrestation\N{NO-BREAK SPACE}: il faut patienter, c'est tout, et la soirée passe sur un banc.\n\n"
        "Ceux qui viennent à la fin ne sont pas de la police. Chez lui, on ne sait où il dort que le lendemain. Quand "
        "il ressort, après des jours derrière une clôture, son emploi ne l'a pas attendu."
    ),
    "en": (
        "One evening, after taking a wrong way, somebody makes a turn that is not allowed. A patrol car catches up; the papers "
        "are in order, and the talk leaves the turn behind. They want to know where that way of speaking comes from, and "
        "then they telephone. Nobody says the word arrest: it is a matter of waiting, and the evening goes by on a bench.\n\n"
        "Those who come in the end are not the police. At home they learn only the next day where he sleeps. When he is let "
        "out, after days behind a fence, his job has not waited for him."
    ),
}
WAITING: Final = "SLATE-2022"
UNCHECKED: Final = {
    "fr": (
        "Sur le chemin de la maison, une interception que rien n'explique. La carte venait d'expirer, la suivante "
        "était en chemin, et le droit de rester ne s'éteint pas avec un bout de plastique. Les menottes étaient, "
        "paraît-il, «\N{NO-BREAK SPACE}pour votre sécurité\N{NO-BREAK SPACE}». Il a fallu toute une soirée en cellule "
        "pour qu'au bout du fil on trouve la bonne page."
    ),
    "en": (
        "On the way home, a stop that nothing explains. The card had just run out, the next one was in the mail, and the right "
        "to stay does not end with a piece of plastic. The handcuffs were, they said, “for your safety”. It took a whole "
        "evening in a cell until somebody at the other end of the line found the right page."
    ),
}
REASON: Final = "Ce sont les mots des policiers, que bien des gens ont entendus, et non ceux de la personne."
ANSWERS: Final = (
    Answer("QUOTATION", "«\N{NO-BREAK SPACE}pour votre sécurité\N{NO-BREAK SPACE}»", REASON),
    Answer("QUOTATION", "“for your safety”", REASON),
)


def tell(alice: Keyring, erin: Keyring) -> UUID:
    """alice offers both out of her team's cases, erin accepts the first. Its id: it can be chosen now."""
    cases = {listed.head.reference: listed.case_id for listed in vault.cards(alice).cases}
    _offer(alice, cases[WAITING], UNCHECKED, list(ANSWERS))
    accepted = _offer(alice, cases[TOLD], PASSAGE, [])
    passages.accept(erin, accepted, vocabulary.codes("never_leaves"))
    return accepted


def _offer(alice: Keyring, case_id: UUID, text: dict[str, str], answers: list[Answer]) -> UUID:
    record = vault.open_case(alice, case_id).record
    typed = Typed(_whose(record), "STORY", dict(text), ["NAMES", "DATES", "DETAILS", "SHORTENED"], answers)
    return offering.offer(alice, case_id, typed)


def _whose(record: CaseRecord) -> str:
    return record.victims()[0].id
