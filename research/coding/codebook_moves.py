"""Codes are moved in their tree: by keys and by buttons, each move a version that can be taken back."""

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from data_layer.coding.codebook_moves import Way, back_of, move_of
from data_layer.coding.codebook_tree import tree_of
from research.coding.codebook import draw_codebook
from research.routing import HEADERS, ResearchRequest, ResearchRoutes
from study.errors import CodingError
from study.numbers import whole_number
from study.roles import Right
from web.problem import HttpProblem

_NO_FURTHER = {
    Way.UP: "It is the first here already.",
    Way.DOWN: "It is the last here already.",
    Way.IN: "There is none above it here that it could stand under.",
    Way.OUT: "It stands under none.",
}


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """A move, and its undoing."""
    write, post = Right.CODEBOOK, ("POST",)
    return [
        doors.route("/codebook/{code_id}/move", _move, write, post),
        doors.route("/codebook/{code_id}/move/undo", _undo, write, post),
    ]


async def _move(visit: ResearchRequest) -> Response:
    form, who, code_id = await visit.form(), visit.researcher, visit.path("code_id")
    codebook = visit.room.record.codebook
    way = str(form.get("to", ""))
    if way not in set(Way):
        raise HttpProblem(400, f"A code is moved {', '.join(Way)}.")
    newest = await codebook.newest()
    if code_id not in {one.code.code_id for one in tree_of(newest)}:
        raise HttpProblem(404, "There is no such code, or it is retired. Load the codebook anew.")
    where = move_of(code_id, Way(way), newest)
    if where is None:
        return await _told(visit, _NO_FURTHER[Way(way)])
    before = next(code for code in newest if code.code_id == code_id)
    try:
        code = await codebook.change(
            code_id, who.researcher_id, who.name, parent_id=where.parent_id, place=where.place
        )
    except CodingError as error:
        return await _told(visit, str(error))
    if code.version == before.version:
        return await _told(visit, _NO_FURTHER[Way(way)])
    await visit.note("code_moved", code_id, to=way, version=code.version)
    return await _told(visit, await _stands(visit, code_id), str(code.version))


async def _undo(visit: ResearchRequest) -> Response:
    form, who, code_id = await visit.form(), visit.researcher, visit.path("code_id")
    version = whole_number(str(form.get("version", ""))) or 0
    codebook = visit.room.record.codebook
    back = back_of(code_id, version, await codebook.history())
    if back is None:
        return await _told(visit, "It was changed since: nothing was taken back.")
    await visit.note("code_move_undone", code_id, version=version)
    try:
        await codebook.change(
            code_id, who.researcher_id, who.name, parent_id=back.parent_id, place=back.place
        )
    except CodingError as error:
        return await _told(visit, str(error))
    return await _told(visit, f"Taken back. {await _stands(visit, code_id)}")


async def _stands(visit: ResearchRequest, code_id: str) -> str:
    """Where a code stands now, for people."""
    tree = tree_of(await visit.room.record.codebook.newest())
    one = next(branch for branch in tree if branch.code.code_id == code_id)
    beside = [branch.code.code_id for branch in tree if branch.above == one.above]
    under = f" under “{one.path[-2]}”" if one.above else ""
    return f"“{one.code.name}” is {beside.index(code_id) + 1} of {len(beside)}{under}."


async def _told(visit: ResearchRequest, said: str, version: str = "") -> Response:
    """To a script the page as it now reads, to a form the page."""
    code_id = visit.path("code_id")
    if not (await visit.form()).get("script"):
        asked = f"?moved={code_id}:{version}" if version else ""
        return visit.moved(f"/research/codebook{asked}#{code_id}")
    page = bytes((await draw_codebook(visit)).body).decode()
    return JSONResponse({"said": said, "version": version, "page": page}, headers=HEADERS)
