"""What callers were told: each call with what it claims, and whether it ended ok, failed, or nobody knows.

As in Jepsen's histories (jepsen.io): what is ok must be there, what failed must not, the rest may be either.
"""

import json
import os
from collections.abc import Awaitable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.exc import SQLAlchemyError

from data_layer.database.rows import Row
from study.errors import DatabaseError, WriteRefused

How = Literal["ok", "fail", "unknown"]


@dataclass(frozen=True)
class Fact:
    """A row that a call makes: there once when it is ok, not there when it failed.

    Args:
        table: Its table.
        where: Columns and values that no other call's row has; of a JSON column some of its keys.
        of: A participant with whom it goes, when they withdraw.
    """

    table: str
    where: Row
    of: str | None = None


@dataclass(frozen=True)
class Setting:
    """A value that a call sets: the last that is ok stands, or one of unknown fate behind it.

    Args:
        table: The row's table.
        key: The row.
        column: Which of its columns.
        value: What it is set to.
    """

    table: str
    key: Row
    column: str
    value: Any


@dataclass
class Call:
    """A call as it was made.

    Args:
        facts: What it makes.
        settings: What it sets.
        erases: A participant who has withdrawn with it.
        how: What its caller was told.
    """

    facts: list[Fact] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    erases: str | None = None
    how: How = "unknown"


class Tale:
    """The calls of one process, in a file that no fault touches.

    Args:
        path: The file; read on when it is there.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._path = path
        self._count = 0

    async def call(
        self,
        *claims: Fact | Setting,
        does: Awaitable[Any],
        erases: str | None = None,
    ) -> None:
        """Make a call, and note what became of it."""
        facts = [asdict(claim) for claim in claims if isinstance(claim, Fact)]
        settings = [asdict(claim) for claim in claims if isinstance(claim, Setting)]
        number = self._count
        self._count += 1
        self._note({"call": number, "facts": facts, "settings": settings, "erases": erases})
        how: How = "ok"
        try:
            outcome = await does
            if getattr(outcome, "reason", None) is not None:
                how = "fail"
        except WriteRefused:
            how = "fail"
        except (OSError, SQLAlchemyError, DatabaseError):
            how = "unknown"
        self._note({"told": number, "how": how})

    def struck(self, name: str) -> None:
        """Note where a fault has happened."""
        self._note({"struck": name})

    def note_points(self, points: Sequence[str]) -> None:
        """Note what was passed."""
        self._note({"points": list(points)})

    def _note(self, line: Row) -> None:
        os.write(self._descriptor, json.dumps(line, default=str).encode() + b"\n")


def read_tale(path: Path) -> tuple[list[Call], str | None, list[str]]:
    """The calls of a file in order, where a fault happened, and the points that were passed to the end."""
    calls: dict[int, Call] = {}
    struck: str | None = None
    points: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        told = json.loads(line)
        if "call" in told:
            facts = [Fact(**fact) for fact in told["facts"]]
            settings = [Setting(**setting) for setting in told["settings"]]
            calls[told["call"]] = Call(facts, settings, told["erases"])
        elif "told" in told:
            calls[told["told"]].how = told["how"]
        struck = told.get("struck", struck)
        points = told.get("points", points)
    return list(calls.values()), struck, points


def count(calls: Sequence[Call], how: How) -> int:
    """How many calls ended so."""
    return sum(1 for call in calls if call.how == how)
