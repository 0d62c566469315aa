"""What coders have coded and what not, on both databases."""

from data_layer.coding.codebook import Code
from data_layer.coding.coding_tasks import CodingProgress, Task
from data_layer.record import Record
from data_layer.review.filters import ThreadFilter
from data_layer.review.threads import list_threads
from data_layer.writing.coding_writes import FinishCoding
from study.vocabulary import CodeColour
from tests.data_layer.rows import ADA, begin_thread, message, new_id, one, reply
from tests.fakes import HandClock

CORA, CARL, OLGA = new_id(), new_id(), new_id()


async def add_code(record: Record, name: str) -> Code:
    """A new code."""
    return await record.codebook.add(name, "", CodeColour.BLUE, OLGA, "Olga")


async def task_of(record: Record, thread_id: str, who: str = CORA) -> Task:
    """How a thread stands with a coder."""
    task = await record.coding_tasks.one(thread_id, who)
    assert task is not None
    return task


async def test_done_is_said_and_taken_back(record: Record) -> None:
    """By the one whose it is, with the codebook's version; the row says when it was opened again."""
    await add_code(record, "Trust")
    thread_id = await begin_thread(record)
    await record.coding_tasks.given.give([thread_id], CORA, OLGA)
    await record.coding_tasks.finish(thread_id, CORA)
    row = await one(record, "coding_assignments")
    assert (row["codebook_version"], row["reopened_at"]) == (1, None)
    assert (await task_of(record, thread_id)).finished_at == row["finished_at"] is not None
    await record.coding_tasks.finish(thread_id, CORA, finished=False)
    row = await one(record, "coding_assignments")
    assert (row["finished_at"], row["codebook_version"]) == (None, None)
    assert row["reopened_at"] is not None
    assert (await task_of(record, thread_id)).finished_at is None


async def test_nobody_else_says_so(record: Record) -> None:
    """Neither whoever has another thread, nor whoever had this one; nor is what was not said taken back."""
    mine, other = await begin_thread(record), await begin_thread(record)
    await record.coding_tasks.given.give([mine], CORA, OLGA)
    await record.coding_tasks.given.give([other], CARL, OLGA)
    for thread_id, who, finished in (
        (mine, CARL, True),
        (mine, OLGA, True),
        (other, CORA, True),
        (new_id(), CORA, True),
        (mine, CORA, False),
    ):
        outcome = await record.writer.submit(FinishCoding(thread_id, who, record.now(), finished))
        assert outcome.refused is not None
    await record.coding_tasks.given.end([mine], CORA)
    assert (await record.writer.submit(FinishCoding(mine, CORA, record.now()))).refused is not None
    assert await record.coding_tasks.one(mine, CORA) is None
    assert (await one(record, "coding_assignments", thread_id=other))["finished_at"] is None


async def test_nothing_is_said_of_a_withdrawn_thread(record: Record) -> None:
    """It is nobody's any more, and counts in nobody's progress."""
    person = await record.enter("Ada", "ada")
    thread_id = await begin_thread(record, owner=person.participant_id)
    await record.coding_tasks.given.give([thread_id], CORA, OLGA)
    await record.withdrawals.withdraw(person.participant_id, "participant")
    assert (await record.writer.submit(FinishCoding(thread_id, CORA, record.now()))).refused is not None
    assert await record.coding_tasks.progress() == {}
    assert await record.coding_tasks.next_open(CORA) is None


async def test_a_sign_for_what_stands_in_a_thread(record: Record, clock: HandClock) -> None:
    """Another one when a message has come, though as many stand; the same while nothing has."""
    thread_id = await begin_thread(record)
    before = await record.coding_tasks.reads(thread_id)
    await begin_thread(record)
    assert await record.coding_tasks.reads(thread_id) == before
    signs = {before}
    for words in ("One", "More"):
        clock.forward(1)
        await record.writer.submit(message(record, thread_id, words))
        signs.add(await record.coding_tasks.reads(thread_id))
    assert len(signs) == 3


async def test_said_and_taken_back_in_one_batch(record: Record) -> None:
    """In the order in which it was said: the last stands."""
    thread_id = await begin_thread(record)
    await record.coding_tasks.given.give([thread_id], CORA, OLGA)
    waiting = [
        record.writer.submit(FinishCoding(thread_id, CORA, record.now(), finished))
        for finished in (True, False, True)
    ]
    assert [(await one).refused for one in waiting] == [None] * 3
    assert (await task_of(record, thread_id)).finished_at is not None


