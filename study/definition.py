"""What a study file may say: one strict, frozen model a part, with a description on every field.

docs/reference/study-file.md says the same to the people who write such files.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.agent_definitions import AgentDefinition, ScriptedDefinition
from study.fallbacks import complain_of_fallbacks
from study.forms import Form, Item, ItemKind
from study.forms.bounds import bounds_of
from study.limits import Limits
from study.money import Budget
from study.participation import AttachmentRules, Closing, IntentRules, Login, RatingRules, Replies, Sharing
from study.parts import StudyPart, Words, one_line_of
from study.protocol.definition import Protocol
from study.semantic_search import SemanticSearch


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
    starters: tuple[Starter, ...] = Field(
        (),
        max_length=8,
        description="Messages that the page offers.",
        examples=[[{"label": "A question", "message": "How long do I boil an egg?"}]],
    )
    agents: tuple[Annotated[AgentDefinition, Field(discriminator="kind")], ...] = Field(
        description="Who answers.", examples=[[{"name": "ELIZA", "kind": "eliza"}]]
    )
    limits: Limits = Field(
        default_factory=Limits,
        description="What a participant may send, and use.",
        examples=[{"message_length": 5000}],
    )
    language: Literal["en", "de", "es", "zh-Hans"] | None = Field(
        None,
        description="The page's language. Left out, each participant's browser chooses.",
        examples=["en"],
    )
    login: Login = Field(
        default_factory=Login, description="How participants come in.", examples=[{"mode": "claim"}]
    )
    ratings: RatingRules = Field(
        default_factory=RatingRules,
        description="What can be said about a reply.",
        examples=[{"good": ["Helpful"]}],
    )
    replies: Replies = Field(
        default_factory=Replies,
        description="What the page says of a reply beside its words.",
        examples=[{"say_cut_off": False}],
    )
    attachments: AttachmentRules | None = Field(
        None, description="Files in a message; left out, there are none.", examples=[{"kinds": ["image"]}]
    )
    sharing: Sharing | None = Field(
        None, description="Links to a conversation; left out, there are none.", examples=[{"days": 30}]
    )
    intents: IntentRules = Field(
        default_factory=IntentRules,
        description="What becomes of intents, where an agent keeps them.",
        examples=[{"idle_minutes": 30}],
    )

    forms: tuple[Form, ...] = Field(
        (),
        max_length=100,
        description="Forms that an agent can ask with, in the conversation.",
        examples=[[{"id": "milk", "items": [{"id": "milk", "kind": "yes_no", "label": "Milk?"}]}]],
    )
    closing: Closing = Field(
        default_factory=Closing,
        description="What participants read while the study is paused or ended.",
        examples=[{"ended": "Thank you for taking part."}],
    )
    budget: Budget | None = Field(
        None,
        description="What the models may cost; left out, costs are shown without a limit.",
        examples=[{"amount": 50, "currency": "USD"}],
    )

    protocol: Protocol | None = Field(
        None,
        description="What participants go through; left out, they talk.",
        examples=[{"stages": [{"id": "talk", "kind": "chat"}], "endings": {"completed": {"text": "end.md"}}}],
    )

    semantic_search: SemanticSearch | None = Field(
        None,
        description="Search by meaning; left out, there is none.",
        examples=[{"model": "text-embedding-3-small"}],
    )

    _title_is_one_line = field_validator("title")(one_line_of)

    @field_validator("starters", "agents", "forms", mode="before")
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
        if len(defaults) != 1 and (sum(agent.offered for agent in self.agents) > 1 or defaults):
            raise PydanticCustomError(
                "one_default", "{count} of the agents have 'default: true'", {"count": len(defaults)}
            )
        return self

    @model_validator(mode="after")
    def _fallbacks_lead_somewhere(self) -> "Study":
        complain_of_fallbacks(self.agents)
        return self

    @model_validator(mode="after")
    def _forms_are_known(self) -> "Study":
        ids = [form.id for form in self.forms]
        if len(set(ids)) != len(ids):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise PydanticCustomError("form_ids", "two of the forms have the id {id}", {"id": twice})
        for index, agent in enumerate(self.agents):
            for form_id in agent.asks if isinstance(agent, ScriptedDefinition) else ():
                if form_id not in ids:
                    told = {"index": index, "form": form_id, "known": ", ".join(ids) or "there is none"}
                    message = "agents[{index}] asks with the form {form}; the study's forms: {known}"
                    raise PydanticCustomError("form_ids", message, told)
        return self

    @model_validator(mode="after")
    def _files_can_be_given(self) -> "Study":
        for form in self.forms:
            for item in form.asked:
                if item.kind == ItemKind.FILE:
                    self._check_files(form.id, item)
        return self

    @model_validator(mode="after")
    def _agents_of_stages_are_known(self) -> "Study":
        if self.protocol is None:
            return self
        names = {agent.name for agent in self.agents}
        told = [(f"the stage {stage.id}", stage.agent) for stage in self.protocol.chats]
        conditions = self.protocol.conditions
        for factor, levels in conditions.between.items() if conditions else ():
            told += [(f"the level {factor}.{level}", said.agent) for level, said in levels.items()]
        for where, name in told:
            if name is not None and name not in names:
                known = {"where": where, "name": name, "known": ", ".join(sorted(names))}
                raise PydanticCustomError(
                    "stage_agent", "{where} names the agent {name}; there are: {known}", known
                )
        return self

    def _check_files(self, form_id: str, item: Item) -> None:
        told = {"form": form_id, "item": item.id}
        if self.attachments is None:
            message = "the form {form} asks for a file ({item}), and there is no 'attachments': none is taken"
            raise PydanticCustomError("form_files", message, told)
        _least, most = bounds_of(item)
        if isinstance(most, int) and most > self.attachments.max_files:
            message = "the form {form} takes {most} files ({item}), and attachments.max_files is {files}"
            told |= {"most": str(most), "files": str(self.attachments.max_files)}
            raise PydanticCustomError("form_files", message, told)

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
        """The agent that a new thread begins with; an only agent that is offered need not say so."""
        offered = [agent for agent in self.agents if agent.offered]
        return next((agent for agent in offered if agent.default), offered[0])
