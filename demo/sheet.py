"""The rows of one thread while it is told, and the clock that they take their times and orders from."""

import hashlib
from collections import defaultdict
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing.state import search_row
from study.vocabulary import MESSAGE_TYPES, Status

Rows = defaultdict[str, list[Row]]

# An order is a moment in microseconds; its last three digits are the thread's own while it lasts.
LANES: Final = 1000
_BLANK: Final = {name: dict.fromkeys(table.c.keys()) for name, table in schema.metadata.tables.items()}
_MESSAGES: Final = frozenset(kind.value for kind in MESSAGE_TYPES)


def new_id(chance: Random) -> str:
    """A UUID of version 4; the same draws give the same one."""
    digits = f"{chance.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def moment_of(milliseconds: int) -> datetime:
    """A moment of the clock, as rows hold it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class Sheet:
    """Takes the rows of a thread.

    Args:
        chance: Where the draws come from.
        begin: When it begins, in milliseconds since 1970.
        lane: What no other thread of the same time has.
        rows: Where they go.
        beside: Where the draws come from that are about what stands beside the words: forms, intents.
    """

    def __init__(self, chance: Random, begin: int, lane: int, rows: Rows, beside: Random) -> None:
        self.chance = chance
        self.beside = beside
        self.clock = begin
        self._lane = lane
        self._rows = rows

    @property
    def now(self) -> datetime:
        """The moment."""
        return moment_of(self.clock)

    @property
    def order(self) -> int:
        """The order of what happens at the moment: one thing only."""
        return self.clock * LANES + self._lane

    def wait(self, least: float, most: float) -> None:
        """Let time pass, in milliseconds; at least one, so that the next order is another."""
        self.clock += max(1, round(self.chance.uniform(least, most)))

    def tick(self) -> None:
        """Let the shortest time pass, so that the next order is another."""
        self.clock += 1

    def id(self) -> str:
        """A new id."""
        return new_id(self.chance)

    def happens(self, share: float) -> bool:
        """Whether something happens that happens in a share of cases."""
        return self.chance.random() < share

    def add(self, table: str, row: dict[str, Any]) -> Row:
        """Take a row; what it does not name is null."""
        whole = _BLANK[table] | row
        self._rows[table].append(whole)
        return whole

    def step(self, thread_id: str, kind: str, name: str, output: str, **columns: Any) -> Row:
        """Take a message or step that comes to be now."""
        row = {
            "step_id": self.id(),
            "thread_id": thread_id,
            "seq": self.order,
            "type": kind,
            "name": name,
            "status": Status.COMPLETE.value,
            "revision": 1,
            "input": "",
            "output": output,
            "is_error": False,
            "shown": True,
            "created_at": self.now,
            "version": self.order,
        }
        return self.add("steps", row | columns)

    def revision(self, step: Row) -> None:
        """Take a step's present state as a revision."""
        kept = ("step_id", "revision", "thread_id", "run_id", "input", "output", "status")
        self.add("step_revisions", {name: step[name] for name in kept} | {"created_at": self.now})

    def prompt(self, messages: str) -> str:
        """Take a prompt, and name it."""
        name = hashlib.sha256(messages.encode()).hexdigest()
        self.add("prompts", {"prompt_hash": name, "messages": messages, "created_at": self.now})
        return name

    def event(
        self, thread: Row, kind: str, target: str, payload: Row | None = None, event_id: str | None = None
    ) -> None:
        """Take an event of the thread."""
        row = {
            "event_id": event_id or self.id(),
            "thread_id": thread["thread_id"],
            "participant_id": thread["participant_id"],
            "seq": self.order,
            "type": kind,
            "target": target,
            "payload": payload,
            "timestamp": self.now,
        }
        self.add("events", row)

    def make_findable(self, thread: Row, steps: list[Row]) -> None:
        """Take the rows of the search: the title, and each message; what has left is found by no word."""
        found = self._rows["search_index"]
        title = search_row(thread, "title", thread["thread_id"], thread["title"])
        found.append({"number": -thread["seq"]} | title)
        for step in steps:
            if step["type"] in _MESSAGES:
                words = "" if step["deleted_at"] is not None else step["output"]
                row = search_row(thread, "message", step["step_id"], words)
                found.append({"number": step["seq"]} | row)
