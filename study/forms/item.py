"""One thing that a form asks, or says: its kind, its words, what it takes for an answer."""

from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.forms.bounds import check_bounds
from study.forms.texts import LARGEST_NUMBER, Bound, Expected, LocalText, OtherText, RequiredWord
from study.parts import StudyPart

ITEM_ID: Final = r"^[a-z][a-z0-9_]{0,39}$"
OTHER: Final = "other"


class ItemKind(StrEnum):
    """What an item asks for."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    SCALE = "scale"
    SLIDER = "slider"
    RANKING = "ranking"
    DATE = "date"
    TIME = "time"
    YES_NO = "yes_no"
    EMAIL = "email"
    FILE = "file"
    NOTE = "note"


_WITH_OPTIONS: Final = {ItemKind.CHOICE, ItemKind.CHOICES, ItemKind.RANKING, ItemKind.SCALE}
_NEED_OPTIONS: Final = _WITH_OPTIONS - {ItemKind.SCALE}
_BOUNDED: Final = set(ItemKind) - {ItemKind.CHOICE, ItemKind.RANKING, ItemKind.YES_NO, ItemKind.NOTE}
# Which kinds a key is for, where it is not for all.
_KINDS_OF: Final[dict[str, set[ItemKind]]] = {
    "options": _WITH_OPTIONS,
    "least": _BOUNDED,
    "most": _BOUNDED,
    "step": {ItemKind.SLIDER},
    "decimals": {ItemKind.NUMBER},
    "unit": {ItemKind.NUMBER, ItemKind.SLIDER},
    "low": {ItemKind.SCALE, ItemKind.SLIDER},
    "high": {ItemKind.SCALE, ItemKind.SLIDER},
    "other": {ItemKind.CHOICE, ItemKind.CHOICES},
    "display": {ItemKind.CHOICE, ItemKind.YES_NO},
    "shuffle": {ItemKind.CHOICE, ItemKind.CHOICES, ItemKind.RANKING},
}


class Option(StudyPart):
    """One of the answers that are offered."""

    value: str = Field(
        min_length=1,
        max_length=200,
        pattern=r"\S",
        description="What the record keeps when it is chosen.",
        examples=["tea"],
    )
    label: LocalText = Field(description="What stands beside it.", examples=["Tea"])
    last: bool = Field(
        False, description="Whether it keeps its place when the others are shuffled.", examples=[True]
    )
    alone: bool = Field(
        False, description="Of several choices: whether it excludes all others.", examples=[True]
    )
    code: int | None = Field(
        None,
        gt=-LARGEST_NUMBER,
        lt=LARGEST_NUMBER,
        description="Its number in the tables; left out, its place in the list.",
        examples=[1],
    )

    @staticmethod
    def listed(value: Any) -> Any:
        """Options as they are written: texts stand for themselves, and each has its place as its code."""
        if not isinstance(value, list | tuple):
            return value
        return tuple(_option(place, one) for place, one in enumerate(value, start=1))


class Condition(StudyPart):
    """What an earlier answer must be for an item to be shown; without that answer it is not."""

    model_config = ConfigDict(populate_by_name=True)

    item: str | None = Field(None, description="The earlier item.", examples=["milk"])
    is_: Expected | None = Field(
        None, alias="is", description="Its answer is this, or this is among its choices.", examples=["oat"]
    )
    is_not: Expected | None = Field(None, description="It was answered, and not so.", examples=["none"])
    at_least: Bound | None = Field(None, description="Its number is no smaller.", examples=[3])
    at_most: Bound | None = Field(None, description="Its number is no greater.", examples=[5])
    all_: tuple["Condition", ...] | None = Field(
        None, alias="all", description="All of these hold.", examples=[[{"item": "milk", "is": "oat"}]]
    )
    any_: tuple["Condition", ...] | None = Field(
        None, alias="any", description="One of these holds.", examples=[[{"item": "milk", "is": "oat"}]]
    )

    @field_validator("all_", "any_", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _one_test(self) -> "Condition":
        tests = [self.is_, self.is_not, self.at_least, self.at_most]
        given = sum(test is not None for test in tests)
        lists = [one for one in (self.all_, self.any_) if one is not None]
        alone = self.item is not None and given >= 1 and not lists
        joined = self.item is None and not given and len(lists) == 1 and len(lists[0]) >= 1
        if not (alone or joined):
            raise PydanticCustomError(
                "form_condition",
                "needs an 'item' with 'is', 'is_not', 'at_least' or 'at_most', "
                "or a list under 'all' or 'any'",
            )
        return self

    @property
    def bounds(self) -> tuple[tuple[str, int | float | str], ...]:
        """The items whose answers it holds against a bound, each with that."""
        if self.item is not None:
            given = (self.at_least, self.at_most)
            return tuple((self.item, bound) for bound in given if bound is not None)
        return tuple(pair for part in (*(self.all_ or ()), *(self.any_ or ())) for pair in part.bounds)

    @property
    def items(self) -> tuple[str, ...]:
        """The items that it looks at."""
        return tuple(item for item, _expected in self.looks_for)

    @property
    def looks_for(self) -> tuple[tuple[str, str | bool | int | float | None], ...]:
        """The items that it looks at, each with an answer that it waits for; None for a bound."""
        if self.item is not None:
            return ((self.item, self.is_), (self.item, self.is_not))
        return tuple(pair for part in (*(self.all_ or ()), *(self.any_ or ())) for pair in part.looks_for)


class Item(StudyPart):
    """One question of a form, or a note between questions."""

    id: str = Field(
        pattern=ITEM_ID, description="Its short name in every table; never change it.", examples=["milk"]
    )
    kind: ItemKind = Field(
        strict=False, description="What it asks for; see the list below.", examples=["choice"]
    )
    label: LocalText = Field(description="The question, or the note's words.", examples=["Which milk?"])
    help: LocalText | None = Field(
        None, description="A line below the question.", examples=["All are organic."]
    )
    required: RequiredWord = Field(
        True,
        description="Whether it must be answered. In a survey `ask_once` reminds once of an answer that "
        "lacks, and lets it be.",
        examples=[False],
    )
    options: tuple[Option, ...] = Field(
        (), max_length=200, description="What is offered to choose from.", examples=[["Oat", "Soy"]]
    )
    other: OtherText = Field(
        False,
        description='Whether "other" with words of one\'s own is offered, or how it is called.',
        examples=[True],
    )
    least: Bound | None = Field(
        None,
        description="The least: of a number, of characters, of choices or files; a date, a time.",
        examples=[1],
    )
    most: Bound | None = Field(None, description="The most, likewise.", examples=[7])
    step: Bound | None = Field(None, description="From one place of a slider to the next.", examples=[5])
    decimals: int = Field(
        0, ge=0, le=6, description="Digits that a number may have behind its point.", examples=[2]
    )
    unit: LocalText | None = Field(None, description="What stands behind a number.", examples=["hours"])
    low: LocalText | None = Field(None, description="What the lowest place means.", examples=["not at all"])
    high: LocalText | None = Field(None, description="What the highest place means.", examples=["very much"])
    display: Literal["list", "buttons"] = Field(
        "list",
        description="As a list; or as buttons that answer at once, where it is the form's only question.",
        examples=["buttons"],
    )
    show_if: Condition | None = Field(
        None, description="It is shown only so.", examples=[{"item": "coffee", "is": True}]
    )
    new_page: bool = Field(False, description="Whether a new page begins with it.", examples=[True])
    shuffle: bool = Field(
        False, description="Whether its options come in another order for each.", examples=[True]
    )
    fixed: bool = Field(
        False, description="Whether it keeps its place when the items are shuffled.", examples=[True]
    )

    @field_validator("options", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return Option.listed(value)

    @model_validator(mode="after")
    def _of_its_kind(self) -> "Item":
        for key, kinds in _KINDS_OF.items():
            if self.kind not in kinds and getattr(self, key) != type(self).model_fields[key].default:
                known = ", ".join(sorted(kinds))
                message = "a {kind} has no '{key}'; that is for: {known}"
                told = {"kind": self.kind.value, "key": key, "known": known}
                raise PydanticCustomError("form_key", message, told)
        self._check_options()
        check_bounds(self)
        return self

    def _check_options(self) -> None:
        if self.kind in _NEED_OPTIONS and len(self.options) + bool(self.other) < 1:
            raise PydanticCustomError("form_options", "a {kind} needs options", {"kind": self.kind.value})
        values = [option.value for option in self.options]
        if self.other:
            values.append(OTHER)
        codes = [option.code for option in self.options]
        for name, known in (("value", values), ("code", codes)):
            twice = next((str(one) for place, one in enumerate(known) if one in known[:place]), None)
            if twice is not None:
                message = "two of its options have the {name} {twice}"
                raise PydanticCustomError("form_options", message, {"name": name, "twice": twice})

    @property
    def is_chosen(self) -> bool:
        """Whether its answer is one of its options, as they are written; and nobody types it."""
        return bool(self.options or self.other)

    @property
    def is_asked(self) -> bool:
        """Whether there is an answer to it: a note has none."""
        return self.kind != ItemKind.NOTE


def _option(place: int, value: Any) -> Any:
    if isinstance(value, str):
        return {"value": value, "label": value, "code": place}
    if isinstance(value, dict):
        label = value.get("label", value.get("value"))
        return (
            {"code": place} | {name: one for name, one in value.items() if one is not None} | {"label": label}
        )
    return value
