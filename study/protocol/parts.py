"""What several parts of a protocol are made of: times, bounds, names of stages and endings."""

import re
from datetime import datetime
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from study.parts import FileName, StudyPart

_DURATION: Final = re.compile(r"(\d{1,5}) (second|minute|hour|day)s?")
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
LONGEST_DURATION_S: Final = 366 * 86_400


def _duration(value: object) -> int:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= LONGEST_DURATION_S:
        raise PydanticCustomError("duration", "must be a time with its unit, such as 45 minutes or 2 hours")
    return seconds


# Written as "45 minutes", kept as seconds.
Duration: TypeAlias = Annotated[int, PlainValidator(_duration)]


def _point_in_time(value: str) -> str:
    try:
        has_zone = datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        has_zone = False
    if not has_zone:
        raise PydanticCustomError("point_in_time", "must be a day and a time with its zone")
    return value


# A day and a time with its zone: "2027-01-18T09:00+01:00".
PointInTime: TypeAlias = Annotated[str, AfterValidator(_point_in_time)]
StageId: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
EndingName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
# An answer of an earlier stage: "before.stance".
ItemReference: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}$")]
TextFile: TypeAlias = FileName


class _Bounds(StudyPart):
    least: float | None
    most: float | None

    @model_validator(mode="after")
    def _least_is_less(self) -> "_Bounds":
        if self.least is not None and self.most is not None and self.least > self.most:
            told = {"least": f"{self.least:g}", "most": f"{self.most:g}"}
            raise PydanticCustomError(
                "protocol_bounds", "its least, {least}, is more than its most, {most}", told
            )
        return self


class TurnBounds(_Bounds):
    """How many messages a participant writes in a chat."""

    least: int | None = Field(
        None, ge=0, le=10_000, description="How many before they may go on.", examples=[5]
    )
    most: int | None = Field(
        None, ge=1, le=10_000, description="How many until the chat ends.", examples=[10]
    )


class MinuteBounds(_Bounds):
    """How long a chat lasts, from its beginning."""

    least: float | None = Field(
        None, ge=0, le=10_000, description="How long before they may go on.", examples=[3]
    )
    most: float | None = Field(None, gt=0, le=10_000, description="When the chat ends.", examples=[20])
