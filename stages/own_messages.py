"""What participants take away of what was said in their threads, by whichever door."""

from data_layer.conversations import branches
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.outcome import Outcome
from data_layer.writing.writes import DeleteSteps
from stages.screen import Screen

REMOVED = "removed"


async def remove_message(record: Record, participant_id: str, message: Row, screen: Screen) -> Outcome:
    """Take one message off the screen, and nothing else: what answers it, or what it answers, stays.

    The row stays in the record, with when it left and why; agents get it no more. It does not come back.

    Args:
        record: Where it is kept.
        participant_id: Whose thread it must be.
        message: A row of `steps` that stands.
        screen: Where it stands.
    """
    step_id, thread_id = message["step_id"], message["thread_id"]
    write = DeleteSteps((step_id,), record.now(), REMOVED, thread_id, participant_id)
    outcome = await record.writer.submit(write)
    if outcome.refused is None:
        await screen.remove([step_id])
        if not outcome.journaled:
            await screen.mark(await branches.marks(record.database, thread_id))
    return outcome
