"""Exports, as the room makes them: begun, followed, downloaded. Who participants are is in none of them."""

import asyncio
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from api.common import IdempotencyKey
from api.problem import ApiProblem
from api.research.shared import Moment, narrowed, unknown
from api.research.threads import ThreadFilters
from api.research.visitor import MakesExports, Visitor
from api.turns import made_id
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.review.filter_fields import filter_of
from data_layer.review.query import parse
from study.errors import QueryError
from study.vocabulary import ExportState
from web.exporting.zip_file import name_of
from web.pages import NOT_KEPT

router = APIRouter(tags=["Researchers: exports"])

_MOST_THREADS: Final = 100_000
_LOOK_AGAIN_S: Final = 0.25

ExportFormat = Literal["parquet", "csv", "jsonl", "xlsx", "sav", "dta"]
Wait = Annotated[
    int, Query(ge=0, le=50, description="For how many seconds the answer may wait for the export to be made.")
]
ExportId = Annotated[str, Path(max_length=40, description="The export's id.")]


class NewExport(BaseModel):
    """What an export is to hold: the choices of the room's form, identities apart."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[list[ExportFormat], Field(min_length=1, max_length=5)] = Field(
        ["parquet"], description="One, or several."
    )
    tables: list[Annotated[str, Field(max_length=100)]] = Field(
        [],
        max_length=100,
        description="Their names; all but embeddings when left out. GET /research/tables lists them.",
    )
    where: ThreadFilters = Field(
        default_factory=lambda: ThreadFilters(), description="Which threads: as GET /research/threads."
    )
    threads: list[Annotated[str, Field(max_length=40)]] = Field(
        [], max_length=_MOST_THREADS, description="Only these threads, by their ids."
    )
    include_deleted: bool = Field(False, description="Also what has left the screen.")
    include_vectors: bool = Field(
        False,
        description="Also the table embeddings: what a model made of messages for the search by meaning.",
    )


class ExportTableName(BaseModel):
    """A table that an export may hold."""

    name: str
    description: str


class ExportTableList(BaseModel):
    """The tables that an export may hold."""

    tables: list[ExportTableName]


class ExportSoFar(BaseModel):
    """How far an export is."""

    table: str = Field("", description="Which table is written; packing at the end.")
    done: int = Field(0, description="Rows so far; bytes while it is packed.")
    of: int = Field(0, description="Of how many.")
    stage: str = Field("", description="What is done now, where it is neither of these.")


class ResearchExport(BaseModel):
    """An export that was asked for."""

    id: str
    name: str = Field(description="Of its zip, and of the folder in it.")
    state: ExportState
    made_by: str
    created_at: Moment
    ended_at: Moment | None
    options: dict[str, Any] = Field(description="What was asked for.")
    progress: ExportSoFar | None = Field(description="While it is made.")
    problem: str | None = Field(description="Why it failed, with the repair.")
    rows: int | None
    tables: int | None
    bytes: int | None = Field(description="Of the zip.")
    sha256: str | None = Field(description="Of the zip.")
    can_be_downloaded: bool = Field(description="It is whole, there, and without identities.")


class ExportList(BaseModel):
    """The newest exports, the newest first."""

    exports: list[ResearchExport]


@router.get("/research/tables", summary="List the tables of exports")
async def tables(visitor: MakesExports) -> ExportTableList:
    """List the tables that an export may hold; the one that says who participants are is not among them."""
    known = await visitor.context.exporting.tables()
    shown = [ExportTableName(**_only(table)) for table in known if not table["personal"]]
    return ExportTableList(tables=shown)


@router.post("/research/exports", status_code=202, summary="Make an export")
async def make(
    visitor: MakesExports, asked: NewExport, response: Response, key: IdempotencyKey = None
) -> ResearchExport:
    """Begin an export. With the same Idempotency-Key the same export is answered, and none is made twice."""
    options = await _options(visitor, asked)
    exporting, who = visitor.context.exporting, visitor.researcher
    export_id = made_id(who.researcher_id, "export", key)
    row = await exporting.one(export_id)
    if row is None:
        noted = options | ({"threads": len(asked.threads)} if asked.threads else {})
        await visitor.note("exported", export_id, **noted)
        await exporting.begin(who.researcher_id, who.name, options, export_id)
        row = await exporting.one(export_id)
    if row is None:
        raise ApiProblem(503, "not_now", "The database does not take it just now. Try again in a minute.")
    if row["options"] != options:
        raise ApiProblem(422, "key_used", "This Idempotency-Key was used for another export. Take a new one.")
    response.headers["Location"] = f"exports/{export_id}"
    return _shape(visitor, row)


@router.get("/research/exports", summary="List exports")
async def listed(visitor: MakesExports) -> ExportList:
    """List the newest exports of the study, whoever made them, as the room's page does."""
    return ExportList(exports=[_shape(visitor, row) for row in await visitor.context.exporting.made()])


