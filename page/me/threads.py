"""What a participant does with their threads: the list by tag, titles, tags, deleting, restoring, search."""

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.chainlit.shapes import thread_row_dict
from data_layer.conversations.own_threads import archived_page, deleted_page, tags_of
from data_layer.conversations.threads import ThreadPage, list_page
from data_layer.database.text import shown_opening
from data_layer.database.types import iso
from data_layer.record import Record
from data_layer.search.participant_search import ParticipantSearchHit
from meaning.own import search_own
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from stages.own_threads import OwnThreads
from study.errors import AgentError, QueryError
from study.semantic_search import SearchMode
from study.vocabulary import StepType
from web.problem import HttpProblem

if TYPE_CHECKING:
    from meaning.service import Meaning

PAGE: Final = 35


def own_thread_routes(
    own: ParticipantRoutes, record: Record, meaning: "Meaning | None" = None
) -> list[BaseRoute]:
    """Make the routes below /me/threads, /me/tags and /me/search.

    Args:
        own: Makes routes for participants.
        record: Read and written.
        meaning: Search by meaning; None where the study has none.
    """
    threads = OwnThreadRoutes(record, meaning)
    return [
        own.route("/me/threads", threads.listed),
        own.route("/me/threads/deleted", threads.deleted),
        own.route("/me/threads/archived", threads.archived),
        own.route("/me/threads/{thread_id}", threads.rename, methods=["PUT"]),
        own.route("/me/threads/{thread_id}", threads.delete, methods=["DELETE"]),
        own.route("/me/threads/{thread_id}/restore", threads.restore, methods=["POST"]),
        own.route("/me/threads/{thread_id}/unarchive", threads.unarchive, methods=["POST"]),
        own.route("/me/threads/{thread_id}/tags", threads.tag, methods=["PUT"]),
        own.route("/me/tags", threads.tags),
        own.route("/me/search", threads.search),
    ]


class OwnThreadRoutes:
    """The answers.

    Args:
        record: Read and written.
        meaning: Search by meaning; None where the study has none.
    """

    def __init__(self, record: Record, meaning: "Meaning | None" = None) -> None:
        self._record = record
        self._own = OwnThreads(record)
        self._meaning = meaning

    async def listed(self, asked: ParticipantRequest) -> Response:
        """A page of the list, in the shape of Chainlit's own answer; by tag where one is given."""
        given = asked.request.query_params
        page = await list_page(
            self._record.database,
            asked.participant_id,
            first=PAGE,
            cursor=given.get("cursor"),
            tag=given.get("tag"),
        )
        more = page.next_cursor is not None
        return json_answer(
            {
                "data": [thread_row_dict(row, asked.participant_id) for row in page.threads],
                "pageInfo": {"hasNextPage": more, "startCursor": None, "endCursor": page.next_cursor},
            }
        )

    async def deleted(self, asked: ParticipantRequest) -> Response:
        """What can be restored."""
        cursor = asked.request.query_params.get("cursor")
        page = await deleted_page(self._record.database, asked.participant_id, first=PAGE, cursor=cursor)
        return json_answer(_beside(page, "deleted_at"))

    async def archived(self, asked: ParticipantRequest) -> Response:
        """What is archived, and can be brought back."""
        cursor = asked.request.query_params.get("cursor")
        page = await archived_page(self._record.database, asked.participant_id, first=PAGE, cursor=cursor)
        return json_answer(_beside(page, "archived_at"))

    async def rename(self, asked: ParticipantRequest) -> Response:
        """Give a thread a title."""
        title = (await asked.body()).get("title")
        if not isinstance(title, str):
            raise HttpProblem(400, "asked.not_readable")
        await self._own.rename(asked.participant_id, asked.path("thread_id"), title)
        return json_answer({})

    async def delete(self, asked: ParticipantRequest) -> Response:
        """Take a thread off the list."""
        await self._own.delete(asked.participant_id, asked.path("thread_id"))
        return json_answer({})

    async def restore(self, asked: ParticipantRequest) -> Response:
        """Bring a thread back; one that was not deleted is there already."""
        await self._own.restore(asked.participant_id, asked.path("thread_id"))
        return json_answer({})

    async def unarchive(self, asked: ParticipantRequest) -> Response:
        """Bring an archived thread back to the list.

        Returns:
            The titles of those that were archived for it.
        """
        archived = await self._own.unarchive(asked.participant_id, asked.path("thread_id"))
        return json_answer({"archived": archived})

    async def tag(self, asked: ParticipantRequest) -> Response:
        """Set a thread's tags.

        Returns:
            The tags as they are kept.
        """
        given = (await asked.body()).get("tags")
        if not isinstance(given, list) or not all(isinstance(tag, str) for tag in given):
            raise HttpProblem(400, "asked.not_readable")
        tags = await self._own.tag(asked.participant_id, asked.path("thread_id"), given)
        return json_answer({"tags": tags})

    async def tags(self, asked: ParticipantRequest) -> Response:
        """The participant's tags."""
        found = await tags_of(self._record.database, asked.participant_id)
        return json_answer({"tags": [{"tag": tag, "count": count} for tag, count in found]})

    async def search(self, asked: ParticipantRequest) -> Response:
        """Search one's own titles and messages."""
        given = asked.request.query_params
        mode = given.get("mode", SearchMode.TEXT.value)
        if mode not in set(SearchMode):
            raise HttpProblem(400, "asked.not_readable")
        try:
            found = await search_own(
                self._record,
                self._meaning,
                asked.participant_id,
                given.get("q", ""),
                SearchMode(mode),
                given.get("cursor"),
            )
        except QueryError:
            raise HttpProblem(404, "asked.no_meaning") from None
        except AgentError:
            raise HttpProblem(503, "asked.meaning_away") from None
        return json_answer({"hits": [_hit(hit) for hit in found.hits], "next": found.next_cursor})


def _beside(page: ThreadPage, moment: str) -> dict[str, Any]:
    """Threads that are not on the list."""
    shown = [
        {
            "id": row["thread_id"],
            "title": row["title"],
            "preview": shown_opening(row["opening"]),
            "message_count": row["message_count"],
            moment: iso(row[moment]),
        }
        for row in page.threads
    ]
    return {"threads": shown, "next": page.next_cursor}


def _hit(hit: ParticipantSearchHit) -> dict[str, Any]:
    return {
        "thread_id": hit.thread_id,
        "title": hit.title,
        "step_id": hit.step_id,
        "mine": hit.type == StepType.USER_MESSAGE.value,
        "at": iso(hit.at),
        "parts": [[part.text, part.hit] for part in hit.parts],
    }
