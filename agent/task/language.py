"""What every task agent knows of a language (words.yaml), ready to be compared."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from agent.task.tokens import keys_of
from study.file_text import read_text

_FILE: Final = Path(__file__).with_name("words.yaml")

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Language:
    """One language.

    Args:
        code: As a dialogue file writes it.
        phrases: By their use (words.yaml), as keys of their words; the longest first.
        numbers: Words for numbers.
        filler: Words that say nothing by themselves.
    """

    code: str
    phrases: Mapping[str, tuple[Phrase, ...]]
    numbers: Mapping[str, int]
    filler: frozenset[str]

    def found(self, use: str, keys: Phrase, start: int = 0) -> tuple[int, int] | None:
        """Where a phrase of a use stands first.

        Args:
            use: Such as "cancel".
            keys: Of the words that are looked through.
            start: Where looking begins.

        Returns:
            The place of its first word and the one after its last.
        """
        for at in range(start, len(keys)):
            for phrase in self.phrases[use]:
                if keys[at : at + len(phrase)] == phrase:
                    return at, at + len(phrase)
        return None

    def has(self, use: str, keys: Phrase) -> bool:
        """Whether a phrase of a use stands among words."""
        return self.found(use, keys) is not None


@functools.cache
def language_named(code: str) -> Language:
    """One of the languages of words.yaml.

    Raises:
        KeyError: There is none of that name.
    """
    said: dict[str, Any] = _read()[code]
    numbers = {keys_of(word)[0]: number for word, number in said["numbers"].items()}
    uses = {use: words for use, words in said.items() if use not in ("numbers", "filler")}
    phrases = {
        use: tuple(sorted((keys_of(word) for word in words), key=len, reverse=True))
        for use, words in uses.items()
    }
    return Language(
        code, phrases, numbers, frozenset(key for word in said["filler"] for key in keys_of(word))
    )


@functools.cache
def _read() -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = yaml.safe_load(read_text(_FILE))
    return read
