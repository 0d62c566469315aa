"""What a study file says about money."""

from pydantic import Field

from study.parts import StudyPart


class Budget(StudyPart):
    """What the models may cost. The overview of the researchers' room compares; nothing is stopped."""

    amount: float = Field(gt=0, le=1_000_000_000, description="How much may be spent in all.", examples=[50])
    currency: str = Field(
        pattern=r"^[A-Z]{3}$",
        description="The currency of the prices (VERBATIM_PRICES), in three letters.",
        examples=["USD"],
    )
