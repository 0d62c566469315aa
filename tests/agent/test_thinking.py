"""Thinking within the text: what is taken for it, and that it does not matter how the text comes."""

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.surrogates import WholeCharacters
from agent.thinking import ThinkingSplitter

FENCE: Final = "```"


def split(pieces: Sequence[str], *, inside: bool = False) -> tuple[str, str]:
    """Take a reply apart.

    Returns:
        Its thinking and its text.
    """
    splitter = ThinkingSplitter(inside=inside)
    said = [one for piece in pieces for one in splitter.feed(piece)] + splitter.end()
    assert all(one.text for one in said)
    return tuple(  # type: ignore[return-value]
        "".join(one.text for one in said if one.kind == kind) for kind in ("thinking", "text")
    )


REPLIES: Final = [
    ("Hello.", "", "Hello."),
    (" \n Hello.\n", "", " \n Hello.\n"),
    ("<think>Hm.</think>Hello.", "Hm.", "Hello."),
    ("\n <think>\nHm.\n</think>\n\nHello.\n", "\nHm.\n", "Hello.\n"),
    ("<Think>Hm.</THINK>Hello.", "Hm.", "Hello."),
    ("<thinking>Is </think> one?</thinking>No.", "Is </think> one?", "No."),
    ("[THINK]Hm.[/THINK]Hello.", "Hm.", "Hello."),
    ("<thought>Hm.</thought>Hello.", "Hm.", "Hello."),
    ("<reason>Hm.</reason>Hello.", "Hm.", "Hello."),
    ("<reasoning>A <reason>.</reasoning>Hello.", "A <reason>.", "Hello."),
    ("<seed:think>Hm.</seed:think>Hello.", "Hm.", "Hello."),
    ("\u25c1think\u25b7Hm.\u25c1/think\u25b7Hello.", "Hm.", "Hello."),
    ("<|begin_of_thought|>Hm.<|end_of_thought|>\nHello.", "Hm.", "Hello."),
    ("<|begin|>Hello.", "", "<|begin|>Hello."),
    ("<think></think>Hello.", "", "Hello."),
    ("<think>One.</think>\n<think>Two.</think>\nHello.", "One.Two.", "Hello."),
    ("<think>Hm.", "Hm.", ""),
    ("<think>Hm.</thi", "Hm.</thi", ""),
    ("<think>Hm.</think>", "Hm.", ""),
    ("<thi", "", "<thi"),
    ("<thinks>Hello.", "", "<thinks>Hello."),
    ("Write <think>so</think>.", "", "Write <think>so</think>."),
    ("`<think>` opens, `</think>` closes.", "", "`<think>` opens, `</think>` closes."),
    (f"{FENCE}xml\n<think>x</think>\n{FENCE}", "", f"{FENCE}xml\n<think>x</think>\n{FENCE}"),
    ("<think>It is `</think>`.</think>Yes.", "It is `</think>`.", "Yes."),
    ("<think>So: `x`</think>`y`", "So: `x`", "`y`"),
    ("<think>It is `the </think>`.</think>Yes.", "It is `the </think>`.", "Yes."),
    ("<think>A tick: `</think>Yes.", "A tick: `", "Yes."),
    ("<think>A tick: `</think>", "A tick: `", ""),
    (f"<think>a\n{FENCE}\n</think>\n{FENCE}\nb</think>Yes.", f"a\n{FENCE}\n</think>\n{FENCE}\nb", "Yes."),
    (f"<think>a\n{FENCE}\nopen</think>\n\nYes.", f"a\n{FENCE}\nopen", "Yes."),
    (f"<think>a\n{FENCE}\nx\n{FENCE}</think>Yes.", f"a\n{FENCE}\nx\n{FENCE}", "Yes."),
    (f"<think>~~~\n{FENCE}\n~~~\n</think>Yes.", f"~~~\n{FENCE}\n~~~\n", "Yes."),
    ("", "", ""),
    (" \n\u200b", "", ""),
    ("<think>Hm.</think> \n", "Hm.", ""),
]


