"""What a participant marks messages with: ratings of replies, and bookmarks."""

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.record import Record
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from stages.own_marks import OwnMarks
from study.participation import RatingRules


def mark_routes(
    own: ParticipantRoutes, record: Record, offered: Callable[[], RatingRules]
) -> list[BaseRoute]:
    """Make the routes below /me/ratings and /me/bookmarks.

    Args:
        own: Makes routes for participants.
        record: Read and written.
        offered: What the study lets participants say about a reply.
    """
    marks = OwnMarks(record, offered)

    async def rate(asked: ParticipantRequest) -> Response:
        """Rate a reply: {value: 1 or 0, reasons: [...], comment: "..."}."""
        given = await asked.body()
        rating = await marks.rate(asked.participant_id, asked.path("message_id"), given)
        return json_answer({"rating": rating})

    async def take_back(asked: ParticipantRequest) -> Response:
        await marks.take_back(asked.participant_id, asked.path("message_id"))
        return json_answer({})

    async def bookmark(asked: ParticipantRequest) -> Response:
        await marks.bookmark(asked.participant_id, asked.path("message_id"))
        return json_answer({"bookmarked": True})

    async def remove_bookmark(asked: ParticipantRequest) -> Response:
        await marks.remove_bookmark(asked.participant_id, asked.path("message_id"))
        return json_answer({})

    async def bookmarks(asked: ParticipantRequest) -> Response:
        return json_answer({"bookmarks": await marks.bookmarks(asked.participant_id)})

    return [
        own.route("/me/ratings/{message_id}", rate, methods=["PUT"]),
        own.route("/me/ratings/{message_id}", take_back, methods=["DELETE"]),
        own.route("/me/bookmarks", bookmarks),
        own.route("/me/bookmarks/{message_id}", bookmark, methods=["PUT"]),
        own.route("/me/bookmarks/{message_id}", remove_bookmark, methods=["DELETE"]),
    ]
