"""How long the room's table, its filters and its search take in the database: `python -m bench.research`.

Searches are made of words that stand in the study, each asked once with its count, as researchers ask: so
most meet pages of the index that nobody has looked at before. The peer is the same search as one raw
statement to the index, which gives the numbers of 20 messages, the newest first: no words, no places, no
titles, no filter, no count, and of a phrase only that its words stand.

`--data FOLDER` keeps the study that `cli.py simulate --offline` writes in a folder, and finds it there;
`--database ADDRESS` looks at any other, on SQLite or PostgreSQL, and changes nothing in it.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, text

from bench.room import MESSAGES_EACH, THREADS, simulated
from data_layer.database import schema
from data_layer.database.engine import Database, open_database
from data_layer.database.text import search_words
from data_layer.review.filters import ThreadFilter
from data_layer.review.index_query import index_query
from data_layer.review.no_results import why_nothing
from data_layer.review.query import parse
from data_layer.review.ranked import most_relevant, newest_counted
from data_layer.review.threads import Sort, list_threads
from study.vocabulary import MESSAGE_TYPES

SEED: Final = 1966
EACH: Final = 40
# DESIGN section 7: the first page of a search, p95; issue 4 gives the page around a table 300 ms.
SEARCH_MS: Final = 50.0
_SAMPLED: Final = 400
_PEER: Final = {
    "sqlite": text(
        "SELECT rowid, target_id FROM search_index WHERE search_index MATCH :asked AND rowid > 0 "
        "ORDER BY rowid DESC LIMIT 20"
    ),
    "postgresql": text(
        "SELECT number, target_id FROM search_index WHERE words @@ CAST(:asked AS tsquery) AND number > 0 "
        "ORDER BY number DESC LIMIT 20"
    ),
}


@dataclass(frozen=True)
class SearchFigure:
    """How long something takes.

    Args:
        what: It.
        times: How often it was measured.
        p50_ms: The middle.
        p95_ms: Nineteen of twenty take no longer.
        peer_p50_ms: The raw statement's; None where there is none to compare.
        peer_p95_ms: Likewise.
    """

    what: str
    times: int
    p50_ms: float
    p95_ms: float
    peer_p50_ms: float | None = None
    peer_p95_ms: float | None = None


class Asking:
    """Searches of each kind, made of what was said in a study.

    Args:
        said: Messages of it.
        chance: Seeded.
    """

    def __init__(self, said: Sequence[str], chance: random.Random) -> None:
        self._said = [words for one in said if len(words := search_words(one)) > 3]
        self._chance = chance
        self.kinds: dict[str, Callable[[], str]] = {
            "a word": self._word,
            "two words": lambda: f"{self._word()} {self._word()}",
            "a phrase": lambda: self._phrase(2),
            "a phrase of three": lambda: self._phrase(3),
            "a phrase that nobody said": lambda: f'"{self._word()} {self._word()}"',
            "NOT": lambda: f"{self._word()} NOT {self._word()}",
            "OR": lambda: f"{self._word()} OR {self._word()}",
            "a beginning": lambda: f"{self._long_word()[: self._chance.choice((2, 3, 4, 5))]}*",
            "a role": lambda: f"{self._word()} role:agent",
            "a word that nobody said": lambda: f"{self._word()}qx",
        }

    def _word(self) -> str:
        return self._chance.choice(self._chance.choice(self._said))

    def _long_word(self) -> str:
        while len(word := self._word()) < 5:
            pass
        return word

    def _phrase(self, length: int) -> str:
        words = self._chance.choice(self._said)
        at = self._chance.randrange(len(words) - length + 1)
        return f'"{" ".join(words[at : at + length])}"'


async def searches(database: Database, each: int) -> list[SearchFigure]:
    """Measure the searches, each beside its peer: by turns first, so that neither finds the pages read."""
    chance = random.Random(SEED)
    asking = Asking(await _said(database), chance)
    figures, all_ours, all_peers = [], list[float](), list[float]()
    async with database.engine.connect() as connection:
        for kind, make in asking.kinds.items():
            ours, peers = list[float](), list[float]()
            for number in range(each):
                node = parse(make())
                asked = index_query(node, database.dialect)
                bound = {"asked": f"words : ({asked})" if database.dialect == "sqlite" else asked}

                async def search(node: Any = node) -> None:
                    found, _ = await newest_counted(database, node, ThreadFilter())
                    if not found.hits and not found.next_cursor:
                        await why_nothing(database, node, ThreadFilter())

                async def raw(bound: dict[str, str] = bound) -> None:
                    (await connection.execute(_PEER[database.dialect], bound)).all()

                for one in (search, raw) if number % 2 else (raw, search):
                    (ours if one is search else peers).append(await _timed(one))
            figures.append(_figure(f"search: {kind}", ours, peers))
            all_ours += ours
            all_peers += peers
    return [*figures, await _relevant(database, each), _figure("search: all", all_ours, all_peers)]


async def _relevant(database: Database, each: int) -> SearchFigure:
    """The same kinds of searches, the most relevant first."""
    chance = random.Random(SEED)
    asking, took = Asking(await _said(database), chance), list[float]()
    for make in asking.kinds.values():
        for _ in range(max(5, each // 4)):
            node = parse(make())

            async def search(node: Any = node) -> None:
                await most_relevant(database, node, ThreadFilter())

            took.append(await _timed(search))
    return _figure("search: all, the most relevant first", took)


async def tables(database: Database, each: int) -> list[SearchFigure]:
    """Measure pages of the table: in each order, and with each filter by itself."""
    threads = schema.threads
    async with database.engine.connect() as connection:
        middle = (await connection.execute(select(func.min(threads.c.created_at)))).scalar_one()
        someone = (await connection.execute(select(threads.c.participant_id).limit(1))).scalar_one()
    looks: dict[str, tuple[ThreadFilter, Sort]] = {
        f"table: {sort.value} first": (ThreadFilter(), sort) for sort in Sort
    }
    filters = {
        "begun on a day": ThreadFilter(since=middle, before=middle + timedelta(days=1)),
        "a participant": ThreadFilter(participant=someone),
        "one turn at most": ThreadFilter(most_turns=1),
        "fifty turns at least": ThreadFilter(least_turns=50),
        "rated down": ThreadFilter(rating=0),
        "an error": ThreadFilter(error=True),
        "no error": ThreadFilter(error=False),
        "edited": ThreadFilter(edited=True),
        "deleted": ThreadFilter(deleted=True),
        "a tag": ThreadFilter(tag="none"),
        "a model": ThreadFilter(model="none"),
        "annotated": ThreadFilter(annotated=True),
        "assigned to nobody": ThreadFilter(assigned=False),
    }
    looks |= {f"table: {name}": (filter, Sort.ACTIVE) for name, filter in filters.items()}
    figures = []
    for what, (filter, sort) in looks.items():

        async def look(filter: ThreadFilter = filter, sort: Sort = sort) -> None:
            await list_threads(database, filter, sort=sort)

        figures.append(_figure(what, [await _timed(look) for _ in range(each)]))
    return figures


async def _said(database: Database) -> list[str]:
    """Messages from all over the study."""
    steps = schema.steps
    of = steps.c.type.in_([kind.value for kind in MESSAGE_TYPES])
    async with database.engine.connect() as connection:
        first, last = (await connection.execute(select(func.min(steps.c.seq), func.max(steps.c.seq)))).one()
        count = (await connection.execute(select(func.count()).select_from(steps))).scalar_one()
        every = max(1, count // _SAMPLED)
        query = select(steps.c.output).where(of, steps.c.seq.between(first, last), steps.c.seq % every == 0)
        return list(await connection.scalars(query.limit(_SAMPLED)))


async def _timed(act: Callable[[], Awaitable[None]]) -> float:
    begun = time.perf_counter()
    await act()
    return (time.perf_counter() - begun) * 1000


def _figure(what: str, ours: Sequence[float], peers: Sequence[float] = ()) -> SearchFigure:
    beside = (statistics.median(peers), _p95(peers)) if peers else (None, None)
    return SearchFigure(what, len(ours), statistics.median(ours), _p95(ours), *beside)


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]


async def measure(address: str, each: int = EACH) -> list[SearchFigure]:
    """Measure a database, and change nothing in it."""
    database = open_database(address)
    try:
        return [*await tables(database, max(5, each // 4)), *await searches(database, each)]
    finally:
        await database.close()


def table_of(figures: Sequence[SearchFigure]) -> Table:
    """The figures, for a person."""
    table = Table("milliseconds", "p50", "p95", "raw p50", "raw p95")
    for one in figures:
        peers = ("" if ms is None else f"{ms:.1f}" for ms in (one.peer_p50_ms, one.peer_p95_ms))
        table.add_row(one.what, f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}", *peers)
    return table


def main() -> int:
    """Measure, print, and say whether the limit holds.

    Returns:
        0, or 1 when it is missed.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--messages-each", type=int, default=MESSAGES_EACH)
    parser.add_argument("--each", type=int, default=EACH, help="searches of each kind")
    parser.add_argument("--data", type=Path, help="keep the study in this folder")
    parser.add_argument("--database", help="look at this one instead")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="verbatim-bench-") as name:
        address = asked.database
        if address is None:
            folder = (asked.data or Path(name)).absolute()
            simulated(folder, asked.threads, asked.messages_each)
            address = f"sqlite+aiosqlite:///{folder / 'verbatim.db'}"
        figures = asyncio.run(measure(address, asked.each))
    console.print(table_of(figures))
    console.print(f"Load of this machine at the end: {os.getloadavg()[0]:.1f}")
    if asked.json:
        written = json.dumps([asdict(one) for one in figures], indent=2)
        asked.json.write_text(written + "\n", encoding="utf-8")
    searched = figures[-1]
    if searched.p95_ms > SEARCH_MS:
        console.print(f"[red]missed[/red]: a search takes {searched.p95_ms:.0f} ms, p95")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
