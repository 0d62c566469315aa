"""Rows of the record in the shapes of Chainlit's page, and back.

What a participant must not see stops here: of a thread's metadata only PUBLIC_METADATA goes out.
Shapes: chainlit/types.py ThreadDict, chainlit/step.py StepDict, chainlit/element.py ElementDict; plain
dictionaries here, so that nothing but layer.py imports Chainlit (5 s).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from data_layer.conversations.forms import form_mark
from data_layer.conversations.threads import ThreadRecord
from data_layer.database.rows import Row
from data_layer.database.text import shown_opening
from data_layer.database.types import iso
from study.text import is_blank
from study.vocabulary import MESSAGE_TYPES, Status, StepType

# Chainlit reads these back from a thread's metadata on resume (socket.py:98-102).
PUBLIC_METADATA: Final = frozenset({"chat_profile", "chat_settings"})

# Looked up once: `value` of an enum is a call, and a message needs several.
_UNDEFINED: Final = StepType.UNDEFINED.value
_STREAMING: Final = Status.STREAMING.value
_COMPLETE: Final = Status.COMPLETE.value

# How the page draws a step; the record keeps them, exports leave them.
_DISPLAY: Final = (
    "language",
    "showInput",
    "defaultOpen",
    "autoCollapse",
    "command",
    "modes",
    "waitForAnswer",
    "tags",
    "generation",
)


def thread_row_dict(row: Row, participant_id: str) -> Row:
    """A row of the sidebar."""
    return {
        "id": row["thread_id"],
        "createdAt": iso(row["last_activity_at"]),
        "name": row["title"] or None,
        "userId": participant_id,
        "userIdentifier": participant_id,
        "tags": row["tags"] or [],
        "metadata": {"preview": shown_opening(row["opening"]), "message_count": row["message_count"]},
        "steps": [],
        "elements": [],
    }


def thread_dict(
    record: ThreadRecord, marks: Mapping[str, Row] | None = None, intents: Sequence[Row] | None = None
) -> Row:
    """A thread with its steps, runs among them: the page hides a step whose parent it does not have.

    Args:
        record: What stands on the screen.
        marks: By step_id, what public/page/turns/ shows with a message: data_layer/conversations/branches.py.
        intents: As conversations/intents.py, `shown`, has them.
    """
    thread, earlier = record.thread, record.earlier
    owner = thread["participant_id"]
    kept = thread["metadata"] or {}
    public = {key: value for key, value in kept.items() if key in PUBLIC_METADATA}
    if thread["agent"]:
        public["chat_profile"] = thread["agent"]
    return {
        "id": thread["thread_id"],
        "createdAt": iso(thread["last_activity_at"]),
        "name": thread["title"] or None,
        "userId": owner,
        "userIdentifier": owner,
        "tags": thread["tags"] or [],
        "metadata": public,
        "steps": _steps(record, marks or {}),
        "elements": [element_dict(row) for row in record.elements],
        # Beside Chainlit's fields, not in its metadata: that comes back to us at each disconnect.
        "earlier": {"before": earlier.before, "count": earlier.count} if earlier else None,
        "intents": list(intents or []),
    }


def step_dict(row: Row) -> Row:
    """A step or message for the page."""
    display = row.get("display") or {}
    message = row["type"] in MESSAGE_TYPES
    beside = {name: row[name] for name in ("cut_off", "fallback_for") if row.get(name)}
    started = row.get("started_at") or row["created_at"]
    ended = row.get("ended_at") or (row["created_at"] if message else None)
    shape: dict[str, Any] = {
        "id": row["step_id"],
        "threadId": row["thread_id"],
        "parentId": row.get("parent_id"),
        "type": row["type"],
        "name": row["name"],
        "input": row.get("input") or "",
        "output": row.get("output") or "",
        "createdAt": iso(row["created_at"]),
        "start": iso(started),
        "end": iso(ended) if ended else None,
        "isError": bool(row.get("is_error")),
        "streaming": row.get("status") == Status.STREAMING and message,
        "metadata": (row.get("metadata") or {}) | beside,
        "waitForAnswer": False,
        "showInput": "json",
    }
    return shape | {key: value for key, value in display.items() if value is not None}


def run_dict(row: Row) -> Row:
    """A run for the page: what its reply and its steps hang under, and what a rating goes to."""
    ended = row.get("ended_at")
    return {
        "id": row["run_id"],
        "threadId": row["thread_id"],
        "parentId": row["message_id"],
        "type": "run",
        "name": row["name"],
        "input": "",
        "output": "",
        "createdAt": iso(row["started_at"]),
        "start": iso(row["started_at"]),
        "end": iso(ended) if ended else None,
        "isError": False,
        "streaming": False,
        "metadata": {},
    }


def element_dict(row: Row) -> Row:
    """An element for the page; its file comes from our own route, never from the session's folder."""
    display = row.get("display") or {}
    shape: dict[str, Any] = {
        "id": row["element_id"],
        "threadId": row["thread_id"],
        "forId": row["message_id"],
        "type": row["type"],
        "name": row["name"],
        "mime": row["mime"],
        "url": f"/files/{row['element_id']}" if row["file"] else row.get("url"),
        "props": row.get("props"),
        "display": "inline",
    }
    return shape | display


