"""Reading instrument files: those that are here, a study's own, and the words that others lack."""

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from pydantic import Field, ValidationError
from pydantic_core import PydanticCustomError

from study.complaints import FileKeys, complaint, unstorable
from study.errors import StudyFileError
from study.file_text import read_text
from study.instruments.definition import (
    AnswerRange,
    Citation,
    Instrument,
    InstrumentItem,
    Licence,
    WorkedExample,
    check_words,
)
from study.instruments.scales import MissingRule, ScoredScale
from study.instruments.scoring import example_problems
from study.instruments.words import InstrumentWords, ItemWords
from study.parts import StudyPart, Words
from study.strings import LANGUAGES
from study.text import unstorable_places
from study.yaml_text import YamlProblem, YamlText

SHIPPED: Final = Path(__file__).with_name("shipped")
_PAGE: Final = "docs/reference/instruments.md"
_REPAIRS: Final = {
    "instrument_wording": "Write it like: q1: I am confident in {about}.",
    "instrument_needs": "Write it like: needs: {share: 0.8}",
    "instrument_answers": "Write it like: answers: {least: 1, most: 5}",
    "instrument_slider": "Write it like: answers: {least: 0, most: 100, step: 5, slider: true}",
    "instrument_ids": "Give each item an id of its own.",
    "instrument_scale_items": "Name each of its items once.",
    "instrument_range": "Write it like: range: [1, 7]",
    "instrument_example": "Write it like: {source: By hand, answers: {q1: 2}, scores: {trust: 2}}",
    "instrument_texts": "Write them, or say with 'get_texts_from' where they are.",
    "instrument_language": "Take another language, or leave it out.",
    "instrument_unknown_item": "Correct the id.",
    "instrument_labels": "Write it like: ends: [Not at all, Extremely]",
    "instrument_about": "Write it like: about: the system",
}
# The parts of an instrument file, by the key that they stand under.
INSTRUMENT_PARTS: Final[dict[str, type[StudyPart]]] = {
    "reference": Citation,
    "licence": Licence,
    "answers": AnswerRange,
    "languages": InstrumentWords,
    "items": InstrumentItem,
    "scales": ScoredScale,
    "needs": MissingRule,
    "examples": WorkedExample,
    # Below a language, "items" are their words.
    **{f"{language}.items": ItemWords for language in LANGUAGES},
}


class WordsFile(StudyPart):
    """A file with the words that an instrument is asked in: those that it comes without, or a translation."""

    instrument: Words = Field(description="The id of the instrument.", examples=["sus"])
    languages: dict[str, InstrumentWords] = Field(
        min_length=1,
        description="The words, by language.",
        examples=[{"en": {"source": "The appendix of the paper", "items": {"q1": "..."}}}],
    )


INSTRUMENT_KEYS: Final = FileKeys(Instrument, INSTRUMENT_PARTS, _REPAIRS, _PAGE)
WORDS_KEYS: Final = FileKeys(WordsFile, INSTRUMENT_PARTS, _REPAIRS, _PAGE)
_Part = TypeVar("_Part", bound=StudyPart)


def parse_instrument(text: str, source: str) -> tuple[Instrument | None, list[str]]:
    """Read an instrument file, and reckon its worked examples.

    Args:
        text: What is in it.
        source: Its name, for messages.

    Returns:
        The instrument, where it is right, and what is wrong with it: each with its place and repair.
    """
    instrument, problems = _parse(text, source, INSTRUMENT_KEYS, Instrument)
    if instrument is not None:
        problems = problems + [f"{source}, {problem}" for problem in example_problems(instrument)]
    return instrument, problems


def parse_words(
    text: str, source: str, instruments: Mapping[str, Instrument]
) -> tuple[WordsFile | None, list[str]]:
    """Read a file of words for an instrument.

    Args:
        text: What is in it.
        source: Its name, for messages.
        instruments: Those that there are, by their ids.

    Returns:
        The words, where they are right, and what is wrong with them: each with its place and repair.
    """
    words, problems = _parse(text, source, WORDS_KEYS, WordsFile)
    if words is None:
        return None, problems
    instrument = instruments.get(words.instrument)
    if instrument is None:
        known = ", ".join(sorted(instruments))
        return None, [
            *problems,
            f"{source}, instrument: there is no {words.instrument!r}. There are: {known}.",
        ]
    for language, given in words.languages.items():
        try:
            check_words(instrument, language, given.over(instrument.languages.get(language)))
        except PydanticCustomError as error:
            problems.append(f"{source}: {error.message()}. {_REPAIRS[error.type]}")
    return words, problems


@functools.cache
def shipped_instruments() -> Mapping[str, Instrument]:
    """The instruments that are here, by their ids.

    Raises:
        StudyFileError: One of the files is wrong.
    """
    read: dict[str, Instrument] = {}
    for path in sorted(SHIPPED.glob("*.yaml")):
        instrument, problems = parse_instrument(read_text(path), path.name)
        if instrument is None or problems:
            raise StudyFileError("\n".join(problems))
        read[instrument.id] = instrument
    return MappingProxyType(read)


def _parse(text: str, source: str, keys: FileKeys, whole: type[_Part]) -> tuple[_Part | None, list[str]]:
    try:
        parsed = YamlText(text)
    except YamlProblem as problem:
        line = f", line {problem.line}" if problem.line else ""
        return None, [f"{source}{line}: {problem}. A text with : # {{ [ & * ! in it needs quotes."]
    problems = [
        f"{source}, line {second}, {key}: stands already on line {first}. Keep one of the two."
        for key, first, second in parsed.repeated_keys()
    ]
    try:
        read = whole.model_validate({} if parsed.value is None else parsed.value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        return None, problems + [complaint(one, parsed, source, keys) for one in found]
    problems += [unstorable(place, parsed, source) for place in unstorable_places(parsed.value)]
    return read, problems
