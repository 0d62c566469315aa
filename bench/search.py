"""How fast a participant's search is, beside the same words asked of the index alone."""

import random
import sqlite3
import statistics
import time
import uuid
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from data_layer.conversations.threads import list_page
from data_layer.record import Record

PAGE: Final = 35


async def measure_search(figures: dict[str, float], record: Record, folder: Path, messages: int) -> None:
    """A participant's search, first page, beside the same words asked of FTS5 alone."""
    somebody = str(uuid.uuid4())
    words = fill_search(folder / "ours.db", somebody, messages)
    chosen = random.Random(7)
    queries = [" ".join(chosen.sample(words, chosen.choice((1, 1, 2)))) for _ in range(200)]
    took = []
    for query in queries:
        began = time.perf_counter()
        await list_page(record.database, somebody, first=PAGE, search=query)
        took.append((time.perf_counter() - began) * 1000)
    figures["search_messages"] = messages
    figures["search_p50_ms"], figures["search_p95_ms"] = quantiles(took)
    took = []
    with closing(sqlite3.connect(folder / "ours.db")) as database:
        for query in queries:
            began = time.perf_counter()
            database.execute(
                "SELECT target_id FROM search_index WHERE search_index MATCH ? LIMIT 35", (query,)
            ).fetchall()
            took.append((time.perf_counter() - began) * 1000)
    figures["search_raw_p50_ms"], figures["search_raw_p95_ms"] = quantiles(took)


def fill_search(path: Path, somebody: str, messages: int) -> list[str]:
    """Put messages of many participants into the index; a hundredth is one participant's.

    Returns:
        The lexicon; the frequencies of its words fall as Zipf's law has it.
    """
    chosen = random.Random(11)
    words = [f"{chosen.choice('bcdfgklmnprst')}{chosen.choice('aeiou')}{n:x}" for n in range(5_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    with closing(sqlite3.connect(path)) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(threads)")]
        pattern = dict(
            zip(columns, database.execute("SELECT * FROM threads LIMIT 1").fetchone(), strict=True)
        )
        per_thread, number = 10, 0
        while number < messages:
            owner = somebody if chosen.random() < 0.01 else str(uuid.UUID(int=chosen.getrandbits(128)))
            thread_id = str(uuid.UUID(int=chosen.getrandbits(128)))
            new = pattern | {"thread_id": thread_id, "participant_id": owner, "deleted_at": None}
            marks = ", ".join("?" * len(columns))
            database.execute(f"INSERT INTO threads VALUES ({marks})", [new[name] for name in columns])
            rows = [
                (
                    number + place + 1,
                    " ".join(chosen.choices(words, weights, k=15)),
                    owner.replace("-", ""),
                    "message",
                    str(number + place),
                    thread_id,
                )
                for place in range(per_thread)
            ]
            database.executemany(
                "INSERT INTO search_index (rowid, words, owner, kind, target_id, thread_id) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
            number += per_thread
        database.commit()
    return words


def quantiles(values: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    return statistics.median(values), statistics.quantiles(values, n=20)[-1]
