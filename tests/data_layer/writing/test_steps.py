"""Steps: whatever order their writes come in, the newest state stands and every state is kept."""

import itertools
from typing import Any

import pytest

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, InsertRow, PutStep
from tests.data_layer.rows import ADA, begin_thread, count, message, new_id, one, reply, rows


def update_of(put: PutStep, record: Record, **columns: Any) -> PutStep:
    """An update of the same step."""
    return PutStep(put.row | columns, record.now(), by=put.by)


async def test_a_message_makes_its_thread(record: Record) -> None:
    """A create_step that comes before the thread's row is no error: the thread is born with it."""
    thread_id = new_id()
    await record.writer.submit(message(record, thread_id, "Is anybody there?"))
    thread = await one(record, "threads", thread_id=thread_id)
    assert (thread["participant_id"], thread["title"], thread["message_count"]) == (
        ADA,
        "Is anybody there?",
        1,
    )
    assert thread["study_fingerprint"] == record.defaults.study_fingerprint


async def test_an_update_before_its_create_ends_right(record: Record) -> None:
    """A late create fills gaps and takes nothing back."""
    thread_id = await begin_thread(record)
    create = reply(record, thread_id, "", name="Agent", status="streaming", parent_id=new_id())
    await record.writer.submit(
        PutStep(
            {"step_id": create.row["step_id"], "thread_id": thread_id, "type": "assistant_message"}
            | {"output": "All of it", "status": "complete"},
            record.now(),
        )
    )
    await record.writer.submit(create)
    step = await one(record, "steps", step_id=create.row["step_id"])
    assert (step["output"], step["status"], step["parent_id"]) == (
        "All of it",
        "complete",
        create.row["parent_id"],
    )


@pytest.mark.parametrize("places", list(itertools.permutations(range(3))))
async def test_writes_that_overtake_each_other_end_alike(record: Record, places: tuple[int, ...]) -> None:
    """The order is that of the calls: whatever reaches the database first, the last call stands."""
    thread_id = await begin_thread(record)
    create = reply(record, thread_id, "A", status="streaming")
    writes = [
        create,
        update_of(create, record, output="A B", status="streaming"),
        update_of(create, record, output="A B C", status="complete"),
    ]
    orders = [record.take_order() for _ in writes]
    for place in places:
        await record.writer.submit(writes[place], orders=[orders[place]])
    step = await one(record, "steps", step_id=create.row["step_id"])
    assert (step["output"], step["status"]) == ("A B C", "complete")


async def test_an_older_write_in_a_later_batch_changes_nothing(record: Record) -> None:
    """What was called for earlier and arrives later loses, even across transactions."""
    thread_id = await begin_thread(record)
    early, late = record.take_order(), record.take_order()
    put = reply(record, thread_id, "new")
    await record.writer.submit(put, orders=[late])
    await record.writer.submit(update_of(put, record, output="old"), orders=[early])
    assert (await one(record, "steps", step_id=put.row["step_id"]))["output"] == "new"


async def test_a_create_never_blanks(record: Record) -> None:
    """A create with nothing in it leaves a row that has words alone."""
    thread_id = await begin_thread(record)
    put = reply(record, thread_id, "Words")
    await record.writer.submit(put)
    empty = {"step_id": put.row["step_id"], "thread_id": thread_id, "output": "", "name": ""}
    await record.writer.submit(PutStep(empty, record.now(), creates=True))
    step = await one(record, "steps", step_id=put.row["step_id"])
    assert (step["output"], step["name"]) == ("Words", "Agent")


async def test_an_empty_update_never_blanks(record: Record) -> None:
    """An empty text in an update means that it is not known: Chainlit sends one with every field."""
    thread_id = await begin_thread(record)
    put = reply(record, thread_id, "Words", input="What?")
    await record.writer.submit(put)
    await record.writer.submit(update_of(put, record, output="", input="", name=""))
    step = await one(record, "steps", step_id=put.row["step_id"])
    assert (step["output"], step["input"], step["name"]) == ("Words", "What?", "Agent")


async def test_an_edit_is_a_revision(record: Record) -> None:
    """A text that was whole and now reads otherwise is kept twice, each with its time."""
    thread_id = new_id()
    put = message(record, thread_id, "Wich one?")
    await record.writer.submit(put)
    await record.writer.submit(update_of(put, record, output="Which one?"))
    kept = await rows(record, "step_revisions", step_id=put.row["step_id"])
    assert [(row["revision"], row["output"]) for row in kept] == [(1, "Wich one?"), (2, "Which one?")]
    assert kept[0]["created_at"] < kept[1]["created_at"]
    assert (await one(record, "steps", step_id=put.row["step_id"]))["revision"] == 2


