"""The audit log, the newest line first."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.audit import PAGE, prove
from research.doors import Doors, Visit
from study.roles import Right

# A position has fewer digits than this.
_LONGEST = 15


def routes(doors: Doors) -> list[BaseRoute]:
    """The log, and its proof."""
    return [
        doors.route("/audit", _show, Right.AUDIT),
        doors.route("/audit/verify", _verify, Right.AUDIT, methods=("POST",)),
    ]


async def _show(visit: Visit) -> Response:
    asked = visit.query("before")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < _LONGEST else None
    lines = await visit.room.record.audit.newest(before)
    older = lines[-1]["position"] if len(lines) == PAGE and lines[-1]["position"] > 1 else None
    return visit.draw("audit.html", lines=lines, older=older, proof=None, first=before is None)


async def _verify(visit: Visit) -> Response:
    await visit.note("audit_verified")
    proof = await prove(visit.room.record.database)
    lines = await visit.room.record.audit.newest()
    older = lines[-1]["position"] if len(lines) == PAGE and lines[-1]["position"] > 1 else None
    return visit.draw("audit.html", lines=lines, older=older, proof=proof, first=True)
