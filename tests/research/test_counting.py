"""Counting in the background: nobody waits, and nobody is shown figures of yesterday as new."""

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from data_layer.review.overview import Overview
from research.overview.counting import REMEMBERED_FOR, Counting
from tests.fakes import HandClock
from tests.research.test_overview import found


class Record:
    """One whose counting takes as long as the test says."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.counts = 0
        self.goes = asyncio.Event()
        self.goes.set()
        self.away = False

    async def count(self) -> Overview:
        """Count it."""
        self.counts += 1
        moment = self.clock()
        await self.goes.wait()
        if self.away:
            raise OperationalError("SELECT", {}, Exception("away"))
        return found(at=moment, database_bytes=self.counts)


@pytest.fixture
def slow(clock: HandClock) -> Record:
    """A record that is counted at once, until the test says otherwise."""
    return Record(clock)


@pytest.fixture
def counting(slow: Record, clock: HandClock) -> Counting:
    """Which waits for hardly anything."""
    return Counting(slow.count, clock, patience_s=0.01)


async def test_nobody_waits_for_the_first_figures(counting: Counting, slow: Record) -> None:
    """There are none until they are counted, once, however many ask."""
    slow.goes.clear()
    assert await asyncio.gather(*(counting.newest() for _ in range(3))) == [None] * 3
    assert counting.goes_on
    slow.goes.set()
    await asyncio.sleep(0)
    newest = await counting.newest()
    assert newest is not None
    assert (slow.counts, counting.goes_on) == (1, False)


async def test_the_last_figures_are_shown_while_new_ones_are_counted(
    counting: Counting, slow: Record, clock: HandClock
) -> None:
    """With their own time; the new ones come when they are there."""
    first = await counting.newest()
    clock.forward(REMEMBERED_FOR.total_seconds())
    slow.goes.clear()
    assert await counting.newest() is first
    assert counting.goes_on
    slow.goes.set()
    await asyncio.sleep(0.01)
    newest = await counting.newest()
    assert first is not None
    assert newest is not None
    assert newest.at > first.at
    assert slow.counts == 2


async def test_figures_that_came_late_are_not_taken_for_new(
    counting: Counting, slow: Record, clock: HandClock
) -> None:
    """Counted while nobody looked: whoever looks an hour later gets newer ones."""
    slow.goes.clear()
    await counting.newest()
    slow.goes.set()
    await asyncio.sleep(0.01)
    clock.forward(3600)
    newest = await counting.newest()
    assert newest is not None
    assert newest.database_bytes == 2


async def test_a_database_that_is_away_hides_no_figures(
    counting: Counting, slow: Record, clock: HandClock
) -> None:
    """The last ones stay, and it is tried again; only where there are none the page says so."""
    slow.away = True
    with pytest.raises(OperationalError):
        await counting.newest()
    slow.away = False
    first = await counting.newest()
    assert first is not None
    clock.forward(REMEMBERED_FOR.total_seconds())
    slow.away = True
    assert await counting.newest() is first
    slow.away = False
    assert await counting.newest() is not first
