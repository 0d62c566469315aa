"""Branches in the record: one transaction, by their owner alone, the same from the journal as at once."""

from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from data_layer.conversations.branches import marks
from data_layer.conversations.threads import list_page
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.writer import Writer
from data_layer.writing.writes import DeleteSteps, DeleteThread, InsertRow, PutStep, ShowBranch, Write
from tests.data_layer.outages import Outage
from tests.data_layer.rows import ADA, BOB, begin_thread, message, new_id, one, reply, rows

MakeWriter = Callable[[], Writer]


def run_of(record: Record, thread_id: str, message_id: str, run_id: str, revision: int = 1) -> InsertRow:
    """A run begins."""
    row: Row = {
        "run_id": run_id,
        "thread_id": thread_id,
        "message_id": message_id,
        "message_revision": revision,
        "seq": record.take_order(),
        "turn": 1,
        "name": "on_message",
        "status": "complete",
        "started_at": record.now(),
    }
    return InsertRow("runs", row)


class Branched:
    """A message that was answered twice, edited, and walked back and forth; write by write."""

    def __init__(self, record: Record, thread_id: str, first: Row) -> None:
        self.thread_id, self.message_id, self._seq = thread_id, first["step_id"], first["seq"]
        self.runs = [new_id() for _ in range(3)]
        one, two, three = self.runs
        self.units: list[list[Write]] = [
            self._answer(record, one, "One."),
            [message(record, thread_id, "Then")],
            [self._leaves(record, "retried", one)],
            self._answer(record, two, "Two."),
            [self._leaves(record, "edited", self.message_id), self._edit(record, "Otherwise")],
            self._answer(record, three, "Three.", 2),
            [self.show(record, revision=1)],
            [self.show(record, run_id=one)],
            [message(record, thread_id, "And then")],
            [self.show(record, revision=2)],
            [self._leaves(record, "edited", self.message_id), self._edit(record, "A third")],
            [self.show(record, revision=1)],
        ]

    def show(self, record: Record, by: str = ADA, **branch: Any) -> ShowBranch:
        """A walk."""
        return ShowBranch(self.thread_id, self.message_id, record.now(), by, **branch)

    def _answer(self, record: Record, run_id: str, words: str, revision: int = 1) -> list[Write]:
        run = run_of(record, self.thread_id, self.message_id, run_id, revision)
        return [run, reply(record, self.thread_id, words, run_id=run_id, parent_id=run_id)]

    def _leaves(self, record: Record, because: str, branch: str) -> DeleteSteps:
        return DeleteSteps(
            (), record.now(), because, self.thread_id, ADA, self._seq, (self.message_id,), branch
        )

    def _edit(self, record: Record, words: str) -> PutStep:
        row = {"step_id": self.message_id, "thread_id": self.thread_id, "output": words}
        return PutStep(row, record.now(), by=ADA)

    def named(self, branch: str | None) -> str | None:
        """A branch's name without ids."""
        if branch in self.runs:
            return f"run {self.runs.index(branch)}"
        return None if branch is None else branch.replace(self.message_id, "message")


async def branched(record: Record) -> Branched:
    """A thread in which nothing has been answered yet."""
    thread_id = await begin_thread(record, "Hello")
    return Branched(record, thread_id, await one(record, "steps", thread_id=thread_id))


async def state_of(record: Record, story: Branched) -> list[Any]:
    """All that is kept of it, without ids and times."""
    steps = await rows(record, "steps", thread_id=story.thread_id)
    runs = await rows(record, "runs", thread_id=story.thread_id)
    events = await rows(record, "events", thread_id=story.thread_id)
    thread = await one(record, "threads", thread_id=story.thread_id)
    return [
        [
            (row["output"], row["revision"], row["turn"], row["deleted_because"], story.named(row["branch"]))
            for row in steps
        ],
        [(row["deleted_because"], story.named(row["branch"])) for row in runs],
        [(row["type"], story.named(row["payload"]["to"])) for row in events],
        (thread["message_count"], thread["preview"], thread["title"]),
    ]


