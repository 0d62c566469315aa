"""Long threads are read by windows: whole turns, no gap, nothing twice."""

from typing import TYPE_CHECKING, Any

from data_layer.chainlit.shapes import thread_dict
from data_layer.conversations.paging import read_window, whole_thread
from data_layer.conversations.threads import ThreadRecord
from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, DeleteThread, InsertRow, PutThread
from tests.data_layer.rows import ADA, Statements, message, new_id, reply

# Chainlit takes seconds to import, and the other tests here never meet it.
if TYPE_CHECKING:
    from data_layer.chainlit.layer import ChainlitLayer


async def talk(record: Record, turns: int) -> str:
    """A thread of turns: a message, its run, a tool call and a reply each.

    Returns:
        Its id.
    """
    thread_id = new_id()
    await record.writer.submit(PutThread(thread_id, ADA, record.now(), "Long"))
    for n in range(1, turns + 1):
        await turn(record, thread_id, n)
    return thread_id


async def turn(record: Record, thread_id: str, n: int) -> None:
    """One turn; the replies say which."""
    asked, run, tool = new_id(), new_id(), new_id()
    orders = [record.take_order() for _ in range(4)]
    row: dict[str, Any] = {"run_id": run, "thread_id": thread_id, "message_id": asked, "name": "on_message"}
    row |= {"seq": orders[1], "status": "complete", "started_at": record.now()}
    await record.writer.submit(
        message(record, thread_id, f"Question {n}", step_id=asked),
        InsertRow("runs", row),
        reply(record, thread_id, f"Looked up {n}", step_id=tool, type="tool", parent_id=run, run_id=run),
        reply(record, thread_id, f"Answer {n}", parent_id=run, run_id=run),
        orders=orders,
    )


def said(window: ThreadRecord) -> list[str]:
    """The messages of a window, in order."""
    return [row["output"] for row in window.steps if row["type"] != "tool"]


async def read(record: Record, thread_id: str, **how: Any) -> ThreadRecord:
    """A window that is there."""
    window = await read_window(record.database, thread_id, **how)
    assert window is not None
    return window


async def test_a_short_thread_is_all_there(record: Record) -> None:
    """Up to the window's size, nothing stands before it."""
    thread_id = await talk(record, 3)
    window = await read(record, thread_id, size=6)
    assert said(window) == [f"{what} {n}" for n in (1, 2, 3) for what in ("Question", "Answer")]
    assert window.earlier is None


async def test_a_window_begins_with_a_message_of_the_participants(record: Record) -> None:
    """No reply stands without its question; the runs and steps of its turns come along."""
    thread_id = await talk(record, 5)
    window = await read(record, thread_id, size=5)
    assert said(window) == ["Question 4", "Answer 4", "Question 5", "Answer 5"]
    assert window.earlier is not None
    assert (window.earlier.count, len(window.runs)) == (6, 2)
    shapes = thread_dict(window)
    ids = {step["id"] for step in shapes["steps"]}
    assert len(shapes["steps"]) == 8
    assert all(step["parentId"] is None or step["parentId"] in ids for step in shapes["steps"])
    assert shapes["earlier"] == {"before": window.earlier.before, "count": 6}


async def test_windows_join_without_gap_and_without_doubles(record: Record) -> None:
    """Walking back window by window gives every step once, whatever the windows' size."""
    thread_id = await talk(record, 7)
    for size in (2, 3, 5, 13, 14):
        walked: list[str] = []
        before = None
        while True:
            window = await read(record, thread_id, size=size, before=before)
            walked = [row["output"] for row in window.steps] + walked
            if window.earlier is None:
                break
            messages = [words for words in walked if not words.startswith("Looked")]
            assert window.earlier.count == 14 - len(messages)
            before = window.earlier.before
        assert walked == [f"{what} {n}" for n in range(1, 8) for what in ("Question", "Looked up", "Answer")]


async def test_more_replies_than_a_window_holds(record: Record) -> None:
    """Where no message of the participant's is among the newest, the window begins with a reply."""
    thread_id = await talk(record, 1)
    for n in range(5):
        await record.writer.submit(reply(record, thread_id, f"And {n}"))
    window = await read(record, thread_id, size=3)
    assert said(window) == ["And 2", "And 3", "And 4"]
    assert window.earlier is not None
    assert window.earlier.count == 4


