"""OpenAssistant's conversations (OASST): trees of messages, or the messages alone; JSONL or Parquet.

Several people wrote each tree. It goes in as that of whoever began it; who else wrote is told apart by
numbers.
"""

from collections.abc import Iterator
from typing import Any, Final

from imports.fields import is_true, parted, pick, rest, role_of, text
from imports.foreign import ForeignMessage, ForeignRole, ForeignThread, SourceRequest
from imports.rows import dataset_rows
from imports.shelf import Shelf
from imports.times import ForeignTimes

_READ: Final = (
    *("message_id", "parent_id", "text", "role", "created_date", "deleted", "model_name", "replies"),
    *("message_tree_id", "tree_state", "user_id"),
)


class OpenAssistant:
    """A tree a line is read as it comes; messages alone are put together by tree on the disk."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        times = ForeignTimes(asked.zone, asked.told)
        with Shelf() as shelf:
            for place, row in dataset_rows(asked):
                if not isinstance(row, dict):
                    asked.told.left_out(place, "a row that is no object", "see that it is of this source")
                elif isinstance(row.get("prompt"), dict):
                    said = [(place, one) for one in _flat(row["prompt"])]
                    key = text(pick(row, "message_tree_id"))
                    thread = _thread(
                        asked, times, key or f"tree {place}", place, said, text(row.get("tree_state"))
                    )
                    thread.is_named = key is not None
                    yield thread
                else:
                    _put(asked, shelf, place, row)
            for key, said in shelf.without_thread():
                yield _thread(asked, times, key, said[0][0], said, text(said[0][1].get("tree_state")))


def _put(asked: SourceRequest, shelf: Shelf, place: int, row: dict[str, Any]) -> None:
    key = text(pick(row, "message_tree_id"))
    if key is None or row.get("text") is None:
        asked.told.left_out(place, "a row that is neither a tree nor a message of one", "see the file")
        return
    shelf.put(key, place, row)


def _flat(prompt: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All messages of a tree; a stack, for it may be deep."""
    stack = [(prompt, None)]
    while stack:
        row, parent = stack.pop()
        yield row | {"parent_id": row.get("parent_id") or parent}
        replies = row.get("replies")
        below = [one for one in replies if isinstance(one, dict)] if isinstance(replies, list) else []
        stack += reversed([(one, row.get("message_id")) for one in below])


def _thread(
    asked: SourceRequest,
    times: ForeignTimes,
    key: str,
    place: int,
    said: list[tuple[int, Any]],
    state: str | None,
) -> ForeignThread:
    thread = ForeignThread(key, place, is_tree=True, details={"tree_state": state} if state else {})
    writers: dict[str, int] = {}
    for number, (line, row) in enumerate(said, 1):
        writer = text(row.get("user_id"))
        if writer is not None:
            writers.setdefault(writer, len(writers) + 1)
        message = _message(asked, times, line, row, f"#{number}")
        if writer is not None and writers[writer] > 1:
            message.metadata["writer"] = writers[writer]
        thread.messages.append(message)
    thread.user = next(iter(writers), None)
    if len(writers) > 1:
        asked.told.keep("people who wrote in others’ trees, told apart by numbers", len(writers) - 1)
    thread.shown = _best(thread.messages)
    times.settle(place)
    return thread


def _message(
    asked: SourceRequest, times: ForeignTimes, place: int, row: dict[str, Any], key: str
) -> ForeignMessage:
    role = role_of(row.get("role"))
    if role is None:
        asked.told.note(place, f"an unknown role: {row.get('role')}", "kept as a step, and no message")
    others, personal = parted(rest(row, *_READ))
    return ForeignMessage(
        text(row.get("message_id")) or key,
        role or ForeignRole.OTHER,
        text(row.get("text")) or "",
        times.read(row.get("created_date"), place),
        parent=text(row.get("parent_id")),
        model=text(row.get("model_name")),
        deleted=is_true(row.get("deleted")),
        metadata=others,
        personal=personal,
    )


def _best(messages: list[ForeignMessage]) -> str | None:
    """The end of the way that takes the answer ranked best each time; what is not ranked stands last."""
    below: dict[str | None, list[ForeignMessage]] = {}
    for one in messages:
        below.setdefault(one.parent, []).append(one)
    at, met = None, set[str | None]()
    while (found := below.get(at)) and at not in met:
        met.add(at)
        ranked = [one for one in found if isinstance(one.metadata.get("rank"), int | float)]
        at = min(ranked or found[-1:], key=lambda one: one.metadata.get("rank") or 0).key
    return at
