"""What one process changes is told to the others on the same PostgreSQL: when it is committed, or never."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from data_layer.database.engine import open_database
from data_layer.database.hints import Hint
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import RenameThread
from study.vocabulary import StudyState
from tests.data_layer.rows import ADA, begin_thread, execute, new_id

WITHIN_S = 20


class Heard:
    """What a process hears, in order."""

    def __init__(self, record: Record, hint: Hint) -> None:
        self._queue: asyncio.Queue[list[str]] = asyncio.Queue()
        record.hints.on(hint, self._queue.put_nowait)

    async def next(self) -> list[str]:
        """The ids of the next hint."""
        return await asyncio.wait_for(self._queue.get(), WITHIN_S)

    def nothing(self) -> bool:
        """Whether none waits."""
        return self._queue.empty()


@pytest.fixture
async def pair(postgres_url: str, tmp_path: Path, defaults: ThreadDefaults) -> AsyncIterator[list[Record]]:
    """Two processes that listen to each other."""
    both = [Record(open_database(postgres_url), tmp_path / name, defaults) for name in "ab"]
    listening = []
    for record in both:
        await record.start()
        listening.append(asyncio.create_task(record.hints.listen_forever()))
    for record, other in (both, both[::-1]):
        heard = Heard(record, Hint.STOP)
        while heard.nothing():
            await other.hints.tell(Hint.STOP, ["are you there"])
            await asyncio.sleep(0.02)
    yield both
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    for record in both:
        await record.close()


async def test_what_changes_last_is_told_by_a_process_that_ends(
    postgres_url: str, tmp_path: Path, defaults: ThreadDefaults, pair: list[Record]
) -> None:
    """A reply that ends just before its process does is shown by the others."""
    heard = Heard(pair[1], Hint.THREADS)
    ending = Record(open_database(postgres_url), tmp_path / "c", defaults)
    await ending.start()
    thread_id = await begin_thread(ending, "The last thing")
    await ending.close()
    assert await heard.next() == [thread_id]


async def test_a_thread_that_changes_is_heard_by_the_other_alone(pair: list[Record]) -> None:
    """By its id, once it is committed; who wrote it hears nothing of itself."""
    first, second = pair
    first.hints.others = True
    own, heard = Heard(first, Hint.THREADS), Heard(second, Hint.THREADS)
    thread_id = await begin_thread(first)
    assert await heard.next() == [thread_id]
    assert own.nothing()


async def test_what_changes_while_others_are_told_is_told_after_it(pair: list[Record]) -> None:
    """Thread after thread, as fast as they come: none is left out."""
    first, second = pair
    first.hints.others = True
    heard = Heard(second, Hint.THREADS)
    begun = {await begin_thread(first) for _ in range(30)}
    told: set[str] = set()
    while told < begun:
        told |= set(await heard.next())
    assert told == begun


async def test_what_is_rolled_back_is_told_to_nobody(pair: list[Record]) -> None:
    """A hint stands in the transaction that it speaks of."""
    first, second = pair
    heard = Heard(second, Hint.THREADS)

    def fails(connection: Connection) -> None:
        first.hints.put(connection, Hint.THREADS, ["never"])
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await first.database.transact(fails)
    await first.hints.tell(Hint.THREADS, ["after it"])
    assert await heard.next() == ["after it"]


async def test_very_many_ids_come_in_parts(pair: list[Record]) -> None:
    """PostgreSQL takes 8,000 bytes at once."""
    first, second = pair
    heard = Heard(second, Hint.THREADS)
    ids = sorted(new_id() for _ in range(450))
    await first.hints.tell(Hint.THREADS, ids)
    told: list[str] = []
    while len(told) < len(ids):
        told += await heard.next()
    assert told == ids


async def test_who_withdraws_leaves_every_process(pair: list[Record]) -> None:
    """Replies stop and pages close where they are, whichever process was asked; files there go as well."""
    first, second = pair
    told: asyncio.Queue[tuple[Row, list[str]]] = asyncio.Queue()

    async def leave(row: Row, threads: object) -> None:
        told.put_nowait((row, list(threads)))  # type: ignore[call-overload]

    second.withdrawals.listeners.append(leave)
    thread_id = await begin_thread(first)
    await first.enter("Ada", "ada")
    participant = await first.enter("Bob", "bob")
    pending = second.data_dir / "pending" / participant.participant_id
    pending.mkdir(parents=True)
    (pending / "upload").write_text("words")
    row = await first.withdrawals.withdraw(participant.participant_id, "researcher")
    heard, threads = await asyncio.wait_for(told.get(), WITHIN_S)
    assert (heard["withdrawal_id"], threads) == (row["withdrawal_id"], [])
    assert thread_id
    assert not pending.exists()


async def test_who_watches_hears_who_types_in_the_other(pair: list[Record]) -> None:
    """While somebody watches: who types there, and nobody here; who only listens tells nothing back."""
    first, second = pair
    second.hints.others = True
    first.presence.typed(ADA, "a thread")
    await second.typing_elsewhere.watch()
    async with asyncio.timeout(WITHIN_S):
        while not second.presence.typing():  # noqa: ASYNC110  # what it waits for comes over the network
            await asyncio.sleep(0.02)
    assert set(second.presence.typing()) == {(ADA, "a thread")}
    assert second.presence.typing_here() == {}


async def test_a_study_that_ends_ends_everywhere(pair: list[Record]) -> None:
    """Whoever tells pages of it looks at once."""
    first, second = pair
    looked: asyncio.Queue[StudyState] = asyncio.Queue()
    second.controls.listeners.append(looked.put_nowait)
    await first.controls.change(StudyState.ENDED, None, "Olga")
    await asyncio.wait_for(looked.get(), WITHIN_S)
    assert await second.controls.look() is StudyState.ENDED


async def test_a_sign_in_that_ends_is_looked_up_at_once(pair: list[Record]) -> None:
    """Whoever closes pages of ended sign-ins waits for this, or for its next look."""
    first, second = pair
    who = await first.enter("Ada", "ada")
    await first.passwords.give(who.participant_id, "a password that is long enough")
    await asyncio.wait_for(second.sign_ins.ended_elsewhere.wait(), WITHIN_S)


async def test_a_connection_that_was_lost_is_made_anew(
    pair: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server was restarted, or an operator has ended the session: the next hints are heard again."""
    monkeypatch.setattr("data_layer.database.hints._AGAIN_S", 0.01)
    monkeypatch.setattr("data_layer.database.hints._ASK_S", 0.01)
    first, second = pair
    first.hints.others = True
    heard = Heard(second, Hint.THREADS)
    thread_id = await begin_thread(first)
    await heard.next()
    await execute(
        first.database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'verbatim hints'",
    )
    while heard.nothing():
        await first.writer.submit(RenameThread(thread_id, new_id(), first.now(), ADA))
        await asyncio.sleep(0.02)
    assert await heard.next() == [thread_id]


async def test_sqlite_has_nobody_to_tell(sqlite_url: str, tmp_path: Path, defaults: ThreadDefaults) -> None:
    """One process serves it: it neither tells nor listens."""
    record = Record(open_database(sqlite_url), tmp_path / "kept", defaults)
    heard = Heard(record, Hint.STOP)
    await record.hints.listen_forever()
    await record.hints.tell(Hint.STOP, ["nobody"])
    assert heard.nothing()
    await record.close()
