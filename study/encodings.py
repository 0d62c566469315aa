r"""A text as it reads with its escapes undone, and where each character of that stood.

Percent (`%2B`), backslashes as of Python and JSON (`\n`, `\x2b`, `\u002b`), HTML (`&amp;`, `&#43;`), one
around another: an error in JSON in a traceback is three deep. Nobody says in which order they were put on,
and undone in another one they mean something else: all orders are tried.
"""

import html
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

# An error in JSON, quoted in JSON, in a page, in a log of JSON.
_DEEPEST: Final = 5
# Of all orders together: a text that is escaped so often was made for us to wait.
_MOST: Final = 40


@dataclass(frozen=True)
class Layer:
    """A text with some layers of escapes undone.

    Args:
        text: As it reads then.
        lowered: The same in small letters, character by character.
        places: Where each character began in the text at the start, and where the last ended; None where
            nothing was undone.
        depth: How many layers were undone.
    """

    text: str
    lowered: str
    places: list[int] | None = None
    depth: int = 0

    def place(self, span: tuple[int, int]) -> tuple[int, int]:
        """Where a stretch of this layer stood in the text at the start."""
        if self.places is None:
            return span
        return self.places[span[0]], self.places[span[1]]


def layers_of(text: str) -> Iterator[Layer]:
    """A text as it stands, and as it reads with its escapes undone, once, twice, ..., in every order."""
    waiting = deque([Layer(text, small(text))])
    seen = {text}
    while waiting:
        layer = waiting.popleft()
        yield layer
        if layer.depth == _DEEPEST:
            continue
        for mark, escape, meant in _KINDS:
            if mark in layer.text and len(seen) < _MOST:
                undone = _undo(layer, escape, meant)
                if undone.text not in seen:
                    seen.add(undone.text)
                    waiting.append(undone)


def small(text: str) -> str:
    """A text in small letters, of the same length: a few letters become two when they are lowered."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


Escape = re.Match[str]


def _undo(layer: Layer, escape: re.Pattern[str], meant: Callable[[Escape], str]) -> Layer:
    text, before, done = layer.text, layer.places or range(len(layer.text) + 1), 0
    pieces: list[str] = []
    places: list[int] = []
    for found in escape.finditer(text):
        letters = meant(found)
        pieces += [text[done : found.start()], letters]
        places.extend(before[done : found.start()])
        places.extend([before[found.start()]] * len(letters))
        done = found.end()
    places.extend(before[done:])
    undone = "".join([*pieces, text[done:]])
    return Layer(undone, small(undone), places, layer.depth + 1)


def _percent(found: Escape) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace")


def _backslash(found: Escape) -> str:
    if found["pair"]:
        halves = (int(half, 16).to_bytes(2) for half in found["pair"].lower()[1:].split("\\u"))
        return b"".join(halves).decode("utf-16-be")
    if found["code"]:
        code = int(found["code"].lstrip("xXuU").strip("{}"), 16)
        return chr(code) if code <= 0x10FFFF else found[0]
    return _LETTERS.get(found["letter"], found["letter"])


def _entity(found: Escape) -> str:
    return html.unescape(found[0])


_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_BACKSLASH: Final = r"""
    \\ (?: (?P<pair> u[dD][89abAB][0-9a-fA-F]{2} \\u[dD][c-fC-F][0-9a-fA-F]{2} )
         | (?P<code> [xX][0-9a-fA-F]{2} | U[0-9a-fA-F]{8} | [uU][0-9a-fA-F]{4} | u\{[0-9a-fA-F]{1,6}\} )
         | (?P<letter> [ntrbfv0] | [^A-Za-z0-9] ) )
"""
_KINDS: Final[tuple[tuple[str, re.Pattern[str], Callable[[Escape], str]], ...]] = (
    ("%", re.compile("(?:%[89A-Fa-f][0-9A-Fa-f])+|%[0-7][0-9A-Fa-f]"), _percent),
    ("\\", re.compile(_BACKSLASH, re.VERBOSE | re.DOTALL), _backslash),
    ("&", re.compile("&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"), _entity),
)
