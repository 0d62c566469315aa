"""Writing a simulated study into a database: thread after thread, a few hundred in a transaction.

It goes around the writer (docs/decisions/0002): a million messages that nobody waits for one by one would
take it an hour, and the ids and orders that it takes would be others each time. What the rows hold is what
the writer would have made of them; tests/data_layer/test_simulated.py compares the two.
"""

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.writing.prepared import Prepared
from data_layer.writing.statements import of_dialect
from demo.archive import DemoArchive
from demo.calendar import beginnings
from demo.people import SOURCE, DemoPeople
from demo.plan import DemoPlan, Voice
from demo.sheet import LANES, Rows, Sheet
from demo.telling import Telling
from demo.words import LONG_TITLE, MESSAGES, TITLES
from study.dialog import Answer, Dialog
from study.errors import SimulationError

Progress = Callable[[int, int], None]

# Threads of one transaction: their rows lie interleaved in the file, as in a running study.
AT_ONCE: Final = 200
# The turns of one thread, 500 messages, in any study of so many threads.
LONG_TURNS: Final = 250
LONG_FROM: Final = 20
# Every so many threads bear an odd title, and another an odd first message.
_ODD_TITLE, _ODD_MESSAGE = 20, 17
# Of all threads those of the first agent, where there are others.
_FIRST_VOICE: Final = 0.75


@dataclass(frozen=True)
class Made:
    """What was made."""

    participants: int
    threads: int
    messages: int


async def simulate_study(
    database: Database,
    plan: DemoPlan,
    dialogs: Sequence[Dialog],
    *,
    mix: bool = False,
    progress: Progress | None = None,
) -> Made:
    """Write a study. Doing it again with the same plan and dialogs adds nothing.

    Args:
        database: At head; a server may be running on it.
        plan: What is to be made.
        dialogs: What is said.
        mix: Also where real participants are.
        progress: Called with the threads that are written, and all.

    Returns:
        How much it is.

    Raises:
        SimulationError: There are real participants, and they are not to be mixed with.
        SQLAlchemyError: The database is away.
    """
    if not mix:
        await _refuse_to_mix(database)
    inserts = _Inserts(database)
    participants = threads = messages = 0
    writing: asyncio.Task[None] | None = None
    for rows in portions(plan, dialogs):
        # The next portion is made while the one before is written.
        if writing is not None:
            await writing
        writing = asyncio.create_task(database.transact(partial(inserts.write, rows)))
        await asyncio.sleep(0)
        participants += len(rows["participants"])
        threads += len(rows["threads"])
        messages += sum(thread["message_count"] for thread in rows["threads"])
        if progress is not None:
            progress(threads, plan.threads)
    if writing is not None:
        await writing
    return Made(participants, threads, messages)


async def _refuse_to_mix(database: Database) -> None:
    people = schema.participants
    async with database.engine.connect() as connection:
        real = await connection.scalar(select(func.count()).where(people.c.source != SOURCE)) or 0
    if real:
        raise SimulationError(
            f"The database holds {real:,} participants who are not simulated. Give simulated ones a database "
            "of their own, like: VERBATIM_DATA_DIR=data/simulated python cli.py simulate --offline, or say "
            "--mix to have both in this one; the column participants.source tells them apart."
        )


def portions(plan: DemoPlan, dialogs: Sequence[Dialog]) -> Iterator[Rows]:
    """The rows of all threads, in the order in which these begin, each portion in the order of its rows."""
    chance = Random(plan.seed)  # noqa: S311  # no secret hangs on it
    people = DemoPeople(chance, plan)
    # Which digits of an order are free, from when on: no two threads of one time take the same.
    lanes = [(0, lane) for lane in range(LANES)]
    rows: Rows = defaultdict(list)
    archive = DemoArchive(plan.active_threads)
    starts = beginnings(chance, plan.threads, plan.begin)
    lengths = _lengths(chance, plan)
    for number, start in enumerate(starts):
        free, lane = heapq.heappop(lanes)
        beside = Random(f"{plan.seed} beside {number}")  # noqa: S311  # no secret hangs on it
        sheet = Sheet(chance, max(start, free + 1), lane, rows, beside)
        is_long = plan.threads >= LONG_FROM and number == plan.threads // 2
        voice = _voice(chance, plan, number, is_long)
        participant_id = people.somebody(sheet)
        lines = _lines(chance, dialogs, number, LONG_TURNS if is_long else lengths[number])
        telling = Telling(sheet, plan, voice, participant_id, is_long)
        archive.make_room(sheet, telling.thread)
        telling.tell(lines, _title(number, is_long))
        heapq.heappush(lanes, (sheet.clock, lane))
        if number % AT_ONCE == AT_ONCE - 1 or number == plan.threads - 1:
            for table in ("steps", "step_revisions", "runs", "llm_calls", "search_index"):
                rows[table].sort(key=_place)
            yield rows
            rows = defaultdict(list)
            archive = DemoArchive(plan.active_threads)  # what is written is not changed


def _place(row: dict[str, Any]) -> Any:
    return row.get("seq") or row.get("number") or (row["created_at"], row["step_id"], row["revision"])


def _lengths(chance: Random, plan: DemoPlan) -> list[int | None]:
    """Turns of each thread: two and two together have twice the mean, so that all have what was asked for."""
    if plan.messages_each is None:
        return [None] * plan.threads
    mean = max(1, plan.messages_each // 2)
    lengths: list[int | None] = []
    while len(lengths) < plan.threads:
        apart = chance.randrange(mean)
        lengths += [mean + apart, mean - apart]
    return lengths


def _lines(
    chance: Random, dialogs: Sequence[Dialog], number: int, turns: int | None
) -> list[tuple[str, Answer]]:
    dialog = dialogs[number % len(dialogs)]
    lines = list(zip(dialog.participant_lines, dialog.answers, strict=True))
    if number % _ODD_MESSAGE == _ODD_MESSAGE // 2:
        lines[0] = (MESSAGES[number // _ODD_MESSAGE % len(MESSAGES)], lines[0][1])
    while turns is not None and len(lines) < turns:
        another = chance.choice(dialogs)
        lines += zip(another.participant_lines, another.answers, strict=True)
    return lines[:turns]


def _title(number: int, is_long: bool) -> str | None:
    if is_long:
        return LONG_TITLE
    return TITLES[number // _ODD_TITLE % len(TITLES)] if number % _ODD_TITLE == _ODD_TITLE // 2 else None


def _voice(chance: Random, plan: DemoPlan, number: int, is_long: bool) -> Voice:
    first, *others = plan.voices
    voice = chance.choice(others) if others and chance.random() > _FIRST_VOICE and not is_long else first
    # Half-way through, the study went over to a smaller model with a part of its threads.
    if number * 2 > plan.threads and chance.random() < 0.4:
        return Voice(voice.name, voice.kind, f"{voice.model}-mini")
    return voice


class _Inserts:
    """The statements for whole rows of each table."""

    def __init__(self, database: Database) -> None:
        dialect = database.engine.dialect
        insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert
        self._prepared = {
            name: Prepared(insert(table).on_conflict_do_nothing(), dialect, table.c.keys())
            for name, table in schema.metadata.tables.items()
        }
        self._put_search = of_dialect(dialect).put_search

    def write(self, rows: Rows, connection: Connection) -> None:
        """Put rows into an open transaction."""
        for name, prepared in self._prepared.items():
            prepared.execute(connection, rows[name])
        self._put_search.execute(connection, rows["search_index"])
