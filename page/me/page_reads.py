"""What Chainlit's page reads before it connects: the same answers by a shorter way.

Five such reads are most of what a page costs, and FastAPI took half of their time (`python -m bench.cost`):
it sought the route among ninety, and found out anew what each needs. The answers are Chainlit's own
(server.py:771, 821, 967).
"""

import re
from typing import Any, Final

from chainlit import server
from chainlit.auth import get_current_user, get_token_from_cookies
from chainlit.data import get_data_layer
from chainlit.types import GetThreadsRequest
from chainlit.user import PersistedUser, User
from pydantic import ValidationError
from starlette.responses import Response
from starlette.routing import BaseRoute

from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from web.problem import HttpProblem

_LANGUAGE: Final = re.compile(server._language_pattern)


def page_read_routes(own: ParticipantRoutes) -> list[BaseRoute]:
    """Make the routes.

    Args:
        own: Makes routes that only participants reach.

    Returns:
        Routes for the front of the app's list.
    """
    return [
        own.route("/project/threads", _threads, methods=["POST"]),
        own.route("/user", _user),
        own.route("/project/settings", _settings),
    ]


async def _user(asked: ParticipantRequest) -> Response:
    """Who is signed in."""
    user = await _asker(asked)
    known = {"id": user.id, "createdAt": user.createdAt} if isinstance(user, PersistedUser) else {}
    said = {"identifier": user.identifier, "display_name": user.display_name, "metadata": user.metadata}
    return json_answer({**known, **said})


async def _settings(asked: ParticipantRequest) -> Response:
    """What the page offers, and which agents."""
    query = asked.request.query_params
    language = query.get("language", "en-US")
    if not _LANGUAGE.fullmatch(language):
        raise HttpProblem(422, "asked.not_readable")
    answer: Response = await server.project_settings(await _asker(asked), language, query.get("chat_profile"))
    return answer


async def _threads(asked: ParticipantRequest) -> Response:
    """A page of the sidebar: always of one's own threads, whoever's are asked for."""
    try:
        wanted = GetThreadsRequest.model_validate(await asked.body())
    except ValidationError:
        raise HttpProblem(422, "asked.not_readable") from None
    user, layer = await _asker(asked), get_data_layer()
    if layer is None or not isinstance(user, PersistedUser):
        raise HttpProblem(404, "asked.no_such_thing")
    wanted.filter.userId = user.id
    page = await layer.list_threads(wanted.pagination, wanted.filter)
    return json_answer({"pageInfo": page.pageInfo.to_dict(), "data": page.data})


async def _asker(asked: ParticipantRequest) -> Any:
    """Who asks, as Chainlit knows them; while the database is away, as their token says."""
    user: User | None = await get_current_user(get_token_from_cookies(asked.request.cookies) or "")
    if user is None:
        raise HttpProblem(401, "asked.signed_out")
    return user
