"""ELIZA's script as data: keywords, and their rules with the replies.

eliza_script.yaml describes the notation.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from agent.eliza_pattern import PatternPart, pattern_of

SCRIPT_FILE: Final = Path(__file__).with_name("eliza_script.yaml")

Words: TypeAlias = tuple[str, ...]
_PRE: Final = re.compile(r"PRE \((?P<text>[^)]*)\) \(=(?P<link>[^)]*)\)")


@dataclass(frozen=True, slots=True)
class ScriptReply:
    """What a rule does when its turn has come.

    Args:
        text: The reply's words, numbers standing for what the pattern's parts found; for PRE the
            text to go on with; None when there is nothing to say.
        link: The keyword whose rules to go on with.

    With neither text nor link it is NEWKEY: the next keyword's turn.
    """

    text: Words | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ScriptRule:
    """A pattern and the replies that are used in turn when it fits. Equal only to itself."""

    pattern: tuple[PatternPart, ...]
    replies: tuple[ScriptReply, ...]


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that ELIZA knows."""

    name: str
    becomes: str | None = None
    rank: int = 0
    link: str | None = None
    rules: tuple[ScriptRule, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether there is anything to say; some words are only replaced."""
        return bool(self.rules) or self.link is not None


@dataclass(frozen=True, slots=True)
class ElizaScript:
    """The whole script."""

    greeting: str
    no_match: tuple[str, ...]
    none: ScriptRule
    memory_keyword: str
    memory_rules: tuple[ScriptRule, ...]
    keywords: Mapping[str, Keyword]


@cache
def doctor() -> ElizaScript:
    """Read the script of 1966.

    Returns:
        DOCTOR.
    """
    raw = yaml.safe_load(SCRIPT_FILE.read_text(encoding="utf-8"))
    return script_from(raw)


def script_from(raw: Mapping[str, Any]) -> ElizaScript:
    """Build a script from its data.

    Args:
        raw: In the shape of eliza_script.yaml.

    Returns:
        The script.
    """
    tags: dict[str, frozenset[str]] = {
        word: frozenset(entry.get("tags", ())) for word, entry in raw["keywords"].items()
    }
    return ElizaScript(
        greeting=raw["greeting"],
        no_match=tuple(raw["no_match"]),
        none=_rule("0", raw["none"], tags),
        memory_keyword=raw["memory"]["keyword"],
        memory_rules=tuple(_rule(rule["pattern"], [rule["reply"]], tags) for rule in raw["memory"]["rules"]),
        keywords={
            name: Keyword(
                name=name,
                becomes=entry.get("becomes"),
                rank=entry.get("rank", 0),
                link=entry.get("link"),
                rules=tuple(_rule(rule["pattern"], rule["replies"], tags) for rule in entry.get("rules", ())),
            )
            for name, entry in raw["keywords"].items()
        },
    )


def _rule(pattern: str, replies: Sequence[str], tags: Mapping[str, frozenset[str]]) -> ScriptRule:
    return ScriptRule(pattern_of(pattern, tags), tuple(_reply(reply) for reply in replies))


def _reply(text: str) -> ScriptReply:
    if text == "NEWKEY":
        return ScriptReply()
    if text.startswith("="):
        return ScriptReply(link=text[1:])
    if rewritten := _PRE.fullmatch(text):
        return ScriptReply(tuple(rewritten["text"].split()), rewritten["link"])
    return ScriptReply(tuple(text.split()))
