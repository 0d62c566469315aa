"""Files that people download: ChatGPT's export, ShareGPT, WildChat, OASST."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_layer.record import Record
from imports.foreign import ForeignRole
from imports.remarks import Remarks
from study.errors import ImportFailed
from tests.data_layer.rows import rows
from tests.imports.bringing import bring, one_thread, read, remarks, screen_of, write


def gpt(key: str, parent: str | None, author: str, content: dict[str, Any], **more: Any) -> tuple[str, Any]:
    """A node of ChatGPT's export."""
    message = {"author": {"role": author}, "content": content, **more}
    return key, {"id": key, "parent": parent, "message": message}


def words(*parts: Any) -> dict[str, Any]:
    """A node's content of words."""
    return {"content_type": "text", "parts": list(parts)}


CHATGPT = {
    "conversation_id": "c1",
    "title": "Cats",
    "create_time": 1700000000.25,
    "current_node": "a",
    "default_model_slug": "gpt-4o",
    "mapping": dict(
        [
            ("root", {"id": "root", "parent": None, "message": None}),
            gpt(
                "hidden", "root", "system", words(""), metadata={"is_visually_hidden_from_conversation": True}
            ),
            gpt("u", "hidden", "user", words({"asset_pointer": "file-service://cat"}, "What is it?")),
            gpt("think", "u", "assistant", {"content_type": "thoughts", "thoughts": [{"content": "A cat?"}]}),
            gpt("call", "think", "assistant", {"content_type": "code", "text": "look()"}, recipient="python"),
            gpt("out", "call", "tool", {"content_type": "execution_output", "text": "cat"}),
            gpt("a", "out", "assistant", words("A cat."), metadata={"model_slug": "gpt-4o-mini"}, weight=1.0),
        ]
    ),
}


async def test_chatgpts_work_beside_its_words_is_kept(record: Record, tmp_path: Path) -> None:
    """Thoughts, calls and what they gave are steps; pictures are named; empty nodes are passed over."""
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as packed:
        packed.writestr("conversations.json", json.dumps([CHATGPT, {"mapping": 3}]))
    told = Remarks()
    await bring(record, "chatgpt", tmp_path / "export.zip", told, owner="ada")
    thread = await one_thread(record)
    assert (thread["title"], thread["agent"]) == ("Cats", "gpt-4o")
    assert await screen_of(record, thread["thread_id"]) == [
        ("user_message", "What is it?"),
        ("thinking", "A cat?"),
        ("tool", ""),
        ("tool", "cat"),
        ("assistant_message", "A cat."),
    ]
    tools = {row["output"]: row for row in await rows(record, "steps", type="tool")}
    assert (tools[""]["name"], tools[""]["input"]) == ("python", "look()")
    (asked,) = await rows(record, "steps", type="user_message")
    assert asked["metadata"]["import"]["metadata"]["files"] == [{"asset_pointer": "file-service://cat"}]
    (reply,) = await rows(record, "steps", type="assistant_message")
    assert reply["metadata"]["import"]["model"] == "gpt-4o-mini"
    assert remarks(told, left_out=True) == [(2, "what is no conversation")]
    assert len({row["run_id"] for row in await rows(record, "steps") if row["run_id"]}) == 1


def test_a_zip_without_the_file_and_a_broken_one_are_refused(tmp_path: Path) -> None:
    """With what to do."""
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as packed:
        packed.writestr("chat.html", "")
    with pytest.raises(ImportFailed, match=r"no conversations\.json is in it"):
        read("chatgpt", tmp_path / "other.zip")
    (tmp_path / "torn.zip").write_bytes((tmp_path / "other.zip").read_bytes()[:30])
    with pytest.raises(ImportFailed, match="broken zip"):
        read("chatgpt", tmp_path / "torn.zip")


def test_sharegpt_has_its_own_words_for_roles(tmp_path: Path) -> None:
    """Of a list or of lines, with a system's words beside them; packed, too."""
    row = {
        "id": "x",
        "system": "Be brief.",
        "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Ho"}],
    }
    (tmp_path / "s.json.gz").write_bytes(gzip.compress(json.dumps([row, {"id": "y"}]).encode()))
    told = Remarks()
    for file in (tmp_path / "s.json.gz", write(tmp_path / "s.jsonl", [row, {"id": "y"}])):
        (thread,) = read("sharegpt", file, told)
        assert [(one.role, one.content) for one in thread.messages] == [
            (ForeignRole.SYSTEM, "Be brief."),
            (ForeignRole.USER, "Hi"),
            (ForeignRole.ASSISTANT, "Ho"),
        ]
    assert remarks(told, left_out=True) == [(2, "a line without conversations")] * 2
    (tmp_path / "torn.gz").write_bytes((tmp_path / "s.json.gz").read_bytes()[:-9])
    with pytest.raises(ImportFailed, match="breaks off"):
        read("sharegpt", tmp_path / "torn.gz")


