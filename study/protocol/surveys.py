"""Survey files: forms whose items may look back at earlier stages, and be checks of attention."""

from pathlib import PurePosixPath
from typing import Any, Final

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from study.complaints import FileKeys, complaint, unstorable
from study.forms import Condition, Form, Item, Option
from study.forms.texts import Expected, LocalText
from study.parts import StudyPart
from study.protocol.blocks import BLOCKS, MatrixRow, ReadWords, items_in, kind_of
from study.text import unstorable_places
from study.yaml_text import YamlProblem, YamlText


class SurveyItem(Item):
    """One question of a survey."""

    attention: Expected | None = Field(
        None,
        description="The answer of who reads: any other is a failed attention check, which is counted and "
        "never told.",
        examples=["strongly_disagree"],
    )
    right: Expected | None = Field(
        None, description="In a quiz: the right answer. It never reaches the browser.", examples=["true"]
    )

    block: str | None = Field(
        None, description="Set where it is read: the matrix or the instrument that it is part of."
    )
    stem: LocalText | None = Field(
        None, description="Set where it is read: what stands above the rows of its matrix."
    )
    instrument: str | None = Field(
        None, description="Set where it is read: the id of the instrument that it is an item of."
    )
    mixed: bool = Field(
        False, description="Set where it is read: whether it changes places within its block."
    )
    is_pair: bool = Field(False, description="Set where it is read: whether it stands between two poles.")


class Survey(Form):
    """A survey file; its id is the file's name."""

    items: tuple[SurveyItem, ...] = Field(
        max_length=200,
        description="What it asks, in order.",
        examples=[[{"id": "age", "kind": "number", "label": "How old are you?"}]],
    )

    @field_validator("items", mode="before")
    @classmethod
    def _items_listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @property
    def reminds(self) -> bool:
        """Whether an answer that lacks may be reminded of, and left out then."""
        return True

    def looks_back(self, asked: str) -> bool:
        """Whether a condition looks at an earlier stage: "before.support"."""
        return "." in asked

    @property
    def backward(self) -> tuple[str, ...]:
        """The answers of earlier stages that its conditions look at."""
        looked = [one for item in self.items if item.show_if for one in item.show_if.items]
        return tuple(dict.fromkeys(one for one in looked if self.looks_back(one)))


_REPAIRS: Final = {
    "survey_instrument": "docs/reference/instruments.md lists them.",
    "survey_instrument_order": "Leave 'shuffle' out.",
    "survey_words": "Then write it like: words: surveys/words.yaml",
}
_PARTS: Final[dict[str, type[StudyPart]]] = {"rows": MatrixRow, "options": Option, "show_if": Condition}
_PAGE: Final = "docs/reference/surveys.md"
SURVEY_KEYS: Final = FileKeys(Survey, {"items": SurveyItem, **_PARTS}, _REPAIRS, _PAGE)
_KEYS_OF: Final = {
    kind: FileKeys(Survey, {"items": block, **_PARTS}, _REPAIRS, _PAGE) for kind, block in BLOCKS.items()
}


def survey_id(name: str) -> str:
    """The id of a survey file: "surveys/about-you.yaml" is "about-you"."""
    return PurePosixPath(name).stem


def parse_survey(
    name: str, text: str, source: str, language: str | None = None, read: ReadWords = lambda _name: None
) -> tuple[Survey | None, list[str]]:
    """Read a survey file.

    Args:
        name: As the study file writes it.
        text: What is in it.
        source: Its path, for messages.
        language: The study's, where it has one.
        read: Reads files of words for instruments that it asks.

    Returns:
        The survey, where it is right, and what is wrong with it: each with its place and repair.
    """
    try:
        parsed = YamlText(text)
    except YamlProblem as problem:
        line = f", line {problem.line}" if problem.line else ""
        return None, [f"{source}{line}: {problem}. A text with : # {{ [ & * ! in it needs quotes."]
    problems = [
        f"{source}, line {second}, {key}: stands already on line {first}. Keep one of the two."
        for key, first, second in parsed.repeated_keys()
    ]
    value: Any = {} if parsed.value is None else parsed.value
    if isinstance(value, dict) and "id" not in value:
        value = {"id": survey_id(name), **value}
    written: list[int] = []  # of each item the place that it is written at
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        items: list[Any] = []
        for place, entry in enumerate(value["items"]):
            made, wrong = _entry(entry, place, parsed, source, language, read)
            problems += wrong
            items += made
            written += [place] * len(made)
        value = {**value, "items": items}
    if problems:
        return None, problems
    try:
        survey = Survey.model_validate(value)
    except ValidationError as error:
        found = [_at_its_place(one, written) for one in error.errors(include_url=False)]
        return None, [complaint(one, parsed, source, SURVEY_KEYS) for one in found]
    problems += [unstorable(place, parsed, source) for place in unstorable_places(parsed.value)]
    return survey, problems


def _entry(
    entry: Any, place: int, parsed: YamlText, source: str, language: str | None, read: ReadWords
) -> tuple[list[Any], list[str]]:
    """What stands in a list of items, as items, and what is wrong with it where it is more than one."""
    kind = kind_of(entry)
    if kind is None:
        return [entry], []
    keys = _KEYS_OF[kind]
    try:
        block = BLOCKS[kind].model_validate(entry)
        made = items_in(block, language, read)  # type: ignore[arg-type]  # one of them
        return [SurveyItem.model_validate(item) for item in made], []
    except ValidationError as error:
        found = [{**one, "loc": ("items", place, *one["loc"])} for one in error.errors(include_url=False)]
        return [], [complaint(one, parsed, source, keys) for one in found]  # type: ignore[arg-type]
    except PydanticCustomError as error:
        told = {"type": error.type, "loc": ("items", place), "msg": error.message(), "input": entry}
        return [], [complaint(told, parsed, source, keys)]  # type: ignore[arg-type]


def _at_its_place(error: ErrorDetails, written: list[int]) -> ErrorDetails:
    match error["loc"]:
        case ("items", int(place), *rest) if place < len(written):
            return {**error, "loc": ("items", written[place], *rest)}
    return error