async def test_a_reply_brings_its_run_along(record: Record) -> None:
    """A message that came while the answer before it was given stands between the two: the run that both
    hang under is fetched, for the page draws no step whose parent it does not have.
    """
    thread_id = await talk(record, 2)
    first, second, run = new_id(), new_id(), new_id()
    orders = [record.take_order() for _ in range(4)]
    row: dict[str, Any] = {"run_id": run, "thread_id": thread_id, "message_id": first, "name": "on_message"}
    row |= {"seq": orders[1], "status": "complete", "started_at": record.now()}
    await record.writer.submit(
        message(record, thread_id, "First", step_id=first),
        InsertRow("runs", row),
        message(record, thread_id, "Second", step_id=second),
        reply(record, thread_id, "To the first", parent_id=run, run_id=run),
        orders=orders,
    )
    window = await read(record, thread_id, size=2)
    assert said(window) == ["Second", "To the first"]
    assert [one["run_id"] for one in window.runs] == [run]
    reply_shape = thread_dict(window)["steps"][-1]
    assert reply_shape["parentId"] == run


async def test_what_left_the_screen_is_in_no_window(record: Record) -> None:
    """Neither counted nor shown."""
    thread_id = await talk(record, 4)
    window = await read(record, thread_id)
    gone = [row["step_id"] for row in window.steps if row["output"] in ("Answer 1", "Question 4")]
    await record.writer.submit(DeleteSteps(tuple(gone), record.now(), "removed", thread_id, by=ADA))
    again = await read(record, thread_id, size=3)
    assert said(again) == ["Question 3", "Answer 3", "Answer 4"]
    assert again.earlier is not None
    assert again.earlier.count == 3
    whole = await whole_thread(record.database, thread_id)
    assert [words for piece in whole for words in said(piece)] == [
        "Question 1",
        "Question 2",
        "Answer 2",
        "Question 3",
        "Answer 3",
        "Answer 4",
    ]


async def test_a_file_comes_with_its_message(record: Record) -> None:
    """It was uploaded before the message was sent, and so stands before the window's first place."""
    thread_id = await talk(record, 2)
    asked = new_id()
    element: dict[str, Any] = {
        "element_id": new_id(),
        "thread_id": thread_id,
        "message_id": asked,
        "type": "file",
    }
    element |= {"name": "notes.txt", "file": "notes", "seq": record.take_order(), "created_at": record.now()}
    await record.writer.submit(InsertRow("elements", element))
    await record.writer.submit(message(record, thread_id, "Here it is", step_id=asked))
    window = await read(record, thread_id, size=1)
    assert (said(window), [one["name"] for one in window.elements]) == (["Here it is"], ["notes.txt"])
    before = window.earlier.before if window.earlier else None
    assert (await read(record, thread_id, before=before)).elements == []


async def test_a_deleted_thread_has_no_window(record: Record) -> None:
    """It is read by nobody until it is restored."""
    thread_id = await talk(record, 1)
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    assert await read_window(record.database, thread_id) is None
    assert await whole_thread(record.database, thread_id) == []
    assert await read_window(record.database, "zz') OR ('1'='1") is None


async def test_what_comes_in_while_a_thread_is_read_stays_away(record: Record) -> None:
    """`until` is a place in the thread: what follows it is not read."""
    thread_id = await talk(record, 3)
    last = (await read(record, thread_id)).steps[-1]["seq"]
    await turn(record, thread_id, 4)
    pieces = await whole_thread(record.database, thread_id, until=last)
    assert [words for piece in pieces for words in said(piece)][-1] == "Answer 3"


async def test_a_window_costs_the_same_in_a_long_thread(record: Record) -> None:
    """As many statements, and as many rows, whatever stands before it."""
    short, long = await talk(record, 2), await talk(record, 30)
    with Statements(record.database) as few:
        await read(record, short, size=2)
    with Statements(record.database) as many:
        window = await read(record, long, size=2)
    assert len(few.texts) == len(many.texts)
    assert (len(window.steps), len(window.runs)) == (3, 1)


async def test_a_page_that_connects_reads_its_thread_once(layer: "ChainlitLayer", record: Record) -> None:
    """At first Chainlit asks only whose it is, and no step is read for that."""
    from data_layer.chainlit.layer import only_the_owner

    thread_id = await talk(record, 2)
    with only_the_owner(), Statements(record.database) as asked:
        told: Any = await layer.get_thread(thread_id)
        assert told == {"id": thread_id, "userIdentifier": ADA}
        assert await layer.get_thread(new_id()) is None
    assert not [text for text in asked.texts if "FROM steps" in text]
    thread: Any = await layer.get_thread(thread_id)
    assert len(thread["steps"]) == 8
    # What Chainlit gets as metadata it writes back into the record at each disconnect (socket.py:77).
    assert "earlier" not in thread["metadata"]
    assert thread["earlier"] is None
