"""Where each character that a message shows stands in its raw text.

A researcher marks words on the page; the record holds Markdown. The parser that draws a message is watched
while it works, so that "bold" is known to be characters 2 to 6 of "**bold**", and not guessed.
"""

import html
import re
from typing import Any, Final, Literal, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from research.markdown import NO_PICTURE, reader
from web.formulas import draw_formula, formulas_among_words

# A character's beginning and end in the raw text; None for what only the page has.
Place: TypeAlias = tuple[int, int] | None
Placed: TypeAlias = list[tuple[str, Place]]

TAG: Final = re.compile(r"(<[^>]*>)")
_CLOSING_HASHES: Final = re.compile(r"(?:^|[ \t])[ \t]*#+$")


def shown_of(raw: str) -> str:
    """A message's text as a browser reads it: HTML knows one kind of line end."""
    return raw.replace("\r\n", "\n").replace("\r", "\n")


def text_content(markup: str) -> str:
    """What `textContent` of a drawn text says."""
    return html.unescape("".join(part for part in TAG.split(markup) if not part.startswith("<")))


def places_in_plain(raw: str) -> list[Place]:
    """Of each character of a participant's message, as it is shown."""
    return list(_unfolded(raw))


def places_in_markdown(raw: str, shown: str) -> list[Place]:
    """Of each character of an agent's message.

    Args:
        raw: The message.
        shown: `text_of` the drawn message.
    """
    told = _Blocks(shown_of(raw)).placed()
    places: list[Place] = []
    position = 0
    for character in shown:
        # Between blocks the page has line ends of its own.
        if position < len(told) and told[position][0] == character:
            places.append(told[position][1])
            position += 1
        else:
            places.append(None)
    # What does not come out even was not understood: better no place than a wrong one.
    if position != len(told):
        return [None] * len(places)
    if "\r" not in raw:
        return places
    unfolded = _unfolded(raw)
    return [(unfolded[place[0]][0], unfolded[place[1] - 1][1]) if place else None for place in places]


def _unfolded(raw: str) -> list[tuple[int, int]]:
    """Of each character of `shown_of(raw)`, its place in `raw`."""
    if "\r" not in raw:
        return [(at, at + 1) for at in range(len(raw))]
    places: list[tuple[int, int]] = []
    at = 0
    while at < len(raw):
        end = at + (2 if raw.startswith("\r\n", at) else 1)
        places.append((at, end))
        at = end
    return places


class _State(StateInline):
    """Writes on each token where the parser stood when it was made."""

    at = 0
    pushed = 0

    def pushPending(self) -> Token:  # markdown-it's name
        text = self.pending
        start = self.at - len(text)
        # A line's end takes the spaces before it away.
        while start > 0 and not self.src.startswith(text, start):
            start -= 1
        token = super().pushPending()
        token.meta = {"start": start}
        return token

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        token = super().push(ttype, tag, nesting)
        token.meta = {"at": self.at, "nth": self.pushed}
        self.pushed += 1
        return token


class _Watched(ParserInline):
    """Parses as its parent does, and remembers where."""

    def tokenize(self, state: StateInline) -> None:
        assert isinstance(state, _State)
        rules, end, deepest = self.ruler.getRules(""), state.posMax, state.md.options["maxNesting"]
        while state.pos < end:
            state.at, state.pushed, made = state.pos, 0, len(state.tokens)
            at = state.at
            if state.level < deepest and any(rule(state, False) for rule in rules):
                for token in state.tokens[made:]:
                    token.meta.setdefault("to", state.pos)
                    token.meta.setdefault("from", at)
                continue
            state.append_pending(state.src[state.pos])
            state.pos += 1
        state.at = state.pos
        if state.pending:
            state.pushPending()

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _watching() -> MarkdownIt:
    made = reader()
    made.inline = _Watched()
    formulas_among_words(made)
    # They join tokens and keep the place of one only.
    made.disable(["fragments_join", "text_join"])
    return made


