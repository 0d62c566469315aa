"""Several processes give out numbers for one database: no two the same, whatever their clocks say."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.database.engine import open_database
from data_layer.database.order import COMMANDS_SLOT, SLOTS, WriteOrder
from data_layer.record import Record
from data_layer.search.participant_search import search_own_threads
from data_layer.writing import slots
from data_layer.writing.state import ThreadDefaults
from study.errors import StartError
from tests.data_layer.rows import ADA, begin_thread, execute, new_id, rows
from tests.fakes import HandClock


@pytest.fixture
async def second(record: Record, database_url: str, clock: HandClock) -> AsyncIterator[Record]:
    """Another process on the same database and data folder; not begun."""
    defaults = ThreadDefaults(record.defaults.study_id, "2.0", "")
    made = Record(open_database(database_url), record.data_dir, defaults, clock)
    yield made
    await made.close()


@given(clocks=st.lists(st.integers(0, 2000), min_size=2, max_size=40), data=st.data())
def test_no_two_processes_give_out_the_same_number(clocks: list[int], data: st.DataObject) -> None:
    """Clocks that stand still, jump back and forth, or are the same: each slot has numbers of its own."""
    now = [0]
    orders = [WriteOrder(lambda: now[0], slot) for slot in (0, 1, COMMANDS_SLOT)]
    given_out: dict[int, int] = {}
    last = dict.fromkeys(range(3), -1)
    for now[0] in clocks:
        who = data.draw(st.integers(0, 2))
        number = orders[who].take()
        assert number > last[who]
        assert given_out.setdefault(number, who) == who
        last[who] = number


def test_numbers_stay_whole_in_javascript() -> None:
    """A hundred years on, with a slot, they are below 2^53."""
    assert WriteOrder(lambda: 4_900_000_000_000_000, COMMANDS_SLOT).take() < 2**53


async def test_each_process_has_a_slot_of_its_own(record: Record, second: Record) -> None:
    """The lowest that is free; a command beside them has the last."""
    assert second.writer.order.slot == COMMANDS_SLOT
    await second.start()
    assert (record.writer.order.slot, second.writer.order.slot) == (0, 1)
    told = await rows(record, "processes", process_id=second.writer.process_id)
    assert [(row["slot"], row["app_version"]) for row in told] == [(1, "2.0")]


async def test_a_slot_of_the_gone_is_free(record: Record, second: Record) -> None:
    """The lock of the first is free: whoever starts next has its slot, and the row of the gone has none."""
    record.processes.end()
    await second.start()
    assert second.writer.order.slot == 0
    assert [row["slot"] for row in await rows(second, "processes", process_id=record.writer.process_id)] == [
        None
    ]


async def test_two_that_start_at_once_have_two(record: Record, second: Record, database_url: str) -> None:
    """Taking one is a transaction that waits for the other's."""
    third = Record(open_database(database_url), second.data_dir / "third", second.defaults)
    await asyncio.gather(second.start(), third.start())
    assert sorted([second.writer.order.slot or 0, third.writer.order.slot or 0]) == [1, 2]
    await third.close()


@pytest.mark.parametrize(("silent_for", "slot"), [("0 seconds", 1), ("2 minutes", 0)])
async def test_a_process_elsewhere_keeps_its_slot_while_it_beats(
    postgres_url: str, tmp_path: Path, defaults: ThreadDefaults, silent_for: str, slot: int
) -> None:
    """Its lock cannot be seen from another machine: it is gone when the server has not heard of it."""
    first, second = (Record(open_database(postgres_url), tmp_path / one, defaults) for one in ("a", "b"))
    await first.start()
    await execute(first.database, f"UPDATE processes SET beat_at = beat_at - interval '{silent_for}'")
    await second.start()
    assert second.writer.order.slot == slot
    await second.close()
    await first.close()


async def test_who_was_silent_for_long_takes_another(
    postgres_url: str, tmp_path: Path, defaults: ThreadDefaults
) -> None:
    """Its slot was given away while it was cut off: from its next beat on it has one of its own again."""
    first, second = (Record(open_database(postgres_url), tmp_path / one, defaults) for one in ("a", "b"))
    await first.start()
    await execute(first.database, "UPDATE processes SET beat_at = beat_at - interval '2 minutes'")
    await second.start()
    await first.look_around()
    assert (first.writer.order.slot, second.writer.order.slot) == (1, 0)
    await second.close()
    await first.close()


async def test_one_too_many_is_told_that_there_is_no_room(record: Record) -> None:
    """All but the commands' slot are taken: the start says so, and what to do."""
    for _ in range(SLOTS - 2):
        await record.database.transact(
            lambda connection: slots.take_slot(connection, new_id(), lambda _: True, {})
        )
    with pytest.raises(StartError, match="63 processes of Verbatim write to this database already"):
        await record.database.transact(
            lambda connection: slots.take_slot(connection, new_id(), lambda _: True, {})
        )


async def test_messages_of_one_microsecond_are_both_found(record: Record, second: Record) -> None:
    """Two processes take their numbers at the same moment: the search index keeps a row of each."""
    await second.start()
    for one, words in ((record, "zebra"), (second, "giraffe")):
        one.writer.order = WriteOrder(lambda: 1_795_000_000_000_000, one.writer.order.slot)
        await begin_thread(one, words)
    found = [await search_own_threads(record.database, ADA, words) for words in ("zebra", "giraffe")]
    assert [len(result.hits) for result in found] == [1, 1]
