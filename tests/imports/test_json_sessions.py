"""Sessions in JSON: as MongoDB writes them, and as browsers kept them."""

import json
from pathlib import Path

import pytest

from data_layer.record import Record
from imports.remarks import Remarks
from study.errors import ImportFailed
from tests.data_layer.rows import rows
from tests.imports.bringing import bring, read, remarks, screen_of, write

SESSION = {
    "_id": {"$oid": "5f"},
    "userId": "ada",
    "title": "Hills",
    "createdAt": {"$date": "2026-01-01T00:00:00Z"},
}
ASKED = {"_id": {"$oid": "61"}, "sessionId": {"$oid": "5f"}, "role": "user", "content": "How high?"}
SAID = [
    ASKED | {"timestamp": {"$date": {"$numberLong": "1767225601000"}}},
    {"_id": "62", "sessionId": "5f", "role": "assistant", "content": "Not very.", "isDeleted": True},
    {"_id": "63", "sessionId": "5f", "role": "assistant", "content": "Very.", "timestamp": 1767225603},
]


async def test_deleted_messages_are_off_the_screen_and_kept(record: Record, tmp_path: Path) -> None:
    """By their flag; a session that was deleted is deleted."""
    told = {"chat_sessions": [SESSION, SESSION | {"_id": "60", "deleted": True}], "messages": SAID}
    told["messages"] = [*SAID, ASKED | {"sessionId": "60", "content": "Gone"}]
    await bring(record, "mongo", write(tmp_path / "dump.json", told))
    hills = {row["deleted_at"] is None: row for row in await rows(record, "threads")}
    assert await screen_of(record, hills[True]["thread_id"]) == [
        ("user_message", "How high?"),
        ("assistant_message", "Very."),
    ]
    assert hills[True]["message_count"] == 2
    (gone,) = [row for row in await rows(record, "steps") if row["output"] == "Not very."]
    assert (gone["deleted_because"], gone["deleted_by"]) == ("removed", hills[True]["participant_id"])
    assert hills[True]["participant_id"] == hills[False]["participant_id"]


def test_a_folder_of_mongoexport_is_read(tmp_path: Path) -> None:
    """Two files with one object a line; a broken line is told by its line, and the rest is read."""
    write(tmp_path / "chat_sessions.json", [SESSION, "{broken", {"title": "without an id"}])
    write(tmp_path / "messages.json", [*SAID, 5, {"role": "user", "content": "of no session"}])
    told = Remarks()
    (thread,) = read("mongo", tmp_path, told)
    assert [one.content for one in thread.messages] == ["How high?", "Not very.", "Very."]
    assert [place for place, _ in remarks(told, left_out=True)] == [2, 3, 4, 5]


def test_sessions_may_hold_their_messages(tmp_path: Path) -> None:
    """As documents often do; a list of other things in the file is told."""
    file = write(tmp_path / "dump.json", {"about": [1], "sessions": [SESSION | {"messages": [ASKED, None]}]})
    told = Remarks()
    (thread,) = read("mongo", file, told)
    assert (thread.key, thread.user, len(thread.messages)) == ("5f", "ada", 1)
    assert remarks(told, left_out=True) == [
        (0, "what is no list of sessions or messages: about"),
        (1, "a message that is no object"),
    ]


@pytest.mark.parametrize("broken", ["[1, 2]", "no json", ""])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, broken: str) -> None:
    """With a sentence."""
    with pytest.raises(ImportFailed, match="no file of this kind"):
        read("mongo", write(tmp_path / "dump.json", broken))


def test_a_file_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    """Half a download: that is told, and what is whole is read."""
    whole = json.dumps({"sessions": [SESSION | {"messages": [ASKED]}, SESSION | {"_id": "60"}]})
    told = Remarks()
    (thread,) = read("mongo", write(tmp_path / "dump.json", whole[:-40]), told)
    assert thread.key == "5f"
    assert any("broken from here on" in what for _, what in remarks(told, left_out=True))


STORED = {
    "theme": "dark",
    "chatSessions": json.dumps(
        [
            {
                "id": "a",
                "title": "First",
                "messages": [
                    {"id": "1", "text": "Hi", "isUser": True, "timestamp": 1767225601000},
                    {"id": "2", "text": "Ho", "isUser": False, "timestamp": 1767225602000},
                ],
            },
            {"id": "b", "messages": [{"sender": "bot", "content": "Welcome"}]},
        ]
    ),
    "chat_history": json.dumps([{"role": "user", "content": "Loose"}]),
    "sessions": {"c": {"messages": [{"role": "user", "content": "By id"}]}},
    "broken": "[{",
}


async def test_what_a_browser_kept_is_one_participants(record: Record, tmp_path: Path) -> None:
    """Sessions under any key, JSON in JSON; what holds none is counted."""
    told = Remarks()
    file = write(tmp_path / "storage.json", STORED)
    sums = await bring(record, "local_storage", file, told, owner="the lab's tablet")
    assert (sums.threads, sums.participants) == (4, 1)
    said = {row["output"] for row in await rows(record, "steps")}
    assert said == {"Hi", "Ho", "Welcome", "Loose", "By id"}
    assert {row["source_id"] for row in await rows(record, "imports")} == {"a", "b", "chat_history", "c"}
    assert remarks(told) == [
        (0, "a key that holds no conversation: theme"),
        (0, "a key that holds no conversation: broken"),
    ]
