"""JSONL with messages as OpenAI's chat API has them."""

from pathlib import Path

from data_layer.record import Record
from imports.remarks import Remarks
from tests.data_layer.rows import count, rows
from tests.imports.bringing import bring, one_thread, read, remarks, screen_of, write

CALLS = {
    "id": "t1",
    "user": "ada",
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": "Be kind."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "See this"}, {"type": "image_url", "image_url": 1}],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "function": {"name": "look", "arguments": '{"at": 1}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
        {"role": "assistant", "content": "A cat."},
    ],
}


async def test_a_line_becomes_a_thread_with_all_that_was_in_it(record: Record, tmp_path: Path) -> None:
    """Words, the system's words, a call of a tool with what came of it; its participant is an import's."""
    sums = await bring(record, "openai", write(tmp_path / "a.jsonl", [CALLS]))
    assert (sums.threads, sums.participants) == (1, 1)
    thread = await one_thread(record)
    assert await screen_of(record, thread["thread_id"]) == [
        ("system_message", "Be kind."),
        ("user_message", "See this"),
        ("tool", "a cat"),
        ("assistant_message", "A cat."),
    ]
    (tool,) = await rows(record, "steps", type="tool")
    assert (tool["name"], tool["input"], tool["turn"]) == ("look", '{"at": 1}', 1)
    (reply,) = await rows(record, "steps", type="assistant_message")
    assert (reply["metadata"]["import"]["model"], reply["run_id"]) == ("gpt-4o", tool["run_id"])
    (person,) = await rows(record, "participants")
    assert (person["source"], person["participant_id"]) == ("import", thread["participant_id"])
    (origin,) = await rows(record, "imports")
    assert (origin["source"], origin["source_id"], origin["times"]) == ("openai", "t1", "none")
    assert (thread["message_count"], thread["turn_count"], thread["preview"]) == (3, 1, "A cat.")


async def test_a_second_import_adds_nothing(record: Record, tmp_path: Path) -> None:
    """Whatever became of the file's other lines: a thread is known by the id that it has there."""
    file = write(tmp_path / "a.jsonl", [CALLS])
    await bring(record, "openai", file)
    before = await count(record, "steps")
    more = CALLS | {"id": "t2", "messages": CALLS["messages"][:2]}
    sums = await bring(record, "openai", write(tmp_path / "b.jsonl", [more, CALLS]))
    assert (sums.read, sums.threads, sums.here, sums.participants) == (2, 1, 1, 0)
    assert await count(record, "steps") == before + 2


async def test_a_thread_that_reads_otherwise_now_is_told(record: Record, tmp_path: Path) -> None:
    """It stays as it was imported, for its codes stand on its words."""
    await bring(record, "openai", write(tmp_path / "a.jsonl", [CALLS]))
    told = Remarks()
    grown = CALLS | {"messages": [*CALLS["messages"], {"role": "user", "content": "More"}]}
    sums = await bring(record, "openai", write(tmp_path / "b.jsonl", [grown]), told)
    assert (sums.threads, sums.changed) == (0, 1)
    assert remarks(told) == [(1, "a thread that was imported before, in other words")]


def test_broken_lines_are_told_by_line_and_the_rest_is_read(tmp_path: Path) -> None:
    """No JSON, no object, no messages, no role, a message that is a number."""
    good = {"messages": [{"role": "user", "content": "Hi"}, {"role": "wizard", "content": "Ho"}, 7]}
    told = Remarks(tmp_path / "report.csv")
    threads = read("openai", write(tmp_path / "a.jsonl", ["{", "7", '{"messages": 1}', good, ""]), told)
    assert [thread.key for thread in threads] == ["line 4"]
    assert [one.content for one in threads[0].messages] == ["Hi", "Ho"]
    assert [place for place, _ in remarks(told, left_out=True)] == [1, 2, 3, 4]
    assert (4, "an unknown role: wizard") in remarks(told, left_out=False)
    lines = (tmp_path / "report.csv").read_text().splitlines()
    assert len(lines) == 6
    assert lines[1].startswith("1,left out,")


async def test_threads_without_an_id_are_known_by_what_was_said(record: Record, tmp_path: Path) -> None:
    """Another file's first line is another thread; two that say the same both go in, once."""
    first = [{"role": "user", "content": "Hi"}]
    other = [{"role": "user", "content": "Good morning"}]
    file = write(tmp_path / "a.jsonl", [{"messages": first}, {"messages": first}])
    assert (await bring(record, "openai", file)).threads == 2
    sums = await bring(record, "openai", write(tmp_path / "b.jsonl", [{"messages": other}]))
    assert (sums.threads, sums.participants, sums.changed) == (1, 1, 0)
    grown = write(tmp_path / "c.jsonl", [{"messages": other}, {"messages": first}, {"messages": first}])
    assert (await bring(record, "openai", grown)).here == 3
    assert len({row["participant_id"] for row in await rows(record, "threads")}) == 3
