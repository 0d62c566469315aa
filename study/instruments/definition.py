"""What an instrument file may say: items, answers, scales, the words of each language, worked examples.

docs/reference/instruments.md lists every key, and the instruments that are here.
"""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from study.instruments.scales import How, ScoredScale
from study.instruments.words import ABOUT, ABOUT_FIRST, InstrumentWords, listed
from study.parts import StudyPart, Words
from study.strings import LANGUAGES

# Together with the sign between them no longer than the id of a form's item may be.
_INSTRUMENT_ID: Final = r"^[a-z][a-z0-9-]{0,18}$"
_ITEM_ID: Final = r"^[a-z][a-z0-9_]{0,19}$"
ScaleName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
MOST_POINTS: Final = 11  # of a form's scale; a slider has any number


class Citation(StudyPart):
    """Where an instrument was published."""

    citation: Words = Field(
        description="As a list of references has it.", examples=["Brooke, J. (1996). ..."]
    )
    doi: str | None = Field(
        None, pattern=r"^10\.\S+/\S+$", description="Without an address.", examples=["10.1000/182"]
    )


class Licence(StudyPart):
    """Who may use an instrument's texts for what."""

    words: Words = Field(description="What is allowed.", examples=["CC BY 4.0"])
    said_by: Words = Field(description="Who says so, and where.", examples=["The article's own notice"])


class AnswerRange(StudyPart):
    """The numbers that an item's answer can be."""

    least: int = Field(ge=-1000, le=1000, description="The lowest.", examples=[1])
    most: int = Field(ge=-1000, le=1000, description="The highest.", examples=[5])
    step: int = Field(1, ge=1, description="From one to the next.", examples=[5])
    slider: bool = Field(False, description="Whether a slider asks for it.", examples=[True])

    @model_validator(mode="after")
    def _is_a_range(self) -> "AnswerRange":
        if self.most <= self.least or (self.most - self.least) % self.step:
            raise PydanticCustomError(
                "instrument_answers", "does not lead from its least to its most in whole steps"
            )
        if not self.slider and (self.step != 1 or self.points > MOST_POINTS):
            raise PydanticCustomError(
                "instrument_slider",
                "has steps or more than {points} points, which only a slider can ask for",
                {"points": MOST_POINTS},
            )
        return self

    @property
    def points(self) -> int:
        """How many answers there are."""
        return (self.most - self.least) // self.step + 1

    def allows(self, value: float) -> bool:
        """Whether an answer can be this number."""
        return self.least <= value <= self.most and (value - self.least) % self.step == 0


class InstrumentItem(StudyPart):
    """One item of an instrument; its words stand under the languages."""

    id: str = Field(
        pattern=_ITEM_ID, description="Its short name in every table; never change it.", examples=["q1"]
    )
    reversed: bool = Field(
        False, description="Whether a high answer means little of what is measured.", examples=[True]
    )


class WorkedExample(StudyPart):
    """Answers, and what they come to; the key is tested by it."""

    source: Words = Field(description="Where it comes from.", examples=["By hand, from the paper's key"])
    answers: dict[str, int | float] = Field(
        description="By the item's id, as they were given; what is not there was not answered.",
        examples=[{"q1": 2}],
    )
    scores: dict[str, float | None] = Field(
        description="By the scale's name, to four digits behind the point; null where there is none.",
        examples=[{"trust": 4.5}],
    )


