"""What the models and routes of researchers share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from api.problem import ApiProblem
from api.research.visitor import Visitor
from data_layer.conversations.threads import thread_row
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.database.types import iso
from data_layer.review.filter_fields import LONGEST
from study.text import beginning, storable

LARGEST_PAGE: Final = 200

Moment = Annotated[
    datetime,
    PlainSerializer(iso, return_type=str),
    Field(description="In UTC, such as 2026-03-02T08:15:00.000Z."),
]
AnyThreadId = Annotated[str, Path(max_length=40, description="The thread's id.")]
Cursor = Annotated[str | None, Query(max_length=100, description="next_cursor of the last page.")]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most.")]


class FromRow(BaseModel):
    """A row of the record; what stands in it besides is left out."""

    model_config = ConfigDict(extra="ignore")


def narrowed(given: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a filter that narrow, as data_layer/review/filter_fields.py reads them."""
    given = {name: str(value) for name, value in given.items() if value is not None}
    cut = {name: beginning(storable(value), LONGEST).strip() for name, value in given.items()}
    return {name: value for name, value in cut.items() if value}


async def thread_asked_for(visitor: Visitor, thread_id: str) -> Row:
    """A thread that a program's researcher reads.

    Raises:
        ApiProblem: It is not there, or not theirs to read: one answer for both.
    """
    row = await thread_row(visitor.context.record.read_database, thread_id) if is_uuid(thread_id) else None
    if row is None or not await visitor.may_read(thread_id):
        raise unknown("thread")
    return row


def unknown(what: str) -> ApiProblem:
    """Make the one answer to what is not there, and to what is not this researcher's to read."""
    return ApiProblem(404, "not_found", f"There is no such {what}.")
