"""ELIZA: Joseph Weizenbaum's program of 1966, as a control condition that anybody can read.

Built from his paper (Communications of the ACM 9(1), 36-45) and from what his own program was found
to do: which memory comes up, and when (the counter LIMIT), is the program's and not the paper's.
A reply is a function of what the participant has said so far and of nothing else.
"""

import asyncio
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Final

from agent.context import ReplyContext, Utterance
from agent.eliza_pattern import put_together, take_apart
from agent.eliza_script import ElizaScript, Keyword, ScriptReply, ScriptRule, doctor
from agent.events import Done, Event
from agent.paced import paced
from study.agent_definitions import AgentKind, ElizaDefinition

# In 1966 a comma, a full stop and BUT parted sentences. A teletype had little else; what people type
# today to the same end is read as a full stop, and quotation marks and brackets as spaces.
_TOKEN: Final = re.compile(
    r"(?P<word>\d+(?:[.,:]\d+)+|[^\s.,;:!?…—–。，、；：！？؟،।()\[\]{}<>\"“”„«»‹›*_~`|]+)|(?P<stop>[.,;:!?…—–。，、；：！？؟،।\n])"
)
_APOSTROPHES: Final = str.maketrans("‘’ʼ", "'''")
_PARTING_WORD: Final = "BUT"
_ROUNDS: Final = 4

# Hollerith's six-bit code of the IBM 7094: runs of characters by the value of their first.
_SIX_BIT_RUNS: Final = {
    0o00: "0123456789",
    0o13: "='",
    0o20: "+ABCDEFGHI",
    0o33: ".)",
    0o40: "-JKLMNOPQR",
    0o53: "$*",
    0o60: " /STUVWXYZ",
    0o73: ",(",
}
_SIX_BIT: Final = {
    character: first + place for first, run in _SIX_BIT_RUNS.items() for place, character in enumerate(run)
}
_SPACE: Final = _SIX_BIT[" "]  # stands for what the code lacks
_CELL: Final = 6


class ElizaConversation:
    """One conversation with ELIZA, from its first utterance.

    Args:
        script: Whose keywords and rules.
    """

    def __init__(self, script: ElizaScript | None = None) -> None:
        self._script = script or doctor()
        self._used: Counter[ScriptRule] = Counter()
        self._memories: deque[str] = deque()
        self._limit = 1

    def answer(self, text: str) -> str:
        """Answer what the participant says next.

        Args:
            text: Anything.

        Returns:
            The reply, in capitals; never empty.
        """
        self._limit = self._limit % _ROUNDS + 1
        words, keys = self._scan(text)
        if not keys and self._limit == _ROUNDS and self._memories:
            return self._memories.popleft()
        if keys and keys[0].name == self._script.memory_keyword:
            self._remember(words)
        for key in keys:
            if (reply := self._apply(key, words)) is not None:
                return reply
        return " ".join(self._turn(self._script.none).text or ())

    def _scan(self, text: str) -> tuple[list[str], list[Keyword]]:
        """Keep the first part of the text that has a keyword, its words replaced, its keywords ranked."""
        words: list[str] = []
        keys: deque[Keyword] = deque()
        for token in _TOKEN.finditer(text.translate(_APOSTROPHES).upper()):
            word = token["word"]
            if word is None or word == _PARTING_WORD:
                if keys:
                    break
                words.clear()
                continue
            keyword = self._script.keywords.get(word)
            words.append(keyword.becomes or word if keyword else word)
            # Once each: a text of one word a thousand times would be taken apart a thousand times.
            if keyword and keyword.answers and keyword not in keys:
                if keys and keyword.rank <= keys[0].rank:
                    keys.append(keyword)
                else:
                    keys.appendleft(keyword)
        return words, list(keys)

    def _remember(self, words: Sequence[str]) -> None:
        rule = self._script.memory_rules[hash_of_word(words[-1])]
        taken = take_apart(rule.pattern, words)
        if taken is not None:
            self._memories.append(" ".join(put_together(rule.replies[0].text or (), taken)))

    def _apply(self, key: Keyword, words: Sequence[str]) -> str | None:
        """Follow a keyword's rules and links to a reply; None when it passes its turn (NEWKEY)."""
        while True:
            found = self._first_fit(key, words)
            if found is None and key.link is None:
                return self._script.no_match[self._limit - 1]
            reply, taken = found or (ScriptReply(link=key.link), [])
            built = None if reply.text is None else put_together(reply.text, taken)
            if reply.link is None:
                return None if built is None else " ".join(built)
            key = self._script.keywords[reply.link]
            words = words if built is None else built

    def _first_fit(
        self, key: Keyword, words: Sequence[str]
    ) -> tuple[ScriptReply, list[Sequence[str]]] | None:
        for rule in key.rules:
            taken = take_apart(rule.pattern, words)
            if taken is not None:
                return self._turn(rule), taken
        return None

    def _turn(self, rule: ScriptRule) -> ScriptReply:
        reply = rule.replies[self._used[rule] % len(rule.replies)]
        self._used[rule] += 1
        return reply


class ElizaAgent:
    """Answers as DOCTOR did.

    It keeps nothing between replies: the conversation is played again from the thread's beginning,
    so that it goes on the same after a restart, an edit or a new answer.

    Args:
        definition: From the study file.
    """

    kind = AgentKind.ELIZA.value
    unavailable_because: str | None = None

    def __init__(self, definition: ElizaDefinition) -> None:
        self.name = definition.name
        self._definition = definition

    async def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Answer the last utterance; see agent/base.py."""
        conversation = ElizaConversation()
        text = doctor().greeting
        for turn in turns:
            if turn.role == "user":
                text = conversation.answer(turn.content)
                # A long history of long messages takes tens of milliseconds: let others run in between.
                await asyncio.sleep(0)
        if self._definition.letters == "sentence":
            text = as_sentence(text)
        async with aclosing(paced(text, words=1, delay_ms=self._definition.delay_ms)) as deltas:
            async for delta in deltas:
                yield delta
        yield Done()

    async def close(self) -> None:
        """Hold nothing, let go of nothing."""


def as_sentence(text: str) -> str:
    """Write a reply in capitals as sentences are written today.

    Args:
        text: Such as "DO YOU SAY I AM SAD".

    Returns:
        Such as "Do you say I am sad". Names lose their capital: the text does not tell them apart.
    """
    lowered = re.sub(r"\bi\b", "I", text.lower())
    return re.sub(r"(\A\W*|[.?!]\s+)(\w)", lambda match: match[1] + match[2].upper(), lowered)


def hash_of_word(word: str) -> int:
    """Choose one of four, as the program did: by a word's last cell of six characters.

    The 7094 kept words in cells of six six-bit characters; SLIP's HASH squared the cell and took
    bits out of the middle.

    Args:
        word: In capitals, not empty.

    Returns:
        0 to 3.
    """
    last = word[(len(word) - 1) // _CELL * _CELL :].ljust(_CELL)
    cell = 0
    for character in last:
        cell = cell << 6 | _SIX_BIT.get(character, _SPACE)
    cell &= (1 << 35) - 1  # the sign bit does not take part in a multiplication
    return cell * cell >> 34 & 3