@pytest.mark.parametrize(("reply", "thinking", "text"), REPLIES, ids=range(len(REPLIES)))
def test_thinking_is_told_from_text(reply: str, thinking: str, text: str) -> None:
    """Tags at the beginning are thinking; those that a reply or a thought speaks of are not."""
    assert split([reply]) == (thinking, text)
    assert split(list(reply)) == (thinking, text)


INSIDE: Final = [
    ("Hm.</think>\nHello.", "Hm.", "Hello."),
    ("<think>Hm.</think>Hello.", "Hm.", "Hello."),
    ("\nHm.", "\nHm.", ""),
    ("</think>Hello.", "", "Hello."),
]


@pytest.mark.parametrize(("reply", "thinking", "text"), INSIDE, ids=range(len(INSIDE)))
def test_a_template_may_have_opened_it(reply: str, thinking: str, text: str) -> None:
    """A reply that begins inside of thinking ends it by the closing tag alone, and may repeat the opening."""
    assert split([reply], inside=True) == (thinking, text)
    assert split(list(reply), inside=True) == (thinking, text)


PARTS: Final = st.sampled_from(
    [
        "<think>",
        "</think>",
        "<thinking>",
        "</thinking>",
        "<|begin_of_thought|>",
        "<|end_of_thought|>",
        "`",
        FENCE,
        "\n",
        " ",
        "~~~",
        "a",
        "<",
        "</",
        "é",
        "\u200b",
    ]
)


@given(st.lists(PARTS, max_size=20).map("".join), st.data(), st.booleans())
def test_it_does_not_matter_how_a_reply_is_cut(reply: str, data: st.DataObject, inside: bool) -> None:
    """Whole, letter by letter or in any pieces: thinking and text are the same, in the same order."""
    places = sorted(data.draw(st.lists(st.integers(0, len(reply)), max_size=8)))
    pieces = [reply[a:b] for a, b in zip([0, *places], [*places, len(reply)], strict=True)]
    assert split(pieces, inside=inside) == split([reply], inside=inside) == split(list(reply), inside=inside)


@given(st.text(PARTS.flatmap(lambda part: st.sampled_from(part or "a")), max_size=30))
def test_a_reply_without_an_opening_tag_passes_as_it_is(reply: str) -> None:
    """Nothing is added to it and nothing is taken away, but that white space alone is nothing."""
    visible = "x" + reply
    assert split(list(visible)) == ("", visible)


@pytest.mark.parametrize(
    ("reply", "unopened"),
    [
        ("Hm.</think>Hello.", True),
        ("It is `</think>`.", False),
        ("<think>Hm.</think>Hello.</think>", False),
        ("Hello.", False),
    ],
)
def test_a_closing_tag_that_nothing_opened_is_noticed(reply: str, unopened: bool) -> None:
    """The words stand as they were shown; that the server leaves out the opening tag can be told."""
    for pieces in ([reply], list(reply)):
        splitter = ThinkingSplitter()
        for piece in pieces:
            splitter.feed(piece)
        assert splitter.unopened == unopened


@given(st.text(), st.data())
@example("😀", None)
def test_characters_cut_in_two_are_joined(text: str, data: st.DataObject | None) -> None:
    """Any text whose UTF-16 comes in any pieces is whole again."""
    units = [
        chr(int.from_bytes(pair, "little")) for pair in _pairs(text.encode("utf-16-le", "surrogatepass"))
    ]
    places = sorted(data.draw(st.lists(st.integers(0, len(units)), max_size=6))) if data else [1]
    pieces = ["".join(units[a:b]) for a, b in zip([0, *places], [*places, len(units)], strict=True)]
    joiner = WholeCharacters()
    assert "".join([joiner.feed(piece) for piece in pieces]) + joiner.end() == text


def test_a_half_that_stays_alone_is_replaced() -> None:
    """At the end, before another character, and a second half without a first: U+FFFD each."""
    joiner = WholeCharacters()
    said = [joiner.feed(piece) for piece in ("a\ud83d", "b", "\ude00c", "\ud83d", "\ud83d")]
    assert "".join(said) + joiner.end() == "a\ufffdb\ufffdc\ufffd\ufffd"


def _pairs(data: bytes) -> list[bytes]:
    return [data[at : at + 2] for at in range(0, len(data), 2)]
