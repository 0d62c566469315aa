"""What a study file says about taking part: how people come in, and what they may do with the page."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from study.parts import StudyPart, Words, one_line_of

PROLIFIC: Final = ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")
# Kinds of identities that are ours: a parameter is kept as a kind of its own, in small letters.
OWN_IDENTITIES: Final = frozenset({"user_name", "account", "link", "claim", "browser", "resume_code"})


class LoginMode(StrEnum):
    """How participants come in."""

    CLAIM = "claim"
    OPEN = "open"
    LINK = "link"
    PASSWORD = "password"  # noqa: S105  # a mode's name


class AttachmentKind(StrEnum):
    """What a participant may attach."""

    IMAGE = "image"
    PDF = "pdf"
    TEXT = "text"


_Line = Annotated[Words, Field(max_length=80)]


class Login(StudyPart):
    """How participants come in."""

    mode: Literal["claim", "open", "link", "password"] = Field(
        "claim",
        description="`claim`: the first use of a name claims it for that browser, another device needs "
        "the resume code. `open`: the name alone suffices. `link`: personal links, or the parameters of a "
        "recruiting service. `password`: accounts made with `cli.py`.",
        examples=["claim"],
    )
    parameters: tuple[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")], ...] = Field(
        PROLIFIC,
        max_length=10,
        description="In mode `link`: what a recruiting service adds to the address `/enter`. The first "
        "names the person. An empty list accepts signed links alone.",
        examples=[["PROLIFIC_PID", "STUDY_ID", "SESSION_ID"]],
    )

    @field_validator("parameters", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("parameters")
    @classmethod
    def _differ(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len({name.casefold() for name in value}) < len(value):
            raise PydanticCustomError("same_parameters", "names one parameter twice")
        if taken := {name for name in value if name.casefold() in OWN_IDENTITIES}:
            raise PydanticCustomError(
                "own_parameter", "names a parameter as Verbatim names its own", {"taken": sorted(taken)}
            )
        return value


class RatingRules(StudyPart):
    """What a participant can say about a reply."""

    good: tuple[_Line, ...] = Field(
        (), max_length=10, description="Reasons offered after a thumb up.", examples=[["Helpful", "Kind"]]
    )
    bad: tuple[_Line, ...] = Field(
        (), max_length=10, description="Reasons offered after a thumb down.", examples=[["Wrong", "Too long"]]
    )
    comment: bool = Field(True, description="Whether a comment can be written as well.", examples=[True])

    @field_validator("good", "bad", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("good", "bad")
    @classmethod
    def _lines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        lines = tuple(one_line_of(line) for line in value)
        if len(set(lines)) < len(lines):
            raise PydanticCustomError("same_reasons", "names one reason twice")
        return lines


class Replies(StudyPart):
    """What the page says of a reply beside its words."""

    say_cut_off: bool = Field(
        True,
        description="Whether the page says under a reply that it was cut off: by its longest length, or by "
        "the provider's content filter.",
        examples=[True],
    )


class AttachmentRules(StudyPart):
    """Files that a participant may add to a message. Without this part there are none."""

    kinds: tuple[Literal["image", "pdf", "text"], ...] = Field(
        ("image", "pdf", "text"),
        min_length=1,
        description="Which: images (PNG, JPEG, GIF, WebP), PDF, plain text.",
        examples=[["image"]],
    )
    max_files: int = Field(5, ge=1, le=20, description="The most files in one message.", examples=[5])
    max_size_mb: int = Field(10, ge=1, le=50, description="The most megabytes of one file.", examples=[10])

    @field_validator("kinds", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class Sharing(StudyPart):
    """Links with which participants let others read a conversation. Without this part there are none."""

    days: int = Field(30, ge=1, le=365, description="How many days a link works.", examples=[30])


class IntentRules(StudyPart):
    """Intents, where an agent keeps them: what becomes of one that is left, and what the next knows of it."""

    idle_minutes: int = Field(
        30,
        ge=1,
        le=10_080,
        description="An intent is abandoned when its participant has written nothing for so long.",
        examples=[30],
    )
    knows: Literal["nothing", "summary", "all"] = Field(
        "nothing",
        description="What an intent's agent is told of earlier ones of the thread: nothing that was said in "
        "them, their names, states and parameters in a line each, or all that was said.",
        examples=["summary"],
    )


_Notice = Annotated[Words, Field(max_length=2_000)]


class Closing(StudyPart):
    """What participants read when the study is closed to them: Markdown, as `welcome`."""

    paused: _Notice | None = Field(
        None,
        description="At the way in, while recruiting is paused. Left out, a sentence in the page's language.",
        examples=["We have enough participants at the moment. Thank you for your interest."],
    )
    ended: _Notice | None = Field(
        None,
        description="At the way in and above the field to write in, once the study has ended. Left out, "
        "a sentence in the page's language.",
        examples=["The study has ended. Thank you for taking part. Dr. Kim, kim@university.example"],
    )
