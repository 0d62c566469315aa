"""What every part of a study file is made of."""

import unicodedata
from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from study.text import is_blank

LONGEST_DELAY_MS: Final = 60_000


class StudyPart(BaseModel):
    """A part of the study file: unknown keys are refused, and nothing is converted."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


# Controls and the two line separators; joiners and direction marks stay, some scripts need them.
_BREAKS_A_LINE: Final = frozenset({"Cc", "Zl", "Zp"})


def one_line_of(value: str) -> str:
    """Refuse what would not stand on one line of a page."""
    if value != value.strip() or any(unicodedata.category(sign) in _BREAKS_A_LINE for sign in value):
        raise PydanticCustomError(
            "one_line", "must be one line without spaces at its ends and without control characters"
        )
    return value


def seen_line_of(value: str) -> str:
    """Refuse a line of which nothing could be seen, as well."""
    if is_blank(value):
        raise PydanticCustomError("unseen", "has nothing in it that can be seen")
    return one_line_of(value)


Words: TypeAlias = Annotated[str, Field(min_length=1, pattern=r"\S")]
FileName: TypeAlias = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
DelayMs: TypeAlias = Annotated[int, Field(ge=0, le=LONGEST_DELAY_MS)]
