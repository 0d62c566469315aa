"""Claims, codes and sign-ins on both databases: decided once, whoever comes at the same moment."""

import asyncio
from datetime import timedelta

from data_layer.database.engine import open_database
from data_layer.people.claims import digest_of
from data_layer.people.sign_ins import SignIns
from data_layer.record import Record
from data_layer.writing.store import Store
from tests.data_layer.rows import ADA, BOB, new_id, one, rows
from tests.fakes import HandClock


async def come(record: Record, name: str, browser: str) -> tuple[str, bool]:
    """Come in by a name: as whom, and whether the browser holds them."""
    participant = await record.enter(name, name, browser=browser)
    return participant.participant_id, digest_of(browser) in participant.holders


async def test_who_was_first_is_decided_once(record: Record) -> None:
    """Twenty browsers that claim one participant in the same moment: it is one browser's, and stays it."""
    browsers = [f"browser {number}" for number in range(20)]
    came = await asyncio.gather(*(come(record, "ada", browser) for browser in browsers))
    assert [held for _, held in came].count(True) == 1
    assert await asyncio.gather(*(come(record, "ada", browser) for browser in browsers)) == came
    assert len(await rows(record, "identities", kind="claim")) == 1
    assert len({person for person, _ in came}) == 1


async def test_two_tabs_of_one_browser_are_both_in(record: Record) -> None:
    """The same browser, twice in the same millisecond, with a name that nobody had."""
    came = await asyncio.gather(*(come(record, "ada", "hers") for _ in range(10)))
    assert {held for _, held in came} == {True}
    assert len({person for person, _ in came}) == 1
    assert len(await rows(record, "participants")) == 1


async def test_whom_nobody_holds_is_the_first_browsers(record: Record) -> None:
    """A name from before names were held, or of a study that let everybody in by name."""
    unheld = await record.enter("Ada", "ada")
    assert unheld.holders == frozenset()
    assert await come(record, "ada", "first") == (unheld.participant_id, True)
    assert await come(record, "ada", "second") == (unheld.participant_id, False)


async def test_a_participant_has_one_code(record: Record) -> None:
    """Asked for twice at once, it is one; another participant's is another."""
    codes = await asyncio.gather(*(record.claims.code_of(ADA) for _ in range(10)))
    assert len(set(codes)) == 1
    assert await record.claims.is_code(ADA, codes[0])
    assert not await record.claims.is_code(BOB, codes[0])
    assert await record.claims.code_of(BOB) != codes[0]


async def test_a_browser_is_admitted_once(record: Record) -> None:
    """However often it gives the code; and to that participant alone."""
    (ada, _), (bob, held) = await come(record, "ada", "first"), await come(record, "bob", "first")
    assert held
    for _ in range(2):
        await record.claims.admit(ada, "second")
    assert await come(record, "ada", "second") == (ada, True)
    assert await come(record, "bob", "second") == (bob, False)
    assert len(await rows(record, "identities", kind="browser")) == 1


async def test_a_sign_in_outlives_its_process(record: Record, clock: HandClock, database_url: str) -> None:
    """Another process finds it, and ends it for this one within ten seconds; for good."""
    sign_in = await record.sign_ins.begin(ADA, "claim", timedelta(days=1))
    database = open_database(database_url)
    elsewhere = SignIns(Store(database, record.writer, clock))
    assert await elsewhere.holds(sign_in, ADA)
    assert not await elsewhere.holds(sign_in, BOB)
    assert not await elsewhere.holds(new_id(), ADA)
    await elsewhere.end(sign_in)
    ended = (await one(record, "sign_ins"))["ended_at"]
    assert not await elsewhere.holds(sign_in, ADA)
    clock.forward(11)
    assert not await record.sign_ins.holds(sign_in, ADA)
    await record.sign_ins.end(sign_in)
    assert (await one(record, "sign_ins"))["ended_at"] == ended
    await database.close()


async def test_what_another_process_has_ended_is_found(record: Record, database_url: str) -> None:
    """So that the pages that are open under it can be closed; others are not named."""
    before, goes_on, ended = [await record.sign_ins.begin(ADA, "claim", timedelta(1)) for _ in range(3)]
    await record.sign_ins.end(before)
    moment = record.now()
    database = open_database(database_url)
    await SignIns(Store(database, record.writer, record.now)).end(ended)
    assert await record.sign_ins.ended_since(moment) == [ended]
    assert not await record.sign_ins.holds(ended, ADA)
    assert await record.sign_ins.holds(goes_on, ADA)
    await database.close()


async def test_a_sign_in_has_an_end(record: Record, clock: HandClock) -> None:
    """Whatever its cookie says."""
    sign_in = await record.sign_ins.begin(ADA, "claim", timedelta(hours=1))
    assert await record.sign_ins.holds(sign_in, ADA)
    clock.forward(3601)
    assert not await record.sign_ins.holds(sign_in, ADA)
