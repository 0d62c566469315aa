"""Text on its way into the record."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.database.text import (
    INDEXED_BYTES,
    OPENING_LENGTH,
    SHOWN_LENGTH,
    TITLE_LENGTH,
    WORD_LENGTH,
    search_words,
    shown_opening,
    title_of,
    words_to_index,
)
from study.text import storable, storable_json


@given(st.text())
def test_only_what_cannot_be_stored_changes(text: str) -> None:
    """Length and every other character stay; the result has a UTF-8 and no NUL."""
    kept = storable(text)
    assert len(kept) == len(text)
    assert all(a == b or (a == "\x00" or "\ud800" <= a <= "\udfff") for a, b in zip(text, kept, strict=True))
    assert "\x00" not in kept
    kept.encode()


@given(
    st.recursive(st.text() | st.floats() | st.none(), lambda i: st.lists(i) | st.dictionaries(st.text(), i))
)
def test_any_value_becomes_json(value: Any) -> None:
    """JSON as PostgreSQL reads it: no NaN, no NUL, no half of a surrogate pair."""
    json.dumps(storable_json(value), allow_nan=False, ensure_ascii=False).encode()


def test_what_is_no_json_becomes_its_name() -> None:
    """Nothing is dropped from a dictionary that somebody wanted kept."""
    assert storable_json({1: {2}, "t": (1, b"x")}) == {"1": "{2}", "t": [1, "b'x'"]}


@given(st.text())
def test_a_title_is_one_short_line(message: str) -> None:
    """Without line ends, and never longer than it may be."""
    title = title_of(message)
    assert len(title) <= TITLE_LENGTH
    assert title == " ".join(title.split())


def test_a_long_title_ends_with_a_whole_word() -> None:
    """And says that the message goes on; a word longer than a title is cut where it must be."""
    said = "Can I please get a Cortado, but sub almond milk and no sugar"
    assert title_of(said) == "Can I please get a Cortado, but sub almond milk…"
    assert title_of("a" * 200) == "a" * (TITLE_LENGTH - 1) + "…"
    assert title_of("Short enough") == "Short enough"


@pytest.mark.parametrize(
    ("opening", "shown"),
    [
        ("", ""),
        (" \n", ""),
        ("Two\n\nlines", "Two lines"),
        ("x" * SHOWN_LENGTH, "x" * SHOWN_LENGTH),
        ("x" * (SHOWN_LENGTH + 1), "x" * (SHOWN_LENGTH - 1) + "…"),
        ("word " * 20, "word " * 14 + "word…"),
        ("so" + "\n" * (OPENING_LENGTH - 2), "so…"),
    ],
)
def test_an_opening_is_one_line_that_says_where_it_was_cut(opening: str, shown: str) -> None:
    """Whole where it has room, also to the last character; else cut between two words."""
    assert shown_opening(opening) == shown


@given(st.text())
def test_words_are_letters_and_digits_alone(text: str) -> None:
    """So that no word means anything else to a database's search."""
    assert all(word.isalnum() for word in search_words(text))


@given(st.text())
def test_words_are_the_same_in_any_case(text: str) -> None:
    """Case folding goes to its end."""
    assert search_words(text.casefold()) == search_words(text)


def test_the_index_gets_each_word_once_and_no_book() -> None:
    """Long words by their beginning, long texts by theirs."""
    assert words_to_index("to be or not to be") == ["to", "be", "or", "not"]
    assert words_to_index("x" * 1000) == ["x" * WORD_LENGTH]
    many = words_to_index(" ".join(f"word{number}" for number in range(200_000)))
    assert sum(len(word) for word in many) <= INDEXED_BYTES