async def test_a_growing_reply_is_one_revision(record: Record) -> None:
    """Checkpoints of one stream are the same text on its way, not twenty texts."""
    thread_id = await begin_thread(record)
    put = reply(record, thread_id, "I", status="streaming")
    await record.writer.submit(put)
    for words in ("I see", "I see it"):
        await record.writer.submit(update_of(put, record, output=words))
    await record.writer.submit(update_of(put, record, output="I see it.", status="complete"))
    kept = await rows(record, "step_revisions", step_id=put.row["step_id"])
    assert [(row["revision"], row["output"], row["status"]) for row in kept] == [(1, "I see it.", "complete")]


async def test_a_stopped_reply_is_kept_as_stopped(record: Record) -> None:
    """The status of a stop stands on the step and on its revision."""
    thread_id = await begin_thread(record)
    put = reply(record, thread_id, "I was about", status="streaming")
    await record.writer.submit(put)
    await record.writer.submit(update_of(put, record, status="stopped"))
    step = await one(record, "steps", step_id=put.row["step_id"])
    revision = await one(record, "step_revisions", step_id=put.row["step_id"])
    assert (step["status"], revision["status"], revision["output"]) == ("stopped", "stopped", "I was about")


async def test_the_same_write_twice_is_one(record: Record) -> None:
    """A resend changes nothing: no second row, no second revision, no second count."""
    thread_id = new_id()
    put = message(record, thread_id, "Once")
    await record.writer.submit(put)
    await record.writer.submit(put)
    assert await count(record, "steps") == 1
    assert await count(record, "step_revisions") == 1
    assert (await one(record, "threads"))["message_count"] == 1


async def test_a_delete_leaves_the_row(record: Record) -> None:
    """A step that leaves the screen stays in the record, with who, when and why."""
    thread_id = new_id()
    put = message(record, thread_id, "Never mind")
    await record.writer.submit(put)
    await record.writer.submit(DeleteSteps((put.row["step_id"],), record.now(), "removed", by=ADA))
    step = await one(record, "steps")
    assert (step["output"], step["deleted_by"], step["deleted_because"]) == ("Never mind", ADA, "removed")
    assert step["deleted_at"] is not None
    assert (await one(record, "threads"))["message_count"] == 0


async def test_an_update_does_not_bring_a_deleted_step_back(record: Record) -> None:
    """A checkpoint that comes after the delete is kept, but off the screen."""
    thread_id = await begin_thread(record)
    put = reply(record, thread_id, "On its", status="streaming")
    await record.writer.submit(put)
    await record.writer.submit(DeleteSteps((put.row["step_id"],), record.now(), "edited"))
    await record.writer.submit(update_of(put, record, output="On its way"))
    step = await one(record, "steps", step_id=put.row["step_id"])
    assert step["deleted_at"] is not None
    assert step["output"] == "On its way"


async def test_what_comes_after_an_edited_message_leaves_with_its_runs(record: Record) -> None:
    """Messages, tool steps and runs behind an edited message go together; those before it stay."""
    thread_id = new_id()
    first, second = message(record, thread_id, "One"), message(record, thread_id, "Two")
    tool = reply(record, thread_id, "42", type="tool", name="calculator")
    answer = reply(record, thread_id, "Answer to two")
    await record.writer.submit(first, reply(record, thread_id, "Answer to one"))
    await record.writer.submit(run_row(record, thread_id, first), second, run_row(record, thread_id, second))
    await record.writer.submit(tool, answer)
    edited = await one(record, "steps", step_id=second.row["step_id"])
    outcome = await record.writer.submit(
        DeleteSteps(
            (),
            record.now(),
            "edited",
            thread_id,
            ADA,
            after_seq=edited["seq"],
            runs_of=(second.row["step_id"],),
        )
    )
    assert set(outcome.gone) == {tool.row["step_id"], answer.row["step_id"]}
    living = [row["output"] for row in await rows(record, "steps") if row["deleted_at"] is None]
    assert living == ["One", "Answer to one", "Two"]
    runs = {row["message_id"]: row["deleted_because"] for row in await rows(record, "runs")}
    assert runs == {first.row["step_id"]: None, second.row["step_id"]: "edited"}


