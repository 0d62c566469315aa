"""Withdrawals: who has left, how much was erased, which exports held it; withdrawing by pseudonym."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from research.routing import ResearchRequest, ResearchRoutes
from study.roles import Right
from web.problem import HttpProblem

_HERE: Final = "/research/withdrawals"
# What is said in words; the rest of what was erased follows by table.
_TOLD: Final = ("threads", "messages", "files")


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The list, one withdrawal, the question before one, and the act."""
    right = Right.WITHDRAW
    return [
        doors.route("/withdrawals", _list, right),
        doors.route("/withdrawals/ask", _ask, right),
        doors.route("/withdrawals", _withdraw, right, methods=("POST",)),
        doors.route("/withdrawals/{withdrawal_id}", _one, right),
    ]


async def _list(visit: ResearchRequest) -> Response:
    return await _drawn(visit)


async def _ask(visit: ResearchRequest) -> Response:
    participant_id = visit.query("participant").strip()
    before = await _before(visit, participant_id)
    if before is None:
        problem = (
            f"There is no participant {participant_id[:36]!r}. Copy the pseudonym from one of their threads."
        )
        return await _drawn(visit, participant=participant_id[:36], problem=problem, status=404)
    already = await visit.room.record.withdrawals.of_participant(participant_id)
    if already is not None:
        return visit.moved(f"{_HERE}/{already['withdrawal_id']}")
    return visit.draw("withdraw.html", participant=participant_id, before=before)


async def _withdraw(visit: ResearchRequest) -> Response:
    form = await visit.form()
    participant_id = str(form.get("participant", ""))
    if form.get("sure") != "yes":
        raise HttpProblem(400, "Tick the box that says that you are sure. Go back and try again.")
    record = visit.room.record
    if await _before(visit, participant_id) is None:
        raise HttpProblem(404, "There is no such participant.")
    already = await record.withdrawals.of_participant(participant_id)
    if already is None:
        await visit.note("participant_withdrawn", participant_id)
        already = await record.withdrawals.withdraw(
            participant_id, "researcher", visit.researcher.researcher_id
        )
    return visit.moved(f"{_HERE}/{already['withdrawal_id']}")


async def _one(visit: ResearchRequest) -> Response:
    withdrawals = visit.room.record.withdrawals
    withdrawal_id = visit.path("withdrawal_id")
    row = await withdrawals.one(withdrawal_id) if is_uuid(withdrawal_id) else None
    if row is None:
        return visit.not_found("There is no such withdrawal.")
    return visit.draw(
        "withdrawal.html",
        row=row,
        told=[(name, row["counts"].get(name, 0)) for name in _TOLD],
        tables=sorted((name, n) for name, n in row["counts"].items() if name not in _TOLD and n),
        exports=await withdrawals.exports_of(row["export_ids"]),
        by=await _by(visit, row),
    )


async def _before(visit: ResearchRequest, participant_id: str) -> Row | None:
    return await visit.room.record.withdrawals.before(participant_id) if is_uuid(participant_id) else None


async def _by(visit: ResearchRequest, row: Row) -> str:
    """Who asked for it: the participant, or a researcher's name."""
    if row["researcher_id"] is None:
        return "the participant"
    who = await visit.room.record.researchers.by_id(row["researcher_id"])
    return who.name if who else "a researcher"


async def _drawn(
    visit: ResearchRequest, *, participant: str = "", problem: str = "", status: int = 200
) -> Response:
    rows = await visit.room.record.withdrawals.all()
    by = {row["withdrawal_id"]: await _by(visit, row) for row in rows}
    return visit.draw("withdrawals.html", status, rows=rows, by=by, participant=participant, problem=problem)
