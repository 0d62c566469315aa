"""The conditions of a protocol, and how participants come to them, as the study file writes them."""

from itertools import product
from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.agent_definitions import AgentDefinition, OpenAIDefinition, Parameters
from study.parts import FileName, StudyPart, Words
from study.protocol.parts import Duration, ItemReference, StageId

# Between the levels of two factors in a condition's name: "facts.small".
CROSSED: Final = "."
_MOST_CONDITIONS: Final = 64
# In the place of a seed: the server draws it.
SEALED: Final = "sealed"


class Overrides(StudyPart):
    """What a level of a condition puts in the place of what the agent says by itself."""

    prompt: FileName | None = Field(
        None, description="A text file: the agent's system prompt.", examples=["prompts/facts.md"]
    )
    model: Words | None = Field(
        None, max_length=200, description="The agent's model.", examples=["gpt-4.1-2025-04-14"]
    )
    parameters: Parameters | None = Field(
        None, description="What else is sent to the model.", examples=[{"temperature": 0.2}]
    )
    agent: Words | None = Field(
        None, max_length=60, description="Another agent of the study in its place.", examples=["Mara"]
    )

    @property
    def keys(self) -> tuple[str, ...]:
        """What it sets."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)


class Conditions(StudyPart):
    """The factors of an experiment: every level of one is crossed with every level of the others."""

    between: dict[StageId, dict[StageId, Overrides]] = Field(
        min_length=1,
        max_length=4,
        description="Factors, each with its levels.",
        examples=[{"appeal": {"facts": {"prompt": "prompts/facts.md"}, "stories": {}}}],
    )

    @model_validator(mode="after")
    def _hold_together(self) -> "Conditions":
        setters: dict[str, str] = {}
        for factor, levels in self.between.items():
            if len(levels) < 2:
                raise PydanticCustomError(
                    "levels", "the factor {factor} has one level; it needs two or more", {"factor": factor}
                )
            for key in {key for level in levels.values() for key in level.keys}:
                if (other := setters.setdefault(key, factor)) != factor:
                    told = {"first": other, "second": factor, "key": key}
                    message = "the factors {first} and {second} both set '{key}'"
                    raise PydanticCustomError("two_factors", message, told)
        if len(self.names) > _MOST_CONDITIONS:
            told_most = {"count": len(self.names), "most": _MOST_CONDITIONS}
            raise PydanticCustomError("many_conditions", "make {count} conditions; at most {most}", told_most)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """All conditions: the levels of each factor in its order, joined by a point."""
        return tuple(CROSSED.join(levels) for levels in product(*self.between.values()))

    def levels_of(self, condition: str) -> dict[str, str]:
        """The level of each factor in a condition.

        Raises:
            KeyError: There is no such condition.
        """
        levels = dict(zip(self.between, condition.split(CROSSED), strict=False))
        if condition not in self.names:
            raise KeyError(condition)
        return levels

    def overrides_of(self, condition: str) -> Overrides:
        """What a condition sets, of all its factors.

        Raises:
            KeyError: There is no such condition.
        """
        together: dict[str, object] = {}
        for factor, level in self.levels_of(condition).items():
            said = self.between[factor][level]
            together |= {key: getattr(said, key) for key in said.keys}
        return Overrides.model_validate(together)


def varied(agent: AgentDefinition, overrides: Overrides) -> AgentDefinition:
    """An agent as a condition has it, under its own name.

    Args:
        agent: As the study writes it.
        overrides: Of the condition; `agent` is looked up by whoever asks.
    """
    if not isinstance(agent, OpenAIDefinition) or overrides.agent not in (None, agent.name):
        return agent
    changes = {
        key: getattr(overrides, key) for key in ("prompt", "model") if getattr(overrides, key) is not None
    }
    if overrides.parameters is not None:
        said = overrides.parameters.model_dump(exclude_none=True)
        changes["parameters"] = agent.parameters.model_copy(update=said)
    return agent.model_copy(update=changes) if changes else agent


class UrnBalls(StudyPart):
    """The urn's balls."""

    alpha: int = Field(1, ge=0, le=1_000, description="Of each condition at first.", examples=[1])
    beta: int = Field(
        1, ge=0, le=1_000, description="Of each other condition, for each one that is drawn.", examples=[1]
    )


class AssignRule(StudyPart):
    """How participants come to their conditions."""

    at: StageId = Field(
        description="On coming to which stage: as late as possible, for who leaves before has no condition.",
        examples=["talk"],
    )
    method: Literal["simple", "blocks", "minimise", "urn"] = Field(
        "blocks",
        description="`simple`: each drawn by itself. `blocks`: each condition equally often in each block. "
        "`minimise`: mostly the one that leaves the groups most alike in some factors. `urn`: small groups "
        "are drawn more likely.",
        examples=["blocks"],
    )
    lengths: tuple[Annotated[int, Field(ge=1, le=1_000)], ...] = Field(
        (),
        max_length=10,
        description="Lengths of blocks, mixed at random, so that nobody can guess the next; left out, twice "
        "and four times the number of conditions.",
        examples=[[4, 8]],
    )
    weights: dict[str, Annotated[int, Field(ge=1, le=1_000)]] = Field(
        default_factory=dict,
        max_length=_MOST_CONDITIONS,
        description="How many are in a condition for how many in the others, where they are not to be "
        "equally large.",
        examples=[{"facts": 2, "stories": 1}],
    )
    within: tuple[ItemReference, ...] = Field(
        (),
        max_length=3,
        description="Blocks of their own for each answer to these, as stage.item.",
        examples=[["before.stance_group"]],
    )
    factors: dict[ItemReference, Annotated[float, Field(gt=0, le=1_000)]] = Field(
        default_factory=dict,
        max_length=10,
        description="For `minimise`: answers in which the groups are to be alike, as stage.item; or each "
        "with its weight.",
        examples=[["before.age", "before.sex"]],
    )
    probability: float = Field(
        0.8,
        ge=0.5,
        le=1,
        description="For `minimise`: that of the condition that balances best.",
        examples=[0.8],
    )
    urn: UrnBalls = Field(
        default_factory=UrnBalls,
        description="For `urn`: balls of each condition at first (`alpha`), and of each other one for "
        "each that is drawn (`beta`).",
        examples=[{"alpha": 1, "beta": 1}],
    )
    target: int = Field(
        ge=1,
        le=1_000_000,
        description="Participants in each condition that are wanted, for each one of its weight.",
        examples=[100],
    )
    filled_by: Literal["started", "completed", "usable"] = Field(
        "usable", description="Who fills a place for good.", examples=["usable"]
    )
    held_for: Duration = Field(
        3_600,
        description="How long the place of somebody who gives no sign is kept; then it is open again.",
        examples=["45 minutes"],
    )
    seed: Annotated[str, Field(min_length=6, max_length=200)] = Field(
        SEALED,
        description="`sealed`: drawn by the server, its SHA-256 public, itself when the study ended. Else "
        "a text of your own.",
        examples=["sealed"],
    )

    @field_validator("lengths", "within", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("factors", mode="before")
    @classmethod
    def _equally(cls, value: Any) -> Any:
        return dict.fromkeys(value, 1.0) if isinstance(value, list) else value

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The answers that it needs of whoever comes."""
        return tuple(dict.fromkeys([*self.within, *self.factors]))
