"""The codebook: the codes, what each means, how often it is given, and how it came to read as it does."""

import csv
import io
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.codebook import Code
from research.doors import HEADERS, Doors, Refused, Visit
from study.errors import StudyError
from study.roles import Right
from study.vocabulary import CodeColour


@dataclass(frozen=True)
class Told:
    """A code on the page.

    Args:
        code: As it reads now.
        given: How often it is given.
        threads: In how many threads.
        versions: Every version of it, the newest first.
    """

    code: Code
    given: int
    threads: int
    versions: list[Code]


def routes(doors: Doors) -> list[BaseRoute]:
    """The codebook, for all who read; its changes, for those who write it."""
    write, post = Right.CODEBOOK, ("POST",)
    return [
        doors.route("/codebook", _show, Right.READ),
        doors.route("/codebook.csv", _download, Right.READ),
        doors.route("/codebook", _add, write, post),
        doors.route("/codebook/{code_id}", _change, write, post),
        doors.route("/codebook/{code_id}/retire", _retire, write, post),
        doors.route("/codebook/{code_id}/bring-back", _bring_back, write, post),
    ]


async def _show(visit: Visit) -> Response:
    return await _drawn(visit)


async def _download(visit: Visit) -> Response:
    await visit.note("codebook_downloaded")
    codes = await visit.room.record.codebook.current()
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(("code_id", "name", "definition", "colour", "version"))
    writer.writerows((c.code_id, c.name, c.definition, c.colour.value, c.version) for c in codes)
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="codebook.csv"'}
    return Response(rows.getvalue().encode(), headers=headers, media_type="text/csv; charset=utf-8")


async def _add(visit: Visit) -> Response:
    form, who = await visit.form(), visit.researcher
    asked = {name: str(form.get(name, "")) for name in ("name", "definition", "colour")}
    try:
        code = await visit.room.record.codebook.add(
            asked["name"], asked["definition"], _colour(asked["colour"]), who.researcher_id, who.name
        )
    except StudyError as error:
        return await _drawn(visit, problem=str(error), asked=asked, status=400)
    await visit.note("code_added", code.code_id, version=code.version)
    return visit.moved(f"/research/codebook#{code.code_id}")


async def _change(visit: Visit) -> Response:
    form, who = await visit.form(), visit.researcher
    code_id, seen = visit.path("code_id"), str(form.get("seen", ""))
    codebook = visit.room.record.codebook
    read = [one for one in await codebook.history() if one.code_id == code_id and str(one.version) == seen]
    if not read:
        raise Refused(404, "There is no such code, or no such version of it. Load the codebook anew.")
    name, definition = str(form.get("name", "")), str(form.get("definition", "")).replace("\r\n", "\n")
    colour = _colour(str(form.get("colour", "")))
    # What was not touched is not sent on: it may read otherwise by now, by another hand.
    try:
        code = await codebook.change(
            code_id,
            who.researcher_id,
            who.name,
            name=None if name == read[0].name else name,
            definition=None if definition == read[0].definition else definition,
            colour=None if colour is read[0].colour else colour,
        )
    except StudyError as error:
        return await _drawn(visit, problem=str(error), status=400)
    await visit.note("code_changed", code_id, version=code.version)
    return visit.moved(f"/research/codebook#{code_id}")


async def _retire(visit: Visit) -> Response:
    who, code_id = visit.researcher, visit.path("code_id")
    code = await visit.room.record.codebook.retire(code_id, who.researcher_id, who.name)
    await visit.note("code_retired", code_id, version=code.version)
    return visit.moved(f"/research/codebook#{code_id}")


async def _bring_back(visit: Visit) -> Response:
    who, code_id = visit.researcher, visit.path("code_id")
    try:
        code = await visit.room.record.codebook.change(code_id, who.researcher_id, who.name)
    except StudyError as error:
        return await _drawn(visit, problem=str(error), status=400)
    await visit.note("code_brought_back", code_id, version=code.version)
    return visit.moved(f"/research/codebook#{code_id}")


async def _drawn(
    visit: Visit, *, problem: str = "", asked: dict[str, str] | None = None, status: int = 200
) -> Response:
    record = visit.room.record
    history = await record.codebook.history()
    # What others have given is not a coder's to know: they code on their own.
    counts = await record.annotations.counts(None if visit.reads_all else visit.researcher.researcher_id)
    told = [
        Told(
            code,
            *counts.get(code.code_id, (0, 0)),
            [one for one in history if one.code_id == code.code_id],
        )
        for code in await record.codebook.newest()
    ]
    free = [colour.value for colour in CodeColour if colour not in {one.code.colour for one in told}]
    return visit.draw(
        "codebook.html",
        status,
        living=[one for one in told if one.code.retired_at is None],
        retired=[one for one in told if one.code.retired_at is not None],
        newest=history[0] if history else None,
        colours=[colour.value for colour in CodeColour],
        asked=asked or {"name": "", "definition": "", "colour": (free or [CodeColour.BLUE.value])[0]},
        problem=problem,
        sees_all=visit.reads_all,
    )


def _colour(given: str) -> CodeColour:
    try:
        return CodeColour(given)
    except ValueError:
        raise Refused(400, f"Choose a colour: {', '.join(CodeColour)}.") from None
