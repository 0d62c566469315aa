"""Escapes undone: what a text reads as, and where each character of that stood."""

from urllib.parse import quote

import pytest

from study.encodings import layers_of, small


def readings(text: str) -> list[str]:
    """What a text reads as, in the order in which it is looked at."""
    return [layer.text for layer in layers_of(text)]


def quoted(text: str, times: int) -> str:
    """A text in percent signs, so many times."""
    for _ in range(times):
        text = quote(text, safe="")
    return text


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("a%2Bb", "a+b"),
        ("%c3%BC%2b", "ü+"),
        ("%FF", "\ufffd"),
        (r"a\nb\tc\\d\"", 'a\nb\tc\\d"'),
        (r"\x2B\u002b\U0001F469\u{1f469}", "++👩👩"),
        (r"\ud83d\udc69\uD83D\uDC69", "👩👩"),
        (r"\U0010FFFF\U00110000\u{110000}", "\U0010ffff\\U00110000\\u{110000}"),
        ("&lt;&amp;&#43;&#x2B;&quot;", '<&++"'),
    ],
)
def test_an_escape_reads_as_what_it_means(said: str, meant: str) -> None:
    """Of one kind, as often as it stands; what is none stays."""
    assert readings(f"a {said} z") == [f"a {said} z", f"a {meant} z"]


def test_a_text_without_escapes_reads_as_it_stands() -> None:
    """Its characters are where they are."""
    (layer,) = layers_of("100 words")
    assert (layer.text, layer.place((4, 9))) == ("100 words", (4, 9))


def test_where_a_character_stood_is_known_behind_two_layers() -> None:
    """From its first sign to its last; the one that nothing was done to beside it is in its place."""
    once, twice = list(layers_of("key%252Bof%252Bit"))[1:]
    assert (once.text, once.place((3, 6)), once.place((6, 8))) == ("key%2Bof%2Bit", (3, 8), (8, 10))
    assert (twice.text, twice.place((3, 4)), twice.place((7, 9))) == ("key+of+it", (3, 8), (15, 17))


def test_five_layers_are_undone_and_no_sixth() -> None:
    """An error in JSON, quoted in JSON, in a page, in a log of JSON is not deeper."""
    assert readings(quoted("+", 5))[-1] == "+"
    assert readings(quoted("+", 6))[-1] == "%2B"


def test_every_order_is_tried_to_the_last_layer() -> None:
    """Whichever of two kinds was put on first."""
    assert {r"+ \n", "%2B \n"} <= set(readings(rf"{quoted('+', 5)} \n"))


def test_no_text_keeps_us_for_long() -> None:
    """One that is escaped in three ways, five times each, is looked at forty times."""
    slashes = "\\" * 32
    assert len(readings(f"{quoted('+', 5)} {slashes}n &{'amp;' * 5}")) == 40


def test_small_letters_stand_where_the_large_ones_stood() -> None:
    """A letter that becomes two when it is lowered is left."""
    assert small("AİÄB") == "aİäb"
