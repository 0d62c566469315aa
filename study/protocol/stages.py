"""The stages of a protocol as the study file writes them: one strict, frozen model a kind."""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from study.forms.item import Condition
from study.forms.texts import LocalText
from study.parts import StudyPart, Words
from study.protocol.parts import (
    Duration,
    EndingName,
    MinuteBounds,
    PointInTime,
    StageId,
    TextFile,
    TurnBounds,
)


class StageKind(StrEnum):
    """The kinds of stages; stages/protocol/registry.py holds a handler for each."""

    CONSENT = "consent"
    SURVEY = "survey"
    INSTRUCTIONS = "instructions"
    CHAT = "chat"
    WAIT = "wait"
    DEBRIEF = "debrief"


class StageBase(StudyPart):
    """What every stage has."""

    id: StageId = Field(description="Its short name in every table; never change it.", examples=["before"])
    title: LocalText | None = Field(
        None, description="What stands above it; left out, none.", examples=["Your view"]
    )


class ConsentDefinition(StageBase):
    """A text to agree to, with one decision a box."""

    kind: Literal["consent"] = Field(description="A text to agree to.")
    version: Words = Field(
        max_length=40, description="The text's version; a changed text needs another.", examples=["2"]
    )
    text: TextFile = Field(description="A Markdown file: what is agreed to.", examples=["texts/consent.md"])
    boxes: dict[StageId, LocalText] = Field(
        min_length=1,
        max_length=20,
        description="What is decided, each with its words; none is ticked beforehand.",
        examples=[{"take_part": "I am 18 or older and I agree to take part."}],
    )
    needed: tuple[StageId, ...] = Field(
        min_length=1, description="Boxes without which nobody takes part.", examples=[["take_part"]]
    )
    otherwise: EndingName = Field(
        "no_consent", description="How taking part ends for who does not agree.", examples=["no_consent"]
    )
    on_new_version: Literal["ask", "leave"] = Field(
        "ask",
        description="Whether those who agreed to an earlier version are asked again when they come back.",
        examples=["ask"],
    )

    @field_validator("needed", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _needed_are_boxes(self) -> "ConsentDefinition":
        for name in self.needed:
            if name not in self.boxes:
                told = {"name": name, "known": ", ".join(self.boxes)}
                raise PydanticCustomError("consent_box", "needs the box {name}; its boxes: {known}", told)
        return self


class EndIf(Condition):
    """An answer with which taking part ends."""

    ending: EndingName = Field(description="How it ends then.", examples=["screened_out"])


class AttentionRule(StudyPart):
    """How many attention checks may be failed."""

    attention: int = Field(ge=1, le=100, description="At so many failed ones it ends.", examples=[2])
    ending: EndingName = Field(
        "failed_attention", description="How taking part ends then.", examples=["failed_attention"]
    )


class SurveyDefinition(StageBase):
    """Questions on pages of their own."""

    kind: Literal["survey"] = Field(description="Questions.")
    file: TextFile = Field(description="The file that holds them.", examples=["surveys/before.yaml"])
    end_if: tuple[EndIf, ...] = Field(
        (),
        max_length=20,
        description="Answers with which taking part ends.",
        examples=[[{"item": "uses_chatbots", "is": "never", "ending": "screened_out"}]],
    )
    fails: AttentionRule | None = Field(
        None,
        description="When failed attention checks end it; left out, they are counted alone.",
        examples=[{"attention": 2, "ending": "failed_attention"}],
    )

    @field_validator("end_if", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class InstructionsDefinition(StageBase):
    """A text to read, and perhaps a quiz on it."""

    kind: Literal["instructions"] = Field(description="A text to read.")
    text: TextFile = Field(description="A Markdown file: what is read.", examples=["texts/instructions.md"])
    quiz: TextFile | None = Field(
        None,
        description="Questions on it, each with its `right` answer; left out, there are none.",
        examples=["surveys/quiz.yaml"],
    )
    attempts: int = Field(2, ge=1, le=20, description="How often the quiz may be tried.", examples=[2])
    otherwise: EndingName = Field(
        "failed_quiz", description="How taking part ends after the last wrong try.", examples=["failed_quiz"]
    )


class ChatDefinition(StageBase):
    """A conversation with an agent."""

    kind: Literal["chat"] = Field(description="A conversation.")
    agent: Words | None = Field(
        None, max_length=60, description="Who answers; left out, the default agent.", examples=["Alex"]
    )
    opening: TextFile | None = Field(
        None,
        description="A Markdown file: what the agent says first; left out, the participant begins.",
        examples=["texts/opening.md"],
    )
    turns: TurnBounds = Field(
        default_factory=TurnBounds,
        description="How many messages they write.",
        examples=[{"least": 5, "most": 10}],
    )
    minutes: MinuteBounds = Field(
        default_factory=MinuteBounds, description="How long it lasts.", examples=[{"least": 3, "most": 20}]
    )
    participant_may: tuple[Literal["edit", "again"], ...] = Field(
        ("edit", "again"),
        description="What they may do beside writing and stopping: change a message, ask for another answer.",
        examples=[["edit"]],
    )
    on_failure: EndingName | None = Field(
        None,
        description="How taking part ends for who goes on from a chat whose agent is gone; left out, the "
        "participant may try again for as long as they like.",
        examples=["technical_failure"],
    )
    failures: int = Field(
        3,
        ge=1,
        le=100,
        description="With `on_failure`: after so many replies that failed in a row the agent is gone.",
        examples=[3],
    )

    @field_validator("participant_may", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class WaitDefinition(StageBase):
    """A page that lasts for a time, by the server's clock."""

    kind: Literal["wait"] = Field(description="A time to wait.")
    text: TextFile = Field(description="A Markdown file: what is read meanwhile.", examples=["texts/wait.md"])
    lasts: Duration | None = Field(
        None, description="How long, from coming to it on.", examples=["5 minutes"]
    )
    until: PointInTime | None = Field(
        None,
        description="Until when, for everybody; in its place.",
        examples=["2027-01-18T09:00+01:00"],
    )

    @model_validator(mode="after")
    def _one_end(self) -> "WaitDefinition":
        if (self.lasts is None) is (self.until is None):
            raise PydanticCustomError("wait_end", "needs either 'lasts' or 'until'")
        return self


class DebriefDefinition(StageBase):
    """What it was about, told at the end."""

    kind: Literal["debrief"] = Field(description="What it was about.")
    text: TextFile = Field(description="A Markdown file: what is read.", examples=["texts/debrief.md"])
    may_withdraw: bool = Field(
        False,
        description="Whether it asks once more, now that the purpose is known; a no withdraws.",
        examples=[True],
    )


StageDefinition: TypeAlias = Annotated[
    ConsentDefinition
    | SurveyDefinition
    | InstructionsDefinition
    | ChatDefinition
    | WaitDefinition
    | DebriefDefinition,
    Field(discriminator="kind"),
]


class Ending(StudyPart):
    """How taking part may end."""

    text: TextFile = Field(description="A Markdown file: what is read then.", examples=["texts/thanks.md"])
    code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")] | None = Field(
        None,
        description="The recruiting service's code; it leaves the server only when it is earned.",
        examples=["C1A7QX9K"],
    )


class TimeLimits(StudyPart):
    """How long taking part may last, by the server's clock."""

    away: Duration | None = Field(
        None, description="Without any sign for so long, somebody is away.", examples=["20 minutes"]
    )
    whole: Duration | None = Field(
        None,
        description="From the first stage on; then it ends as `timed_out`.",
        examples=["60 minutes"],
    )


class UsableRule(StudyPart):
    """Whose data are meant to be analysed: it decides who fills a place, and nothing is left out by it."""

    ending: EndingName = Field("completed", description="Taking part has ended so.", examples=["completed"])
    turns: TurnBounds = Field(
        default_factory=TurnBounds, description="Messages written in every chat.", examples=[{"least": 5}]
    )
    attention_failed: int | None = Field(
        None, ge=0, le=100, description="At most so many failed attention checks.", examples=[0]
    )