async def test_each_walk_brings_back_what_was_left(record: Record) -> None:
    """Revisions, turns, counts and preview along the way; no row is lost."""
    story = await branched(record)
    for unit in story.units:
        assert (await record.writer.submit(*unit)).refused is None
    steps, runs, events, thread = await state_of(record, story)
    assert steps == [
        ("Hello", 1, 1, None, None),
        ("One.", 1, 1, None, None),
        ("Then", 1, 2, None, None),
        ("Two.", 1, 1, "switched", "run 1"),
        ("Three.", 1, 1, "edited", "message/2"),
        ("And then", 1, 3, None, None),
    ]
    assert runs == [(None, None), ("switched", "run 1"), ("edited", "message/2")]
    assert [to for _, to in events] == ["message/1", "run 0", "message/2", "message/1"]
    assert thread == (4, "And then", "Hello")
    kept = await rows(record, "step_revisions", step_id=story.message_id)
    assert [(row["revision"], row["output"]) for row in kept] == [
        (1, "Hello"),
        (2, "Otherwise"),
        (3, "A third"),
    ]
    assert (await marks(record.database, story.thread_id))[story.message_id] == {"branch": {"at": 1, "of": 3}}


async def test_from_the_journal_it_is_the_same(
    record: Record, make_writer: MakeWriter, outage: Outage
) -> None:
    """All of it waited while the database was away, and was replayed in one transaction."""
    told, waited = await branched(record), await branched(record)
    for unit in told.units:
        await record.writer.submit(*unit)
    outage.begin()
    writer = make_writer()
    with capture_logs():
        for unit in waited.units:
            orders = [record.take_order() for _ in unit]
            assert (await writer.submit(*unit, orders=orders)).journaled
        await writer.close()
    outage.end()
    await make_writer().start()
    assert await state_of(record, waited) == await state_of(record, told)


async def test_only_what_stands_is_found(record: Record) -> None:
    """The search follows each walk."""
    story = await branched(record)
    for unit in story.units[:6]:
        await record.writer.submit(*unit)

    async def found(words: str) -> bool:
        return bool((await list_page(record.database, ADA, first=10, search=words)).threads)

    assert [await found(words) for words in ("Otherwise", "Three", "Two")] == [True, True, False]
    await record.writer.submit(story.show(record, revision=1))
    assert [await found(words) for words in ("Otherwise", "Three", "Two")] == [False, False, True]


async def test_only_its_owner_walks(record: Record) -> None:
    """And only to what is there, from what stands; a refusal changes nothing."""
    story, other = await branched(record), await branched(record)
    for unit in story.units[:6]:
        await record.writer.submit(*unit)
    reply_id = (await rows(record, "steps", output="Three."))[0]["step_id"]
    before = await state_of(record, story)
    now = record.now()
    for write in (
        story.show(record, BOB, revision=1),
        story.show(record, revision=7),
        story.show(record, run_id=story.runs[0]),  # an answer to another wording
        story.show(record, run_id=new_id()),
        story.show(record),
        ShowBranch(other.thread_id, story.message_id, now, ADA, 1),
        ShowBranch(story.thread_id, reply_id, now, ADA, 1),
        ShowBranch(story.thread_id, new_id(), now, ADA, 1),
    ):
        assert (await record.writer.submit(write)).refused is not None
    assert await state_of(record, story) == before
    await record.writer.submit(DeleteThread(story.thread_id, now, ADA))
    assert (await record.writer.submit(story.show(record, revision=1))).refused is not None


async def test_a_second_press_changes_nothing(record: Record) -> None:
    """What is wanted stands already."""
    story = await branched(record)
    for unit in story.units[:7]:
        await record.writer.submit(*unit)
    before = await state_of(record, story)
    assert (await record.writer.submit(story.show(record, revision=1))).refused is None
    assert await state_of(record, story) == before


async def test_a_walk_moves_no_thread_in_the_list(record: Record) -> None:
    """It is no message of the participant's: title and last activity stay."""
    story = await branched(record)
    for unit in story.units[:6]:
        await record.writer.submit(*unit)
    before = await one(record, "threads", thread_id=story.thread_id)
    await record.writer.submit(story.show(record, revision=1))
    after = await one(record, "threads", thread_id=story.thread_id)
    assert (after["last_activity_at"], after["title"]) == (before["last_activity_at"], before["title"])


@pytest.mark.parametrize("words", ["Hello", "Otherwise"])
async def test_an_edit_back_to_former_words_is_a_revision_of_its_own(record: Record, words: str) -> None:
    """It was said anew, at another time, and is answered anew."""
    story = await branched(record)
    for unit in story.units[:6]:
        await record.writer.submit(*unit)
    if words == "Otherwise":
        await record.writer.submit(story.show(record, revision=1))
    row = {"step_id": story.message_id, "thread_id": story.thread_id, "output": words}
    outcome = await record.writer.submit(PutStep(row, record.now(), by=ADA))
    assert outcome.step is not None
    assert outcome.step["revision"] == 3
