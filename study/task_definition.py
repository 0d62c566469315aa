"""What a dialogue file may say: the intents of an agent of kind task, their slots, tools and answers.

docs/how-to/write-a-task-agent.md shows one; docs/reference/study-file.md lists every key.
"""

import math
from typing import Annotated, Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import regex
from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.parts import StudyPart, Words, seen_line_of

SlotName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


_COUNT: Final = regex.compile(r"\{(\d{0,9})(?:,(\d{0,9}))?\}")
# Of all counts multiplied: compiling takes a second for a million, and for a thousand millions all memory.
_MOST_COUNTED: Final = 1_000_000


def _compiles(value: str) -> str:
    counts = (max(int(one or 1) for one in bounds) for bounds in _COUNT.findall(value))
    if math.prod(counts) > _MOST_COUNTED:
        raise PydanticCustomError(
            "no_expression",
            "counts, such as {{1000}}, that come to more than {most} together",
            {"most": _MOST_COUNTED},
        )
    try:
        regex.compile(value, regex.IGNORECASE | regex.V1)
    except (regex.error, RecursionError, OverflowError) as error:
        raise PydanticCustomError(
            "no_expression", "is no regular expression ({why})", {"why": str(error)}
        ) from error
    return value


def _is_a_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:  # one for each way in which a name is none
        raise PydanticCustomError("no_zone", "is no time zone that this machine knows") from error
    return value


def _listed(value: object) -> object:
    """YAML knows lists alone."""
    return tuple(value) if isinstance(value, list) else value


Expressions: TypeAlias = Annotated[
    tuple[Annotated[Words, AfterValidator(_compiles)], ...], BeforeValidator(_listed)
]
Texts: TypeAlias = Annotated[tuple[Words, ...], BeforeValidator(_listed)]
KINDS_WITH_OPTIONS: Final = ("choice", "choices")
_NO_LIST: Final = ("text", "choice", "choices", "number", "quantity", "money", "date", "time", "yes_no")
# Which kinds of slots a key is for, where it is not for all.
_KINDS_OF: Final[dict[str, tuple[str, ...]]] = {
    "patterns": ("text",),
    "starts": ("text",),
    "confirm": _NO_LIST,
    "default": _NO_LIST,
}
_DEFAULTS: Final[dict[str, tuple[type, ...]]] = {
    "number": (int, float),
    "quantity": (int,),
    "yes_no": (bool,),
    "text": (str,),
    "choice": (str,),
}


class SlotDefinition(StudyPart):
    """One thing that an intent needs to know."""

    kind: Literal[
        "text", "choice", "choices", "number", "quantity", "money", "date", "time", "yes_no", "list"
    ] = Field(description="What it holds. A list has items with slots of their own.", examples=["choice"])
    ask: Words | None = Field(
        None, max_length=2_000, description="The question for it.", examples=["Which size?"]
    )
    called: Texts = Field(
        (),
        description="What participants call it, to go back to it or change it.",
        examples=[["size", "cup size"]],
    )
    required: bool = Field(False, description="Whether it is asked for until it is known.", examples=[True])
    confirm: bool = Field(
        False, description="Whether its value is asked back before it counts.", examples=[True]
    )
    default: str | int | float | bool | None = Field(
        None, description="What it is where nothing is said.", examples=["medium"]
    )
    options: dict[str, Texts] = Field(
        default_factory=dict,
        description="Of a choice: each value, and the other words for it.",
        examples=[{"Oat Milk": ["oat", "oatly"]}],
    )
    options_of: Words | None = Field(
        None,
        description="Of a choice: another slot whose options it has, such as order.size.",
        examples=["order.items.drink"],
    )
    patterns: Expressions = Field(
        (),
        description="Of a text: regular expressions; the group (?P<value>...) is what it holds.",
        examples=[["my name is (?P<value>\\w+)"]],
    )
    starts: Texts = Field(
        (),
        description="Of a text in a list: words that begin it, up to the end of the clause.",
        examples=[["extra", "light"]],
    )
    head: SlotName | None = Field(
        None, description="Of a list: its slot, a choice, that begins an item.", examples=["drink"]
    )
    slots: dict[SlotName, "SlotDefinition"] = Field(
        default_factory=dict,
        description="Of a list: the slots of each item.",
        examples=[{"drink": {"kind": "choice", "options": {"Tea": []}}}],
    )

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "SlotDefinition":
        if (self.kind in KINDS_WITH_OPTIONS) != (bool(self.options) or self.options_of is not None):
            raise PydanticCustomError("options", "needs 'options' where it is a choice, and only there")
        if (self.kind == "list") != bool(self.slots) or (self.kind == "list") != (self.head is not None):
            raise PydanticCustomError("list", "needs 'slots' and 'head' where it is a list, and only there")
        if self.head is not None and (self.head not in self.slots or self.slots[self.head].kind != "choice"):
            raise PydanticCustomError("head", "'head' must name a choice among its own 'slots'")
        if any(slot.kind == "list" for slot in self.slots.values()):
            raise PydanticCustomError("nested", "a list cannot hold a list")
        if self.required and self.ask is None:
            raise PydanticCustomError("ask", "what is required needs a question: 'ask'")
        for key, kinds in _KINDS_OF.items():
            if self.kind not in kinds and getattr(self, key) != type(self).model_fields[key].default:
                message = "a {kind} has no '{key}'; that is for: {kinds}"
                told = {"kind": self.kind, "key": key, "kinds": ", ".join(kinds)}
                raise PydanticCustomError("slot_key", message, told)
        known = _DEFAULTS.get(self.kind)
        is_odd = isinstance(self.default, bool) and self.kind != "yes_no"
        if known and self.default is not None and (is_odd or not isinstance(self.default, known)):
            told = {"kind": self.kind, "default": str(self.default)}
            raise PydanticCustomError("default", "{default} is no {kind}, and cannot be its default", told)
        if self.default is not None and self.options and self.default not in self.options:
            raise PydanticCustomError(
                "default", "its default, {default}, is none of its options", {"default": str(self.default)}
            )
        return self


