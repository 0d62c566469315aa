"""A protocol in several languages: files beside the named one, and which languages only some texts have."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from study.forms.texts import text_in
from study.protocol.definition import Protocol
from study.protocol.stages import ConsentDefinition
from study.protocol.surveys import Survey
from study.strings import ENGLISH, LANGUAGES


def beside(name: str, language: str) -> str:
    """The name of a text file in a language: "texts/consent.md" in German is "texts/consent.de.md"."""
    path = PurePosixPath(name)
    return str(path.with_suffix(f".{language}{path.suffix}"))


def text_for(texts: Mapping[str, str], name: str, language: str) -> str:
    """A text file in a language, where it is there; else the one that the study names.

    Args:
        texts: What was read.
        name: As the study names it.
        language: The participant's.
    """
    return texts.get(beside(name, language), texts[name])


def partly_spoken(
    protocol: Protocol, texts: Mapping[str, str], surveys: Mapping[str, Survey]
) -> Iterator[tuple[str, str, str]]:
    """What is not in a language in which others of a protocol are.

    The file that the study names counts as English, and so does a text that is written in no named language.

    Args:
        protocol: The study's.
        texts: Its text files.
        surveys: Its surveys.

    Returns:
        File or stage, language, and the repair.
    """
    have: dict[str, set[str]] = {}
    repairs: dict[str, str] = {}
    for name, (_, kind) in protocol.files.items():
        if kind == "text":
            there = {one for one in LANGUAGES if beside(name, one) in texts}
            have[name] = {ENGLISH} | there
            repairs[name] = f"Put {beside(name, '{}')} beside it."
        elif kind == "survey" and name in surveys:
            have[name] = _common(_words_of(surveys[name]))
            repairs[name] = "Write each of its texts like: label: {{en: Why?, {}: ...}}"
    for stage in protocol.stages:
        if isinstance(stage, ConsentDefinition):
            where = f"the boxes of the stage {stage.id}"
            have[where] = _common(stage.boxes.values())
            repairs[where] = "Write each like: take_part: {{en: I agree., {}: ...}}"
    spoken = set().union(*have.values())
    for where, languages in have.items():
        for language in (one for one in LANGUAGES if one in spoken - languages):
            yield where, language, repairs[where].format(language)


def _words_of(survey: Survey) -> Iterator[str | dict[str, str]]:
    for item in survey.items:
        said = (item.label, item.help, item.low, item.high, item.stem, *(one.label for one in item.options))
        yield from (words for words in said if words is not None)


def _common(words: Iterable[str | dict[str, str]]) -> set[str]:
    """The languages that all of some texts are in; numbers and signs are in all."""
    languages = set(LANGUAGES)
    is_said = False
    for text in words:
        if any(sign.isalpha() for sign in text_in(text, ENGLISH)):
            is_said = True
            languages &= {ENGLISH} if isinstance(text, str) else set(text)
    return languages if is_said else {ENGLISH}
