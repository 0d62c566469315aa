"""What an instrument's answers come to: its scales, and how each is reckoned."""

import math
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from study.instruments.words import listed
from study.parts import StudyPart, Words

Range: TypeAlias = Annotated[tuple[float, float], BeforeValidator(listed)]
ItemIds: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(listed)]


class How(StrEnum):
    """How a scale's value comes of the answers to its items."""

    MEAN = "mean"
    SUM = "sum"
    # The mean, moved from the range of the answers to the scale's own.
    RESCALED = "rescaled"


class MissingRule(StudyPart):
    """How many of a scale's items must be answered; one of the two keys."""

    share: float | None = Field(None, gt=0, le=1, description="As a share of them.", examples=[0.8])
    count: int | None = Field(None, ge=1, description="As a number of them.", examples=[3])

    @model_validator(mode="after")
    def _one_of_them(self) -> "MissingRule":
        if (self.share is None) == (self.count is None):
            raise PydanticCustomError("instrument_needs", "needs either 'share' or 'count'")
        return self

    def least_of(self, items: int) -> int:
        """The least number of answers.

        Args:
            items: How many the scale has.
        """
        if self.count is not None:
            return self.count
        # As it is written: 0.7 of 10 are 7, and as floating numbers a little more.
        return math.ceil(Fraction(str(self.share)) * items)


class ScoredScale(StudyPart):
    """One thing that an instrument measures."""

    title: Words = Field(description="What it measures.", examples=["Trust"])
    items: ItemIds = Field(
        min_length=1, description="The ids of its items.", examples=[["confident", "reliable", "trust"]]
    )
    how: How = Field(
        strict=False,
        description="`mean`; `sum`; or `rescaled`: the mean, moved from the range of the answers to `range`.",
        examples=["mean"],
    )
    range: Range = Field(description="The lowest and the highest value that it can have.", examples=[[1, 7]])
    needs: MissingRule | None = Field(
        None,
        description="How many items must be answered; left out, all of them. A `sum` with an answer missing "
        "is the mean of those given, times the number of items.",
        examples=[{"share": 0.8}],
    )
    reverses: bool = Field(
        True,
        description="Whether its reversed items are turned; false where they all point the scale's way.",
        examples=[False],
    )

    @property
    def least_answers(self) -> int:
        """How many of its items must be answered."""
        return len(self.items) if self.needs is None else self.needs.least_of(len(self.items))
