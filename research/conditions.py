"""Who sees conditions: nobody, until they ask to, and the audit log keeps that they did.

A researcher who does not know who is in which condition cannot be swayed by it. So it stands on no page
before it is asked for; whoever has asked once sees it from then on, and cannot go back to not knowing.
"""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.database.ids import is_uuid
from research.routing import ResearchRequest, ResearchRoutes
from study.roles import Right
from web.problem import HttpProblem

CONDITIONS_SHOWN: Final = "conditions_shown"


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The button."""
    return [doors.route("/conditions", _show, Right.CONDITIONS, ("POST",))]


def has_conditions(visit: ResearchRequest) -> bool:
    """Whether anything differs between participants, or between turns."""
    protocol = visit.room.study.definition.protocol
    return protocol is not None and bool(protocol.conditions or protocol.each_turn)


async def sees_conditions(visit: ResearchRequest) -> bool:
    """Whether who asks has asked to see conditions, and still may. The audit log is what knows it.

    Raises:
        SQLAlchemyError: The database is away.
    """
    if not has_conditions(visit) or not visit.may(Right.CONDITIONS):
        return False
    return await visit.room.record.audit.has(CONDITIONS_SHOWN, visit.researcher.researcher_id)


async def _show(visit: ResearchRequest) -> Response:
    if not has_conditions(visit):
        raise HttpProblem(404, "In this study nothing differs between participants.")
    if not await sees_conditions(visit):
        await visit.note(CONDITIONS_SHOWN)
    participant_id = str((await visit.form()).get("participant", ""))
    back = f"/research/participants/{participant_id}#path" if is_uuid(participant_id) else "/research/#flow"
    return visit.moved(back)
