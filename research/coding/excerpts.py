"""All excerpts of one code: the coded words with those around them, filtered, paged, and as a file."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.coding.codebook import Code
from data_layer.review.excerpts import COLUMNS, SIZE, Excerpts, as_record, count_excerpts, read_excerpts
from data_layer.review.filter_fields import filter_of
from research.routing import HEADERS, ResearchRequest, ResearchRoutes
from study.numbers import whole_number
from study.roles import Right
from study.text import beginning, storable
from study.vocabulary import MessageRole
from web.problem import HttpProblem

_FIELDS: Final = ("by", "agent", "role", "since", "until", "thread", "imported")
_LONGEST: Final = 100
# Rows of one question while a file is made, and of one file.
_AT_ONCE: Final = 500
_MOST: Final = 50_000
_ROLES: Final = {
    MessageRole.USER.value: "Participant",
    MessageRole.ASSISTANT.value: "Agent",
    MessageRole.SYSTEM.value: "System",
}


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The page, for all who read, and its file, for those who code."""
    return [
        doors.route("/codebook/{code_id}/excerpts", _show, Right.READ),
        doors.route("/codebook/{code_id}/excerpts.csv", _download, Right.ANNOTATE),
    ]


async def _show(visit: ResearchRequest) -> Response:
    record, code = visit.room.record, await _code(visit)
    asked = _asked(visit)
    which = _which(visit, code.code_id, asked)
    kept = {name: value for name, value in asked.items() if value}
    await visit.note("excerpts_read", code.code_id, **kept)
    total = await count_excerpts(record.read_database, which)
    pages = max(1, -(-total // SIZE))
    page = min(max(1, whole_number(visit.query("page")) or 1), pages)

    def address(**more: Any) -> str:
        return "?" + urlencode(kept | more)

    everybody = await record.researchers.all() if visit.reads_all else []
    return visit.draw(
        "excerpts.html",
        code=code,
        codes={one.code_id: one for one in await record.codebook.newest()},
        excerpts=await read_excerpts(record.read_database, which, (page - 1) * SIZE),
        total=total,
        page=page,
        pages=pages,
        before=address(page=page - 1) if page > 1 else "",
        after=address(page=page + 1) if page < pages else "",
        file=f"/research/codebook/{code.code_id}/excerpts.csv?{urlencode(kept)}",
        asked=asked,
        narrowed=len(kept),
        roles=_ROLES,
        agents=[(agent.name, agent.name) for agent in visit.room.study.definition.agents],
        people=[(one.researcher_id, one.name) for one in everybody],
        sees_all=visit.reads_all,
    )


async def _download(visit: ResearchRequest) -> Response:
    record, code = visit.room.record, await _code(visit)
    asked = _asked(visit)
    which = _which(visit, code.code_id, asked)
    total = await count_excerpts(record.read_database, which)
    if total > _MOST:
        raise HttpProblem(400, f"These are more than {_MOST:,} excerpts. Narrow them, or make an export.")
    where = {name: value for name, value in asked.items() if value}
    await visit.note("excerpts_downloaded", code.code_id, count=total, **where)
    names = {one.code_id: one.name for one in await record.codebook.newest()}
    site = f"{visit.request.url.scheme}://{visit.request.url.netloc}"
    told = []
    for first in range(0, total, _AT_ONCE):
        for row in await read_excerpts(record.read_database, which, first, _AT_ONCE):
            at = f"?at={row['step_id']}#{row['step_id']}" if row["step_id"] else ""
            link = f"{site}/research/threads/{row['thread_id']}{at}"
            told.append(as_record(row) | {"code": names.get(row["code_id"], ""), "link": link})
    lines = [_line((*COLUMNS, "code", "link")), *(_line(one.values()) for one in told)]
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="excerpts.csv"'}
    return Response("".join(lines).encode(), headers=headers, media_type="text/csv; charset=utf-8")


def _line(values: Iterable[Any]) -> str:
    """A line as exports write it: text in quotes, all else without (decisions/0020)."""
    return ",".join(_value(one) for one in values) + "\n"


def _value(one: Any) -> str:
    if one is None:
        return ""
    if isinstance(one, str):
        return _quoted(one)
    return str(bool(one)).upper() if isinstance(one, bool) else str(one)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


async def _code(visit: ResearchRequest) -> Code:
    code = await visit.room.record.codebook.one(visit.path("code_id"))
    if code is None:
        raise HttpProblem(404, "There is no such code. The codebook has those that there are.")
    return code


def _asked(visit: ResearchRequest) -> dict[str, str]:
    return {name: beginning(storable(visit.query(name)), _LONGEST).strip() for name in _FIELDS}


def _which(visit: ResearchRequest, code_id: str, asked: dict[str, str]) -> Excerpts:
    """What is asked for, of what a researcher reads: a coder their own codes, in threads that are theirs."""
    days = filter_of({"since": asked["since"], "until": asked["until"]})
    me = "" if visit.reads_all else visit.researcher.researcher_id
    return Excerpts(
        code_id,
        annotated_by=me or asked["by"],
        assigned_to=me,
        agent=asked["agent"],
        role=asked["role"],
        since=days.since,
        before=days.before,
        thread=asked["thread"],
        imported={"yes": True, "no": False}.get(asked["imported"]),
    )
