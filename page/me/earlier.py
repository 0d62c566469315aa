"""What stands in a thread before what the page shows, window by window."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.record import Record
from data_layer.threads import ThreadRecord, owner_of
from data_layer.windows import read_window
from page.asked import Asked, OwnRoutes, Problem, json_answer
from page.transcript.draw import draw_window
from page.transcript.entries import entries_of

# A seq is microseconds since 1970: sixteen digits until the year 2286.
_LONGEST_NUMBER: Final = 18


def earlier_routes(own: OwnRoutes, record: Record) -> list[BaseRoute]:
    """Make the route of the windows.

    Args:
        own: Makes routes for participants.
        record: Read.
    """

    async def earlier(asked: Asked) -> Response:
        found = await _own_window(record, asked, _place(asked))
        left = found.earlier
        return json_answer(
            {
                "html": await draw_window(found, asked.strings),
                # What Copy copies: the words as they were said.
                "texts": {one.step_id: one.text for one in entries_of(found) if one.role != "step"},
                "earlier": {"before": left.before, "count": left.count} if left else None,
            }
        )

    return [own.route("/me/threads/{thread_id}/earlier", earlier)]


async def _own_window(record: Record, asked: Asked, before: int) -> ThreadRecord:
    """Raises Problem: not there, or not theirs: one answer for both."""
    thread_id = asked.path("thread_id")
    owner = await owner_of(record.database, thread_id)
    found = None
    if owner is not None and owner == asked.participant_id:
        found = await read_window(record.database, thread_id, before=before)
    if found is None:
        raise Problem(404, "asked.no_such_thing")
    return found


def _place(asked: Asked) -> int:
    given = asked.request.query_params.get("before", "")
    if not given.isascii() or not given.isdigit() or len(given) > _LONGEST_NUMBER:
        raise Problem(400, "asked.not_readable")
    return int(given)
