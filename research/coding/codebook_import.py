"""A codebook from a file: what it would add and change is shown first, and can be taken back."""

import re
from typing import Final

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.coding.codebook_carried_out import carry_out
from data_layer.coding.codebook_import import ImportPlan, plan_of
from research.routing import ResearchRequest, ResearchRoutes
from study.errors import CodingError
from study.numbers import whole_number
from study.roles import Right
from web.exporting.process import run
from web.problem import HttpProblem

_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The form, what it leads to, and the way back."""
    write, post = Right.CODEBOOK, ("POST",)
    return [
        doors.route("/codebook/import", _form, write),
        doors.route("/codebook/import", _import, write, post),
        doors.route("/codebook/import/undo", _undo, write, post),
    ]


async def _form(visit: ResearchRequest) -> Response:
    return _drawn(visit)


async def _import(visit: ResearchRequest) -> Response:
    form, codebook = await visit.form(), visit.room.record.codebook
    text = ""
    codes = await codebook.newest()
    history = await codebook.history()
    version = history[0].version if history else 0
    try:
        text = await _given(form)
        if not text.strip():
            raise CodingError("There is nothing in it. Choose a file, or paste its lines.")
        plan = plan_of(text.encode(), codes)
    except CodingError as error:
        return _drawn(visit, text=text, problem=str(error), status=400)
    # What was agreed to is what is done: nothing when the codebook reads otherwise by now.
    if form.get("seen") != str(version):
        return _drawn(visit, text=text, plan=plan, version=version)
    if not plan.added and not plan.changed:
        raise HttpProblem(400, "The codebook reads so already: there is nothing to import.")
    await visit.note(
        "codebook_imported", added=len(plan.added), changed=len(plan.changed), since_version=version
    )
    who = visit.researcher
    last = await carry_out(codebook, plan, codes, who.researcher_id, who.name)
    return visit.moved(f"/research/codebook?imported={version}-{last}")


async def _given(form: FormData) -> str:
    """What was chosen or pasted, as text: of Parquet, which a script sends in Base64, its rows as CSV."""
    packed = str(form.get("packed", ""))
    if not packed:
        return str(form.get("text", ""))
    if not _BASE64.fullmatch(packed):
        raise CodingError("The file did not arrive whole. Choose it again.")
    # In a process of its own: what reads Parquet is no part of this one.
    ended = await run(["codes", "-"], [packed])
    if ended.code:
        raise CodingError(ended.said)
    return ended.gave


async def _undo(visit: ResearchRequest) -> Response:
    form, who = await visit.form(), visit.researcher
    first, _, last = str(form.get("versions", "")).partition("-")
    since, until = whole_number(first), whole_number(last)
    if since is None or until is None:
        raise HttpProblem(400, "There is no such import. Load the codebook anew.")
    await visit.note("codebook_import_undone", since_version=since, until_version=until)
    await visit.room.record.codebook.undo(since, until, who.researcher_id, who.name)
    return visit.moved("/research/codebook")


def _drawn(
    visit: ResearchRequest,
    *,
    text: str = "",
    plan: ImportPlan | None = None,
    version: int = 0,
    problem: str = "",
    status: int = 200,
) -> Response:
    return visit.draw("codebook_import.html", status, text=text, plan=plan, version=version, problem=problem)
