"""The part `protocol` of a study file: its stages in their order, its conditions, its endings."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.parts import StudyPart
from study.protocol.conditions import SEALED, AssignRule, Conditions
from study.protocol.each_turn import Levels, TurnOverrides
from study.protocol.parts import EndingName, StageId
from study.protocol.stages import (
    ChatDefinition,
    ConsentDefinition,
    DebriefDefinition,
    Ending,
    InstructionsDefinition,
    StageDefinition,
    SurveyDefinition,
    TimeLimits,
    UsableRule,
    WaitDefinition,
)

COMPLETED: Final = "completed"
FULL: Final = "full"
TIMED_OUT: Final = "timed_out"
WITHDREW: Final = "withdrew"


class Recruit(StudyPart):
    """Where participants come from, and what they were told."""

    service: Literal["prolific", "connect", "mturk", "sona", "qualtrics", "link"] = Field(
        "link", description="Which recruiting service sends them.", examples=["prolific"]
    )
    minutes: float | None = Field(
        None, gt=0, le=10_000, description="How long it takes, as participants were told.", examples=[15]
    )
    stop_at: int | None = Field(
        None,
        ge=1,
        le=10_000_000,
        description="After so many usable participants nobody new comes in.",
        examples=[400],
    )


class Protocol(StudyPart):
    """What a participant goes through, from the first page to the last."""

    recruit: Recruit = Field(
        default_factory=Recruit, description="Where participants come from.", examples=[{"minutes": 15}]
    )
    stages: tuple[StageDefinition, ...] = Field(
        min_length=1,
        max_length=50,
        description="What happens, in this order.",
        examples=[[{"id": "before", "kind": "survey", "file": "surveys/before.yaml"}]],
    )
    conditions: Conditions | None = Field(
        None,
        description="What differs between participants; left out, nothing does.",
        examples=[{"between": {"appeal": {"facts": {"prompt": "facts.md"}, "stories": {}}}}],
    )
    assign: AssignRule | None = Field(
        None, description="How they come to their conditions.", examples=[{"at": "talk", "target": 100}]
    )
    each_turn: dict[StageId, dict[StageId, TurnOverrides]] = Field(
        default_factory=dict,
        max_length=1,
        description="A factor whose level is drawn anew for each turn of a chat.",
        examples=[{"asks_back": {"yes": {"prompt": "prompts/asks-back.md"}, "no": {}}}],
    )
    usable: UsableRule = Field(
        default_factory=UsableRule,
        description="Whose data are meant to be analysed.",
        examples=[{"ending": "completed"}],
    )
    endings: dict[EndingName, Ending] = Field(
        min_length=1,
        max_length=30,
        description="How taking part may end, each with what is read then.",
        examples=[{"completed": {"text": "texts/thanks.md"}}],
    )
    time: TimeLimits = Field(
        default_factory=TimeLimits, description="How long it may last.", examples=[{"whole": "60 minutes"}]
    )
    comes_back: Literal["continue", "restart_stage", "end"] = Field(
        "continue",
        description="Where somebody stands who comes back after having been away.",
        examples=["continue"],
    )

    @field_validator("stages", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _stages_differ(self) -> "Protocol":
        ids = [stage.id for stage in self.stages]
        if len(set(ids)) < len(ids):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise PydanticCustomError("stage_ids", "two of the stages have the id {id}", {"id": twice})
        return self

    @model_validator(mode="after")
    def _endings_are_there(self) -> "Protocol":
        for where, name in self.named_endings:
            if name not in self.endings:
                told = {"where": where, "name": name, "known": ", ".join(self.endings)}
                message = "{where} ends as {name}, which is not among the endings: {known}"
                raise PydanticCustomError("no_such_ending", message, told)
        codes = [ending.code for ending in self.endings.values() if ending.code is not None]
        if len(set(codes)) < len(codes):
            twice = next(one for one in codes if codes.count(one) > 1)
            raise PydanticCustomError(
                "code_twice", "two of the endings have the code {code}", {"code": twice}
            )
        return self

    @model_validator(mode="after")
    def _turns_differ(self) -> "Protocol":
        for factor, levels in self.each_turn.items():
            if len(levels) < 2:
                message = "the factor {factor} has one level; it needs two or more"
                raise PydanticCustomError("levels", message, {"factor": factor})
            for key in {key for level in levels.values() for key in level.keys}:
                for other, between in self.conditions.between.items() if self.conditions else ():
                    if any(key in level.keys for level in between.values()):
                        told = {"first": other, "second": factor, "key": key}
                        message = "the factors {first} and {second} both set '{key}'"
                        raise PydanticCustomError("two_factors", message, told)
        return self

    @property
    def turn_levels(self) -> Levels:
        """The levels of which one is drawn for each turn; none where nothing is."""
        return next(iter(self.each_turn.values()), {})

    @property
    def seed(self) -> str:
        """What is drawn from, as the file says it."""
        return self.assign.seed if self.assign is not None else SEALED

    @model_validator(mode="after")
    def _assigned_in_time(self) -> "Protocol":
        if (self.conditions is None) is not (self.assign is None):
            raise PydanticCustomError("assign_alone", "'conditions' and 'assign' need each other")
        if self.assign is None or self.conditions is None:
            return self
        ids = [stage.id for stage in self.stages]
        if self.assign.at not in ids:
            told = {"at": self.assign.at, "known": ", ".join(ids)}
            raise PydanticCustomError(
                "assign_at", "assigns at {at}, which is none of the stages: {known}", told
            )
        before = [stage.id for stage in self.stages[: ids.index(self.assign.at)]]
        if any(stage.kind == "chat" for stage in self.stages[: len(before)]):
            message = "assigns at {at}, after a chat, which would have no condition"
            raise PydanticCustomError("assign_at", message, {"at": self.assign.at})
        for reference in self.assign.looked_at:
            if reference.partition(".")[0] not in before:
                message = "makes groups by {item}, which is not asked before {at}"
                raise PydanticCustomError("assign_within", message, {"item": reference, "at": self.assign.at})
        return self

    @model_validator(mode="after")
    def _weights_have_conditions(self) -> "Protocol":
        if self.assign is None or self.conditions is None:
            return self
        for name in self.assign.weights:
            if name not in self.conditions.names:
                told = {"name": name, "known": ", ".join(self.conditions.names)}
                raise PydanticCustomError("assign_weights", "weighs {name}, which is none of {known}", told)
        return self

    @model_validator(mode="after")
    def _usable_can_be(self) -> "Protocol":
        for stage in self.chats:
            least, most = self.usable.turns.least, stage.turns.most
            if least is not None and most is not None and least > most:
                told = {"least": least, "most": most, "stage": stage.id}
                message = "asks for {least} turns, and the chat {stage} ends after {most}: nobody is usable"
                raise PydanticCustomError("never_usable", message, told)
        return self

    @model_validator(mode="after")
    def _waits_are_survived(self) -> "Protocol":
        """Who waits gives no sign, and is not to lose their place or their time by it."""
        ids = [stage.id for stage in self.stages]
        for stage in self.stages:
            if not isinstance(stage, WaitDefinition) or stage.lasts is None:
                continue
            told = {"stage": stage.id}
            if self.time.whole is not None and stage.lasts >= self.time.whole:
                message = "the wait {stage} lasts as long as time.whole: nobody comes out of it"
                raise PydanticCustomError("wait_long", message, told)
            holds = self.assign is not None and ids.index(stage.id) >= ids.index(self.assign.at)
            if self.assign is not None and holds and stage.lasts >= self.assign.held_for:
                message = "the wait {stage} lasts as long as assign.held_for: its places are lost meanwhile"
                raise PydanticCustomError("wait_long", message, told)
        return self

    @property
    def named_endings(self) -> Iterator[tuple[str, str]]:
        """What leads to an ending, and to which."""
        yield "the last stage", COMPLETED
        yield "'usable'", self.usable.ending
        if self.assign is not None or self.recruit.stop_at is not None:
            yield "a study whose places are taken", FULL
        if self.time.whole is not None or self.comes_back == "end":
            yield "a participant whose time is over", TIMED_OUT
        for stage in self.stages:
            where = f"the stage {stage.id}"
            if isinstance(stage, ConsentDefinition):
                yield where, stage.otherwise
            elif isinstance(stage, SurveyDefinition):
                yield from ((where, rule.ending) for rule in stage.end_if)
                if stage.fails is not None:
                    yield where, stage.fails.ending
            elif isinstance(stage, InstructionsDefinition) and stage.quiz is not None:
                yield where, stage.otherwise
            elif isinstance(stage, ChatDefinition) and stage.on_failure is not None:
                yield where, stage.on_failure

    def stage(self, stage_id: str) -> StageDefinition:
        """The stage with an id.

        Raises:
            KeyError: There is none.
        """
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)

    @property
    def chats(self) -> tuple[ChatDefinition, ...]:
        """Its conversations."""
        return tuple(stage for stage in self.stages if isinstance(stage, ChatDefinition))

    @property
    def files(self) -> Mapping[str, tuple[tuple[str | int, ...], str]]:
        """The files that it names: by their names, the keys that lead there and what each is."""
        named: dict[str, tuple[tuple[str | int, ...], str]] = {}
        for place, stage in enumerate(self.stages):
            here: tuple[str | int, ...] = ("stages", place)
            if isinstance(stage, SurveyDefinition):
                named[stage.file] = ((*here, "file"), "survey")
            if isinstance(stage, InstructionsDefinition) and stage.quiz is not None:
                named[stage.quiz] = ((*here, "quiz"), "survey")
            if isinstance(
                stage, ConsentDefinition | InstructionsDefinition | WaitDefinition | DebriefDefinition
            ):
                named[stage.text] = ((*here, "text"), "text")
            if isinstance(stage, ChatDefinition) and stage.opening is not None:
                named[stage.opening] = ((*here, "opening"), "text")
        for name, ending in self.endings.items():
            named[ending.text] = (("endings", name, "text"), "text")
        return named | self._prompts

    @property
    def _prompts(self) -> dict[str, tuple[tuple[str | int, ...], str]]:
        """Those of levels, as `files` names them."""
        between = self.conditions.between if self.conditions else {}
        parts: dict[tuple[str, ...], Mapping[str, Mapping[str, Any]]] = {
            ("conditions", "between"): between,
            ("each_turn",): self.each_turn,
        }
        found: dict[str, tuple[tuple[str | int, ...], str]] = {}
        for where, factors in parts.items():
            for factor, levels in factors.items():
                for level, said in levels.items():
                    if said.prompt is not None:
                        found[said.prompt] = ((*where, factor, level, "prompt"), "prompt")
        return found
