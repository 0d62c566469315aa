"""Rows of the record in the API's shapes: what a participant sees on the page, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from data_layer.database.rows import Row
from data_layer.database.text import shown_opening
from data_layer.database.types import iso
from stages.chat.left import Left
from study.vocabulary import ROLE_OF_TYPE, StepType

_STATE_DELETED: Final = "deleted"


def moment(at: datetime | None) -> str | None:
    """A moment in UTC, as all of the project writes it."""
    return iso(at) if at is not None else None


def thread_shape(row: Row) -> Row:
    """A thread of its participant's.

    Args:
        row: Of `threads`.
    """
    return {
        "id": row["thread_id"],
        "title": row["title"],
        "preview": shown_opening(row["opening"]),
        "timestamp": moment(row["last_activity_at"]),
        "message_count": row["message_count"],
        "agent": row["agent"],
        "state": state_of(row),
        "tags": row["tags"] or [],
    }


def state_of(row: Row) -> str:
    """Whether a thread is on its participant's list, beside it, or taken away."""
    if row["deleted_at"] is not None:
        return _STATE_DELETED
    return "archived" if row["archived_at"] is not None else "active"


def message_shape(row: Row, mark: Mapping[str, Any] | None = None) -> Row:
    """A message.

    Args:
        row: Of `steps`; one that is not in the database yet has fewer columns.
        mark: What stands with it: conversations/branches.py, `marks`.
    """
    mark = mark or {}
    branch = mark.get("branch")
    return {
        "id": row["step_id"],
        "thread_id": row["thread_id"],
        "role": ROLE_OF_TYPE[StepType(row["type"])].value,
        "author": None if row["type"] == StepType.USER_MESSAGE else row.get("name"),
        "content": row["output"] or "",
        "status": row.get("status") or "complete",
        "cut_off": row.get("cut_off"),
        "fallback_for": row.get("fallback_for"),
        "turn": row.get("turn"),
        "revision": row.get("revision") or 1,
        "created_at": moment(row.get("created_at")),
        "branch": {"number": branch["at"], "of": branch["of"]} if branch else None,
        "rating": mark.get("rating"),
        "bookmarked": bool(mark.get("bookmarked")),
    }


def step_shape(row: Row) -> Row:
    """A step of an agent's visible work, with what the page shows of it."""
    return {
        "id": row["step_id"],
        "thread_id": row["thread_id"],
        "type": row["type"],
        "name": row.get("name"),
        "input": row.get("input") or "",
        "output": row.get("output") or "",
        "status": row.get("status") or "complete",
        "is_error": bool(row.get("is_error")),
        "turn": row.get("turn"),
        "parent_id": row.get("parent_id"),
        "started_at": moment(row.get("started_at")),
        "ended_at": moment(row.get("ended_at")),
    }


def file_shape(row: Row) -> Row:
    """A file that stands with a message."""
    return {
        "id": row["element_id"],
        "message_id": row["message_id"],
        "name": row["name"],
        "mime": row["mime"],
        "size_bytes": row["size_bytes"],
    }


def form_shape(mark: Row) -> Row:
    """A form under a reply.

    Args:
        mark: conversations/forms.py, `form_mark`.
    """
    return {
        "id": mark["id"],
        "message_id": mark["message"],
        "state": mark["state"],
        "definition": mark["definition"],
        "answers": mark["answers"],
    }


def intent_shapes(shown: Sequence[Row]) -> list[Row]:
    """Intents, as conversations/intents.py, `shown`, has them."""
    return [
        {
            "id": one["id"],
            "title": one["title"],
            "state": one["state"],
            "from_message_id": one["from"],
            "to_message_id": one["to"],
            "offered": one["offered"],
        }
        for one in shown
    ]


def left_shape(left: Left) -> Row:
    """What a participant may still use; which of tokens or money it was stays here."""
    shape = asdict(left)
    del shape["what"]
    return shape
