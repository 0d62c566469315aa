"""What stands in a thread before what the page shows, window by window."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.conversations.forms import form_mark
from data_layer.conversations.paging import read_window
from data_layer.conversations.threads import ThreadRecord, owner_of
from data_layer.record import Record
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from stages.transcript.draw import draw_window
from stages.transcript.entries import entries_of
from study.numbers import whole_number
from web.problem import HttpProblem

# A seq is microseconds since 1970: sixteen digits until the year 2286.
_MOST_DIGITS: Final = 18


def earlier_routes(own: ParticipantRoutes, record: Record) -> list[BaseRoute]:
    """Make the route of the windows.

    Args:
        own: Makes routes for participants.
        record: Read.
    """

    async def earlier(asked: ParticipantRequest) -> Response:
        found = await _own_window(record, asked, _place(asked))
        left = found.earlier
        return json_answer(
            {
                "html": await draw_window(found, asked.strings),
                # What Copy copies: the words as they were said.
                "texts": {one.step_id: one.text for one in entries_of(found) if one.role != "step"},
                "forms": [form_mark(row) for row in found.forms],
                "earlier": {"before": left.before, "count": left.count} if left else None,
            }
        )

    return [own.route("/me/threads/{thread_id}/earlier", earlier)]


async def _own_window(record: Record, asked: ParticipantRequest, before: int) -> ThreadRecord:
    """Raises HttpProblem: not there, or not theirs: one answer for both."""
    thread_id = asked.path("thread_id")
    owner = await owner_of(record.database, thread_id)
    found = None
    if owner is not None and owner == asked.participant_id:
        found = await read_window(record.database, thread_id, before=before)
    if found is None:
        raise HttpProblem(404, "asked.no_such_thing")
    return found


def _place(asked: ParticipantRequest) -> int:
    place = whole_number(asked.request.query_params.get("before"), _MOST_DIGITS)
    if place is None:
        raise HttpProblem(400, "asked.not_readable")
    return place