class CallDefinition(StudyPart):
    """One call of a tool."""

    tool: Words = Field(description="The tool, as the agent's 'tools' name it.", examples=["add_order_item"])
    each: SlotName | None = Field(
        None, description="A slot of kind list: called once for each item.", examples=["items"]
    )
    when: Annotated[tuple[Literal["new", "changed", "gone", "same"], ...], BeforeValidator(_listed)] = Field(
        ("new", "changed"),
        min_length=1,
        description="In `prepare`: how the item, or without 'each' the intent, stands to what was sent.",
        examples=[["new"]],
    )
    condition: Words | None = Field(None, description="An expression that must hold.", examples=["item.milk"])
    arguments: dict[str, Any] = Field(
        default_factory=dict,
        description="What it is given: values, or texts in which {{ ... }} is filled in.",
        examples=[{"quantity": "{{ item.quantity }}"}],
    )
    keep: dict[SlotName, Words] = Field(
        default_factory=dict,
        description="What is kept of the result, for later calls and answers: expressions.",
        examples=[{"order_id": "result.order_id"}],
    )
    share: dict[SlotName, Words] = Field(
        default_factory=dict,
        description="The same of an item's call, kept for the whole intent.",
        examples=[{"order_id": "result.order_id"}],
    )
    otherwise: Words | None = Field(
        None,
        description="What is said where something to keep is not in the result; the item is let go, "
        "or without 'each' something else is asked for.",
        examples=["I am sorry, we have no {{ item.drink }}."],
    )


