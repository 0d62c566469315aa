"""A process in which a participant speaks, an agent calls a tool, and the tool is killed while it acts.

python -m tests.stages.killed_tool URL FOLDER THREAD MESSAGE LEDGER IDEMPOTENT
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from agent.context import ReplyContext, Utterance
from agent.events import Done, Event, TextDelta
from agent.tools.declare import ToolContext, tool
from agent.tools.running import ReplyTools, run_tool
from agent.tools.toolbox import ToolResult
from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from stages.chat.stage import ChatStage
from tests.agent.tools.calling import toolbox_of
from tests.fakes import FakeAgents
from tests.stages.talk import LIMIT, Talk

DEFAULTS = ThreadDefaults("example", "0.1.0+gtest", "f" * 64)


class Payer:
    """Pays, by a tool that writes each payment into a ledger beside the database.

    Args:
        ledger: The file.
        idempotent: As the tool says.
        is_killed: Whether the process dies when it is written.
    """

    name = "Payer"
    kind = "openai"
    unavailable_because: str | None = None

    def __init__(self, ledger: Path, *, idempotent: bool, is_killed: bool = False) -> None:
        @tool(idempotent=idempotent)
        def pay(context: ToolContext, amount: int) -> dict[str, Any]:
            """Pay."""
            with ledger.open("a") as file:
                file.write(f"{context.idempotency_key}\n")
            if is_killed:
                os.kill(os.getpid(), signal.SIGKILL)
            return {"paid": amount}

        self._toolbox = toolbox_of(pay)

    async def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Pay, and say what came of it."""
        async with aclosing(run_tool(ReplyTools(self._toolbox, context), "pay", {"amount": 5})) as events:
            async for event in events:
                if isinstance(event, ToolResult):
                    yield TextDelta(event.sentence or event.output)
                else:
                    yield event
        yield Done()

    async def close(self) -> None:
        """Wait for what still acts."""
        await self._toolbox.close()


async def main(url: str, folder: str, thread_id: str, message_id: str, ledger: str, idempotent: str) -> None:
    """Say one thing, and die of it."""
    record = Record(open_database(url), Path(folder), DEFAULTS)
    await record.start()
    agent = Payer(Path(ledger), idempotent=idempotent == "True", is_killed=True)
    talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT), record, thread_id=thread_id)
    await talk.say("Pay 5, please.", message_id)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