async def test_runs_under_deleted_messages_leave_with_them(record: Record) -> None:
    """Chainlit forgets them, and their answers come back at the next load."""
    thread_id = new_id()
    put = message(record, thread_id, "One")
    await record.writer.submit(put, run_row(record, thread_id, put))
    await record.writer.submit(DeleteSteps((put.row["step_id"],), record.now(), "removed", by=ADA))
    assert (await one(record, "runs"))["deleted_because"] == "removed"


async def test_what_comes_after_the_edit_stays(record: Record) -> None:
    """The new answer, queued behind the delete in the same batch, is not taken for an old one."""
    thread_id = new_id()
    first, old, new = (
        message(record, thread_id, "One"),
        reply(record, thread_id, "Old"),
        reply(record, thread_id, "New"),
    )
    await record.writer.submit(first, old)
    seq = (await one(record, "steps", step_id=first.row["step_id"]))["seq"]
    delete = DeleteSteps(
        (), record.now(), "edited", thread_id, ADA, after_seq=seq, runs_of=(first.row["step_id"],)
    )
    record.writer.submit(delete)
    await record.writer.submit(run_row(record, thread_id, first), new)
    living = [row["output"] for row in await rows(record, "steps") if row["deleted_at"] is None]
    assert living == ["One", "New"]
    assert (await one(record, "runs"))["deleted_at"] is None


async def test_turns_are_counted(record: Record) -> None:
    """A participant's message begins a turn; what answers it belongs to that turn."""
    thread_id = new_id()
    greeting = reply(record, thread_id, "Welcome")
    await record.writer.submit(greeting)
    for words in ("One", "Two"):
        await record.writer.submit(message(record, thread_id, words))
        await record.writer.submit(reply(record, thread_id, f"To {words}"))
    assert [row["turn"] for row in await rows(record, "steps")] == [None, 1, 1, 2, 2]


async def test_the_thread_keeps_count_preview_and_activity(record: Record) -> None:
    """The sidebar's columns change in the message's own transaction."""
    thread_id = new_id()
    await record.writer.submit(message(record, thread_id, "Hello"))
    asked = (await one(record, "threads"))["last_activity_at"]
    await record.writer.submit(
        reply(record, thread_id, "x" * 100 + "the end of a long answer, sixty characters")
    )
    thread = await one(record, "threads")
    assert thread["message_count"] == 2
    assert len(thread["preview"]) == 60
    assert thread["preview"].endswith("the end of a long answer, sixty characters")
    assert thread["last_activity_at"] == asked


@pytest.mark.parametrize(
    ("said", "preview"),
    [
        ("a" + "🇩🇪" * 40, "🇩🇪" * 30),
        ("a" + "🇩🇪" * 40 + ".", "🇩🇪" * 29 + "."),
        ("🇩🇪" * 400 + ".", "🇩🇪" * 29 + "."),
        ("x" * 30 + "👩‍👩‍👧‍👦" * 10, "👩‍👩‍👧‍👦" * 8),
        ("e\u0301" * 40 + "!", "e\u0301" * 29 + "!"),
        ("\u1112\u1161\u11ab" * 30 + "?!", "\u1112\u1161\u11ab" * 19 + "?!"),
        ("short 👩‍👩‍👧‍👦", "short 👩‍👩‍👧‍👦"),
    ],
)
async def test_a_preview_begins_between_graphemes(record: Record, said: str, preview: str) -> None:
    """It is the last sixty characters of the last message, without half a flag, a family or an accent."""
    thread_id = new_id()
    await record.writer.submit(message(record, thread_id, said))
    assert (await one(record, "threads"))["preview"] == preview
    gone = reply(record, thread_id, "Later")
    await record.writer.submit(gone)
    await record.writer.submit(DeleteSteps((gone.row["step_id"],), record.now(), "removed"))
    assert (await one(record, "threads"))["preview"] == preview


async def test_tool_steps_do_not_count_as_messages(record: Record) -> None:
    """Visible work is no message: it changes neither count nor preview."""
    thread_id = new_id()
    await record.writer.submit(message(record, thread_id, "Hello"))
    await record.writer.submit(reply(record, thread_id, "42", type="tool", name="calculator"))
    thread = await one(record, "threads")
    assert (thread["message_count"], thread["preview"]) == (1, "Hello")


def run_row(record: Record, thread_id: str, put: PutStep) -> InsertRow:
    """A run that answers a message."""
    row: Row = {
        "run_id": new_id(),
        "thread_id": thread_id,
        "message_id": put.row["step_id"],
        "seq": record.take_order(),
        "name": "on_message",
        "status": "complete",
        "started_at": record.now(),
    }
    return InsertRow("runs", row)
