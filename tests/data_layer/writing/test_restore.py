"""A message that was removed comes back by a researcher's hand; on both databases."""

import pytest

from data_layer.conversations.threads import thread_row
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.search.index import matching_threads, thread_ids_of
from data_layer.writing.writes import DeleteSteps, DeleteThread, InsertRow, PutStep, ReturnMessage, ShowBranch
from tests.data_layer.rows import ADA, BOB, begin_thread, message, new_id, one, read_thread, reply, rows

OLGA = new_id()


class Talk:
    """Two questions, each with its answer, write by write.

    Args:
        record: Where it is kept.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self.thread_id = ""
        self.said: list[Row] = []

    async def begin(self) -> "Talk":
        """Say it all."""
        self.thread_id = await begin_thread(self.record, "First question")
        await self._answered("First answer")
        second = message(self.record, self.thread_id, "Second question")
        await self.record.writer.submit(second)
        await self._answered("Second answer")
        return self

    async def _answered(self, words: str) -> None:
        asked = (await rows(self.record, "steps", thread_id=self.thread_id, type="user_message"))[-1]
        run_id = new_id()
        run: Row = {"run_id": run_id, "thread_id": self.thread_id, "message_id": asked["step_id"]}
        run |= {"message_revision": 1, "seq": self.record.take_order(), "turn": 1, "name": "on_message"}
        run |= {"status": "complete", "started_at": self.record.now()}
        answer = reply(self.record, self.thread_id, words, run_id=run_id, parent_id=run_id)
        await self.record.writer.submit(InsertRow("runs", run), answer)
        self.said = await rows(self.record, "steps", thread_id=self.thread_id)

    async def remove(self, place: int, by: str | None = ADA) -> str:
        """A participant takes a message away.

        Returns:
            Its id.
        """
        step_id: str = self.said[place]["step_id"]
        await self.record.writer.submit(DeleteSteps((step_id,), self.record.now(), "removed", by=by))
        return step_id

    async def give_back(self, step_id: str) -> str | None:
        """A researcher brings it back.

        Returns:
            Why not.
        """
        write = ReturnMessage(self.thread_id, step_id, self.record.now(), OLGA)
        return (await self.record.writer.submit(write)).refused

    async def edit(self) -> None:
        """The participant says the first question otherwise: what followed it leaves as a branch."""
        first, now = self.said[0], self.record.now()
        name = first["step_id"]
        leaves = DeleteSteps((), now, "edited", self.thread_id, ADA, first["seq"], (name,), name)
        row = {"step_id": name, "thread_id": self.thread_id, "output": "Otherwise"}
        await self.record.writer.submit(leaves, PutStep(row, now, by=ADA))

    async def standing(self) -> list[str]:
        """What the participant's page shows."""
        whole = await read_thread(self.record.database, self.thread_id)
        assert whole is not None
        return [step["output"] for step in whole.steps]


@pytest.fixture
async def talk(record: Record) -> Talk:
    """Four messages."""
    return await Talk(record).begin()


@pytest.mark.parametrize("place", range(4))
async def test_what_was_removed_comes_back_as_it_was(talk: Talk, place: int) -> None:
    """To its own place, with the run that left with it; counted as before; done twice it is done once."""
    thread, runs = await thread_row(talk.record.database, talk.thread_id), await rows(talk.record, "runs")
    step_id = await talk.remove(place)
    assert await talk.give_back(step_id) is None
    assert await talk.give_back(step_id) is None
    assert await talk.standing() == [step["output"] for step in talk.said]
    after = await thread_row(talk.record.database, talk.thread_id)
    assert thread is not None
    assert after is not None
    counts = ("message_count", "turn_count", "preview", "last_activity_at")
    assert {name: after[name] for name in counts} == {name: thread[name] for name in counts}
    assert await rows(talk.record, "runs") == runs
    event = await one(talk.record, "events", type="message_returned")
    assert (event["target"], event["payload"]) == (step_id, {"researcher_id": OLGA})


async def test_what_came_back_is_found_again(talk: Talk) -> None:
    """By the participant's own search."""
    step_id = await talk.remove(2)
    for found in ([], [talk.thread_id]):
        matching = matching_threads(talk.record.database.dialect, ADA, "second question")
        assert matching is not None
        query = thread_ids_of(matching)
        async with talk.record.database.engine.connect() as connection:
            assert list(await connection.scalars(query)) == found
        await talk.give_back(step_id)


async def test_what_the_app_took_away_stays_away(talk: Talk) -> None:
    """Nobody removed it: it is not a researcher's to bring back."""
    step_id = await talk.remove(1, by=None)
    assert await talk.give_back(step_id) == "it was not removed by its participant"


async def test_a_branch_stays_its_participants(talk: Talk) -> None:
    """What left with an edit is walked to, and not brought back row by row."""
    second = talk.said[2]
    await talk.edit()
    assert await talk.give_back(second["step_id"]) == "it was not removed by its participant"
    assert await talk.standing() == ["Otherwise"]


async def test_in_a_thread_with_branches_an_answer_comes_back_where_its_run_stands(talk: Talk) -> None:
    """And a participant's message does not: the record does not say in which branch it stood."""
    first, record = talk.said[0], talk.record
    question, answer = await talk.remove(2), await talk.remove(1)
    await talk.edit()
    assert "branches" in (await talk.give_back(question) or "")
    assert await talk.give_back(answer) == "what it answered does not stand on the screen"
    await record.writer.submit(ShowBranch(talk.thread_id, first["step_id"], record.now(), ADA, revision=1))
    assert "branches" in (await talk.give_back(question) or "")
    assert await talk.give_back(answer) is None
    assert await talk.standing() == ["First question", "First answer", "Second answer"]


async def test_nothing_comes_back_into_a_deleted_thread(talk: Talk) -> None:
    """The conversation comes first."""
    step_id = await talk.remove(1)
    await talk.record.writer.submit(DeleteThread(talk.thread_id, talk.record.now(), ADA))
    assert await talk.give_back(step_id) == "the conversation was deleted"


async def test_no_message_comes_back_into_another_thread(talk: Talk) -> None:
    """Nor one that is nowhere."""
    step_id = await talk.remove(1)
    other = await begin_thread(talk.record, owner=BOB)
    write = ReturnMessage(other, step_id, talk.record.now(), OLGA)
    assert (await talk.record.writer.submit(write)).refused == "there is no such message"
    assert await talk.give_back(new_id()) == "there is no such message"
