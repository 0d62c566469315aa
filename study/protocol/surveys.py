"""Survey files: forms whose items may look back at earlier stages, and be checks of attention."""

from pathlib import PurePosixPath
from typing import Any

from pydantic import Field, ValidationError, field_validator

from study.complaints import FileKeys, complaint, unstorable
from study.forms import Condition, Form, Item, Option
from study.forms.texts import Expected
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

    def looks_back(self, asked: str) -> bool:
        """Whether a condition looks at an earlier stage: "before.support"."""
        return "." in asked

    @property
    def backward(self) -> tuple[str, ...]:
        """The answers of earlier stages that its conditions look at."""
        looked = [one for item in self.items if item.show_if for one in item.show_if.items]
        return tuple(dict.fromkeys(one for one in looked if self.looks_back(one)))


SURVEY_KEYS = FileKeys(Survey, {"items": SurveyItem, "options": Option, "show_if": Condition})


def survey_id(name: str) -> str:
    """The id of a survey file: "surveys/about-you.yaml" is "about-you"."""
    return PurePosixPath(name).stem


def parse_survey(name: str, text: str, source: str) -> tuple[Survey | None, list[str]]:
    """Read a survey file.

    Args:
        name: As the study file writes it.
        text: What is in it.
        source: Its path, for messages.

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
    try:
        survey = Survey.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        return None, problems + [complaint(one, parsed, source, SURVEY_KEYS) for one in found]
    problems += [unstorable(place, parsed, source) for place in unstorable_places(parsed.value)]
    return survey, problems
