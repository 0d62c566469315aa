"""What agents' tools keep, in the record (agent/tools/keeping.py says what is promised)."""

from typing import Final

from agent.tools.declare import ToolStore
from agent.tools.keeping import KnownCall, ToolDecision
from data_layer.conversations.tools import Decisions, ThreadRecords
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.tool_writes import BeginTool

_UNSURE: Final = KnownCall("unsure")
# What ends a decision that the database has not confirmed: it was not carried out.
_NOT_CALLED: Final = KnownCall("ended", is_error=True, undone=True)


class RecordKeeping:
    """Keeps decisions of tools and what they remember.

    Args:
        record: Where.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._decisions = Decisions(record.store)

    def store(self, thread_id: str, participant_id: str) -> ToolStore:
        """See ToolKeeping."""
        return ThreadRecords(self._record.store, thread_id, participant_id)

    async def begin(self, decision: ToolDecision) -> KnownCall:
        """See ToolKeeping."""
        begins = BeginTool(
            key=decision.key,
            thread_id=decision.thread_id,
            run_id=decision.run_id,
            tool=decision.tool,
            arguments=decision.arguments,
            again=decision.idempotent,
            at=self._record.now(),
            by=decision.participant_id,
        )
        row = await self._decisions.begin(begins)
        if row is None:
            # It may be in the journal, or in the database after all: a Retry is not to find it begun.
            await self.end(decision, _NOT_CALLED)
            return _UNSURE
        return _known(row, decision.run_id)

    async def end(self, decision: ToolDecision, known: KnownCall) -> None:
        """See ToolKeeping."""
        changes: Row = {
            "output": known.output,
            "is_error": known.is_error,
            "error_type": known.error_type,
            "sentence": known.sentence,
            "undone": known.undone,
        }
        await self._decisions.end(decision.key, decision.run_id, changes)


def _known(row: Row, run_id: str) -> KnownCall:
    if row["state"] != "ended":
        return KnownCall("new" if row["run_id"] == run_id else "begun")
    return KnownCall(
        "ended", row["output"] or "", row["is_error"], row["error_type"], row["sentence"] or "", row["undone"]
    )
