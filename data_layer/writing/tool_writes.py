"""What can be written about tools: that a decision is carried out, what came of it, what tools keep."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data_layer.database.rows import Row


@dataclass(frozen=True, slots=True)
class BeginTool:
    """A reply takes a decision, unless it was carried out before; the outcome has the row as it then stands.

    It is taken when nobody has begun it, when it ended without having done anything, and, where that does no
    harm, when it broke off or failed: the row then bears this reply's run, and says "begun".

    Args:
        key: The decision's.
        thread_id: Where.
        run_id: The reply's; it begins a decision once.
        tool: Which.
        arguments: JSON.
        again: Calling the tool once more with the same key does no harm.
        at: When it was called for.
        by: The participant.
    """

    key: str
    thread_id: str
    run_id: str
    tool: str
    arguments: str
    again: bool
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class EndTool:
    """What came of a decision; nothing where another reply has taken it meanwhile, or it is gone.

    Args:
        key: The decision's.
        run_id: Of the reply that took it.
        changes: output, is_error, error_type, sentence, undone.
        at: When it was called for.
    """

    key: str
    run_id: str
    changes: Row
    at: datetime


@dataclass(frozen=True, slots=True)
class PutToolRecord:
    """A tool keeps a value of a thread, instead of what stood under the key.

    Args:
        thread_id: The thread.
        key: The tool's own name of it.
        value: JSON.
        at: When it was called for.
        by: The participant.
    """

    thread_id: str
    key: str
    value: Any
    at: datetime
    by: str
