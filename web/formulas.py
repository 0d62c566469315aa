r"""Formulas in Markdown: \( \) and $$ $$ among words, \[ \] and $$ $$ in lines of their own.

A price stays a price. What is no formula stays as Markdown has it, but for the backslash of one that does
not end, which stays: no letter of a text is lost. On Chainlit's page public/page/formulas/reading.js does the
same, and tests/formulas.py is the table of cases that both are held to.
"""

import html
import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from web.mathml import mathml

# A backslash and what follows it are one; no blank line is inside.
_ROUND: Final = re.compile(r"\\\(((?:(?!\\\)|\n[ \t]*\n)(?:\\.|[^\\]))*)\\\)", re.DOTALL)
_SQUARE: Final = re.compile(r"\\\[((?:(?!\\\]|\n[ \t]*\n)(?:\\.|[^\\]))*)\\\]", re.DOTALL)
_DOLLARS: Final = re.compile(r"\$\$((?:(?!\$\$|\n[ \t]*\n)(?:\\.|[^\\]))*)\$\$(?!\$)", re.DOTALL)
_OPENINGS: Final = {r"\(": _ROUND, r"\[": _SQUARE, "$$": _DOLLARS}
# A formula in lines of its own ends these.
_STOPS: Final = ["paragraph", "reference", "blockquote", "list"]
# Lines that one may have.
_MOST_LINES: Final = 200
# What tells a formula from words: a sign of one; two letters side by side are a word.
_SIGN: Final = re.compile(r"[\\^_={}<>+]")
_WORD: Final = re.compile(r"[^\W\d_]{2}")


def formulas(reader: MarkdownIt) -> None:
    """Teach a reader of Markdown formulas."""
    formulas_among_words(reader)
    reader.block.ruler.before("fence", "formula_block", _block, {"alt": _STOPS})
    reader.core.ruler.after("block", "formula_fence", _fenced)
    rules = reader.renderer.rules  # type: ignore[attr-defined]
    rules["formula"] = rules["formula_block"] = lambda tokens, index, *_: draw_formula(tokens[index])


def formulas_among_words(reader: MarkdownIt) -> None:
    """Teach the inline parser alone."""
    reader.inline.ruler.before("escape", "formula", _inline)


def draw_formula(token: Token) -> str:
    """A formula as HTML: MathML, or as it was written where that cannot be."""
    made = mathml(token.content, "block" if token.type == "formula_block" else "inline")
    if made is None:
        return f'<code class="formula" dir="ltr">{html.escape(token.markup)}</code>'
    return made.replace("<math", f'<math dir="ltr" data-said="{html.escape(token.markup)}"', 1)


def _inline(state: StateInline, silent: bool) -> bool:
    opening = state.src[state.pos : state.pos + 2]
    if opening not in _OPENINGS:
        return False
    found = _found(state, opening)
    if opening == "$$":
        return _among_words(state, found, silent)
    if found is None:
        return _kept(state, silent)
    return _among_words(state, found, silent)  # or what Markdown writes so: [sic]


def _found(state: StateInline, opening: str) -> re.Match[str] | None:
    """A formula that begins here; where one does not end, the text is not looked through for the others."""
    endless = state.env.setdefault("formulas without an end", set())
    if (opening, state.src) in endless:
        return None
    found = _OPENINGS[opening].match(state.src, state.pos)
    if found is None:
        endless.add((opening, state.src))
    return found


def _among_words(state: StateInline, found: re.Match[str] | None, silent: bool) -> bool:
    if found is None or not _is_formula(found):
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.markup = found[0]
        token.content = formula_on_one_line(found[1])
        if found[0].startswith("\\["):
            token.content = rf"\displaystyle {token.content}"
    state.pos = found.end()
    return True


def _kept(state: StateInline, silent: bool) -> bool:
    """A formula that does not end, or not yet."""
    if not silent:
        state.pending += state.src[state.pos : state.pos + 2]
    state.pos += 2
    return True


def _is_formula(found: re.Match[str]) -> bool:
    inside = found[1]
    if not inside.strip():
        return False
    if found[0].startswith("\\("):
        return True
    spaced = (inside[0].isspace(), inside[-1].isspace())
    if found[0].startswith("\\["):
        return bool(_SIGN.search(inside)) or (all(spaced) and not _WORD.search(inside))
    behind = found.string[found.end() : found.end() + 1]
    if spaced[0] != spaced[1] or behind.isdigit() or found.string[: found.start()].endswith("$"):
        return False
    one_word = len(inside.split()) == 1 and not any(spaced)
    return bool(_SIGN.search(inside)) or not _WORD.search(inside) or one_word


def formula_on_one_line(tex: str) -> str:
    """A formula without its line ends, which mean nothing, and without what a % takes out of a line."""
    lines = (re.sub(r"(?<!\\)%.*", "", line).strip() for line in tex.strip().split("\n"))
    return " ".join(line for line in lines if line)


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    at = state.bMarks[start] + state.tShift[start]
    opening = state.src[at : at + 2]
    endless: dict[str, int] = state.env.setdefault("lines without an end of", {})
    if opening not in ("$$", r"\[") or start < endless.get(opening, 0):
        return False
    last, found = _all_of(state, opening, start, min(end, start + _MOST_LINES))
    if found is None:
        endless[opening] = last
        return False
    if not _stands_alone(found):
        return False
    if not silent:
        token = state.push("formula_block", "math", 0)
        token.block, token.map = True, [start, last]
        token.markup, token.content = found[0], formula_on_one_line(found[1])
    state.line = last
    return True


def _all_of(state: StateBlock, opening: str, start: int, end: int) -> tuple[int, re.Match[str] | None]:
    """What begins in a line, to where it ends; the line behind it, or behind the last that was looked at."""
    closing = {"$$": "$$", r"\[": r"\]"}[opening]
    lines: list[str] = []
    for number in range(start, end):
        if number > start and (state.isEmpty(number) or state.sCount[number] < state.blkIndent):
            return number, None
        lines.append(state.getLines(number, number + 1, state.blkIndent, False).strip())
        if closing in (lines[-1] if lines[1:] else lines[0][2:]):
            found = _OPENINGS[opening].match("\n".join(lines))
            if found is not None:
                return number + 1, found
    return end, None


def _stands_alone(found: re.Match[str]) -> bool:
    """Whether a formula is all that stands in its lines, and is one."""
    if found.end() < len(found.string) or not found[1].strip():
        return False
    return found[0].startswith("$$") or "\n" in found[0] or _is_formula(found)


def _fenced(state: StateCore) -> None:
    """Code in the language "math" is a formula, as Chainlit's page has it."""
    for token in state.tokens:
        if token.type == "fence" and token.info.strip() == "math":
            token.type, token.content = "formula_block", formula_on_one_line(token.content)
            token.markup = f"$$\n{token.content}\n$$"
