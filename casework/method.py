"""How a release came about, as every reader gets it with the figures. Part of the signed document, so in both languages here and
not in the catalogue: a translator must not be able to change what was signed. Pure."""

from typing import Final

from casework.facts import EVENT, PERSON

UNITS: Final = {PERSON: {"en": "persons", "fr": "personnes"}, EVENT: {"en": "events", "fr": "événements"}}
METHOD: Final = {
    "en": (
        "This release counts {unit}. They come from case files kept by the group, reviewed before counting, of people who gave "
        "their consent to be counted. These are the people who came forward: the figures do not say how frequent such events "
        "are. A number below {threshold} that is not zero is suppressed (×), in the totals too, and further numbers are "
        "suppressed until neither a suppressed number nor the fact that it is small can be worked out from this document, its "
        "zeros, its sums and the earlier releases together. Zeros are published. Nothing is rounded or altered. Where a fact "
        "can have several values, one person may stand in several rows, and the rows do not add up to the total."
    ),
    "fr": (
        "Cette publication compte des {unit}. Les chiffres viennent de dossiers tenus par le groupe, vérifiés avant d'être "
        "comptés, de personnes qui ont donné leur consentement à être comptées. Ce sont les personnes qui se sont manifestées : "
        "les chiffres ne disent pas combien de fois de tels événements se produisent. Un nombre inférieur à {threshold} et non "
        "nul est supprimé (×), dans les totaux aussi, et d'autres nombres le sont jusqu'à ce que ni un nombre supprimé ni le "
        "fait qu'il soit petit ne puissent être déduits de ce document, de ses zéros, de ses sommes et des publications "
        "antérieures réunis. Les zéros sont publiés. Rien n'est arrondi ni modifié. Quand un fait peut prendre plusieurs "
        "valeurs, une personne peut figurer dans plusieurs lignes, et les lignes ne s'additionnent pas au total."
    ),
}

ROUNDED: Final = {
    "en": (
        "This release counts {unit}. They come from case files kept by the group, reviewed before counting, of people who gave "
        "their consent to be counted. These are the people who came forward: the figures do not say how frequent such events "
        "are. Because the numbers are small, every figure, totals and zeros too, is rounded to a multiple of {threshold}, so "
        "that everything still adds up: a zero says none or a few. No number behind a rounded one can be worked out. Where a "
        "fact can have several values, one person may stand in several rows, and the rows do not add up to the total."
    ),
    "fr": (
        "Cette publication compte des {unit}. Les chiffres viennent de dossiers tenus par le groupe, vérifiés avant d'être "
        "comptés, de personnes qui ont donné leur consentement à être comptées. Ce sont les personnes qui se sont manifestées : "
        "les chiffres ne disent pas combien de fois de tels événements se produisent. Comme les nombres sont petits, chaque "
        "chiffre, totaux et zéros compris, est arrondi à un multiple de {threshold}, de sorte que tout s'additionne encore : un "
        "zéro veut dire aucun ou quelques-uns. Aucun nombre derrière un nombre arrondi ne peut être déduit. Quand un fait peut "
        "prendre plusieurs valeurs, une personne peut figurer dans plusieurs lignes, qui ne s'additionnent pas au total."
    ),
}


def words(unit: str, threshold: int, *, rounded: bool) -> dict[str, str]:
    return {
        language: text.format(unit=UNITS[unit][language], threshold=threshold)
        for language, text in (ROUNDED if rounded else METHOD).items()
    }
