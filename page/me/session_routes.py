"""Chainlit's routes that trust a page's session id, in front of its own.

They take the id of any session (server.py:783, 1279), fail on one that is not there, and a button
pressed before the first message would make a thread that is named after the button.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from chainlit.action import Action
from chainlit.config import config
from chainlit.context import init_ws_context
from chainlit.session import WebsocketSession
from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.database.ids import is_uuid
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from web.problem import HttpProblem

# Routes by a session's id to one of several servers (server.py:788).
STICKY_COOKIE = "X-Chainlit-Session-id"


def session_routes(own: ParticipantRoutes) -> list[BaseRoute]:
    """Make the routes.

    Args:
        own: Makes routes that only participants reach.

    Returns:
        Routes for the front of the app's list.
    """
    return [
        own.route("/project/action", _press, methods=["POST"]),
        own.route("/set-session-cookie", _stick, methods=["POST"]),
    ]


async def _press(asked: ParticipantRequest) -> Response:
    """A button that an app's message offered has been pressed."""
    body = await asked.body()
    session_id, pressed = body.get("sessionId"), body.get("action")
    session = WebsocketSession.get_by_id(str(session_id)) if is_uuid(session_id) else None
    if session is None or session.user is None or session.user.identifier != asked.participant_id:
        raise HttpProblem(404, "asked.no_such_thing")
    pressed = pressed if isinstance(pressed, dict) else {}
    name = pressed.get("name")
    callback = config.code.action_callbacks.get(name) if isinstance(name, str) else None
    if callback is None or not session.has_first_interaction:
        raise HttpProblem(404, "asked.no_such_thing")
    await _called(session, callback, str(name), pressed.get("payload"))
    return json_answer({"success": True, "response": None})


async def _called(
    session: WebsocketSession, callback: Callable[[Action], Awaitable[Any]], name: str, payload: Any
) -> None:
    init_ws_context(session)
    await callback(Action(name=name, payload=payload if isinstance(payload, dict) else {}))


async def _stick(asked: ParticipantRequest) -> Response:
    """A page names its session, so that a proxy can send it to the same server again."""
    session_id = (await asked.body()).get("session_id")
    if not is_uuid(session_id):
        raise HttpProblem(400, "asked.not_readable")
    answer = json_answer({"message": "Session cookie set"})
    secure = asked.request.url.scheme == "https"
    answer.set_cookie(STICKY_COOKIE, str(session_id), httponly=True, secure=secure, samesite="lax")
    return answer
