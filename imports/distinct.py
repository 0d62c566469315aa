"""No two messages of a thread share an id: what its parents and its branches are told by."""

from itertools import count

from imports.foreign import ForeignMessage, ForeignThread
from imports.remarks import Remarks


def make_distinct(thread: ForeignThread, told: Remarks) -> None:
    """Leave out what stands twice, and give another id to what only has another's.

    Args:
        thread: As it was read; its messages are changed.
        told: Takes remarks.
    """
    met: dict[str, ForeignMessage] = {}
    kept: list[ForeignMessage] = []
    for message in thread.messages:
        key = message.key
        before = met.get(key)
        if before is not None and _is_same(before, message):
            told.left_out(thread.place, f"the same message once more: {key}", "it goes in once")
            continue
        if before is not None:
            message.key = next(f"{key}~{number}" for number in count(2) if f"{key}~{number}" not in met)
            told.note(
                thread.place,
                f"another message with an id that was there: {key}",
                f"both go in, this one as {message.key}; see which of the two is meant",
            )
        met[message.key] = message
        kept.append(message)
    thread.messages = kept


def _is_same(one: ForeignMessage, other: ForeignMessage) -> bool:
    said = ("role", "content", "input", "at", "parent")
    return all(getattr(one, name) == getattr(other, name) for name in said)