WILD = {
    "conversation_hash": "h",
    "model": "gpt-4-0314",
    "timestamp": "2023-04-09T00:03:59+00:00",
    "hashed_ip": "ab12",
    "country": "Peru",
    "toxic": False,
    "conversation": [
        {
            "role": "user",
            "content": "Hi",
            "turn_identifier": 7,
            "toxic": False,
            "country": "Peru",
            "state": "Lima",
        },
        {"role": "assistant", "content": "Ho", "turn_identifier": 7, "toxic": False},
    ],
}


async def test_wildchats_places_and_addresses_are_kept_with_the_origin(
    record: Record, tmp_path: Path
) -> None:
    """Parquet and JSON alike; judgements of toxicity stay with the messages."""
    pq.write_table(pa.Table.from_pylist([WILD]), tmp_path / "w.parquet")
    (told,) = read("wildchat", tmp_path / "w.parquet")
    (same,) = read("wildchat", write(tmp_path / "w.jsonl", [WILD]))
    assert told.messages[1].content == same.messages[1].content == "Ho"
    assert (told.key, told.at) == (same.key, same.at)
    await bring(record, "wildchat", tmp_path / "w.jsonl")
    (message,) = await rows(record, "steps", type="user_message")
    assert message["metadata"]["import"]["metadata"] == {"toxic": False}
    assert message["created_at"].isoformat() == "2023-04-09T00:03:59+00:00"
    (origin,) = await rows(record, "imports")
    assert origin["origin"]["named"]["#1"] == {"country": "Peru", "state": "Lima"}
    (identity,) = await rows(record, "identities")
    assert identity["value"] == "ab12"


def reply(
    key: str, parent: str | None, role: str, rank: int | None, user: str, **more: Any
) -> dict[str, Any]:
    """A message of OpenAssistant's."""
    own = {"message_id": key, "parent_id": parent, "role": role, "text": key, "rank": rank, "user_id": user}
    return own | {"created_date": "2023-02-05T14:23:50.983374+00:00", "message_tree_id": "p", **more}


FLAT = [
    reply("p", None, "prompter", None, "ada"),
    reply("second", "p", "assistant", 1, "bob"),
    reply("best", "p", "assistant", 0, "eve", deleted=True),
    reply("on", "best", "prompter", 0, "ada"),
]
TREE = {"message_tree_id": "p", "prompt": FLAT[0] | {"replies": [FLAT[1], FLAT[2] | {"replies": [FLAT[3]]}]}}


@pytest.mark.parametrize("lines", [FLAT, [TREE], FLAT[::-1]], ids=["messages", "tree", "backwards"])
async def test_a_tree_of_oasst_shows_the_answers_that_were_ranked_best(
    record: Record, tmp_path: Path, lines: list[Any]
) -> None:
    """Others are branches; who wrote is told apart by numbers alone; what was deleted is off the screen."""
    await bring(record, "oasst", write(tmp_path / "o.jsonl", lines))
    thread = await one_thread(record)
    assert await screen_of(record, thread["thread_id"]) == [("user_message", "p"), ("user_message", "on")]
    steps = {row["output"]: row for row in await rows(record, "steps")}
    assert set(steps) == {"p", "second", "best", "on"}
    assert (steps["second"]["deleted_because"], steps["best"]["deleted_because"]) in (
        ("retried", "removed"),
        ("switched", "removed"),
    )
    assert "bob" not in str(steps)


def test_rows_of_oasst_that_are_neither_are_told(tmp_path: Path) -> None:
    """And a message whose parent is not there begins a branch."""
    told = Remarks()
    lost = reply("lost", "nowhere", "assistant", 0, "eve")
    (thread,) = read("oasst", write(tmp_path / "o.jsonl", [7, {"message_id": "x"}, FLAT[0], lost]), told)
    assert len(thread.messages) == 2
    assert [place for place, _ in remarks(told, left_out=True)] == [1, 2]
