"""Names that are written in many ways."""

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import spelling
from casework.folding import normalise
from casework.spelling import LIKE, Spellings


def near(one: str, other: str) -> float:
    return Spellings().nearness(normalise(one), normalise(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Muhammad", "Mohamed"),
        ("Mohamed", "Mohammed"),
        ("Muhammad", "محمد"),
        ("Mohamed Ali Hassan", "Hasan Muhammad"),
        ("Youssef", "Yusuf"),
        ("Yusuf", "يوسف"),
        ("Abdel Rahman", "Abdelrahman"),
        ("Abd al-Rahman", "عبد الرحمن"),
        ("Fatima", "فاطمة"),
        ("Aïcha", "Aisha"),
        ("Aicha", "عائشة"),
        ("Chérif", "Sharif"),
        ("Djamel", "Jamal"),
        ("Walid", "Oualid"),
        ("Ali", "علي"),
        ("Jozèf", "Joseph"),
        ("Jiménez", "Gimenez"),
        ("Nguyễn", "Nguyen"),
        ("Zebulon Quillfeather", "quillfeather zebulon"),
        ("Quilfeather", "Zebulon Quillfeather"),
    ],
)
def test_another_spelling_is_found(one, other):
    assert near(one, other) >= LIKE
    assert near(other, one) == near(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ahmed", "Mohamed"),
        ("Sofia", "Yusuf"),
        ("Heron", "Cedar"),
        ("Ali", "Ada"),
        ("Mohamed Ali", "Mohamed Hassan"),
        ("Li", "Lu"),
        ("", "Heron"),
        ("Heron", ""),
    ],
)
def test_another_name_is_not(one, other):
    assert near(one, other) < LIKE


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_makes_it_fail_and_order_does_not_matter(one, other):
    assert near(one, other) == near(other, one)
    assert 0 <= near(one, other) <= 100


@given(st.lists(st.text("abcdefghiklmnoprst", min_size=3, max_size=9), min_size=1, max_size=3, unique=True))
def test_names_in_another_order_are_the_same_name(words):
    assert near(" ".join(words), " ".join(reversed(words))) == 100


def test_the_names_of_a_search_are_gone_with_it_without_waiting_for_the_collector_of_cycles():
    """It does not run while ten thousand cases are read, and a process that is seized would still hold every name."""
    spellings = Spellings()
    spellings.nearness("muhammad hasan", "mohamed hassan")
    gone = weakref.ref(spellings)
    gc.disable()
    try:
        del spellings
        assert gone() is None
    finally:
        gc.enable()


def test_a_search_remembers_no_more_than_a_few_thousand_names(monkeypatch):
    monkeypatch.setattr(spelling, "REMEMBERED", 10)
    spellings = Spellings()
    for number in range(50):
        spellings.nearness("heron of the reeds", f"cedar{number} waxwing{number}")
    assert spellings.word_nearness.cache_info().currsize == 10
