"""The part of a study file that says who answers: one strict, frozen model a kind of agent.

docs/reference/study-file.md says the same to the people who write such files.
"""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.parts import DelayMs, FileName, StudyPart, Words, one_line_of
from study.text import is_blank
from study.tools import ToolsDefinition

IntentName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class AgentKind(StrEnum):
    """The kinds of agents; agent/registry.py holds a builder for each."""

    OPENAI = "openai"
    ELIZA = "eliza"
    SCRIPTED = "scripted"
    TASK = "task"


class Parameters(StudyPart):
    """What is sent to the model's API beside the messages, under the API's own names.

    What is left out is not sent: the server's own default applies.
    """

    temperature: float | None = Field(
        None, ge=0, le=2, description="0 for the likeliest words, 2 for wild.", examples=[0.7]
    )
    top_p: float | None = Field(
        None, gt=0, le=1, description="Only words within this share of likelihood.", examples=[0.9]
    )
    max_tokens: int | None = Field(
        None,
        ge=1,
        description="The reply's most tokens; sent as max_completion_tokens to models that want it so.",
        examples=[500],
    )
    max_completion_tokens: int | None = Field(
        None,
        ge=1,
        description="The same, thinking included; sent as max_tokens to servers that want it so.",
        examples=[500],
    )
    seed: int | None = Field(
        None, description="The same seed asks for the same words; few servers promise it.", examples=[7]
    )
    presence_penalty: float | None = Field(
        None, ge=-2, le=2, description="Above 0: more new topics.", examples=[0.5]
    )
    frequency_penalty: float | None = Field(
        None, ge=-2, le=2, description="Above 0: fewer repeated words.", examples=[0.5]
    )
    stop: tuple[str, ...] | None = Field(
        None, description="The reply ends before this text, or these.", examples=[["END"]]
    )
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = Field(
        None, description="How long a reasoning model may think.", examples=["low"]
    )

    @field_validator("stop", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            return (value,)
        return tuple(value) if isinstance(value, list) else value


class AgentBase(StudyPart):
    """What every agent has."""

    name: Words = Field(
        max_length=60, description="What participants read, and what the record keeps.", examples=["Alex"]
    )
    default: bool = Field(False, description="Whether a new thread begins with this agent.", examples=[True])
    description: str = Field(
        "",
        max_length=2_000,
        description="What participants read of it when they choose.",
        examples=["Answers questions about everyday life."],
    )
    steps: Literal["full", "tools", "none"] = Field(
        "full",
        description="What participants see of its work: every step, its tools alone, or none. All is kept; "
        "what is not shown never reaches their browsers.",
        examples=["none"],
    )
    fallback: Words | None = Field(
        None,
        max_length=60,
        description="The agent that answers where this one cannot, by its name; left out, participants get a "
        "Retry.",
        examples=["ELIZA"],
    )
    offered: bool = Field(
        True,
        description="Whether participants can choose it; `false` for one that is another's fallback alone.",
        examples=[False],
    )

    _name_is_one_line = field_validator("name")(one_line_of)


class ToolUser(AgentBase):
    """What agents have that can do something beside talking."""

    tools: ToolsDefinition | None = Field(
        None,
        description="What it may do beside talking; left out, it talks.",
        examples=[{"module": "tools.py", "use": ["add_item"]}],
    )


class ModelIntentDefinition(StudyPart):
    """One thing that a model gets done for participants with its tools."""

    title: Words = Field(max_length=100, description="As participants read it.", examples=["Order a drink"])
    begun_by: tuple[Words, ...] = Field(
        min_length=1,
        max_length=64,
        description="The tools whose call begins it, where it is not under way already. A tool that "
        "`completes` ends it.",
        examples=[["add_item"]],
    )

    @field_validator("begun_by", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class OpenAIDefinition(ToolUser):
    """A model behind an API that speaks OpenAI's chat completions."""

    kind: Literal["openai"] = Field(description="A language model.")
    model: Words | None = Field(
        None, max_length=200, description="The model; else VERBATIM_MODEL's.", examples=["gpt-4.1-mini"]
    )
    prompt: FileName | None = Field(
        None, description="A text file: the system prompt, sent first.", examples=["prompt.md"]
    )
    parameters: Parameters = Field(
        default_factory=Parameters,
        description="What else is sent to the API.",
        examples=[{"temperature": 0.7}],
    )
    starts_in_thinking: bool = Field(
        False,
        description="Whether the server leaves out the opening <think>, because the model's template has "
        "written it: all up to </think> is thinking then.",
        examples=[True],
    )
    show_thinking: bool = Field(
        False,
        description="Whether participants may read what the model thinks before it answers. It is kept "
        "either way.",
        examples=[True],
    )
    intents: dict[IntentName, ModelIntentDefinition] = Field(
        default_factory=dict,
        max_length=32,
        description="What it gets done with its tools, by names of your own. Left out, it keeps no intents.",
        examples=[{"order": {"title": "Order a drink", "begun_by": ["add_item"]}}],
    )

    @model_validator(mode="after")
    def _tools_begin_one_intent_each(self) -> "OpenAIDefinition":
        there = self.tools.names if self.tools is not None else ()
        begun = [name for intent in self.intents.values() for name in intent.begun_by]
        for name in begun:
            if name not in there:
                raise PydanticCustomError(
                    "begun_by",
                    "has an intent that is begun by {name}, which is none of its tools",
                    {"name": name},
                )
            if begun.count(name) > 1:
                raise PydanticCustomError("begun_twice", "has two intents that {name} begins", {"name": name})
        return self


class ElizaDefinition(AgentBase):
    """Weizenbaum's DOCTOR of 1966: no model, no network, the same words each time."""

    kind: Literal["eliza"] = Field(description="The rules of 1966.")
    letters: Literal["capitals", "sentence"] = Field(
        "capitals", description="CAPITALS as in 1966, or Letters as in a sentence.", examples=["sentence"]
    )
    delay_ms: DelayMs = Field(0, description="A pause before each word.", examples=[20])


class ScriptedDefinition(AgentBase):
    """One that says the lines of a file of dialogs, or always the same text."""

    kind: Literal["scripted"] = Field(description="Lines written beforehand.")
    dialogs: FileName | None = Field(
        None, description="A file of dialogs, one JSON object a line.", examples=["dialogs.jsonl"]
    )
    reply: Words | None = Field(
        None, description="The answer to every message, instead of dialogs.", examples=["Thank you, go on."]
    )
    closing: Words = Field(
        "The script is over.",
        description="The answer when the dialog has no more lines.",
        examples=["That was all."],
    )
    asks: tuple[str, ...] = Field(
        (),
        description="Forms of the study that stand under its first replies, one a reply; with 'reply'. In "
        'a file of dialogs a line of the assistant\'s names its own: "form": "order".',
        examples=[["order"]],
    )
    delta_words: int = Field(1, ge=1, le=10_000, description="How many words appear at once.", examples=[1])
    delay_ms: DelayMs = Field(0, description="A pause before each of these.", examples=[20])

    @field_validator("asks", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            return (value,)
        return tuple(value) if isinstance(value, list) else value

    @field_validator("reply", "closing")
    @classmethod
    def _can_be_seen(cls, value: str | None) -> str | None:
        if value is not None and is_blank(value):
            raise PydanticCustomError("unseen", "has nothing in it that can be seen")
        return value

    @model_validator(mode="after")
    def _one_source(self) -> "ScriptedDefinition":
        if (self.dialogs is None) == (self.reply is None):
            raise PydanticCustomError(
                "one_source", "a scripted agent needs either 'dialogs' (a file) or 'reply' (a text), not both"
            )
        if self.asks and self.reply is None:
            raise PydanticCustomError(
                "asks_alone",
                "'asks' is for an agent with 'reply': lines of a file name their forms themselves",
            )
        return self


class TaskDefinition(ToolUser):
    """One that gets things done without a model: what it understands is written in a dialogue file."""

    kind: Literal["task"] = Field(description="Intents, slots and answers of a file.")
    dialogue: FileName = Field(
        description="A YAML file: what participants can want, what it asks, does and answers.",
        examples=["dialogue.yaml"],
    )
    delay_ms: DelayMs = Field(0, description="A pause before each few words.", examples=[20])


AgentDefinition: TypeAlias = OpenAIDefinition | ElizaDefinition | ScriptedDefinition | TaskDefinition
