"""What a study file may say: one strict, frozen model a part, with a description on every field.

docs/reference/study-file.md says the same to the people who write such files.
"""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.money import Budget
from study.participation import AttachmentRules, Closing, Login, RatingRules, Replies, Sharing
from study.parts import DelayMs, FileName, StudyPart, Words, one_line_of
from study.text import is_blank


class AgentKind(StrEnum):
    """The kinds of agents; agent/registry.py holds a builder for each."""

    OPENAI = "openai"
    ELIZA = "eliza"
    SCRIPTED = "scripted"


class Starter(StudyPart):
    """A message that the page offers before the participant has written one."""

    label: Words = Field(
        max_length=60, description="What stands on the button.", examples=["A question about cooking"]
    )
    message: Words = Field(
        max_length=2_000,
        description="What is sent, as the participant's own words.",
        examples=["How long do I boil an egg?"],
    )


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

    _name_is_one_line = field_validator("name")(one_line_of)


class OpenAIDefinition(AgentBase):
    """A model behind an API that speaks OpenAI's chat completions."""

    kind: Literal["openai"] = Field(description="A language model.")
    model: Words | None = Field(
        None, max_length=200, description="The model; else VERBATIM_MODEL's.", examples=["gpt-4.1-mini"]
    )
    prompt: FileName | None = Field(
        None, description="A text file: the system prompt, sent first.", examples=["prompt.md"]
    )
    parameters: Parameters = Field(default_factory=Parameters, description="What else is sent to the API.")
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
    delta_words: int = Field(1, ge=1, le=10_000, description="How many words appear at once.", examples=[1])
    delay_ms: DelayMs = Field(0, description="A pause before each of these.", examples=[20])

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
        return self


AgentDefinition: TypeAlias = OpenAIDefinition | ElizaDefinition | ScriptedDefinition


class Limits(StudyPart):
    """What a participant may send."""

    message_length: int = Field(
        10_000,
        ge=1,
        le=1_000_000,
        description="The most characters in one message of a participant.",
        examples=[10000],
    )


class Study(StudyPart):
    """The whole file."""

    id: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        description="The study's short name in every table; never change it.",
        examples=["everyday-talk"],
    )
    title: Words = Field(
        max_length=200, description="What participants read at the top.", examples=["Everyday conversation"]
    )
    contact: Words = Field(
        max_length=500,
        description="Whom participants can ask: a name and an address.",
        examples=["Dr. Kim, kim@university.example"],
    )
    welcome: Words = Field(
        max_length=20_000,
        description="What stands on the page before the first message.",
        examples=["Write about anything that comes to your mind."],
    )
    starters: tuple[Starter, ...] = Field((), max_length=8, description="Messages that the page offers.")
    agents: tuple[Annotated[AgentDefinition, Field(discriminator="kind")], ...] = Field(
        description="Who answers.", examples=[[{"name": "ELIZA", "kind": "eliza"}]]
    )
    limits: Limits = Field(default_factory=Limits, description="What a participant may send.")
    language: Literal["en", "de", "es", "zh-Hans"] | None = Field(
        None,
        description="The page's language. Left out, each participant's browser chooses.",
        examples=["en"],
    )
    login: Login = Field(default_factory=Login, description="How participants come in.")
    ratings: RatingRules = Field(default_factory=RatingRules, description="What can be said about a reply.")
    replies: Replies = Field(
        default_factory=Replies, description="What the page says of a reply beside its words."
    )
    attachments: AttachmentRules | None = Field(
        None, description="Files in a message; left out, there are none.", examples=[{"kinds": ["image"]}]
    )
    sharing: Sharing | None = Field(
        None, description="Links to a conversation; left out, there are none.", examples=[{"days": 30}]
    )

    closing: Closing = Field(
        default_factory=Closing, description="What participants read while the study is paused or ended."
    )
    budget: Budget | None = Field(
        None,
        description="What the models may cost; left out, costs are shown without a limit.",
        examples=[{"amount": 50, "currency": "USD"}],
    )

    _title_is_one_line = field_validator("title")(one_line_of)

    @field_validator("starters", "agents", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("agents")
    @classmethod
    def _someone_answers(cls, value: tuple[AgentDefinition, ...]) -> tuple[AgentDefinition, ...]:
        # Not by min_length: pydantic applies that to the agents that are right, and complains twice.
        if not value:
            raise PydanticCustomError("no_agents", "needs at least one agent")
        return value

    @model_validator(mode="after")
    def _agents_differ(self) -> "Study":
        names = [agent.name.casefold() for agent in self.agents]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise PydanticCustomError(
                    "agent_names",
                    "agents[{first}] and agents[{second}] have one name: {name}",
                    {"first": names.index(name), "second": index, "name": self.agents[index].name},
                )
        defaults = [agent.name for agent in self.agents if agent.default]
        if len(defaults) != 1 and (len(self.agents) > 1 or defaults):
            raise PydanticCustomError(
                "one_default", "{count} of the agents have 'default: true'", {"count": len(defaults)}
            )
        return self

    @model_validator(mode="after")
    def _starters_can_be_sent(self) -> "Study":
        longest = self.limits.message_length
        for index, starter in enumerate(self.starters):
            if len(starter.message) > longest:
                raise PydanticCustomError(
                    "long_starter",
                    "starters[{index}].message has {length} characters, "
                    "and limits.message_length is {longest}",
                    {"index": index, "length": len(starter.message), "longest": longest},
                )
        return self

    @property
    def default_agent(self) -> AgentDefinition:
        """The agent that a new thread begins with; an only agent need not say so."""
        return next((agent for agent in self.agents if agent.default), self.agents[0])