@router.get("/research/exports/{export_id}", summary="See how far an export is")
async def one(visitor: MakesExports, export_id: ExportId, wait: Wait = 0) -> ResearchExport:
    """See how far an export is: running, done, or failed."""
    return _shape(visitor, await _asked_for(visitor, export_id, wait))


@router.get(
    "/research/exports/{export_id}/download",
    summary="Download an export",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "The export, as one zip."}},
)
async def download(visitor: MakesExports, export_id: ExportId, wait: Wait = 0) -> Response:
    """Download an export that is done."""
    row = await _asked_for(visitor, export_id, wait)
    if row["options"].get("include_identities"):
        raise ApiProblem(403, "identities", "It says who participants are: it leaves by the room alone.")
    if row["state"] == ExportState.RUNNING.value:
        raise ApiProblem(
            409, "not_done", "It is still being made. Ask again in a second.", headers={"Retry-After": "1"}
        )
    path = visitor.context.exporting.zip_of(export_id)
    if path is None or row["state"] != ExportState.DONE.value:
        raise ApiProblem(404, "gone", "Its files are not there. Make it again.")
    await visitor.note("export_downloaded", export_id, sha256=row["zip_sha256"])
    name = f"{name_of(visitor.context.study.definition.id, row)}.zip"
    return FileResponse(path, filename=name, media_type="application/zip", headers=NOT_KEPT)


async def _options(visitor: Visitor, asked: NewExport) -> Row:
    """As the command is asked, and as it is kept (web/exporting/process.py).

    Raises:
        ApiProblem: It cannot be made like this.
    """
    where = narrowed(asked.where.model_dump(mode="json"))
    try:
        filter_of(where)
        if "q" in where:
            parse(where["q"])
    except QueryError as error:
        raise ApiProblem(422, "no_such_filter", str(error), field="body.where") from None
    if not all(is_uuid(thread) for thread in asked.threads):
        raise ApiProblem(422, "no_such_thread", "One of these is no thread's id.", field="body.threads")
    if asked.where.deleted == "yes" and not asked.include_deleted:
        sentence = "Deleted threads leave with include_deleted: true only."
        raise ApiProblem(422, "no_such_filter", sentence, field="body.where.deleted")
    if asked.tables:
        known = [table["name"] for table in await visitor.context.exporting.tables() if not table["personal"]]
        if lost := [name for name in asked.tables if name not in known]:
            raise ApiProblem(
                422,
                "no_such_table",
                f"There is no table {lost[0]!r}. There are: {', '.join(known)}.",
                field="body.tables",
            )
    options: dict[str, Any] = {
        "format": list(dict.fromkeys(asked.format)),
        "tables": list(dict.fromkeys(asked.tables)),
        "where": where,
        "threads": list(dict.fromkeys(asked.threads)),
        "include_deleted": asked.include_deleted,
        "include_vectors": asked.include_vectors,
    }
    return {name: value for name, value in options.items() if value}


async def _asked_for(visitor: Visitor, export_id: str, wait: int = 0) -> Row:
    exporting, loop = visitor.context.exporting, asyncio.get_running_loop()
    until = loop.time() + wait
    while True:
        row = await exporting.one(export_id) if is_uuid(export_id) else None
        if row is None:
            raise unknown("export")
        if row["state"] != ExportState.RUNNING.value or loop.time() >= until:
            return row
        # Another process may be making it: nobody tells this one when it is done.
        await asyncio.sleep(_LOOK_AGAIN_S)


def _shape(visitor: Visitor, row: Row) -> ResearchExport:
    is_done = row["state"] == ExportState.DONE.value
    there = is_done and visitor.context.exporting.zip_of(row["export_id"]) is not None
    running = row["state"] == ExportState.RUNNING.value
    return ResearchExport(
        id=row["export_id"],
        name=row["name_of_folder"],
        state=row["state"],
        made_by=row["name"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        options=row["options"],
        progress=ExportSoFar(**(row["progress"] or {})) if running else None,
        problem=row["problem"],
        rows=row["row_count"],
        tables=row["table_count"],
        bytes=row["zip_bytes"],
        sha256=row["zip_sha256"],
        can_be_downloaded=there and not row["options"].get("include_identities"),
    )


def _only(table: Row) -> Row:
    return {name: table[name] for name in ("name", "description")}
