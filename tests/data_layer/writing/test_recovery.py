"""A start after an end that was not one."""

from pathlib import Path
from typing import Any

from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import InsertRow
from tests.data_layer.rows import ADA, begin_thread, call_row, new_id, one, reply, rows
from tests.fakes import HandClock


async def restarted(
    killed: Record, database_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> Record:
    """Another process over the same database and folder; of the one before it nothing shows that it lives."""
    killed.processes.end()
    record = Record(open_database(database_url), tmp_path / "kept", defaults, clock)
    await record.start()
    return record


async def test_what_was_streaming_is_interrupted_with_what_was_shown(
    record: Record, database_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> None:
    """Replies, tools, runs and calls keep what they had; connections are closed."""
    thread_id = await begin_thread(record)
    run_id = new_id()
    started: dict[str, Any] = {"thread_id": thread_id, "run_id": run_id, "status": "streaming"}
    await record.writer.submit(
        reply(record, thread_id, "As I was say", status="streaming", run_id=run_id),
        reply(record, thread_id, "", type="tool", name="search", status="streaming", run_id=run_id),
        reply(record, thread_id, "Whole", run_id=run_id),
        InsertRow(
            "runs",
            started
            | {"process_id": record.writer.process_id, "seq": 1}
            | {"name": "on_message", "started_at": record.now()},
        ),
        InsertRow("llm_calls", call_row(started, record.now())),
    )
    record.connections.opened("s", session_id="p", participant_id=ADA, thread_id=thread_id, user_agent="")
    await record.writer.flush()
    second = await restarted(record, database_url, tmp_path, defaults, clock)
    kept = {row["output"]: row["status"] for row in await rows(second, "steps")}
    assert kept == {
        "Hello there": "complete",
        "As I was say": "interrupted",
        "": "interrupted",
        "Whole": "complete",
    }
    run = await one(second, "runs")
    assert (run["status"], run["ended_at"] is None) == ("interrupted", False)
    assert (await one(second, "llm_calls"))["status"] == "interrupted"
    assert (await one(second, "connections"))["close_reason"] == "server stopped"
    await second.close()


async def test_an_interrupted_reply_can_be_found(
    record: Record, database_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> None:
    """It was not indexed while it streamed."""
    from data_layer.conversations.threads import list_page

    thread_id = await begin_thread(record)
    await record.writer.submit(reply(record, thread_id, "half a giraffe", status="streaming"))
    second = await restarted(record, database_url, tmp_path, defaults, clock)
    page = await list_page(second.database, ADA, first=5, search="giraffe")
    assert [row["thread_id"] for row in page.threads] == [thread_id]
    await second.close()


async def test_a_second_start_changes_nothing(
    record: Record, database_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> None:
    """What is over stays as it is."""
    thread_id = await begin_thread(record)
    await record.writer.submit(reply(record, thread_id, "As I was", status="streaming"))
    second = await restarted(record, database_url, tmp_path, defaults, clock)
    before = [await rows(second, table) for table in ("steps", "step_revisions", "threads")]
    await second.close()
    third = await restarted(second, database_url, tmp_path, defaults, clock)
    assert [await rows(third, table) for table in ("steps", "step_revisions", "threads")] == before
    await third.close()