class _Blocks:
    """The blocks of a text, each laid against its lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def placed(self) -> Placed:
        """What is shown, with its places."""
        told: Placed = []
        row, after, kind = 0, 0, ""
        for token in _WATCHING.parse(self._text):
            if token.type == "tr_open" and token.map:
                row, after = token.map[0], -1
            elif token.type in ("fence", "code_block") and token.map:
                told += self._code(token.content, token.map[0] + (token.type == "fence"))
            elif token.type == "formula_block" and token.map:
                whole = (self._starts[token.map[0]], self._starts[token.map[1]] - 1)
                told += [(one, whole) for one in text_content(draw_formula(token))]
            elif token.type == "inline":
                if kind in ("th_open", "td_open"):
                    own, after = self._cell(token.content, row, after)
                else:
                    own = self._lined(token.content, token.map[0] if token.map else 0)
                told += [(one, _through(own, place)) for one, place in _inline(token)]
            kind = token.type
        return told

    def _code(self, content: str, first: int) -> Placed:
        places = self._lined(content.removesuffix("\n"), first)
        told: Placed = list(zip(content.removesuffix("\n"), places, strict=True))
        end = self._starts[min(first + content.count("\n"), len(self._lines))]
        return [*told, ("\n", (end - 1, end) if end <= len(self._text) else None)] if content else []

    def _lined(self, content: str, first: int) -> list[Place]:
        """Each line of a block is the end of a line of the text."""
        places: list[Place] = []
        for number, line in enumerate(content.split("\n"), first):
            if number > first:
                places.append((self._starts[number] - 1, self._starts[number]))
            raw = self._lines[number] if number < len(self._lines) else ""
            begin = _begin_of(line, raw)
            if begin is None:
                places += [None] * len(line)
            else:
                at = self._starts[number] + begin
                places += [(at + i, at + i + 1) for i in range(len(line))]
        return places

    def _cell(self, content: str, row: int, after: int) -> tuple[list[Place], int]:
        """A cell of a table: the next piece between bars; a bar in it was written with a backslash."""
        line = self._lines[row] if row < len(self._lines) else ""
        if after < 0:
            first, found, _ = line.partition("|")
            after = 0 if not found or (content and first.strip(" \t>") == content) else len(first) + 1
        places: list[Place] = []
        at = line.find(content[:1], after) if content else after
        for character in content:
            if character == "|" and line.startswith("\\|", at):
                at += 1
            if at < 0 or not line.startswith(character, at):
                return [None] * len(content), after
            places.append((self._starts[row] + at, self._starts[row] + at + 1))
            at += 1
        bar = line.find("|", at)
        return places, bar + 1 if bar >= 0 else len(line)


def _begin_of(line: str, raw: str) -> int | None:
    """Where a line of a block begins in the line that it was written as."""
    if raw.endswith(line):
        return len(raw) - len(line)
    bare = raw.rstrip()
    for whole in (bare, _CLOSING_HASHES.sub("", bare).rstrip()):
        if whole.endswith(line.rstrip()):
            return len(whole) - len(line.rstrip())
    return None


def _through(own: list[Place], place: Place) -> Place:
    """A place in a block's content as a place in the text."""
    if place is None or place[1] > len(own):
        return None
    first, last = own[place[0]], own[place[1] - 1]
    return (first[0], last[1]) if first and last else None


def _inline(token: Token) -> Placed:
    return [one for child in token.children or [] for one in _child(child, token.content)]


def _child(child: Token, source: str) -> Placed:
    meta = child.meta
    if child.type in ("softbreak", "hardbreak"):
        return [("\n", (meta["from"], meta["to"]))]
    if child.type == "image":
        return [*_straight(child.content, meta["from"] + 2), *((c, None) for c in f" ({NO_PICTURE})")]
    if child.type == "formula":  # no part of it stands anywhere by itself
        return [(one, (meta["from"], meta["to"])) for one in text_content(draw_formula(child))]
    if child.type == "code_inline":
        fence = len(child.markup)
        begin, end = meta["from"] + fence, meta["to"] - fence
        return _straight(child.content, begin + (end - begin - len(child.content)) // 2)
    if child.type == "text" and "start" in meta:
        return _straight(child.content, meta["start"])
    if child.type == "text" and child.content and set(child.content) <= set("*_~"):
        # Marks that mark nothing, one token each, or two at a time behind an odd one.
        odd = (meta["to"] - meta["at"]) % 2 if len(child.content) > 1 else 0
        return _straight(child.content, meta["at"] + meta["nth"] * len(child.content) - odd)
    if child.type == "text" and source.startswith(child.content, meta["from"] + 1):
        return _straight(child.content, meta["from"] + 1)  # an address between < and >
    return [(one, (meta["from"], meta["to"])) for one in child.content]


def _straight(content: str, start: int) -> Placed:
    return [(character, (start + i, start + i + 1)) for i, character in enumerate(content)]


_WATCHING: Final = _watching()
