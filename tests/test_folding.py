"""One spelling for what people write in many, and the way back to what was told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.folding import SPACE, found_in, normalise, snippet, terms

FRENCH = "àâäæçéèêëîïôöœùûüÿ’'-«» .,ÀÉŒÆ"
SPANISH = "áéíóúüñ¿¡ªº ,.ÁÑ"
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءأإآٱؤئىةگک٠١٢٣٤٥ـ ًٌٍَُِّْ،؟"
CREOLE = "aàbchdeèfgijklmnoòprstuvwyz' ’-"
ENGLISH = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789'-.,\n"
LANGUAGES = {"fr": FRENCH, "es": SPANISH, "ar": ARABIC, "ht": CREOLE, "en": ENGLISH}


@pytest.mark.parametrize(
    "spellings",
    [
        ("Élysée", "elysee", "E\u0301LYSE\u0301E"),
        ("l’accident", "l'accident", "L´ACCIDENT", "l accident"),
        ("œuvre", "Oeuvre", "ŒUVRE"),
        ("Lætitia", "LAETITIA"),
        ("Saint-Michel", "saint michel", "Saint\u2011Michel", "SAINT–MICHEL"),
        ("¿Quién llegó mañana?", "quien llego manana"),
        ("أحمد", "احمد", "أَحْمَد", "احـــمد"),
        ("إلى", "الي", "اِلى"),
        ("مدرسة", "مدرسه", "مَدْرَسَةٌ"),
        ("آمنة", "امنه"),
        ("٢٠٢٦", "2026", "۲۰۲۶"),
        ("کریم", "كريم"),
        ("m’ap pè", "m'ap pe", "M ap Pè"),
        ("dlo cho", "Dlò chò"),
        ("straße", "STRASSE"),
        ("co\u00adop", "coop"),
        ("\u202eabc", "abc"),
    ],
)
def test_spellings_of_one_word_are_one(spellings):
    assert len({normalise(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("pere", "per"), ("casa", "caza"), ("حمد", "احمد"), ("kay", "kaye"), ("12", "13")]
)
def test_different_words_stay_different(one, other):
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_folding_holds_in_each_language(language, data):
    text = data.draw(st.text(LANGUAGES[language], max_size=60))
    folded = normalise(text)
    assert normalise(folded) == folded == folded.strip()
    assert normalise(text.upper().lower()) == normalise(text.lower())
    assert "  " not in folded and folded == folded.casefold()


@given(st.text(max_size=80), st.text(max_size=80))
def test_each_character_folds_by_itself(one, other):
    """What makes it possible to find the way back, and to fold a text in pieces."""
    assert normalise(f"{one} {other}") == f"{normalise(one)} {normalise(other)}".strip()


@given(st.text(max_size=120), st.data())
def test_a_place_in_the_folded_text_leads_back_to_the_text_that_was_told(text, data):
    words = normalise(text).split()
    if not words:
        assert found_in(text, ["a"]) == []
        return
    start = data.draw(st.integers(0, len(words) - 1))
    term = SPACE.join(words[start : start + data.draw(st.integers(1, 3))])
    spans = found_in(text, [term])
    assert spans
    for before, span in zip([None, *spans], spans, strict=False):
        assert term in normalise(text[span.start : span.end])
        assert before is None or before.end <= span.start


@given(st.text(max_size=400), st.data())
def test_a_snippet_is_made_of_the_text_itself_with_the_hit_marked(text, data):
    words = normalise(text).split()
    if not words:
        return
    term = data.draw(st.sampled_from(words))
    pieces = snippet(text, found_in(text, [term]))
    told = "".join(piece.text for piece in pieces).removeprefix("… ").removesuffix(" …")
    assert told in text
    marked = [piece.text for piece in pieces if piece.hit]
    assert marked
    assert all(term in normalise(hit) for hit in marked)


@pytest.mark.parametrize(
    ("text", "typed", "marked", "shown"),
    [
        (
            "Il pleuvait. L’agent a arrêté Élise près du métro. Elle attend.",
            "ELISE",
            ["Élise"],
            "… L’agent a arrêté Élise près du métro. …",
        ),
        ("Sa sœur l'attend.", "soeur", ["sœur"], "Sa sœur l'attend."),
        ("Sa sœur l'attend.", "l’attend", ["l'attend"], "Sa sœur l'attend."),
        ("قال إنَّ الشُّرطةَ أوقفته. ثم رحل.", "الشرطه", ["الشُّرطةَ"], "قال إنَّ الشُّرطةَ أوقفته. …"),
        ("M'ap tann Pyè lakay mwen. Li pa vini.", "m’ap pye", ["M'ap", "Pyè"], "M'ap tann Pyè lakay mwen. …"),
        ("¿Dónde está? El niño esperó.", "nino", ["niño"], "… El niño esperó."),
        ("e\u0301te\u0301 2016", "ete", ["e\u0301te\u0301"], "e\u0301te\u0301 2016"),
    ],
)
def test_the_hit_is_shown_in_its_sentence(text, typed, marked, shown):
    pieces = snippet(text, found_in(text, terms(typed)))
    assert [piece.text for piece in pieces if piece.hit] == marked
    assert "".join(piece.text for piece in pieces) == shown


def test_a_sentence_without_end_is_cut_between_words():
    pieces = snippet(("mot " * 200 + "héron ") + "mot " * 200, found_in("mot " * 200 + "héron ", ["heron"]))
    told = "".join(piece.text for piece in pieces)
    assert len(told) < 300
    assert told.startswith("… mot") and told.endswith("mot …")


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("accent police", ["accent", "police"]),
        ("« trois heures » accent", ["trois heures", "accent"]),
        ('"wrong turn"', ["wrong turn"]),
        ("“wrong turn” “", ["wrong turn"]),
        ("porte-parole", ["porte parole"]),
        (" - ’ ", []),
        ("", []),
        ("Élise elise", ["elise"]),
    ],
)
def test_phrases_stay_whole_and_words_stand_alone(typed, wanted):
    assert terms(typed) == wanted
