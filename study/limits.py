"""The part of a study file that says how much one participant may use."""

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from study.parts import StudyPart, Words

_MOST_MESSAGES = 1_000_000
_MOST_TOKENS = 10**12
_MOST_MINUTES = 60 * 24 * 366


class TurnLimits(StudyPart):
    """The most that one answer may take; it ends there, with what was said by then."""

    tokens: int | None = Field(
        None,
        ge=1,
        le=_MOST_TOKENS,
        description="Tokens in all calls of one answer: once they are used, no further call is made.",
        examples=[20000],
    )
    cost: float | None = Field(
        None,
        gt=0,
        le=1_000_000_000,
        description="The same in money, in the currency of the prices (VERBATIM_PRICES).",
        examples=[0.05],
    )
    seconds: float | None = Field(
        None, gt=0, le=86_400, description="Seconds from its start.", examples=[120]
    )


class Allowance(StudyPart):
    """The most that may be used before the field to write in closes."""

    messages: int | None = Field(
        None,
        ge=1,
        le=_MOST_MESSAGES,
        description="The participant's messages, those that were removed or edited away too.",
        examples=[20],
    )
    tokens: int | None = Field(
        None, ge=1, le=_MOST_TOKENS, description="Tokens, sent and received.", examples=[100000]
    )
    cost: float | None = Field(
        None,
        gt=0,
        le=1_000_000_000,
        description="Money, in the currency of the prices (VERBATIM_PRICES).",
        examples=[0.5],
    )
    minutes: float | None = Field(
        None, gt=0, le=_MOST_MINUTES, description="Minutes since the first message.", examples=[30]
    )

    @property
    def limits(self) -> bool:
        """Whether it limits anything."""
        return any(one is not None for one in (self.messages, self.tokens, self.cost, self.minutes))


class ThreadAllowance(Allowance):
    """What one conversation may use."""

    at_least: int = Field(
        0,
        ge=0,
        le=_MOST_MESSAGES,
        description="How many messages the page asks for: it says how many more. Nothing is enforced.",
        examples=[5],
    )

    @model_validator(mode="after")
    def _least_is_less(self) -> "ThreadAllowance":
        if self.messages is not None and self.at_least > self.messages:
            raise PydanticCustomError(
                "least_is_more",
                "asks for {least} messages, and allows {most}",
                {"least": self.at_least, "most": self.messages},
            )
        return self


class Limits(StudyPart):
    """What a participant may send, and use."""

    message_length: int = Field(
        10_000,
        ge=1,
        le=1_000_000,
        description="The most characters in one message of a participant.",
        examples=[10000],
    )
    active_threads: int | None = Field(
        None,
        ge=1,
        le=1_000,
        description="The most conversations that one participant has with one agent on the list; the one "
        "untouched longest is archived for the next, and can be brought back.",
        examples=[5],
    )
    idle_minutes: float | None = Field(
        None,
        gt=0,
        le=_MOST_MINUTES,
        description="After so many minutes in which nothing was done on a page its connection is closed; the "
        "next key press brings it back. Left out, it stays open.",
        examples=[30],
    )
    turn: TurnLimits = Field(
        default_factory=TurnLimits, description="What one answer may take.", examples=[{"seconds": 120}]
    )
    thread: ThreadAllowance = Field(
        default_factory=ThreadAllowance,
        description="What one conversation may use.",
        examples=[{"messages": 20}],
    )
    participant: Allowance = Field(
        default_factory=Allowance,
        description="What one participant may use in all conversations.",
        examples=[{"messages": 100}],
    )
    warn: int = Field(
        3,
        ge=0,
        le=1_000,
        description="From how many messages, or minutes, before the end the page says how many are left.",
        examples=[3],
    )
    reached: Words | None = Field(
        None,
        max_length=2_000,
        description="What stands above the closed field, Markdown as in `welcome`. Left out, a sentence in "
        "the page's language.",
        examples=["That was all. Thank you! Please go on to the questionnaire."],
    )
