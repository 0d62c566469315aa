"""The words of an instrument in one language: labels, instruction, items; and who translated them."""

from typing import Annotated, Any, Final, TypeAlias

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from study.parts import StudyPart, Words

# What a study puts its own words for, within a sentence and at the beginning of one.
ABOUT: Final = "{about}"
ABOUT_FIRST: Final = "{About}"


def listed(value: object) -> object:
    """Take a list for a tuple: YAML knows lists alone."""
    return tuple(value) if isinstance(value, list) else value


Ends: TypeAlias = Annotated[tuple[Words, Words], BeforeValidator(listed)]
Labels: TypeAlias = Annotated[tuple[Words, ...], BeforeValidator(listed)]


class ItemWords(StudyPart):
    """The words of one item in one language: a text, a pair of ends, or both."""

    text: Words | None = Field(
        None, description="What is asked or said.", examples=["I am confident in {about}."]
    )
    ends: Ends | None = Field(
        None,
        description="What the lowest and the highest place mean, where that is another thing than elsewhere.",
        examples=[["Good", "Poor"]],
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"text": value}
        return {"ends": value} if isinstance(value, list) else value

    @model_validator(mode="after")
    def _says_something(self) -> "ItemWords":
        if self.text is None and self.ends is None:
            raise PydanticCustomError("instrument_wording", "needs a text, or the two ends of a pair")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """All that is written, in one order."""
        return (*((self.text,) if self.text is not None else ()), *(self.ends or ()))


class InstrumentWords(StudyPart):
    """All words of an instrument in one language."""

    source: Words = Field(
        description="Where they were published, and who translated them.", examples=["The article, table 3"]
    )
    about: Words | None = Field(
        None,
        description="What stands for {about} where a study says nothing else.",
        examples=["the system"],
    )
    instruction: Words | None = Field(
        None,
        description="What stands above the items.",
        examples=["Please say how far you agree with each sentence."],
    )
    labels: Labels = Field(
        (),
        description="One for each point of the answers, from the lowest; none where only the ends are named.",
        examples=[["Disagree", "Neither", "Agree"]],
    )
    ends: Ends | None = Field(
        None,
        description="What the lowest and the highest place mean, where there are no labels.",
        examples=[["Not at all", "Extremely"]],
    )
    items: dict[str, ItemWords] = Field(
        default_factory=dict,
        description="By the item's id: a text, a pair as a list, or keys.",
        examples=[{"reliable": "{About} is reliable."}],
    )

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts in which {about} may stand."""
        said = [part for wording in self.items.values() for part in wording.parts]
        return (*((self.instruction,) if self.instruction is not None else ()), *said)

    def over(self, below: "InstrumentWords | None") -> "InstrumentWords":
        """These words; where they say nothing, those of another block."""
        if below is None:
            return self
        return InstrumentWords(
            source=self.source,
            about=self.about or below.about,
            instruction=self.instruction or below.instruction,
            labels=self.labels or (() if self.ends else below.labels),
            ends=self.ends or (None if self.labels else below.ends),
            items={**below.items, **self.items},
        )


def with_about(text: str, about: str) -> str:
    """A text with what it is about in its place.

    Args:
        text: As the instrument has it.
        about: Such as "the assistant".
    """
    return text.replace(ABOUT, about).replace(ABOUT_FIRST, about[:1].upper() + about[1:])
