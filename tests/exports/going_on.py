"""A study that is exported in some ways and goes on, and what verify then says of each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from data_layer.database.engine import open_database
from data_layer.database.order import WriteOrder
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from exports.verify.difference import Difference
from tests.data_layer.rows import rows
from tests.exports.acts import World
from tests.exports.conftest import export_to
from tests.exports.forging import forge
from tests.exports.proving import verify_export
from tests.fakes import HandClock

Acts = Sequence[tuple[str, int]]
_ALL: Final = {"include_deleted": True, "include_identities": True}
# In which ways a study is exported: whole, by conditions that are asked again, by threads that were looked
# for once. What a test fills in: a moment, a participant, some threads.
WAYS: Final[dict[str, dict[str, Any]]] = {
    "whole": {},
    "all that was": _ALL,
    "since, of an agent": {"since": ..., "agent": "Agent"},
    "until, all that was": {"until": ..., **_ALL},
    "of a participant": {"participant": ...},
    "of a participant, all that was": {"participant": ..., **_ALL},
    "listed": {"threads": ...},
    "listed, all that was": {"threads": ..., **_ALL},
    "listed, of an agent": {"threads": ..., "agent": "Agent"},
    "said": {"where": {"q": "said OR answer"}},
    "rated": {"where": {"rating": "up"}},
    "coded, all that was": {"where": {"annotated": "yes"}, **_ALL},
    "deleted": {"where": {"deleted": "yes"}, **_ALL},
    "not coded, since": {"where": {"annotated": "no"}, "since": ...},
}


class Study:
    """A study that is exported, and goes on."""

    def __init__(self, url: str, record: Record, clock: HandClock, folder: Path) -> None:
        self.url, self.record, self.clock, self.folder = url, record, clock, folder
        self._count = 0

    async def exported(self, **options: Any) -> Path:
        """Export it; an hour after all that has happened, and an hour before all that will."""
        self._count += 1
        out = self.folder / f"out {self._count}"
        await asyncio.to_thread(export_to, self.url, out, formats=("parquet",), **options)
        moment = self.clock.moment + timedelta(hours=1)
        forge(out, lambda manifest: manifest.update(snapshot_at=moment.isoformat()))
        return out

    async def exported_in(self, way: str, world: World) -> Path:
        """Export it in a way, filled in with what the world has."""
        there = {row["thread_id"] for row in await rows(self.record, "threads")}
        assert world.quiet is not None
        some = [one.thread_id for one in (world.quiet, *world.talks[::2]) if one.thread_id in there]
        middle = self.clock.moment - timedelta(seconds=1)
        filled = {
            "since": middle,
            "until": middle,
            "participant": world.talks[0].participant_id,
            "threads": tuple(some),
        }
        options = {name: filled[name] if value is ... else value for name, value in WAYS[way].items()}
        return await self.exported(**options)

    def go_on(self) -> None:
        """Two hours pass."""
        self.clock.forward(7200)

    async def wrong(self, out: Path) -> list[str]:
        """What verify calls wrong."""
        found: list[Difference] = await asyncio.to_thread(verify_export, out, self.url)
        return [str(one) for one in found if one.wrong]


@asynccontextmanager
async def study_in(url: str, folder: Path, active_threads: int | None = None) -> AsyncIterator[Study]:
    """A study whose orders are the clock's, which a test turns."""
    clock, defaults = HandClock(), ThreadDefaults("example", "0.1.0+gtest", "f" * 64, active_threads)
    record = Record(open_database(url), folder / "kept", defaults, clock)
    record.writer.order = WriteOrder(lambda: round(clock.moment.timestamp() * 1_000_000))
    await record.start()
    try:
        yield Study(url, record, clock, folder)
    finally:
        await record.close()
        await record.database.close()


async def use_is_no_forgery(study: Study, before: Acts, after: Acts, ways: Sequence[str]) -> None:
    """Act, export in some ways, act, and verify each."""
    world = World(study.record)
    await world.begin()
    for name, which in before:
        await world.act(name, which)
    outs = {way: await study.exported_in(way, world) for way in ways}
    study.go_on()
    for name, which in after:
        await world.act(name, which)
    found = {way: await study.wrong(out) for way, out in outs.items()}
    assert not any(found.values()), {way: wrong for way, wrong in found.items() if wrong}
