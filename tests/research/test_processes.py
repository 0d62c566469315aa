"""Where several processes write to a database, the overview says which, and what to look at."""

from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from research.overview.processes import process_warnings, processes
from tests.data_layer.rows import execute
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.test_overview import begin


async def beside(record: Record, clock: HandClock, version: str = "test") -> Record:
    """Another process on the same database and data folder."""
    defaults = ThreadDefaults(record.defaults.study_id, version, "")
    made = Record(open_database(record.database.url), record.data_dir, defaults, clock)
    await made.start()
    return made


async def test_one_alone_is_nothing_to_tell(owner: Browser, record: Record) -> None:
    """Most studies are served by one."""
    await begin(record)
    assert "write to the database" not in (await owner.get("/")).text


async def test_several_are_listed(owner: Browser, record: Record, clock: HandClock) -> None:
    """Each with its machine, its version, and when it was last heard of."""
    await begin(record)
    second = await beside(record, clock, record.defaults.app_version)
    page = (await owner.get("/")).text
    assert "2 processes write to the database" in page
    assert page.count("as ever") == 2
    assert list(process_warnings(await processes(record.database), record.now(), beat=True)) == []
    await second.close()


async def test_what_is_wrong_is_a_warning(record: Record, clock: HandClock) -> None:
    """One that is silent, one that cannot save, and two versions at once."""
    second = await beside(record, clock, "2.0")
    slot = "WHERE slot = {}"
    await execute(record.database, f"UPDATE processes SET health = '{{\"away\": true}}' {slot.format(1)}")
    await execute(
        record.database, f"UPDATE processes SET beat_at = '2020-01-01T00:00:00.000000Z' {slot.format(0)}"
    )
    found = await processes(record.database)
    await execute(record.database, "UPDATE processes SET beat_at = '2099-01-01T00:00:00.000000Z'")
    told = list(process_warnings(found, found[1]["beat_at"], beat=True))
    assert [sentence.split(" on ")[0] for sentence in told[:2]] == ["Process 1", "Process 2"]
    assert "has not been heard of" in told[0]
    assert "cannot reach the database" in told[1]
    assert "Several versions of Verbatim are at work: 0.1.0+gtest, 2.0" in told[2]
    await second.close()
