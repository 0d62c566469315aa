"""Words that are marked on the page are found in the raw text, character by character."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from research.aligned import places_in_markdown, places_in_plain, shown_of, text_of
from research.marked import Laid, words_of

MARKDOWN = [
    # Raw, words as they read on the page, what of the raw text they are.
    ("It is **very** good", "very", "very"),
    ("It is **very** good", "is very", "is **very"),
    ("a *b* **c**d", "b cd", "b* **c**d"),
    ("# Title #\n\n> quote *a*\n> more", "Title", "Title"),
    ("# Title #\n\n> quote *a*\n> more", "a\nmore", "a*\n> more"),
    ("- - a\n1. 1\n", "1", "1"),
    ('[link *x*](http://abc "t") c', "c", "c"),
    ('[link *x*](http://abc "t") c', "x", "x"),
    ("a\\*b &amp; &copy; c", "*b & ©", "\\*b &amp; &copy;"),
    ("| x | x |\n|-|-|\n| x | `c\\|d` |\n", "c|d", "c\\|d"),
    ("```py\nx = 1\n\n  y\n```\nend", "x = 1", "x = 1"),
    ("```py\nx = 1\n\n  y\n```\nend", "y\n\nend", "y\n```\nend"),
    ("    code\n    b\n", "code\nb", "code\n    b"),
    ("a `` ` `` b", "`", "`"),
    ("<http://a.b/c> ~~gone~~ ~~~ **un", "~~~ **un", "~~~ **un"),
    ("line\r\nnext **b**\r\n", "line\nnext b", "line\r\nnext **b"),
    ("👩‍🔬 says **ثقة** ok 🙂", "ثقة", "ثقة"),
    ("👩‍🔬 says **ثقة** ok 🙂", "👩‍🔬 says", "👩‍🔬 says"),
    ("x  \ny", "x\ny", "x  \ny"),
]


@pytest.mark.parametrize(("raw", "words", "expected"), MARKDOWN)
def test_marked_words_are_found_in_markdown(raw: str, words: str, expected: str) -> None:
    """Bold, links, lists, tables, code, entities, emoji, right to left: exactly those characters."""
    laid = Laid(raw, is_plain=False)
    start = text_of(words_of(raw, is_plain=False)).index(words)
    span = laid.in_raw(start, words)
    assert span is not None
    assert raw[slice(*span)] == expected
    assert laid.quote(*span) == words


def test_the_same_words_twice_are_told_apart() -> None:
    """By where the browser says that they stand."""
    raw = "**yes** no yes"
    assert Laid(raw, is_plain=False).in_raw(0, "yes") == (2, 5)
    assert Laid(raw, is_plain=False).in_raw(7, "yes") == (11, 14)
    # A little beside it, as when a message has grown: the nearest.
    assert Laid(raw, is_plain=False).in_raw(6, "yes") == (11, 14)


def test_white_space_around_words_is_not_of_them() -> None:
    """A double click takes the space behind a word along."""
    assert Laid("a  word here", is_plain=True).in_raw(1, "  word ") == (3, 7)


@pytest.mark.parametrize("exact", ["", "  \n", "not there", "(picture at another site)"])
def test_what_cannot_be_found(exact: str) -> None:
    """None, and not a guess."""
    assert Laid("an ![picture](http://x.y/z)", is_plain=False).in_raw(0, exact) is None


@settings(max_examples=300, deadline=None)
@given(raw=st.text(alphabet="ab *_`~[]()<>!#>|-+1.\\&;:/\n\r\t🙂ث", max_size=60))
def test_any_markdown_comes_out_even(raw: str) -> None:
    """Every character that the page shows stands where it is said to, or was written in another way."""
    shown, places = (
        text_of(words_of(raw, is_plain=False)),
        places_in_markdown(raw, text_of(words_of(raw, is_plain=False))),
    )
    assert len(shown) == len(places)
    last = 0
    for character, place in zip(shown, places, strict=True):
        if place is None:
            continue
        assert place[0] >= last
        last = place[0]
        there = shown_of(raw[slice(*place)])
        assert there == character or len(there) > 1 or character.isspace()


@settings(max_examples=100, deadline=None)
@given(raw=st.text(max_size=40))
def test_a_participants_words_are_what_they_typed(raw: str) -> None:
    """One place a character; only line ends are written otherwise on the page."""
    places = places_in_plain(raw)
    assert [shown_of(raw[slice(*place)]) for place in places if place] == list(shown_of(raw))


@settings(max_examples=200, deadline=None)
@given(
    raw=st.text(alphabet="ab <>&\"'*`\n🙂ث", min_size=1, max_size=40),
    is_plain=st.booleans(),
    ends=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4),
)
def test_marks_change_no_word(raw: str, is_plain: bool, ends: list[tuple[int, int]]) -> None:
    """Without them the page reads as it did; nothing becomes markup."""
    marks = [(min(pair), max(pair), "blue", "id") for pair in ends]
    words = Laid(raw, is_plain).marked(marks)
    assert text_of(words) == text_of(words_of(raw, is_plain))
    assert words.count("<mark") == words.count("</mark>")


def test_overlapping_marks_nest_nowhere() -> None:
    """Each stretch is one mark, which names all that it is of."""
    words = Laid("one two three", is_plain=True).marked([(0, 7, "blue", "a"), (4, 13, "red", "b")])
    assert words == (
        '<p class="plain"><mark class="blue" data-of="a">one </mark><mark class="red more" data-of="a b">two'
        '</mark><mark class="red" data-of="b"> three</mark></p>'
    )


def test_script_stays_text() -> None:
    """Marked or not."""
    raw = "<script>alert(1)</script> & more"
    words = Laid(raw, is_plain=True).marked([(0, 8, "blue", "a")])
    assert "<script>" not in words
    assert str(escape("<script>")) in words
