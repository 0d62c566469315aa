"""Words that are marked on the page are found in the raw text, character by character."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from research.coding.highlights import HighlightedText, Stripe, highlighted_words
from research.coding.source_map import places_in_markdown, places_in_plain, shown_of, text_content

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
    (r"So **\(x^2\)** is", "x2", r"\(x^2\)"),
    (r"So \(x^2\) is", "So x2", r"So \(x^2\)"),
    ("> So\n> \\[\n> x = 1\n> \\]\n> yes", "x=1", "> \\[\n> x = 1\n> \\]"),
    ("> So\n> \\[\n> x = 1\n> \\]\n> yes", "yes", "yes"),
    (r"So \(x and more", r"\(x and", r"\(x and"),
    (r"costs $$5 and $$10", "$$5 and", "$$5 and"),
]


@pytest.mark.parametrize(("raw", "words", "expected"), MARKDOWN)
def test_marked_words_are_found_in_markdown(raw: str, words: str, expected: str) -> None:
    """Bold, links, lists, tables, code, entities, emoji, right to left: exactly those characters."""
    laid = HighlightedText(raw, is_plain=False)
    start = text_content(highlighted_words(raw, is_plain=False)).index(words)
    span = laid.in_raw(start, words)
    assert span is not None
    assert raw[slice(*span)] == expected
    assert laid.quote(*span) == words


def test_the_same_words_twice_are_told_apart() -> None:
    """By where the browser says that they stand."""
    raw = "**yes** no yes"
    assert HighlightedText(raw, is_plain=False).in_raw(0, "yes") == (2, 5)
    assert HighlightedText(raw, is_plain=False).in_raw(7, "yes") == (11, 14)
    # A little beside it, as when a message has grown: the nearest.
    assert HighlightedText(raw, is_plain=False).in_raw(6, "yes") == (11, 14)


def test_white_space_around_words_is_not_of_them() -> None:
    """A double click takes the space behind a word along."""
    assert HighlightedText("a  word here", is_plain=True).in_raw(1, "  word ") == (3, 7)


@pytest.mark.parametrize("exact", ["", "  \n", "not there", "(picture at another site)"])
def test_what_cannot_be_found(exact: str) -> None:
    """None, and not a guess."""
    assert HighlightedText("an ![picture](http://x.y/z)", is_plain=False).in_raw(0, exact) is None


@settings(max_examples=300, deadline=None)
@given(raw=st.text(alphabet="ab *_`~[]()<>!#>|-+1.\\&;:/\n\r\t🙂ث$^", max_size=60))
def test_any_markdown_comes_out_even(raw: str) -> None:
    """Every character that the page shows stands where it is said to, or was written in another way."""
    shown, places = (
        text_content(highlighted_words(raw, is_plain=False)),
        places_in_markdown(raw, text_content(highlighted_words(raw, is_plain=False))),
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
    marks = [Stripe(min(pair), max(pair), "blue", "id", "A <note>") for pair in ends]
    words = HighlightedText(raw, is_plain).marked(marks)
    assert text_content(words) == text_content(highlighted_words(raw, is_plain))
    assert words.count("<mark") == words.count("</mark>")


def test_each_of_overlapping_marks_keeps_its_colour_and_its_lane() -> None:
    """Where two overlap, one stands in the other on a lane below; the innermost says both."""
    stripes = [Stripe(0, 7, "blue", "a", "Code: A"), Stripe(4, 13, "red", "b", "Code: B")]
    words = HighlightedText("one two three", is_plain=True).marked(stripes)
    assert words == (
        '<p class="plain" dir="auto"><mark class="blue" data-of="a" title="Code: A" aria-details="a-a">one '
        '</mark><mark class="red lane-1" data-of="b" title="Code: B" aria-details="a-b">'
        '<mark class="blue" data-of="a" title="Code: A; Code: B" aria-details="a-a">two'
        '</mark></mark><mark class="red lane-1" data-of="b" title="Code: B" aria-details="a-b"> three'
        "</mark></p>"
    )


@given(ends=st.lists(st.tuples(st.integers(0, 11), st.integers(1, 12)), max_size=6))
def test_no_two_marks_share_a_lane_where_they_overlap(ends: list[tuple[int, int]]) -> None:
    """Each word bears as many stripes as marks, each at a height of its own."""
    stripes = [Stripe(a, a + n, "blue", str(i)) for i, (a, n) in enumerate(ends)]
    words = HighlightedText("abcdefghijkl", is_plain=True).marked(stripes)
    for opened in re.findall(r"(?:<mark [^>]*>)+", words):
        lanes = re.findall(r"lane-(\d)", opened)
        assert len(set(lanes)) == len(lanes) >= opened.count("<mark") - 1
    for number, (begin, length) in enumerate(ends):
        told = re.findall(rf'class="([^"]*)" data-of="{number}"', words)
        assert len(set(told)) == 1, (begin, length)


def test_script_stays_text() -> None:
    """Marked or not."""
    raw = "<script>alert(1)</script> & more"
    words = HighlightedText(raw, is_plain=True).marked([Stripe(0, 8, "blue", "a")])
    assert "<script>" not in words
    assert str(escape("<script>")) in words