async def test_what_came_since_is_told(record: Record, clock: HandClock) -> None:
    """Messages, and codes that could not be given then; not what left, nor a code that is gone again."""
    retired = await add_code(record, "Doubt")
    await record.codebook.retire(retired.code_id, OLGA, "Olga")
    thread_id = await begin_thread(record)
    await record.coding_tasks.given.give([thread_id], CORA, OLGA)
    await record.coding_tasks.finish(thread_id, CORA)
    assert not (await task_of(record, thread_id)).has_changed
    clock.forward(1)
    await record.writer.submit(message(record, thread_id, "More"), reply(record, thread_id, "Yes"))
    task = await task_of(record, thread_id)
    assert (task.messages, task.is_behind, task.has_changed) == (2, False, True)
    await record.coding_tasks.finish(thread_id, CORA)
    assert not (await task_of(record, thread_id)).has_changed
    code = await add_code(record, "Trust")
    assert (await task_of(record, thread_id)).is_behind
    await record.codebook.retire(code.code_id, OLGA, "Olga")
    assert not (await task_of(record, thread_id)).has_changed
    await record.codebook.change(retired.code_id, OLGA, "Olga")
    assert (await task_of(record, thread_id)).is_behind


async def test_progress_is_counted_of_what_is_theirs_now(record: Record, clock: HandClock) -> None:
    """For each coder: given, finished, and of those in which something has come since."""
    first, second, third = [await begin_thread(record) for _ in range(3)]
    await record.coding_tasks.given.give([first, second, third], CORA, OLGA)
    await record.coding_tasks.given.give([first], CARL, OLGA)
    await record.coding_tasks.finish(first, CORA)
    await record.coding_tasks.finish(second, CORA)
    last = clock.moment
    clock.forward(60)
    await record.coding_tasks.given.end([third], CORA)
    await record.writer.submit(message(record, first, "More", by=ADA))
    assert await record.coding_tasks.progress() == {
        CORA: CodingProgress(CORA, given=2, finished=2, changed=1, last_at=last),
        CARL: CodingProgress(CARL, given=1),
    }
    assert set(await record.coding_tasks.progress(CARL)) == {CARL}


async def test_the_next_open_one_goes_round(record: Record) -> None:
    """In the order in which they were given, from where somebody is; until there is none."""
    threads = [await begin_thread(record) for _ in range(3)]
    for thread_id in threads:
        await record.coding_tasks.given.give([thread_id], CORA, OLGA)
    tasks = record.coding_tasks
    assert await tasks.next_open(CORA) == threads[0]
    assert await tasks.next_open(CORA, after=threads[0]) == threads[1]
    assert await tasks.next_open(CORA, after=threads[2]) == threads[0]
    assert await tasks.next_open(CORA, after=new_id()) == threads[0]
    for thread_id in threads[:2]:
        await tasks.finish(thread_id, CORA)
    assert await tasks.next_open(CORA, after=threads[2]) == threads[2]
    await tasks.finish(threads[2], CORA)
    assert await tasks.next_open(CORA) is None


async def test_what_was_taken_back_by_mistake_is_still_coded(record: Record) -> None:
    """The undoing of a taking back gives the thread as it was."""
    done, open_one = await begin_thread(record), await begin_thread(record)
    await record.coding_tasks.given.give([done, open_one], CORA, OLGA)
    await record.coding_tasks.finish(done, CORA)
    before = await task_of(record, done)
    ended = await record.coding_tasks.given.end([done, open_one], CORA)
    await record.coding_tasks.given.give_back(ended[0], OLGA)
    assert await task_of(record, done) == before
    assert (await task_of(record, open_one)).finished_at is None


async def test_threads_are_filtered_by_it(record: Record) -> None:
    """Those that a coder has coded, those that they have not; without one, that anybody has."""
    done, open_one, nobodys = [await begin_thread(record) for _ in range(3)]
    await record.coding_tasks.given.give([done, open_one], CORA, OLGA)
    await record.coding_tasks.given.give([done, open_one], CARL, OLGA)
    await record.coding_tasks.finish(done, CORA)

    async def found(finished: bool, assigned_to: str = "") -> set[str]:
        page = await list_threads(record.database, ThreadFilter(finished=finished, assigned_to=assigned_to))
        return {row["thread_id"] for row in page.threads}

    assert await found(True, CORA) == {done}
    assert await found(False, CORA) == {open_one}
    assert await found(True) == {done}
    assert await found(False) == {done, open_one}
    assert await found(True, CARL) == set()
    assert nobodys not in await found(False)
