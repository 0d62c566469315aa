"""How fast the data layer writes, lists and finds: DESIGN section 7's rows, with the peer beside them.

The peer is Chainlit's own SQLAlchemyDataLayer on SQLite, on the schema of its documentation with the
columns that it lacks there (stock_app/schema.sql). Both do the same work through the same methods of
Chainlit's interface, one after the other in one run; each figure is a median.

`python -m bench.data_layer --json data-layer.json`
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from chainlit.context import init_http_context
from chainlit.data.base import BaseDataLayer
from chainlit.data.sql_alchemy import SQLAlchemyDataLayer
from chainlit.types import Pagination, ThreadFilter
from chainlit.user import PersistedUser
from chainlit.utils import utc_now
from rich.console import Console
from rich.table import Table

from bench.search import PAGE, measure_search
from data_layer.chainlit.layer import ChainlitLayer
from data_layer.database.engine import open_database
from data_layer.database.migrate import upgrade
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from web.memory import spare_loaded

SCHEMA: Final = Path(__file__).parent / "stock_app" / "schema.sql"
WRITERS: Final = 500
LISTED: Final = 50
STEPS_LISTED: Final = 20
MANY: Final = 10_000
RUNS: Final = 3
# DESIGN section 7.
TIMES_THE_PEER: Final = 20
PAGE_LIMIT_MS: Final = 3.0
SEARCH_LIMIT_MS: Final = 50.0

Figures = dict[str, float]


def main() -> None:
    """Measure, print, and write the figures down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=4, help="steps that each of the 500 writers writes")
    parser.add_argument("--search", type=int, default=200_000, help="messages to search in")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="verbatim-bench-") as name:
        figures = asyncio.run(measure(Path(name), options.each, options.search))
    Console().print(table_of(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


async def measure(folder: Path, each: int, messages: int) -> Figures:
    """Measure everything in a folder of its own."""
    somebody = str(uuid.uuid4())
    user = PersistedUser(id=somebody, identifier=somebody, createdAt=utc_now())
    init_http_context(user=user)
    record = await our_record(folder)
    ours = ChainlitLayer(record, lambda: somebody)
    peer = stock_layer(folder, somebody)
    figures: Figures = {}
    spare_loaded()  # as our server does; the peer has as much of it
    for name, layer in (("ours", ours), ("peer", peer)):
        rates = [await writes_a_second(layer, somebody, each) for _ in range(RUNS if name == "ours" else 1)]
        figures[f"writes_{name}"] = statistics.median(rates)
    figures["writes_ratio"] = figures["writes_ours"] / figures["writes_peer"]
    await measure_sidebar(figures, ours, peer)
    await measure_search(figures, record, folder, messages)
    await ours.close()
    await peer.close()
    return figures


async def our_record(folder: Path) -> Record:
    """A new record."""
    url = f"sqlite+aiosqlite:///{folder / 'ours.db'}"
    await upgrade(url)
    record = Record(open_database(url), folder, ThreadDefaults("bench", "bench", "0" * 64))
    await record.start()
    return record


def stock_layer(folder: Path, somebody: str) -> SQLAlchemyDataLayer:
    """A new database of the peer's."""
    with closing(sqlite3.connect(folder / "stock.db")) as database:
        database.executescript(SCHEMA.read_text(encoding="utf-8"))
        add_stock_user(database, somebody)
        database.commit()
    return SQLAlchemyDataLayer(conninfo=f"sqlite+aiosqlite:///{folder / 'stock.db'}")


def add_stock_user(database: sqlite3.Connection, somebody: str) -> None:
    """Sign somebody up with the peer."""
    database.execute(
        'INSERT INTO users (id, identifier, "createdAt", metadata) VALUES (?, ?, ?, ?)',
        (somebody, somebody, utc_now(), "{}"),
    )


async def writes_a_second(layer: BaseDataLayer, somebody: str, each: int) -> float:
    """500 writers, each in a thread of its own, each awaiting every one of its steps."""
    threads = [str(uuid.uuid4()) for _ in range(WRITERS)]
    for thread_id in threads:
        await layer.update_thread(thread_id, name="A conversation", user_id=somebody)

    async def write(thread_id: str) -> None:
        for place in range(each):
            await layer.create_step(step(thread_id, place))

    began = time.perf_counter()
    await asyncio.gather(*(write(thread_id) for thread_id in threads))
    return WRITERS * each / (time.perf_counter() - began)


def step(thread_id: str, place: int) -> Any:
    """A message as Chainlit makes it (message.py:92)."""
    now = utc_now()
    return {
        "id": str(uuid.uuid4()),
        "threadId": thread_id,
        "parentId": None,
        "createdAt": now,
        "start": now,
        "end": now,
        "output": f"Message number {place} of this conversation, some seventy characters long.",
        "name": "somebody",
        "type": "user_message" if place % 2 == 0 else "assistant_message",
        "streaming": False,
        "isError": False,
        "waitForAnswer": False,
        "metadata": {},
    }


async def measure_sidebar(figures: Figures, ours: ChainlitLayer, peer: SQLAlchemyDataLayer) -> None:
    """A page of 35 of 50 threads with 20 steps each, and of ours of 10,000 threads."""
    listed, many = str(uuid.uuid4()), str(uuid.uuid4())
    init_http_context(user=PersistedUser(id=listed, identifier=listed, createdAt=utc_now()))
    await peer.create_user(PersistedUser(id=listed, identifier=listed, createdAt=utc_now()))
    persisted = await peer.get_user(listed)
    names = {"ours": listed, "peer": persisted.id if persisted else listed}
    for name, layer in (("ours", ours), ("peer", peer)):
        for _ in range(LISTED):
            thread_id = str(uuid.uuid4())
            await layer.update_thread(thread_id, name="A conversation", user_id=names[name])
            await asyncio.gather(*(layer.create_step(step(thread_id, n)) for n in range(STEPS_LISTED)))
        figures[f"page_{name}_ms"] = await milliseconds(layer, names[name])
    init_http_context(user=PersistedUser(id=many, identifier=many, createdAt=utc_now()))
    await asyncio.gather(
        *(ours.update_thread(str(uuid.uuid4()), name="One", user_id=many) for _ in range(MANY))
    )
    figures["page_many_ms"] = await milliseconds(ours, many)
    figures["page_ratio"] = figures["page_peer_ms"] / figures["page_ours_ms"]


async def page(layer: BaseDataLayer, somebody: str) -> None:
    """What the page asks for when it is loaded."""
    listed = await layer.list_threads(Pagination(first=PAGE), ThreadFilter(userId=somebody))
    if len(listed.data) != PAGE:
        raise RuntimeError(f"a page of {PAGE} has {len(listed.data)} threads")


async def milliseconds(layer: BaseDataLayer, somebody: str, runs: int = 30) -> float:
    """The median of several pages, after one that is not counted."""
    took = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        await page(layer, somebody)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took[1:])


def table_of(figures: Figures) -> Table:
    """The figures for people."""
    table = Table(title="The data layer on SQLite, medians")
    for name in ("", "Verbatim", "peer", "ratio", "to hold"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row(
        "durable step writes a second, 500 writers",
        f"{figures['writes_ours']:,.0f}",
        f"{figures['writes_peer']:,.0f}",
        f"{figures['writes_ratio']:.1f} x",
        f">= {TIMES_THE_PEER} x",
    )
    table.add_row(
        "a sidebar page of 35, 50 threads of 20 steps",
        f"{figures['page_ours_ms']:.2f} ms",
        f"{figures['page_peer_ms']:.1f} ms",
        f"{figures['page_ratio']:.0f} x",
        f"<= {PAGE_LIMIT_MS:g} ms",
    )
    times = figures["page_many_ms"] / figures["page_ours_ms"]
    table.add_row(
        "the same of 10,000 threads",
        f"{figures['page_many_ms']:.2f} ms",
        "",
        f"{times:.2f} x the above",
        "<= 2 x",
    )
    table.add_row(
        f"search, p95, in {figures['search_messages']:,.0f} messages",
        f"{figures['search_p95_ms']:.1f} ms",
        f"{figures['search_raw_p95_ms']:.1f} ms (raw FTS5)",
        f"{figures['search_p95_ms'] / figures['search_raw_p95_ms']:.1f} x",
        f"< {SEARCH_LIMIT_MS:g} ms",
    )
    return table


if __name__ == "__main__":
    main()
