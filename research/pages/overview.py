"""What is going on now, and since the start."""

import asyncio

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.record import Record
from data_layer.review.overview import active_now, overview
from research.counting import Counting
from research.doors import Doors, Visit
from research.figures import duration, plots, size, totals, within
from research.spending import WARN_FROM, budget_plot, costs, spending
from research.upkeep import ends, upkeep, warnings
from study.roles import Right


def routes(doors: Doors) -> list[BaseRoute]:
    """The room's first page."""
    page = _Overview(doors.room.record)
    return [doors.route("/", page.show, Right.OVERVIEW)]


class _Overview:
    def __init__(self, record: Record) -> None:
        self._record = record
        self._counting = Counting(lambda: overview(record.database, record.now()), record.now)

    async def show(self, visit: Visit) -> Response:
        found = await self._counting.newest()
        if found is None:
            return visit.draw("counting.html")
        budget = spending(found, visit.room.study.definition.budget)
        stands = await asyncio.to_thread(upkeep, self._record, found)
        return visit.draw(
            "overview.html",
            found=found,
            counting=self._counting.goes_on,
            active=await active_now(self._record.database, self._record.now()),
            people=found.participants,
            warnings=list(warnings(stands, budget)),
            totals=totals(found),
            plots=plots(found),
            first_words=[duration(within(found, "ttft", share)) for share in (0.5, 0.95)],
            whole_reply=[duration(within(found, "latency", share)) for share in (0.5, 0.95)],
            costs=costs(found),
            budget=budget,
            budget_plot=budget_plot(found, budget) if budget else None,
            warn_from=WARN_FROM,
            ends=ends(found),
            stands=stands,
            size=size,
        )
