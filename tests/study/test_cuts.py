"""Where a text may be cut: nobody reads half a flag, half a family, or an accent without its letter."""

import ast
import unicodedata
from collections.abc import Callable

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from data_layer.database.text import (
    OPENING_LENGTH,
    SHOWN_LENGTH,
    TAG_LENGTH,
    TITLE_LENGTH,
    clean_tags,
    shown_opening,
    title_of,
)
from data_layer.search.snippets import LENGTH, snippet
from study.text import beginning, ending, grapheme_at
from tests.house.tree import PACKAGES, modules, tree
from web.file_names import LONGEST_NAME, plain_name

# What Unicode puts together: flags, families, skin tones, letters under marks, a keycap, Hangul in its jamo,
# Devanagari, a flag of tags, a line's end of two characters.
TOGETHER = [
    *("🇩🇪", "🇺🇳", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "👩🏿‍🚀", "e\u0301", "a\u0323\u0302", "1️⃣", "✌🏻"),
    *("\u1112\u1161\u11ab", "한\u11ab", "क्ष", "ನಿ", "กำ"),
    *("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\r\n"),
]
PLAIN = list("ab .,é中ש7👩🇩\u200d\u0301")
TEXTS = st.lists(st.sampled_from(TOGETHER) | st.sampled_from(PLAIN), max_size=60).map("".join)
LENGTHS = st.integers(min_value=1, max_value=70)


def places(text: str) -> set[int]:
    """All places between graphemes, by looking at the whole text."""
    return {0} | {found.end() for found in regex.finditer(r"\X", text)}


def first(text: str) -> str:
    """A text's first grapheme."""
    found = regex.match(r"\X", text)
    return found[0] if found else ""


@given(TEXTS, LENGTHS)
def test_a_beginning_ends_between_graphemes(text: str, length: int) -> None:
    """It holds as much as there is room for; only a first grapheme without room for it is cut."""
    cut = beginning(text, length)
    fitting = max(place for place in places(text) if place <= length)
    assert cut == (text[:fitting] if fitting else text[:length])


@given(TEXTS, LENGTHS)
def test_an_end_begins_between_graphemes(text: str, length: int) -> None:
    """Likewise of the last one."""
    cut = ending(text, length)
    fitting = min(place for place in places(text) if len(text) - place <= length)
    last = sorted(places(text))[-2:][0]
    assert cut == (text[fitting:] if fitting < len(text) else text[last : last + length])


@pytest.mark.parametrize(
    ("text", "at", "begin"),
    [
        ("abc", 1, 1),
        ("ae\u0301", 2, 1),
        ("a\u0301\u0323b", 3, 3),
        ("🇩🇪🇫🇷", 2, 2),
        ("🇩🇪🇫🇷", 3, 2),
        ("👩\u200d👩b", 1, 0),
        ("👩\u200d👩b", 2, 0),
        ("👩\u200d👩b", 3, 3),
        ("", 0, 0),
    ],
)
def test_where_a_grapheme_begins_is_known(text: str, at: int, begin: int) -> None:
    """Of a place within one; a place between two is where the second begins."""
    assert grapheme_at(text, at) == begin


@pytest.mark.parametrize("before", ["", *TOGETHER, *PLAIN])
def test_no_letter_is_taken_for_a_grapheme_that_is_none(before: str) -> None:
    """Of European and Chinese letters, whose places are not looked at, whatever stands around them."""
    european = "".join(map(chr, range(0x300)))
    chinese = "".join(map(chr, (*range(0x4DF0, 0x4E10), *range(0x9FF0, 0xA010))))
    for text in (european + before + chinese, *(before.join(some) for some in (european, chinese))):
        known = places(text) | {len(text)}
        assert {at for at in range(len(text) + 1) if grapheme_at(text, at) == at} == known


@pytest.mark.parametrize("letter", ["", "a", "ab"])
def test_a_long_row_of_flags_is_counted_from_its_first(letter: str) -> None:
    """Each flag is two letters that mean something else in other pairs."""
    text = letter + "🇩🇪" * 2_000 + "."
    for room in (60, 61):
        assert ending(text, room) == "🇩🇪" * ((room - 1) // 2) + "."
    for letters in (2_000, 2_001):
        assert beginning(text, letters + len(letter)) == letter + "🇩🇪" * 1_000


@pytest.mark.timeout(60)
def test_flags_alone_keep_nobody_waiting() -> None:
    """Whoever sends very many of them does not stop the app: each was once counted from the first."""
    text = "🇩🇪" * 200_000
    assert beginning(text, 300_001) == "🇩🇪" * 150_000
    assert ending(text, 60) == "🇩🇪" * 30


CUTS: dict[str, tuple[Callable[[str], str], int]] = {
    "a title": (title_of, TITLE_LENGTH),
    "an opening": (lambda text: shown_opening(text.lstrip()[:OPENING_LENGTH]), SHOWN_LENGTH + 1),
    "a tag": (lambda text: "".join(clean_tags([text])), TAG_LENGTH),
    "a file's name": (plain_name, LONGEST_NAME),
    "a search hit": (lambda text: "".join(part.text for part in snippet(text, ["a"])), LENGTH + 2),
}


@pytest.mark.parametrize("what", CUTS)
@given(st.lists(st.sampled_from([*TOGETHER[:8], "한", "word", " "]), min_size=1, max_size=300))
def test_what_is_cut_holds_whole_graphemes(what: str, said: list[str]) -> None:
    """A title, a tag, a file's name and a search hit end where a grapheme does, within their length."""
    cut, length = CUTS[what]
    text = unicodedata.normalize("NFC", "".join(said))
    shown = cut(text)
    assert len(shown) <= length
    assert set(regex.findall(r"\X", shown)) <= {*regex.findall(r"\X", text), *"…file"}


# Each cuts no text that a person reads, or looks at it again.
BY_CHARACTERS = {
    "agent/failures.py": "what is masked, before it is cut",
    "agent/tool_calls.py": "a tool's name, as a model wrote it",
    "commands/pilot.py": "a list",
    "data_layer/conversations/intents.py": "a list",
    "agent/provider_words.py": "what is looked through; agent/failures.py cuts it",
    "data_layer/database/text.py": "words of the search's index",
    "data_layer/search/snippets.py": "what is looked through",
    "data_layer/people/researchers.py": "a browser's name of itself",
    "demo/telling.py": "as the database cuts an opening, which is looked at when it is shown",
    "research/threads/chosen.py": "the place in a list",
    "research/accounts/tokens.py": "a token's name, which is refused where it is longer than a name may be",
    "research/exports/form.py": "a table's name",
    "simulation/protocol/answering.py": "words of its own",
    "simulation/report.py": "a list",
}


def test_every_cut_of_a_text_is_by_grapheme() -> None:
    """No module slices by a text's length, but for what is listed: `beginning` and `ending` know where."""
    lengths = ("LONGEST", "LENGTH", "SHOWN", "LOOKED")
    cutting = {
        str(path)
        for path in modules()
        for node in ast.walk(tree(path))
        if path.parts[0] in PACKAGES and isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
        if any(length in ast.unparse(node.slice) for length in lengths)
    }
    assert cutting == set(BY_CHARACTERS)
