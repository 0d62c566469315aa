"""What a participant marks messages with: ratings of replies, and bookmarks."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.database.types import iso
from data_layer.record import Record
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from study.participation import RatingRules
from study.vocabulary import ROLE_OF_TYPE, StepType
from web.problem import HttpProblem

# Characters of a comment. A longer thought is a message.
LONGEST_COMMENT: Final = 2_000


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
    return [
        own.route("/me/ratings/{message_id}", marks.rate, methods=["PUT"]),
        own.route("/me/ratings/{message_id}", marks.take_back, methods=["DELETE"]),
        own.route("/me/bookmarks", marks.bookmarks),
        own.route("/me/bookmarks/{message_id}", marks.bookmark, methods=["PUT"]),
        own.route("/me/bookmarks/{message_id}", marks.remove_bookmark, methods=["DELETE"]),
    ]


class OwnMarks:
    """The answers.

    Args:
        record: Read and written.
        offered: What the study lets participants say about a reply.
    """

    def __init__(self, record: Record, offered: Callable[[], RatingRules]) -> None:
        self._record = record
        self._offered = offered

    async def rate(self, asked: ParticipantRequest) -> Response:
        """Rate a reply: {value: 1 or 0, reasons: [...], comment: "..."}."""
        body = await asked.body()
        rating = _rating_in(body, self._offered())
        await self._record.ratings.put(asked.participant_id, asked.path("message_id"), **rating)
        return json_answer({"rating": rating})

    async def take_back(self, asked: ParticipantRequest) -> Response:
        """Take a rating back."""
        await self._record.ratings.take_back(asked.participant_id, asked.path("message_id"))
        return json_answer({})

    async def bookmark(self, asked: ParticipantRequest) -> Response:
        """Put a bookmark on a message."""
        await self._record.bookmarks.put(asked.participant_id, asked.path("message_id"))
        return json_answer({"bookmarked": True})

    async def remove_bookmark(self, asked: ParticipantRequest) -> Response:
        """Take a bookmark away."""
        await self._record.bookmarks.remove(asked.participant_id, asked.path("message_id"))
        return json_answer({})

    async def bookmarks(self, asked: ParticipantRequest) -> Response:
        """A participant's bookmarks, the newest first."""
        listed = [
            {
                "message_id": row["message_id"],
                "thread_id": row["thread_id"],
                "title": row["title"],
                "text": row["text"],
                "role": ROLE_OF_TYPE[StepType(row["type"])].value,
                "created_at": iso(row["created_at"]),
                "stands": bool(row["stands"]),
            }
            for row in await self._record.bookmarks.listed(asked.participant_id)
        ]
        return json_answer({"bookmarks": listed})


def _rating_in(body: dict[str, Any], offered: RatingRules) -> dict[str, Any]:
    """A rating as it was sent.

    Raises:
        HttpProblem: It is none that the study offers.
    """
    value, reasons, comment = body.get("value"), body.get("reasons", []), body.get("comment")
    if type(value) is not int or value not in (0, 1):
        raise HttpProblem(400, "asked.not_readable")
    known: Sequence[str] = offered.good if value else offered.bad
    if not isinstance(reasons, list) or not all(reason in known for reason in reasons):
        raise HttpProblem(400, "asked.not_readable")
    if comment is not None and (not isinstance(comment, str) or not offered.comment):
        raise HttpProblem(400, "asked.not_readable")
    if comment is not None and len(comment) > LONGEST_COMMENT:
        raise HttpProblem(413, "asked.comment_too_long", limit=LONGEST_COMMENT)
    # In the study's order, each once: the same ticks are the same rating.
    return {"value": value, "reasons": [one for one in known if one in reasons], "comment": comment or None}
