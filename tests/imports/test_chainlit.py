"""Chainlit's own SQLAlchemy schema, in a SQLite file and in PostgreSQL."""

import json
from pathlib import Path

import pytest

from data_layer.database.rows import Row
from data_layer.record import Record
from imports.remarks import Remarks
from study.errors import ImportFailed
from tests.data_layer.rows import new_id, rows
from tests.imports.bringing import bring, one_thread, read, remarks, screen_of
from tests.imports.foreign_tables import CHAINLIT, postgres_with, sqlite_with

USER, THREAD, ASKED, TOOL, REPLY, GONE = (new_id() for _ in range(6))


def step(step_id: str, kind: str, output: str, second: int, **more: str | None) -> Row:
    """A step of the thread."""
    at = f"2026-01-02T03:04:0{second}.000000Z"
    row: Row = {
        "id": step_id,
        "type": kind,
        "name": kind,
        "threadId": THREAD,
        "output": output,
        "createdAt": at,
    }
    return row | more


TOLD: dict[str, list[Row]] = {
    "users": [{"id": USER, "identifier": "ada@example.org", "metadata": "{}"}],
    "threads": [
        {
            "id": THREAD,
            "createdAt": "2026-01-02T03:04:00Z",
            "name": "Trees",
            "userId": USER,
            "userIdentifier": "ada@example.org",
            "metadata": json.dumps({"chat_profile": "Gardener"}),
        }
    ],
    "steps": [
        step(new_id(), "run", "", 0),
        step(REPLY, "assistant_message", "An oak.", 3, parentId=ASKED),
        step(ASKED, "user_message", "Which tree?", 1, name="Ada Lovelace"),
        step(TOOL, "tool", "oak", 2, name="look", input="trees"),
    ],
    "elements": [{"id": new_id(), "threadId": THREAD, "forId": REPLY, "name": "oak.png", "url": "s3://oak"}],
    "feedbacks": [{"id": new_id(), "threadId": THREAD, "forId": REPLY, "value": 1, "comment": "good"}],
}


async def look_at(record: Record) -> None:
    """What the rows above become."""
    thread = await one_thread(record)
    assert (thread["title"], thread["agent"]) == ("Trees", "Gardener")
    assert thread["created_at"].isoformat() == "2026-01-02T03:04:00+00:00"
    assert await screen_of(record, thread["thread_id"]) == [
        ("user_message", "Which tree?"),
        ("tool", "oak"),
        ("assistant_message", "An oak."),
    ]
    (reply,) = await rows(record, "steps", type="assistant_message")
    assert reply["metadata"]["import"]["metadata"]["files"][0]["url"] == "s3://oak"
    (rating,) = await rows(record, "ratings")
    assert (rating["message_id"], rating["value"], rating["comment"]) == (reply["step_id"], 1, "good")
    (identity,) = await rows(record, "identities")
    assert (identity["kind"], identity["value"]) == ("import", "ada@example.org")
    (message,) = await rows(record, "steps", type="user_message")
    assert "Ada" not in str(message), "who somebody is stands with the origin alone"
    (origin,) = await rows(record, "imports")
    assert (origin["times"], origin["origin"]["named"][ASKED]) == ("all", {"name": "Ada Lovelace"})


async def test_a_sqlite_file_is_read(record: Record, tmp_path: Path) -> None:
    """Messages by their times, work, files by name, ratings; on both databases of ours."""
    await bring(record, "chainlit", sqlite_with(tmp_path / "chainlit.db", CHAINLIT, TOLD))
    await look_at(record)


async def test_a_postgresql_is_read_by_its_address(record: Record, postgres_url: str) -> None:
    """Its UUIDs, arrays and JSON are what SQLite has as text."""
    uuid_rows = {name: [dict(row) for row in found] for name, found in TOLD.items()}
    await bring(record, "chainlit", await postgres_with(postgres_url, CHAINLIT, uuid_rows))
    await look_at(record)


async def test_keys_that_dangle_and_rows_that_break_are_told_by_row(record: Record, tmp_path: Path) -> None:
    """Steps of no thread, ratings and files of no step, a user who is not there, a time that is none."""
    lost = step(GONE, "user_message", "Lost", 0, threadId=new_id(), createdAt="soon")
    broken = {
        **TOLD,
        "threads": [TOLD["threads"][0] | {"userId": new_id(), "userIdentifier": None}, TOLD["threads"][0]],
        "steps": [*TOLD["steps"], lost, lost | {"threadId": None}],
        "elements": [{"id": new_id(), "threadId": THREAD, "forId": new_id(), "name": "x"}],
        "feedbacks": [{"id": new_id(), "threadId": THREAD, "forId": new_id(), "value": 0}],
    }
    told = Remarks()
    sums = await bring(record, "chainlit", sqlite_with(tmp_path / "chainlit.db", CHAINLIT, broken), told)
    assert sums.threads == 2
    assert {row["output"] for row in await rows(record, "steps", type="user_message")} == {
        "Which tree?",
        "Lost",
    }
    assert remarks(told, left_out=True) == [
        (2, f"another thread with an id that was there: {THREAD}"),
        (6, "a row of steps without a thread"),
        (1, "a file of a message that is not there"),
        (1, "a rating of a message that is not there"),
    ]
    noted = [what for _, what in remarks(told, left_out=False)]
    assert "a thread of a user who is not there" in noted
    assert "a time that cannot be read" in noted
    assert any(what.startswith("rows of a thread that is not there") for what in noted)


def test_another_database_is_refused(tmp_path: Path) -> None:
    """A file that is none, and one without Chainlit's tables: a sentence with the repair."""
    (tmp_path / "text.db").write_text("no database, though it is called one")
    with pytest.raises(ImportFailed, match="no SQLite database"):
        read("chainlit", tmp_path / "text.db")
    with pytest.raises(ImportFailed, match="has no table threads"):
        read("chainlit", sqlite_with(tmp_path / "other.db", {"cats": "name TEXT"}, {}))
    with pytest.raises(ImportFailed, match="cannot be read"):
        read("chainlit", tmp_path / "nowhere.db")
