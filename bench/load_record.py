"""What the server kept, held against what participants sent and saw."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True)
class Kept:
    """Where an app keeps its messages.

    Args:
        steps: A query for (id, words) of every message and step.
        ownerless: A query for the number of threads that belong to nobody.
    """

    steps: str
    ownerless: str


OURS: Final = Kept(
    steps="SELECT step_id, output FROM steps",
    ownerless="SELECT count(*) FROM threads WHERE participant_id IS NULL",
)
STOCK: Final = Kept(
    steps='SELECT "id", "output" FROM steps',
    ownerless='SELECT count(*) FROM threads WHERE "userId" IS NULL',
)


@dataclass(frozen=True)
class Losses:
    """What is missing.

    Args:
        shown: How many messages stood on the screens.
        lost: How many of them are not kept.
        altered: How many are kept with other words.
        ownerless: Threads that belong to nobody, and so are in nobody's sidebar.
    """

    shown: int
    lost: int
    altered: int
    ownerless: int


def compare(database: Path, kept: Kept, seen: Mapping[str, Sequence[Mapping[str, Any]]]) -> Losses:
    """Look every message that stood on a screen up in the database.

    Args:
        database: A SQLite file that no server writes to any more.
        kept: How to read it.
        seen: The report's `seen`: threads with what was shown in them.
    """
    shown = {step["id"]: step["output"] for steps in seen.values() for step in steps}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        held = dict(connection.execute(kept.steps).fetchall())
        ownerless = connection.execute(kept.ownerless).fetchone()[0]
    lost = [step_id for step_id in shown if step_id not in held]
    altered = [step_id for step_id, words in shown.items() if step_id in held and held[step_id] != words]
    return Losses(len(shown), len(lost), len(altered), ownerless)
