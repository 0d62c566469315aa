"""What is going on now, and since the start."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.review.filter_fields import LONGEST
from data_layer.review.overview import Overview, active_now, overview
from research.conditions import has_conditions, sees_conditions
from research.overview import charts
from research.overview.counting import Counting
from research.overview.figures import duration, totals, within
from research.overview.flow import by_condition, flow_of
from research.overview.plots import known_agents, plots
from research.overview.processes import process_warnings, processes
from research.overview.shown_days import (
    FIELDS,
    ShownDays,
    busy_days,
    imported_in,
    narrowed,
    shown_days,
    simulated_in,
    threads_of,
)
from research.overview.spending import WARN_FROM, budget_plot, costs, spending
from research.overview.unavailable import refused
from research.overview.upkeep import ends, upkeep, warnings
from research.routing import ResearchRequest, ResearchRoutes
from study.errors import QueryError
from study.flow.drawing import draw_flow
from study.protocol.assigning import plan_of
from study.roles import Right
from study.text import beginning, storable
from web.numbers import size

# Alarms that the page lists, of those that were told.
_TOLD: Final = 5


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The room's first page."""
    page = _Overview(doors.room.record)
    return [
        doors.route("/", page.show, Right.OVERVIEW),
        doors.route("/alarms/test", _try_alarms, Right.STEER, ("POST",)),
    ]


class _Overview:
    def __init__(self, record: Record) -> None:
        self._record = record
        self._counting = Counting(lambda: overview(record.read_database, record.now()), record.now)

    async def show(self, visit: ResearchRequest) -> Response:
        found = await self._counting.newest()
        if found is None:
            return visit.draw("counting.html")
        # Days of conversations that were held elsewhere are none of the study.
        busy = busy_days(narrowed(found, ShownDays()))
        asked = {name: beginning(storable(visit.query(name)), LONGEST).strip() for name in FIELDS}
        problem = ""
        try:
            shown = shown_days(asked, found, busy)
        except QueryError as error:
            shown, problem = ShownDays(), str(error)
        await asyncio.to_thread(charts.warm_up)
        return visit.draw(
            "overview.html",
            400 if problem else 200,
            found=found,
            asked=asked
            if problem
            else asked | dict.fromkeys(FIELDS, "") | shown.fields | {"imported": shown.imported},
            shown=shown,
            busy=busy,
            problem=problem,
            counting=self._counting.goes_on,
            warn_from=WARN_FROM,
            size=size,
            alarms=await _alarms(visit),
            **await self._now(visit, found),
            **await _flow(visit, found, shown),
            **_figures(visit, found, shown),
        )

    async def _now(self, visit: ResearchRequest, found: Overview) -> dict[str, Any]:
        """What is not of a day: who is here, and whether all is well."""
        budget = spending(found, visit.room.study.definition.budget)
        stands = await asyncio.to_thread(upkeep, self._record, found)
        serving = await processes(self._record.database)
        return {
            "active": await active_now(self._record.read_database, self._record.now()),
            "budget": budget,
            "budget_plot": budget_plot(found, budget) if budget else None,
            "refused": refused(found) if visit.may(Right.READ) else (),
            "left_alone": [server for server in visit.room.servers() if server.is_open],
            "stands": stands,
            "unavailable": visit.room.unavailable.values() if visit.may(Right.STEER) else (),
            "processes": serving,
            "warnings": [*warnings(stands, budget), *self._of_processes(serving)],
        }

    def _of_processes(self, serving: Sequence[Row]) -> Iterator[str]:
        beat = self._record.database.dialect == "postgresql"
        return process_warnings(serving, self._record.now(), beat=beat)


async def _try_alarms(visit: ResearchRequest) -> Response:
    alarms = visit.room.alarms
    if alarms is not None and alarms.ways:
        await visit.note("alarms_tried")
        await alarms.try_out()
    return visit.moved("/research/#alarms")


async def _alarms(visit: ResearchRequest) -> dict[str, Any] | None:
    """Which are on, which stand, and which were told last."""
    alarms = visit.room.alarms
    if alarms is None:
        return None
    shown = await asyncio.to_thread(alarms.shown)

    def at(seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, UTC)

    return {
        "ways": alarms.ways,
        "means": alarms.means,
        "standing": [one | {"since": at(one["since"])} for one in shown["standing"].values()],
        "last": [one | {"at": at(one["at"])} for one in shown["last"][:_TOLD]],
    }


async def _flow(visit: ResearchRequest, found: Overview, shown: ShownDays) -> dict[str, Any]:
    """How far participants came through the protocol; nothing where the study has none."""
    protocol = visit.room.study.definition.protocol
    if protocol is None:
        return {"flow": None}
    simulated = shown.simulated == "yes"
    flow = flow_of(protocol, found.flow, simulated=simulated)
    sees = await sees_conditions(visit)
    beside = None
    if sees and protocol.conditions is not None:  # there may be levels of turns alone
        plan = plan_of(protocol, visit.room.study.surveys)
        beside = by_condition(protocol, found.flow, simulated=simulated, plan=plan)
    return {
        "flow": flow,
        "drawing": draw_flow(flow, flow.address),
        "has_conditions": has_conditions(visit) and not sees,
        "conditions": beside,
    }


def _figures(visit: ResearchRequest, found: Overview, shown: ShownDays) -> dict[str, Any]:
    """What is of the days that are shown."""
    part, ever = narrowed(found, shown), narrowed(found, ShownDays(imported=shown.imported))
    agents = [agent.name for agent in visit.room.study.definition.agents]
    return {
        "part": part,
        "people": part.participants,
        "simulated": simulated_in(found, shown),
        "imported": imported_in(found, shown),
        "elsewhere": threads_of(ever.days) - threads_of(narrowed(found, replace(shown, simulated="")).days),
        "totals": totals(part),
        "plots": plots(part, known_agents(ever, agents)),
        "first_words": [duration(within(part, "ttft", share)) for share in (0.5, 0.95)],
        "whole_reply": [duration(within(part, "latency", share)) for share in (0.5, 0.95)],
        "costs": costs(part),
        "ends": ends(part),
    }
