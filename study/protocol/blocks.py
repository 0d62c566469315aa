"""What a survey file writes as one thing and asks as several: matrices, instruments; and pairs of poles.

Each row of a matrix and each item of an instrument becomes an item of its own, so that checks, conditions,
drafts and tables know nothing of blocks; pages draw the items of one block together.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from study.forms.item import ITEM_ID, Condition, Option
from study.forms.texts import Bound, Expected, LocalText, RequiredWord, text_in
from study.instruments import WordsFile, items_of, missing_words, shipped_instruments
from study.instruments.definition import Instrument
from study.parts import FileName, StudyPart, Words
from study.strings import ENGLISH, LANGUAGES

_MOST_ROWS: Final = 50
# Reads a file of words for an instrument; None where it is wrong, which is then told by whoever reads it.
ReadWords: TypeAlias = Callable[[str], WordsFile | None]


class MatrixRow(StudyPart):
    """One row of a matrix: a question of its own."""

    id: str = Field(
        pattern=ITEM_ID,
        description="Behind the matrix's id it is the item's: `agree_clear`.",
        examples=["clear"],
    )
    label: LocalText = Field(description="What is asked or said.", examples=["It was clear."])
    attention: Expected | None = Field(
        None, description="As for an item: a row that is a check of attention.", examples=["disagree"]
    )


class Matrix(StudyPart):
    """Several questions with the same answers."""

    id: str = Field(pattern=ITEM_ID, description="What the ids of its items begin with.", examples=["agree"])
    kind: Literal["matrix"] = Field(description="Rows with the same answers.")
    label: LocalText = Field(description="What stands above all rows.", examples=["How far do you agree?"])
    rows: tuple[MatrixRow, ...] = Field(
        min_length=1,
        max_length=_MOST_ROWS,
        description="What is asked.",
        examples=[[{"id": "clear", "label": "It was clear."}]],
    )
    options: tuple[Option, ...] = Field(
        (), max_length=20, description="The answers; left out, points.", examples=[["Disagree", "Agree"]]
    )
    least: Bound | None = Field(None, description="The first point; left out, 1.", examples=[1])
    most: Bound | None = Field(None, description="The last point; left out, 5.", examples=[7])
    low: LocalText | None = Field(None, description="What the first point means.", examples=["not at all"])
    high: LocalText | None = Field(None, description="What the last point means.", examples=["very much"])
    required: RequiredWord = Field(
        True, description="As for an item: of each row.", examples=[False, "ask_once"]
    )
    show_if: Condition | None = Field(
        None, description="It is shown only so.", examples=[{"item": "coffee", "is": True}]
    )
    shuffle: bool = Field(
        False, description="Whether its rows come in another order for each.", examples=[True]
    )

    @field_validator("rows", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("options", mode="before")
    @classmethod
    def _options(cls, value: Any) -> Any:
        return Option.listed(value)


class Pair(StudyPart):
    """A place between two poles, as semantic differentials ask for it."""

    id: str = Field(
        pattern=ITEM_ID, description="Its short name in every table; never change it.", examples=["warm"]
    )
    kind: Literal["pair"] = Field(description="A place between two poles.")
    low: LocalText = Field(description="The first pole.", examples=["cold"])
    high: LocalText = Field(description="The other.", examples=["warm"])
    label: LocalText | None = Field(
        None, description="What stands above it; left out, nothing does.", examples=["The program was"]
    )
    least: Bound = Field(1, description="The first point.", examples=[-3])
    most: Bound = Field(7, description="The last.", examples=[3])
    required: RequiredWord = Field(True, description="As for an item.", examples=[False, "ask_once"])
    show_if: Condition | None = Field(
        None, description="It is shown only so.", examples=[{"item": "coffee", "is": True}]
    )
    fixed: bool = Field(
        False, description="Whether it keeps its place when the items are shuffled.", examples=[True]
    )


class AskedInstrument(StudyPart):
    """An instrument (docs/reference/instruments.md), asked at this place."""

    instrument: Words = Field(description="Its id.", examples=["s-tias"])
    about: LocalText | None = Field(
        None, description="What stands for {about} in its words.", examples=["the assistant"]
    )
    words: FileName | None = Field(
        None,
        description="A file with its words, where it comes without them or in a translation.",
        examples=["surveys/sus-words.yaml"],
    )
    required: RequiredWord = Field(
        True, description="As for an item: of each of its items.", examples=[False, "ask_once"]
    )
    show_if: Condition | None = Field(
        None, description="It is shown only so.", examples=[{"item": "coffee", "is": True}]
    )
    shuffle: bool = Field(
        False,
        description="Whether its items come in another order for each, where the paper does not fix it.",
        examples=[True],
    )


BLOCKS: Final[Mapping[str, type[StudyPart]]] = {
    "matrix": Matrix,
    "pair": Pair,
    "instrument": AskedInstrument,
}
Block: TypeAlias = Matrix | Pair | AskedInstrument


def kind_of(entry: Any) -> str | None:
    """Which of BLOCKS something in a list of items is; None where it is an item."""
    if not isinstance(entry, Mapping):
        return None
    if "instrument" in entry and "kind" not in entry:
        return "instrument"
    kind = entry.get("kind")
    return kind if kind in ("matrix", "pair") else None


def items_in(block: Block, language: str | None, read: ReadWords) -> list[dict[str, Any]]:
    """The items that something written as one comes to.

    Args:
        block: As the file writes it.
        language: The study's, where it has one: the words are needed in it.
        read: Reads a file of words.

    Raises:
        PydanticCustomError: It cannot be asked; says why.
    """
    if isinstance(block, Matrix):
        return _rows(block)
    if isinstance(block, Pair):
        return [_pair(block)]
    return _items(block, language, read)


def _rows(matrix: Matrix) -> list[dict[str, Any]]:
    shared = matrix.model_dump(
        by_alias=True, exclude_unset=True, exclude={"id", "kind", "label", "rows", "shuffle"}
    )
    kind = "choice" if matrix.options else "scale"
    block = {"block": matrix.id, "stem": matrix.label, "mixed": matrix.shuffle, "fixed": True}
    rows: list[dict[str, Any]] = []
    for row in matrix.rows:
        own = row.model_dump(exclude_unset=True) | {"id": f"{matrix.id}_{row.id}"}
        rows.append(shared | block | {"kind": kind} | own)
    return rows


def _pair(pair: Pair) -> dict[str, Any]:
    said = pair.model_dump(by_alias=True, exclude_unset=True) | {"kind": "scale", "is_pair": True}
    label = pair.label or _joined(pair.low, pair.high)
    return said | {"label": label, "least": pair.least, "most": pair.most}


def _joined(low: str | dict[str, str], high: str | dict[str, str]) -> str | dict[str, str]:
    if isinstance(low, str) and isinstance(high, str):
        return f"{low} – {high}"
    names = [*(low if isinstance(low, dict) else ()), *(high if isinstance(high, dict) else ())]
    return {name: f"{text_in(low, name)} – {text_in(high, name)}" for name in dict.fromkeys(names)}


def _items(asked: AskedInstrument, language: str | None, read: ReadWords) -> list[dict[str, Any]]:
    instruments = shipped_instruments()
    instrument = instruments.get(asked.instrument)
    if instrument is None:
        told = {"id": asked.instrument, "known": ", ".join(instruments)}
        raise PydanticCustomError(
            "survey_instrument", "asks the instrument {id}, which is not here: {known}", told
        )
    words = read(asked.words) if asked.words is not None else None
    if asked.words is not None and words is None:
        return []
    if words is not None and words.instrument != instrument.id:
        message = "asks {id} with the words of {other}"
        raise PydanticCustomError(
            "survey_instrument", message, {"id": instrument.id, "other": words.instrument}
        )
    if asked.shuffle and instrument.order == "fixed":
        message = "shuffles {id}, whose order its paper fixes"
        raise PydanticCustomError("survey_instrument_order", message, {"id": instrument.id})
    wanted = [language] if language is not None else list(LANGUAGES)
    there = [one for one in wanted if missing_words(instrument, one, words) is None]
    if not there:
        lacking = missing_words(instrument, language or ENGLISH, words) or ""
        raise PydanticCustomError("survey_words", "cannot be asked: {lacking}", {"lacking": lacking})
    written = [_written(instrument, one, asked, words) for one in there]
    shape = [item["kind"] for item in written[0]]
    alike = [items for items in written if [item["kind"] for item in items] == shape]
    own = asked.model_dump(by_alias=True, exclude_unset=True, include={"required", "show_if"})
    block = {"block": instrument.prefix.rstrip("_"), "instrument": instrument.id, "fixed": True}
    merged = [_merged(items) for items in zip(*alike, strict=True)]
    return [
        item | block | ({"show_if": own["show_if"]} if "show_if" in own else {})
        if item["kind"] == "note"
        else item | own | block | {"mixed": asked.shuffle}
        for item in merged
    ]


def _written(
    instrument: Instrument, language: str, asked: AskedInstrument, words: WordsFile | None
) -> list[dict[str, Any]]:
    about = text_in(asked.about, language) if asked.about is not None else None
    items = [
        item.model_dump(mode="json", exclude_defaults=True)
        for item in items_of(instrument, language, about, words)
    ]
    for item in items:
        for name in ("label", "low", "high"):
            if name in item:
                item[name] = {language: item[name]}
        for option in item.get("options", ()):
            option["label"] = {language: option["label"]}
    return items


def _merged(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One item in all languages, of the same item in each."""
    first = dict(items[0])
    for name in ("label", "low", "high"):
        if name in first:
            first[name] = {key: text for item in items for key, text in item.get(name, {}).items()}
    if "options" in first:
        first["options"] = [
            {
                **option,
                "label": {key: text for item in items for key, text in item["options"][at]["label"].items()},
            }
            for at, option in enumerate(first["options"])
        ]
    return first
