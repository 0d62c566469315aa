"""The audit log, the newest line first."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.people.audit import PAGE, ChainProof, prove_chain
from research.routing import ResearchRequest, ResearchRoutes
from study.numbers import whole_number
from study.roles import Right

# A position has fewer digits than this.
_MOST_DIGITS = 14


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The log, and its proof."""
    return [
        doors.route("/audit", _show, Right.AUDIT),
        doors.route("/audit/verify", _verify, Right.AUDIT, methods=("POST",)),
    ]


async def _show(visit: ResearchRequest) -> Response:
    return await _drawn(visit, whole_number(visit.query("before"), _MOST_DIGITS))


async def _verify(visit: ResearchRequest) -> Response:
    await visit.note("audit_verified")
    return await _drawn(visit, proof=await prove_chain(visit.room.record.database))


async def _drawn(
    visit: ResearchRequest, before: int | None = None, proof: ChainProof | None = None
) -> Response:
    record = visit.room.record
    lines = await record.audit.newest(before)
    older = lines[-1]["position"] if len(lines) == PAGE and lines[-1]["position"] > 1 else None
    # What has a name is told by it, and not by its id.
    names = {code.code_id: code.name for code in await record.codebook.newest()}
    names |= {one.researcher_id: one.name for one in await record.researchers.all()}
    return visit.draw("audit.html", lines=lines, older=older, proof=proof, first=before is None, names=names)
