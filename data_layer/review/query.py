"""A researcher's search, read into a tree: words, "phrases", prefix*, AND, OR, NOT, brackets, role:agent.

Words beside each other must all stand. NOT binds closest, then AND, then OR; only in capitals are they
operators, so that any sentence of a message can be looked for as it is. A role says of which messages;
outside brackets it holds for the whole search, for who writes `river OR sea role:agent` means both.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from data_layer.database.text import search_words
from study.errors import QueryError
from study.vocabulary import StepType

LONGEST: Final = 500
MOST_WORDS: Final = 32
# Deeper brackets are a mistake, and would fill the stack.
DEEPEST: Final = 12

ROLES: Final[dict[str, StepType]] = {
    "participant": StepType.USER_MESSAGE,
    "agent": StepType.ASSISTANT_MESSAGE,
    "system": StepType.SYSTEM_MESSAGE,
}


@dataclass(frozen=True)
class Phrase:
    """Words that stand one behind the other; mostly one. The last may be the beginning of a word."""

    words: tuple[str, ...]
    prefix: bool = False

    def __str__(self) -> str:
        return f"{' '.join(self.words)}{'*' if self.prefix else ''}"


@dataclass(frozen=True)
class SaidTerm:
    """A message of a type."""

    type: StepType


@dataclass(frozen=True)
class Not:
    """A message for which something does not hold."""

    node: "Node"


@dataclass(frozen=True)
class All:
    """A message for which everything holds."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True)
class Either:
    """A message for which one of these holds."""

    nodes: "tuple[Node, ...]"


Node = Phrase | SaidTerm | Not | All | Either

_TOKEN: Final = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"(?P<star>\*?)|(?P<bracket>[()])|(?P<bare>[^\s()"]+))')
# What word processors and phones write for a quotation mark.
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


def parse(text: str) -> Node:
    """Read a search.

    Args:
        text: Whatever was typed.

    Returns:
        Its tree.

    Raises:
        QueryError: It cannot be read, or has nothing to look for; the sentence names the repair.
    """
    if len(text) > LONGEST:
        raise QueryError(f"The search is longer than {LONGEST} characters. Look for a shorter part of it.")
    plain = text.translate(_QUOTES)
    if plain.count('"') % 2:
        raise QueryError('A quotation mark is not closed. Write a phrase like: "long walks"')
    node = _Reader(plain).read()
    if sum(len(phrase.words) for phrase in phrases(node)) > MOST_WORDS:
        raise QueryError(f"The search has more than {MOST_WORDS} words. Leave some out.")
    return node


def phrases(node: Node, *, marked: bool = False) -> list[Phrase]:
    """All phrases of a tree, in order.

    Args:
        node: The tree.
        marked: Only those that can stand in what is found, not what is excluded.
    """
    if isinstance(node, Phrase):
        return [node]
    if isinstance(node, Not):
        return [] if marked else phrases(node.node)
    if isinstance(node, SaidTerm):
        return []
    return [phrase for one in node.nodes for phrase in phrases(one, marked=marked)]


class _Reader:
    """Reads tokens by recursive descent: either, both, one."""

    def __init__(self, text: str) -> None:
        self._tokens = [match for match in _TOKEN.finditer(text) if match.group().strip()]
        self._at = 0
        self._depth = 0
        self._roles: list[SaidTerm] = []
        self._text = text.strip()

    def read(self) -> Node:
        node = self._either()
        if self._at < len(self._tokens):
            raise QueryError("A bracket is closed that was not opened. Take the “)” out, or open it before.")
        if node is None and self._roles:
            return All(tuple(self._roles))
        if node is None:
            raise QueryError(f"There is no word to look for in “{self._text}”. Write a word of the message.")
        return All((node, *self._roles)) if self._roles else node

    def _peek(self) -> str:
        """The token that comes next, when it is an operator or a bracket."""
        if self._at == len(self._tokens):
            return "end"
        token = self._tokens[self._at]
        if token["bracket"]:
            return token["bracket"]
        return token["bare"] if token["bare"] in ("AND", "OR", "NOT") else ""

    def _either(self) -> Node | None:
        nodes = [self._both()]
        while self._peek() == "OR":
            self._step_over("OR", nodes[-1])
            nodes.append(self._both())
            if nodes[-1] is None:
                raise _hangs("OR")
        known = tuple(node for node in nodes if node is not None)
        return Either(known) if len(known) > 1 else known[0] if known else None

    def _both(self) -> Node | None:
        nodes: list[Node] = []
        while (sign := self._peek()) not in ("end", ")", "OR"):
            if sign == "AND":
                self._step_over("AND", (nodes or self._roles or [None])[-1])
                if self._peek() in ("end", ")", "OR", "AND"):
                    raise _hangs("AND")
            node = self._one()
            if isinstance(node, SaidTerm) and not self._depth:
                self._roles.append(node)
            elif node is not None:
                nodes.append(node)
        return All(tuple(nodes)) if len(nodes) > 1 else nodes[0] if nodes else None

    def _step_over(self, operator: str, before: Node | None) -> None:
        if before is None:
            raise _hangs(operator)
        self._at += 1

    def _one(self) -> Node | None:
        sign, token = self._peek(), self._tokens[self._at]
        self._at += 1
        if sign == "NOT":
            if self._peek() in ("end", ")", "AND", "OR"):
                raise _hangs("NOT")
            return self._deeper(self._negated)
        if sign == "(":
            return self._deeper(self._bracketed)
        if token["quoted"] is not None:
            return _phrase(token["quoted"], prefix=bool(token["star"]))
        return _word(token["bare"])

    def _deeper(self, read: Callable[[], Node | None]) -> Node | None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(f"Brackets and NOT stand more than {DEEPEST} deep. Write the search flatter.")
        node = read()
        self._depth -= 1
        return node

    def _negated(self) -> Node | None:
        node = self._one()
        return Not(node) if node is not None else None

    def _bracketed(self) -> Node | None:
        node = self._either()
        if self._peek() != ")":
            raise QueryError("A bracket is not closed. Write the “)” at the end of what belongs together.")
        self._at += 1
        return node


def _hangs(operator: str) -> QueryError:
    how = "NOT walks" if operator == "NOT" else f"river {operator} sea"
    return QueryError(
        f"{operator} needs a word {'behind it' if operator == 'NOT' else 'on both sides'}, like: {how}. "
        f"To look for the word itself, write it in small letters."
    )


def _phrase(text: str, *, prefix: bool) -> Phrase | None:
    words = search_words(text)
    # The index holds beginnings of two letters and more; for one it would go through half of all words.
    if words and prefix and len(words[-1]) == 1 and words[-1].isascii():
        raise QueryError(f"“{words[-1]}*” is too short. Write two letters or more before the star.")
    return Phrase(tuple(words), prefix) if words else None


def _word(text: str) -> Node | None:
    name, colon, role = text.partition(":")
    if name.casefold() == "role" and colon:
        if role.casefold() not in ROLES:
            known = ", ".join(f"role:{one}" for one in ROLES)
            raise QueryError(f"There is no role “{role}”. Write one of: {known}.")
        return SaidTerm(ROLES[role.casefold()])
    return _phrase(text, prefix=text.endswith("*"))