class IntentDefinition(StudyPart):
    """One thing that participants want done."""

    title: Words = Field(max_length=100, description="As participants read it.", examples=["Order a drink"])
    examples: Texts = Field(
        (), description="Sentences that mean it.", examples=[["I'd like to order a latte"]]
    )
    words: Texts = Field(
        (), description="Words and phrases that speak for it.", examples=[["order", "get me"]]
    )
    patterns: Expressions = Field(
        (), description="Regular expressions that mean it, wherever they match.", examples=[["^order\\b"]]
    )
    aside: bool = Field(
        False,
        description="Whether it is answered in passing: what was under way goes on afterwards.",
        examples=[True],
    )
    slots: dict[SlotName, SlotDefinition] = Field(
        default_factory=dict, description="What it needs to know.", examples=[{"day": {"kind": "date"}}]
    )
    prepare: Annotated[tuple[CallDefinition, ...], BeforeValidator(_listed)] = Field(
        (),
        description="Tools that are called once all that is required is known, and after each change.",
        examples=[[{"tool": "add_order_item"}]],
    )
    confirm: Words | None = Field(
        None,
        description="A yes/no question before what follows; {{ ... }} is filled in.",
        examples=["{{ size }} {{ drink }}. Is that right?"],
    )
    buttons: bool = Field(
        False,
        description="Whether questions with few answers have buttons under them: yes and no, or the options "
        "of a choice of six or fewer. Typing the answer works all the same.",
        examples=[True],
    )
    calls: Annotated[tuple[CallDefinition, ...], BeforeValidator(_listed)] = Field(
        (), description="Tools that do it.", examples=[[{"tool": "finish_order"}]]
    )
    answer: Words = Field(
        description="What is said when it is done; {{ ... }} is filled in.",
        examples=["It will be ready soon."],
    )

    _title_is_one_line = field_validator("title")(seen_line_of)

    @model_validator(mode="after")
    def _can_be_meant(self) -> "IntentDefinition":
        if not (self.examples or self.words or self.patterns or self.slots):
            raise PydanticCustomError("never_meant", "has nothing by which it is recognised")
        asks = [name for name, slot in self.slots.items() if slot.required]
        if self.aside and (self.confirm is not None or asks):
            message = "is an aside, which asks nothing back, and has {what}"
            raise PydanticCustomError(
                "aside_asks", message, {"what": "'confirm'" if not asks else f"the required slot {asks[0]}"}
            )
        return self


class DialogueDefinition(StudyPart):
    """The whole dialogue file."""

    language: Literal["en", "de", "es", "zh-Hans"] = Field(
        "en", description="The language that participants write in, and that it answers in.", examples=["en"]
    )
    timezone: Annotated[Words, AfterValidator(_is_a_zone)] = Field(
        "UTC",
        description='Where "tomorrow at nine" is meant.',
        examples=["Europe/Berlin"],
    )
    day_first: bool = Field(False, description="Whether 3/4 is the third of April.", examples=[True])
    sure: float = Field(
        0.5, gt=0, le=1, description="The score from which an intent is taken as meant.", examples=[0.5]
    )
    close: float = Field(
        0.25, gt=0, le=1, description="The score from which an intent is asked back.", examples=[0.25]
    )
    says: dict[SlotName, Words] = Field(
        default_factory=dict,
        description="Other words for the standard answers.",
        examples=[{"cancelled": "All right, no order."}],
    )
    intents: dict[SlotName, IntentDefinition] = Field(
        min_length=1,
        description="What participants can want.",
        examples=[{"menu": {"title": "See the menu", "words": ["menu"], "answer": "Tea and coffee."}}],
    )

    @model_validator(mode="after")
    def _asks_back_before_it_is_sure(self) -> "DialogueDefinition":
        if self.close > self.sure:
            told = {"close": self.close, "sure": self.sure}
            raise PydanticCustomError("close_sure", "'close' is {close}, and 'sure' is {sure}", told)
        return self

    @model_validator(mode="after")
    def _titles_differ(self) -> "DialogueDefinition":
        titles = [" ".join(intent.title.split()).casefold() for intent in self.intents.values()]
        for name, title in zip(self.intents, titles, strict=True):
            if titles.count(title) > 1:
                # They are buttons beside each other where it is not clear what was meant.
                raise PydanticCustomError(
                    "same_title", "two intents have the title of {name}", {"name": name}
                )
        return self

    @model_validator(mode="after")
    def _options_are_there(self) -> "DialogueDefinition":
        for intent in self.intents.values():
            for slot in intent.slots.values():
                for one in (slot, *slot.slots.values()):
                    self.options_for(one)
        return self

    def options_for(self, slot: SlotDefinition) -> dict[str, Texts]:
        """The options of a choice: its own, or those of the slot that it names."""
        if slot.options_of is None:
            return slot.options
        intent, *path = slot.options_of.split(".")
        found = self.intents.get(intent)
        slots = found.slots if found else {}
        named: SlotDefinition | None = None
        for name in path:
            named = slots.get(name)
            slots = named.slots if named else {}
        if named is None or not named.options:
            raise PydanticCustomError(
                "options_of",
                "'options_of' must name a slot with options, such as order.size or order.items.drink",
            )
        return named.options
