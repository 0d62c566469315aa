"""What researchers made of what was said: the codebook, codes and notes."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.problem import ApiProblem
from api.research.shared import Cursor, FromRow, Limit, Moment
from api.research.visitor import ReadsAnnotations
from data_layer.database.ids import is_uuid
from data_layer.database.types import is_moment
from data_layer.review.annotations import AnnotationFilter, annotation_place, list_annotations
from study.vocabulary import AnnotationTarget, CodeColour

router = APIRouter(tags=["Researchers: annotations"])

Id = Annotated[str | None, Query(max_length=40)]


class ResearchCode(FromRow):
    """A code, as it reads now."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    code_id: str
    name: str
    definition: str
    colour: CodeColour
    parent_id: str | None = Field(description="The code that it stands under.")
    version: int = Field(description="Of the codebook, since which it reads so.")
    created_at: Moment
    retired_at: Moment | None


class ResearchCodebook(BaseModel):
    """The codes, in their order, retired ones too."""

    codes: list[ResearchCode]


class ResearchAnnotation(FromRow):
    """A code or a note. Researchers are named by their ids."""

    annotation_id: str
    thread_id: str
    imported: bool = Field(description="Its thread was held elsewhere: it is none of the study's own.")
    target: AnnotationTarget
    turn: int | None
    message_id: str | None = Field(description="Of a span; of a turn the message at which it was given.")
    revision: int | None = Field(description="The wording of the message that was read.")
    start: int | None = Field(description="Of a span, in Unicode code points of that wording.")
    end: int | None = Field(description="Behind its last one.")
    quote: str | None
    code_id: str | None = Field(description="null for a note.")
    codebook_version: int | None
    note: str | None
    coder_id: str = Field(description="The researcher whose it is.")
    created_at: Moment
    returned_at: Moment | None = Field(description="When it was last brought back.")


class AnnotationList(BaseModel):
    """A page of annotations, the first made first."""

    annotations: list[ResearchAnnotation]
    next_cursor: str | None = Field(description="For the page after it; null on the last.")


@router.get("/research/codes", summary="Read the codebook")
async def codes(visitor: ReadsAnnotations) -> ResearchCodebook:
    """Read every code as it reads now."""
    await visitor.note("codebook_read")
    newest = await visitor.context.record.codebook.newest()
    return ResearchCodebook(codes=[ResearchCode.model_validate(code) for code in newest])


@router.get("/research/annotations", summary="List annotations")
async def annotations(
    visitor: ReadsAnnotations,
    thread: Id = None,
    code: Id = None,
    by: Id = None,
    since: Annotated[
        datetime | None, Query(description="Made or brought back at or after this moment, with its zone.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> AnnotationList:
    """List the codes and notes that stand; a coder lists their own."""
    for name, given in (("thread", thread), ("code", code), ("by", by)):
        if given is not None and not is_uuid(given):
            raise ApiProblem(422, "no_such_id", "This is no id: it is a UUID.", field=f"query.{name}")
    if since is not None and (since.tzinfo is None or not is_moment(since)):
        sentence = "Write the moment with its zone, like: 2026-03-02T08:15:00Z"
        raise ApiProblem(422, "no_zone", sentence, field="query.since")
    if cursor and annotation_place(cursor) is None:
        raise ApiProblem(422, "no_such_cursor", "This is no page's cursor.", field="query.cursor")
    asked = {"thread": thread, "code": code, "by": by, "since": since and since.isoformat()}
    await visitor.note("annotations_read", **{name: value for name, value in asked.items() if value})
    filter = AnnotationFilter(thread, code, visitor.coder_id or by, since)
    page = await list_annotations(visitor.context.record.read_database, filter, size=limit, cursor=cursor)
    called = {
        "message_id": "step_id",
        "start": "start_offset",
        "end": "end_offset",
        "coder_id": "researcher_id",
    }
    shown = [
        ResearchAnnotation.model_validate(row | {name: row[column] for name, column in called.items()})
        for row in page.rows
    ]
    return AnnotationList(annotations=shown, next_cursor=page.next_cursor)
