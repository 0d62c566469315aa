"""Thinking that a server leaves in the text: `<think>...</think>` before the reply.

Only a tag at the very beginning opens it: one that comes later is one that the reply speaks of. Inside of
thinking, a closing tag between backticks is spoken of too. One within a code fence may be: it is when another
comes after it. Until then nobody knows, and what follows it is held back.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias

from agent.code_fences import CodeFences
from study.text import is_blank

Kind: TypeAlias = Literal["text", "thinking"]

# Opening and closing tags, in small letters, as models and the servers before them write them.
TAGS: Final = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reason>": "</reason>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "\u25c1think\u25b7": "\u25c1/think\u25b7",
    "<|begin_of_thought|>": "<|end_of_thought|>",
}
CLOSING: Final = TAGS["<think>"]
_UNOPENED: Final = re.compile(f"[^`]{CLOSING}")


@dataclass(frozen=True, slots=True)
class SeparatedText:
    """A stretch of one kind; never empty."""

    kind: Kind
    text: str


class _State(Enum):
    OPENING = "a tag may still open thinking"
    THINKING = "until a tag closes it"
    REPLY = "all the rest"


class ThinkingSplitter:
    """Takes a reply apart as it comes; however it is cut into pieces, the result is the same.

    A reply without thinking passes as it is, unless nothing of it can be seen. After thinking, white space
    before the reply is left out.

    Args:
        inside: The reply begins inside of thinking: the model's template has opened it already.

    Attributes:
        unopened: A closing tag stood in the reply that nothing had opened.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self.unopened = False
        self._inside = inside
        self._state = _State.OPENING
        self._had_thinking = False
        self._lead = ""  # white space that may belong to the reply
        self._tag = ""  # what may become a tag
        self._closing = CLOSING
        self._spans = False  # an odd number of backticks on thinking's last line
        self._fences = CodeFences()
        self._doubtful: list[str] | None = None  # from a closing tag within a code fence on
        self._tail = "\n"  # of the reply
        self._out: list[SeparatedText] = []

    def feed(self, text: str) -> list[SeparatedText]:
        """Take a piece.

        Args:
            text: More of what the server sent as the reply.

        Returns:
            What is known to be text or thinking by now.
        """
        for place, character in enumerate(text):
            if self._state is _State.REPLY:
                self._reply(text[place:])
                break
            self._take(character)
        return self._given()

    def end(self) -> list[SeparatedText]:
        """Nothing more comes.

        Returns:
            What was held back.
        """
        if self._state is _State.OPENING and self._tag:
            self._not_a_tag()
        if self._state is _State.THINKING:
            tag, self._tag = self._tag, ""
            if self._closes(tag):
                self._close(tag)
            else:
                self._think(tag)
        if self._doubtful is not None:
            # No other tag came: that one was meant, and the code fence before it was left open.
            self._reply(_from_first_visible("".join(self._doubtful[1:])))
        return self._given()

    def expect_reply(self) -> None:
        """The server tells thinking and text apart by itself: what it calls text begins outside."""
        self._inside = False

    def _take(self, character: str) -> None:
        if self._state is _State.OPENING:
            self._take_opening(character)
        elif self._state is _State.THINKING:
            self._take_thinking(character)
        else:
            self._reply(character)

    def _take_opening(self, character: str) -> None:
        if not self._tag and is_blank(character):
            self._lead += "" if self._had_thinking else character
            return
        self._tag += character
        tag = self._tag.lower()
        if tag in TAGS:
            self._begin_thinking(TAGS[tag])
        elif not any(opening.startswith(tag) for opening in TAGS):
            self._not_a_tag()

    def _begin_thinking(self, closing: str) -> None:
        self._state, self._had_thinking, self._inside = _State.THINKING, True, False
        self._lead = self._tag = ""
        self._closing, self._fences, self._spans = closing, CodeFences(), False

    def _not_a_tag(self) -> None:
        held, self._lead, self._tag = self._lead + self._tag, "", ""
        if self._inside:
            self._begin_thinking(CLOSING)
        else:
            self._state = _State.REPLY
        for character in held:
            self._take(character)

    def _take_thinking(self, character: str) -> None:
        tag, self._tag = self._tag, ""
        if self._closes(tag):  # behind a backtick: what follows it says whether it is spoken of
            if character != "`":
                self._close(tag)
                self._take(character)
                return
            self._think(tag)
            tag = ""
        elif tag and not self._closing.startswith((tag + character).lower()):
            self._think(tag)
            tag = ""
        self._fences.see(character)
        if not tag and character != self._closing[0]:
            self._think(character)
        elif self._closes(tag + character) and not self._spans:
            self._close(tag + character)
        else:
            self._tag = tag + character

    def _closes(self, tag: str) -> bool:
        return tag.lower() == self._closing

    def _close(self, tag: str) -> None:
        if self._fences.is_open:
            self._doubtful = self._doubtful or []
            self._think(tag)
            return
        if self._doubtful is not None:
            self._out.append(SeparatedText("thinking", "".join(self._doubtful)))
            self._doubtful = None
        self._state = _State.OPENING

    def _think(self, text: str) -> None:
        if not text:
            return
        self._spans = text != "\n" and self._spans != (text == "`")
        if self._doubtful is None:
            self._out.append(SeparatedText("thinking", text))
        else:
            self._doubtful.append(text)

    def _reply(self, text: str) -> None:
        if not text:
            return
        self._out.append(SeparatedText("text", text))
        if not self._had_thinking and not self.unopened:
            recent = self._tail + text
            self.unopened = _UNOPENED.search(recent) is not None
            self._tail = recent[-len(CLOSING) :]

    def _given(self) -> list[SeparatedText]:
        """What came out, joined to stretches."""
        given: list[SeparatedText] = []
        stretch: list[str] = []
        for place, said in enumerate(self._out):
            stretch.append(said.text)
            if place + 1 == len(self._out) or self._out[place + 1].kind != said.kind:
                given.append(SeparatedText(said.kind, "".join(stretch)))
                stretch = []
        self._out = []
        return given


def _from_first_visible(text: str) -> str:
    return next((text[at:] for at, character in enumerate(text) if not is_blank(character)), "")
