"""The codebook: the codes, what each means, how often it is given, and how it came to read as it does."""

import asyncio
import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.coding.codebook import Code
from data_layer.coding.codebook_moves import Way, ways_in
from data_layer.coding.codebook_tree import descendants_of, tree_of
from data_layer.coding.swatches import next_colour
from research.routing import HEADERS, ResearchRequest, ResearchRoutes
from study.errors import StudyError
from study.numbers import whole_number
from study.roles import Right
from study.vocabulary import CodeColour
from web.problem import HttpProblem

# Each code offers all others to stand under; of more codes only the one that is asked for does: a page of 600
# would have 30 MB.
_FEW: Final = 100


@dataclass(frozen=True)
class Told:
    """A code on the page.

    Args:
        code: As it reads now.
        given: How often it is given.
        threads: In how many threads.
        imported: How often of these in imported threads.
        versions: Every version of it, the newest first.
        depth: In the tree of codes, 0 at the top.
        above: The living code that it stands under; empty for none.
        can_stand_under: The living codes that it can be put under: ids, and names with those above them;
            None when they are offered on a page of their own.
        ways: Where it can be moved.
    """

    code: Code
    given: int
    threads: int
    imported: int
    versions: list[Code]
    depth: int
    above: str
    can_stand_under: list[tuple[str, str]] | None
    ways: list[Way]


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
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


async def _show(visit: ResearchRequest) -> Response:
    return await draw_codebook(visit)


async def _download(visit: ResearchRequest) -> Response:
    await visit.note("codebook_downloaded")
    newest = await visit.room.record.codebook.newest()
    names = {code.code_id: code.name for code in newest}
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(("code_id", "name", "definition", "colour", "version", "parent"))
    writer.writerows(
        (c.code_id, c.name, c.definition, c.colour.value, c.version, names.get(above or "", ""))
        for c, above in ((one.code, one.above) for one in tree_of(newest))
    )
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="codebook.csv"'}
    return Response(rows.getvalue().encode(), headers=headers, media_type="text/csv; charset=utf-8")


async def _add(visit: ResearchRequest) -> Response:
    form, who = await visit.form(), visit.researcher
    asked = {name: str(form.get(name, "")) for name in ("name", "definition", "colour", "parent")}
    try:
        code = await visit.room.record.codebook.add(
            asked["name"],
            asked["definition"],
            _colour(asked["colour"]),
            who.researcher_id,
            who.name,
            parent_id=asked["parent"],
        )
    except StudyError as error:
        return await draw_codebook(visit, problem=str(error), asked=asked, status=400)
    await visit.note("code_added", code.code_id, version=code.version)
    return visit.moved(f"/research/codebook#{code.code_id}")


async def _change(visit: ResearchRequest) -> Response:
    form, who = await visit.form(), visit.researcher
    code_id, seen = visit.path("code_id"), str(form.get("seen", ""))
    codebook = visit.room.record.codebook
    read = [one for one in await codebook.history() if one.code_id == code_id and str(one.version) == seen]
    if not read:
        raise HttpProblem(404, "There is no such code, or no such version of it. Load the codebook anew.")
    name, definition = str(form.get("name", "")), str(form.get("definition", "")).replace("\r\n", "\n")
    colour, parent = _colour(str(form.get("colour", ""))), str(form.get("parent", read[0].parent_id or ""))
    # What was not touched is not sent on: it may read otherwise by now, by another hand.
    try:
        code = await codebook.change(
            code_id,
            who.researcher_id,
            who.name,
            name=None if name == read[0].name else name,
            definition=None if definition == read[0].definition else definition,
            colour=None if colour is read[0].colour else colour,
            parent_id=None if parent == (read[0].parent_id or "") else parent,
        )
    except StudyError as error:
        return await draw_codebook(visit, problem=str(error), status=400)
    await visit.note("code_changed", code_id, version=code.version)
    return visit.moved(f"/research/codebook#{code_id}")


async def _retire(visit: ResearchRequest) -> Response:
    who, code_id = visit.researcher, visit.path("code_id")
    code = await visit.room.record.codebook.retire(code_id, who.researcher_id, who.name)
    await visit.note("code_retired", code_id, version=code.version)
    return visit.moved(f"/research/codebook#{code_id}")


async def _bring_back(visit: ResearchRequest) -> Response:
    who, code_id = visit.researcher, visit.path("code_id")
    try:
        code = await visit.room.record.codebook.change(code_id, who.researcher_id, who.name)
    except StudyError as error:
        return await draw_codebook(visit, problem=str(error), status=400)
    await visit.note("code_brought_back", code_id, version=code.version)
    return visit.moved(f"/research/codebook#{code_id}")


async def draw_codebook(
    visit: ResearchRequest, *, problem: str = "", asked: dict[str, str] | None = None, status: int = 200
) -> Response:
    """The page of the codebook.

    Args:
        visit: Who reads.
        problem: With what was asked for.
        asked: Of a new code.
        status: Of the answer.
    """
    record = visit.room.record
    history = await record.codebook.history()
    # What others have given is not a coder's to know: they code on their own.
    by = None if visit.reads_all else visit.researcher.researcher_id
    counts, elsewhere = await record.annotations.counts(by), await record.annotations.imported_counts(by)
    newest = await record.codebook.newest()
    branches = tree_of(newest)
    paths = [(one.code.code_id, " / ".join(one.path)) for one in branches]

    ways = ways_in(branches) if visit.may(Right.CODEBOOK) else {}
    versions = defaultdict[str, list[Code]](list)
    for one in history:
        versions[one.code_id].append(one)

    def told_of(code: Code, depth: int = 0, above: str | None = None) -> Told:
        offers = len(paths) <= _FEW or code.code_id == visit.query("change")
        own = descendants_of(code.code_id, newest) if offers else set()
        return Told(
            code,
            *counts.get(code.code_id, (0, 0)),
            elsewhere.get(code.code_id, 0),
            versions[code.code_id],
            depth,
            above or "",
            [one for one in paths if one[0] not in own] if offers else None,
            ways.get(code.code_id, []),
        )

    living = [told_of(one.code, one.depth, one.above) for one in branches]
    retired = [told_of(code) for code in newest if code.retired_at is not None]
    # Of hundreds of codes drawing is work: nobody's reply waits for it.
    return await asyncio.to_thread(
        visit.draw,
        "codebook.html",
        status,
        living=living,
        retired=retired,
        names={code.code_id: code.name for code in newest},
        paths=paths,
        newest=history[0] if history else None,
        colours=[colour.value for colour in CodeColour],
        asked=asked or {"name": "", "definition": "", "colour": next_colour(newest).value, "parent": ""},
        problem=problem,
        imported=_imported(visit.query("imported"), history) if not problem else "",
        moved=_moved(visit.query("moved"), newest) if not problem else None,
        sees_all=visit.reads_all,
        changing=visit.query("change"),
    )


def _imported(versions: str, history: list[Code]) -> str:
    """The versions that an import has just made; empty when others have come since."""
    since, _, until = versions.partition("-")
    is_last = bool(history) and until == str(history[0].version) and whole_number(since) is not None
    return versions if is_last else ""


def _moved(asked: str, newest: list[Code]) -> Code | None:
    """The code that was just moved, while nobody has changed it since."""
    code_id, _, version = asked.partition(":")
    return next((one for one in newest if one.code_id == code_id and str(one.version) == version), None)


def _colour(given: str) -> CodeColour:
    try:
        return CodeColour(given)
    except ValueError:
        raise HttpProblem(400, f"Choose a colour: {', '.join(CodeColour)}.") from None
