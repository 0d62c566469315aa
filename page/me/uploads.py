"""Uploads from the page: our route stands where Chainlit's page sends files to.

Chainlit's own reads the whole body into memory before it looks at its size, and believes its sender what it
is (server.py:1960).
"""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.database.ids import is_uuid
from data_layer.record import Record
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from stages.uploads import Uploads
from study.definition import Study
from web.problem import HttpProblem

_LOOK_AGAIN_S: Final = 0.2

# session id -> the participant whose session it is; None when there is none.
SessionOwner = Callable[[str], str | None]


def upload_routes(
    study: Callable[[], Study],
    record: Record,
    routes: ParticipantRoutes,
    session_owner: SessionOwner,
    *,
    patience_s: float = 5.0,
) -> list[BaseRoute]:
    """Make the route of uploads; it is there, and refuses, where the study allows none.

    Args:
        study: What is allowed, now.
        record: Where files wait.
        routes: Makes the route: signed in, from our own page.
        session_owner: Whose session one is.
        patience_s: How long a session is waited for: a page can be quicker than its socket, when it has
            just been opened or its server was away.

    Returns:
        Routes for the front of the app's list.
    """
    uploads = Uploads(record, lambda: study().attachments)

    async def answer(asked: ParticipantRequest) -> Response:
        session_id = asked.request.query_params.get("session_id", "")
        with uploads.one_more(asked.participant_id) as allowed:
            waited = 0.0 if is_uuid(session_id) else patience_s
            while (owner := session_owner(session_id)) is None and waited < patience_s:
                await asyncio.sleep(_LOOK_AGAIN_S)
                waited += _LOOK_AGAIN_S
            if owner != asked.participant_id:
                raise HttpProblem(403, "attachments.no_session")
            taken = await uploads.take(
                asked.request, asked.participant_id, session_id, allowed, asked.strings
            )
        return json_answer({"id": taken.attachment_id})

    return [routes.route("/project/file", answer, methods=["POST"])]
