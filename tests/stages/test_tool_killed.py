"""A server that is killed while a tool acts."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from data_layer.database.engine import Database
from data_layer.record import Record
from stages.chat.stage import ChatStage
from tests.data_layer.rows import new_id, one, rows
from tests.fakes import FakeAgents
from tests.stages.killed_tool import DEFAULTS, Payer
from tests.stages.talk import LIMIT, Talk

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("idempotent", [False, True])
async def test_what_a_killed_server_was_doing_is_done_once(
    database: Database, database_url: str, tmp_path: Path, idempotent: bool
) -> None:
    """After SIGKILL, start and Retry an idempotent tool has the same key; another is not called."""
    ledger, thread_id, message_id = tmp_path / "ledger", new_id(), new_id()
    arguments = [database_url, str(tmp_path / "kept"), thread_id, message_id, str(ledger), str(idempotent)]
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.stages.killed_tool", *arguments, cwd=ROOT
    )
    assert await killed.wait() == -signal.SIGKILL
    record = Record(database, tmp_path / "kept", DEFAULTS)
    await record.start()
    agent = Payer(ledger, idempotent=idempotent)
    talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT), record, thread_id=thread_id)
    before = await one(record, "tool_decisions")
    assert (before["tool"], before["arguments"], before["state"]) == ("pay", '{"amount": 5}', "begun")
    interrupted = await one(record, "steps", type="tool")
    assert (interrupted["input"], interrupted["status"]) == ('{"amount": 5}', "interrupted")
    for _ in range(2):
        await talk.retry(message_id)
        await record.writer.flush()
    assert ledger.read_text().split() == [before["key"]] * (2 if idempotent else 1)
    steps = sorted(await rows(record, "steps", type="tool"), key=lambda row: row["seq"])
    assert [step["is_error"] for step in steps[1:]] == [not idempotent] * (len(steps) - 1)
    assert len(steps) > 1
    said = '{"paid":5}' if idempotent else "pay was called before and broke off. Nobody knows whether it was"
    assert said in talk.screen.texts[-1]
    await talk.leave()
    await agent.close()
    await record.close()