class Instrument(StudyPart):
    """A published set of items with its scoring key."""

    id: str = Field(
        pattern=_INSTRUMENT_ID,
        description="Its short name in every table; never change it.",
        examples=["sus"],
    )
    title: Words = Field(description="As it is known.", examples=["System Usability Scale"])
    reference: Citation = Field(
        description="Where it was published.", examples=[{"citation": "Brooke, J. (1996). ..."}]
    )
    licence: Licence = Field(
        description="Who may use its texts for what.",
        examples=[{"words": "CC BY 4.0", "said_by": "The article's own notice"}],
    )
    key_version: Words = Field(
        description="Of its key; another one where an item, a scale or a rule changes.", examples=["1"]
    )
    get_texts_from: Words | None = Field(
        None,
        description="Where to get the words of its items, where they may not be passed on.",
        examples=["The appendix of the paper"],
    )
    order: Literal["free", "fixed"] = Field(
        "free", description="Whether its items may come in another order for each.", examples=["fixed"]
    )
    answers: AnswerRange = Field(
        description="The numbers that an answer can be.", examples=[{"least": 1, "most": 5}]
    )
    languages: dict[str, InstrumentWords] = Field(
        description="The words, by language.", examples=[{"en": {"source": "The article, table 3"}}]
    )
    items: Annotated[tuple[InstrumentItem, ...], BeforeValidator(listed)] = Field(
        min_length=1, max_length=100, description="In the order of the paper.", examples=[[{"id": "q1"}]]
    )
    scales: dict[ScaleName, ScoredScale] = Field(
        min_length=1,
        description="What it measures, by a short name.",
        examples=[{"trust": {"title": "Trust", "items": ["q1"], "how": "mean", "range": [1, 7]}}],
    )
    examples: Annotated[tuple[WorkedExample, ...], BeforeValidator(listed)] = Field(
        (),
        description="Answers and what they come to; reading the file reckons them again.",
        examples=[[{"source": "By hand", "answers": {"q1": 2}, "scores": {"trust": 2}}]],
    )

    @model_validator(mode="after")
    def _holds_together(self) -> "Instrument":
        ids = [item.id for item in self.items]
        for place, item in enumerate(ids):
            if item in ids[:place]:
                raise PydanticCustomError("instrument_ids", "two of its items have the id {id}", {"id": item})
        for name, scale in self.scales.items():
            self._check_scale(name, scale, ids)
        for language, words in self.languages.items():
            check_words(self, language, words)
        for place, example in enumerate(self.examples):
            self._check_example(f"examples[{place}]", example, ids)
        self._check_texts()
        return self

    def _check_scale(self, name: str, scale: ScoredScale, ids: list[str]) -> None:
        told: dict[str, str | int | float] = {"name": name, "known": ", ".join(ids)}
        for place, item in enumerate(scale.items):
            if item not in ids or item in scale.items[:place]:
                message = "scales.{name} names {item} twice, or it is none of its items: {known}"
                raise PydanticCustomError("instrument_scale_items", message, told | {"item": item})
        times = len(scale.items) if scale.how == How.SUM else 1
        natural = (times * self.answers.least, times * self.answers.most)
        low, high = scale.range
        if scale.how != How.RESCALED and (low, high) != natural:
            message = "scales.{name} as a {how} lies between {least} and {most}, and its range says otherwise"
            told |= {"how": scale.how.value, "least": natural[0], "most": natural[1]}
            raise PydanticCustomError("instrument_range", message, told)
        if low >= high:
            raise PydanticCustomError("instrument_range", "scales.{name} has a range that is none", told)
        if scale.least_answers > len(scale.items):
            raise PydanticCustomError(
                "instrument_needs", "scales.{name} needs more answers than it has items", told
            )

    def _check_example(self, where: str, example: WorkedExample, ids: list[str]) -> None:
        for item, value in example.answers.items():
            if item not in ids or not self.answers.allows(value):
                message = "{where}.answers.{item} is no item, or {value} is no answer to it"
                told = {"where": where, "item": item, "value": value}
                raise PydanticCustomError("instrument_example", message, told)
        if set(example.scores) != set(self.scales):
            message = "{where}.scores must have each scale once: {known}"
            told = {"where": where, "known": ", ".join(self.scales)}
            raise PydanticCustomError("instrument_example", message, told)

    def _check_texts(self) -> None:
        if self.is_bare:
            return
        if not self.languages:
            raise PydanticCustomError("instrument_texts", "has no words in any language")
        for language, words in self.languages.items():
            if missing := [item.id for item in self.items if item.id not in words.items]:
                message = "languages.{language}.items lacks the words of {missing}"
                told = {"language": language, "missing": ", ".join(missing)}
                raise PydanticCustomError("instrument_texts", message, told)

    @property
    def is_bare(self) -> bool:
        """Whether the words of its items come from elsewhere."""
        return self.get_texts_from is not None

    @property
    def prefix(self) -> str:
        """What the ids of its items begin with in a form."""
        return self.id.replace("-", "_") + "_"

    def form_id(self, item: str) -> str:
        """The id of one of its items in a form.

        Args:
            item: Its id here.
        """
        return self.prefix + item


def check_words(instrument: Instrument, language: str, words: InstrumentWords) -> None:
    """Make sure that the words of a language are of an instrument.

    Args:
        instrument: The instrument.
        language: Theirs.
        words: The words.

    Raises:
        PydanticCustomError: They are not.
    """
    told: dict[str, str | int] = {"language": language}
    if language not in LANGUAGES:
        message = "has words in {language}, which the page does not speak; it speaks {known}"
        raise PydanticCustomError("instrument_language", message, told | {"known": ", ".join(LANGUAGES)})
    ids = [item.id for item in instrument.items]
    if unknown := [item for item in words.items if item not in ids]:
        message = "languages.{language}.items names {unknown}, which is none of its items: {known}"
        told |= {"unknown": unknown[0], "known": ", ".join(ids)}
        raise PydanticCustomError("instrument_unknown_item", message, told)
    points = instrument.answers.points
    if words.labels and (words.ends or len(words.labels) != points):
        message = "languages.{language} needs one label for each of {points} points, or two ends"
        raise PydanticCustomError("instrument_labels", message, told | {"points": points})
    if words.about is None and any(ABOUT in text or ABOUT_FIRST in text for text in words.texts):
        message = "languages.{language} has {sign} in its words and no 'about' to put there"
        raise PydanticCustomError("instrument_about", message, told | {"sign": ABOUT})
