"""Tables of one row a message, and of sessions with their messages."""

import asyncio
from pathlib import Path

import pytest

from data_layer.database.rows import Row
from data_layer.record import Record
from imports.remarks import Remarks
from study.errors import ImportFailed
from tests.data_layer.rows import rows
from tests.imports.bringing import bring, read, remarks, screen_of, write
from tests.imports.foreign_tables import CONVERSATIONS, SESSIONS, postgres_with, sqlite_with

SAID = [
    (1, "user-42", "user-42", "user", "Old words", "2024-05-01 10:00:00"),
    (2, "user-42", None, "assistant", "Old answer", "2024-05-01 10:00:01"),
    (3, "user-42", "t-1", "assistant", "New answer", "2024-05-02T10:00:09+02:00"),
    (4, "user-42", "t-1", "user", "New words", "2024-05-02T08:00:01Z"),
    (5, "7", "7", "user", "Hello", "1714557600"),
    (6, None, None, "user", "Nobody's", None),
]
NAMES = ("id", "user_id", "thread_id", "role", "content", "created_at")
TABLE = {"conversations": [dict(zip(NAMES, row, strict=True)) for row in SAID]}


def look_at(threads: dict[str, list[str]]) -> None:
    """What the rows above become: old single threads by their users, and the rest by thread."""
    assert threads == {
        "thread-legacy-user-42": ["Old words", "Old answer"],
        "t-1": ["New words", "New answer"],
        "thread-legacy-7": ["Hello"],
    }


def test_old_single_threads_become_one_thread_each(tmp_path: Path) -> None:
    """By the user's id for a thread's, or none; others keep theirs. Words come by their times."""
    told = Remarks()
    threads = read(
        "conversations", sqlite_with(tmp_path / "c.db", CONVERSATIONS, TABLE), told, "Europe/Berlin"
    )
    look_at({thread.key: [one.content for one in thread.messages] for thread in threads})
    assert {thread.user for thread in threads} == {"user-42", "7"}
    first = threads[0].messages[0].at
    assert first is not None
    assert first.isoformat() == "2024-05-01T08:00:00+00:00"
    assert remarks(told) == [
        (6, "a row without a thread and a user"),
        (1, "times without a zone"),
    ]


def test_the_same_in_csv(tmp_path: Path) -> None:
    """A file of that table; a row that is too short is told by its line."""
    lines = [
        ",".join(NAMES),
        *(",".join("" if one is None else str(one) for one in row) for row in SAID),
        "9,x",
    ]
    told = Remarks()
    threads = read("conversations", write(tmp_path / "c.csv", "\n".join(lines)), told)
    look_at({thread.key: [one.content for one in thread.messages] for thread in threads})
    assert (8, "a row with more or fewer cells than the header") in remarks(told, left_out=True)


async def test_the_same_in_postgresql(postgres_url: str) -> None:
    """By its address."""
    address = await postgres_with(postgres_url, CONVERSATIONS, TABLE)
    threads = await asyncio.to_thread(read, "conversations", address)
    look_at({thread.key: [one.content for one in thread.messages] for thread in threads})


async def test_a_users_id_is_their_identity_and_stands_nowhere_else(record: Record, tmp_path: Path) -> None:
    """The old thread's id says who they are: it is kept with the origin, and no row of a thread has it."""
    await bring(record, "conversations", sqlite_with(tmp_path / "c.db", CONVERSATIONS, TABLE))
    (person,) = await rows(record, "identities", value="user-42")
    mine = await rows(record, "threads", participant_id=person["participant_id"])
    assert sorted(row["title"] for row in mine) == ["New words", "Old words"]
    origins = {row["source_id"] for row in await rows(record, "imports")}
    assert origins == {"thread-legacy-user-42", "t-1", "thread-legacy-7"}
    for table in ("participants", "threads", "steps", "step_revisions", "runs", "events"):
        assert "user-42" not in str(await rows(record, table)), table


SESSION: Row = {
    "id": "s1",
    "user_id": "ada",
    "title": "Rivers",
    "agent_type": "guide",
    "metadata": '{"lang": "en"}',
}
MESSAGE: Row = {
    "id": 1,
    "session_id": "s1",
    "role": "user",
    "content": "Where?",
    "created_at": "2026-01-01 00:00:01",
}
KEPT: dict[str, list[Row]] = {
    "chat_sessions": [SESSION | {"is_active": True}, SESSION | {"id": "s2", "is_active": False}, SESSION],
    "chat_messages": [
        MESSAGE | {"metadata": '{"mood": "calm", "email": "ada@example.org"}'},
        MESSAGE,
        MESSAGE | {"content": "Other words"},
        MESSAGE | {"id": 2, "role": "bot", "content": "There.", "created_at": "2026-01-01 00:00:02"},
        MESSAGE | {"id": 3, "session_id": "s2", "content": "Ended"},
        MESSAGE | {"id": 4, "session_id": "gone", "content": "Dangling"},
        MESSAGE | {"id": 5, "session_id": None},
    ],
}


async def test_sessions_keep_their_agent_and_those_that_are_not_active_are_deleted(
    record: Record, tmp_path: Path
) -> None:
    """Metadata is kept, what names somebody apart; ids that stand twice and keys that dangle are told."""
    told = Remarks()
    sums = await bring(record, "chat_sessions", sqlite_with(tmp_path / "s.db", SESSIONS, KEPT), told)
    assert sums.threads == 3
    threads = {row["title"]: row for row in await rows(record, "threads") if row["deleted_at"] is None}
    assert set(threads) == {"Rivers", "Dangling"}
    rivers = threads["Rivers"]
    assert rivers["agent"] == "guide"
    assert await screen_of(record, rivers["thread_id"]) == [
        ("user_message", "Where?"),
        ("user_message", "Other words"),
        ("assistant_message", "There."),
    ]
    (first,) = [row for row in await rows(record, "steps") if row["output"] == "Where?"]
    assert first["metadata"]["import"]["metadata"] == {"mood": "calm"}
    (origin,) = await rows(record, "imports", source_id="s1")
    assert origin["origin"]["metadata"] == {"lang": "en"}
    assert origin["origin"]["named"] == {"1": {"email": "ada@example.org"}}
    (ended,) = await rows(record, "imports", source_id="s2")
    (deleted,) = await rows(record, "threads", thread_id=ended["thread_id"])
    assert deleted["deleted_by"] == deleted["participant_id"]
    assert remarks(told, left_out=True) == [
        (3, "another session with an id that was there: s1"),
        (7, "a message of no session"),
        (1, "the same message once more: 1"),
    ]
    assert (1, "another message with an id that was there: 1") in remarks(told)
    assert (6, "messages of a session that is not there: gone") in remarks(told)


def test_tables_that_are_not_there_are_named(tmp_path: Path) -> None:
    """With the repair, for each of the two sources."""
    other = sqlite_with(tmp_path / "other.db", {"cats": "name TEXT"}, {})
    with pytest.raises(ImportFailed, match="no table chat_sessions"):
        read("chat_sessions", other)
    with pytest.raises(ImportFailed, match="no table conversations"):
        read("conversations", other)
