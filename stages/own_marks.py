"""What participants mark messages with, by whichever door: ratings as the study offers, and bookmarks."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from data_layer.database.rows import Row
from data_layer.database.types import iso
from data_layer.record import Record
from study.participation import RatingRules
from study.vocabulary import ROLE_OF_TYPE, StepType
from web.problem import HttpProblem

# Characters of a comment. A longer thought is a message.
LONGEST_COMMENT: Final = 2_000


class OwnMarks:
    """Marks messages for their participants.

    Args:
        record: Read and written.
        offered: What the study lets participants say about a reply.
    """

    def __init__(self, record: Record, offered: Callable[[], RatingRules]) -> None:
        self._record = record
        self._offered = offered

    async def rate(self, participant_id: str, message_id: str, given: dict[str, Any]) -> Row:
        """Rate a reply.

        Args:
            participant_id: Who rates.
            message_id: The reply.
            given: {value: 1 or 0, reasons: [...], comment: "..."}, as it came.

        Returns:
            The rating as it is kept.

        Raises:
            HttpProblem: It is none that the study offers.
            WriteRefused: There is no such reply of theirs.
        """
        rating = _rating_in(given, self._offered())
        await self._record.ratings.put(participant_id, message_id, **rating)
        return rating

    async def take_back(self, participant_id: str, message_id: str) -> None:
        """Take a rating back.

        Raises:
            WriteRefused: There is none of theirs on such a reply.
        """
        await self._record.ratings.take_back(participant_id, message_id)

    async def bookmark(self, participant_id: str, message_id: str) -> None:
        """Put a bookmark on a message.

        Raises:
            WriteRefused: There is no such message of theirs.
        """
        await self._record.bookmarks.put(participant_id, message_id)

    async def remove_bookmark(self, participant_id: str, message_id: str) -> None:
        """Take a bookmark away.

        Raises:
            WriteRefused: There is no such message of theirs.
        """
        await self._record.bookmarks.remove(participant_id, message_id)

    async def bookmarks(self, participant_id: str) -> list[Row]:
        """A participant's bookmarks, the newest first."""
        return [
            {
                "message_id": row["message_id"],
                "thread_id": row["thread_id"],
                "title": row["title"],
                "text": row["text"],
                "role": ROLE_OF_TYPE[StepType(row["type"])].value,
                "created_at": iso(row["created_at"]),
                "stands": bool(row["stands"]),
            }
            for row in await self._record.bookmarks.listed(participant_id)
        ]


def _rating_in(body: dict[str, Any], offered: RatingRules) -> Row:
    """A rating as it was sent.

    Raises:
        HttpProblem: It is none that the study offers.
    """
    value, reasons, comment = body.get("value"), body.get("reasons", []), body.get("comment")
    if type(value) is not int or value not in (0, 1):
        raise HttpProblem(400, "asked.not_readable", field="value")
    known: Sequence[str] = offered.good if value else offered.bad
    if not isinstance(reasons, list) or not all(reason in known for reason in reasons):
        raise HttpProblem(400, "asked.not_readable", field="reasons")
    if comment is not None and (not isinstance(comment, str) or not offered.comment):
        raise HttpProblem(400, "asked.not_readable", field="comment")
    if comment is not None and len(comment) > LONGEST_COMMENT:
        raise HttpProblem(413, "asked.comment_too_long", field="comment", limit=LONGEST_COMMENT)
    # In the study's order, each once: the same ticks are the same rating.
    return {"value": value, "reasons": [one for one in known if one in reasons], "comment": comment or None}