def step_from_chainlit(step: Mapping[str, Any]) -> Row:
    """A step of Chainlit's as columns of `steps`."""
    kind = step.get("type") or _UNDEFINED
    ended = _moment(step.get("end"))
    open_ended = bool(step.get("streaming")) or (kind not in MESSAGE_TYPES and ended is None)
    display = {name: value for name in _DISPLAY if (value := step.get(name)) not in (None, False, [])}
    return {
        "step_id": step.get("id"),
        "thread_id": step.get("threadId"),
        "parent_id": step.get("parentId"),
        "type": kind,
        "name": step.get("name"),
        "status": _STREAMING if open_ended else _COMPLETE,
        "input": step.get("input"),
        "output": step.get("output"),
        "is_error": step.get("isError"),
        "created_at": _moment(step.get("createdAt")),
        "started_at": _moment(step.get("start")),
        "ended_at": ended,
        "metadata": step.get("metadata") or None,
        "display": display or None,
    }


def run_row(step: Mapping[str, Any], now: datetime) -> Row:
    """A run of Chainlit's as columns of `runs`; `ended_at` only when it has ended."""
    row: Row = {
        "run_id": step.get("id"),
        "thread_id": step.get("threadId"),
        "message_id": step.get("parentId"),
        "name": step.get("name") or "run",
        "status": Status.STREAMING.value,
        "started_at": _moment(step.get("start")) or _moment(step.get("createdAt")) or now,
    }
    ended = _moment(step.get("end"))
    if ended is not None:
        failed = bool(step.get("isError"))
        row |= {"ended_at": ended, "status": (Status.FAILED if failed else Status.COMPLETE).value}
        if failed:
            row["error_message"] = step.get("output")
    return row


def element_from_chainlit(element: Any) -> Row:
    """An element of Chainlit's as columns of `elements`."""
    shape = element.to_dict()
    display = {key: shape.get(key) for key in ("display", "size", "page", "autoPlay", "language")}
    return {
        "element_id": element.id,
        "thread_id": element.thread_id,
        "message_id": element.for_id or None,
        "type": str(element.type),
        "name": element.name,
        "mime": element.mime or None,
        "url": element.url,
        "display": {key: value for key, value in display.items() if value is not None} or None,
        "props": shape.get("props"),
    }


def _steps(record: ThreadRecord, marks: Mapping[str, Row]) -> list[Row]:
    runs = {row["run_id"]: row for row in record.runs}
    known = {row["step_id"] for row in record.steps} | set(runs)
    shapes: list[tuple[int, Row]] = []
    for row in record.runs:
        shape = run_dict(row)
        if row["message_id"] not in known:
            shape["parentId"] = None
        shapes.append((row["seq"], shape))
    attached = {row["message_id"] for row in record.elements}
    asked = {row["message_id"]: {"form": form_mark(row)} for row in record.forms}
    for row in record.steps:
        if row["type"] in MESSAGE_TYPES and is_blank(row["output"]) and row["step_id"] not in attached:
            continue  # An empty bubble says nothing.
        shape = step_dict(row)
        shape["metadata"] = shape["metadata"] | marks.get(row["step_id"], {}) | asked.get(row["step_id"], {})
        # What was still streaming when its server died stays still.
        if row["parent_id"] not in known:
            shape["parentId"] = None
        shapes.append((row["seq"], shape))
    return [shape for _, shape in sorted(shapes, key=lambda pair: pair[0])]


def _moment(value: Any) -> datetime | None:
    """A time of Chainlit's: UTC, ISO, a Z, with microseconds or without (utils.py:20)."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
