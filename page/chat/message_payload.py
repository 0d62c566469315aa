"""What a page says in a message, before anybody hears it: only a shape that our own page sends passes."""

import uuid
from typing import Any

from chainlit.session import WebsocketSession

from data_layer.database.ids import is_uuid
from study.errors import WriteRefused
from study.reasons import Reason
from study.text import is_blank, storable
from study.vocabulary import PARTICIPANT_AUTHOR


def spoken(payload: Any, session: WebsocketSession, *, wordless: bool = False) -> tuple[str, str]:
    """The id and the text of a message from the client.

    Args:
        wordless: It may be without words, for files come with it.

    Raises:
        WriteRefused: It is not one that our page sends.
    """
    message = payload.get("message") if isinstance(payload, dict) else None
    if not isinstance(message, dict) or not isinstance(message.get("output"), str):
        raise WriteRefused(Reason.NO_TEXT)
    message_id = message.get("id")
    if not isinstance(message_id, str) or not is_uuid(message_id) or uuid.UUID(message_id).version != 4:
        raise WriteRefused(Reason.NOT_A_MESSAGE_ID)
    if message.get("type", "user_message") != "user_message":
        raise WriteRefused(Reason.CLAIMS_ANOTHERS)
    user = session.user
    authors = {None, "", "User", PARTICIPANT_AUTHOR}
    if user is not None:
        authors |= {user.identifier, user.display_name}
    name = message.get("name")
    if not (name is None or isinstance(name, str)) or name not in authors:
        raise WriteRefused(Reason.ANOTHER_AUTHOR)
    if is_blank(message["output"]) and not wordless:
        raise WriteRefused(Reason.EMPTY)
    return message_id, storable(message["output"])


def files_in(payload: Any) -> list[str]:
    """The ids of the uploads that come with a message; what has another shape is none."""
    references = payload.get("fileReferences") if isinstance(payload, dict) else None
    if not isinstance(references, list):
        return []
    ids = [one.get("id") for one in references if isinstance(one, dict)]
    return [one for one in ids if isinstance(one, str) and is_uuid(one)]


def is_elsewhere(payload: Any, session: WebsocketSession) -> bool:
    """Whether a page believes itself in another thread than its connection is in.

    Its words would be kept where their participant did not say them. Ours names its thread as soon
    as its address does (public/page/delivery.js); Chainlit's leaves it empty.
    """
    message = payload.get("message") if isinstance(payload, dict) else None
    named = message.get("threadId") if isinstance(message, dict) else None
    return isinstance(named, str) and is_uuid(named) and named != session.thread_id


def id_in(payload: Any) -> str | None:
    """The id that a message claims, if it is one at all."""
    message = payload.get("message") if isinstance(payload, dict) else None
    found = message.get("id") if isinstance(message, dict) else None
    return found if isinstance(found, str) else None
