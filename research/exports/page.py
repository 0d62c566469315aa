"""Exports in the browser: choose, look, watch, download, prove."""

from typing import Final

from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute

from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.governance.exports_made import SHOWN
from research.conditions import CONDITIONS_SHOWN, has_conditions, sees_conditions
from research.exports.form import (
    FORMATS,
    OPENED,
    ExportRequest,
    asked_by,
    asked_in_address,
    chosen_threads,
    options_in_words,
)
from research.exports.proofs import ShownProof, proof_to_show
from research.exports.snippets import pandas_snippet, r_snippet
from research.routing import HEADERS, ResearchRequest, ResearchRoutes
from research.threads.filters import choices
from study.errors import StudyError
from study.roles import Right
from study.vocabulary import ExportState
from web.background import while_there
from web.exporting.runner import PACKING, Exporting, RunningExport
from web.exporting.zip_file import name_of
from web.problem import HttpProblem

# A preview says what it knows by then; the export itself has no such limit.
_PREVIEW_S: Final = 10.0
_GONE: Final = "The files of this export are not there. Make it again."
# Columns that tell of a condition, or of what was drawn for a turn.
_CONDITIONS: Final = frozenset({"condition", "turn_level", "turn_probability", "turn_draw"})


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The list with its form, and what can be done with one export."""
    room, export = doors.room, Right.EXPORT
    pages = _Exports(room.exporting or Exporting(room.record, room.study.definition.id))
    one, post = "/exports/{export_id}", ("POST",)
    return [
        doors.route("/exports", pages.show, export),
        doors.route("/exports", pages.make, export, methods=post),
        doors.route("/exports/chosen", pages.chosen, export, methods=post),
        doors.route("/exports/preview", pages.preview, export, methods=post),
        doors.route(f"{one}/download", pages.download, export),
        doors.route(f"{one}/manifest", pages.manifest, export),
        doors.route(f"{one}/stop", pages.stop, export, methods=post),
        doors.route(f"{one}/verify", pages.verify, export, methods=post),
        doors.route(f"{one}/verifying", pages.verifying, export),
        doors.route(f"{one}/delete", pages.delete, export, methods=post),
    ]


class _Exports:
    def __init__(self, exporting: Exporting) -> None:
        self._exporting = exporting

    async def show(self, visit: ResearchRequest) -> Response:
        return await self._drawn(visit, await asked_in_address(visit))

    async def chosen(self, visit: ResearchRequest) -> Response:
        """Threads that were chosen by hand, in the table of threads."""
        return await self._drawn(visit, ExportRequest(threads=chosen_threads(await visit.form())))

    async def preview(self, visit: ResearchRequest) -> Response:
        asked = await self._asked(visit)
        if asked.problem:
            return await self._drawn(visit, asked, problem=asked.problem, status=400)
        await visit.note("export_previewed", **asked.noted())
        try:
            looking = self._exporting.preview(asked.options(), asked.show, _PREVIEW_S)
            seen = await while_there(visit.request, looking)
        except StudyError as error:
            return await self._drawn(visit, asked, problem=str(error), status=400)
        except TimeoutError:
            sentence = "A look takes too long here just now. The export itself takes the time that it needs."
            return await self._drawn(visit, asked, problem=sentence, status=503)
        return await self._drawn(visit, asked, seen=seen)

    async def make(self, visit: ResearchRequest) -> Response:
        asked = await self._asked(visit)
        if asked.problem:
            return await self._drawn(visit, asked, problem=asked.problem, status=400)
        who = visit.researcher
        await visit.note("exported", **asked.noted())
        await self._exporting.begin(who.researcher_id, who.name, asked.options())
        return visit.moved("/research/exports#made")

    async def download(self, visit: ResearchRequest) -> Response:
        row = await self._one(visit)
        path = self._exporting.zip_of(row["export_id"])
        if path is None or row["state"] != ExportState.DONE.value:
            return visit.not_found(_GONE)
        await visit.note("export_downloaded", row["export_id"], sha256=row["zip_sha256"])
        if await _is_blind(visit):
            await visit.note(CONDITIONS_SHOWN)
        name = f"{name_of(visit.room.study.definition.id, row)}.zip"
        return FileResponse(path, filename=name, media_type="application/zip", headers=HEADERS)

    async def manifest(self, visit: ResearchRequest) -> Response:
        row = await self._one(visit)
        manifest = self._exporting.manifest_of(row["export_id"])
        if manifest is None:
            return visit.not_found(_GONE)
        return Response(manifest, headers=HEADERS, media_type="application/json")

    async def verify(self, visit: ResearchRequest) -> Response:
        row = await self._one(visit)
        if self._exporting.zip_of(row["export_id"]) is None:
            return visit.not_found(_GONE)
        await visit.note("export_verified", row["export_id"])
        ended = await while_there(visit.request, self._exporting.verify(row["export_id"]))
        proof = proof_to_show(ended.code, ended.gave, ended.said)
        return await self._drawn(visit, ExportRequest(), proof=proof)

    async def verifying(self, visit: ResearchRequest) -> Response:
        """How far a verification is, for the page that waits for it."""
        row = await self._one(visit)
        running = self._exporting.verifying.get(row["export_id"], RunningExport())
        return JSONResponse(running.progress(), headers=HEADERS)

    async def stop(self, visit: ResearchRequest) -> Response:
        row = await self._one(visit)
        if row["state"] == ExportState.RUNNING.value:
            await visit.note("export_stopped", row["export_id"])
            await self._exporting.stop(row["export_id"], visit.researcher.name)
        return visit.moved("/research/exports#made")

    async def delete(self, visit: ResearchRequest) -> Response:
        row = await self._one(visit)
        if row["state"] == ExportState.RUNNING.value:
            raise HttpProblem(409, "It is being made. Stop it first.")
        await visit.note("export_deleted", row["export_id"])
        await self._exporting.delete(row["export_id"])
        return visit.moved("/research/exports#made")

    async def _asked(self, visit: ResearchRequest) -> ExportRequest:
        asked = asked_by(await visit.form(), await self._exporting.tables())
        if asked.identities and not visit.may(Right.IDENTITIES):
            raise HttpProblem(403, f"A {visit.researcher.role} may not see who participants are.")
        return asked

    async def _one(self, visit: ResearchRequest) -> Row:
        export_id = visit.path("export_id")
        row = await visit.room.record.exports_made.one(export_id) if is_uuid(export_id) else None
        if row is None:
            raise HttpProblem(404, "There is no such export.")
        return row

    async def _drawn(
        self,
        visit: ResearchRequest,
        asked: ExportRequest,
        *,
        problem: str = "",
        status: int = 200,
        proof: ShownProof | None = None,
        seen: Row | None = None,
    ) -> Response:
        tables, offered = await self._exporting.tables(), await choices(visit)
        made, is_blind = await self._exporting.made(), await _is_blind(visit)
        for row in made:
            row["words"] = options_in_words(row["options"], offered)
            row["snippets"] = _snippets(row, tables) if self._exporting.has_loaders(row) else []
        return visit.draw(
            "exports.html",
            status,
            ask=asked,
            asked=asked.fields(),
            is_blind=is_blind,
            formats=FORMATS,
            opened=OPENED,
            made=made,
            chosen_view=visit.query("view"),
            packing=PACKING,
            shown_at_most=SHOWN,
            problem=problem,
            proof=proof,
            running=any(row["state"] == ExportState.RUNNING.value for row in made),
            seen=_without_conditions(seen) if seen and is_blind else seen,
            tables=[table for table in tables if visit.may(Right.IDENTITIES) or not table["personal"]],
            views=await visit.room.record.views.seen_by(visit.researcher.researcher_id),
            **offered,
        )


async def _is_blind(visit: ResearchRequest) -> bool:
    """Whether who asks has not asked yet to see who is in which condition."""
    return has_conditions(visit) and not await sees_conditions(visit)


def _without_conditions(seen: Row) -> Row:
    """A preview for who has not asked to see conditions."""
    shown = seen["shown"]
    hidden = [name in _CONDITIONS for name in shown["columns"]]
    rows = [["hidden" if h else one for one, h in zip(row, hidden, strict=True)] for row in shown["rows"]]
    return {**seen, "shown": {**shown, "rows": rows}}


def _snippets(row: Row, tables: list[Row]) -> list[tuple[str, str]]:
    """For pandas and for R."""
    options = row["options"]
    plain = [one["name"] for one in tables if not one["personal"] and not one["on_request"]]
    wanted = options.get("tables") or plain
    personal = [table["name"] for table in tables if table["personal"] and options.get("include_identities")]
    vectors = [one["name"] for one in tables if one["on_request"] and options.get("include_vectors")]
    names = [table["name"] for table in tables if table["name"] in {*wanted, *personal, *vectors}]
    given = (row["name_of_folder"], names)
    return [("pandas", pandas_snippet(*given)), ("R", r_snippet(*given))]
