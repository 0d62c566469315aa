"""Who is here now, told as it changes."""

from collections.abc import AsyncGenerator

from starlette.responses import Response
from starlette.routing import BaseRoute

from research.live.table import HereTable, LiveTable
from research.markdown import draw_markdown
from research.routing import ResearchRequest, ResearchRoutes
from study.roles import Right
from study.strings import ENGLISH, strings_in
from study.vocabulary import StudyState
from web.sse import Poller, event

EVERY_S = 1.0


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The page, its stream, and the form that steers the study; none of them is a coder's."""
    page = _Live(doors)
    return [
        doors.route("/live", page.show, Right.OVERVIEW),
        doors.route("/live/stream", page.stream, Right.OVERVIEW),
        doors.route("/live/study", _steer, Right.STEER, ("POST",)),
    ]


class _Live:
    def __init__(self, doors: ResearchRoutes) -> None:
        row = doors.room.templates.get_template("live_row.html")
        self._table = HereTable(doors.room.record, row.render)
        self._lookout = Poller(self._table.look, EVERY_S)

    async def show(self, visit: ResearchRequest) -> Response:
        await visit.note("live_seen")
        record, definition = visit.room.record, visit.room.study.definition
        table = await self._table.look(self._lookout.seen)
        return visit.draw(
            "live.html",
            table=table,
            state=table.study.value,
            changes=await record.controls.history(),
            texts=definition.closing,
            ended_by_default=strings_in(definition.language or ENGLISH)("closing.ended"),
            markdown=draw_markdown,
        )

    async def stream(self, visit: ResearchRequest) -> Response:
        return visit.streamed(self._told(), Right.OVERVIEW)

    async def _told(self) -> AsyncGenerator[str, None]:
        """All of the table at first, and then what has changed in it since."""
        async with self._lookout.watched():
            known: LiveTable | None = None
            while True:
                table = await self._lookout.news(known)
                before = known.rows if known is not None else {}
                changed = {key: row.html for key, row in table.rows.items() if before.get(key) is not row}
                gone = [key for key in before if key not in table.rows]
                told = {"whole": known is None, "rows": changed, "gone": gone}
                yield event("here", told | {"counts": table.counts, "study": table.study})
                known = table


async def _steer(visit: ResearchRequest) -> Response:
    given = (await visit.form()).get("state")
    record, who = visit.room.record, visit.researcher
    if given in set(StudyState):
        state = StudyState(given)
        if state is not await record.controls.state():
            await visit.note("study_steered", record.defaults.study_id, state=state.value)
            await record.controls.change(state, who.researcher_id, who.name)
    return visit.moved("/research/live")
