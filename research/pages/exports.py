"""Exports in the browser: choose, watch, download, prove."""

from typing import Final

from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute

from data_layer.fold_state import is_uuid
from data_layer.writes import Row
from research.doors import HEADERS, Doors, Refused, Visit
from research.exporting import Exporting
from study.roles import Right
from study.vocabulary import ExportState

FORMATS: Final = ("parquet", "csv", "jsonl")
_LONGEST: Final = 200


def routes(doors: Doors) -> list[BaseRoute]:
    """The list with its form, and what can be done with one export."""
    pages = _Exports(Exporting(doors.room.record))
    one = "/exports/{export_id}"
    return [
        doors.route("/exports", pages.show, Right.EXPORT),
        doors.route("/exports", pages.make, Right.EXPORT, methods=("POST",)),
        doors.route(f"{one}/download", pages.download, Right.EXPORT),
        doors.route(f"{one}/verify", pages.verify, Right.EXPORT, methods=("POST",)),
        doors.route(f"{one}/delete", pages.delete, Right.EXPORT, methods=("POST",)),
    ]


class _Exports:
    def __init__(self, exporting: Exporting) -> None:
        self._exporting = exporting

    async def show(self, visit: Visit) -> Response:
        return await self._drawn(visit)

    async def make(self, visit: Visit) -> Response:
        form = await visit.form()
        formats = [name for name in FORMATS if name in form.getlist("format")]
        if not formats:
            return await self._drawn(visit, problem="Choose a format, or several.", status=400)
        options: Row = {"format": formats}
        for name in ("since", "until", "agent", "participant"):
            value = str(form.get(name, "")).strip()[:_LONGEST]
            if value:
                options[name] = value
        for name in ("include_deleted", "include_identities"):
            if form.get(name) == "yes":
                options[name] = True
        if options.get("include_identities") and not visit.may(Right.IDENTITIES):
            raise Refused(403, f"A {visit.researcher.role} may not see who participants are.")
        who = visit.researcher
        await visit.note("exported", **options)
        await self._exporting.begin(who.researcher_id, who.name, options)
        return visit.moved("/research/exports")

    async def download(self, visit: Visit) -> Response:
        row = await self._asked_for(visit)
        path = self._exporting.zip_of(row["export_id"])
        if path is None or row["state"] != ExportState.DONE.value:
            return visit.not_found("The files of this export are not there. Make it again.")
        await visit.note("export_downloaded", row["export_id"], sha256=row["zip_sha256"])
        name = f"{visit.room.study.definition.id}-{row['created_at']:%Y-%m-%d-%H%M}.zip"
        return FileResponse(path, filename=name, media_type="application/zip", headers=HEADERS)

    async def verify(self, visit: Visit) -> Response:
        row = await self._asked_for(visit)
        if self._exporting.zip_of(row["export_id"]) is None:
            return visit.not_found("The files of this export are not there. Make it again.")
        await visit.note("export_verified", row["export_id"])
        whole, said = await self._exporting.verify(row["export_id"])
        return await self._drawn(visit, proof=(row["export_id"], whole, said))

    async def delete(self, visit: Visit) -> Response:
        row = await self._asked_for(visit)
        if row["state"] == ExportState.RUNNING.value:
            raise Refused(409, "It is being made. Delete it when it is whole.")
        await visit.note("export_deleted", row["export_id"])
        await self._exporting.delete(row["export_id"])
        return visit.moved("/research/exports")

    async def _asked_for(self, visit: Visit) -> Row:
        export_id = visit.path("export_id")
        row = await visit.room.record.exports_made.one(export_id) if is_uuid(export_id) else None
        if row is None:
            raise Refused(404, "There is no such export.")
        return row

    async def _drawn(
        self,
        visit: Visit,
        *,
        problem: str = "",
        status: int = 200,
        proof: tuple[str, bool, str] | None = None,
    ) -> Response:
        made = await self._exporting.list()
        return visit.draw(
            "exports.html",
            status,
            made=made,
            running=self._exporting.running,
            problem=problem,
            proof=proof,
            agents=[agent.name for agent in visit.room.study.definition.agents],
            formats=FORMATS,
        )
